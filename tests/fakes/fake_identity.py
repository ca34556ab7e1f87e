"""In-memory identity checks, hall reviews, delegations and attachments; and a provider that never lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.agreements.identity.attestation import (
    AttestationClaims,
    sign_attestation,
    verify_provider_attestation,
)
from contracts_chain.agreements.identity.signed_message import (
    AttestationUnsoundError,
    sign_compact,
    verify_compact,
)
from contracts_chain.workflows.identity_files import (
    AttachmentFile,
    CheckState,
    DelegationFile,
    FaceConsent,
    HallReview,
    HallSignature,
    IdentityCheck,
)
from contracts_chain.workflows.identity_ports import (
    CallbackRefusedError,
    IdentityOutcome,
    IdentityProviderDownError,
    IdentityRequest,
    ProviderSession,
)
from kernel.canonical_json import canonical_bytes, parse_json
from kernel.clock import Clock
from kernel.sized_bytes import Bytes32

PROVIDER = "fake-provider"


@dataclass
class IdentityTables:
    checks: dict[str, IdentityCheck] = field(default_factory=dict)
    consents: list[FaceConsent] = field(default_factory=list)
    reviews: dict[str, HallReview] = field(default_factory=dict)
    delegations: list[DelegationFile] = field(default_factory=list)
    attachments: list[AttachmentFile] = field(default_factory=list)


@dataclass
class FakeIdentityChecks:
    tables: IdentityTables

    def add(self, check: IdentityCheck) -> None:
        self.tables.checks[check.key] = check

    def save(self, check: IdentityCheck) -> None:
        self.tables.checks[check.key] = check

    def find(self, key: str, *, lock: bool = False) -> IdentityCheck | None:
        return self.tables.checks.get(key)

    def find_session(self, session: str) -> IdentityCheck | None:
        found = (one for one in self.tables.checks.values() if session and one.session == session)
        return next(found, None)

    def of_ceremony(self, ceremony: str) -> tuple[IdentityCheck, ...]:
        return tuple(one for one in self._in_order() if one.ceremony == ceremony)

    def unsettled(self, asked_before: datetime) -> tuple[IdentityCheck, ...]:
        open_states = {CheckState.ASKED, CheckState.STARTED}
        return tuple(
            one for one in self._in_order() if one.state in open_states and one.asked_utc < asked_before
        )

    def answer_consent(self, consent: FaceConsent) -> None:
        self.tables.consents.append(consent)

    def consent_of(self, ceremony: str) -> FaceConsent | None:
        found = [one for one in self.tables.consents if one.ceremony == ceremony]
        return found[-1] if found else None

    def _in_order(self) -> list[IdentityCheck]:
        return sorted(self.tables.checks.values(), key=lambda one: (one.asked_utc, one.key))


@dataclass
class FakeHallReviews:
    tables: IdentityTables

    def add(self, review: HallReview) -> None:
        self.tables.reviews[review.id] = replace(review, signatures=())

    def find(self, review: str, *, lock: bool = False) -> HallReview | None:
        return self.tables.reviews.get(review)

    def sign(self, review: str, signature: HallSignature) -> None:
        held = self.tables.reviews[review]
        signed = sorted((*held.signatures, signature), key=lambda one: (one.signed_utc, one.account))
        self.tables.reviews[review] = replace(held, signatures=tuple(signed))

    def close(self, review: str, attestation_sha256: Bytes32) -> None:
        held = self.tables.reviews[review]
        self.tables.reviews[review] = replace(held, attestation_sha256=attestation_sha256)

    def of_agreement(self, number: str) -> tuple[HallReview, ...]:
        found = (one for one in self.tables.reviews.values() if one.number == number)
        return tuple(sorted(found, key=lambda one: (one.opened_utc, one.id)))


@dataclass
class FakeDelegations:
    tables: IdentityTables

    def add(self, delegation: DelegationFile) -> None:
        self.tables.delegations.append(delegation)

    def newest(self, number: str, role: str) -> DelegationFile | None:
        found = [one for one in self.of_agreement(number) if one.role == role]
        return found[-1] if found else None

    def of_agreement(self, number: str) -> tuple[DelegationFile, ...]:
        return tuple(one for one in self.tables.delegations if one.number == number)


@dataclass
class FakeAttachments:
    tables: IdentityTables

    def add(self, attachment: AttachmentFile) -> AttachmentFile:
        standing = self.find(attachment.number, attachment.sha256)
        if standing is None:
            self.tables.attachments.append(attachment)
        return standing or attachment

    def of_agreement(self, number: str) -> Sequence[AttachmentFile]:
        return tuple(one for one in self.tables.attachments if one.number == number)

    def find(self, number: str, sha256: Bytes32) -> AttachmentFile | None:
        wanted = (number, sha256)
        found = (one for one in self.tables.attachments if (one.number, one.sha256) == wanted)
        return next(found, None)

    def digests(self) -> tuple[Bytes32, ...]:
        return tuple(sorted({one.sha256 for one in self.tables.attachments}))


@dataclass
class FakeProvider:
    """Implements ``IdentityVerifier`` in memory; ``act`` plays the person at the provider's page."""

    clock: Clock
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    down: bool = False
    requests: dict[str, IdentityRequest] = field(default_factory=dict)
    outcomes: dict[str, IdentityOutcome] = field(default_factory=dict)

    name = PROVIDER

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def start(self, request: IdentityRequest) -> ProviderSession:
        self._verify_up()
        session = f"session-{request.key}"
        self.requests.setdefault(session, request)
        self.outcomes.setdefault(session, IdentityOutcome(state="pending", tries_left=3))
        return ProviderSession(id=session, redirect_url=f"https://provider.example.test/p/{session}")

    def settle(self, session: str) -> IdentityOutcome:
        self._verify_up()
        return self.outcomes.get(session, IdentityOutcome(state="lost"))

    def verify_callback(self, body: bytes) -> str:
        try:
            told = parse_json(verify_compact(body, {PROVIDER: self.public_key}).payload)
        except AttestationUnsoundError as problem:
            raise CallbackRefusedError from problem
        assert isinstance(told, dict)
        return str(told["session"])

    def verify_attestation(self, content: bytes, *, now: datetime) -> AttestationClaims:
        keys = {PROVIDER: self.public_key}
        return verify_provider_attestation(content, keys, now=now, greatest_age=timedelta(minutes=15))

    def act(self, session: str, do: str, /, **other: str) -> None:
        """``pass``, ``refuse:REASON`` or ``retake:REASON``; ``other`` changes what is attested."""
        word, _, reason = do.partition(":")
        if word == "pass":
            content = sign_attestation(self._claims(session, other), self.key.private_bytes_raw())
            self.outcomes[session] = IdentityOutcome(state="passed", attestation=content)
        elif word == "refuse":
            self.outcomes[session] = IdentityOutcome(state="refused", reason=reason)
        else:
            self.outcomes[session] = IdentityOutcome(state="retake", reason=reason, tries_left=2)

    def callback(self, session: str) -> bytes:
        told = canonical_bytes({"key": self.requests[session].key, "schema": 1, "session": session})
        return sign_compact(told, PROVIDER, self.key.private_bytes_raw())

    def _claims(self, session: str, other: dict[str, str]) -> AttestationClaims:
        request = self.requests[session]
        claims = AttestationClaims(
            issuer=PROVIDER,
            method=request.method,
            name=request.name,
            id_type=request.id_type,
            id_no=request.id_no,
            phone=request.phone,
            session=session,
            nonce=request.nonce,
            issued_utc=self.clock.now().replace(microsecond=0),
            sandbox=True,
            organisation=request.organisation,
        )
        return replace(claims, **other) if other else claims

    def _verify_up(self) -> None:
        if self.down:
            raise IdentityProviderDownError(PROVIDER, "down")
