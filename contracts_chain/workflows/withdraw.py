"""Ends an agreement before it is formed: withdrawn by the utility, rejected by a party.

Either needs a reason. Links die with it, and what was offered or approved ends with a leaf,
so that nobody can say later that the offer still stood. Must never end a formed contract:
that is terminated instead (``workflows.status``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from contracts_chain.agreements.lifecycle import Deed, EvidenceState, advance_agreement
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft_errors import ReasonMissingError
from contracts_chain.workflows.errors import SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import moves
from kernel.canonical_json import JsonObject
from kernel.digests import digests_of, sha256

__all__ = [
    "RejectionReason",
    "close_agreement",
    "hold_all_with_links",
    "hold_with_links",
    "reject",
    "withdraw",
]


class RejectionReason(Coded):
    """Why a party does not sign (WEB.md S11), as it chooses on its screen."""

    WRONG_FACTS = ("wrong_facts", "信息有误")
    CLAUSE = ("clause", "不同意条款")
    NOT_ME = ("not_me", "不是我")
    OTHER = ("other", "其他")


_EVENT = {
    Deed.WITHDRAW: TrailEventKind.WITHDRAWN,
    Deed.REJECT: TrailEventKind.REJECTED,
    Deed.LAPSE: TrailEventKind.LAPSED,
}
_RECORD = {
    Deed.WITHDRAW: RecordKind.AGREEMENT_WITHDRAWN,
    Deed.REJECT: RecordKind.AGREEMENT_REJECTED,
    Deed.LAPSE: RecordKind.AGREEMENT_LAPSED,
}


def withdraw(office: Office, number: str, *, reason: str, by: str) -> AgreementDossier:
    """Take a draft or an offer back; the order may then be drafted anew under another number.

    Raises:
        ReasonMissingError: No reason is given.
        TransitionRefusedError: It is formed or ended already.
        UnknownNumberError: No such agreement.
    """
    if not reason.strip():
        raise ReasonMissingError
    with office.work() as work:
        dossier = hold_with_links(work, number)
        details: JsonObject = {"reason": reason.strip()}
        ended = close_agreement(
            office, work, dossier, Deed.WITHDRAW, at=office.clock.now(), by=by, details=details
        )
        work.commit()
    return ended


def reject(office: Office, token: str, *, reason: RejectionReason, words: str = "") -> AgreementDossier:
    """The holder of a link does not sign; the agreement ends for all parties.

    Args:
        office: Where records are kept.
        token: The party's link.
        reason: The choice made.
        words: What the party added; required with ``clause`` (which) and ``other`` (what).

    Raises:
        UnknownNumberError: No such link.
        ReasonMissingError: The choice needs words and has none.
        SignatureTurnError: This party has signed, or its link is closed.
        TransitionRefusedError: The agreement is not open for signing.
    """
    words = words.strip()
    if not words and reason in {RejectionReason.CLAUSE, RejectionReason.OTHER}:
        raise ReasonMissingError
    with office.work() as work:
        token_sha256 = sha256(token.encode())
        found = work.ceremonies.find(token_sha256)
        if found is None:
            raise UnknownNumberError("–")
        dossier = hold_with_links(work, found.number)
        ceremony = work.ceremonies.find(token_sha256) or found  # as it stands under the lock
        own = [slot for slot in dossier.slots if slot.role == ceremony.role]
        if ceremony.state != "open" or any(slot.signed for slot in own):
            raise SignatureTurnError(ceremony.role, None)
        details: JsonObject = {"reason": reason.value, "role": ceremony.role, "words": words}
        actor = f"{ceremony.role}:{own[0].signer_name}"
        ended = close_agreement(
            office, work, dossier, Deed.REJECT, at=office.clock.now(), by=actor, details=details
        )
        work.commit()
    return ended


def hold_with_links(work: UnitOfWork, number: str) -> AgreementDossier:
    """Lock every link of an agreement, then the agreement: the order in which parties lock them.

    Raises:
        UnknownNumberError: No such agreement.
    """
    return hold_all_with_links(work, (number,))[number]


def hold_all_with_links(work: UnitOfWork, numbers: Iterable[str]) -> dict[str, AgreementDossier]:
    """As ``hold_with_links``, for many: first every link, then every agreement, each by number.

    Raises:
        UnknownNumberError: No such agreement.
    """
    ordered = sorted(set(numbers))
    for number in ordered:
        work.ceremonies.of_agreement(number, lock=True)
    return {number: work.agreements.load(number, lock=True) for number in ordered}


def close_agreement(
    office: Office,
    work: UnitOfWork,
    dossier: AgreementDossier,
    deed: Deed,
    *,
    at: datetime,
    by: str,
    details: JsonObject,
) -> AgreementDossier:
    """Move to the side exit, close every link, note it, and record it if anything was approved.

    The caller has called ``hold_with_links``, and commits.

    Raises:
        TransitionRefusedError: The deed is not allowed in this state.
    """
    state = advance_agreement(dossier.state, deed)
    for ceremony in work.ceremonies.of_agreement(dossier.number):
        if ceremony.state in {"open", "confirmed"}:
            work.ceremonies.save(replace(ceremony, state="closed"))
    recorded = dossier.approved_sha256 is not None
    evidence = EvidenceState.LOGGED if recorded else dossier.evidence_state
    ended = replace(dossier, state=state, evidence_state=evidence)
    moved = moves(dossier, ended)
    note_event(work, dossier.number, _EVENT[deed], at=at, actor=by, details=details, moved=moved)
    if dossier.approved_sha256 is not None:
        document = digests_of(office.blobs.get(dossier.current_sha256 or dossier.approved_sha256))
        append_record(
            work,
            _RECORD[deed],
            subject=dossier.number,
            document=document,
            at=at,
            actor=by,
            details=details,
        )
    return work.agreements.save(ended)
