"""Revocation lists of authorities elsewhere, fetched from the addresses in their certificates.

Decides which addresses are asked: those in certificates that lead, signature by signature, to a
configured root. So nobody who hands in a chain can make this process ask an address of his own.
What is fetched is proven by whoever builds the chain (RFC 5280 §6.3), never believed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtensionOID

from signing.http_exchange import NoHttpAnswerError, OverlongAnswerError, exchange
from signing.model import RevocationSource
from signing.refusals import RevocationUnavailableError

__all__ = ["PublishedLists"]

GREATEST_LIST: Final = 16 * 1024**2
LONGEST_CHAIN: Final = 10


class PublishedLists:
    """Implements ``RevocationSource``: the lists of the authority here, and those published elsewhere."""

    def __init__(self, here: RevocationSource, roots: tuple[bytes, ...], *, timeout_seconds: float) -> None:
        """Ask nothing yet.

        Args:
            here: Asked first; what it covers is not fetched.
            roots: Of the configured authorities, DER.
            timeout_seconds: For each list, whole.
        """
        self._here = here
        self._roots = tuple(x509.load_der_x509_certificate(root) for root in roots)
        self._timeout = timeout_seconds

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """DER lists that cover every certificate of the chain but the root.

        A certificate of no configured root is passed over; signing then fails, as it must, for
        want of revocation data.

        Raises:
            RevocationUnavailableError: A list cannot be fetched now.
        """
        own = self._here.crls_for(chain)
        covered = {x509.load_der_x509_crl(one).issuer for one in own}
        certificates = [x509.load_der_x509_certificate(one) for one in chain]
        elsewhere = [one for one in certificates if one.issuer not in covered and one.subject != one.issuer]
        addresses = [
            _address(one) for one in elsewhere if self._leads_to_root(one, [*certificates, *self._roots])
        ]
        return (*own, *(self._fetched(one) for one in dict.fromkeys(addresses) if one is not None))

    def _leads_to_root(self, certificate: x509.Certificate, known: Iterable[x509.Certificate]) -> bool:
        issuers = list(known)
        for _ in range(LONGEST_CHAIN):
            issuer = next((one for one in issuers if _has_issued(one, certificate)), None)
            if issuer is None or issuer in self._roots:
                return issuer is not None
            certificate = issuer
        return False

    def _fetched(self, address: str) -> bytes:
        try:
            answer = exchange("GET", address, seconds=self._timeout, greatest=GREATEST_LIST)
        except OverlongAnswerError as problem:
            raise RevocationUnavailableError(f"{address}: too long for a list") from problem
        except NoHttpAnswerError as problem:
            raise RevocationUnavailableError(f"{address}: {problem.detail}") from problem
        if answer.status != HTTPStatus.OK:
            raise RevocationUnavailableError(f"{address}: HTTP {answer.status}")
        try:
            x509.load_der_x509_crl(answer.content)
        except ValueError as problem:
            raise RevocationUnavailableError(f"{address}: no revocation list") from problem
        return answer.content


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _address(certificate: x509.Certificate) -> str | None:
    """The first http(s) address of its list (RFC 5280 §4.2.1.13)."""
    try:
        found = certificate.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    if not isinstance(found, x509.CRLDistributionPoints):
        return None
    names = [name.value for point in found for name in point.full_name or () if _is_uri(name)]
    return next((str(one) for one in names if urlsplit(str(one)).scheme in {"http", "https"}), None)


def _is_uri(name: x509.GeneralName) -> bool:
    return isinstance(name, x509.UniformResourceIdentifier)
