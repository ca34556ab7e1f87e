"""A seal of an organisation as the registry keeps it, and what must hold before it is used (L28).

Decides whether a seal may stand on an agreement today: in use, within its time, its owner's, for
this class of agreement. The look is ``pdfgen``'s, the key ``signing``'s; must never hold either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.seals.life import SealState
from contracts_chain.agreements.terms.codes import AgreementKind
from kernel.clock import BEIJING
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "SUPPLY_CLASSES",
    "Seal",
    "SealClassError",
    "SealKind",
    "SealNotInForceError",
    "verify_seal_in_force",
    "verify_seal_permits",
]


class SealKind(StrEnum):
    """Which seal it is; decides its shape (L28: 公章, 业务专用章, 分支机构, 个人名章)."""

    OFFICIAL = "official"
    CONTRACT = "contract"
    SUPPLY_CONTRACT = "supply_contract"
    BRANCH = "branch"
    LEGAL_REPRESENTATIVE = "legal_representative"

    @property
    def zh(self) -> str:
        """The word on screens."""
        return _KIND_ZH[self]


_KIND_ZH: Final[Mapping[SealKind, str]] = MappingProxyType(
    {
        SealKind.OFFICIAL: "公章",
        SealKind.CONTRACT: "合同专用章",
        SealKind.SUPPLY_CONTRACT: "供用电合同专用章",
        SealKind.BRANCH: "分支机构印章",
        SealKind.LEGAL_REPRESENTATIVE: "法定代表人名章",
    }
)

SUPPLY_CLASSES: Final = tuple(sorted(kind.value for kind in AgreementKind))
"""Every class this service drafts is a power contract or follows one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One seal of the registry.

    Attributes:
        id: Random; stands in records and on the ledger.
        owner: Registered name of the organisation.
        owner_id: Its 统一社会信用代码.
        name: Wording, e.g. ``供用电合同专用章``; one live seal of a name and owner.
        holder: Person whose name a name chop shows; empty for all others.
        custodian: Account of who keeps it and approves each use.
        applicant: Account of who applied for it.
        approver: Account of who approved it; empty before.
        classes: Codes of agreement classes it may stand on, sorted.
        drawing_sha256: Digest of its picture, a PDF kept as a blob.
        key_ref: ``software:NAME`` or ``pkcs11:LABEL``: where its key lives.
        chain: Certificate and issuers, leaf first, DER; empty before it is made.
        valid_from: First day of use, in Beijing.
        valid_to: Last day of use, in Beijing.
        filing_no: Number of its filing (备案编号); empty before.
        version: Guards against lost updates.
    """

    id: str
    owner: str
    owner_id: str
    name: str
    kind: SealKind
    holder: str
    state: SealState
    custodian: str
    applicant: str
    approver: str = ""
    classes: tuple[str, ...]
    drawing_sha256: Bytes32
    key_ref: str
    chain: tuple[bytes, ...] = ()
    valid_from: date
    valid_to: date
    filing_no: str = ""
    applied_utc: datetime
    version: int = 1

    @property
    def is_live(self) -> bool:
        """Whether it stands, so that no second one of its name may be applied for."""
        return self.state not in {SealState.REFUSED, SealState.DESTROYED}


class SealNotInForceError(RejectedError):
    """The seal is suspended, destroyed, not yet filed, or out of its time."""

    code = "seal_not_in_force"

    def __init__(self, seal_name: str, *, reason_en: str, reason_zh: str) -> None:
        """Say which seal and why."""
        super().__init__(
            f"the seal {seal_name} {reason_en}; choose another seal, or have this one put in force",
            f"印章“{seal_name}”{reason_zh}；请另选印章，或先办理启用",
        )


class SealClassError(RejectedError):
    """The seal is not for agreements of this class."""

    code = "seal_class"

    def __init__(self, seal_name: str, kind: str, kind_zh: str) -> None:
        """Say which seal and class."""
        super().__init__(
            f"the seal {seal_name} may not stand on {kind}; choose a seal that is permitted for this class",
            f"印章“{seal_name}”不得用于{kind_zh}；请选用准予用于该类合同的印章",
        )


def verify_seal_in_force(seal: Seal, now: datetime) -> None:
    """Prove that a seal may be used at this moment.

    Raises:
        SealNotInForceError: Another state than in use, or a day outside its time.
    """
    if seal.state is not SealState.IN_USE:
        raise SealNotInForceError(
            seal.name, reason_en=f"is {seal.state}, not in use", reason_zh=f"{seal.state.zh}"
        )
    day = now.astimezone(BEIJING).date()
    if not seal.valid_from <= day <= seal.valid_to:
        raise SealNotInForceError(
            seal.name,
            reason_en=f"is valid from {seal.valid_from} to {seal.valid_to} only",
            reason_zh=f"有效期为 {seal.valid_from} 至 {seal.valid_to}",
        )


def verify_seal_permits(seal: Seal, agreement_kind: str) -> None:
    """Prove that a seal may stand on agreements of a class.

    Args:
        seal: The seal.
        agreement_kind: Code of the class, e.g. ``HV_SUPPLY``.

    Raises:
        SealClassError: It may not.
    """
    if agreement_kind not in seal.classes:
        words = {kind.value: kind.zh for kind in AgreementKind}
        raise SealClassError(seal.name, agreement_kind, words.get(agreement_kind, agreement_kind))
