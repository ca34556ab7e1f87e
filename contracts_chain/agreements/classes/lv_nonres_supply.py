"""LV_NONRES_SUPPLY 低压非居民供用电合同 (reference §3.1, §3.3 column LV)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.lv_phrases import LV_NONRES_CONDITIONS, LV_NONRES_PHRASES
from contracts_chain.agreements.lv_tables import LV_NONRES_TABLES
from contracts_chain.agreements.rules.lv_rules import LV_NONRES_CHECKS
from contracts_chain.agreements.shown import field_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.lv_nonres import LvNonresTerms

__all__ = ["LV_NONRES_SUPPLY"]

_NOT_HERE: Final = "a low-voltage customer has none of these at all (R-LV-1)"


def _cover(terms: LvNonresTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "档案号", terms.archive_no
    yield "用电地址", terms.supply_addr
    yield "合同容量", field_text(terms, "contract_cap")


LV_NONRES_SUPPLY: Final = AgreementClass(
    id="LV_NONRES_SUPPLY",
    kind=AgreementKind.LV_NONRES_SUPPLY,
    terms=LvNonresTerms,
    templates=("lv_nonres_supply.toml",),
    tables=LV_NONRES_TABLES,
    phrases=LV_NONRES_PHRASES,
    conditions=LV_NONRES_CONDITIONS,
    checks=LV_NONRES_CHECKS,
    conspicuous=frozenset(
        {
            "backup_interlock",
            "cut_off",
            "esign",
            "evidence",
            "exemption",
            "forbidden",
            "late_fee",
            "unlawful_use",
            "urgent_stop",
        }
    ),
    needs_heads=True,
    cover=_cover,
    unruled=MappingProxyType(
        {
            "equipment[].name": "name on the customer's own list; its power is what counts (R-CAP-2)",
            "industry_name": "words beside the code, which R-CODE-1 reads",
            "load_class": "classified by the utility's own survey of the load",
            "receiving_points[].hv_motors[].behind_transformer": _NOT_HERE,
            "receiving_points[].transformers[].permanently_reduced": _NOT_HERE,
            "rest_day": "the customer's own calendar",
            "retail[].retailer_uscc": "read by R-MKT-1 where the customer buys at retail",
            "settle_cycle": "free agreement of the parties; the code list already limits the choices",
            "shifts": "the customer's own working day",
            "tariff_choice": "asked for where capacity leaves a choice (R-TAR-2)",
            "tou_flag": "follows from the price document in force, which names its users",
        }
    ),
)
