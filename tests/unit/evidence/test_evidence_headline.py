"""One sentence tells a verdict: who recorded what when, or where it fails, or what is lacking (WEB §4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts_chain.evidence.file_report import NOT_APPLICABLE, FileFacts, FileKind, FileReport, join
from kernel.verdict import Check, Verdict

MOMENT = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
FACTS = FileFacts(
    number="SGZJMZ00YXGY2600001",
    signers=(
        ("consumer_sign", "王明", "明州制造", MOMENT),
        ("consumer_seal", "明州制造", "明州制造", MOMENT),
        ("supplier_sign", "顾清和", "明州供电", MOMENT),
    ),
    anchor_time_utc=MOMENT,
)


def checks(*verdicts: Verdict) -> tuple[Check, ...]:
    return tuple(
        Check(step=step, code="x", verdict=verdict, en=f"reason {step}.", zh=f"理由 {step}。")
        for step, verdict in enumerate(verdicts)
    )


def report(
    *verdicts: Verdict, facts: FileFacts = FACTS, kind: FileKind = FileKind.AGREEMENT_PACKAGE
) -> FileReport:
    return join(kind, checks(*verdicts), facts)


def test_a_proven_contract_is_named_with_moment_and_parties() -> None:
    told = report(Verdict.PROVEN)
    assert told.headline_zh == (
        "已证实：这就是 2026年11月20日 15:32:05 存证的合同 SGZJMZ00YXGY2600001，"
        "2 方签名和印章均有效，此后未被改动。"
    )
    assert told.headline_en == (
        "Proven: this is contract SGZJMZ00YXGY2600001 as recorded 20 Nov 2026, 15:32:05 UTC+8; "
        "all 2 parties' signatures and seals valid; unchanged since."
    )


def test_a_natural_person_counts_as_a_party() -> None:
    facts = replace(FACTS, signers=(*FACTS.signers, ("guarantor", "李芳", None, MOMENT)))
    assert "3 方签名" in report(Verdict.PROVEN, facts=facts).headline_zh


def test_a_proven_invoice_has_no_signing_parties() -> None:
    told = report(Verdict.PROVEN, facts=replace(FACTS, signers=()), kind=FileKind.INVOICE_PACKAGE)
    assert "存证的发票 SGZJMZ00YXGY2600001，此后未被改动。" in told.headline_zh
    assert "is invoice" in told.headline_en
    assert "parties" not in told.headline_en


@pytest.mark.parametrize(("status", "zh"), [("terminated", "已终止"), ("superseded", "已被替代")])
def test_an_ended_contract_is_genuine_and_ended(status: str, zh: str) -> None:
    told = report(Verdict.PROVEN, facts=replace(FACTS, status=status))
    assert told.headline_zh == f"已证实：合同 SGZJMZ00YXGY2600001 是真的，但{zh}，见第 11 步。"
    assert f"is genuine, but {status}" in told.headline_en


def test_a_forgery_is_told_by_the_first_step_that_fails() -> None:
    told = report(Verdict.PROVEN, Verdict.REFUTED, Verdict.UNREADABLE, Verdict.REFUTED)
    assert told.headline_zh == "已证伪：第 1 步不成立，理由 1。请勿作为原件使用。"
    assert told.headline_en == "Refuted: step 1 fails, reason 1. Do not use as an original."


def test_an_open_question_counts_what_is_proven_and_what_is_lacking() -> None:
    told = report(Verdict.PROVEN, Verdict.UNDECIDED, Verdict.PROVEN, Verdict.UNDECIDED)
    assert told.headline_zh == ("尚不能判定：2 步已证实，2 步缺依据（理由 1），没有一步被证伪。请稍后重验。")
    assert "2 steps proven, 2 lack evidence (reason 1), none refuted" in told.headline_en


def test_an_unreadable_file_is_neither_true_nor_false() -> None:
    told = report(Verdict.UNREADABLE, Verdict.UNDECIDED)
    assert told.headline_zh == "无法读取：理由 0，未判断真伪。请提供完整的 PDF 或证据包。"
    assert "nothing judged" in told.headline_en


def test_a_step_that_does_not_apply_is_never_the_reason() -> None:
    first, second = checks(Verdict.UNDECIDED, Verdict.UNDECIDED)
    told = join(FileKind.INVOICE_XML, (replace(first, code=NOT_APPLICABLE), second), FACTS)
    assert "1 步缺依据（理由 1）" in told.headline_zh


def test_no_steps_at_all_are_never_proven() -> None:
    told = join(FileKind.UNKNOWN, (), FACTS)
    assert told.verdict is Verdict.UNDECIDED
    assert told.headline_zh.startswith("尚不能判定：0 步已证实")
