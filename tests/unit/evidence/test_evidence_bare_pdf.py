"""A PDF without its package: what is said of files of others, of pending and of late timestamps."""

from __future__ import annotations

from dataclasses import replace

from evidence_case import Case, inspect_once

from contracts_chain.evidence.verify_bare import verify_pdf
from kernel.verdict import Check, Verdict
from signing.inspection import inspect_pdf
from signing.model import Modification, PdfFindings, TimeSource
from tests.unit.signing.foreign_samples import signed_abroad
from tests.unit.signing.signed_samples import draft


def judged(case: Case, findings: PdfFindings) -> dict[int, Check]:
    report = verify_pdf(b"%PDF-", case.trust, inspect=lambda *_, **__: findings)
    return {check.step: check for check in report.checks}


def test_a_strangers_pdf_is_intact_by_somebody_unknown(case: Case) -> None:
    report = verify_pdf(signed_abroad(draft()), case.trust, inspect=inspect_pdf)
    steps = {check.step: check for check in report.checks}
    assert report.verdict is Verdict.UNDECIDED
    assert [steps[number].verdict for number in (0, 1, 2)] == [Verdict.PROVEN] * 3
    assert (steps[3].verdict, steps[3].code) == (Verdict.UNDECIDED, "foreign_file")
    assert "Jean Dupont" in steps[3].en
    assert "并非本平台出具" in steps[3].zh
    assert "重验" not in report.headline_zh
    assert (steps[4].code, "核实签署时间" in steps[4].zh) == ("no_timestamp", True)
    assert {steps[number].code for number in range(5, 12)} == {"not_applicable"}


def test_a_pending_timestamp_is_named_and_refutes_nothing(case: Case) -> None:
    findings = inspect_once(case.pdf, case.trust.signatures, skew=case.trust.skew)
    first, *rest = findings.signatures
    late = replace(
        first,
        timestamp=Verdict.UNDECIDED,
        timestamp_code="timestamp_pending",
        timestamp_utc=None,
        time_source=TimeSource.NONE,
    )
    step = judged(case, replace(findings, signatures=(late, *rest)))[4]
    assert (step.verdict, step.code) == (Verdict.UNDECIDED, "timestamp_pending")
    assert first.field in step.en
    assert "待补加" in step.zh


def test_a_false_timestamp_beside_a_pending_one_is_told_first(case: Case) -> None:
    findings = inspect_once(case.pdf, case.trust.signatures, skew=case.trust.skew)
    pending, false, *rest = findings.signatures
    pending = replace(pending, timestamp=Verdict.UNDECIDED, timestamp_code="timestamp_pending")
    false = replace(false, timestamp=Verdict.REFUTED, timestamp_code="timestamp_forged")
    step = judged(case, replace(findings, signatures=(pending, false, *rest)))[4]
    assert (step.verdict, step.code) == (Verdict.REFUTED, "timestamp_forged")


def test_a_timestamp_added_after_an_outage_is_named(case: Case) -> None:
    findings = inspect_once(case.pdf, case.trust.signatures, skew=case.trust.skew)
    first, *rest = findings.signatures
    late = replace(first, time_source=TimeSource.DOCUMENT_TIMESTAMP)
    step = judged(case, replace(findings, signatures=(late, *rest)))[4]
    assert step.verdict is Verdict.PROVEN
    assert f"after an outage: {first.field}" in step.en
    assert "补加" in step.zh


def test_what_came_after_the_signatures_is_told_in_words(case: Case) -> None:
    findings = inspect_once(case.pdf, case.trust.signatures, skew=case.trust.skew)
    filled = tuple(replace(one, modification=Modification.FORM_FILLING) for one in findings.signatures)
    step = judged(case, replace(findings, signatures=filled))[2]
    assert "form fields were filled in" in step.en
    assert "曾填写表单域" in step.zh
