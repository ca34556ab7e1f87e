"""The recipe over honest files: every step proven, and only then the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from evidence_case import NOW, NUMBER, Case, inspect_once, one_page

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.file_report import (
    FileKind,
    NotProvenError,
    StillUndecidedError,
    UnreadableFileError,
    require_proven,
)
from contracts_chain.evidence.package import write_package
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.evidence.verify import verify_file, verify_package
from kernel.sized_bytes import Salt
from kernel.verdict import Check, Verdict


def test_an_honest_package_is_proven_in_all_twelve_steps(case: Case) -> None:
    report = verify_package(case.package(), case.trust, at=NOW, inspect=inspect_once)
    assert [(check.step, check.verdict, check.code) for check in report.checks[:11]] == [
        (step, Verdict.PROVEN, "ok") for step in range(11)
    ]
    assert report.checks[11].code == "in_force"
    assert report.verdict is Verdict.PROVEN
    assert report.facts.number == NUMBER
    assert len(report.facts.signers) == 4
    assert len(report.facts.operators) == 3
    require_proven(report)


def test_the_same_contents_give_the_same_package(case: Case) -> None:
    signature = case.sign(b"anything")
    assert write(case, signature) == write(case, signature)


def write(case: Case, signature: bytes) -> bytes:
    return write_package(case.contents(), lambda _: signature)


def test_a_package_verified_years_later_has_only_its_status_undecided(case: Case) -> None:
    report = verify_package(case.package(), case.trust, at=NOW + timedelta(days=3650), inspect=inspect_once)
    assert [check.step for check in report.checks if check.verdict is not Verdict.PROVEN] == [11]
    assert report.checks[11].code == "status_too_old"
    assert report.verdict is Verdict.UNDECIDED
    with pytest.raises(StillUndecidedError):
        require_proven(report)


def test_a_fresher_status_given_by_the_caller_decides_step_11(case: Case) -> None:
    later = NOW + timedelta(days=3650)
    key = case.evidence.records[-1].record.leaf()
    fresh = case.chain.status_proof(key, number=10**7, at=later)
    report = verify_package(case.package(), case.trust, at=later, inspect=inspect_once, fresh_status=fresh)
    assert report.verdict is Verdict.PROVEN


def test_a_terminated_contract_is_genuine_and_the_headline_says_it_ended(case: Case) -> None:
    key = case.evidence.records[-1].record.leaf()
    ended = replace(case.chain, words={key: b"\x03"})
    proof = ended.status_proof(key, number=500, at=NOW)
    report = verify_package(case.package(), case.trust, at=NOW, inspect=inspect_once, fresh_status=proof)
    assert (report.verdict, report.checks[11].code) == (Verdict.PROVEN, "terminated")
    assert "已终止" in report.headline_zh


def test_our_pdf_without_its_package_is_undecided_with_sound_signatures(case: Case) -> None:
    report = verify_file(case.pdf, case.trust, at=NOW, inspect=inspect_once)
    assert report.kind is FileKind.SIGNED_PDF
    assert [check.verdict for check in report.checks[:5]] == [Verdict.PROVEN] * 5
    assert {check.code for check in report.checks[5:]} == {"no_evidence"}
    assert report.verdict is Verdict.UNDECIDED


def test_a_changed_pdf_without_its_package_is_refuted(case: Case) -> None:
    changed = bytearray(case.pdf)
    changed[len(changed) // 3] ^= 1
    report = verify_file(bytes(changed), case.trust, at=NOW)
    assert report.verdict is Verdict.REFUTED
    with pytest.raises(NotProvenError):
        require_proven(report)


def test_an_unsigned_pdf_is_undecided_never_proven(case: Case) -> None:
    report = verify_file(one_page(), case.trust, at=NOW)
    assert report.verdict is Verdict.UNDECIDED
    assert report.checks[2].code == "not_signed"


def test_a_broken_pdf_is_unreadable(case: Case) -> None:
    report = verify_file(case.pdf[:5000], case.trust, at=NOW)
    assert report.verdict is Verdict.UNREADABLE
    with pytest.raises(UnreadableFileError):
        require_proven(report)


def test_an_invoice_xml_alone_is_undecided_and_signature_steps_do_not_apply(case: Case) -> None:
    report = verify_file(b"<?xml version='1.0'?><EInvoice/>", case.trust, at=NOW)
    assert report.kind is FileKind.INVOICE_XML
    assert report.checks[0].verdict is Verdict.PROVEN
    assert [check.code for check in report.checks[2:7]] == ["not_applicable"] * 5
    assert report.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "content",
    [b"<EInvoice>", b"<!DOCTYPE EInvoice [<!ENTITY a 'b'>]><EInvoice>&a;</EInvoice>"],
    ids=["not_closed", "document_type"],
)
def test_xml_that_is_broken_or_carries_a_document_type_is_unreadable(case: Case, content: bytes) -> None:
    report = verify_file(content, case.trust, at=NOW)
    assert (report.verdict, report.checks[0].code) == (Verdict.UNREADABLE, "xml_unreadable")


@pytest.mark.parametrize(
    "content", [b"", b"hello", bytes(100), b"PK\x03\x04"], ids=["empty", "text", "zeros", "zip"]
)
def test_a_file_of_no_known_kind_is_unreadable(case: Case, content: bytes) -> None:
    report = verify_file(content, case.trust, at=NOW)
    assert report.verdict is Verdict.UNREADABLE
    assert [check.step for check in report.checks] == list(range(12))


# ---- what happens after execution ---------------------------------------------------------------


def terminated(case: Case, *, lines: int = 1, recorded: bool = True) -> Case:
    """The case with ``lines`` changes of status on its trail and a record that names the first."""
    trail = case.trail
    for _ in range(lines):
        trail = trails.append(
            trail,
            TrailEventKind.STATUS_CHANGED,
            occurred_utc=trail[-1].occurred_utc,
            actor="person:02",
            details={"status": "terminated"},
        )
    records = [logged.record for logged in case.evidence.records]
    named = trail[len(case.trail)].hash().hex()
    change = replace(
        records[-1],
        kind=RecordKind.AGREEMENT_STATUS,
        previous=records[-1].leaf(),
        details={"status": "terminated", "reason": "协商一致", "trail": named},
        salt=Salt(bytes(32)),
    )
    return replace(case, trail=trail).relogged([*records, change] if recorded else records)


def process_of(case: Case) -> Check:
    return verify_package(case.package(), case.trust, at=NOW, inspect=inspect_once).checks[6]


def test_a_change_of_status_after_execution_keeps_the_process_proven(case: Case) -> None:
    assert process_of(terminated(case)).verdict is Verdict.PROVEN


def test_a_trail_line_after_execution_that_no_record_names_is_refuted(case: Case) -> None:
    for added in (terminated(case, recorded=False), terminated(case, lines=2)):
        found = process_of(added)
        assert (found.verdict, found.code) == (Verdict.REFUTED, "process_incomplete")


def test_a_trail_cut_before_a_recorded_change_of_status_is_refuted(case: Case) -> None:
    cut = replace(terminated(case), trail=case.trail)
    assert process_of(cut).code == "process_incomplete"
