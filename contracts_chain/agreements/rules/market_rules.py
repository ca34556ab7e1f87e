"""Rules of the retail-market supply contract, besides those of high voltage (reference §5.3, R-MKT-1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.supply_checks import HV_CHECKS
from contracts_chain.agreements.terms.codes import MarketAttr
from contracts_chain.agreements.terms.market_retail import MarketRetailTerms

__all__ = ["MARKET_CHECKS"]

_NOTHING: Final = frozenset({"无", "/"})


def customer_buys_at_retail(terms: MarketRetailTerms, _ground: Ground) -> Violations:
    """R-MKT-2: the contract is for retail customers of the market, registered as such."""
    if terms.market_attr is not MarketAttr.RETAIL:
        yield Violation(
            path="market_attr",
            en=f"{terms.market_attr.value} is not retail; use the high-voltage contract",
            zh=f"市场化属性为“{terms.market_attr.zh}”，请改用高压供用电合同",
        )
    for path, text, zh in (
        ("market_entry_no", terms.market_entry_no, "市场主体注册编号"),
        ("trading_centre", terms.trading_centre, "电力交易机构"),
    ):
        if text in _NOTHING:
            yield Violation(path=path, en="a market customer is registered: name it", zh=f"请填写{zh}")


def retailer_is_the_registered_one(terms: MarketRetailTerms, _ground: Ground) -> Violations:
    """R-MKT-3: a retailer that signs is the one of the retail contract in force when supply starts."""
    retailer = terms.retailer
    if retailer is None:
        return
    in_force = [one for one in terms.retail if one.retail_from <= terms.supply_start <= one.retail_to]
    for contract in in_force or terms.retail[:1]:
        if (contract.retailer_uscc, contract.retailer_name) != (retailer.id_no, retailer.name):
            yield Violation(
                path="retailer.id_no",
                en=f"{retailer.name} signs, but the retail contract is with {contract.retailer_name}",
                zh=f"签署的售电公司为{retailer.name}，零售合同的售电公司为{contract.retailer_name}，应为同一公司",
            )


def retail_covers_the_start(terms: MarketRetailTerms, _ground: Ground) -> Violations:
    """R-MKT-4: a retail contract is in force on the first day of supply, or the fallback applies at once."""
    day = terms.supply_start
    if terms.retail and not any(one.retail_from <= day <= one.retail_to for one in terms.retail):
        yield Violation(
            path="retail",
            en=f"no retail contract covers {day}, the first day of supply: the fallback would apply",
            zh=f"供电开始日 {day} 不在任何零售合同期限内，自该日起将按保底或者代理购电方式结算，请核对",
        )


MARKET_CHECKS: Final[Mapping[str, Callable[[MarketRetailTerms, Ground], Violations]]] = MappingProxyType(
    {
        **HV_CHECKS,
        "R-MKT-2": customer_buys_at_retail,
        "R-MKT-3": retailer_is_the_registered_one,
        "R-MKT-4": retail_covers_the_start,
    }
)
