"""An invoice is notarised in the same log: its XML is the original, signature steps do not apply."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from evidence_case import NOW, START, Case, anchor, inspect_once

from contracts_chain.evidence.evidence_json import EvidenceKind, evidence_bytes
from contracts_chain.evidence.file_report import FileKind
from contracts_chain.evidence.package import InvoiceContents
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.verify import verify_file
from kernel.digests import digests_of
from kernel.sized_bytes import Salt
from kernel.verdict import Verdict

XML = "<?xml version='1.0'?><EInvoice><!-- SPECIMEN 样张 --></EInvoice>".encode()
NUMBER = "99002600000000000017"


@pytest.fixture
def contents(case: Case) -> InvoiceContents:
    record = Record(
        kind=RecordKind.INVOICE_ISSUED,
        subject=NUMBER,
        document=digests_of(XML),
        occurred_utc=START,
        actor="clerk:01",
        previous=None,
        details={"agreement": "ZD-YX-GY-2026-000017"},
        salt=Salt(hashlib.sha256(b"invoice").digest()),
    )
    blank = replace(
        case.evidence,
        kind=EvidenceKind.INVOICE,
        number=NUMBER,
        slots=(),
        executed=digests_of(XML),
        not_before_header=None,
    )
    evidence = replace(anchor([record], blank, case.chain)[0], status=None)
    return InvoiceContents(
        invoice_xml=XML, invoice_pdf=b"%PDF-1.7", evidence=evidence_bytes(evidence), report_pdf=b"%PDF-1.7"
    )


def test_an_honest_invoice_package_is_proven_in_the_steps_that_apply(
    case: Case, contents: InvoiceContents
) -> None:
    report = verify_file(case.close(contents), case.trust, at=NOW, inspect=inspect_once)
    codes = {check.step: check.code for check in report.checks}
    assert report.kind is FileKind.INVOICE_PACKAGE
    assert [step for step, code in codes.items() if code == "not_applicable"] == [2, 3, 4, 5, 6, 11]
    assert report.verdict is Verdict.PROVEN
    assert report.facts.number == NUMBER


def test_an_invoice_with_another_amount_is_refuted(case: Case, contents: InvoiceContents) -> None:
    forged = replace(contents, invoice_xml=XML.replace(b"SPECIMEN", b"SPECIMEN."))
    report = verify_file(case.close(forged), case.trust, at=NOW, inspect=inspect_once)
    assert (report.verdict, report.checks[1].code) == (Verdict.REFUTED, "document_mismatch")


def test_an_agreement_s_evidence_in_an_invoice_s_package_is_refuted(
    case: Case, contents: InvoiceContents
) -> None:
    forged = replace(contents, evidence=case.contents().evidence)
    report = verify_file(case.close(forged), case.trust, at=NOW, inspect=inspect_once)
    assert report.verdict is Verdict.REFUTED
    assert report.checks[0].code == "evidence_mismatch"
