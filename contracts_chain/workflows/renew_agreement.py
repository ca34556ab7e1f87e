"""What the parties do about the end of a term: object to its continuing, or renew by a new contract.

An objection is recorded as the party gave it, until the term is over; the text asks for it thirty
days before, so a later one is kept and marked late, for a lawyer to judge. A renewal is a
change like any other (``amend``): the old contract stays in force to its last day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from contracts_chain.agreements.change_request import ChangeRequest
from contracts_chain.agreements.change_triggers import ChangeTrigger
from contracts_chain.agreements.lifecycle import Deed, allowed_deeds
from contracts_chain.workflows.amend import begin_change
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_errors import NoTermError
from contracts_chain.workflows.life_files import ChangeFile, LifeSpan
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.standing import beijing_day, note_standing, verify_not_held
from kernel.canonical_json import JsonObject

__all__ = ["OBJECTION_DAYS", "begin_renewal", "object_to_renewal"]

OBJECTION_DAYS = 30
"""Days before the end by which the text asks for an objection."""


def object_to_renewal(
    office: Office, number: str, *, party: str, objection: str, by: str
) -> AgreementDossier:
    """Record that a party does not want the term to continue; the first objection stands.

    Args:
        office: Where time and records come from.
        number: The agreement.
        party: Role of the party that objects.
        objection: Its words, and how they came in.
        by: Who recorded it, as an id of the service.

    Raises:
        UnknownNumberError: No such agreement.
        NoTermError: It does not continue by itself, or its term is over.
        DisputeHoldError: A dispute holds it.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        verify_not_held(work, number)
        now = office.clock.now()
        span, ends_on = _running_term(work, dossier, beijing_day(now))
        if not span.auto_renew or span.renewals:
            raise NoTermError(number)
        if span.objected_by is not None:
            return dossier
        work.life.save_span(replace(span, objected_by=party, objection=objection, objected_utc=now))
        late = (ends_on - beijing_day(now)).days < OBJECTION_DAYS
        details: JsonObject = {"status": "objected", "reason": objection, "party": party, "late": late}
        evidence = note_standing(work, dossier, to=dossier.state, at=now, actor=by, details=details)
        saved = work.agreements.save(replace(dossier, evidence_state=evidence))
        work.commit()
    return saved


def begin_renewal(office: Office, number: str, *, order_no: str, by: str) -> ChangeFile:
    """Begin to renew by a new contract; ``amend.draft_follower`` then drafts it.

    Raises:
        UnknownNumberError: No such agreement.
        NoTermError: Its term does not run.
        ChangeOpenError: Another change is under way.
        DisputeHoldError: A dispute holds it.
        TransitionRefusedError: The contract is not in force.
    """
    today = beijing_day(office.clock.now())
    with office.work() as work:
        _, ends_on = _running_term(work, work.agreements.load(number), today)
    request = ChangeRequest(applied_on=today, effective_on=ends_on)
    return begin_change(office, number, ChangeTrigger.EXPIRY, request, order_no=order_no, by=by)


def _running_term(work: UnitOfWork, dossier: AgreementDossier, today: date) -> tuple[LifeSpan, date]:
    span = work.life.find_span(dossier.number)
    if span is None or span.ends_on is None or span.ends_on < today:
        raise NoTermError(dossier.number)
    if Deed.EXPIRE not in allowed_deeds(dossier.state):
        raise NoTermError(dossier.number)
    return span, span.ends_on
