"""What every CMS signature here has in common: its signature timestamps and its signer's chain.

PDF signatures (PAdES) and detached ones (CAdES) are judged by these same functions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from asn1crypto import cms, core, crl, x509
from pyhanko.sign.general import find_cms_attribute_iter
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from kernel.verdict import Verdict
from signing.algorithms import judge_algorithms
from signing.certificates import ValidationMaterial, is_under_root, judge_chain
from signing.judgement import SOUND, Judgement, refuted, undecided
from signing.model import SignatureTrust
from signing.timestamp_tokens import NO_TOKEN, TokenJudgement, judge_token

__all__ = ["SignedMessage", "Verifier", "crls_inside"]

TIMELESS = frozenset({"unknown_issuer", "look_alike_ca", "wrong_key_usage"})
"""Findings on a chain that hold at any time."""
MOST_LISTS = 32
"""Two chains of authorities need some six."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """One CMS SignedData with its single SignerInfo and the certificates found inside."""

    signed: cms.SignedData
    signer: cms.SignerInfo
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]

    @classmethod
    def of(cls, signed: cms.SignedData, signer: cms.SignerInfo) -> SignedMessage:
        """Find the signer's certificate by the signed ESS attribute.

        Raises:
            Exception: pyHanko's, over malformed messages.
        """
        found = extract_certs_for_validation(signed)
        return cls(
            signed=signed, signer=signer, certificate=found.signer_cert, others=tuple(found.other_certs)
        )

    def judge_signature(self, content_digest: bytes) -> Judgement:
        """Algorithms acceptable, digest equal, signature sound (rules V2, V10).

        Args:
            content_digest: By the SignerInfo's own digest algorithm.
        """
        acceptable = judge_algorithms(self.signer, self.certificate.public_key)
        if acceptable is not SOUND:
            return acceptable
        if not isinstance(self.signed["encap_content_info"]["content"], core.Void):
            # validators differ in what they then compare, and nothing else holds these bytes
            return undecided("content_inside", "a detached signature carries content of its own")
        intact, valid = validate_sig_integrity(self.signer, self.certificate, "data", content_digest)
        if not intact:
            return refuted("content_changed", "the signed bytes were changed after signing")
        if not valid:
            return refuted("signature_forged", "the signature does not verify with the signer's key")
        return SOUND

    def in_order(self) -> SignedMessage:
        """The same with its signed attributes in the order of DER (X.690 §11.6).

        RFC 5652 §5.4 has the signature made over the DER encoding, whatever order was sent.
        """
        signer = self.signer.copy()
        # asn1crypto sorts a SET OF that it encodes itself
        signer["signed_attrs"] = cms.CMSAttributes(list(self.signer["signed_attrs"]))
        return replace(self, signer=signer)

    def tokens(self) -> Iterator[cms.SignedData]:
        """Signature timestamp tokens (unsigned attribute, EN 319 122-1 §5.3)."""
        for token in find_cms_attribute_iter(self.signer["unsigned_attrs"], "signature_time_stamp_token"):
            yield token["content"]

    def imprint(self, algorithm: str) -> bytes:
        """Digest of the signature value, which is what a signature timestamp covers."""
        return hashlib.new(algorithm, self.signer["signature"].native).digest()


class Verifier:
    """Trust and tolerance of one inspection, parsed once."""

    __slots__ = ("_ca_roots", "_skew", "tsa_roots")

    def __init__(self, trust: SignatureTrust, skew: timedelta) -> None:
        """Parse the roots.

        Raises:
            ValueError: A root that is no certificate: the trust bundle is wrong.
        """
        self._ca_roots = [x509.Certificate.load(der) for der in trust.ca_roots]
        self.tsa_roots = [x509.Certificate.load(der) for der in trust.tsa_roots]
        self._skew = skew

    def is_claimed(self, message: SignedMessage, material: ValidationMaterial) -> bool:
        """Whether the signer's chain claims a root of the bundle, truly or not."""
        return is_under_root(message.certificate, (*message.others, *material.certificates), self._ca_roots)

    async def judge_time(self, message: SignedMessage, material: ValidationMaterial) -> TokenJudgement:
        """The first proven token, else the last one's judgement, else ``NO_TOKEN``."""
        found = NO_TOKEN
        for token in message.tokens():
            found = await self.judge_token_over(token, message, material)
            if found.judgement.verdict is Verdict.PROVEN:
                break
        return found

    async def judge_token_over(
        self, token: cms.SignedData, message: SignedMessage, material: ValidationMaterial
    ) -> TokenJudgement:
        """One signature timestamp."""
        return await judge_token(token, message.imprint, material, roots=self.tsa_roots, skew=self._skew)

    async def judge_document_time(
        self, token: cms.SignedData, digest: bytes, algorithm: str, material: ValidationMaterial
    ) -> TokenJudgement:
        """A document timestamp over a byte range whose digest is known for one algorithm."""
        return await judge_token(
            token,
            lambda asked: digest if asked == algorithm else b"",
            material,
            roots=self.tsa_roots,
            skew=self._skew,
        )

    async def judge_signer(
        self, message: SignedMessage, time: TokenJudgement, material: ValidationMaterial
    ) -> Judgement:
        """The signer's chain at the proven moment; without one, at best undecided."""
        if time.claimed_utc is None:
            return undecided("no_proven_time", "without a timestamp the certificate cannot be judged")
        judgement = await judge_chain(
            message.certificate,
            material.joined(message.others),
            roots=self._ca_roots,
            moment=time.claimed_utc,
            skew=self._skew,
            key_usage=frozenset({"non_repudiation"}),
        )
        if time.proven_utc is None and judgement.code not in TIMELESS:
            return undecided("no_proven_time", "the time is not proven, so neither is the certificate")
        return judgement


def crls_inside(signed: cms.SignedData) -> tuple[crl.CertificateList, ...]:
    """CRLs carried in the SignedData itself (RFC 5652 §10.2.1).

    Raises:
        ValueError: More than ``MOST_LISTS``; nobody signed that they stand there, and each takes time.
    """
    chosen = [choice.chosen for choice in signed["crls"] or ()]
    if len(chosen) > MOST_LISTS:
        raise ValueError(f"more than {MOST_LISTS} revocation lists")
    return tuple(item for item in chosen if isinstance(item, crl.CertificateList))
