"""Reads an attestation of identity and phone: a provider's, or one that two hall clerks signed.

Form and signatures are those of docs/formats/attestation.md; the keys come from the process's own
configuration, the time from its own clock. Decides freshness and whether what is vouched for can
be enrolled here: a natural person by document, with a mobile phone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.errors import AttestationRefusedError
from contracts_chain.agreements.identity.attestation import (
    AttestationClaims,
    AttestationUnsoundError,
    verify_hall_attestation,
    verify_provider_attestation,
)
from contracts_chain.agreements.identity_codes import IdentityCodeError, verify_resident_id
from contracts_chain.evidence.will import SignerRef
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["Attestation", "read_attestation"]

_FRESH: Final = timedelta(minutes=15)
_GREATEST: Final = 16 * 1024
_PHONE: Final = re.compile(r"1[3-9][0-9]{9}")
_SHORTEST_NONCE: Final = 16
_LONGEST_NAME: Final = 64
"""ub-common-name: the certificate bears it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What somebody whom the configuration names has vouched for."""

    sha256: Bytes32
    claims: AttestationClaims

    @property
    def signer(self) -> SignerRef:
        """The person."""
        claims = self.claims
        return SignerRef(name=claims.name, id_type=claims.id_type, id_no=claims.id_no)

    @property
    def session(self) -> str:
        """Issuer, session and nonce: used once."""
        claims = self.claims
        return "\n".join((claims.issuer, claims.session, claims.nonce))


def read_attestation(content: bytes, configuration: ActivationConfiguration, now: datetime) -> Attestation:
    """Verify signature, freshness and form.

    Args:
        content: Compact JWS of a provider, or general JSON JWS of two clerks.
        configuration: Whose keys count.
        now: Aware moment of receipt.

    Raises:
        AttestationRefusedError: Says why; nothing of the content.
    """
    if len(content) > _GREATEST:
        raise AttestationRefusedError("too long")
    try:
        if content.lstrip()[:1] == b"{":
            claims = verify_hall_attestation(content, configuration.hall_clerks, now=now, greatest_age=_FRESH)
        else:
            claims = verify_provider_attestation(
                content, configuration.providers, now=now, greatest_age=_FRESH
            )
    except AttestationUnsoundError as problem:
        raise AttestationRefusedError(problem.en) from problem
    _verify_form(claims)
    return Attestation(sha256=sha256(content), claims=claims)


def _verify_form(claims: AttestationClaims) -> None:
    if len(claims.name) > _LONGEST_NAME or claims.name != claims.name.strip():
        raise AttestationRefusedError("no name for a certificate")
    if claims.id_type == "RESIDENT_ID":
        try:
            verify_resident_id(claims.id_no)
        except IdentityCodeError as problem:
            raise AttestationRefusedError("no resident id") from problem
    elif claims.id_type != "OTHER":
        raise AttestationRefusedError("no document of a natural person")
    if not _PHONE.fullmatch(claims.phone):
        raise AttestationRefusedError("no mobile phone")
    if len(claims.nonce) < _SHORTEST_NONCE:
        raise AttestationRefusedError("nonce")
