"""Which rules a supply contract is held against: those of every one, those of high voltage.

A class of its own takes ``SUPPLY_CHECKS`` and adds or replaces what its fields call for,
e.g. ``MappingProxyType({**SUPPLY_CHECKS, "R-PRE-1": my_papers, "R-BKP-1": backup_sources_are_interlocked})``.
The rules of every class of agreement (``common_rules``) are run besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.ground import HvCheck, SupplyCheck
from contracts_chain.agreements.rules.supply_price import HV_PRICE_CHECKS, SUPPLY_PRICE_CHECKS
from contracts_chain.agreements.rules.supply_procedure import HV_PROCEDURE_CHECKS, SUPPLY_PROCEDURE_CHECKS
from contracts_chain.agreements.rules.supply_technical import HV_TECHNICAL_CHECKS, SUPPLY_TECHNICAL_CHECKS

__all__ = ["HV_CHECKS", "SUPPLY_CHECKS"]

SUPPLY_CHECKS: Final[Mapping[str, SupplyCheck]] = MappingProxyType(
    {**SUPPLY_TECHNICAL_CHECKS, **SUPPLY_PROCEDURE_CHECKS, **SUPPLY_PRICE_CHECKS}
)
HV_CHECKS: Final[Mapping[str, HvCheck]] = MappingProxyType(
    {**HV_TECHNICAL_CHECKS, **HV_PROCEDURE_CHECKS, **HV_PRICE_CHECKS}
)
