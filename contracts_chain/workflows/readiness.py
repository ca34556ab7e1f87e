"""``ready_to_energise``: the answer for an order, and the event when it first becomes yes (reference C2).

The question is answered from the store each time it is asked. The event goes out once: the look
holds the order's row, so of two signers who finish an order together one announcer finds it
ready and the other finds it announced. Must never announce from what it did not read itself.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.readiness import (
    AgreementFacts,
    Missing,
    OrderFactKind,
    OrderFacts,
    judge_readiness,
)
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.life_files import OrderFact
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_process_event
from contracts_chain.workflows.standing import beijing_day
from kernel.clock import utc_text
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Bytes32

__all__ = ["Readiness", "announce_ready", "answer_for", "readiness", "record_fact"]

_LOG = logging.getLogger("contracts_chain.worker")
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """May this order be connected?

    Attributes:
        ready: Nothing is missing.
        missing: What is, each with who does what.
        as_of: When it was asked.
        announced_utc: When it was first found ready, if it was.
    """

    order_no: str
    ready: bool
    missing: tuple[Missing, ...]
    as_of: datetime
    announced_utc: datetime | None


def readiness(office: Office, order_no: str) -> Readiness:
    """Answer the one question.

    Raises:
        UnknownNumberError: No agreement was ever drafted for this order.
    """
    with office.work() as work:
        return answer_for(work, order_no, office.clock.now())


def answer_for(work: UnitOfWork, order_no: str, now: datetime) -> Readiness:
    """The same answer where there is only a database at hand.

    Raises:
        UnknownNumberError: No agreement was ever drafted for this order.
    """
    missing = _missing(work, order_no)
    return Readiness(
        order_no=order_no,
        ready=not missing,
        missing=missing,
        as_of=now,
        announced_utc=work.orders.ready_since(order_no),
    )


def record_fact(
    office: Office,
    order_no: str,
    kind: OrderFactKind,
    *,
    reference: str,
    document_sha256: Bytes32 | None,
    by: str,
) -> Readiness:
    """Record a fact of the order with its paper, and answer anew.

    Raises:
        UnknownNumberError: No agreement was ever drafted for this order.
    """
    now = office.clock.now()
    with office.work() as work:
        _dossiers(work, order_no)
        work.orders.record(
            OrderFact(
                order_no=order_no,
                kind=kind,
                reference=reference,
                document_sha256=document_sha256,
                recorded_by=by,
                recorded_utc=now,
            )
        )
        work.commit()
    _announce(office, order_no)
    return readiness(office, order_no)


def announce_ready(office: Office, *, most: int = _BATCH) -> int:
    """Look at the orders where something happened; return how many were found ready for the first time."""
    with office.work() as work:
        due = work.orders.to_look_at(most)
    return sum(_attempt(office, order_no) for order_no in due)


def _attempt(office: Office, order_no: str) -> bool:
    """One order that cannot be judged does not keep the others waiting."""
    try:
        return _announce(office, order_no)
    except ContractsChainError as problem:
        _LOG.error("whether order %s is ready is unknown: %s %s", order_no, problem.code, problem.en)
        return False


def _announce(office: Office, order_no: str) -> bool:
    with office.work() as work:
        now = office.clock.now()
        work.orders.note_look(order_no, now)  # held until commit: what is read now is what is announced
        ready = not _missing(work, order_no) and work.orders.mark_ready(order_no, now)
        if ready:
            change = {"as_of": utc_text(now)}
            note_process_event(work, order_no, ProcessEventKind.READY_TO_ENERGISE, at=now, change=change)
        work.commit()
    return ready


def _missing(work: UnitOfWork, order_no: str) -> tuple[Missing, ...]:
    facts = OrderFacts(
        order_no=order_no,
        agreements=tuple(_facts_of(dossier) for dossier in _dossiers(work, order_no)),
        recorded=frozenset(fact.kind for fact in work.orders.facts_of(order_no)),
    )
    return judge_readiness(facts)


def _dossiers(work: UnitOfWork, order_no: str) -> tuple[AgreementDossier, ...]:
    numbers = work.orders.agreements_of(order_no)
    if not numbers:
        raise UnknownNumberError(order_no)
    return tuple(work.agreements.load(number) for number in numbers)


def _facts_of(dossier: AgreementDossier) -> AgreementFacts:
    terms = load_terms(dossier.terms)
    executed = dossier.executed_utc
    return AgreementFacts(
        number=dossier.number,
        kind=terms.KIND,
        state=dossier.state,
        executed_on=None if executed is None else beijing_day(executed),
        terms=terms,
    )
