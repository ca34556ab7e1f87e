"""Rules of group framework agreements (reference §5.5; ids are ours)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.identity_codes import IdentityCodeError, normalised_cust_no, verify_uscc
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.agreements.terms.group_framework import GroupFrameworkTerms, MemberParty

__all__ = ["GROUP_CHECKS"]

_SITE_CONTRACTS: Final = frozenset(
    {
        AgreementKind.HV_SUPPLY,
        AgreementKind.LV_NONRES_SUPPLY,
        AgreementKind.LV_RES_SUPPLY,
        AgreementKind.MARKET_RETAIL_SUPPLY,
        AgreementKind.TEMP_SUPPLY,
    }
)


def members_are_accounts(terms: GroupFrameworkTerms, ground: Ground) -> Violations:
    """R-GRP-1: as many members as said, each a sound account, once, with a supply contract."""
    if not terms.members or len(terms.members) != terms.member_count:
        yield Violation(
            path="member_count",
            en=f"{terms.member_count} members said, {len(terms.members)} listed",
            zh=f"填写成员 {terms.member_count} 户，清单 {len(terms.members)} 户，应一致且不少于一户",
        )
    seen: Counter[str] = Counter()
    for index, member in enumerate(terms.members):
        path = f"members[{index}]"
        try:
            seen[normalised_cust_no(member.cust_no, ground.profile.cust_no_prefix)] += 1
        except IdentityCodeError as problem:
            yield Violation(path=f"{path}.cust_no", en=problem.en, zh=problem.zh)
        if member.contract_kind not in _SITE_CONTRACTS:
            yield Violation(
                path=f"{path}.contract_kind",
                en=f"{member.contract_kind.value} is no supply contract of a site",
                zh=f"{member.contract_kind.zh}不是用电地点的供用电合同类别",
            )
    for number, times in seen.items():
        if times > 1:
            yield Violation(
                path="members", en=f"{number} occurs {times} times", zh=f"户号 {number} 重复列出 {times} 次"
            )


def one_invoice_has_one_buyer(terms: GroupFrameworkTerms, _ground: Ground) -> Violations:
    """R-GRP-2: a consolidated invoice only where buyer name and tax number are the same for all."""
    profile = terms.invoice_profile
    if terms.consolidated_invoice is not (profile is not None):
        yield Violation(
            path="invoice_profile",
            en="write it for a consolidated invoice, and only then",
            zh="合并开具发票的请填写合并发票信息；各户分别开具的请删除",
        )
    if not terms.consolidated_invoice or profile is None:
        return
    buyer = (profile.title, profile.tax_no)
    for index, member in enumerate(terms.members):
        if (member.buyer_name, member.buyer_tax_no) != buyer:
            yield Violation(
                path=f"members[{index}].buyer_tax_no",
                en=f"{member.cust_no} is billed to {member.buyer_name} ({member.buyer_tax_no}), "
                f"the invoice to {profile.title} ({profile.tax_no}): no consolidated invoice",
                zh=f"{member.cust_no} 的购买方为{member.buyer_name}（{member.buyer_tax_no}），"
                f"与合并发票的{profile.title}（{profile.tax_no}）不同，不能合并开具",
            )


def head_signs_for_whom_it_may(terms: GroupFrameworkTerms, _ground: Ground) -> Violations:
    """R-GRP-3: the head signs for itself; for a legal person of its own only under a mandate."""
    head = terms.head_party
    if not head.is_organisation:
        yield Violation(
            path="head_party.id_type",
            en="the head of a group is an organisation",
            zh="集团牵头单位应为单位，不能是自然人",
        )
    for index, member in enumerate(terms.members):
        path = f"members[{index}]"
        is_head = (member.buyer_name, member.buyer_tax_no) == (head.name, head.id_no)
        if member.party is MemberParty.HEAD and not is_head:
            yield Violation(
                path=f"{path}.buyer_name",
                en=f"the head is {head.name} ({head.id_no}), the member {member.buyer_name}",
                zh=f"用电主体为牵头单位的，购买方名称和税号应为{head.name}（{head.id_no}）",
            )
        if member.party is MemberParty.OWN and terms.batch_signing and member.mandate_no is None:
            yield Violation(
                path=f"{path}.mandate_no",
                en=f"{member.buyer_name} is a legal person of its own: name its mandate for batch signing",
                zh=f"{member.buyer_name}为独立法人，由牵头单位批量签署的须填写其授权书编号",
            )
        if member.party is MemberParty.OWN:
            yield from _own_code(path, member.buyer_tax_no)


def _own_code(path: str, code: str) -> Violations:
    try:
        verify_uscc(code)
    except IdentityCodeError as problem:
        yield Violation(path=f"{path}.buyer_tax_no", en=problem.en, zh=problem.zh)


def changes_are_told_ahead(terms: GroupFrameworkTerms, _ground: Ground) -> Violations:
    """R-GRP-4: joining and leaving is told at least a day ahead."""
    if terms.member_change_days < 1:
        yield Violation(
            path="member_change_days", en="write days above 0", zh="成员变更提前通知的天数应大于零"
        )


GROUP_CHECKS: Final[Mapping[str, Callable[[GroupFrameworkTerms, Ground], Violations]]] = MappingProxyType(
    {
        "R-GRP-1": members_are_accounts,
        "R-GRP-2": one_invoice_has_one_buyer,
        "R-GRP-3": head_signs_for_whom_it_may,
        "R-GRP-4": changes_are_told_ahead,
    }
)
