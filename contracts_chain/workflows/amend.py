"""Changes of an executed agreement: begun on a plan, then carried by a paper of their own.

``begin_change`` holds the request against its row of the change table and commits the intent
(the plan with the clerk's declarations, the main contract ``amending`` or ``renewing``);
``draft_follower`` draws up the paper, which is reviewed, offered and signed like any other; the
job of ``settle`` finds it signed or come to nothing and finishes the main contract. Each may be
repeated after a crash. Must never change the main contract's own text: what is agreed later
stands in the later paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.change_plan import plan_change
from contracts_chain.agreements.change_request import ChangeRefusedError, ChangeRequest, ChangeStanding, Unmet
from contracts_chain.agreements.change_triggers import ChangeEffect, ChangeTrigger, row_of
from contracts_chain.agreements.lifecycle import AgreementState, Deed, advance_agreement
from contracts_chain.agreements.terms import AgreementKind, Terms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.workflows.change_records import close_change, plan_bytes, plan_json, suspensions_of
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.life_errors import ChangeOpenError, NoChangeError
from contracts_chain.workflows.life_files import ChangeFile, ChangeKind
from contracts_chain.workflows.numbers import supplement_numbers
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.standing import execution_record, note_standing, verify_not_held
from kernel.canonical_json import JsonObject

__all__ = ["abandon_change", "begin_change", "draft_follower"]

_KINDS: Final[Mapping[ChangeEffect, ChangeKind]] = MappingProxyType(
    {
        ChangeEffect.NEW_CONTRACT: "successor",
        ChangeEffect.SUPPLEMENT: "supplement",
        ChangeEffect.NOTICE: "notice",
        ChangeEffect.TERMINATE_AND_NEW: "successor",
        ChangeEffect.TERMINATION: "termination",
        ChangeEffect.REMINDER: "renewal",
    }
)
_DEEDS: Final[Mapping[ChangeKind, Deed]] = MappingProxyType(
    {
        "supplement": Deed.BEGIN_AMENDMENT,
        "termination": Deed.BEGIN_AMENDMENT,
        "renewal": Deed.BEGIN_RENEWAL,
    }
)
"""What a change does to the main contract at once; a successor and a notice annex leave it in force."""
_PAPERS: Final[Mapping[ChangeKind, AgreementKind]] = MappingProxyType(
    {"supplement": AgreementKind.SUPPLEMENT, "termination": AgreementKind.TERMINATION}
)


def begin_change(
    office: Office, number: str, trigger: ChangeTrigger, request: ChangeRequest, *, order_no: str, by: str
) -> ChangeFile:
    """Begin a change; the same order number again returns the change that stands.

    Args:
        office: Where time and records come from.
        number: The main contract.
        trigger: The business.
        request: Days, figures and the clerk's declarations.
        order_no: Business number of the change.
        by: Who begins it, as an id of the service.

    Raises:
        UnknownNumberError: No such agreement.
        NotExecutedError: It was never executed.
        DisputeHoldError: A dispute holds it.
        ChangeRefusedError: Conditions of the change do not hold; all are listed.
        ChangeOpenError: Another change is under way.
        TransitionRefusedError: The contract is not in force.
    """
    if trigger is ChangeTrigger.NEW:
        raise ChangeRefusedError(number, trigger, (_NEW_HAS_NO_MAIN,))
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        changes = work.life.changes_of(number)
        for change in changes:
            if (change.order_no, change.trigger) == (order_no, trigger.value):
                return change
        verify_not_held(work, number)
        execution_record(work, dossier)
        standing = ChangeStanding(
            number=number,
            capacity_kva=load_terms(dossier.terms).capacity_kva,
            suspensions=suspensions_of(changes),
        )
        plan = plan_change(standing, trigger, request, house_calendar())
        for change in changes:
            if change.state == "open" or change.order_no == order_no:
                raise ChangeOpenError(change)
        opened = _opened(office, work, dossier, plan_bytes(plan), trigger, order_no, by)
        work.commit()
    return opened


def draft_follower(office: Office, number: str, terms: Terms, *, order_no: str, by: str) -> AgreementDossier:
    """Draw up the paper of an open change: ``(Bn)`` for supplements and terminations.

    The same terms again give the same draft under the same number.

    Raises:
        NoChangeError: No change of this order waits for a paper of this class about this contract.
        RulesViolatedError: The terms break rules; nothing was stored.
        AlreadyDraftedError: The order has another paper of this class.
    """
    with office.work() as work:
        change = _awaiting(work, number, terms, order_no)
    beside_main = change.kind in _PAPERS
    series = supplement_numbers(number) if beside_main else None
    drafted = draft_agreement(office, terms, order_no=order_no, drafted_by=by, series=series)
    with office.work() as work:
        work.agreements.load(number, lock=True)
        standing = _open_of(work, number, order_no)  # it may have been given up while the paper was drawn
        work.life.save_change(replace(standing, follower=drafted.number))
        work.commit()
    return drafted


def abandon_change(office: Office, number: str, order_no: str, *, reason: str, by: str) -> AgreementDossier:
    """Give up a change whose paper was never drafted, or came to nothing.

    Raises:
        UnknownNumberError: No such agreement.
        NoChangeError: No open change of this order.
        DisputeHoldError: A dispute holds the contract.
        ChangeOpenError: Its paper is on its way: withdraw that first.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        verify_not_held(work, number)
        change = _open_of(work, number, order_no)
        if change.follower is not None and not work.agreements.load(change.follower).came_to_nothing:
            raise ChangeOpenError(change)
        now = office.clock.now()
        saved = close_change(work, dossier, change, "abandoned", at=now, actor=by, details={"reason": reason})
        work.commit()
    return saved


_NEW_HAS_NO_MAIN: Final = Unmet(
    condition="CH-NEW",
    en="a new connection changes no contract; draft it from its order",
    zh="新装不属于合同变更；请按业务单起草新合同",
)


def _opened(
    office: Office,
    work: UnitOfWork,
    dossier: AgreementDossier,
    plan: bytes,
    trigger: ChangeTrigger,
    order_no: str,
    by: str,
) -> ChangeFile:
    now, kind = office.clock.now(), _KINDS[row_of(trigger).effect]
    deed = _DEEDS.get(kind)
    state = advance_agreement(dossier.state, deed) if deed else _must_run(dossier)
    details: JsonObject = {
        "status": "noticed" if kind == "notice" else "change_begun",
        "reason": trigger.zh,
        "order_no": order_no,
        "plan": plan_json(plan),
    }
    evidence = note_standing(work, dossier, to=state, at=now, actor=by, details=details)
    work.agreements.save(replace(dossier, state=state, evidence_state=evidence))
    return work.life.open_change(
        ChangeFile(
            number=dossier.number,
            order_no=order_no,
            kind=kind,
            trigger=trigger.value,
            plan=plan,
            state="done" if kind == "notice" else "open",
            opened_by=by,
            opened_utc=now,
            closed_utc=now if kind == "notice" else None,
        )
    )


def _must_run(dossier: AgreementDossier) -> AgreementState:
    """The state as it is, if the contract runs: what may be amended may also be noticed or followed."""
    advance_agreement(dossier.state, Deed.EXPIRE)
    return dossier.state


def _awaiting(work: UnitOfWork, number: str, terms: Terms, order_no: str) -> ChangeFile:
    change = _open_of(work, number, order_no)
    due = _PAPERS.get(change.kind)
    fits = terms.KIND not in _PAPERS.values() if due is None else terms.KIND is due
    if not fits or (due is not None and number not in terms.related_numbers()):
        raise NoChangeError(number, order_no)
    return change


def _open_of(work: UnitOfWork, number: str, order_no: str) -> ChangeFile:
    for change in work.life.changes_of(number):
        if change.order_no == order_no and change.state == "open":
            return change
    raise NoChangeError(number, order_no)
