"""Where an authority publishes: the addresses that its certificates carry.

Decides the paths below one base address: OCSP (RFC 6960 appendix A.1), lists and authorities'
certificates in DER (RFC 5280 §4.2.1.13 and §4.2.2.1). An authority without an address names none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

__all__ = ["PKI_PATHS", "PkiSource", "Publication"]

PKI_PATHS = {"ocsp": "/ocsp", "crl": "/crl/{name}.crl", "ca": "/ca/{name}.cer"}


class PkiSource(Protocol):
    """Who answers: the TEST CA itself, or the activation process that keeps it."""

    def ocsp_response(self, request_der: bytes) -> bytes:
        """Answer one OCSP request, whatever it holds; DER."""
        ...

    def crl(self, name: str) -> bytes:
        """A fresh full list, DER.

        Raises:
            UnknownAuthorityError: No authority of this name.
        """
        ...

    def authority_certificate(self, name: str) -> bytes:
        """An authority's certificate, DER.

        Raises:
            UnknownAuthorityError: No authority of this name.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One authority's addresses.

    Attributes:
        base_url: What the paths are appended to, e.g. ``http://contracts.example/pki``; plain HTTP, since
            a client that checks a certificate must not need another certificate to do so (RFC 5280 §8).
        issuer: Name of the authority that issued the certificate, e.g. ``issuing``.
    """

    base_url: str
    issuer: str

    def access(self) -> x509.AuthorityInformationAccess:
        """Responder and issuer's certificate."""
        return x509.AuthorityInformationAccess(
            [
                _access(AuthorityInformationAccessOID.OCSP, self._at("ocsp")),
                _access(AuthorityInformationAccessOID.CA_ISSUERS, self._at("ca")),
            ]
        )

    def distribution(self) -> x509.CRLDistributionPoints:
        """The issuer's full list."""
        uri = x509.UniformResourceIdentifier(self._at("crl"))
        point = x509.DistributionPoint(full_name=[uri], relative_name=None, reasons=None, crl_issuer=None)
        return x509.CRLDistributionPoints([point])

    def _at(self, kind: str) -> str:
        return self.base_url.rstrip("/") + PKI_PATHS[kind].format(name=self.issuer)


def _access(method: x509.ObjectIdentifier, address: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
