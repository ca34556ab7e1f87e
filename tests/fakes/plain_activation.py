"""An activation process in memory for deeds: everybody is attested unless a test says otherwise.

Codes are drawn, bound and checked as by the real one; releases are signed and verify. It signs
fields as marked byte strings, like ``memory_office``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.activation.errors import CodeExpiredError, NotReleasedError, WrongCodeError
from contracts_chain.activation.person import Person
from contracts_chain.activation.port import (
    CodeFactor,
    CodeIssued,
    OwnKeyProof,
    SignatureOrder,
    SignedField,
    SignerStanding,
    WillFactor,
)
from contracts_chain.activation.releases import new_release, public_key_of
from contracts_chain.evidence.will import Release, SignerRef, WillRequest
from kernel.canonical_json import JsonObject
from kernel.clock import Clock
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from signing.model import SoleControl

ATTESTATION = sha256(b"attestation")
_LIFETIME = timedelta(minutes=10)


@dataclass
class PlainActivation:
    """Implements ``Activation`` but for the registration of factors."""

    clock: Clock
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    strangers: set[str] = field(default_factory=set)
    codes: dict[str, tuple[Bytes32, str, datetime, int]] = field(default_factory=dict)
    releases: dict[str, tuple[WillRequest, Release]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    refused_fields: set[str] = field(default_factory=set)
    sent: int = 0

    @property
    def public_key(self) -> Bytes32:
        return Bytes32(public_key_of(self.key))

    def standing(self, signer: SignerRef) -> SignerStanding:
        known = signer.name not in self.strangers
        return SignerStanding(
            attested_utc=self.clock.now() if known else None,
            method="carrier_three_elements" if known else "",
            attestation_sha256=ATTESTATION if known else None,
            phone="138****0000",
            passkeys=0,
            has_totp=False,
        )

    def enrol(self, attestation: bytes) -> SignerStanding:
        raise NotImplementedError

    def send_code(self, request: WillRequest) -> CodeIssued:
        self.sent += 1
        code, expires = f"{100_000 + self.sent}", self.clock.now() + _LIFETIME
        self.codes[request.ceremony] = (request.challenge, code, expires, 5)
        self.texts.append(code)
        return CodeIssued(expires_utc=expires, attempts_left=5, phone="138****0000")

    def passkey_options(self, request: WillRequest) -> JsonObject:
        return {"challenge": request.challenge.hex()}

    def release(self, request: WillRequest, factor: WillFactor) -> Release:
        if request.ceremony in self.releases:
            asked, release = self.releases[request.ceremony]
            if asked != request:
                raise CodeExpiredError
            return release
        level = SoleControl.TOTP
        if isinstance(factor, CodeFactor):
            self._redeem(request, factor.code)
            level = SoleControl.ONE_TIME_CODE
        person = Person(
            signer=request.signer,
            phone="13800000000",
            attested_utc=datetime(2026, 1, 1, tzinfo=UTC),
            method="carrier_three_elements",
            attestation_sha256=ATTESTATION,
        )
        release = new_release(request, person, level, None, now=self.clock.now(), key=self.key)
        self.releases[request.ceremony] = (request, release)
        return release

    def _redeem(self, request: WillRequest, code: str) -> None:
        challenge, right, expires, left = self.codes.get(
            request.ceremony, (Bytes32(bytes(32)), "", self.clock.now(), 0)
        )
        if challenge != request.challenge or self.clock.now() >= expires or left == 0:
            raise CodeExpiredError
        if code != right:
            self.codes[request.ceremony] = (challenge, right, expires, left - 1)
            raise WrongCodeError(left - 1)
        del self.codes[request.ceremony]

    def released(self, ceremony: str) -> Release | None:
        found = self.releases.get(ceremony)
        return None if found is None else found[1]

    def sign(self, order: SignatureOrder) -> SignedField:
        held = self.releases.get(order.ceremony)
        agreed = held is not None and any(
            one.number == order.number and order.field in {due.field for due in one.fields}
            for one in held[0].documents
        )
        if not agreed or order.field in self.refused_fields:
            raise NotReleasedError(order.number, order.field)
        return SignedField(pdf=order.base + b"\n%signed:" + order.field.encode(), pending=False, ses=None)

    def new_passkey_options(self, signer: SignerRef, code: str) -> JsonObject:
        raise NotImplementedError

    def add_passkey(self, signer: SignerRef, credential: JsonObject) -> SignerStanding:
        raise NotImplementedError

    def send_enrolment_code(self, signer: SignerRef) -> CodeIssued:
        raise NotImplementedError

    def new_totp(self, signer: SignerRef, code: str) -> str:
        raise NotImplementedError

    def confirm_totp(self, signer: SignerRef, code: str) -> SignerStanding:
        raise NotImplementedError

    def certify_own_key(
        self, signer: SignerRef, public_key_der: bytes, proof: OwnKeyProof
    ) -> tuple[bytes, ...]:
        raise NotImplementedError
