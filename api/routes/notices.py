"""Notices of cutting or ending supply: drafted, passed by a lawyer, served on paper, used (L2, R-CUT-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.routes.desk import AtDesk, OnDuty, RawBody
from api.routes.drafts import body_as
from api.routes.readiness import digest_of
from api.staff import Duty, Person
from contracts_chain.agreements.notices import Arrears, NoticeKind, Reminder, ServiceManner
from contracts_chain.evidence.strict_fields import parse_object
from contracts_chain.workflows.life_errors import UnknownNoticeError
from contracts_chain.workflows.life_files import NoticeFile
from contracts_chain.workflows.notices import (
    NoticeWish,
    Service,
    call_last,
    draft_notice,
    pass_notice,
    record_service,
)
from contracts_chain.workflows.office import Office
from kernel.clock import utc_text
from kernel.money import Fen

__all__ = ["notice_json", "router"]

router = APIRouter(prefix="/api/v1")

Lawyer = Annotated[Person, Depends(OnDuty(Duty.REVIEWER))]
Clerk = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))]
Reader = Annotated[Person, Depends(OnDuty(*Duty))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentArrears:
    """One unpaid bill; the amount in fen."""

    bill_no: str
    period: str
    amount_fen: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SentNotice:
    """Body of a notice; customer, account and address come from the contract."""

    kind: NoticeKind
    planned_on: date
    arrears: tuple[SentArrears, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentService:
    """Body of a service, as the receipt slip says."""

    served_on: date
    manner: ServiceManner
    recipient: str
    served_by: str
    receipt_sha256: str


@router.post(
    "/agreements/{number}/notices", status_code=201, summary="Draft for paper service (duty: supplier-desk)"
)
def post_notice(desk: AtDesk, person: Clerk, number: str, body: RawBody) -> dict[str, object]:
    """Refused with every condition that does not hold; the PDF holds the receipt slip (送达回证)."""
    sent = body_as(SentNotice, body)
    wish = NoticeWish(
        kind=sent.kind,
        arrears=tuple(
            Arrears(bill_no=one.bill_no, period=one.period, amount=Fen(one.amount_fen), due_on=one.due_on)
            for one in sent.arrears
        ),
        reminders=sent.reminders,
        ground=sent.ground,
        planned_on=sent.planned_on,
    )
    return notice_json(draft_notice(desk.office, number, wish, by=person.id))


@router.get("/notices/{notice_no}", summary="A notice, its facts and service (any staff)")
def get_notice(desk: AtDesk, person: Reader, notice_no: str) -> dict[str, object]:
    """With the note for the file that is not printed for the customer."""
    del person
    notice = _found(desk.office, notice_no)
    return notice_json(notice) | {"facts": parse_object(notice.facts, "facts")}


@router.get("/notices/{notice_no}/paper.pdf", summary="The printed text with its receipt slip (any staff)")
def get_paper(desk: AtDesk, person: Reader, notice_no: str) -> Response:
    """To print, seal and serve on paper."""
    del person
    notice = _found(desk.office, notice_no)
    disposition = {"Content-Disposition": f'inline; filename="{notice.number}.pdf"'}
    return Response(
        desk.office.blobs.get(notice.pdf_sha256), media_type="application/pdf", headers=disposition
    )


@router.post("/notices/{notice_no}/pass", summary="A lawyer passes it (duty: reviewer)")
def post_pass(desk: AtDesk, person: Lawyer, notice_no: str) -> dict[str, object]:
    """Nobody serves it before."""
    return notice_json(pass_notice(desk.office, notice_no, by=person.id))


@router.post("/notices/{notice_no}/service", summary="Record the paper service (duty: supplier-desk)")
def post_service(desk: AtDesk, person: Clerk, notice_no: str, body: RawBody) -> dict[str, object]:
    """Manner ``ELECTRONIC`` is refused: ``paper_service_required``."""
    sent = body_as(SentService, body)
    service = Service(
        served_on=sent.served_on,
        manner=sent.manner,
        recipient=sent.recipient,
        served_by=sent.served_by,
        receipt_sha256=digest_of(sent.receipt_sha256, "receipt_sha256"),
    )
    return notice_json(record_service(desk.office, notice_no, service, by=person.id))


@router.post("/notices/{notice_no}/last-call", summary="Record the last call before a cut (supplier-desk)")
def post_last_call(desk: AtDesk, person: Clerk, notice_no: str) -> dict[str, object]:
    """Supply is suspended an hour later at the earliest."""
    return notice_json(call_last(desk.office, notice_no, by=person.id))


def notice_json(notice: NoticeFile) -> dict[str, object]:
    """A notice as staff machines see it; it is always to be served on paper."""
    called = notice.final_notice_utc
    return {
        "number": notice.number,
        "agreement": notice.agreement_number,
        "kind": notice.kind,
        "paper_service_required": True,
        "legal_review": "passed" if notice.reviewed_by else "due",
        "sha256": notice.pdf_sha256.hex(),
        "planned_on": notice.planned_on.isoformat(),
        "served_on": None if notice.served_on is None else notice.served_on.isoformat(),
        "manner": notice.manner,
        "last_call_utc": None if called is None else utc_text(called),
        "used_utc": None if notice.used_utc is None else utc_text(notice.used_utc),
    }


def _found(office: Office, number: str) -> NoticeFile:
    with office.work() as work:
        notice = work.notices.find(number)
    if notice is None:
        raise UnknownNoticeError(number)
    return notice
