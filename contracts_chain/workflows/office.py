"""What the deeds work with: clock, records, blobs, chain, certificates, timestamps, keys.

One frozen value, put together by ``api.wiring`` and by tests. It decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.activation.port import Activation
from contracts_chain.agreements.ceremony.dwell import ReadingRule
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.anchor_port import AnchorChain
from contracts_chain.workflows.identity_ports import IdentityVerifier
from contracts_chain.workflows.log_ports import Witnesses
from contracts_chain.workflows.ports import Blobs, UnitOfWorkFactory
from contracts_chain.workflows.seal_ports import SealKeys
from kernel.clock import Clock
from signing.model import Credential, RevocationSource, TimestampAuthority
from signing.ses.making import IssuedSeal, SealOrder

__all__ = ["CertificateAuthority", "Office", "UtilityProfile"]


class CertificateAuthority(RevocationSource, Protocol):
    """Certifies the utility's own seals and nobody else's; the built-in one is labelled TEST."""

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Root certificates of signers, DER."""
        ...

    @property
    def tsa_roots(self) -> tuple[bytes, ...]:
        """Root certificates of the timestamp authority, DER."""
        ...

    def seal_common_name(self, *, organisation: str, organisation_id: str, seal_name: str) -> str:
        """Common name that the certificate of this seal will carry; known before it is used."""
        ...

    def seal_for(self, public_key_der: bytes, order: SealOrder) -> IssuedSeal:
        """An SM2 certificate over a key, and the GB/T 38540 seal that lists it; the utility's own only."""
        ...

    def issue_seal(self, *, organisation: str, organisation_id: str, seal_name: str) -> Credential:
        """A fresh key of the service and its certificate as one of the utility's seals."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityProfile:
    """How this utility numbers and marks its papers.

    Attributes:
        unit: Four letters and two digits of the contract number.
        department: Two letters of the contract number.
        mark: Wording on every page while certificates are test certificates; empty in production.
        stamp_mark: The same in few characters, inside seals and signatures.
        verify_url: Address printed in the QR code, without the trailing slash.
        name: Registered name, as the evidence service signs.
        uscc: Its 统一社会信用代码.
        drawer: 开票人 on invoices.
        filing: Filing of the evidence platform (在线诉讼规则 art. 17(1)) as reports print it; empty if none.
    """

    unit: str
    department: str
    mark: str
    stamp_mark: str
    verify_url: str
    name: str
    uscc: str
    drawer: str
    filing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Everything a deed may reach."""

    clock: Clock
    work: UnitOfWorkFactory
    blobs: Blobs
    chain: AnchorChain
    ca: CertificateAuthority
    timestamps: TimestampAuthority
    log_key: Ed25519PrivateKey
    witnesses: Witnesses
    trust: TrustBundle
    utility: UtilityProfile
    seal_keys: SealKeys
    identity: IdentityVerifier
    activation: Activation
    reading: ReadingRule = field(default_factory=ReadingRule)
