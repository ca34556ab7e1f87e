"""Seal signatures of GB/T 38540: made, read back, judged in eight lines; a forgery for each line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.digests import sm3
from kernel.verdict import Verdict
from signing.model import SignatureTrust
from signing.ses.judging import judge_ses
from signing.ses.lines import SesLine
from signing.ses.making import make_seal, seal_over
from signing.ses.own_seal import read_own_seal
from signing.ses.reading import SesMalformedError, read_seal, read_ses, unstamped
from signing.ses.structure import SESeal, SesSignature
from signing.sm2_authority import MAKER, ROOT
from signing.sm2_certificates import Sm2Issuer, certify_sm2, sm2_authority_name
from signing.sm2_key import Sm2Key, z_value
from tests.unit.signing.ses_samples import (
    COMPANY,
    CONTENT,
    ORDER,
    START,
    USCC,
    Domestic,
    is_wholly_proven,
    refuted,
    verdicts,
)

UNDECIDED, REFUTED, PROVEN = Verdict.UNDECIDED, Verdict.REFUTED, Verdict.PROVEN


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Domestic:
    return Domestic.founded(tmp_path_factory.mktemp("domestic"))


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Domestic:
    """Authorities with the very same names and keys of their own."""
    return Domestic.founded(tmp_path_factory.mktemp("forger"))


@pytest.fixture(scope="module")
def ses(house: Domestic) -> bytes:
    return house.made()


def rewritten(ses: bytes, key: Sm2Key, house: Domestic, change: Callable[[SesSignature], None]) -> bytes:
    """Change anything below the signature, then sign and stamp anew: a dishonest signer's way."""
    found = SesSignature.load(ses).copy()
    change(found)
    found["signature"] = key.sign(found["to_sign"].dump(force=True))
    return house.stamped(unstamped(found.dump(force=True)))


def line(lines: tuple[SesLine, ...], number: int) -> SesLine:
    assert lines[number - 1].number == number
    return lines[number - 1]


def test_all_eight_lines_of_an_honest_seal_signature_are_proven_even_years_later(
    house: Domestic, ses: bytes
) -> None:
    lines = house.judged(ses, at=START + timedelta(days=20 * 365))
    assert is_wholly_proven(lines), lines
    assert "SM3 without Z" in line(lines, 6).en


def test_it_reads_back_as_it_was_made(house: Domestic, ses: bytes) -> None:
    found = read_ses(ses)
    assert (found.seal.seal_id, found.seal.name) == ("TEST-0001", f"{COMPANY} 供用电合同专用章 TEST")
    assert found.stated_utc == found.seal.created_utc == START
    assert found.protected == f"bytes 0-{len(CONTENT) - 1}"
    assert found.seal.picture == ORDER.picture
    assert found.seal.certificates == (found.certificate,)
    assert SesSignature.load(ses).copy().dump(force=True) == ses
    assert found.token is not None
    assert found.token not in unstamped(ses)
    assert read_ses(unstamped(ses)) == replace(found, token=None)


def test_without_a_timestamp_only_the_two_lines_on_time_are_undecided(house: Domestic, ses: bytes) -> None:
    lines = house.judged(unstamped(ses))
    assert [one.number for one in lines if one.verdict is UNDECIDED] == [7, 8]
    assert refuted(lines) == {}
    assert is_wholly_proven(house.judged(house.stamped(unstamped(ses))))


def test_a_time_read_just_before_the_seal_was_made_is_inside_its_period(house: Domestic) -> None:
    key = Sm2Key.generate()
    asked = house.clock.now() - timedelta(seconds=1)
    ses = house.stamped(seal_over(CONTENT, house.issued(key), key, at=asked))
    assert is_wholly_proven(house.judged(ses))


def test_a_bundle_without_domestic_roots_leaves_seal_and_signer_undecided(
    house: Domestic, ses: bytes
) -> None:
    bare = SignatureTrust(ca_roots=(), tsa_roots=house.ca.tsa_roots)
    lines = judge_ses(ses, CONTENT, bare, at=START)
    assert [one.number for one in lines if one.verdict is not PROVEN] == [2, 3]
    assert {one.code for one in lines} == {"ok", "unknown_issuer"}


@pytest.mark.parametrize("list_digests", [False, True])
def test_a_seal_lists_certificates_or_their_digests(house: Domestic, list_digests: bool) -> None:
    key = Sm2Key.generate()
    issued = house.resealed(house.issued(key), list_digests=list_digests)
    lines = house.judged(house.over(issued, key))
    assert is_wholly_proven(lines)
    assert ("digest" in line(lines, 4).en) is list_digests


def test_digests_with_z_are_proven_and_the_lines_say_so(house: Domestic) -> None:
    key = Sm2Key.generate()
    issued = house.issued(key)
    front = z_value(key.public_key_der)
    seal = SESeal.load(house.resealed(issued, list_digests=True).seal).copy()
    seal["info"]["property"]["list"][0]["value"] = bytes(sm3(front + issued.certificate))
    seal["signature"] = house.authority._issuers[MAKER].key.sign(seal["info"].dump(force=True))

    def change(found: SesSignature) -> None:
        found["to_sign"]["hash"] = bytes(sm3(front + CONTENT))

    base = seal_over(CONTENT, replace(issued, seal=seal.dump(force=True)), key, at=START)
    lines = house.judged(rewritten(base, key, house, change))
    assert is_wholly_proven(lines), lines
    assert "SM3 with Z" in line(lines, 4).en
    assert "SM3 with Z" in line(lines, 6).en


# one forgery for each line


def test_line_1_refuses_another_form(house: Domestic, ses: bytes) -> None:
    for forged in (b"", b"not DER", ses[:-1], ses + b"\0", bytes(2**20 + 1), b"\x30\x80" + ses[4:] + b"\0\0"):
        lines = house.judged(forged)
        assert (line(lines, 1).verdict, line(lines, 1).code) == (REFUTED, "ses_malformed")
        assert verdicts(lines)[1:] == [UNDECIDED] * 7


def test_line_1_refuses_a_critical_extension_it_does_not_know(house: Domestic) -> None:
    key = Sm2Key.generate()
    base = seal_over(CONTENT, house.issued(key), key, at=START)

    def change(found: SesSignature) -> None:
        found["to_sign"]["extensions"].append({"extn_id": "1.2.3", "critical": True, "extn_value": b""})

    assert refuted(house.judged(rewritten(base, key, house, change))) == {1: "ses_malformed"}


def test_line_2_refutes_a_seal_that_its_maker_did_not_sign(house: Domestic, ses: bytes) -> None:
    key = Sm2Key.generate()
    issued = house.issued(key)
    seal = SESeal.load(issued.seal).copy()
    seal["info"]["property"]["name"] = "别家公司 合同专用章"
    forged = replace(issued, seal=seal.dump(force=True))
    lines = house.judged(house.over(forged, key))
    assert refuted(lines) == {2: "sm2_signature_invalid"}


def test_line_2_refutes_a_maker_that_only_bears_a_trusted_name(house: Domestic, forger: Domestic) -> None:
    key = Sm2Key.generate()
    issued = house.issued(key)
    maker = forger.authority._issuers[MAKER]
    seal = make_seal(house.terms(), ORDER.picture, (issued.certificate,), maker.certificate, maker.key)
    lines = house.judged(house.over(replace(issued, seal=seal), key))
    assert refuted(lines) == {2: "look_alike_ca"}


def test_line_2_does_not_take_a_signers_certificate_for_a_makers(house: Domestic) -> None:
    key = Sm2Key.generate()
    issued = house.issued(key)
    seal = make_seal(house.terms(), ORDER.picture, (issued.certificate,), issued.certificate, key)
    lines = house.judged(house.over(replace(issued, seal=seal), key))
    assert (line(lines, 2).verdict, line(lines, 2).code) == (UNDECIDED, "unknown_issuer")


def test_line_3_refutes_a_signer_of_a_look_alike_authority(house: Domestic, forger: Domestic) -> None:
    key = Sm2Key.generate()
    issued = house.resealed(replace(forger.issued(key), crls=house.authority.crls()))
    assert refuted(house.judged(house.over(issued, key))) == {3: "look_alike_ca"}


def test_line_3_refutes_a_certificate_that_is_no_signers(house: Domestic) -> None:
    root = house.authority._issuers[ROOT]
    issued = replace(house.issued(root.key), certificate=root.certificate)
    lines = house.judged(house.over(house.resealed(issued), root.key))
    assert refuted(lines) == {3: "wrong_key_usage"}


def test_line_3_refutes_a_certificate_revoked_before_and_keeps_one_revoked_after(tmp_path: Path) -> None:
    house, key = Domestic.founded(tmp_path), Sm2Key.generate()
    issued = house.issued(key)
    before = house.over(issued, key)
    house.authority.revoke(issued.certificate)
    house.authority.revoke(issued.certificate)
    house.clock.advance(timedelta(hours=1))
    after = house.over(replace(issued, crls=house.authority.crls()), key)
    assert refuted(house.judged(after)) == {3: "revoked_certificate"}
    assert is_wholly_proven(house.judged(before))


def test_line_2_refutes_a_seal_whose_maker_was_revoked_before_it_was_made(tmp_path: Path) -> None:
    house, key = Domestic.founded(tmp_path), Sm2Key.generate()
    house.authority.revoke(house.authority.maker_certificate)
    assert refuted(house.judged(house.over(house.issued(key), key))) == {2: "revoked_certificate"}


def test_lines_2_and_3_are_undecided_without_fresh_revocation_lists(house: Domestic) -> None:
    key = Sm2Key.generate()
    issued = house.issued(key)
    none = house.judged(house.over(replace(issued, crls=()), key))
    assert [(one.number, one.code) for one in none if one.verdict is not PROVEN] == [
        (2, "no_revocation_data"),
        (3, "no_revocation_data"),
    ]


def test_line_4_refutes_a_signer_whom_the_seal_does_not_list(house: Domestic) -> None:
    mine, another = Sm2Key.generate(), Sm2Key.generate()
    for list_digests in (False, True):
        theirs = house.resealed(house.issued(another), list_digests=list_digests)
        stolen = replace(house.issued(mine), seal=theirs.seal)
        assert refuted(house.judged(house.over(stolen, mine))) == {4: "certificate_not_listed"}


def test_line_5_refutes_a_signature_by_another_key(house: Domestic) -> None:
    key = Sm2Key.generate()
    issued = house.issued(key)
    lines = house.judged(house.over(issued, Sm2Key.generate()))
    assert refuted(lines) == {5: "sm2_signature_invalid"}


def test_line_6_refutes_another_original(house: Domestic, ses: bytes) -> None:
    assert refuted(house.judged(ses, CONTENT + b" ")) == {6: "original_mismatch"}
    assert refuted(house.judged(ses, b"")) == {6: "original_mismatch"}


def test_line_6_refutes_a_false_range_and_leaves_an_unknown_one_undecided(house: Domestic) -> None:
    key = Sm2Key.generate()
    base = seal_over(CONTENT, house.issued(key), key, at=START)

    def stating(words: str) -> tuple[SesLine, ...]:
        def change(found: SesSignature) -> None:
            found["to_sign"]["property"] = words

        return house.judged(rewritten(base, key, house, change))

    assert refuted(stating("bytes 0-5")) == {6: "range_mismatch"}
    foreign = stating("/Doc_0/Signs/Sign_0/Signature.xml")
    assert (line(foreign, 6).verdict, line(foreign, 6).code) == (UNDECIDED, "range_unknown")


@pytest.mark.parametrize(
    ("shift", "code"),
    [
        (timedelta(days=-1), "time_outside_certificate"),
        (timedelta(days=400), "time_outside_certificate"),
        (timedelta(days=1), "time_too_late"),
    ],
)
def test_line_7_refutes_a_stated_time_that_cannot_be(house: Domestic, shift: timedelta, code: str) -> None:
    key = Sm2Key.generate()
    base = seal_over(CONTENT, house.issued(key), key, at=START + shift)
    assert refuted(house.judged(house.stamped(base))) == {7: code}


def test_line_7_refutes_a_time_before_the_seal_was_in_force(house: Domestic) -> None:
    key = Sm2Key.generate()
    later = START + timedelta(hours=1)
    issued = house.resealed(house.issued(key), valid_from_utc=later)
    lines = house.judged(house.stamped(seal_over(CONTENT, issued, key, at=START)))
    assert refuted(lines) == {2: "seal_out_of_period", 7: "time_outside_seal"}


def test_line_8_refutes_a_token_over_something_else(house: Domestic, ses: bytes) -> None:
    other = read_ses(house.made(b"something else")).token
    found = SesSignature.load(ses).copy()
    found["timestamp"] = other
    lines = house.judged(found.dump(force=True))
    assert refuted(lines) == {8: "token_refuted"}
    assert line(lines, 7).verdict is UNDECIDED


def test_line_8_refutes_a_look_alike_authority(house: Domestic, forger: Domestic, ses: bytes) -> None:
    assert refuted(house.judged(forger.stamped(unstamped(ses)))) == {8: "token_refuted"}


def test_an_expired_certificate_is_refuted_if_a_token_proves_the_time_and_else_undecided(
    tmp_path: Path,
) -> None:
    house, key = Domestic.founded(tmp_path), Sm2Key.generate()
    root = house.authority._issuers[ROOT]
    short = certify_sm2(
        sm2_authority_name("Short TEST"),
        key.public_key_der,
        issuer=Sm2Issuer(certificate=root.certificate, key=root.key),
        moment=START,
        lifetime=timedelta(minutes=5),
    )
    issued = house.resealed(replace(house.issued(key), certificate=short))
    base = seal_over(CONTENT, issued, key, at=START)
    house.clock.advance(timedelta(hours=2))
    assert refuted(house.judged(house.stamped(base))) == {3: "expired_certificate"}
    late = house.judged(base)
    assert (line(late, 3).verdict, line(late, 3).code) == (UNDECIDED, "time_unproven")


@given(st.integers(min_value=0))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_bit_leaves_all_eight_lines_proven(house: Domestic, ses: bytes, drawn: int) -> None:
    forged, bit = bytearray(ses), drawn % (len(ses) * 8)
    forged[bit // 8] ^= 1 << bit % 8
    lines = house.judged(bytes(forged))
    assert len(lines) == 8
    assert not is_wholly_proven(lines)


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_crash_the_judge_or_prove_anything(house: Domestic, junk: bytes) -> None:
    lines = house.judged(junk)
    assert PROVEN not in verdicts(lines)
    with pytest.raises(SesMalformedError):
        read_seal(junk)


def test_a_list_of_a_hundred_thousand_certificates_is_refused(house: Domestic) -> None:
    key = Sm2Key.generate()
    seal = SESeal.load(house.issued(key).seal).copy()
    seal["info"]["property"]["list"] = [b""] * 100_000
    with pytest.raises(SesMalformedError, match="too long"):
        read_seal(seal.dump(force=True))


def test_a_flood_of_extensions_is_refused(house: Domestic, ses: bytes) -> None:
    found = SesSignature.load(ses).copy()
    found["to_sign"]["extensions"] = [{"extn_id": "1.2.3", "extn_value": b""}] * 17
    with pytest.raises(SesMalformedError, match="too many extensions"):
        read_ses(found.dump(force=True))


def test_revocation_lists_are_counted_over_all_extensions_that_bring_them(
    house: Domestic, ses: bytes
) -> None:
    found = SesSignature.load(ses).copy()
    (archived,) = found["to_sign"]["extensions"]
    found["to_sign"]["extensions"] = [archived.copy() for _ in range(9)]
    with pytest.raises(SesMalformedError, match="too many revocation lists"):
        read_ses(found.dump(force=True))


# a counterparty's own seal


def test_a_counterpartys_own_seal_is_read_with_its_owner_and_two_lines(house: Domestic) -> None:
    der = house.issued(Sm2Key.generate()).seal
    seal = read_own_seal(der, house.trust, at=START, crls=house.authority.crls())
    assert (seal.owner, seal.owner_id, seal.picture) == (COMPANY, USCC, ORDER.picture)
    assert verdicts(seal.lines) == [PROVEN, PROVEN]


def test_an_own_seal_out_of_force_or_of_a_stranger_is_not_proven(house: Domestic, forger: Domestic) -> None:
    der = house.issued(Sm2Key.generate()).seal
    late = START + timedelta(days=366)
    house_late = read_own_seal(der, house.trust, at=late, crls=house.authority.crls())
    assert [one.code for one in house_late.lines] == ["ok", "seal_out_of_period"]
    theirs = read_own_seal(
        forger.issued(Sm2Key.generate()).seal, house.trust, at=START, crls=house.authority.crls()
    )
    assert [one.code for one in theirs.lines] == ["ok", "look_alike_ca"]
    unlisted = read_own_seal(der, house.trust, at=START)
    assert [one.verdict for one in unlisted.lines] == [PROVEN, UNDECIDED]
