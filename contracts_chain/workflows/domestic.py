"""The domestic track beside each seal: made for our own, kept as a blob, handed out with the package.

Decides nothing about truth; ``evidence.ses_lines`` judges what is handed out. The seal signature
of a party is made where its key is, in the activation process.
"""

from __future__ import annotations

from contracts_chain.activation.domestic_seal import DomesticSeals
from contracts_chain.evidence.ses_lines import ses_details
from contracts_chain.evidence.will import FieldToSign
from contracts_chain.workflows.dossier import SlotFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import Blobs, UnitOfWork
from signing.model import RevocationSource, TimestampAuthority
from signing.ses.making import with_timestamp
from signing.ses.reading import read_ses

__all__ = ["keep_ses", "kept_ses", "own_ses", "ses_details", "stamp_kept_ses"]


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


def keep_ses(work: UnitOfWork, blobs: Blobs, number: str, field: str, ses: bytes) -> None:
    """Store a seal signature in the transaction that records its seal.

    Raises:
        SesMalformedError: Not a seal signature.
    """
    read_ses(ses)
    work.domestic_seals.keep(number, field, blobs.put(ses))


def kept_ses(work: UnitOfWork, blobs: Blobs, number: str) -> tuple[tuple[str, bytes], ...]:
    """Seal signatures by field, as ``AgreementContents.ses`` takes them.

    Raises:
        BlobCorruptError: A stored one was changed.
        BlobMissingError: One is gone.
    """
    return tuple((field, blobs.get(digest)) for field, digest in work.domestic_seals.of_agreement(number))


def stamp_kept_ses(
    work: UnitOfWork,
    blobs: Blobs,
    number: str,
    timestamps: TimestampAuthority,
    revocation: RevocationSource,
) -> int:
    """Stamp those that were made while no authority answered; the records hold for both forms.

    Returns:
        How many were stamped.

    Raises:
        TimestampUnavailableError: No token now; what is kept stays as it is.
    """
    waiting = [(field, ses) for field, ses in kept_ses(work, blobs, number) if read_ses(ses).token is None]
    for field, ses in waiting:
        keep_ses(work, blobs, number, field, with_timestamp(ses, timestamps, revocation))
    return len(waiting)
