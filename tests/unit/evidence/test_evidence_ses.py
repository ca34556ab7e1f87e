"""Domestic seal signatures in a package: eight lines each, bound to record and party."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from evidence_case import NOW, Case, inspect_once
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts_chain.evidence.package import read_package
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.ses_lines import ses_details
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.verify import verify_package
from contracts_chain.evidence.zip_container import UnreadablePackageError, read_zip, write_zip
from kernel.verdict import Check, CheckLine, Verdict
from signing.ses.making import SealOrder, make_ses
from signing.ses.picture import read_picture
from signing.ses.reading import unstamped
from signing.sm2_authority import Sm2Authority
from tests.unit.signing.ses_samples import KEK, picture

SEALS = ("ConsumerSeal", "SupplierSeal")
Seals = tuple[tuple[str, bytes], ...]


@pytest.fixture(scope="module")
def authority(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Sm2Authority:
    return Sm2Authority.open(tmp_path_factory.mktemp("domestic") / "sm2", KEK, case.tsa._clock)


@pytest.fixture(scope="module")
def sealed(case: Case, authority: Sm2Authority) -> tuple[Case, Seals]:
    """The honest case with a seal signature for both seals, recorded."""
    seals = tuple((field, _ses(case, authority, field, field)) for field in SEALS)
    return _recorded(_trusting(case, authority), seals), seals


def _trusting(case: Case, authority: Sm2Authority) -> Case:
    roots = replace(
        case.trust.signatures, sm2_roots=authority.sm2_roots, seal_maker_roots=authority.seal_maker_roots
    )
    return replace(case, trust=replace(case.trust, signatures=roots))


def _ses(case: Case, authority: Sm2Authority, field: str, owner: str, *, stamped: bool = True) -> bytes:
    """A seal signature over the revision of ``field`` by the organisation of the slot ``owner``."""
    slot = next(slot for slot in case.evidence.slots if slot.field == owner)
    order = SealOrder(
        seal_id=f"TEST-{owner}",
        organisation=slot.organisation,
        organisation_id=slot.organisation_id,
        seal_name="合同专用章",
        picture=read_picture("PNG", picture(), width_mm=42, height_mm=42),
    )
    covered = case.pdf[: _record(case, field).document.length]
    return make_ses(
        authority,
        order,
        covered,
        at=case.tsa._clock.now(),
        timestamps=case.tsa if stamped else None,
        revocation=case.ca,
    )


def _record(case: Case, field: str) -> Record:
    return next(
        logged.record
        for logged in case.evidence.records
        if logged.record.kind in {RecordKind.AGREEMENT_SEALED, RecordKind.AGREEMENT_SIGNED}
        and logged.record.details["field"] == field
    )


def _recorded(case: Case, seals: Seals) -> Case:
    """Logged and anchored anew, with the digests of these seal signatures in the records of their seals."""
    held, chained = dict(seals), list[Record]()
    for logged in case.evidence.records:
        details = dict(logged.record.details)
        field = details.get("field")
        if logged.record.kind is RecordKind.AGREEMENT_SEALED and isinstance(field, str) and field in held:
            details |= ses_details(held[field])
        previous = chained[-1].leaf() if chained else None
        chained.append(replace(logged.record, details=details, previous=previous))
    case.chain.words[chained[-1].leaf()] = b"\x01"
    return case.relogged(chained)


def judged(case: Case, seals: Seals) -> tuple[Verdict, Check]:
    package = case.close(replace(case.contents(), ses=seals))
    report = verify_package(package, case.trust, at=NOW, inspect=inspect_once)
    others = [check for check in report.checks if check.step != 2 and check.verdict is not Verdict.PROVEN]
    assert others == []
    return report.verdict, report.checks[2]


def _faults(check: Check) -> dict[tuple[str, int], str]:
    return {
        (line.subject, line.number): line.code for line in check.lines if line.verdict is not Verdict.PROVEN
    }


def test_a_package_without_domestic_seals_stays_proven_and_says_so(case: Case) -> None:
    verdict, check = judged(case, ())
    assert (verdict, check.verdict, check.lines) == (Verdict.PROVEN, Verdict.PROVEN, ())
    assert check.zh.endswith("国密签章：无。")


def test_a_refuted_step_keeps_its_own_words_where_there_is_no_domestic_seal(case: Case) -> None:
    forged = replace(
        case.contents(), agreement_pdf=case.pdf[: _record(case, "ConsumerPerson").document.length]
    )
    report = verify_package(case.close(forged), case.trust, at=NOW, inspect=inspect_once)
    assert (report.checks[2].verdict, report.checks[2].code) == (Verdict.REFUTED, "signature_missing")
    assert "国密签章" not in report.checks[2].zh


def test_every_domestic_seal_has_its_bond_and_eight_lines_proven(sealed: tuple[Case, Seals]) -> None:
    case, seals = sealed
    verdict, check = judged(case, seals)
    assert (verdict, _faults(check)) == (Verdict.PROVEN, {})
    assert [(line.subject, line.number) for line in check.lines] == [
        (field, number) for field in SEALS for number in range(9)
    ]
    assert check.zh.endswith("国密签章：2 枚，各八项均已证实。")
    assert all(line.zh and line.en and line.name_zh for line in check.lines)


def test_the_archive_keeps_the_order_agreement_seals_trail(sealed: tuple[Case, Seals]) -> None:
    case, seals = sealed
    contents = replace(case.contents(), ses=seals)
    assert list(contents.files())[:3] == ["agreement.pdf", "ses/ConsumerSeal.ses", "ses/SupplierSeal.ses"]
    assert read_package(case.close(contents)).contents == contents


def test_a_recorded_seal_signature_that_is_missing_refutes(sealed: tuple[Case, Seals]) -> None:
    case, seals = sealed
    for left in ((), seals[:1]):
        verdict, check = judged(case, left)
        assert (verdict, check.code) == (Verdict.REFUTED, "evidence_mismatch")


def test_a_seal_signature_that_nobody_recorded_refutes(case: Case, sealed: tuple[Case, Seals]) -> None:
    whole, seals = sealed
    verdict, check = judged(replace(case, trust=whole.trust), seals)
    assert verdict is Verdict.REFUTED
    assert set(_faults(check)) == {("ConsumerSeal", 0), ("SupplierSeal", 0)}


def test_the_other_partys_seal_in_its_place_refutes(case: Case, authority: Sm2Authority) -> None:
    seals = (("ConsumerSeal", _ses(case, authority, "ConsumerSeal", "SupplierSeal")),)
    verdict, check = judged(_recorded(_trusting(case, authority), seals), seals)
    assert (verdict, _faults(check)) == (Verdict.REFUTED, {("ConsumerSeal", 0): "party_mismatch"})


def test_a_seal_signature_over_another_revision_refutes(case: Case, authority: Sm2Authority) -> None:
    seals = (("ConsumerSeal", _ses(case, authority, "SupplierSeal", "ConsumerSeal")),)
    verdict, check = judged(_recorded(_trusting(case, authority), seals), seals)
    assert (verdict, _faults(check)) == (Verdict.REFUTED, {("ConsumerSeal", 6): "original_mismatch"})


def test_a_seal_signature_swapped_for_another_honest_one_refutes(
    authority: Sm2Authority, sealed: tuple[Case, Seals]
) -> None:
    case, (first, second) = sealed
    other = ("ConsumerSeal", _ses(case, authority, "ConsumerSeal", "ConsumerSeal"))
    assert other != first
    verdict, check = judged(case, (other, second))
    assert (verdict, _faults(check)) == (Verdict.REFUTED, {("ConsumerSeal", 0): "evidence_mismatch"})


def test_a_seal_signature_of_a_persons_field_refutes(case: Case, authority: Sm2Authority) -> None:
    seals = (("ConsumerPerson", _ses(case, authority, "ConsumerPerson", "ConsumerPerson")),)
    verdict, check = judged(_trusting(case, authority), seals)
    assert (verdict, _faults(check)) == (Verdict.REFUTED, {("ConsumerPerson", 0): "evidence_mismatch"})


def test_a_pending_timestamp_is_undecided_and_a_later_one_leaves_the_record_true(
    case: Case, authority: Sm2Authority, sealed: tuple[Case, Seals]
) -> None:
    whole, seals = sealed
    pending = tuple((field, unstamped(der)) for field, der in seals)
    verdict, check = judged(whole, pending)
    assert verdict is Verdict.UNDECIDED
    assert set(_faults(check).values()) == {"time_unproven", "no_timestamp"}


def test_a_verifier_without_domestic_roots_is_undecided_and_not_misled(sealed: tuple[Case, Seals]) -> None:
    case, seals = sealed
    roots = replace(case.trust.signatures, sm2_roots=(), seal_maker_roots=())
    verdict, check = judged(replace(case, trust=replace(case.trust, signatures=roots)), seals)
    assert verdict is Verdict.UNDECIDED
    assert {number for _, number in _faults(check)} == {2, 3}


@given(st.integers(min_value=0))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_bit_of_a_seal_signature_leaves_the_package_proven(
    sealed: tuple[Case, Seals], drawn: int
) -> None:
    case, ((field, der), second) = sealed
    forged, bit = bytearray(der), drawn % (len(der) * 8)
    forged[bit // 8] ^= 1 << bit % 8
    verdict, _ = judged(case, ((field, bytes(forged)), second))
    assert verdict in {Verdict.REFUTED, Verdict.UNDECIDED}


@pytest.mark.parametrize("name", ["ses/../up.ses", "ses/a/b.ses", "ses/.ses", "ses/x.der", "ses/a b.ses"])
def test_other_names_below_ses_are_no_part_of_a_package(case: Case, name: str) -> None:
    members = read_zip(case.package())
    with pytest.raises(UnreadablePackageError):
        read_package(write_zip({**members, name: b"x"}))


def test_the_trust_bundle_carries_the_domestic_roots(
    case: Case, authority: Sm2Authority, tmp_path: Path
) -> None:
    bundle = _trusting(case, authority).trust
    bundle.write(tmp_path)
    assert TrustBundle.load(tmp_path) == bundle
    files = bundle.files()
    assert {"sm2-root-1.pem", "seal-maker-root-1.pem"} <= set(files)


def test_a_line_names_its_subject_in_both_languages(sealed: tuple[Case, Seals]) -> None:
    case, seals = sealed
    line: CheckLine = judged(case, seals)[1].lines[3]
    assert (line.subject, line.number, line.name_zh) == ("ConsumerSeal", 3, "签章人证书")
