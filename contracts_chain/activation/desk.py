"""The activation process as one object: who is known, what was agreed to, what may be signed.

Implements ``Activation``. One lock serialises what people do; signatures run beside it, each
field on its own, and so do messages on their way to a phone and the certifying of holders' keys. Knows
no socket and no file.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.activation.act_of_signing import ActOfSigning, SesMaker
from contracts_chain.activation.authenticator_app import step_at
from contracts_chain.activation.code_sending import CodeSending
from contracts_chain.activation.codes import OutstandingCodes
from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.enrolment import Enrolment
from contracts_chain.activation.factor_enrolment import FactorEnrolment
from contracts_chain.activation.issuers import EventIssuer
from contracts_chain.activation.own_keys import HolderIssuer, OwnKeys
from contracts_chain.activation.port import (
    CodeIssued,
    OwnKeyProof,
    SignatureOrder,
    SignedField,
    SignerStanding,
    WillFactor,
)
from contracts_chain.activation.register import Register
from contracts_chain.activation.releases import Releases, public_key_of
from contracts_chain.activation.results import Results
from contracts_chain.activation.sms_gateway import SmsGateway
from contracts_chain.activation.unlocked_holders import UnlockedHolders
from contracts_chain.activation.unlocked_sms import UnlockedSms
from contracts_chain.activation.vault import Book, Entry, Vault
from contracts_chain.activation.will_taking import WillTaking
from contracts_chain.activation.workbench import Workbench
from contracts_chain.evidence.will import Release, SignerRef, WillRequest
from kernel.canonical_json import JsonObject
from kernel.clock import Clock
from kernel.sized_bytes import Bytes32
from signing.model import RevocationSource, SignatureTrust, TimestampAuthority

__all__ = ["ActivationDesk", "Surroundings"]

_FIELD_LOCKS: Final = 64
"""Two orders for one field wait for each other; two for different fields rarely."""
_STRANGER = SignerStanding(
    attested_utc=None, method="", attestation_sha256=None, phone="", passkeys=0, has_totp=False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the desk works with.

    Attributes:
        trust: Roots that signatures on a contract may lead to.
        revocation: Lists of their authorities.
        holders: Certifies keys that their holders keep; ``None`` where nobody does.
        make_ses: Makes the domestic seal structure of a sealed field; ``None`` makes none.
    """

    vault: Vault
    configuration: ActivationConfiguration
    clock: Clock
    sms: SmsGateway
    issuer: EventIssuer
    timestamps: TimestampAuthority
    trust: SignatureTrust
    revocation: RevocationSource
    holders: HolderIssuer | None = None
    make_ses: SesMaker | None = None


class ActivationDesk:
    """Implements ``Activation``; safe to call from several threads."""

    def __init__(self, around: Surroundings) -> None:
        """Begin a run: no code is outstanding."""
        self._around = around
        key = _own_key(around.vault)
        register = Register(around.vault, around.configuration.attestation_lifetime)
        releases, codes = Releases(around.vault), OutstandingCodes()
        self._people = threading.Lock()
        sms = UnlockedSms(around.sms, self._people)
        sending = CodeSending(
            around.vault, register, codes, sms, codes_an_hour=around.configuration.codes_an_hour
        )
        bench = Workbench(
            vault=around.vault,
            register=register,
            codes=codes,
            sending=sending,
            sms=sms,
            configuration=around.configuration,
            clock=around.clock,
            begun_step=step_at(around.clock.now()),
        )
        self._register = register
        self._releases = releases
        self._enrolment = Enrolment(around.vault, register, codes, around.configuration, around.clock)
        self._factors = FactorEnrolment(bench)
        holders = None if around.holders is None else UnlockedHolders(around.holders, self._people)
        self._own_keys = OwnKeys(self._factors, holders)
        self._will = WillTaking(bench, releases, key)
        self._results = Results(around.vault, around.configuration.results_lifetime)
        self._act = ActOfSigning(
            releases,
            self._results,
            around.issuer,
            around.timestamps,
            around.clock,
            trust=around.trust,
            revocation=around.revocation,
            make_ses=around.make_ses,
        )
        self._fields = tuple(threading.Lock() for _ in range(_FIELD_LOCKS))
        self.public_key = Bytes32(public_key_of(key))

    @property
    def certifies_own_keys(self) -> bool:
        """See ``Activation``."""
        return self._around.holders is not None

    def standing(self, signer: SignerRef) -> SignerStanding:
        """See ``Activation``."""
        with self._people:
            person = self._register.find(signer)
            lifetime = self._around.configuration.attestation_lifetime
            return _STRANGER if person is None else person.standing(self._around.clock.now(), lifetime)

    def enrol(self, attestation: bytes) -> SignerStanding:
        """See ``Activation``."""
        with self._people:
            return self._enrolment.enrol(attestation)

    def send_code(self, request: WillRequest) -> CodeIssued:
        """See ``Activation``."""
        with self._people:
            return self._will.send_code(request)

    def passkey_options(self, request: WillRequest) -> JsonObject:
        """See ``Activation``."""
        with self._people:
            return self._will.passkey_options(request)

    def release(self, request: WillRequest, factor: WillFactor) -> Release:
        """See ``Activation``."""
        with self._people:
            return self._will.release(request, factor)

    def released(self, ceremony: str) -> Release | None:
        """See ``Activation``."""
        found = self._releases.find(ceremony)
        return None if found is None else found.release

    def sign(self, order: SignatureOrder) -> SignedField:
        """See ``Activation``."""
        with self._fields[hash((order.number, order.field)) % _FIELD_LOCKS]:
            return self._act.sign(order)

    def settled(self, ceremony: str, number: str) -> None:
        """See ``Activation``."""
        self._results.settle(ceremony, number, self._around.clock.now())

    def send_enrolment_code(self, signer: SignerRef) -> CodeIssued:
        """See ``Activation``."""
        with self._people:
            return self._factors.send_code(signer)

    def new_passkey_options(self, signer: SignerRef, code: str) -> JsonObject:
        """See ``Activation``."""
        with self._people:
            return self._factors.passkey_options(signer, code)

    def add_passkey(self, signer: SignerRef, credential: JsonObject) -> SignerStanding:
        """See ``Activation``."""
        with self._people:
            return self._factors.add_passkey(signer, credential)

    def new_totp(self, signer: SignerRef, code: str) -> str:
        """See ``Activation``."""
        with self._people:
            return self._factors.new_totp(signer, code)

    def confirm_totp(self, signer: SignerRef, code: str) -> SignerStanding:
        """See ``Activation``."""
        with self._people:
            return self._factors.confirm_totp(signer, code)

    def certify_own_key(
        self, signer: SignerRef, public_key_der: bytes, proof: OwnKeyProof
    ) -> tuple[bytes, ...]:
        """See ``Activation``."""
        with self._people:
            return self._own_keys.certify(signer, public_key_der, proof)


def _own_key(vault: Vault) -> Ed25519PrivateKey:
    """The key that signs releases, made on first use; it never leaves the store unsealed."""
    found = vault.get(Book.OWN, "release-key")
    if found is None:
        found = Ed25519PrivateKey.generate().private_bytes_raw()
        vault.put([Entry(book=Book.OWN, key="release-key", value=found)])
    return Ed25519PrivateKey.from_private_bytes(found)
