"""The domestic track beside each seal: made for our own, kept as a blob, handed out with the package.

Decides which seal signature may be kept: one whose eight lines hold, wherever it was made (that of a
party in the activation process). ``evidence.ses_lines`` judges it again in what is handed out.
"""

from __future__ import annotations

from typing import Final

from contracts_chain.activation.domestic_seal import DomesticSeals
from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.ses_lines import ses_details
from contracts_chain.evidence.will import FieldToSign
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import Blobs, UnitOfWork
from kernel.verdict import Verdict
from signing.ses.judging import judge_ses
from signing.ses.reading import read_ses

__all__ = ["evidence_of", "keep_ses", "kept_ses", "own_ses", "ses_details", "verify_ses"]

_PENDING: Final = frozenset({(7, "time_unproven"), (8, "no_timestamp")})
"""What may be open of a seal signature that waits for its timestamp: line and code."""


def own_ses(office: Office, slot: SlotFile, revision: bytes, drawing: bytes) -> bytes | None:
    """Put our own seal on a revision under SM2 as well; ``None`` where nobody here makes SM2 seals.

    Args:
        office: Whose seal.
        slot: Which of our seals.
        revision: Exactly the bytes up to the end of its signature.
        drawing: One-page PDF of its impression.

    Raises:
        PictureRefusedError: The drawing is beyond the bounds of a seal's picture.
    """
    if not office.trust.signatures.sm2_roots:
        return None
    seals = DomesticSeals(office.ca, office.timestamps, office.ca, office.clock)
    field = FieldToSign(
        field=slot.field,
        kind=slot.kind,
        organisation=slot.organisation,
        organisation_id=slot.organisation_id,
        seal_name=slot.seal_name,
    )
    return seals(revision, field, drawing)


def evidence_of(work: UnitOfWork, dossier: AgreementDossier) -> EvidenceState:
    """How far the evidence of an agreement is whose newest record is of now: both tracks need their times."""
    timed = all(slot.timestamp_utc is not None for slot in dossier.slots if slot.signed)
    waits = not timed or work.domestic_seals.unstamped_of(dossier.number)
    return EvidenceState.PENDING if waits else EvidenceState.LOGGED


def verify_ses(office: Office, number: str, field: str, ses: bytes, revision: bytes) -> None:
    """Judge a seal signature like a stranger's, all eight lines; only a timestamp may be pending.

    Args:
        office: Whose trust is asked.
        number: Contract number.
        field: Name of the seal's field.
        ses: SES_Signature, DER.
        revision: Exactly the bytes up to the end of the field's signature.

    Raises:
        UnsoundSignatureError: A line does not hold; nothing may rest on it.
    """
    trust = office.trust
    for line in judge_ses(ses, revision, trust.signatures, at=office.clock.now(), skew=trust.skew):
        if line.verdict is not Verdict.PROVEN and (line.number, line.code) not in _PENDING:
            raise UnsoundSignatureError(number, field, line.code)


def keep_ses(work: UnitOfWork, blobs: Blobs, number: str, field: str, ses: bytes) -> None:
    """Store a seal signature in the transaction that records its seal.

    Raises:
        SesMalformedError: Not a seal signature.
    """
    stamped = read_ses(ses).token is not None
    work.domestic_seals.keep(number, field, blobs.put(ses), stamped=stamped)


def kept_ses(work: UnitOfWork, blobs: Blobs, number: str) -> tuple[tuple[str, bytes], ...]:
    """Seal signatures by field, as ``AgreementContents.ses`` takes them.

    Raises:
        BlobCorruptError: A stored one was changed.
        BlobMissingError: One is gone.
    """
    return tuple((field, blobs.get(digest)) for field, digest in work.domestic_seals.of_agreement(number))
