"""HV_SUPPLY 高压供用电合同 (reference §3)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.rules.supply_checks import HV_CHECKS
from contracts_chain.agreements.shown import field_text
from contracts_chain.agreements.supply_phrases import SUPPLY_CONDITIONS, SUPPLY_PHRASES
from contracts_chain.agreements.supply_tables import HV_TABLES
from contracts_chain.agreements.terms import AgreementKind, HvSupplyTerms

__all__ = ["HV_SUPPLY"]


def _cover(terms: HvSupplyTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "档案号", terms.archive_no
    yield "用电地址", terms.supply_addr
    yield "合同容量", field_text(terms, "contract_cap")


HV_SUPPLY: Final = AgreementClass(
    id="HV_SUPPLY",
    kind=AgreementKind.HV_SUPPLY,
    terms=HvSupplyTerms,
    templates=("hv_supply.toml",),
    tables=HV_TABLES,
    phrases=SUPPLY_PHRASES,
    conditions=SUPPLY_CONDITIONS,
    checks=HV_CHECKS,
    conspicuous=frozenset(
        {"basic_fee", "cut_off", "esign", "evidence", "exemption", "forbidden", "late_fee", "unlawful_use"}
    ),
    needs_heads=True,
    cover=_cover,
    unruled=MappingProxyType(
        {
            "industry_name": "words beside the code, which R-CODE-1 reads",
            "load_class": "classified by the utility's own survey of the load",
            "load_traits[]": "facts of the customer's equipment; the clause on power quality answers them",
            "non_elec_safety": "measures of the customer's own trade",
            "rest_day": "the customer's own calendar",
            "settle_cycle": "free agreement of the parties; the code list already limits the choices",
            "shifts": "the customer's own working day",
            "tou_flag": "follows from the price document in force, which names its users",
        }
    ),
)
