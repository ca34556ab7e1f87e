"""Hot paths of an agreement's life: planning a change, answering for an order, printing a notice.

Bare: for a plan the two working-day counts it rests on; for an answer reading the same stored terms;
for a notice nothing but its own pages, so the bare cost is that of the pages without a receipt slip.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files

from bench.measuring import Row, median_ms, row
from contracts_chain.agreements.change_plan import plan_change
from contracts_chain.agreements.change_request import ChangeRequest, ChangeStanding
from contracts_chain.agreements.change_triggers import ChangeTrigger
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.notice_paper import notice_document
from contracts_chain.agreements.notices import Arrears, NoticeFacts, NoticeKind, Reminder
from contracts_chain.agreements.readiness import AgreementFacts, OrderFacts, judge_readiness
from contracts_chain.agreements.terms_json import load_order, load_terms, terms_bytes
from contracts_chain.agreements.working_days import house_calendar
from kernel.money import Fen
from pdfgen.render import render

__all__ = ["rows"]

_TURNS = 9
_REPEAT = 200


def rows() -> list[Row]:
    """The rows of this room."""
    return [_plan(), _answer(), _notice()]


def _plan() -> Row:
    calendar, applied = house_calendar(), date(2026, 11, 23)
    standing = ChangeStanding(number="SGZJMZ00YXGY2600001", capacity_kva=Decimal(630))
    request = ChangeRequest(applied_on=applied, effective_on=date(2026, 12, 1), until=date(2026, 12, 31))

    def ours() -> None:
        for _ in range(_REPEAT):
            plan_change(standing, ChangeTrigger.SUSPEND, request, calendar)

    def bare() -> None:
        for _ in range(_REPEAT):
            calendar.add_working_days(applied, 5)

    mine, least = (1000 * figure / _REPEAT for figure in median_ms((ours, bare), _TURNS))
    return row("plan a suspension", "all conditions, one plan", "µs", mine, least, goal=200, met=mine <= 200)


def _answer() -> Row:
    content = files("contracts_chain.agreements.samples").joinpath("zhejiang_35kv.json").read_bytes()
    kept = [(terms.KIND, terms_bytes(terms)) for terms in load_order(content).agreements]

    def read() -> list[AgreementFacts]:
        return [
            AgreementFacts(
                number=kind.value,
                kind=kind,
                state=AgreementState.EXECUTED,
                executed_on=date(2026, 12, 1),
                terms=load_terms(stored),
            )
            for kind, stored in kept
        ]

    def ours() -> None:
        facts = OrderFacts(order_no="SQ1", agreements=tuple(read()), recorded=frozenset())
        if judge_readiness(facts):
            raise RuntimeError("the sample order is ready")

    mine, least = median_ms((ours, read), _TURNS)
    return row("ready to energise", "one order, two agreements", "ms", mine, least, goal=50, met=mine <= 50)


def _notice() -> Row:
    facts = NoticeFacts(
        kind=NoticeKind.CUT_OFF,
        agreement_number="SGZJMZ00YXGY2600001",
        customer="明州甬新精密铸造有限公司（示例）",
        account_no="3305102600127",
        supply_addr="浙江省明州市东港工业园区海晏路18号",
        resident=False,
        arrears=(
            Arrears(bill_no="ZD1", period="2026年9月", amount=Fen(31_258_430), due_on=date(2026, 10, 1)),
        ),
        reminders=(Reminder(sent_on=date(2026, 10, 20), manner="短信", reference="CC-1"),),
        ground="",
        planned_on=date(2026, 12, 1),
    )
    document = notice_document(
        facts,
        number="TZZJMZ00202600001",
        issuer="浙东电网有限公司明州供电公司（示例）",
        issued_utc=datetime(2026, 11, 23, tzinfo=UTC),
        mark="TEST",
        qr_text="https://verify.example.test/q/1",
    )
    letter_only = replace(document, blocks=document.blocks[:-3])
    mine, least = median_ms((lambda: render(document), lambda: render(letter_only)), _TURNS)
    return row("print a notice", "3 pages with receipt slip", "ms", mine, least, goal=500, met=mine <= 500)


if __name__ == "__main__":
    for one in rows():
        print(one)
