"""Writes that a signer was identified: a line on the trail, and for a new attestation a leaf.

Neither holds a document number or a phone; the attestation itself is kept as a blob and named by
digest. Stands in the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime

from contracts_chain.agreements.identity.attestation import AttestationClaims
from contracts_chain.agreements.identity.methods import IdentityMethod
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony_view import Held
from contracts_chain.workflows.chronicle import append_record
from kernel.canonical_json import JsonValue
from kernel.digests import digests_of
from kernel.sized_bytes import Bytes32

__all__ = ["note_identified"]


def note_identified(
    held: Held,
    at: datetime,
    *,
    method: str,
    attestation_sha256: Bytes32,
    attestation: bytes | None = None,
    claims: AttestationClaims | None = None,
    more: dict[str, JsonValue] | None = None,
) -> None:
    """Note the event, and append the record of a new attestation.

    Args:
        held: Ceremony and agreement, locked; the caller commits.
        at: Moment of noting.
        method: ``IdentityMethod`` value, or ``standing`` for somebody known from before.
        attestation_sha256: Digest of the attestation's bytes.
        attestation: Those bytes, if they are new to this agreement.
        claims: What they say; given with the bytes.
        more: Further facts, e.g. the digest of a scan.
    """
    work = held.work
    facts: dict[str, JsonValue] = {
        "attestation_sha256": attestation_sha256.hex(),
        "method": method,
        **(more or {}),
    }
    if method == IdentityMethod.E_LICENCE_FACE.value:
        consent = work.identity_checks.consent_of(held.ceremony.id)
        if consent is not None:
            facts["face_consent_sha256"] = consent.text_sha256.hex()
    held.note(TrailEventKind.IDENTIFIED, facts, at)
    if attestation is None or claims is None:
        return
    append_record(
        work,
        RecordKind.IDENTITY_VERIFIED,
        subject=held.dossier.number,
        document=digests_of(attestation),
        at=at,
        actor=held.actor,
        details={**facts, "role": held.ceremony.role, "provider": claims.issuer, "sandbox": claims.sandbox},
    )
