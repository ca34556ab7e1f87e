"""Ways into every state of an agreement, by the deeds themselves, in an office in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from memory_office import MemoryOffice, sample

from contracts_chain.agreements.change_request import ChangeRequest, DeclaredFact
from contracts_chain.agreements.change_triggers import ChangeTrigger, Judged, row_of
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows.amend import begin_change
from contracts_chain.workflows.callback_files import ProcessEvent
from contracts_chain.workflows.dispute import hold_for_dispute
from contracts_chain.workflows.expire import archive_agreement, expire_when_due
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.offer import Offer, offer
from contracts_chain.workflows.process_events import tell_events
from contracts_chain.workflows.renew_agreement import begin_renewal
from contracts_chain.workflows.review import approve, return_to_draft, submit_for_review
from contracts_chain.workflows.status import StatusDeed, change_status, enter, move_standing
from contracts_chain.workflows.withdraw import RejectionReason, reject, withdraw

__all__ = ["WAYS", "approved", "events_of", "executed", "offered"]

A = AgreementState


def events_of(world: MemoryOffice, subject: str) -> list[ProcessEvent]:
    """What other systems are told of a subject, in sequence."""
    tell_events(world.office)
    with world.office.work() as work:
        return list(work.callbacks.events_of(subject))


def submitted(world: MemoryOffice, order_no: str = "ORDER-1") -> str:
    number = world.draft(order_no=order_no)
    submit_for_review(world.office, number, by="li")
    return number


def returned(world: MemoryOffice) -> str:
    number = submitted(world)
    return_to_draft(world.office, number, reviewer="wang", reason="户名有误")
    return number


def approved(world: MemoryOffice, order_no: str = "ORDER-1") -> str:
    number = submitted(world, order_no)
    approve(world.office, number, reviewer="wang")
    return number


def offered(world: MemoryOffice, order_no: str = "ORDER-1") -> Offer:
    return offer(world.office, approved(world, order_no), by="desk")


def partly_signed(world: MemoryOffice) -> str:
    made = offered(world)
    world.sign(made.tokens["consumer"])
    return made.dossier.number


def executed(world: MemoryOffice, order_no: str = "ORDER-1") -> str:
    made = offered(world, order_no)
    for role in ("consumer", "supplier"):
        world.sign(made.tokens[role])
    return made.dossier.number


def in_force(world: MemoryOffice, order_no: str = "ORDER-1") -> str:
    number = executed(world, order_no)
    world.clock.advance(timedelta(days=max(0, (sample().valid_from - world.clock.now().date()).days)))
    assert enter(world.office, number)
    return number


def amending(world: MemoryOffice) -> str:
    number, today = in_force(world), world.clock.now().date()
    due = (one for one in row_of(ChangeTrigger.RENAME).conditions if one.judged is Judged.DECLARED)
    declared = tuple(DeclaredFact(condition=one.id, holds=True, basis="核实单") for one in due)
    request = ChangeRequest(applied_on=today, effective_on=today + timedelta(days=20), declared=declared)
    begin_change(world.office, number, ChangeTrigger.RENAME, request, order_no="BG-1", by="desk")
    return number


def renewing(world: MemoryOffice) -> str:
    number = in_force(world)
    begin_renewal(world.office, number, order_no="XQ-1", by="desk")
    return number


def moved(world: MemoryOffice, deed: StatusDeed, **details: str) -> str:
    """The arrow itself, where the paper or notice that allows it is another test's affair."""
    number = in_force(world)
    with world.office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        facts: dict[str, Any] = {"reason": "付清为止", **details}
        move_standing(work, dossier, deed, at=world.clock.now(), actor="desk", details=facts)
        work.commit()
    return number


def disputed(world: MemoryOffice) -> str:
    number = in_force(world)
    hold_for_dispute(world.office, number, reason="计量误差", case_no="", by="legal")
    return number


def expired(world: MemoryOffice) -> str:
    number = in_force(world)
    with world.office.work() as work:
        span = work.life.find_span(number)
        assert span is not None
        work.life.save_span(replace(span, ends_on=world.clock.now().date(), renewals=1))
        work.commit()
    world.clock.advance(timedelta(days=2))
    assert expire_when_due(world.office) == 1
    return number


def terminated(world: MemoryOffice) -> str:
    number = in_force(world)
    change_status(world.office, number, StatusDeed.TERMINATE, reason="协商一致", by="desk")
    return number


def superseded(world: MemoryOffice) -> str:
    successor = executed(world, "ORDER-2")
    number = in_force(world)
    change_status(
        world.office, number, StatusDeed.SUPERSEDE, reason="重新签订", by="desk", successor=successor
    )
    return number


def archived(world: MemoryOffice) -> str:
    number = terminated(world)
    archive_agreement(world.office, number, by="desk")
    return number


def rejected(world: MemoryOffice) -> str:
    made = offered(world)
    reject(world.office, made.tokens["consumer"], reason=RejectionReason.OTHER, words="张三另有安排")
    return made.dossier.number


def withdrawn(world: MemoryOffice) -> str:
    number = offered(world).dossier.number
    withdraw(world.office, number, reason="王经理要求撤回", by="desk")
    return number


def lapsed(world: MemoryOffice) -> str:
    number = offered(world).dossier.number
    world.clock.advance(timedelta(days=400))
    assert lapse_overdue(world.office) == 1
    return number


WAYS: dict[AgreementState, Callable[[MemoryOffice], str]] = {
    A.DRAFT: MemoryOffice.draft,
    A.IN_REVIEW: submitted,
    A.RETURNED: returned,
    A.APPROVED: approved,
    A.OFFERED: lambda world: offered(world).dossier.number,
    A.PARTLY_SIGNED: partly_signed,
    A.EXECUTED: executed,
    A.IN_FORCE: in_force,
    A.AMENDING: amending,
    A.RENEWING: renewing,
    A.SUSPENDED: lambda world: moved(world, StatusDeed.SUSPEND),
    A.DISPUTED: disputed,
    A.EXPIRED: expired,
    A.TERMINATED: terminated,
    A.SUPERSEDED: superseded,
    A.ARCHIVED: archived,
    A.REJECTED: rejected,
    A.WITHDRAWN: withdrawn,
    A.LAPSED: lapsed,
}
