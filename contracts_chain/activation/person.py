"""What is kept of an attested person: identity, phone, factors, wrong tries.

Immutable; each change gives the record to be stored. The only place of the installation where
document number and phone stand together, and only sealed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts_chain.activation.port import SignerStanding
from contracts_chain.evidence.strict_fields import Fields, parse_object
from contracts_chain.evidence.will import SignerRef
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.clock import parse_utc, utc_text
from kernel.sized_bytes import Bytes32

__all__ = ["Authenticator", "Passkey", "Person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One registered WebAuthn credential."""

    credential_id: bytes
    public_key: bytes
    """COSE_Key, as the authenticator gave it."""
    sign_count: int

    def as_json(self) -> JsonObject:
        """Members by name; bytes in base64."""
        return {
            "credential_id": base64.b64encode(self.credential_id).decode(),
            "public_key": base64.b64encode(self.public_key).decode(),
            "sign_count": self.sign_count,
        }

    @classmethod
    def read(cls, fields: Fields) -> Passkey:
        """Read what ``as_json`` gives."""
        return cls(
            credential_id=base64.b64decode(fields.text("credential_id")),
            public_key=base64.b64decode(fields.text("public_key")),
            sign_count=fields.natural("sign_count"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """An authenticator app (RFC 6238); not in force before its first digits came."""

    secret: str
    """Base32."""
    confirmed: bool
    last_step: int
    """Newest time step whose digits were used; none twice."""

    def as_json(self) -> JsonObject:
        """Members by name."""
        return {"confirmed": self.confirmed, "last_step": self.last_step, "secret": self.secret}

    @classmethod
    def read(cls, fields: Fields) -> Authenticator:
        """Read what ``as_json`` gives."""
        return cls(
            secret=fields.text("secret"),
            confirmed=bool(fields.take("confirmed")),
            last_step=fields.natural("last_step"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One attested person.

    Attributes:
        signer: Name and document.
        phone: The attested one; the newest attestation counts.
        attested_utc: When the provider or the hall vouched (``iat``).
        method: How.
        attestation_sha256: Digest of the attestation, which the service keeps.
        wrong_tries: Wrong digits of text-message codes since that attestation.
        codes_sent: When codes were sent within the last hour.
        passkeys: Registered credentials; they outlive a change of phone, being the stronger factor.
        authenticator: An authenticator app, if any.
    """

    signer: SignerRef
    phone: str
    attested_utc: datetime
    method: str
    attestation_sha256: Bytes32
    wrong_tries: int = 0
    codes_sent: tuple[datetime, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    authenticator: Authenticator | None = None

    @property
    def masked_phone(self) -> str:
        """``138****5678``."""
        return f"{self.phone[:3]}****{self.phone[-4:]}"

    def is_attested(self, now: datetime, lifetime: timedelta) -> bool:
        """Whether the attestation still stands."""
        return now < self.attested_utc + lifetime

    def standing(self, now: datetime, lifetime: timedelta) -> SignerStanding:
        """What the service may know."""
        standing = self.is_attested(now, lifetime)
        app = self.authenticator
        return SignerStanding(
            attested_utc=self.attested_utc if standing else None,
            method=self.method if standing else "",
            attestation_sha256=self.attestation_sha256 if standing else None,
            phone=self.masked_phone,
            passkeys=len(self.passkeys),
            has_totp=app is not None and app.confirmed,
        )

    def with_code_sent(self, now: datetime) -> Person:
        """Note one more code; older than an hour is forgotten."""
        recent = tuple(sent for sent in self.codes_sent if sent > now - timedelta(hours=1))
        return replace(self, codes_sent=(*recent, now))

    def with_passkey(self, passkey: Passkey) -> Person:
        """Add a credential, or its newer sign count."""
        others = tuple(one for one in self.passkeys if one.credential_id != passkey.credential_id)
        return replace(self, passkeys=(*others, passkey))

    def encoded(self) -> bytes:
        """Canonical bytes for the vault."""
        return canonical_bytes(
            {
                "attestation_sha256": self.attestation_sha256.hex(),
                "attested_utc": utc_text(self.attested_utc),
                "authenticator": None if self.authenticator is None else self.authenticator.as_json(),
                "codes_sent": [utc_text(sent) for sent in self.codes_sent],
                "id_no": self.signer.id_no,
                "id_type": self.signer.id_type,
                "method": self.method,
                "name": self.signer.name,
                "passkeys": [one.as_json() for one in self.passkeys],
                "phone": self.phone,
                "wrong_tries": self.wrong_tries,
            }
        )

    @classmethod
    def parse(cls, content: bytes) -> Person:
        """Read what ``encoded`` gives.

        Raises:
            MalformedEvidenceError: Another form; only a damaged store gives one.
        """
        fields = Fields.of(parse_object(content, "person"), "person")
        app = fields.take("authenticator")
        return cls(
            signer=SignerRef(
                name=fields.text("name"), id_type=fields.text("id_type"), id_no=fields.text("id_no")
            ),
            phone=fields.text("phone"),
            attested_utc=fields.utc("attested_utc"),
            method=fields.text("method"),
            attestation_sha256=fields.sized("attestation_sha256", Bytes32),
            wrong_tries=fields.natural("wrong_tries"),
            codes_sent=tuple(parse_utc(str(sent)) for sent in fields.members("codes_sent")),
            passkeys=tuple(Passkey.read(Fields.of(one, "passkey")) for one in fields.members("passkeys")),
            authenticator=None if app is None else Authenticator.read(Fields.of(app, "authenticator")),
        )
