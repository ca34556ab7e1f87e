"""Milestones in, clocks out, and the list of what is overdue: API and staff page.

Who may record: drafter and supplier's desk. Everybody of the staff reads; billing reminds
nobody. A milestone is idempotent by the header ``Idempotency-Key``, as an invoice is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from api.csv_sheet import csv_file
from api.deadline_words import (
    MARKS_HEAD,
    OVERDUE_HEAD,
    clock_json,
    day_zh,
    due_soon,
    mark_cells,
    mark_json,
    mark_lines,
    overdue_cells,
    overdue_lines,
    step_json,
)
from api.routes.desk import AtDesk, OnDuty, RawBody, deliver_now
from api.routes.invoices import IdempotencyKey
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.agreements.process_steps import GridProjectType, ProcessStep
from contracts_chain.agreements.service_levels import PROVINCES
from contracts_chain.agreements.terms.codes import Channel
from contracts_chain.agreements.terms_json import TermsUnreadableError
from contracts_chain.agreements.typed_json import Problem, typed_from
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.workflows.deadline_ports import MilestoneFile
from contracts_chain.workflows.deadlines import OrderProgress, orders_in_progress, progress_of, remind
from contracts_chain.workflows.milestones import record_milestone
from kernel.canonical_json import JsonValue, parse_json
from kernel.clock import BEIJING, beijing_text, utc_text
from kernel.sized_bytes import Bytes32

__all__ = ["pages", "router"]

router = APIRouter(prefix="/api/v1")
pages = APIRouter(route_class=PageRoute, include_in_schema=False)

OrderNo = Annotated[str, Path(pattern=r"^[\w.()（）\-]{1,64}$")]
_T = TypeVar("_T")
_MOST_SHOWN = 200
"""Rows a list of the page holds; the CSV holds them all."""
_RECORDS = (Duty.DRAFTER, Duty.SUPPLIER_DESK)
_REMINDS = (Duty.DRAFTER, Duty.REVIEWER, Duty.SUPPLIER_DESK)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMilestone:
    """Body of a milestone (docs/formats/deadlines.md)."""

    kind: ProcessStep
    happened_on: date | None = None
    channel: Channel | None = None
    province: str | None = None
    district: str | None = None
    project_type: GridProjectType | None = None
    customer_completes_on: date | None = None
    document_sha256: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReminder:
    """Body of a reminder: which clock."""

    level: str
    subject: str


@router.post(
    "/orders/{order_no}/milestones", status_code=201, summary="Record a step (duty: drafter, supplier-desk)"
)
def post_milestone(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(*_RECORDS))],
    order_no: OrderNo,
    key: IdempotencyKey,
    body: RawBody,
) -> dict[str, object]:
    """Kept under the server's time; ``happened_on`` stands beside it and moves no clock."""
    sent = _read(SentMilestone, body)
    now = desk.office.clock.now()
    kept = record_milestone(desk.office, _milestone(sent, order_no, key, person, now))
    return milestone_json(kept)


@router.get("/orders/{order_no}/milestones", summary="All steps of an order, contract events too (any staff)")
def get_milestones(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))], order_no: OrderNo
) -> dict[str, object]:
    """Oldest first, with the marks that auditors look at."""
    del person
    progress = progress_of(desk.office, order_no)
    return {
        "order_no": order_no,
        "steps": [step_json(step) for step in progress.steps],
        "marks": [mark_json(line) for line in mark_lines((progress,))],
    }


@router.get("/orders/{order_no}/deadlines", summary="Every clock of an order (any staff)")
def get_deadlines(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))], order_no: OrderNo
) -> dict[str, object]:
    """Started when, due when, done when, overdue by how many working days."""
    del person
    clocks = progress_of(desk.office, order_no).clocks
    return {"order_no": order_no, "clocks": [clock_json(clock) for clock in clocks]}


@router.post("/orders/{order_no}/reminders", status_code=201, summary="Remind whose turn it is (not billing)")
def post_reminder(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(*_REMINDS))],
    order_no: OrderNo,
    body: RawBody,
) -> dict[str, object]:
    """Once a day for a clock; 422 ``already_reminded`` after that."""
    sent = _read(SentReminder, body)
    made = remind(desk.office, order_no, sent.level, sent.subject, by=person.id)
    deliver_now(desk)
    return {"order_no": order_no, "level": made.level, "asked_utc": utc_text(made.asked_utc)}


@router.get("/deadlines", summary="All overdue steps, and marks of work outside the system (any staff)")
def get_overdue(desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))]) -> dict[str, object]:
    """The longest overdue first."""
    del person
    orders, now = orders_in_progress(desk.office), desk.office.clock.now()
    return {
        "taken_utc": utc_text(now),
        "overdue": [
            {"order_no": line.order_no, "district": line.district} | clock_json(line.clock)
            for line in overdue_lines(orders, _today(now))
        ],
        "marks": [{"order_no": line.order_no} | mark_json(line) for line in mark_lines(orders)],
    }


@pages.get("/deadlines")
def show_deadlines(
    request: Request,
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(*Duty))],
    reminded: str = "",
) -> Response:
    """The list as a page; the finding is its title."""
    orders, now = orders_in_progress(desk.office), desk.office.clock.now()
    today = _today(now)
    overdue = overdue_lines(orders, today)
    return page(
        request,
        "deadlines.html",
        overdue=overdue[:_MOST_SHOWN],
        overdue_count=len(overdue),
        orders=len({line.order_no for line in overdue}),
        soon=due_soon(orders, today, house_calendar())[:_MOST_SHOWN],
        marks=mark_lines(orders)[:_MOST_SHOWN],
        most_shown=_MOST_SHOWN,
        may_remind=person.duty in _REMINDS,
        reminded=_one_of(orders, reminded),
        taken=beijing_text(now),
        provisional_from=day_zh(house_calendar().provisional_from),
    )


@pages.post("/deadlines/remind")
def remind_from_page(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(*_REMINDS))],
    order_no: Annotated[str, Form(max_length=64)],
    level: Annotated[str, Form(max_length=64)],
    subject: Annotated[str, Form(max_length=64)],
) -> Response:
    """As the API; then back to the list."""
    remind(desk.office, order_no, level, subject, by=person.id)
    deliver_now(desk)
    return RedirectResponse("/deadlines?" + urlencode({"reminded": order_no}), status_code=303)


@pages.get("/deadlines.csv")
def overdue_csv(desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))]) -> Response:
    """The overdue list for Excel."""
    del person
    today = _today(desk.office.clock.now())
    lines = overdue_lines(orders_in_progress(desk.office), today)
    return csv_file(f"deadlines-{today.isoformat()}.csv", OVERDUE_HEAD, map(overdue_cells, lines))


@pages.get("/deadlines/marks.csv")
def marks_csv(desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))]) -> Response:
    """The signs of work outside the system for Excel (reference K6)."""
    del person
    today = _today(desk.office.clock.now())
    lines = mark_lines(orders_in_progress(desk.office))
    return csv_file(f"marks-{today.isoformat()}.csv", MARKS_HEAD, map(mark_cells, lines))


def milestone_json(kept: MilestoneFile) -> dict[str, object]:
    """A recorded milestone."""
    return {
        "order_no": kept.order_no,
        "kind": kept.kind.value,
        "recorded_utc": utc_text(kept.recorded_utc),
        "happened_on": kept.happened_on.isoformat() if kept.happened_on else None,
    }


def _milestone(sent: SentMilestone, order_no: str, key: str, person: Person, now: datetime) -> MilestoneFile:
    return MilestoneFile(
        order_no=order_no,
        key=key,
        kind=sent.kind,
        recorded_utc=now,
        actor=person.id,
        happened_on=sent.happened_on,
        channel=sent.channel.value if sent.channel else "",
        province=_province(sent.province),
        district=sent.district or "",
        project_type=sent.project_type,
        customer_completes_on=sent.customer_completes_on,
        document_sha256=_digest(sent.document_sha256),
        note=sent.note or "",
    )


def _province(code: str | None) -> str:
    if code is None or code in PROVINCES:
        return code or ""
    words = ", ".join(PROVINCES)
    fault = Problem(
        path="province", code="word", en=f"province: write one of {words}", zh=f"省级单位应为 {words} 之一"
    )
    raise TermsUnreadableError((fault,))


def _digest(text: str | None) -> Bytes32 | None:
    if text is None:
        return None
    try:
        return Bytes32(bytes.fromhex(text))
    except ValueError as problem:
        fault = Problem(
            path="document_sha256",
            code="word",
            en="document_sha256: write 64 hexadecimal digits",
            zh="文件指纹应为 64 位十六进制字符",
        )
        raise TermsUnreadableError((fault,)) from problem


def _read(kind: type[_T], body: bytes) -> _T:
    problems: list[Problem] = []
    try:
        whole: JsonValue = parse_json(body)
    except (ValueError, RecursionError):
        whole = None
    value = typed_from(kind, whole, "", problems)
    if value is None:
        raise TermsUnreadableError(tuple(problems))
    return value


def _one_of(orders: tuple[OrderProgress, ...], order_no: str) -> str:
    """The order number if it is one of ours: nothing from the address is shown otherwise."""
    return next((order.order_no for order in orders if order.order_no == order_no), "")


def _today(now: datetime) -> date:
    return now.astimezone(BEIJING).date()
