"""The will check: one act of one person over one approved document, or over a list of them.

The statement is built here from what was approved, read and consented to; the activation process
alone checks the factor and knows codes. What it releases is noted on every agreement's trail with
the evidence that a stranger can check. Must never see a code before the signer types it, and keeps
nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from contracts_chain.activation.errors import AssertionRefusedError, WrongCodeError
from contracts_chain.activation.port import CodeIssued, WillFactor
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.evidence.will import (
    DocumentToSign,
    FieldToSign,
    Release,
    Statement,
    WillRequest,
    read_statement,
)
from contracts_chain.workflows.acting_party import signer_ref
from contracts_chain.workflows.authority_check import verify_authority
from contracts_chain.workflows.ceremony_errors import (
    ClausesUnreadError,
    ConsentMissingError,
    IdentityMissingError,
    MarkMissingError,
    NothingChosenError,
    QuestionOpenError,
)
from contracts_chain.workflows.ceremony_view import Held, hold_file, plan_of, progress_of
from contracts_chain.workflows.dossier import CeremonyFile
from contracts_chain.workflows.errors import PagesUnreadError, SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.lapse import verify_offer_stands
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.people import name_signers
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_process_event
from kernel.canonical_json import JsonObject
from kernel.digests import sha256

__all__ = [
    "Act",
    "act_of",
    "confirm_will",
    "find_act",
    "notice_release",
    "passkey_options",
    "send_code",
    "verify_ready",
    "will_request",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one act of will covers: the ceremonies of one person, all locked.

    Attributes:
        id: Of the one will: that of the ceremony, or of the set.
        held: At least one; in the order shown.
    """

    id: str
    held: tuple[Held, ...]


def find_act(work: UnitOfWork, token: str) -> Act:
    """The act that a link leads to; the link of a set, of one of its members, or of one ceremony.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        NothingChosenError: No document of the set is chosen and open.
    """
    token_sha256 = sha256(token.encode())
    ceremony = work.ceremonies.find(token_sha256)
    made = work.signing_sets.find(token_sha256) if ceremony is None else None
    if made is not None:
        return act_of(work, made.id)
    if ceremony is None:
        raise UnknownNumberError("–")
    return act_of(work, ceremony.will_id)


def act_of(work: UnitOfWork, will_id: str) -> Act:
    """As ``find_act``, by the id of the will.

    Raises:
        SignatureTurnError: Another party is to sign first, or this one has signed.
        NothingChosenError: No document of the set is chosen and open.
    """
    members = work.signing_sets.hold(will_id)
    if not members:
        held = hold_file(work, work.ceremonies.load(will_id, lock=True))
        return Act(id=will_id, held=(held,))
    chosen = [work.ceremonies.load(one.ceremony) for one in members if one.chosen]
    held_all = tuple(_members_held(work, chosen, will_id))
    if not held_all:
        raise NothingChosenError
    return Act(id=will_id, held=held_all)


def will_request(office: Office, act: Act) -> WillRequest:
    """What the person is asked to agree to: the same act always gives the same statement."""
    return WillRequest(
        ceremony=act.id,
        signer=signer_ref(act.held[0].person),
        documents=tuple(_document(office, held) for held in act.held),
    )


def send_code(office: Office, token: str) -> CodeIssued:
    """Have the activation process send a code over the very documents; refused until all is read.

    Raises:
        UnknownNumberError: No such link.
        PagesUnreadError: Some pages were never served.
        ClausesUnreadError: Some conspicuous clauses are not confirmed.
        QuestionOpenError: A question waits.
        ConsentMissingError: The consent was not given over what stands now.
        CodesUsedUpError: Enough codes were sent.
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        ActivationUnavailableError: Nobody knows whether it went out; ask again.
    """
    request = _asked(office, token)
    issued = office.activation.send_code(request)
    now = office.clock.now()
    with office.work() as work:
        details: JsonObject = {"fingerprint": fingerprint(request.root), "phone": issued.phone}
        for held in act_of(work, request.ceremony).held:
            held.note(TrailEventKind.CODE_SENT, details, now)
        work.commit()
    return issued


def passkey_options(office: Office, token: str) -> JsonObject:
    """What the browser needs to ask for a passkey; its challenge is the statement's digest.

    Raises:
        NotEnrolledError: No passkey is registered for the person.
        RejectedError: As ``send_code``.
    """
    return office.activation.passkey_options(_asked(office, token))


def confirm_will(office: Office, token: str, factor: WillFactor) -> str:
    """Have the factor checked and note the release on every trail; gives the id of the will.

    A will that was confirmed before a crash needs no second factor.

    Raises:
        WrongCodeError: Another code; says how many tries are left.
        CodeExpiredError: No valid code is outstanding for these documents.
        AssertionRefusedError: Not this person's passkey, or not over this statement.
        RejectedError: As ``send_code``.
    """
    given = _given(office, token)
    if given is not None:
        return given
    request = _asked(office, token)
    try:
        release = office.activation.release(request, factor)
    except WrongCodeError as problem:
        _note_refusal(office, request.ceremony, problem.attempts_left)
        raise
    except AssertionRefusedError:
        _tell_refusal(office, request.ceremony)
        raise
    _note_release(office, request.ceremony, release)
    return request.ceremony


def notice_release(office: Office, will_id: str) -> bool:
    """Note a release that a crash left unnoticed; true if the will is confirmed.

    Raises:
        RejectedError: Something stands in the way that the signer has to clear up.
        ActivationUnavailableError: Nobody knows; ask again.
    """
    release = office.activation.released(will_id)
    if release is None:
        return False
    _note_release(office, will_id, release)
    return True


def verify_ready(held: Held, now: datetime) -> None:
    """Prove that a party has read, chosen and asked all, and may still sign.

    Raises:
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        IdentityMissingError: The person is not identified.
        PagesUnreadError: Some pages were never served.
        ClausesUnreadError: Some conspicuous clauses are not confirmed.
        QuestionOpenError: A question waits.
        MarkMissingError: No look of the signature is chosen.
    """
    verify_offer_stands(held.dossier, now)
    verify_authority(held.work, held.dossier, held.ceremony.role, now)
    trail = held.trail()
    progress = progress_of(held, trail, plan_of(trail, held.dossier.number))
    if not progress.identified:
        raise IdentityMissingError
    if progress.pages_due:
        raise PagesUnreadError(progress.pages_due)
    if progress.unanswered or progress.unclear:
        raise QuestionOpenError(unanswered=progress.unanswered, unclear=progress.unclear)
    if progress.clauses_due:
        raise ClausesUnreadError(progress.clauses_due)
    if not progress.has_mark:
        raise MarkMissingError


def _given(office: Office, token: str) -> str | None:
    """Id of the will of a link if it is confirmed, also when all is signed and only the state is behind."""
    token_sha256 = sha256(token.encode())
    with office.work() as work:
        ceremony = work.ceremonies.find(token_sha256)
        made = work.signing_sets.find(token_sha256) if ceremony is None else None
    if ceremony is not None and ceremony.state == "confirmed":
        return ceremony.will_id
    return made.id if made is not None and made.state == "confirmed" else None


def _asked(office: Office, token: str) -> WillRequest:
    """The request, once everything before it is done; that it was asked is committed first."""
    now = office.clock.now()
    with office.work() as work:
        act = find_act(work, token)
        for held in act.held:
            verify_ready(held, now)
            if held.ceremony.consented_utc is None:
                raise ConsentMissingError
            name_signers(work, held.dossier.number, load_terms(held.dossier.terms))
            work.ceremonies.save(replace(held.ceremony, asked_utc=now))
        request = will_request(office, act)
        work.commit()
    return request


def _document(office: Office, held: Held) -> DocumentToSign:
    ceremony, utility = held.ceremony, office.utility.uscc
    return DocumentToSign(
        number=ceremony.number,
        role=ceremony.role,
        document_sha256=ceremony.document_sha256,
        document_length=len(office.blobs.get(ceremony.document_sha256)),
        fields=tuple(
            FieldToSign(
                field=slot.field,
                kind=slot.kind,
                organisation=slot.organisation if slot.organisation_id else "",
                organisation_id=slot.organisation_id,
                seal_name=slot.seal_name if slot.kind == "seal" else "",
            )
            for slot in held.dossier.slots
            if slot.role == ceremony.role and not (slot.kind == "seal" and slot.organisation_id == utility)
        ),
    )


def _note_refusal(office: Office, will_id: str, attempts_left: int) -> None:
    now = office.clock.now()
    with office.work() as work:
        for held in act_of(work, will_id).held:
            held.note(TrailEventKind.CODE_REFUSED, {"attempts_left": attempts_left}, now)
        work.commit()


def _tell_refusal(office: Office, will_id: str) -> None:
    """A passkey of another or over something else, told to other systems; it is no line of the trail."""
    now = office.clock.now()
    with office.work() as work:
        for held in act_of(work, will_id).held:
            change = {"ceremony": held.ceremony.id, "factor": "passkey", "role": held.ceremony.role}
            note_process_event(work, held.dossier.number, ProcessEventKind.WILL_FAILED, at=now, change=change)
        work.commit()


def _note_release(office: Office, will_id: str, release: Release) -> None:
    """One line on every agreement that the statement lists, in one transaction.

    While the factor was checked the person may have chosen anew, asked, or lost a document to a
    withdrawal: what is not listed, or not consented to as it stands, waits for a will of its own.
    """
    now, told = office.clock.now(), str(release.evidence["statement"])
    statement = read_statement(told)
    details: JsonObject = {
        "fingerprint": fingerprint(statement.root),
        "level": release.level.value,
        "release": release.evidence,
        "statement_sha256": sha256(told.encode()).hex(),
    }
    with office.work() as work:
        agreed = [held for held in act_of(work, will_id).held if _is_agreed(held, statement)]
        if not agreed:
            raise ConsentMissingError
        for held in agreed:
            if held.ceremony.state == "confirmed":
                continue
            work.ceremonies.save(replace(held.ceremony, state="confirmed"))
            _note_later_attestation(held, release, now)
            held.note(TrailEventKind.WILL_CONFIRMED, details, now)
        _settle_set(work, will_id)
        work.commit()


def _is_agreed(held: Held, statement: Statement) -> bool:
    listed = {(one.number, one.role, one.document_sha256) for one in statement.documents}
    ceremony = held.ceremony
    is_listed = (ceremony.number, ceremony.role, ceremony.document_sha256) in listed
    return is_listed and (ceremony.state == "confirmed" or ceremony.consented_utc is not None)


def _note_later_attestation(held: Held, release: Release, now: datetime) -> None:
    """The person may have been identified anew meanwhile, for another agreement; the trail says so."""
    attested = str(release.evidence["attestation_sha256"])
    known = (
        event.details.get("attestation_sha256")
        for event in held.trail()
        if event.event is TrailEventKind.IDENTIFIED
    )
    if attested not in known:
        details: JsonObject = {"attestation_sha256": attested, "method": "standing"}
        held.note(TrailEventKind.IDENTIFIED, details, now)


def _settle_set(work: UnitOfWork, will_id: str) -> None:
    """The set's one will is given: what was left for later is a ceremony of its own from now on."""
    members = work.signing_sets.members(will_id)
    if not members:
        return
    work.signing_sets.save(replace(work.signing_sets.load(will_id), state="confirmed"))
    for member in members:
        ceremony = work.ceremonies.load(member.ceremony)  # held with its set
        if ceremony.state == "open":
            work.ceremonies.save(replace(ceremony, set_id=None))


def _members_held(work: UnitOfWork, chosen: list[CeremonyFile], set_id: str) -> list[Held]:
    found: list[Held] = []
    for ceremony in chosen:
        if ceremony.set_id != set_id:
            continue
        try:
            found.append(hold_file(work, ceremony))
        except SignatureTurnError:
            continue  # rejected, withdrawn or signed meanwhile: the others are not touched by it
    return found
