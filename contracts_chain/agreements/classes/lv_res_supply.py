"""LV_RES_SUPPLY 居民供用电合同 (reference §3.1, §3.3 column R)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.lv_phrases import RES_PHRASES
from contracts_chain.agreements.res_tables import RES_TABLES
from contracts_chain.agreements.rules.lv_rules import LV_RES_CHECKS
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.lv_res import LvResTerms

__all__ = ["LV_RES_SUPPLY"]

_NOT_HERE: Final = "a low-voltage customer has none of these at all (R-LV-1)"


def _cover(terms: LvResTerms) -> Iterator[tuple[str, str]]:
    yield "户号", terms.cust_no
    yield "用电地址", terms.supply_addr


LV_RES_SUPPLY: Final = AgreementClass(
    id="LV_RES_SUPPLY",
    kind=AgreementKind.LV_RES_SUPPLY,
    terms=LvResTerms,
    templates=("lv_res_supply.toml",),
    tables=RES_TABLES,
    phrases=RES_PHRASES,
    checks=LV_RES_CHECKS,
    conspicuous=frozenset(
        {"boundary", "cut_off", "esign", "evidence", "exemption", "forbidden", "late_fee", "payment"}
    ),
    needs_heads=True,
    cover=_cover,
    is_short=True,
    unruled=MappingProxyType(
        {
            "meter_box": "the box is the company's; its place is a fact of the building",
            "receiving_points[].hv_motors[].behind_transformer": _NOT_HERE,
            "receiving_points[].transformers[].on_load_tap_changer": _NOT_HERE,
            "receiving_points[].transformers[].permanently_reduced": _NOT_HERE,
            "settle_cycle": "free agreement of the parties; the code list already limits the choices",
            "tou_flag": "the household's own choice",
        }
    ),
)
