"""When supply may be cut: overdue, reminded, served on paper, long enough ago, called again; else never."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.notice_paper import LEGAL_NOTE, facts_bytes, notice_document
from contracts_chain.agreements.notices import (
    Arrears,
    NoticeFacts,
    NoticeKind,
    NoticeRefusedError,
    PaperServiceRequiredError,
    Reminder,
    ServiceManner,
    earliest_day,
    manner_named,
    notice_kind_named,
    verify_facts,
    verify_on_paper,
    verify_period,
)
from contracts_chain.agreements.terms.commercial import CutOff
from kernel.money import Fen
from pdfgen.document import Clause, GridTable, Paragraph
from pdfgen.page_images import body_texts
from pdfgen.render import render

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
AGREED = CutOff(overdue_days=30, reminder=True, notice_days=7, final_notice_hours=1, paper_service=True)
FACTS = NoticeFacts(
    kind=NoticeKind.CUT_OFF,
    agreement_number="SGZJMZ00YXGY2600001",
    customer="明州甬新精密铸造有限公司（示例）",
    account_no="3305102600127",
    supply_addr="浙江省明州市东港工业园区海晏路18号",
    resident=False,
    arrears=(
        Arrears(bill_no="ZD202609", period="2026年9月", amount=Fen(31_258_430), due_on=date(2026, 10, 15)),
    ),
    reminders=(Reminder(sent_on=date(2026, 10, 20), manner="短信和电话", reference="CC-1"),),
    ground="",
    planned_on=date(2026, 12, 1),
)


def refused(facts: NoticeFacts, agreed: CutOff = AGREED, today: date = TODAY) -> set[str]:
    with pytest.raises(NoticeRefusedError) as problem:
        verify_facts(facts, agreed, today=today)
    return {one.condition for one in problem.value.unmet}


def test_a_bill_over_thirty_days_late_after_a_reminder_allows_a_notice() -> None:
    verify_facts(FACTS, AGREED, today=TODAY)


@pytest.mark.parametrize(
    "change",
    [
        {"arrears": ()},
        {"reminders": ()},
        {"reminders": (Reminder(sent_on=date(2026, 10, 14), manner="短信", reference="CC-1"),)},
        {"reminders": (Reminder(sent_on=date(2026, 11, 20), manner="短信", reference="CC-1"),)},
        {"planned_on": date(2026, 11, 29)},
        {"kind": NoticeKind.ENDING},
        {"arrears": (replace(FACTS.arrears[0], due_on=date(2026, 10, 24)),)},
        {"arrears": (replace(FACTS.arrears[0], amount=Fen(0)),)},
    ],
    ids=[
        "nothing owed",
        "no reminder",
        "reminded before the due day",
        "reminded three days ago",
        "planned too soon",
        "ending without a ground",
        "thirty days overdue, not more",
        "a bill of nothing",
    ],
)
def test_a_notice_without_its_conditions_is_refused(change: dict[str, object]) -> None:
    assert refused(replace(FACTS, **change))


def test_a_contract_may_ask_for_more_than_the_law_and_never_for_less() -> None:
    assert refused(FACTS, replace(AGREED, overdue_days=60))
    eager = replace(AGREED, overdue_days=1, notice_days=0)
    assert refused(replace(FACTS, arrears=(replace(FACTS.arrears[0], due_on=date(2026, 11, 1)),)), eager)
    assert refused(replace(FACTS, planned_on=date(2026, 11, 24)), eager)


def test_a_resident_has_seven_days_and_others_three() -> None:
    assert earliest_day(TODAY, TODAY, 0, resident=True) == TODAY + timedelta(days=7)
    assert earliest_day(TODAY, TODAY, 0, resident=False) == TODAY + timedelta(days=3)
    assert earliest_day(TODAY, TODAY, 10, resident=False) == TODAY + timedelta(days=10)
    assert earliest_day(TODAY, TODAY + timedelta(days=30), 7, resident=True) == TODAY + timedelta(days=30)


@pytest.mark.parametrize("manner", ServiceManner)
def test_a_notice_is_served_on_paper_or_not_at_all(manner: ServiceManner) -> None:
    assert manner_named(manner.value) is manner
    if manner is not ServiceManner.ELECTRONIC:
        verify_on_paper("TZ1", manner)
        return
    with pytest.raises(PaperServiceRequiredError, match="served on paper"):
        verify_on_paper("TZ1", manner)


@given(st.integers(-20, 20), st.none() | st.integers(-10, 200))
def test_supply_is_cut_after_the_period_and_an_hour_after_the_last_call_only(
    days: int, minutes: int | None
) -> None:
    earliest = TODAY + timedelta(days=days)
    called = None if minutes is None else NOW - timedelta(minutes=minutes)
    allowed = days <= 0 and minutes is not None and minutes >= 60
    try:
        verify_period("TZ1", earliest=earliest, final_notice=called, now=NOW)
    except NoticeRefusedError:
        assert not allowed
    else:
        assert allowed


def assert_letter_and_slip(pdf: bytes) -> None:
    """One page of letter, signed off at its foot, and one page of receipt that can be torn off."""
    letter, slip = ("".join(text.split()) for text in body_texts(pdf))
    assert letter.endswith("特此通知。浙东电网有限公司明州供电公司（示例）（盖章）2026年11月23日")
    assert slip.startswith("送达回证")


def paper(facts: NoticeFacts = FACTS) -> str:
    document = notice_document(
        facts,
        number="TZZJMZ00202600001",
        issuer="浙东电网有限公司明州供电公司（示例）",
        issued_utc=NOW,
        mark="TEST",
        qr_text="https://example.cn/q/1",
    )
    texts = [block.text for block in document.blocks if isinstance(block, Paragraph | Clause)]
    cells = [
        cell
        for block in document.blocks
        if isinstance(block, GridTable)
        for row in block.rows
        for cell in row
    ]
    assert document.cover == ()
    assert_letter_and_slip(render(document).pdf)
    return "\n".join(texts + cells)


def test_the_paper_says_what_is_owed_on_which_law_and_how_to_avert_it() -> None:
    text = paper()
    for said in (
        "312,584.30",
        "叁拾壹万贰仟伍佰捌拾肆圆叁角整",
        "2026年10月20日以短信和电话",
        "民法典》第六百五十四条",
        "电力供应与使用条例》第三十九条",
        "自 2026年12月1日 起",
        "付清后我公司不再中止供电",
        "95598",
        "12398",
        "代收人",
    ):
        assert said in text


def test_what_counsel_has_to_confirm_stands_in_the_file_and_not_on_the_customers_paper() -> None:
    assert "待核实" not in paper()
    assert LEGAL_NOTE.encode() in facts_bytes(FACTS)


def test_an_ending_names_its_ground_and_what_is_to_be_done() -> None:
    facts = replace(
        FACTS,
        kind=NoticeKind.ENDING,
        arrears=(),
        reminders=(),
        ground="您已书面申请销户而未办理结清手续",
    )
    verify_facts(facts, AGREED, today=TODAY)
    text = paper(facts)
    assert "因您已书面申请销户而未办理结清手续" in text
    assert "抄录电能表止码" in text
    assert notice_kind_named("ENDING") is NoticeKind.ENDING
