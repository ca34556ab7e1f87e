"""GROUP_FRAMEWORK 集团户供用电框架协议: the head signs for the group (reference §5.5, C3)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.group_framework_tables import GROUP_CONDITIONS, GROUP_PHRASES, GROUP_TABLES
from contracts_chain.agreements.rules.group_rules import GROUP_CHECKS
from contracts_chain.agreements.shown import field_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.group_framework import GroupFrameworkTerms

__all__ = ["GROUP_FRAMEWORK"]


def _cover(terms: GroupFrameworkTerms) -> Iterator[tuple[str, str]]:
    yield "集团户编号", terms.group_no
    yield "集团户名称", terms.group_name
    yield "成员户数", field_text(terms, "member_count")


GROUP_FRAMEWORK: Final = AgreementClass(
    id="GROUP_FRAMEWORK",
    kind=AgreementKind.GROUP_FRAMEWORK,
    terms=GroupFrameworkTerms,
    templates=("group_framework.toml",),
    tables=GROUP_TABLES,
    phrases=GROUP_PHRASES,
    conditions=GROUP_CONDITIONS,
    checks=GROUP_CHECKS,
    conspicuous=frozenset({"batch", "esign", "evidence", "head_duty"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            "batch_signing": "the head's choice; R-GRP-3 asks for mandates where it is made",
            "consolidated_bill": "the head's choice; a bill is no invoice",
            "further_items[].content": "added by the parties; the rules about text in general read it",
            "further_items[].name": "added by the parties; the rules about text in general read it",
            "group_name": "name that the group gives itself",
            "group_no": "number that the utility's marketing system gives",
            "invoice_profile.kind": "both kinds are lawful for an organisation",
            "invoice_profile.tax_no": "R-GRP-2 compares it where the group agrees one invoice",
            "invoice_profile.title": "R-GRP-2 compares it where the group agrees one invoice",
            "members[].site": "describes the site; its own supply contract has the address",
            "renewal": "both ways of renewing are lawful",
        }
    ),
)
