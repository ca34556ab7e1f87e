"""Whom the activation process believes, and its limits: ``activation.json`` in its own directory.

Written when the directory is founded; later starts read it and take nothing from the service. So
whoever runs the service cannot add an identity provider, an origin, a gateway or an authority. The
directory's owner changes it by ``activation-set`` and starts anew (docs/formats/activation.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from contracts_chain.activation.event_authority import BUILT_IN, EventAuthority, authority_from
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from kernel.canonical_json import JsonObject
from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["ActivationConfiguration", "ConfigurationError", "Issuing"]

_MOST_DAYS: Final = 36_500
_ORIGIN = re.compile(r"https?://[^/\s]+")


class ConfigurationError(FaultError):
    """``activation.json`` is not of the form due."""

    code = "activation_configuration"

    def __init__(self, reason: str) -> None:
        """Say which member."""
        super().__init__(
            f"activation.json cannot be used ({reason}); correct it and start the process again",
            f"activation.json 无法使用（{reason}）；请更正后重新启动",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing:
    """Whose seals are certified over the service's keys, and where certificates point.

    Attributes:
        utility_uscc: The only organisation whose seals the service itself may use.
        base_url: Prefix of OCSP, CRL and issuer addresses in certificates; empty leaves them out.
        tsa_urls: RFC 3161 authorities in order; empty uses the TEST TSA of this directory.
        tsa_roots: Files of their root certificates, PEM or DER, as ``CscAuthority.roots``.
        authority: Who certifies the keys of signers' acts.
    """

    utility_uscc: str
    base_url: str = ""
    tsa_urls: tuple[str, ...] = ()
    tsa_roots: tuple[str, ...] = ()
    authority: EventAuthority = BUILT_IN


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationConfiguration:
    """Everything the process takes on trust.

    Attributes:
        providers: Ed25519 public keys of identity providers by name (``kid`` and ``iss``).
        hall_clerks: Ed25519 public keys of hall clerks by name (``kid``); two must sign.
        rp_id: WebAuthn relying party: the host that browsers show.
        rp_name: Its name for people.
        origins: Origins whose pages may ask for a passkey.
        issuing: Certificates and timestamps.
        sms_url: Gateway that takes ``{"phone", "text"}`` by POST; empty writes to the own sandbox outbox.
        attestation_days: How long an attestation stands.
        results_days: How long a signed result is kept after the service has stored it.
        codes_an_hour: How many codes a person is sent at most; who signs more takes a passkey.
        kek: Key-encryption key of everything kept: ``file:``, ``env:`` or ``pkcs11:`` (ADR 0020); a
            relative path lies in the private directory.
    """

    providers: Mapping[str, Bytes32]
    hall_clerks: Mapping[str, Bytes32]
    rp_id: str
    rp_name: str
    origins: tuple[str, ...]
    issuing: Issuing
    sms_url: str = ""
    attestation_days: int = 365
    results_days: int = 30
    codes_an_hour: int = 12
    kek: str = "file:kek.secret"

    @property
    def attestation_lifetime(self) -> timedelta:
        """How long an attestation stands."""
        return timedelta(days=self.attestation_days)

    @property
    def results_lifetime(self) -> timedelta:
        """How long a signed result is kept after the service has stored it."""
        return timedelta(days=self.results_days)

    def as_json(self) -> JsonObject:
        """Members by name; keys in hex."""
        return {
            "schema": 1,
            "providers": {name: key.hex() for name, key in self.providers.items()},
            "hall_clerks": {name: key.hex() for name, key in self.hall_clerks.items()},
            "rp_id": self.rp_id,
            "rp_name": self.rp_name,
            "origins": list(self.origins),
            "utility_uscc": self.issuing.utility_uscc,
            "base_url": self.issuing.base_url,
            "tsa_urls": list(self.issuing.tsa_urls),
            "tsa_roots": list(self.issuing.tsa_roots),
            "authority": self.issuing.authority.as_json(),
            "sms_url": self.sms_url,
            "attestation_days": self.attestation_days,
            "results_days": self.results_days,
            "codes_an_hour": self.codes_an_hour,
            "kek": self.kek,
        }

    @classmethod
    def parse(cls, content: bytes) -> ActivationConfiguration:
        """Read what ``as_json`` gives; every member is due.

        Raises:
            ConfigurationError: Another form.
        """
        try:
            fields = Fields.of(parse_object(content, "activation.json"), "activation.json")
            fields.expect("schema", 1)
            read = cls(
                providers=_keys(fields.object("providers")),
                hall_clerks=_keys(fields.object("hall_clerks")),
                rp_id=fields.text("rp_id"),
                rp_name=fields.text("rp_name"),
                origins=_texts(fields, "origins"),
                issuing=Issuing(
                    utility_uscc=fields.text("utility_uscc"),
                    base_url=fields.text("base_url"),
                    tsa_urls=_texts(fields, "tsa_urls"),
                    tsa_roots=_texts(fields, "tsa_roots"),
                    authority=authority_from(fields.object("authority")),
                ),
                sms_url=fields.text("sms_url"),
                attestation_days=fields.natural("attestation_days"),
                results_days=fields.natural("results_days"),
                codes_an_hour=fields.natural("codes_an_hour"),
                kek=fields.text("kek"),
            )
            fields.finish()
        except MalformedEvidenceError as problem:
            raise ConfigurationError(f"{problem.place}: {problem.problem}") from problem
        read.verify()
        return read

    def verify(self) -> None:
        """Refuse what would believe anybody.

        Raises:
            ConfigurationError: Says which member.
        """
        if not self.rp_id or not self.rp_name:
            raise ConfigurationError("rp_id and rp_name are due")
        for origin in self.origins:
            if not _ORIGIN.fullmatch(origin):
                raise ConfigurationError(f"origins: {origin!r} is no origin, e.g. https://host")
        for name, days in (("attestation_days", self.attestation_days), ("results_days", self.results_days)):
            if not 1 <= days <= _MOST_DAYS:
                raise ConfigurationError(f"{name}: 1 to {_MOST_DAYS} is due")


def _keys(fields: Fields) -> dict[str, Bytes32]:
    return {name: fields.sized(name, Bytes32) for name in fields.names()}


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    members = fields.members(key)
    if not all(isinstance(member, str) for member in members):
        raise MalformedEvidenceError(fields.at(key), "an array of texts is due here")
    return tuple(str(member) for member in members)
