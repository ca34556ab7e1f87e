"""Sends an approved agreement to its parties: the second leaf, and one ceremony a party.

The offer record names every signature the agreement needs and of whom, before anyone
has signed; later verification compares the certificates with it (step 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from contracts_chain.agreements.lifecycle import Deed, EvidenceState, advance_agreement
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony import new_ceremony
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.draft_errors import DraftUndrawnError
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.lapse import last_day_of_offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.people import name_signers
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.preflight import require_ready
from contracts_chain.workflows.process_events import moves, note_turn
from contracts_chain.workflows.reading import reading_plan
from contracts_chain.workflows.seal_use import is_own_seal, own_seal
from contracts_chain.workflows.withdraw import hold_with_links
from kernel.canonical_json import JsonObject, JsonValue
from kernel.digests import digests_of
from signing.seal_certificate import seal_certificate_name

__all__ = ["Offer", "offer", "renew_link", "reopened_link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The offered agreement and the secret link token of each party, by role.

    The tokens exist only here: the store keeps their hashes.
    """

    dossier: AgreementDossier
    tokens: dict[str, str]


def offer(office: Office, number: str, *, by: str) -> Offer:
    """Offer the approved bytes to every party, until the last day for signing.

    Raises:
        TransitionRefusedError: The agreement is not approved.
        NotReadyError: Something hard stands in the way of signing; nothing was sent.
        SeparationOfDutiesError: A signer drafted or reviewed the agreement, under whatever id.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        state = advance_agreement(dossier.state, Deed.OFFER)
        require_ready(office, dossier)
        if dossier.approved_sha256 is None:
            raise DraftUndrawnError(number)
        terms = load_terms(dossier.terms)
        name_signers(work, number, terms)
        document = digests_of(office.blobs.get(dossier.approved_sha256))
        plan: JsonObject = reading_plan(office, work, dossier).as_json()
        now, until = office.clock.now(), last_day_of_offer(terms)
        offered = replace(dossier, state=state, evidence_state=EvidenceState.LOGGED, offer_until=until)
        saved = work.agreements.save(offered)
        opened = {role: new_ceremony(dossier, role, now) for role in _roles(dossier)}
        for ceremony, _ in opened.values():
            work.ceremonies.add(ceremony)
        facts: JsonObject = {
            "document_sha256": document.sha256.hex(),
            "reading": plan,
            "until": until.isoformat(),
        }
        moved = moves(dossier, saved)
        note_event(work, number, TrailEventKind.OFFERED, at=now, actor=by, details=facts, moved=moved)
        note_turn(work, saved, at=now)
        append_record(
            work,
            RecordKind.AGREEMENT_OFFERED,
            subject=number,
            document=document,
            at=now,
            actor=by,
            details=_offer_json(office, work, offered, plan, until),
        )
        work.commit()
    return Offer(dossier=saved, tokens={role: token for role, (_, token) in opened.items()})


def _offer_json(
    office: Office, work: UnitOfWork, dossier: AgreementDossier, plan: JsonObject, until: date
) -> JsonObject:
    """What the record says: the block it is no older than, what is to be read, who signs what, until when."""
    return {
        "not_before": {"hash": dossier.not_before_hash.hex0x(), "number": dossier.not_before_number},
        "reading": plan,
        "slots": [_slot_json(office, work, slot) for slot in dossier.slots],
        "until": until.isoformat(),
    }


def renew_link(office: Office, number: str, role: str, *, by: str) -> str:
    """Close a party's link and give a new one, e.g. when the old one was lost or tried too often.

    What the party has read counts for the old link only.

    Raises:
        UnknownNumberError: No such agreement, or no party of this role with an open ceremony.
    """
    with office.work() as work:
        token = reopened_link(office, work, hold_with_links(work, number), role, by=by)
        if token is None:
            raise UnknownNumberError(number)
        work.commit()
    return token


def reopened_link(
    office: Office, work: UnitOfWork, dossier: AgreementDossier, role: str, *, by: str
) -> str | None:
    """Close a party's link, if it has one to sign with, and open another; the caller holds and commits."""
    number = dossier.number
    held = work.ceremonies.find_open(number, role)
    if held is None:
        return None
    now = office.clock.now()
    work.ceremonies.save(replace(held, state="closed"))
    ceremony, token = new_ceremony(dossier, role, now)
    work.ceremonies.add(ceremony)
    note_event(work, number, TrailEventKind.OFFERED, at=now, actor=by, details={"link_renewed_for": role})
    return token


def _roles(dossier: AgreementDossier) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slot.role for slot in dossier.slots))


def _slot_json(office: Office, work: UnitOfWork, slot: SlotFile) -> dict[str, JsonValue]:
    return {
        "field": slot.field,
        "kind": slot.kind,
        "organisation": slot.organisation,
        "organisation_id": slot.organisation_id,
        "role": slot.role,
        "signer_name": _certificate_name(office, work, slot) if slot.kind == "seal" else slot.signer_name,
    }


def _certificate_name(office: Office, work: UnitOfWork, slot: SlotFile) -> str:
    """Common name of a seal's certificate: the utility's own stand in the registry."""
    if is_own_seal(office, slot):
        return seal_certificate_name(own_seal(office, work, slot).chain[0])
    return office.ca.seal_common_name(
        organisation=slot.organisation, organisation_id=slot.organisation_id, seal_name=slot.seal_name
    )
