"""集团户供用电框架协议: one head, many sites, one supply contract each (reference §5.5).

The head agrees for the group how contracts are drawn up and signed and how bills are
made out; each site keeps a supply contract of its own, with its own demarcation, meter
and tariff. Rule text and form of group accounts are not established: ``further_items``
takes what a place adds. Decides only shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreed_item import AgreedItem
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import Dispute, InvoiceProfile
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party

__all__ = ["GroupFrameworkTerms", "GroupMember", "MemberParty"]


class MemberParty(codes.Coded):
    """Who is the customer of a member site."""

    HEAD = ("HEAD", "牵头单位")
    OWN = ("OWN", "独立法人")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMember:
    """One site of the group.

    Attributes:
        party: The head itself, or a legal person of its own.
        buyer_name: Who stands on this site's invoices.
        contract_kind: Class of the site's own supply contract.
        mandate_no: Letter by which a member of its own lets the head sign; ``None`` if it
            signs itself, or is the head.
    """

    cust_no: Annotated[str, Label("用户编号")]
    site: Annotated[str, Label("用电地点")]
    party: Annotated[MemberParty, Label("用电主体")]
    buyer_name: Annotated[str, Label("购买方名称")]
    buyer_tax_no: Annotated[str, Label("购买方税号")]
    contract_kind: Annotated[codes.AgreementKind, Label("合同类别")]
    mandate_no: Annotated[str | None, Label("授权书编号")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFrameworkTerms(AgreementTerms):
    """Terms of one framework agreement of a group account.

    Attributes:
        head_party: Signs this agreement, by its authorised agent where it has one.
        consolidated_invoice: One invoice for all sites; only if the buyer is one (R-GRP-2).
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.GROUP_FRAMEWORK
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "供电人", "head_party": "集团牵头单位"}
    )

    group_no: Annotated[str, Label("集团户编号")]
    group_name: Annotated[str, Label("集团户名称")]
    supplier: Annotated[Party, Label("供电人")]
    head_party: Annotated[Party, Label("集团牵头单位")]
    members: Annotated[tuple[GroupMember, ...], Label("成员用户")]
    member_count: Annotated[int, Label("成员户数", "户")]
    batch_signing: Annotated[bool, Label("批量签署")]
    consolidated_bill: Annotated[bool, Label("汇总账单")]
    consolidated_invoice: Annotated[bool, Label("合并开具发票")]
    invoice_profile: Annotated[InvoiceProfile | None, Label("合并发票信息")] = None
    bill_day: Annotated[int, Label("汇总账单日", "日")]
    member_change_days: Annotated[int, Label("成员变更提前通知", "日")]
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]
    further_items: Annotated[tuple[AgreedItem, ...], Label("其他约定事项")] = ()
