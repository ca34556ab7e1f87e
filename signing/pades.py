"""Sign a PDF as PAdES B-LTA (EN 319 142-1 §6.3), one incremental revision upon another.

Decides: all fields exist before the first signature; the first signature certifies at
P2 (form filling) and none at P1 or P3; every signature has its token, its revocation
data and an archive timestamp in the file, or says by their absence that its time is
pending. A seal fills its seams in its own revision. Never touches an earlier byte, never
fetches anything, never signs at a made-up time.

Two tokens a signature: the signature's own shows which authority stamps and how large its
tokens are, so none is asked for on trial. A token that outgrows its room costs one more try.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from signing.archive_revision import (
    SIGNING,
    STAMPING,
    Chain,
    Proof,
    Prover,
    chain_of,
    chains_at,
    stamp_document,
    store,
)
from signing.model import Credential, RevocationSource, TimestampAuthority
from signing.offline_loop import run_offline
from signing.prepared_field import FieldEntry, prepare_field
from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner, certificates_from
from signing.refusals import CannotSignError
from signing.revision_writer import RevisionWriter
from signing.signatures_on_file import FileEnd, read_end

__all__ = ["sign_pdf"]

TOKEN_ROOM = 5120
"""Bytes kept for a token of an authority that has not stamped this file yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What one signature is to say, and with whose help."""

    entry: FieldEntry
    credential: Credential
    authority: TimestampAuthority | None
    revocation: RevocationSource
    roots: tuple[bytes, ...]
    token_room: int = 0
    """Bytes asked for by an earlier try; 0 leaves the choice to the file."""


class _TokenOutgrewError(Exception):
    """The token needs more room than was kept; never leaves this module."""

    def __init__(self, size: int) -> None:
        self.size = size


def sign_pdf(
    pdf: bytes,
    *,
    field: str,
    credential: Credential,
    authority: TimestampAuthority | None,
    revocation: RevocationSource,
    roots: Sequence[bytes],
    appearance: bytes,
    signed_at: datetime,
    reason: str,
    location: str,
    certify: bool,
    seams: Sequence[str] = (),
) -> bytes:
    """Sign one existing field; the result begins with ``pdf`` byte for byte.

    Args:
        pdf: The file with its empty fields and any earlier signatures.
        field: Name of an empty field.
        credential: Who signs. The caller destroys the key afterwards.
        authority: Asked for two tokens: the signature's and the archive's. ``None`` signs as B-B while
            no authority gives any: the time is pending, the file says no other, and
            ``archive_timestamps.upgrade`` adds it within the life of the credential's certificate.
        revocation: Asked for the chains of signer and authority.
        roots: Trusted roots of signers and of timestamps, DER.
        appearance: A one-page PDF that becomes the visible seal or hand.
        signed_at: Claimed time (``/M``) and moment of certificate validation, aware.
        reason: Shown by PDF viewers.
        location: Shown by PDF viewers.
        certify: True for the first signature of a document only.
        seams: Seam fields of this seal that show its slices (``seam_drawing.seam_names``).

    Raises:
        TimestampUnavailableError: No token now; nothing was made.
        RevocationUnavailableError: Chain, validity or revocation data wanting now.
        CannotSignError: No such empty field, or a file that admits no signature.
    """
    entry = FieldEntry(
        field=field,
        appearance=appearance,
        seams=tuple(seams),
        signed_at=signed_at,
        reason=reason,
        location=location,
        certify=certify,
    )
    deed = _Deed(
        entry=entry, credential=credential, authority=authority, revocation=revocation, roots=tuple(roots)
    )
    return run_offline(_sign(pdf, deed))


async def _sign(pdf: bytes, deed: _Deed) -> bytes:
    try:
        return await _revise(pdf, deed)
    except _TokenOutgrewError as outgrown:
        return await _revise(pdf, replace(deed, token_room=_with_margin(outgrown.size)))


async def _revise(pdf: bytes, deed: _Deed) -> bytes:
    try:
        writer = RevisionWriter(BytesIO(pdf))
        prover = Prover(revocation=deed.revocation, roots=deed.roots, moment=deed.entry.signed_at)
        end = read_end(writer.prev)
        chains = [_signer_chain(deed), *chains_at(end)]
        # proven before the key is used: a revoked signer makes nothing
        proof = await prover.prove(chains)
        if deed.authority is None:
            output, contents = await _write_signature(writer, deed, None, 0)
            return _with_validation_data(output, proof, contents)
        stamper = AuthorityTimeStamper(deed.authority)
        room = deed.token_room or _room_by(end)
        return await _sign_stamped(writer, deed, prover, chains, stamper, room)
    except (SigningError, PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem


async def _sign_stamped(
    writer: RevisionWriter,
    deed: _Deed,
    prover: Prover,
    chains: Sequence[Chain],
    stamper: AuthorityTimeStamper,
    room: int,
) -> bytes:
    try:
        output, contents = await _write_signature(writer, deed, stamper, room)
        stamped_by = chain_of(stamper.last_token(), STAMPING)
        known = [chain for chain in chains if not chain.ends_as(stamped_by)]
        room = max(_with_margin(len(stamper.last_token().dump())), deed.token_room)
        await stamp_document(output, prover, [*known, stamped_by], stamper, contents=contents, room=room)
    except SigningError as problem:
        size = stamper.last_size
        if size <= room:
            raise
        raise _TokenOutgrewError(size) from problem
    return output.getvalue()


async def _write_signature(
    writer: RevisionWriter, deed: _Deed, stamper: AuthorityTimeStamper | None, room: int
) -> tuple[BytesIO, bytes]:
    """Lay the file out and sign it at once.

    Returns:
        The file up to the signature's revision, and its ``/Contents`` with the padding.
    """
    laid_out = prepare_field(
        writer,
        deed.entry,
        CredentialSigner(deed.credential),
        stamper=stamper,
        chain=deed.credential.chain,
        token_room=room,
    )
    signed = await laid_out.document.perform_signature(
        document_digest=laid_out.digest.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=deed.entry.signed_at),
    )
    return laid_out.output, signed.sig_contents


def _with_validation_data(output: BytesIO, proof: Proof, contents: bytes) -> bytes:
    writer = RevisionWriter(output)
    store(writer, proof, contents)
    writer.write_in_place()  # type: ignore[no-untyped-call]
    return output.getvalue()


def _signer_chain(deed: _Deed) -> Chain:
    leaf, *above = certificates_from(deed.credential.chain)
    return Chain(leaf=leaf, above=tuple(above), purpose=SIGNING)


def _room_by(end: FileEnd) -> int:
    """By the last token in the file, which the same authority most likely gave."""
    return _with_margin(len(end.timestamp.signed_data.dump())) if end.timestamp else TOKEN_ROOM


def _with_margin(size: int) -> int:
    """Tokens of one authority differ by some bytes: numbers and signatures vary in length."""
    return size + size // 4
