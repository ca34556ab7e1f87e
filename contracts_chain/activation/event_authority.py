"""Which authority certifies signers' keys: the TEST CA of this directory, or one elsewhere over CSC.

Decides the member ``authority`` of ``activation.json`` (docs/formats/activation.md). Secrets are
named there, never written. A credential is found by a rule, and a rule that could give two people
one key is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError
from contracts_chain.evidence.will import FieldToSign, SignerRef
from kernel.canonical_json import JsonObject
from signing.secret_reference import is_secret_reference

__all__ = ["BUILT_IN", "CscAuthority", "EventAuthority", "TestAuthority", "authority_from", "signer_digest"]

_PLACE: Final = re.compile(r"\{([a-z_]*)\}")
_SEAL_PLACES: Final = frozenset({"organisation", "organisation_id", "seal_name"})
_PERSON_PLACES: Final = frozenset({"signer", "organisation_id"})
_NAME_PLACES: Final = frozenset({"organisation", "seal_name"})
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAuthority:
    """The TEST CA of this directory: a certificate of minutes for each act."""

    __test__ = False

    def as_json(self) -> JsonObject:
        """Only its kind."""
        return {"kind": "test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CscAuthority:
    """A remote signing service (CSC API v1.0.4) and the authority that certified its keys.

    Attributes:
        url: What stands before ``/csc/v1/``; https, but on this machine.
        token: Where the access token lies, ``file:`` or ``env:``; empty if the service asks for none.
        pin: Where the credentials' PIN lies; empty if they have none.
        person_credential: Rule for a person's credential; ``{signer}`` is due in it, ``{organisation_id}``
            is empty for people who sign in their own name.
        seal_credential: Rule for a seal's; ``{organisation_id}`` is due, ``{organisation}`` and
            ``{seal_name}`` may stand.
        seal_common_name: Common name of a seal's certificate, of ``{organisation}`` and ``{seal_name}``.
        roots: Files of its root certificates, PEM or DER; a relative path lies in the private directory.
    """

    url: str
    token: str = ""
    pin: str = ""
    person_credential: str
    seal_credential: str
    seal_common_name: str = "{organisation}"
    roots: tuple[str, ...]

    def as_json(self) -> JsonObject:
        """Members by name."""
        return {
            "kind": "csc",
            "url": self.url,
            "token": self.token,
            "pin": self.pin,
            "person_credential": self.person_credential,
            "seal_credential": self.seal_credential,
            "seal_common_name": self.seal_common_name,
            "roots": list(self.roots),
        }

    def credential_id(self, signer: SignerRef, field: FieldToSign) -> str:
        """The credential that signs this field on this person's will."""
        values = {
            "signer": signer_digest(signer),
            "organisation": field.organisation,
            "organisation_id": field.organisation_id,
            "seal_name": field.seal_name,
        }
        return _filled(self.seal_credential if field.kind == "seal" else self.person_credential, values)

    def seal_name_of(self, *, organisation: str, seal_name: str) -> str:
        """Common name that the certificate of somebody's seal carries."""
        return _filled(self.seal_common_name, {"organisation": organisation, "seal_name": seal_name})

    def faults(self) -> tuple[str, ...]:
        """What is wrong with it, member by member; empty if nothing is."""
        parts = urlsplit(self.url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        checks = {
            "url: https://… is due": secure and bool(parts.hostname),
            "token: file:PATH or env:NAME is due, never the token itself": _is_named(self.token),
            "pin: file:PATH or env:NAME is due, never the PIN itself": _is_named(self.pin),
            "person_credential: {signer} is due, else two people share one key": _fits(
                self.person_credential, _PERSON_PLACES, "signer"
            ),
            "seal_credential: {organisation_id} is due, else two organisations share one key": _fits(
                self.seal_credential, _SEAL_PLACES, "organisation_id"
            ),
            "seal_common_name: {organisation} is due": _fits(
                self.seal_common_name, _NAME_PLACES, "organisation"
            ),
            "roots: at least one file is due": bool(self.roots),
        }
        return tuple(fault for fault, sound in checks.items() if not sound)


EventAuthority = TestAuthority | CscAuthority
BUILT_IN: Final = TestAuthority()


def authority_from(fields: Fields) -> EventAuthority:
    """Read what ``as_json`` gives.

    Raises:
        MalformedEvidenceError: Another form, or members that would sign for the wrong person.
    """
    kind = fields.text("kind")
    read: EventAuthority = BUILT_IN
    if kind == "csc":
        read = CscAuthority(
            url=fields.text("url"),
            token=fields.text("token"),
            pin=fields.text("pin"),
            person_credential=fields.text("person_credential"),
            seal_credential=fields.text("seal_credential"),
            seal_common_name=fields.text("seal_common_name"),
            roots=tuple(str(one) for one in fields.members("roots")),
        )
        for fault in read.faults():
            raise MalformedEvidenceError("activation.json.authority", fault)
    elif kind != "test":
        raise MalformedEvidenceError(fields.at("kind"), "test or csc is due here")
    fields.finish()
    return read


def signer_digest(signer: SignerRef) -> str:
    """What ``{signer}`` stands for: SHA-256 of kind and number of the identity document, 64 hex digits."""
    return hashlib.sha256(f"{signer.id_type}:{signer.id_no}".encode()).hexdigest()


def _filled(rule: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: values[found[1]], rule)


def _fits(rule: str, allowed: frozenset[str], due: str) -> bool:
    places = set(_PLACE.findall(rule))
    return due in places and places <= allowed and not re.search(r"[{}]", _PLACE.sub("", rule))


def _is_named(secret: str) -> bool:
    return not secret or is_secret_reference(secret)
