"""Releases: what a signer agreed to, signed by the activation process and kept before it is told.

Decides the evidence of a release (docs/formats/will.md) and that a ceremony has one will.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.activation.person import Person
from contracts_chain.activation.vault import Book, Entry, Vault
from contracts_chain.activation.will_wire import release_from, release_json, request_from, request_json
from contracts_chain.evidence.strict_fields import Fields, parse_object
from contracts_chain.evidence.webauthn_assertion import PasskeyAssertion
from contracts_chain.evidence.will import RELEASE_DOMAIN, Release, WillRequest
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.clock import utc_text
from signing.model import SoleControl

__all__ = ["Released", "Releases", "new_release", "public_key_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release with the request it answers."""

    request: WillRequest
    release: Release


class Releases:
    """What was released, by ceremony."""

    def __init__(self, vault: Vault) -> None:
        """Take the store."""
        self._vault = vault

    def find(self, ceremony: str) -> Released | None:
        """The one release of a ceremony, if it has one."""
        kept = self._vault.get(Book.RELEASES, ceremony)
        if kept is None:
            return None
        fields = Fields.of(parse_object(kept, "release"), "release")
        return Released(
            request=request_from(fields.object("request")), release=release_from(fields.object("release"))
        )

    @staticmethod
    def entry(released: Released) -> Entry:
        """What keeps it."""
        value = {"release": release_json(released.release), "request": request_json(released.request)}
        return Entry(book=Book.RELEASES, key=released.request.ceremony, value=canonical_bytes(value))


def new_release(
    request: WillRequest,
    person: Person,
    level: SoleControl,
    assertion: PasskeyAssertion | None,
    *,
    now: datetime,
    key: Ed25519PrivateKey,
) -> Release:
    """Sign what was agreed to, how, and by whom as far as an attestation tells.

    Args:
        request: What the factor was checked against.
        person: Its attestation is named by digest; document number and phone stay here.
        level: The factor's.
        assertion: Of a passkey, else ``None``.
        now: Aware moment; kept in whole seconds.
        key: The activation process's own.
    """
    told: dict[str, JsonValue] = {
        "activation_key": public_key_of(key).hex(),
        "assertion": None if assertion is None else assertion.as_json(),
        "attestation_sha256": person.attestation_sha256.hex(),
        "identity_method": person.method,
        "level": level.value,
        "released_utc": utc_text(now),
        "schema": 1,
        "statement": request.statement().decode(),
    }
    signature = key.sign(RELEASE_DOMAIN + canonical_bytes(told))
    return Release(
        level=level, released_utc=now.replace(microsecond=0), evidence=told | {"signature": signature.hex()}
    )


def public_key_of(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes that trust bundles name."""
    return key.public_key().public_bytes_raw()
