"""Who certifies signers and who is trusted, as the activation process's own configuration names them.

Decides which roots signatures on a contract may lead to: those of the configured authorities, and of
the TEST authorities that certify the utility's seals where these bring no certificate. A configured
authority without a readable root ends the start: nothing is signed that nobody could prove.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from contracts_chain.activation.configuration import ConfigurationError, Issuing
from contracts_chain.activation.event_authority import CscAuthority, TestAuthority
from contracts_chain.activation.issuers import CscIssuer, EventIssuer, TestCaIssuer
from contracts_chain.activation.own_keys import HolderIssuer
from kernel.os_reason import reason_en
from signing.http_revocation import PublishedLists
from signing.issuing_ca import TestCa
from signing.model import RevocationSource, SignatureTrust

__all__ = ["Authorities", "open_roots"]

_LIST_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorities:
    """The configured authorities at work.

    Attributes:
        issuer: Certifies the key of each act.
        trust: Roots of signers and of timestamps.
        revocation: Lists of all of them.
        holders: Certifies keys of holders; ``None`` where the configured authority does not.
        licensed: Roots of the configured authority alone, DER; empty under the TEST CA.
    """

    issuer: EventIssuer
    trust: SignatureTrust
    revocation: RevocationSource
    holders: HolderIssuer | None
    licensed: tuple[bytes, ...]

    @classmethod
    def of(cls, issuing: Issuing, ca: TestCa) -> Authorities:
        """Open what the configuration names, relative paths from the working directory.

        Raises:
            ConfigurationError: A root cannot be read.
        """
        elsewhere, stamping = open_roots(issuing)
        match issuing.authority:
            case TestAuthority():
                issuer: EventIssuer = TestCaIssuer(ca)
                holders: HolderIssuer | None = ca
            case CscAuthority() as csc:
                issuer, holders = CscIssuer(csc), None
        trust = SignatureTrust(ca_roots=(*elsewhere, *ca.roots), tsa_roots=(*stamping, *ca.tsa_roots))
        configured = (*elsewhere, *stamping)
        revocation = PublishedLists(ca, configured, timeout_seconds=_LIST_SECONDS) if configured else ca
        return cls(issuer=issuer, trust=trust, revocation=revocation, holders=holders, licensed=elsewhere)


def open_roots(issuing: Issuing) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Roots of the configured authority (none under the TEST CA) and of the configured time stamps, DER.

    Raises:
        ConfigurationError: One cannot be read.
    """
    stamping = _roots("tsa_roots", issuing.tsa_roots)
    match issuing.authority:
        case TestAuthority():
            return (), stamping
        case CscAuthority() as csc:
            return _roots("authority.roots", csc.roots), stamping


def _roots(member: str, names: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(root for name in names for root in _certificates(member, name))


def _certificates(member: str, name: str) -> tuple[bytes, ...]:
    """One file: PEM with one certificate or several, or DER."""
    try:
        content = Path(name).read_bytes()
        pem = b"-----BEGIN" in content
        found = x509.load_pem_x509_certificates(content) if pem else [x509.load_der_x509_certificate(content)]
    except OSError as problem:
        raise ConfigurationError(f"{member}: {name}: {reason_en(problem)}") from problem
    except ValueError as problem:
        raise ConfigurationError(f"{member}: {name} holds no certificate") from problem
    return tuple(one.public_bytes(Encoding.DER) for one in found)
