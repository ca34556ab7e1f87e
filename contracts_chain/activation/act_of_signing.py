"""The one place where a signer's key is made, used and destroyed.

Decides whether an order is covered by a release: the field was agreed to, the base begins with the
agreed bytes, and nothing but signatures follows them. The result is kept before it is answered;
the same field over the same base gives the very same bytes, so nothing is signed twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from contracts_chain.activation.errors import DocumentChangedError, NotReleasedError
from contracts_chain.activation.issuers import EventIssuer
from contracts_chain.activation.port import SignatureOrder, SignedField
from contracts_chain.activation.releases import Released, Releases
from contracts_chain.activation.results import Results
from contracts_chain.evidence.will import DocumentToSign, FieldToSign
from kernel.clock import Clock
from kernel.digests import sha256
from signing.agreed_revision import ChangedSinceAgreedError, verify_only_signatures_since
from signing.model import RevocationSource, SignatureTrust, TimestampAuthority
from signing.pades import sign_pdf
from signing.pdf_reading import UnreadablePdfError
from signing.rfc3161_authority import TimestampUnavailableError

__all__ = ["ActOfSigning", "SesMaker"]

_MINUTES: Final = timedelta(minutes=10)
_OUTAGE: Final = timedelta(days=30)
"""A certificate whose signature waits for its timestamp must outlive the outage."""

_BYTE_RANGE: Final = re.compile(rb"/ByteRange\s*\[\s*0\s+\d+\s+(\d+)\s+(\d+)")

SesMaker = Callable[[bytes, FieldToSign, bytes], bytes]
"""Revision, seal, its drawing → GB/T 38540 SES_Signature over that revision, DER."""


class ActOfSigning:
    """Signs released fields; the caller keeps two orders for one field apart."""

    def __init__(
        self,
        releases: Releases,
        results: Results,
        issuer: EventIssuer,
        timestamps: TimestampAuthority,
        clock: Clock,
        *,
        trust: SignatureTrust,
        revocation: RevocationSource,
        make_ses: SesMaker | None,
    ) -> None:
        """Take what was released and what was made, who certifies and stamps, and who is trusted to."""
        self._releases = releases
        self._results = results
        self._issuer = issuer
        self._timestamps = timestamps
        self._clock = clock
        self._make_ses = make_ses
        self._trust = trust
        self._revocation = revocation

    def sign(self, order: SignatureOrder) -> SignedField:
        """Sign one released field; the same order gives the very same bytes again.

        Raises:
            NotReleasedError: The signer never agreed to this field of this document.
            DocumentChangedError: The base begins with other bytes, or holds more than signatures.
            HandedOverError: It was signed, stored by the service and given up here since.
            RevocationUnavailableError: The chain cannot be proven now.
            CscUnavailableError: The configured authority does not answer now.
            CscRefusedError: It refuses.
            CredentialMismatchError: Its certificate is another's.
            CannotSignError: No such empty field.
            VaultError: The result could not be kept, so it is not given.
        """
        released, document, field = self._released(order)
        _verify_beginning(order.base, document)
        made = self._results.find(order)
        if made is not None:
            return made
        self._verify_following(order.base, document)
        signed = self._sign(order, released, field)
        self._results.keep(order, document.document_sha256, signed)
        return signed

    def _released(self, order: SignatureOrder) -> tuple[Released, DocumentToSign, FieldToSign]:
        released = self._releases.find(order.ceremony)
        if released is not None:
            for document in released.request.documents:
                for field in document.fields:
                    if document.number == order.number and field.field == order.field:
                        return released, document, field
        raise NotReleasedError(order.number, order.field)

    def _verify_following(self, base: bytes, document: DocumentToSign) -> None:
        """What this process made itself from a sound base needs no second look."""
        if self._results.is_made_here(base, document.document_sha256):
            return
        try:
            verify_only_signatures_since(base, document.document_length, self._trust)
        except (ChangedSinceAgreedError, UnreadablePdfError) as problem:
            raise DocumentChangedError(problem.en) from problem

    def _sign(self, order: SignatureOrder, released: Released, field: FieldToSign) -> SignedField:
        try:
            pdf, pending = self._revision(order, released, field, self._timestamps, _MINUTES), False
        except TimestampUnavailableError:
            pdf, pending = self._revision(order, released, field, None, _OUTAGE), True
        ses = None
        if field.kind == "seal" and self._make_ses is not None:
            revision = pdf[: _revision_end(pdf, len(order.base))]
            ses = self._make_ses(revision, field, order.appearance)
        return SignedField(pdf=pdf, pending=pending, ses=ses)

    def _revision(
        self,
        order: SignatureOrder,
        released: Released,
        field: FieldToSign,
        authority: TimestampAuthority | None,
        lifetime: timedelta,
    ) -> bytes:
        """Sign with a key of this one act; it is destroyed whatever comes of it."""
        signer, level = released.request.signer, released.release.level
        credential = self._issuer.credential(signer, field, level, lifetime)
        try:
            return sign_pdf(
                order.base,
                field=order.field,
                credential=credential,
                authority=authority,
                revocation=self._revocation,
                roots=(*self._trust.ca_roots, *self._trust.tsa_roots),
                appearance=order.appearance,
                signed_at=self._clock.now(),
                reason=order.reason,
                location=order.location,
                certify=order.certify,
                seams=order.seams,
            )
        finally:
            credential.key.destroy()


def _verify_beginning(base: bytes, document: DocumentToSign) -> None:
    """The agreed bytes, all of them, from the first on."""
    if len(base) < document.document_length:
        raise DocumentChangedError("it is shorter than the agreed document")
    if sha256(base[: document.document_length]) != document.document_sha256:
        raise DocumentChangedError("it begins with other bytes")


def _revision_end(pdf: bytes, start: int) -> int:
    """Where the revision ends that the first signature after ``start`` covers; written by ourselves."""
    found = _BYTE_RANGE.search(pdf, start)
    if found is None:
        raise ValueError("the signature just made has no byte range")
    return int(found[1]) + int(found[2])
