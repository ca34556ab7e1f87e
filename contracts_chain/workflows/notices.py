"""Notices of cutting or ending supply, from the draft to the deed they allow.

Draft (facts verified, PDF with receipt slip, numbered without gaps) → passed by a lawyer who did not
draft it → served on paper, with the scanned receipt's digest on record → last call → used
once. Each step is a leaf under the notice's own number, and the service stands on the
contract's trail as well. An electronic copy may go along; it is never the service
(reference L2, §7.3). Must never let the clock of the clerk count: days are those of the receipt
slip and of the server, and no service lies before the draft or after today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.lifecycle import Deed, advance_agreement
from contracts_chain.agreements.notice_paper import facts_bytes, notice_document
from contracts_chain.agreements.notices import (
    Arrears,
    NoticeFacts,
    NoticeKind,
    PaperServiceRequiredError,
    Reminder,
    ServiceManner,
    earliest_day,
    notice_kind_named,
    verify_facts,
    verify_on_paper,
    verify_period,
)
from contracts_chain.agreements.separation import Part, SeparationOfDutiesError
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.codes import ElecCategory
from contracts_chain.agreements.terms.supply_terms import SupplyTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.workflows.chronicle import append_record
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_errors import NoticeStepError, UnknownNoticeError
from contracts_chain.workflows.life_files import NoticeFile
from contracts_chain.workflows.office import Office, UtilityProfile
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.standing import beijing_day, note_standing, verify_not_held
from kernel.canonical_json import JsonObject, JsonValue
from kernel.digests import digests_of
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32
from pdfgen.render import render

__all__ = [
    "NoticeWish",
    "Service",
    "call_last",
    "draft_notice",
    "pass_notice",
    "record_service",
    "use_notice",
]

_DEEDS: Final[Mapping[NoticeKind, Deed]] = MappingProxyType(
    {NoticeKind.CUT_OFF: Deed.SUSPEND, NoticeKind.ENDING: Deed.TERMINATE}
)
_HOUSEHOLDS: Final = frozenset(
    {ElecCategory.RESIDENT, ElecCategory.RURAL_RESIDENT, ElecCategory.URBAN_RESIDENT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWish:
    """What the clerk asks for; customer, address and account come from the contract.

    Attributes:
        ground: Why the contract is to end, for ``ENDING``; empty for ``CUT_OFF``.
        planned_on: First day on which supply may be cut or the contract ended.
    """

    kind: NoticeKind
    arrears: tuple[Arrears, ...]
    reminders: tuple[Reminder, ...]
    ground: str
    planned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How the paper reached the customer, as its receipt slip says.

    Attributes:
        served_on: Day on the slip, Beijing.
        recipient: Who took it.
        served_by: Who handed it over.
        receipt_sha256: Digest of the scanned slip.
    """

    served_on: date
    manner: ServiceManner
    recipient: str
    served_by: str
    receipt_sha256: Bytes32


def draft_notice(office: Office, agreement_number: str, wish: NoticeWish, *, by: str) -> NoticeFile:
    """Draft a notice for paper service: number, PDF with receipt slip, first leaf.

    Raises:
        UnknownNumberError: No such agreement.
        NoticeStepError: It is no supply contract.
        DisputeHoldError: A dispute holds it.
        TransitionRefusedError: The act is not possible in the contract's state.
        NoticeRefusedError: The facts do not allow the notice; every reason is listed.
    """
    now = office.clock.now().replace(microsecond=0)
    with office.work() as work:
        dossier = work.agreements.load(agreement_number, lock=True)
        verify_not_held(work, agreement_number)
        advance_agreement(dossier.state, _DEEDS[wish.kind])
        terms = _supply(dossier)
        facts = _facts(agreement_number, terms, wish)
        verify_facts(facts, terms.cut_off, today=beijing_day(now))
        number = _next_number(work, office.utility, beijing_day(now).year)
        pdf = _print(office.utility, facts, number, now)
        notice = NoticeFile(
            number=number,
            agreement_number=agreement_number,
            kind=wish.kind.value,
            facts=facts_bytes(facts),
            pdf_sha256=office.blobs.put(pdf),
            planned_on=facts.planned_on,
            drafted_by=by,
            drafted_utc=now,
        )
        work.notices.add(notice)
        details: JsonObject = {"agreement": agreement_number, "kind": wish.kind.value}
        _leaf(work, RecordKind.NOTICE_DRAFTED, number, pdf, now, by, details)
        work.commit()
    return notice


def pass_notice(office: Office, number: str, *, by: str) -> NoticeFile:
    """A lawyer has read the draft and lets it be served.

    Raises:
        UnknownNoticeError: No such notice.
        SeparationOfDutiesError: The drafter may not pass it.
    """
    with office.work() as work:
        notice = _held(work, number)
        if notice.drafted_by == by:
            raise SeparationOfDutiesError(person=PersonId(by), held=Part.DRAFTER, wanted=Part.REVIEWER)
        if notice.reviewed_by is None:
            notice = replace(notice, reviewed_by=by, reviewed_utc=office.clock.now())
            work.notices.save(notice)
            work.commit()
    return notice


def record_service(office: Office, number: str, service: Service, *, by: str) -> NoticeFile:
    """Record the service on paper; leaf of the notice, line and leaf of the contract.

    Raises:
        UnknownNoticeError: No such notice.
        PaperServiceRequiredError: It was sent electronically only.
        NoticeStepError: No lawyer passed it, it is served already, or the day cannot be.
    """
    verify_on_paper(number, service.manner)
    now = office.clock.now()
    with office.work() as work:
        notice = _held(work, number)
        _verify_servable(notice, service, beijing_day(now))
        served = replace(
            notice,
            served_on=service.served_on,
            manner=service.manner.value,
            recipient=service.recipient,
            served_by=service.served_by,
            receipt_sha256=service.receipt_sha256,
            service_recorded_by=by,
            service_recorded_utc=now,
        )
        work.notices.save(served)
        dossier = work.agreements.load(notice.agreement_number, lock=True)
        details = _service_json(service) | {"reviewed_by": notice.reviewed_by or ""}
        pdf = office.blobs.get(notice.pdf_sha256)
        record = _leaf(work, RecordKind.NOTICE_SERVED, number, pdf, now, by, details)
        standing: JsonObject = details | {
            "leaf": record.leaf().hex(),
            "notice": number,
            "reason": notice_kind_named(notice.kind).zh,
            "status": "notice_served",
        }
        evidence = note_standing(work, dossier, to=dossier.state, at=now, actor=by, details=standing)
        work.agreements.save(replace(dossier, evidence_state=evidence))
        work.commit()
    return served


def call_last(office: Office, number: str, *, by: str) -> NoticeFile:
    """Record that the customer was called once more, now, before supply is cut.

    Raises:
        UnknownNoticeError: No such notice.
        NoticeStepError: It is not served yet.
    """
    with office.work() as work:
        notice = _held(work, number)
        if notice.served_on is None:
            raise NoticeStepError(number, "serve it on paper first", "尚未纸质送达；请先送达并登记")
        called = replace(notice, final_notice_by=by, final_notice_utc=office.clock.now())
        work.notices.save(called)
        work.commit()
    return called


def use_notice(
    work: UnitOfWork, number: str, agreement_number: str, kind: NoticeKind | None, now: datetime
) -> NoticeFile:
    """Use up a served notice for the deed it announced; the caller does the deed and commits.

    Args:
        work: The caller's transaction.
        number: Of the notice.
        agreement_number: The contract of the deed.
        kind: What the deed needs; ``None`` where it needs no notice.
        now: The present moment.

    Raises:
        UnknownNoticeError: No such notice of this contract.
        NoticeStepError: It announces another act, or was used.
        PaperServiceRequiredError: It was never served on paper.
        NoticeRefusedError: Its period runs, or the last call is missing.
    """
    notice = _held(work, number)
    if notice.agreement_number != agreement_number:
        raise UnknownNoticeError(number)
    if kind is None or notice.kind != kind.value or notice.used_utc is not None:
        raise NoticeStepError(
            number,
            "it announces another act, or was used already; draft the one that fits",
            "该通知书不适用于本操作，或已使用；请另行出具相应通知书",
        )
    if notice.served_on is None:
        raise PaperServiceRequiredError(number)
    terms = _supply(work.agreements.load(agreement_number))
    earliest = earliest_day(
        notice.served_on, notice.planned_on, terms.cut_off.notice_days, resident=_is_resident(terms)
    )
    verify_period(number, earliest=earliest, final_notice=notice.final_notice_utc, now=now)
    used = replace(notice, used_utc=now)
    work.notices.save(used)
    return used


def _supply(dossier: AgreementDossier) -> SupplyTerms:
    terms = load_terms(dossier.terms)
    if not isinstance(terms, SupplyTerms):
        raise NoticeStepError(
            dossier.number,
            "only a supply contract has supply to cut; name the supply contract",
            "只有供用电合同涉及中止或终止供电；请指明供用电合同",
        )
    return terms


def _facts(agreement_number: str, terms: SupplyTerms, wish: NoticeWish) -> NoticeFacts:
    return NoticeFacts(
        kind=wish.kind,
        agreement_number=agreement_number,
        customer=terms.consumer.name,
        account_no=terms.cust_no,
        supply_addr=terms.supply_addr,
        resident=_is_resident(terms),
        arrears=wish.arrears,
        reminders=wish.reminders,
        ground=wish.ground,
        planned_on=wish.planned_on,
    )


def _is_resident(terms: SupplyTerms) -> bool:
    return terms.KIND is AgreementKind.LV_RES_SUPPLY or terms.elec_categ in _HOUSEHOLDS


def _next_number(work: UnitOfWork, utility: UtilityProfile, year: int) -> str:
    serial = work.numbers.next_serial(f"notice:{utility.unit}:{year}")
    return f"TZ{utility.unit}{year}{serial:05d}"


def _print(utility: UtilityProfile, facts: NoticeFacts, number: str, now: datetime) -> bytes:
    document = notice_document(
        facts,
        number=number,
        issuer=utility.name,
        issued_utc=now,
        mark=utility.mark,
        qr_text=f"{utility.verify_url}/q/{facts.agreement_number}",
    )
    return render(document).pdf


def _held(work: UnitOfWork, number: str) -> NoticeFile:
    notice = work.notices.find(number, lock=True)
    if notice is None:
        raise UnknownNoticeError(number)
    return notice


def _verify_servable(notice: NoticeFile, service: Service, today: date) -> None:
    if notice.reviewed_by is None:
        raise NoticeStepError(
            notice.number, "a lawyer has to pass it before it is served", "送达前须经法务审核；请先送法务审核"
        )
    if notice.served_on is not None:
        raise NoticeStepError(notice.number, "it is served already", "已登记送达，不得重复登记")
    if not beijing_day(notice.drafted_utc) <= service.served_on <= today:
        raise NoticeStepError(
            notice.number,
            f"the day on the slip, {service.served_on}, is before the draft or after today; check the slip",
            f"回证日期 {service.served_on} 早于出具日或晚于今日；请核对送达回证",
        )


def _service_json(service: Service) -> dict[str, JsonValue]:
    return {
        "manner": service.manner.value,
        "receipt_sha256": service.receipt_sha256.hex(),
        "recipient": service.recipient,
        "served_by": service.served_by,
        "served_on": service.served_on.isoformat(),
    }


def _leaf(
    work: UnitOfWork,
    kind: RecordKind,
    number: str,
    pdf: bytes,
    at: datetime,
    actor: str,
    details: JsonObject,
) -> Record:
    document = digests_of(pdf)
    return append_record(work, kind, subject=number, document=document, at=at, actor=actor, details=details)
