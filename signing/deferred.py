"""A signature whose key is elsewhere: prepared here, made on a token or in a browser, finished here.

Decides what leaves the house (the signed attributes, some 200 bytes) and what is kept until the
signature comes back: the prepared file and a small JSON object, never a pickle. Nothing is
embedded before it is proven to be the certificate's own signature over those very attributes; the
kept state is proven too, since it lay in a database meanwhile.

The holder's key signs SHA-256 of ``DeferredSignature.to_sign``: ``openssl dgst -sha256 -sign`` on a
token, ``crypto.subtle.sign({name: "ECDSA", hash: "SHA-256"}, …)`` in a browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from asn1crypto import cms, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from kernel.sized_bytes import Bytes32
from signing.archive_revision import (
    SIGNING,
    STAMPING,
    Chain,
    Prover,
    chain_of,
    chains_at,
    stamp_document,
    store,
)
from signing.deferred_state import DeferredSignature, DeferredStateError
from signing.model import Credential, RevocationSource, TimestampAuthority
from signing.offline_loop import run_offline
from signing.prepared_field import FieldEntry, prepare_field
from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner, certificates_from
from signing.refusals import CannotSignError
from signing.revision_writer import RevisionWriter
from signing.signature_mechanism import proven_signature
from signing.signatures_on_file import read_end

__all__ = ["DeferredSignature", "DeferredStateError", "finish_deferred", "prepare_deferred"]

TOKEN_ROOM = 8192
"""Bytes kept for the token: the authority is asked only when the signature is there, and the file
cannot be laid out anew then."""


def prepare_deferred(
    pdf: bytes,
    *,
    field: str,
    certificate_chain: Sequence[bytes],
    revocation: RevocationSource,
    roots: Sequence[bytes],
    appearance: bytes,
    signed_at: datetime,
    reason: str,
    location: str,
    certify: bool,
    seams: Sequence[str] = (),
) -> DeferredSignature:
    """Lay the file out for a holder's own key.

    Args:
        pdf: The file with its empty fields and any earlier signatures.
        field: Name of an empty field.
        certificate_chain: The holder's certificate and those above it, leaf first, DER.
        revocation: Asked for the holder's chain: a revoked holder is told so before signing.
        roots: Trusted roots of signers and of timestamps, DER.
        appearance: A one-page PDF that becomes the visible seal or hand.
        signed_at: Claimed time (``/M``) and moment of certificate validation, aware.
        reason: Shown by PDF viewers.
        location: Shown by PDF viewers.
        certify: True for the first signature of a document only.
        seams: Seam fields of this seal that show its slices.

    Raises:
        UnsuitableKeyError: The certificate's key is neither P-256 nor RSA of 2048 to 4096 bits.
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
    prover = Prover(revocation=revocation, roots=tuple(roots), moment=signed_at)
    return run_offline(_prepare(pdf, tuple(certificate_chain), entry, prover))


def finish_deferred(
    deferred: DeferredSignature,
    signature: bytes,
    *,
    authority: TimestampAuthority | None,
    revocation: RevocationSource,
    roots: Sequence[bytes],
    moment: datetime,
) -> bytes:
    """Embed the holder's signature, its timestamp and validation data: B-LTA like ``sign_pdf``.

    Args:
        deferred: As prepared, perhaps read back from its JSON.
        signature: Over ``to_sign`` with SHA-256; ECDSA in DER or as a browser's 64 bytes, or RSA.
        authority: Gives the tokens; ``None`` makes B-B, timestamp pending, as in ``sign_pdf``.
        revocation: Asked for the chains of holder and authority.
        roots: Trusted roots of signers and of timestamps, DER.
        moment: Now: the certificate must hold, not only when the file was prepared.

    Raises:
        WrongSignatureError: Not by this certificate's key over this document; nothing was made.
        DeferredStateError: The kept state was changed.
        TimestampUnavailableError: No token now; the signature can be finished later.
        RevocationUnavailableError: Chain, validity or revocation data wanting now.
        CannotSignError: The token is larger than the room kept for it.
    """
    deferred.verify_unchanged()
    public_key = x509.Certificate.load(deferred.chain[0]).public_key.dump()
    embedded = proven_signature(public_key, signature, deferred.to_sign)
    prover = Prover(revocation=revocation, roots=tuple(roots), moment=moment)
    stamper = AuthorityTimeStamper(authority) if authority else None
    return run_offline(_finish(deferred, embedded, prover, stamper))


class _ReturnedSignature:
    """The one signature that came back; implements ``SigningKey`` for the message it was made for."""

    def __init__(self, signature: bytes) -> None:
        self._signature = signature

    def sign(self, _message: bytes) -> bytes:
        return self._signature

    def destroy(self) -> None:
        """There is no key here."""


async def _prepare(
    pdf: bytes, chain: tuple[bytes, ...], entry: FieldEntry, prover: Prover
) -> DeferredSignature:
    signer = _signer(chain, b"")
    try:
        writer = RevisionWriter(BytesIO(pdf))
        await prover.prove([_chain_of_holder(chain), *chains_at(read_end(writer.prev))])
        laid_out = prepare_field(writer, entry, signer, stamper=None, chain=chain, token_room=TOKEN_ROOM)
        attributes = await signer.signed_attrs(
            laid_out.digest.document_digest,
            "sha256",
            attr_settings=PdfCMSSignedAttributes(signing_time=entry.signed_at),
            use_pades=True,
        )
    except (SigningError, PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem
    return DeferredSignature(
        prepared=laid_out.output.getvalue(),
        base_length=len(pdf),
        field=entry.field,
        reserved_start=laid_out.digest.reserved_region_start,
        reserved_end=laid_out.digest.reserved_region_end,
        document_sha256=Bytes32(laid_out.digest.document_digest),
        to_sign=attributes.dump(),
        chain=chain,
    )


async def _finish(
    deferred: DeferredSignature, signature: bytes, prover: Prover, stamper: AuthorityTimeStamper | None
) -> bytes:
    try:
        output = BytesIO(deferred.prepared)
        chains = [_chain_of_holder(deferred.chain), *_chains_before(deferred)]
        proof = await prover.prove(chains)  # before anything is asked of the authority
        contents = _embedded(deferred, await _message(deferred, signature, stamper), output)
        if stamper is None:
            writer = RevisionWriter(output)
            store(writer, proof, contents)
            writer.write_in_place()  # type: ignore[no-untyped-call]
            return output.getvalue()
        stamped_by = chain_of(stamper.last_token(), STAMPING)
        known = [chain for chain in chains if chain.leaf != stamped_by.leaf]
        await stamp_document(
            output, prover, [*known, stamped_by], stamper, contents=contents, room=TOKEN_ROOM
        )
    except (SigningError, PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem
    return output.getvalue()


async def _message(
    deferred: DeferredSignature, signature: bytes, stamper: AuthorityTimeStamper | None
) -> cms.ContentInfo:
    return await _signer(deferred.chain, signature).async_sign_prescribed_attributes(
        "sha256", cms.CMSAttributes.load(deferred.to_sign), timestamper=stamper
    )


def _embedded(deferred: DeferredSignature, message: cms.ContentInfo, output: BytesIO) -> bytes:
    """Fill the room in ``output``; returns ``/Contents`` in hexadecimal, padding included."""
    region = PreparedByteRangeDigest(
        document_digest=deferred.document_sha256,
        reserved_region_start=deferred.reserved_start,
        reserved_region_end=deferred.reserved_end,
    )
    contents: bytes = region.fill_with_cms(output, message)
    return contents


def _chains_before(deferred: DeferredSignature) -> tuple[Chain, ...]:
    """What the file's earlier revisions bring: pending signers, the last archive's authority."""
    writer = RevisionWriter(BytesIO(deferred.prepared[: deferred.base_length]))
    return chains_at(read_end(writer.prev))


def _signer(chain: tuple[bytes, ...], signature: bytes) -> CredentialSigner:
    key = _ReturnedSignature(signature)
    return CredentialSigner(Credential(certificate=chain[0], chain=chain, key=key))


def _chain_of_holder(chain: Sequence[bytes]) -> Chain:
    leaf, *above = certificates_from(chain)
    return Chain(leaf=leaf, above=tuple(above), purpose=SIGNING)
