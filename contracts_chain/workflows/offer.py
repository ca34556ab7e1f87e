"""Sends an approved agreement to its parties: the second leaf, and one ceremony a party.

The offer record names every signature the agreement needs and of whom, before anyone
has signed; later verification compares the certificates with it (step 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts_chain.agreements.lifecycle import Deed, EvidenceState, advance_agreement
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony import new_ceremony
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.office import Office
from kernel.canonical_json import JsonValue
from kernel.digests import digests_of

__all__ = ["Offer", "offer", "renew_link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The offered agreement and the secret link token of each party, by role.

    The tokens exist only here: the store keeps their hashes.
    """

    dossier: AgreementDossier
    tokens: dict[str, str]


def offer(office: Office, number: str, *, by: str) -> Offer:
    """Offer the approved bytes to every party.

    Raises:
        TransitionRefusedError: The agreement is not approved.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        state = advance_agreement(dossier.state, Deed.OFFER)
        if dossier.approved_sha256 is None:
            raise UnknownNumberError(number)
        document = digests_of(office.blobs.get(dossier.approved_sha256))
        now = office.clock.now()
        offered = replace(dossier, state=state, evidence_state=EvidenceState.LOGGED)
        saved = work.agreements.save(offered)
        opened = {role: new_ceremony(dossier, role, now) for role in _roles(dossier)}
        for ceremony, _ in opened.values():
            work.ceremonies.add(ceremony)
        sha256_hex = document.sha256.hex()
        note_event(
            work, number, TrailEventKind.OFFERED, at=now, actor=by, details={"document_sha256": sha256_hex}
        )
        append_record(
            work,
            RecordKind.AGREEMENT_OFFERED,
            subject=number,
            document=document,
            at=now,
            actor=by,
            details={
                "not_before": {
                    "hash": dossier.not_before_hash.hex0x(),
                    "number": dossier.not_before_number,
                },
                "slots": [_slot_json(office, slot) for slot in dossier.slots],
            },
        )
        work.commit()
    return Offer(dossier=saved, tokens={role: token for role, (_, token) in opened.items()})


def renew_link(office: Office, number: str, role: str, *, by: str) -> str:
    """Close a party's link and give a new one, e.g. when the old one was lost or tried too often.

    What the party has read counts for the old link only.

    Raises:
        UnknownNumberError: No such agreement, or no party of this role with an open ceremony.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        held = work.ceremonies.find_open(number, role)
        if held is None:
            raise UnknownNumberError(number)
        now = office.clock.now()
        work.ceremonies.save(replace(held, state="closed"))
        ceremony, token = new_ceremony(dossier, role, now)
        work.ceremonies.add(ceremony)
        note_event(work, number, TrailEventKind.OFFERED, at=now, actor=by, details={"link_renewed_for": role})
        work.commit()
    return token


def _roles(dossier: AgreementDossier) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slot.role for slot in dossier.slots))


def _slot_json(office: Office, slot: SlotFile) -> dict[str, JsonValue]:
    return {
        "field": slot.field,
        "kind": slot.kind,
        "organisation": slot.organisation,
        "organisation_id": slot.organisation_id,
        "role": slot.role,
        "signer_name": office.ca.seal_common_name(organisation=slot.organisation, seal_name=slot.seal_name)
        if slot.kind == "seal"
        else slot.signer_name,
    }
