"""The report names every operator and value a court asks for, in the order of art. 11."""

from __future__ import annotations

from evidence_case import CONSUMER, NOW, NUMBER, SUPPLIER, Case
from evidence_fake_chain import OPERATORS

from contracts_chain.evidence.report import ReportSubject, evidence_report
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_block_seals
from pdfgen.document import Document, FieldTable, GridTable, Heading


def report_of(case: Case) -> Document:
    subject = ReportSubject(
        title="高压供用电合同",
        number=NUMBER,
        parties=(("供电人", *SUPPLIER), ("用电人", *CONSUMER)),
        qr_text="https://example.test/q/1",
        mark="TEST",
        environment=(("软件版本", "0.1.0"),),
    )
    return evidence_report(
        subject,
        evidence=case.evidence,
        trail=case.trail,
        anchored=verify_anchor(case.evidence.anchor, case.trust.chain),
        sealed=verify_block_seals(case.evidence.anchor.header, case.trust.chain),
        trust=case.trust,
        issued_utc=NOW,
    )


def test_the_chapters_are_the_six_points_in_order(case: Case) -> None:
    headings = [block.text for block in report_of(case).blocks if isinstance(block, Heading)]
    assert [heading[:2] for heading in headings] == ["一、", "二、", "三、", "四、", "五、", "六、"]


def test_operators_hashes_certificates_and_events_are_all_stated(case: Case) -> None:
    document = report_of(case)
    cells = {
        cell
        for block in document.blocks
        if isinstance(block, GridTable)
        for row in block.rows
        for cell in row
    }
    cells |= {value for block in document.blocks if isinstance(block, FieldTable) for _, value in block.rows}
    assert set(OPERATORS) <= cells
    assert case.evidence.executed.sha256.hex() in cells
    assert case.evidence.executed.sm3.hex() in cells
    assert {logged.record.leaf().hex() for logged in case.evidence.records} <= cells
    assert {slot.certificate_sha256.hex() for slot in case.evidence.slots} <= cells
    assert {event.event.zh for event in case.trail} <= cells
    assert case.evidence.anchor.transaction_hash.hex0x() in cells
    assert document.mark == "TEST"


def test_the_same_inputs_give_the_same_document(case: Case) -> None:
    assert report_of(case) == report_of(case)
