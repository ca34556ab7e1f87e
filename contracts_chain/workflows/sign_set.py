"""Many documents, one signer, one act of will (complaint 10).

Decides who may be put together, what is chosen, and what one failure means: nothing for the
others. Each document keeps a ceremony, a reading, a trail line with the whole statement, and its
own act of signing; only the will is one, over the readable root of the list. Must never sign a
document that was not chosen, read and consented to by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from contracts_chain.activation.port import WillFactor
from contracts_chain.agreements.ceremony.consent import consent_to
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.separation import person_of_document
from contracts_chain.agreements.terms.party import Person
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony import begin, finish, new_ceremony, note_consent
from contracts_chain.workflows.ceremony_errors import NothingChosenError, NotSameSignerError
from contracts_chain.workflows.ceremony_ports import SigningSetFile, SigningSetMember
from contracts_chain.workflows.ceremony_view import CeremonyView, Held, view_of
from contracts_chain.workflows.chronicle import note_event
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.reading import clauses_of
from contracts_chain.workflows.will import act_of, confirm_will, verify_ready, will_request
from contracts_chain.workflows.withdraw import hold_all_with_links
from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.errors import ContractsChainError
from kernel.ids import new_id

__all__ = [
    "SetLine",
    "SetOutcome",
    "SigningSetView",
    "begin_set",
    "choose",
    "consent_to_set",
    "member_token",
    "open_set",
    "set_view",
    "sign_set",
    "sign_set_again",
]

MOST: Final = 200
_OPEN: Final = (AgreementState.OFFERED, AgreementState.PARTLY_SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLine:
    """One document of a set as the page lists it.

    Attributes:
        token: Secret of its own reading pages.
        account: 户号 or what tells the documents apart; empty where the class has none.
        capacity: kVA as text; empty where the class has none.
        chosen: Whether it is to be signed now.
    """

    position: int
    token: str
    account: str
    capacity: str
    view: CeremonyView
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSetView:
    """A set as its page shows it.

    Attributes:
        fingerprint: Of the root over what is chosen, ``A41C-09DE``; empty if nothing is.
        state: ``open`` or ``confirmed`` (the will is; what is unsigned can be tried again).
    """

    id: str
    signer_name: str
    state: str
    fingerprint: str
    lines: tuple[SetLine, ...]

    @property
    def chosen(self) -> tuple[SetLine, ...]:
        """What one act of will would sign."""
        return tuple(line for line in self.lines if line.chosen and line.view.state in {"open", "confirmed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOutcome:
    """What one act of will came to: each document for itself.

    Attributes:
        failed: Number and problem of what is not signed yet; it can be tried again.
    """

    signed: tuple[str, ...]
    failed: tuple[tuple[str, ContractsChainError], ...]


def member_token(set_token: str, number: str) -> str:
    """Secret of one document's reading pages; follows from the set's, so one link opens all."""
    return sha256(f"contracts-chain/set-member/v1\n{set_token}\n{number}".encode()).hex()


def open_set(office: Office, numbers: Sequence[str], role: str, *, by: str) -> str:
    """Put offered agreements of one signer together and give the secret of the link.

    The links that the party had for them are closed.

    Args:
        office: Where agreements are.
        numbers: At least one and at most 200, in the order they will be listed.
        role: The party that signs, the same in all.
        by: Who puts them together.

    Raises:
        NothingChosenError: No number, or more than 200.
        UnknownNumberError: No such agreement.
        NotSameSignerError: Another person signs one of them, or it cannot be signed now.
    """
    listed = tuple(dict.fromkeys(numbers))
    if not 1 <= len(listed) <= MOST:
        raise NothingChosenError
    token, now = secrets.token_urlsafe(32), office.clock.now()
    with office.work() as work:
        by_number = hold_all_with_links(work, listed)
        dossiers = tuple(by_number.values())
        _verify_one_signer(dossiers, role)
        person = _person(dossiers[0], role)
        made = SigningSetFile(
            id=new_id(),
            token_sha256=sha256(token.encode()),
            signer=person_of_document(person.id_type, person.id_no),
            opened_utc=now,
        )
        members = tuple(
            _joined(work, by_number[number], role, made.id, token, position, now)
            for position, number in enumerate(listed, start=1)
        )
        work.signing_sets.add(made, members)
        _note_joined(work, dossiers, role, by, now)
        work.commit()
    return token


def set_view(office: Office, token: str) -> SigningSetView:
    """What the link of a set leads to; changes nothing.

    Raises:
        UnknownNumberError: No such link.
    """
    with office.work() as work:
        made = _found(work, token)
        lines = tuple(_line(work, member, token) for member in work.signing_sets.members(made.id))
        try:
            root = will_request(office, act_of(work, made.id)).root if made.state == "open" else None
        except NothingChosenError:
            root = None
    return SigningSetView(
        id=made.id,
        signer_name=lines[0].view.signer_name,
        state=made.state,
        fingerprint=fingerprint(root) if root else "",
        lines=lines,
    )


def begin_set(office: Office, token: str) -> SigningSetView:
    """Start every document of the set that waits for this person.

    Raises:
        UnknownNumberError: No such link.
        IdentityMissingError: Nobody vouched for the person.
    """
    for line in set_view(office, token).lines:
        if line.view.state == "open":
            try:
                begin(office, line.token)
            except SignatureTurnError:
                continue
    return set_view(office, token)


def choose(office: Office, token: str, numbers: Sequence[str]) -> SigningSetView:
    """Choose what is signed now; the rest waits. The consent to what was chosen before is void.

    Raises:
        UnknownNumberError: No such link.
        NothingChosenError: None of the documents is chosen.
    """
    wanted = set(numbers)
    with office.work() as work:
        made = _found(work, token, lock=True)
        members = work.signing_sets.members(made.id)
        if not wanted & {member.number for member in members}:
            raise NothingChosenError
        for member in members if made.state == "open" else ():
            if member.chosen is not (member.number in wanted):
                work.signing_sets.choose(replace(member, chosen=member.number in wanted))
        work.commit()
    return set_view(office, token)


def consent_to_set(office: Office, token: str) -> None:
    """Take the consent to every chosen document, each with its own words on its own trail.

    Raises:
        UnknownNumberError: No such link.
        NothingChosenError: Nothing is chosen.
        RejectedError: One of them is unread, unasked or not chosen (``will.verify_ready``).
    """
    now = office.clock.now()
    with office.work() as work:
        for held in act_of(work, _found(work, token, lock=True).id).held:
            verify_ready(held, now)
            if held.ceremony.consented_utc is None:
                note_consent(held, consent_to(clauses_of(work, held.dossier)), now)
        work.commit()


def sign_set(office: Office, token: str, factor: WillFactor) -> SetOutcome:
    """One act of will, then each document by itself; what fails does not touch the others.

    Raises:
        RejectedError: As ``will.confirm_will``; nothing was signed.
    """
    with office.work() as work:
        state = _found(work, token).state
    if state == "open":
        confirm_will(office, token, factor)
    return sign_set_again(office, token)


def sign_set_again(office: Office, token: str) -> SetOutcome:
    """Sign what a confirmed set still owes; nothing is signed twice.

    Raises:
        UnknownNumberError: No such link.
    """
    signed: list[str] = []
    failed: list[tuple[str, ContractsChainError]] = []
    with office.work() as work:
        made = _found(work, token)
        ceremonies = [work.ceremonies.load(one.ceremony) for one in work.signing_sets.members(made.id)]
    for ceremony in ceremonies:
        if ceremony.set_id != made.id or ceremony.state not in {"confirmed", "signed"}:
            continue
        try:
            finish(office, ceremony.id)
        except ContractsChainError as problem:
            failed.append((ceremony.number, problem))
        else:
            signed.append(ceremony.number)
    return SetOutcome(signed=tuple(signed), failed=tuple(failed))


def _found(work: UnitOfWork, token: str, *, lock: bool = False) -> SigningSetFile:
    made = work.signing_sets.find(sha256(token.encode()), lock=lock)
    if made is None:
        raise UnknownNumberError("–")
    return made


def _person(dossier: AgreementDossier, role: str) -> Person:
    return load_terms(dossier.terms).party(role).signer


def _verify_one_signer(dossiers: Sequence[AgreementDossier], role: str) -> None:
    first: Person | None = None
    wrong: list[str] = []
    for dossier in dossiers:
        due = dossier.next_slot
        roles = {slot.role for slot in dossier.slots}
        if dossier.state not in _OPEN or due is None or role not in roles or due.role != role:
            wrong.append(dossier.number)
            continue
        person = _person(dossier, role)
        first = first or person
        if (person.name, person.id_type, person.id_no) != (first.name, first.id_type, first.id_no):
            wrong.append(dossier.number)
    if wrong:
        raise NotSameSignerError(tuple(wrong))


def _joined(
    work: UnitOfWork,
    dossier: AgreementDossier,
    role: str,
    set_id: str,
    token: str,
    position: int,
    now: datetime,
) -> SigningSetMember:
    """Close the party's links of one agreement and open a ceremony in the set."""
    for ceremony in work.ceremonies.of_agreement(dossier.number):
        if ceremony.role == role and ceremony.state == "open":
            work.ceremonies.save(replace(ceremony, state="closed"))
        elif ceremony.role == role and ceremony.state == "confirmed":
            raise NotSameSignerError((dossier.number,))
    secret = member_token(token, dossier.number)
    ceremony, _ = new_ceremony(dossier, role, now, token=secret, set_id=set_id)
    work.ceremonies.add(ceremony)
    return SigningSetMember(
        set_id=set_id, position=position, number=dossier.number, role=role, ceremony=ceremony.id
    )


def _note_joined(
    work: UnitOfWork, dossiers: Sequence[AgreementDossier], role: str, by: str, now: datetime
) -> None:
    for dossier in dossiers:
        details: JsonObject = {"link_renewed_for": role, "set_of": len(dossiers)}
        note_event(work, dossier.number, TrailEventKind.OFFERED, at=now, actor=by, details=details)


def _line(work: UnitOfWork, member: SigningSetMember, token: str) -> SetLine:
    ceremony, dossier = work.ceremonies.load(member.ceremony), work.agreements.load(member.number)
    terms = load_terms(dossier.terms)
    capacity = terms.capacity_kva
    return SetLine(
        position=member.position,
        token=member_token(token, member.number),
        account=terms.account_no or "",
        capacity="" if capacity is None else f"{capacity:f} kVA",
        view=view_of(Held(work=work, ceremony=ceremony, dossier=dossier)),
        chosen=member.chosen,
    )
