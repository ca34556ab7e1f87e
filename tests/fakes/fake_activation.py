"""The activation process in this very process: the real desk over memory, a phone that can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from activation_people import Vouchers
from fake_vault import FakeVault

from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.desk import ActivationDesk, Surroundings
from contracts_chain.activation.errors import MessageNotSentError
from kernel.clock import Clock
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import TimestampAuthority
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
    """``ActivationDesk`` over memory; ``restarted`` is what the same store gives after a crash."""

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
        self.vault, self.phone = vault or FakeVault(), phone or FakePhone()
        self.ca = TestCa.open(directory, KeyEncryptionKey.of(bytes(32)), clock)
        self.tsa = timestamps or TestTsa(self.ca.tsa_credential, clock)
        super().__init__(
            Surroundings(
                vault=self.vault,
                configuration=configuration or vouchers.configuration(),
                clock=clock,
                sms=self.phone,
                issuer=self.ca,
                timestamps=self.tsa,
            )
        )

    def restarted(self, vault: FakeVault | None = None) -> FakeActivation:
        return FakeActivation(
            self.directory,
            self.clock,
            self.vouchers,
            timestamps=self.tsa,
            vault=vault or self.vault,
            phone=self.phone,
        )
