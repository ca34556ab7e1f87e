"""An attestation of identity and phone: its claims, its signatures, and what makes it believable.

Decides the exact form of what a provider, or two clerks of a business hall, vouch for
(docs/formats/attestation.md): a compact JWS, or a general JWS with two signatures, algorithm
``Ed25519`` and no other (``signed_message``). Must never accept a key from inside the file, a clerk twice,
or a member that it does not know. Whoever verifies brings keys, time and greatest age.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from contracts_chain.agreements.identity.signed_message import (
    AttestationUnsoundError,
    base64url,
    sign_compact,
    verify_compact,
)
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json

__all__ = [
    "HALL_METHOD",
    "PROVIDER_METHODS",
    "AttestationClaims",
    "AttestationUnsoundError",
    "AttestedOrganisation",
    "join_hall_signatures",
    "read_claims",
    "sign_attestation",
    "sign_hall_claims",
    "verify_hall_attestation",
    "verify_provider_attestation",
]

HALL_METHOD: Final = "hall_review"
PROVIDER_METHODS: Final = frozenset({"e_licence_face", "bank_account", "carrier_three_elements"})
_SCHEMA: Final = 1
_GREATEST_TEXT: Final = 200
_CLERKS: Final = 2
_TEXTS: Final = ("iss", "method", "name", "id_type", "id_no", "phone", "session", "nonce")
_MEMBERS: Final = frozenset({*_TEXTS, "schema", "iat", "sandbox"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedOrganisation:
    """The organisation whose account or licence was checked together with the person."""

    name: str
    uscc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationClaims:
    """What is vouched for.

    Attributes:
        issuer: Name of the provider, ``hall`` for a business hall; the signature's ``kid`` for a provider.
        method: ``e_licence_face``, ``bank_account``, ``carrier_three_elements`` or ``hall_review``.
        id_type: ``IdType`` value of the person's document.
        phone: Where one-time codes will go, and nowhere else.
        session: The issuer's own name of the check.
        nonce: Drawn by who asked for the check; ties the answer to the question.
        issued_utc: Whole seconds, by the issuer's clock.
        sandbox: True where nobody was really checked.
    """

    issuer: str
    method: str
    name: str
    id_type: str
    id_no: str
    phone: str
    session: str
    nonce: str
    issued_utc: datetime
    sandbox: bool
    organisation: AttestedOrganisation | None = None

    def as_json(self) -> JsonObject:
        """Members by name; ``iat`` in seconds since 1970."""
        members: dict[str, JsonValue] = {
            "schema": _SCHEMA,
            "iss": self.issuer,
            "method": self.method,
            "name": self.name,
            "id_type": self.id_type,
            "id_no": self.id_no,
            "phone": self.phone,
            "session": self.session,
            "nonce": self.nonce,
            "iat": int(self.issued_utc.timestamp()),
            "sandbox": self.sandbox,
        }
        if self.organisation is not None:
            members["organisation"] = {"name": self.organisation.name, "uscc": self.organisation.uscc}
        return members

    def canonical(self) -> bytes:
        """RFC 8785 bytes: the payload that is signed."""
        return canonical_bytes(self.as_json())


def read_claims(payload: bytes) -> AttestationClaims:
    """Read a payload; no signature is looked at.

    Raises:
        AttestationUnsoundError: A member is missing, unknown or of the wrong type.
    """
    try:
        value = parse_json(payload)
    except (ValueError, RecursionError) as problem:
        raise _form(f"not JSON: {problem}") from problem
    if not isinstance(value, Mapping) or set(value) - {"organisation"} != _MEMBERS:
        raise _form("other members than those due")
    texts = {name: value[name] for name in _TEXTS}
    if not all(isinstance(text, str) and 0 < len(text) <= _GREATEST_TEXT for text in texts.values()):
        raise _form("a text is missing or too long")
    if value["schema"] != _SCHEMA or not isinstance(value["sandbox"], bool):
        raise _form("another schema")
    return AttestationClaims(
        issuer=str(texts["iss"]),
        **{name: str(texts[name]) for name in _TEXTS[1:]},
        issued_utc=_moment(value["iat"]),
        sandbox=value["sandbox"],
        organisation=_organisation(value["organisation"]) if "organisation" in value else None,
    )


def sign_attestation(claims: AttestationClaims, private_key: bytes) -> bytes:
    """A provider's compact JWS; ``kid`` is the issuer.

    Args:
        claims: What is vouched for.
        private_key: 32 bytes, Ed25519.
    """
    return sign_compact(claims.canonical(), claims.issuer, private_key)


def sign_hall_claims(payload: bytes, clerk: str, private_key: bytes) -> bytes:
    """One clerk's signature over the claims, as canonical JSON of one member of ``signatures``.

    Args:
        payload: Canonical bytes of the claims, as both clerks get them.
        clerk: Name under which the activation process knows the clerk's public key.
        private_key: 32 bytes, Ed25519; the clerk's own.

    Raises:
        AttestationUnsoundError: The payload holds no claims of a hall.
    """
    _verify_method(read_claims(payload), frozenset({HALL_METHOD}))
    protected, _, signature = sign_compact(payload, clerk, private_key).decode().split(".")
    return canonical_bytes({"protected": protected, "signature": signature})


def join_hall_signatures(payload: bytes, signatures: tuple[bytes, bytes]) -> bytes:
    """The general JWS of a hall from the claims and both clerks' members; verifies nothing."""
    members = [parse_json(one) for one in signatures]
    return canonical_bytes({"payload": base64url(payload), "signatures": members})


def verify_provider_attestation(
    content: bytes, keys: Mapping[str, bytes], *, now: datetime, greatest_age: timedelta
) -> AttestationClaims:
    """Prove a provider's attestation and return its claims.

    Args:
        content: Compact JWS.
        keys: Public keys, 32 bytes, by provider name; the verifier's own configuration.
        now: The verifier's clock.
        greatest_age: How far ``iat`` may be from it, either way.

    Raises:
        AttestationUnsoundError: Form, signer, signature or time does not hold.
    """
    signed = verify_compact(content, keys)
    claims = read_claims(signed.payload)
    if claims.issuer != signed.key_name:
        raise AttestationUnsoundError("signed by another than it names", "签名人与所载机构不一致")
    _verify_method(claims, PROVIDER_METHODS)
    _verify_time(claims, now, greatest_age)
    return claims


def verify_hall_attestation(
    content: bytes, clerks: Mapping[str, bytes], *, now: datetime, greatest_age: timedelta
) -> AttestationClaims:
    """Prove that two different clerks signed the same claims; arguments as for a provider's.

    Raises:
        AttestationUnsoundError: Form, clerks, a signature or time does not hold; one clerk signed twice,
            under whatever name.
    """
    signed = [verify_compact(compact, clerks) for compact in _hall_compacts(content)]
    if len(signed) != _CLERKS or len({one.key for one in signed}) != _CLERKS:
        raise AttestationUnsoundError("two different clerks are due", "须由两名不同人员分别签署")
    payload = signed[0].payload
    claims = read_claims(payload)
    _verify_method(claims, frozenset({HALL_METHOD}))
    _verify_time(claims, now, greatest_age)
    return claims


def _hall_compacts(content: bytes) -> list[bytes]:
    """A general JWS as one compact JWS a signature, all over the same payload."""
    try:
        value = parse_json(content)
    except (ValueError, RecursionError) as problem:
        raise _form(type(problem).__name__) from problem
    if not isinstance(value, Mapping) or set(value) != {"payload", "signatures"}:
        raise _form("no general JWS")
    payload, signatures = value["payload"], value["signatures"]
    if not isinstance(payload, str) or not isinstance(signatures, list):
        raise _form("no general JWS")
    return [_as_compact(payload, one) for one in signatures]


def _as_compact(payload: str, member: JsonValue) -> bytes:
    if not isinstance(member, Mapping) or set(member) != {"protected", "signature"}:
        raise _form("a signature of another form")
    return f"{member['protected']}.{payload}.{member['signature']}".encode()


def _verify_method(claims: AttestationClaims, known: frozenset[str]) -> None:
    if claims.method not in known:
        raise AttestationUnsoundError("a method that the signer may not use", "签署人无权采用所载核验方式")


def _verify_time(claims: AttestationClaims, now: datetime, greatest_age: timedelta) -> None:
    if abs(now - claims.issued_utc) > greatest_age:
        raise AttestationUnsoundError("not of this time", "出具时间已过期或有误")


def _moment(value: JsonValue) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _form("iat is no time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as problem:
        raise _form("iat is no time") from problem


def _organisation(value: JsonValue) -> AttestedOrganisation:
    if not isinstance(value, Mapping) or set(value) != {"name", "uscc"}:
        raise _form("another organisation")
    name, uscc = value["name"], value["uscc"]
    if not isinstance(name, str) or not isinstance(uscc, str) or not name or not uscc:
        raise _form("another organisation")
    return AttestedOrganisation(name=name, uscc=uscc)


def _form(reason: str) -> AttestationUnsoundError:
    return AttestationUnsoundError(reason, "格式不符")
