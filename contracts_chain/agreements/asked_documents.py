"""The papers a customer may be asked for: at most those of the published list, never more.

Decides by kind of customer, mode and stage which papers are asked for, and refuses a
request for any other (reference C8-C11, §6.5: 「严禁以任何理由超出规定要求客户额外提供资料」).
Who starts with one paper brings the rest before signing (容缺受理). Must never grow by a
local habit; the only list that a unit may add is the file set of distributed
generation, which its profile holds and which is empty unless configured.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final, TypeAlias

from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.terms.codes import AgreementKind, Coded
from kernel.errors import RejectedError

__all__ = [
    "AskMode",
    "AskedDocument",
    "CustomerKind",
    "ExtraDocumentError",
    "Stage",
    "asked_for",
    "local_papers",
    "require_nothing_more",
]


class CustomerKind(Coded):
    """Who applies."""

    RESIDENT = ("RESIDENT", "居民（自然人）")
    ENTERPRISE = ("ENTERPRISE", "企业法人")
    OTHER_ORGANISATION = ("OTHER_ORGANISATION", "其他政企客户")


class AskMode(Coded):
    """Whether papers come from the government's electronic licences (C8, I4)."""

    ZERO_DOC = ("ZERO_DOC", "零证办电")
    ONE_DOC = ("ONE_DOC", "一证办电")


class Stage(Coded):
    """When a paper is due."""

    ACCEPTANCE = ("ACCEPTANCE", "受理时")
    BEFORE_SIGNING = ("BEFORE_SIGNING", "签订合同前")


class AskedDocument(Coded):
    """The papers of the published list; there are no others."""

    ID_CARD = ("ID_CARD", "居民身份证")
    BUSINESS_LICENCE = ("BUSINESS_LICENCE", "营业执照")
    LICENCE_OR_ORG_CERTIFICATE = ("LICENCE_OR_ORG_CERTIFICATE", "营业执照或者组织机构代码证")
    PROPERTY_PROOF = ("PROPERTY_PROOF", "房产证明")
    LAND_PROOF = ("LAND_PROOF", "房产土地证明")
    LEASE = ("LEASE", "租赁协议")


_Papers: TypeAlias = tuple[AskedDocument, ...]
_AT_ACCEPTANCE: Final = MappingProxyType(
    {
        CustomerKind.RESIDENT: AskedDocument.ID_CARD,
        CustomerKind.ENTERPRISE: AskedDocument.BUSINESS_LICENCE,
        CustomerKind.OTHER_ORGANISATION: AskedDocument.LICENCE_OR_ORG_CERTIFICATE,
    }
)
_BEFORE_SIGNING: Final = MappingProxyType(
    {
        CustomerKind.RESIDENT: AskedDocument.PROPERTY_PROOF,
        CustomerKind.ENTERPRISE: AskedDocument.LAND_PROOF,
        CustomerKind.OTHER_ORGANISATION: AskedDocument.LAND_PROOF,
    }
)
_ZERO_DOC_KINDS: Final = frozenset({CustomerKind.RESIDENT, CustomerKind.ENTERPRISE})


class ExtraDocumentError(RejectedError):
    """Somebody asks a customer for a paper outside the published list."""

    code = "extra_document"

    def __init__(self, *, wanted: str, allowed: _Papers) -> None:
        """Keep what was wanted and what may be."""
        listed = "、".join(paper.zh for paper in allowed) or "无"
        words = ", ".join(str(paper.value) for paper in allowed) or "nothing"
        super().__init__(
            f"a customer must not be asked for {wanted!r}; at this stage ask for {words} at most",
            f"不得要求客户提供“{wanted}”；本环节至多收取：{listed}。请删除这项要求",
        )
        self.wanted = wanted
        self.allowed = allowed


def asked_for(
    kind: CustomerKind, mode: AskMode, stage: Stage, *, is_tenant: bool = False
) -> tuple[AskedDocument, ...]:
    """The papers that may be asked for at most.

    Args:
        kind: Who applies.
        mode: ``ZERO_DOC`` takes the paper of acceptance from the electronic licences, where
            the papers offer that (C8); other organisations bring their one paper all the same.
        stage: At acceptance one paper is enough; the rest follows before signing.
        is_tenant: Non-residents who rent bring the lease as well (C9).
    """
    if stage is Stage.BEFORE_SIGNING:
        lease = (AskedDocument.LEASE,) if is_tenant and kind is not CustomerKind.RESIDENT else ()
        return (_BEFORE_SIGNING[kind], *lease)
    if mode is AskMode.ZERO_DOC and kind in _ZERO_DOC_KINDS:
        return ()
    return (_AT_ACCEPTANCE[kind],)


def require_nothing_more(
    wanted: Iterable[str], kind: CustomerKind, stage: Stage, *, is_tenant: bool = False
) -> None:
    """Refuse a list of papers that goes beyond what may be asked for up to this stage.

    Args:
        wanted: Codes of ``AskedDocument``; anything else is outside the list by itself.
        kind: Who applies.
        stage: Papers of acceptance may still be asked for before signing.
        is_tenant: Whether the customer rents.

    Raises:
        ExtraDocumentError: Names the first paper that is too much.
    """
    allowed = [*asked_for(kind, AskMode.ONE_DOC, Stage.ACCEPTANCE)]
    if stage is Stage.BEFORE_SIGNING:
        allowed += asked_for(kind, AskMode.ONE_DOC, stage, is_tenant=is_tenant)
    codes = {paper.value for paper in allowed}
    for paper in wanted:
        if paper not in codes:
            raise ExtraDocumentError(wanted=_shown(paper), allowed=tuple(allowed))


def local_papers(kind: AgreementKind, profile: Profile) -> tuple[str, ...]:
    """Papers that a unit's own file set adds for distributed generation; none unless configured."""
    return profile.gen_use_documents if kind is AgreementKind.GEN_USE else ()


def _shown(paper: str) -> str:
    return next((known.zh for known in AskedDocument if known.value == paper), paper)
