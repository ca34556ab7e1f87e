"""The activation process in this very process: the real desk over memory, a phone that can be read.

The one fake of ``Activation``: it passes ``ActivationBehaviour`` and stands in every office of unit tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from activation_people import Vouchers
from fake_vault import FakeVault

from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.desk import ActivationDesk, Surroundings
from contracts_chain.activation.errors import MessageNotSentError, NotReleasedError
from contracts_chain.activation.issuers import TestCaIssuer
from contracts_chain.activation.port import SignatureOrder, SignedField
from contracts_chain.evidence.will import SignerRef
from kernel.clock import Clock
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import SignatureTrust, TimestampAuthority
from signing.rfc3161_authority import TestTsa

__all__ = ["FakeActivation", "FakePhone"]


@dataclass
class FakePhone:
    """Implements ``SmsGateway``; ``dead`` takes nothing."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    dead: bool = False

    def send(self, phone: str, text: str) -> None:
        if self.dead:
            raise MessageNotSentError("dead")
        self.sent.append((phone, text))

    def newest_code(self, phone: str) -> str:
        texts = [text for to, text in self.sent if to == phone]
        found = [re.search(r"(?:签署码|登记码)(\d{6})", text) for text in texts]
        return [one[1] for one in found if one is not None][-1]


class FakeActivation(ActivationDesk):
    """``ActivationDesk`` over memory; ``restarted`` is what the same store gives after a crash.

    ``refused_fields`` plays a process that does not find the release of these fields now.
    """

    def __init__(
        self,
        directory: Path,
        clock: Clock,
        vouchers: Vouchers,
        *,
        configuration: ActivationConfiguration | None = None,
        timestamps: TimestampAuthority | None = None,
        vault: FakeVault | None = None,
        phone: FakePhone | None = None,
    ) -> None:
        self.directory, self.clock, self.vouchers = directory, clock, vouchers
        self.refused_fields: set[str] = set()
        self.vault, self.phone = vault or FakeVault(), phone or FakePhone()
        self.ca = TestCa.open(directory, KeyEncryptionKey.of(bytes(32)), clock)
        self.tsa = timestamps or TestTsa(self.ca.tsa_credential, clock)
        super().__init__(
            Surroundings(
                vault=self.vault,
                configuration=configuration or vouchers.configuration(),
                clock=clock,
                sms=self.phone,
                issuer=TestCaIssuer(self.ca),
                timestamps=self.tsa,
                trust=SignatureTrust(ca_roots=self.ca.roots, tsa_roots=self.ca.tsa_roots),
                revocation=self.ca,
                holders=self.ca,
            )
        )

    def sign(self, order: SignatureOrder) -> SignedField:
        """See ``Activation``."""
        if order.field in self.refused_fields:
            raise NotReleasedError(order.number, order.field)
        return super().sign(order)

    def attest(self, signer: SignerRef, **changed: object) -> bytes:
        """Have the provider vouch for somebody now, as if it had been asked; gives the attestation."""
        attestation = self.vouchers.attest(signer, self.clock.now(), **changed)
        self.enrol(attestation)
        return attestation

    def restarted(self, vault: FakeVault | None = None) -> FakeActivation:
        return FakeActivation(
            self.directory,
            self.clock,
            self.vouchers,
            timestamps=self.tsa,
            vault=vault or self.vault,
            phone=self.phone,
        )
