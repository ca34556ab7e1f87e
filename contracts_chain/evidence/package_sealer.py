"""Of whom the seal of a package may be: the organisations that the trust bundle names, and nobody else.

Report, printed invoice and names of places in a package hang on its seal alone, so that a certificate of
a trusted authority is not enough: every customer has one. Decides by what the proven certificate says of
its holder; must never take a name from the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError
from kernel.canonical_json import JsonValue
from kernel.errors import RefutedError
from signing.model import SignerIdentity, SoleControl

__all__ = ["PackageSealer", "PackageSealerError", "read_sealers", "sealers_json", "verify_sealer"]

_OF_A_SEAL: Final = frozenset({None, SoleControl.CUSTODIAN})
"""Levels that a seal's certificate may name; the others are of people, also of the organisation's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSealer:
    """An organisation that seals packages, as the subject of its certificates names it.

    Attributes:
        organisation: ``organizationName``, character by character.
        organisation_id: 统一社会信用代码 of ``organizationIdentifier``, without the ``USCCCN-`` prefix.
    """

    organisation: str
    organisation_id: str


class PackageSealerError(RefutedError):
    """Somebody closed the package whom the trust bundle does not name, or a person instead of a seal."""

    code = "package_sealer"

    def __init__(self, signer: SignerIdentity, sealers: Sequence[PackageSealer]) -> None:
        """Keep who sealed and who might have."""
        holder = f"{signer.common_name} ({signer.organisation_id or 'no code'})"
        holder_zh = f"{signer.common_name}（{signer.organisation_id or '无统一社会信用代码'}）"
        named = "; ".join(f"{one.organisation} ({one.organisation_id})" for one in sealers)
        named_zh = "、".join(f"{one.organisation}（{one.organisation_id}）" for one in sealers)
        super().__init__(
            f"the package was sealed by {holder}, not by a seal of {named}; do not rely on this file, "
            "ask the organisation named for its package",
            f"证据包由{holder_zh}封签，并非由信任包所列单位{named_zh}的印章封签；"
            "请勿采信本文件，并向所列单位重新索取证据包",
        )
        self.expected = tuple(sealers)
        self.actual = signer


def verify_sealer(signer: SignerIdentity, sealers: Sequence[PackageSealer]) -> None:
    """Hold the holder of a proven certificate against the bundle's list.

    Args:
        signer: Read from the certificate that the package's signature was proven with.
        sealers: From the trust bundle, never from the package.

    Raises:
        PackageSealerError: Another organisation, none, or a person.
    """
    holder = (signer.organisation, signer.organisation_id)
    named = {(one.organisation, one.organisation_id) for one in sealers}
    if holder not in named or signer.sole_control not in _OF_A_SEAL:
        raise PackageSealerError(signer, sealers)


def read_sealers(fields: Fields) -> tuple[PackageSealer, ...]:
    """Take ``package_sealers`` of ``trust.json``: one or more, none twice, no text empty.

    Raises:
        MalformedEvidenceError: Missing, or of another form.
    """
    place = fields.at("package_sealers")
    sealers = tuple(_sealer(value, place) for value in fields.members("package_sealers"))
    if not sealers or len(set(sealers)) < len(sealers):
        raise MalformedEvidenceError(place, "one or more organisations are due, none of them twice")
    return sealers


def sealers_json(sealers: Sequence[PackageSealer]) -> list[JsonValue]:
    """What ``read_sealers`` reads."""
    return [{"organisation": one.organisation, "organisation_id": one.organisation_id} for one in sealers]


def _sealer(value: JsonValue, place: str) -> PackageSealer:
    fields = Fields.of(value, place)
    sealer = PackageSealer(
        organisation=fields.text("organisation"), organisation_id=fields.text("organisation_id")
    )
    fields.finish()
    if not sealer.organisation or not sealer.organisation_id:
        raise MalformedEvidenceError(place, "name and identifier of an organisation are due")
    return sealer
