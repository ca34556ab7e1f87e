"""SUPPLEMENT 补充协议 (reference §6.4, §7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.rules.supplement_rules import SUPPLEMENT_CHECKS
from contracts_chain.agreements.shown import day_text
from contracts_chain.agreements.supplement_tables import SUPPLEMENT_PHRASES, SUPPLEMENT_TABLES
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.supplement import SupplementTerms

__all__ = ["SUPPLEMENT"]


def _cover(terms: SupplementTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "原合同编号", terms.main_contract_no
    yield "变更业务", terms.trigger.zh
    yield "业务单号", terms.change_order_no
    yield "执行日期", day_text(terms.valid_from)


SUPPLEMENT: Final = AgreementClass(
    id="SUPPLEMENT",
    kind=AgreementKind.SUPPLEMENT,
    terms=SupplementTerms,
    templates=("supplement.toml",),
    tables=SUPPLEMENT_TABLES,
    phrases=SUPPLEMENT_PHRASES,
    checks=SUPPLEMENT_CHECKS,
    conspicuous=frozenset({"changes", "esign", "evidence"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            "change_order_no": "the business system numbers its orders; any number of it will do",
            "changed[].label": "whatever the main contract calls the field",
        }
    ),
)
