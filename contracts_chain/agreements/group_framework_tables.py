"""Tables of the group framework agreement, and its wording that depends on the terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import dispute, formation
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.supply_tables import invoice_table
from contracts_chain.agreements.table_rows import TableBlock, annexes, contacts, field_table
from contracts_chain.agreements.terms.group_framework import GroupFrameworkTerms, GroupMember
from contracts_chain.agreements.terms.party import Party
from contracts_chain.agreements.typed_json import value_json
from contracts_chain.agreements.wholesale_tables import agreed_items
from kernel.canonical_json import canonical_bytes
from kernel.digests import sha256
from pdfgen.document import FieldTable, GridTable

__all__ = ["GROUP_CONDITIONS", "GROUP_PHRASES", "GROUP_TABLES", "members_digest"]


def members_digest(terms: GroupFrameworkTerms) -> str:
    """SHA-256 (64 hex digits) of the canonical JSON of the member list: one digest for 2,000 rows."""
    return sha256(canonical_bytes(value_json(terms.members))).hex()


def _basics(terms: GroupFrameworkTerms) -> FieldTable:
    return field_table(
        "集团户基本情况",
        terms,
        "group_no",
        "group_name",
        "member_count",
        "bill_day",
        "batch_signing",
        "consolidated_bill",
        "consolidated_invoice",
        "member_change_days",
        "channel",
    )


def _members(terms: GroupFrameworkTerms) -> GridTable:
    rows = [_member(member, terms.head_party) for member in terms.members]
    return GridTable(
        title="成员用户清单",
        header=["用户编号", "用电地点", "合同类别", "用电主体", "购买方（授权书）"],
        rows=rows or [["无"] * 5],
        widths=[1.9, 3.4, 3.3, 1.4, 3.4],
    )


def _member(member: GroupMember, head: Party) -> list[str]:
    is_head = (member.buyer_name, member.buyer_tax_no) == (head.name, head.tax_no)
    buyer = "同集团牵头单位" if is_head else f"{member.buyer_name} {member.buyer_tax_no}"
    mandate = "" if member.mandate_no is None else f" 授权书 {member.mandate_no}"
    return [member.cust_no, member.site, member.contract_kind.zh, member.party.zh, f"{buyer}{mandate}"]


def _invoice(terms: GroupFrameworkTerms) -> FieldTable:
    profile = terms.invoice_profile
    return (
        FieldTable(title="开票信息", rows=[("合并发票", "无")]) if profile is None else invoice_table(profile)
    )


GROUP_TABLES: Final[Mapping[str, Callable[[GroupFrameworkTerms], TableBlock]]] = MappingProxyType(
    {
        "annexes": annexes,
        "basics": _basics,
        "contacts": contacts,
        "further_items": lambda terms: agreed_items(terms.further_items),
        "invoice_profile": _invoice,
        "members": _members,
    }
)

GROUP_PHRASES: Final[Mapping[str, Callable[[GroupFrameworkTerms], str]]] = MappingProxyType(
    {
        "dispute": dispute,
        "formation": formation,
        "listed": lambda terms: value_text(len(terms.members), "户"),
        "members_digest": members_digest,
    }
)

GROUP_CONDITIONS: Final[Mapping[str, Callable[[GroupFrameworkTerms], bool]]] = MappingProxyType(
    {
        "BATCH": lambda terms: terms.batch_signing,
        "ONE_BILL": lambda terms: terms.consolidated_bill,
        "ONE_INVOICE": lambda terms: terms.consolidated_invoice,
        "SEPARATE_INVOICES": lambda terms: not terms.consolidated_invoice,
    }
)
