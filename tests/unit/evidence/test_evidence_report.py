"""The report names every operator and value a court asks for, and its commands give what it prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from evidence_case import CONSUMER, NOW, NUMBER, SUPPLIER, WITNESSES, Case
from evidence_fake_chain import OPERATORS
from evidence_later import cross_anchored, renewed

from contracts_chain.evidence.cross_anchor import CrossAnchorKind, CrossAnchorRefutedError
from contracts_chain.evidence.report import ReportFacts, ReportSubject, evidence_report
from contracts_chain.evidence.report_extraction import PACKAGE, extraction_steps
from pdfgen.document import Document, FieldTable, GridTable, Heading, Paragraph
from pdfgen.render import render

PROGRAM = Path(__file__).parents[3] / "docs/verify_anchor.py"


def facts_of(case: Case) -> ReportFacts:
    files = {name: body for name, body in case.contents().files().items() if name != "report.pdf"}
    return ReportFacts.prove(case.evidence, trail=case.trail, files=files, trust=case.trust, issued_utc=NOW)


def report_of(case: Case) -> Document:
    subject = ReportSubject(
        title="高压供用电合同",
        number=NUMBER,
        parties=(("供电人", *SUPPLIER), ("用电人", *CONSUMER)),
        qr_text="https://example.test/q/1",
        mark="TEST",
        environment=(("软件版本", "0.1.0"), ("平台备案情况", "未填报")),
        issuer=SUPPLIER[0],
        roles={"supplier": "供电人", "consumer": "用电人"},
    )
    return evidence_report(subject, facts_of(case))


def cells(document: Document) -> set[str]:
    grid = {
        cell
        for block in document.blocks
        if isinstance(block, GridTable)
        for row in block.rows
        for cell in row
    }
    return grid | {
        value for block in document.blocks if isinstance(block, FieldTable) for _, value in block.rows
    }


def prose(document: Document) -> str:
    return "".join(block.text for block in document.blocks if isinstance(block, Paragraph))


@pytest.fixture(scope="module")
def whole(case: Case) -> Case:
    """With a renewal and three cross-anchors, as a package is after a month."""
    return cross_anchored(renewed(case))


def test_the_chapters_are_the_six_points_then_litigation_and_archive(case: Case) -> None:
    headings = [b.text for b in report_of(case).blocks if isinstance(b, Heading) and b.level == 1]
    assert [heading[:2] for heading in headings] == [f"{one}、" for one in "一二三四五六七八"]


def test_operators_hashes_certificates_and_events_are_all_stated(case: Case) -> None:
    document = report_of(case)
    stated = cells(document)
    assert set(OPERATORS) <= stated
    assert {one.operator for one in WITNESSES} <= stated
    assert case.evidence.executed.sha256.hex() in stated
    assert case.evidence.executed.sm3.hex() in stated
    assert {logged.record.leaf().hex() for logged in case.evidence.records} <= stated
    assert {slot.certificate_sha256.hex() for slot in case.evidence.slots} <= stated
    assert {event.event.zh for event in case.trail} <= stated
    assert case.evidence.anchor.transaction_hash.hex0x() in stated
    assert document.mark == "TEST"


def test_who_sealed_and_who_cosigned_is_said_of_each_one(case: Case) -> None:
    document = report_of(case)
    rows = [row for block in document.blocks if isinstance(block, GridTable) for row in block.rows]
    sealed = [row[3] for row in rows if row[0] in OPERATORS and len(row) == 4]
    assert sorted(sealed) == sorted(["已签封"] * 3 + ["未签封"])
    witnessed = {row[0]: row[2] for row in rows if row[0] in {one.operator for one in WITNESSES}}
    assert [moment == "未联署" for moment in witnessed.values()].count(True) == 1


def test_the_status_is_dated_and_no_report_proves_it_for_today(case: Case) -> None:
    text = prose(report_of(case))
    assert "有效（截至 2026年11月20日 15:41:00）" in text
    assert "均不证明文件在今日仍然有效" in text
    without = case.with_evidence(status=None)
    assert "未取得链上状态证明" in prose(report_of(without))


def test_renewal_and_cross_anchors_are_named_where_there_are_any(case: Case, whole: Case) -> None:
    assert "尚未以 SM3 另行锚定" in prose(report_of(case))
    assert "尚无覆盖本检查点的链外交叉锚定" in prose(report_of(case))
    document = report_of(whole)
    renewal = whole.evidence.renewal
    assert renewal is not None
    assert renewal.anchor.twin_root.hex() in cells(document)
    assert {one.place for one in whole.evidence.cross_anchors} <= cells(document)


def test_a_report_is_not_made_over_false_evidence(whole: Case) -> None:
    line = next(one for one in whole.evidence.cross_anchors if one.kind is CrossAnchorKind.FILE)
    false = whole.with_evidence(cross_anchors=(replace(line, header_number=line.header_number + 1),))
    with pytest.raises(CrossAnchorRefutedError):
        report_of(false)


def test_the_same_inputs_give_the_same_document(case: Case) -> None:
    assert report_of(case) == report_of(case)


def test_every_command_of_the_report_prints_what_the_report_says(whole: Case, tmp_path: Path) -> None:
    report = render(report_of(whole)).pdf
    complete = replace(whole, report_pdf=report)
    (tmp_path / PACKAGE).write_bytes(complete.package())
    whole.trust.write(tmp_path / "trust")
    shutil.copy(PROGRAM, tmp_path)
    steps = extraction_steps(facts_of(complete))
    assert len(steps) >= 11
    for step in steps:
        done = subprocess.run(
            ["/bin/sh", "-c", step.command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.stdout + done.stderr).strip() == step.expected, step.title


def test_the_commands_stand_in_the_printed_report_letter_by_letter(whole: Case, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(render(report_of(whole)).pdf)
    text = subprocess.run(
        ["pdftotext", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    printed = re.sub(r"\s", "", text)
    for step in extraction_steps(facts_of(whole)):
        for line in step.command.split("\n"):
            assert re.sub(r"\s", "", line) in printed, line


def test_no_line_of_a_command_is_longer_than_the_printed_column(whole: Case) -> None:
    longest = max(
        (line for step in extraction_steps(facts_of(whole)) for line in step.command.split("\n")), key=len
    )
    assert len(longest) <= 78, longest
