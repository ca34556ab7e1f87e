"""Whose name a person's signature must bear: the one of the offer, or of a recorded delegate.

A delegation counts only if its record stands before that of the signature: nobody can be made a
delegate afterwards (民法典 arts 165, 169). Seals are never delegated.
"""

from __future__ import annotations

from contracts_chain.evidence.evidence_json import Evidence, EvidenceSlot
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.strict_fields import Fields

__all__ = ["signer_due"]


def signer_due(evidence: Evidence, slot: EvidenceSlot, signing: Record | None) -> str:
    """The name that the certificate of a slot must bear.

    Args:
        evidence: Records in the order of the log.
        slot: The field.
        signing: Its signing record, if there is one; delegations after it do not count.

    Raises:
        MalformedEvidenceError: A delegation record names no role or no delegate.
    """
    name = slot.signer_name
    if slot.kind != "person":
        return name
    for logged in evidence.records:
        if signing is not None and logged.record == signing:
            break
        if logged.record.kind is RecordKind.AUTHORITY_DELEGATED:
            details = Fields(logged.record.details, "authority.delegated.details")
            role, delegate = details.text("role"), details.text("delegate")
            name = delegate if role == slot.role else name
    return name
