"""市场化零售供用电合同: a customer that buys its energy from a retailer (reference §5.3).

The utility stays a party, because wires, metering, settlement and safety are its own:
technical and safety matters therefore stand in this contract itself, as in a high-voltage
one, and no second supply contract is signed beside it. The retailer's price and services
stand in the retail contract between customer and retailer, which is recorded here by
number and period only. Two parties by default; a retailer named in the terms signs as
the third, since some provinces want three signatures. Decides only shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.hv_supply import HvSupplyTerms
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party

__all__ = ["MarketRetailTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRetailTerms(HvSupplyTerms):
    """Terms of one supply contract with a retail customer of the market.

    Attributes:
        retailer: Third party, where the province wants its signature; ``retail`` names it anyway.
        market_entry_no: 市场主体注册编号 of the customer at the trading centre.
        trading_centre: Who keeps the register of retail contracts.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.MARKET_RETAIL_SUPPLY
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "供电人", "consumer": "用电人", "retailer": "售电公司"}
    )

    retailer: Annotated[Party | None, Label("售电公司")] = None
    market_entry_no: Annotated[str, Label("市场主体注册编号")]
    trading_centre: Annotated[str, Label("电力交易机构")]
