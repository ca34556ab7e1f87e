"""What the service may ask of the certification and timestamp authority that live here.

Decides that the service gets certificates over its own keys for seals of the configured utility
alone, and may have these and no others revoked. There is no way to ask for a person's certificate:
those are issued in the act of signing.
"""

from __future__ import annotations

from typing import Protocol

from contracts_chain.activation.errors import CertificateRefusedError, RevocationRefusedError
from kernel.sized_bytes import Bytes32
from signing.certificates import identity_of
from signing.issuing_ca import TestCa
from signing.model import RevocationSource, SoleControl, TimestampAuthority
from signing.rfc3161_authority import TestTsa
from signing.ses.making import IssuedSeal, SealIssuer, SealOrder
from signing.sm2_chain import load_certificate
from signing.sm2_libcrypto import Sm2UnavailableError

__all__ = ["AuthorityDesk", "DomesticAuthority"]


class DomesticAuthority(SealIssuer, RevocationSource, Protocol):
    """The SM2 authorities: they certify, make seals, and say what they took back."""


class AuthorityDesk:
    """Certificates for the utility's seals, revocation data, timestamps."""

    def __init__(
        self,
        ca: TestCa,
        tsa: TestTsa,
        timestamps: TimestampAuthority,
        seal_maker: DomesticAuthority | None,
        *,
        revocation: RevocationSource,
        utility_uscc: str,
    ) -> None:
        """Take the authorities of this directory.

        Args:
            ca: The TEST CA.
            tsa: The TEST TSA, for requests from outside.
            timestamps: Where signatures get their tokens: configured authorities, or that TSA.
            seal_maker: The TEST SM2 authorities; ``None`` where the machine has no SM2.
            revocation: Lists of every authority that signatures here may lead to.
            utility_uscc: The only organisation whose seals are certified on request.
        """
        self._ca = ca
        self._seal_maker = seal_maker
        self._tsa = tsa
        self._timestamps = timestamps
        self._revocation = revocation
        self._utility_uscc = utility_uscc

    def certify_seal(
        self, public_key_der: bytes, *, organisation: str, organisation_id: str, seal_name: str
    ) -> tuple[bytes, ...]:
        """A chain for a key of one of the utility's seals, leaf first, DER.

        Raises:
            CertificateRefusedError: Somebody else's seal.
            NameTooLongError: The common name would exceed 64 characters.
            UnsuitableKeyError: Neither P-256 nor RSA.
        """
        self._verify_own(organisation_id)
        return self._ca.certify_seal(
            public_key_der,
            organisation=organisation,
            organisation_id=organisation_id,
            seal_name=seal_name,
        )

    def revoke(self, certificate: bytes) -> None:
        """Revoke the certificate of one of the utility's seals; a second call changes nothing.

        A person who signs for the utility is no seal: only the custodian's seals are certified at
        the level ``CUSTODIAN``.

        Args:
            certificate: DER.

        Raises:
            RevocationRefusedError: Somebody else's, a person's, or not issued here.
        """
        try:
            signer = identity_of(load_certificate(certificate))
            issued = self._ca.has_issued(certificate)
        except (ValueError, TypeError, KeyError) as problem:
            raise RevocationRefusedError("unreadable bytes") from problem
        own = signer.organisation_id == self._utility_uscc and signer.sole_control is SoleControl.CUSTODIAN
        if not (issued and own):
            raise RevocationRefusedError(signer.common_name)
        self._ca.revoke(certificate)

    def seal_for(self, public_key_der: bytes, order: SealOrder) -> IssuedSeal:
        """A domestic seal of the utility over an SM2 key (GB/T 38540).

        Raises:
            CertificateRefusedError: Somebody else's seal.
            Sm2UnavailableError: No SM2 on this machine.
            NameTooLongError: The common name would exceed 64 characters.
        """
        self._verify_own(order.organisation_id)
        if self._seal_maker is None:
            raise Sm2UnavailableError("the activation process has none")
        return self._seal_maker.seal_for(public_key_der, order)

    def _verify_own(self, organisation_id: str) -> None:
        if organisation_id != self._utility_uscc:
            raise CertificateRefusedError(organisation_id)

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Fresh lists of every authority, here or configured, that issued a certificate of ``chain``.

        Raises:
            RevocationUnavailableError: An authority elsewhere gives none now.
        """
        domestic = self._seal_maker.crls_for(chain) if self._seal_maker else ()
        return (*domestic, *self._revocation.crls_for(chain))

    def token_over(self, digest: Bytes32) -> bytes:
        """A TimeStampToken over a SHA-256 digest, DER.

        Raises:
            TimestampUnavailableError: No token now.
        """
        return self._timestamps.token_over(digest)

    def timestamp_response(self, request_der: bytes) -> bytes:
        """The TEST TSA's answer to an RFC 3161 request, DER."""
        return self._tsa.respond(request_der)

    def ocsp_response(self, request_der: bytes) -> bytes:
        """Answer one OCSP request, DER."""
        return self._ca.ocsp_response(request_der)

    def crl(self, name: str) -> bytes:
        """A fresh full list, DER.

        Raises:
            UnknownAuthorityError: Another name.
        """
        return self._ca.crl(name)

    def authority_certificate(self, name: str) -> bytes:
        """Certificate of an authority, DER.

        Raises:
            UnknownAuthorityError: Another name.
        """
        return self._ca.authority_certificate(name)
