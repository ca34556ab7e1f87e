"""Give a pending signature its time, and renew the archive before its last timestamp ages.

Both append one revision of validation data and a document timestamp (EN 319 142-1 §5.5) and touch
no earlier byte: length and digests of the executed revision stay as the record holds them.

Decides which chains the new timestamp preserves: those of the signers whose time is pending, and of
the last document timestamp. A pending signer whose certificate has ended meanwhile cannot be
proven any more, and the file is left as it was: a timestamp now would only show that it came late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError

from signing.archive_revision import STAMPING, Prover, chain_of, chains_at, stamp_document
from signing.model import RevocationSource, TimestampAuthority
from signing.offline_loop import run_offline
from signing.pyhanko_adapters import AuthorityTimeStamper
from signing.refusals import CannotSignError
from signing.signatures_on_file import FileEnd, read_end

__all__ = ["ArchiveEnd", "archive_end", "pending_fields", "renew", "upgrade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEnd:
    """How long the last document timestamp of a file can be relied on.

    Attributes:
        not_after_utc: Earliest end of a certificate in its chain.
        algorithm: Digest of its imprint, lower case (``sha256``).
    """

    not_after_utc: datetime
    algorithm: str


def upgrade(
    pdf: bytes,
    *,
    authority: TimestampAuthority,
    revocation: RevocationSource,
    roots: Sequence[bytes],
    at: datetime,
) -> bytes:
    """Append validation data and a document timestamp, which proves every pending signature's time.

    Args:
        pdf: Signed, with signatures that hold no token; the result begins with it.
        authority: Asked for two tokens: one on trial, one over the document.
        revocation: Asked for the chains of pending signers, last timestamp and authority.
        roots: Trusted roots of signers and of timestamps, DER.
        at: Moment of certificate validation, aware; never written as a time of the document.

    Raises:
        TimestampUnavailableError: Still no token; nothing was made.
        RevocationUnavailableError: A chain wanting now, or a pending signer's certificate has ended.
        CannotSignError: Not a readable signed PDF, or none of its signatures is pending.
    """
    prover = Prover(revocation=revocation, roots=roots, moment=at)
    return run_offline(_extend(pdf, authority, prover, pending_only=True))


def renew(
    pdf: bytes,
    *,
    authority: TimestampAuthority,
    revocation: RevocationSource,
    roots: Sequence[bytes],
    at: datetime,
) -> bytes:
    """Append fresh validation data for the last document timestamp, and a new one over all.

    Takes ``upgrade``'s arguments; renewing a file with pending signatures upgrades them too.

    Raises:
        TimestampUnavailableError: No token now; nothing was made.
        RevocationUnavailableError: The last timestamp's chain can no longer be proven: too late.
        CannotSignError: Not a readable signed PDF.
    """
    prover = Prover(revocation=revocation, roots=roots, moment=at)
    return run_offline(_extend(pdf, authority, prover, pending_only=False))


def pending_fields(pdf: bytes) -> tuple[str, ...]:
    """Fields whose signature has no token, with no document timestamp after it.

    Raises:
        CannotSignError: Not a readable PDF.
    """
    try:
        return tuple(one.field_name for one in read_end(PdfFileReader(BytesIO(pdf))).pending)
    except (PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem


def archive_end(pdf: bytes) -> ArchiveEnd | None:
    """How long the file's last document timestamp lasts; ``None`` if it has none.

    Raises:
        CannotSignError: Not a readable PDF.
    """
    try:
        last = read_end(PdfFileReader(BytesIO(pdf))).timestamp
        if last is None:
            return None
        chain = chain_of(last.signed_data, STAMPING)
        ends = [one.not_valid_after for one in (chain.leaf, *chain.above)]
        return ArchiveEnd(not_after_utc=min(ends), algorithm=str(last.external_md_algorithm))
    except (PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem


async def _extend(pdf: bytes, authority: TimestampAuthority, prover: Prover, *, pending_only: bool) -> bytes:
    try:
        end = _end(pdf, pending_only=pending_only)
        stamper = AuthorityTimeStamper(authority)
        await stamper.async_dummy_response("sha256")
        stamped_by = chain_of(stamper.last_token(), STAMPING)
        output = BytesIO()
        output.write(pdf)
        await stamp_document(
            output,
            prover,
            [*(chain for chain in chains_at(end) if not chain.ends_as(stamped_by)), stamped_by],
            stamper,
            contents=None,
            room=stamper.last_size + stamper.last_size // 4,
        )
    except (SigningError, PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem
    return output.getvalue()


def _end(pdf: bytes, *, pending_only: bool) -> FileEnd:
    end = read_end(PdfFileReader(BytesIO(pdf)))
    if not end.pending and (pending_only or end.timestamp is None):
        raise ValueError("no signature of this file is pending")
    return end
