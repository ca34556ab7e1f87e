"""Rules that only the dispatch agreement with a customer substation has (reference §4.4, C17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.dispatch_rules import DISPATCH_CHECKS
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.reference_rules import list_reference_violations
from contracts_chain.agreements.terms import SubstationDispatchTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import RelayCalculator
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["SUBSTATION_CHECKS", "pair_violations"]


def related_contract_is_named(terms: SubstationDispatchTerms, _ground: Ground) -> Violations:
    """D-REL-1: refers back to at least one supply contract by number."""
    yield from list_reference_violations("related_contract_nos", terms.related_contract_nos)


def transformers_sum_up(terms: SubstationDispatchTerms, _ground: Ground) -> Violations:
    """D-CAP-1: installed capacity is the sum of the main transformers."""
    total = sum((t.capacity_mva for t in terms.main_transformers), Decimal(0))
    if total != terms.installed_mva:
        yield Violation(
            path="installed_mva",
            en=f"{terms.installed_mva} MVA installed, transformers sum to {decimal_text(total)} MVA",
            zh=f"主变总容量 {terms.installed_mva} MVA，各主变合计 {decimal_text(total)} MVA",
        )


def relay_settings_have_their_owner(terms: SubstationDispatchTerms, ground: Ground) -> Violations:
    """D-RLY-1: from 35 kV new: dispatch centre, free of charge; 10 kV: the customer's designer (C17)."""
    if not terms.poc:
        return
    settings = terms.relay_settings
    voltage = max(point.voltage_kv for point in terms.poc)
    by_centre = voltage >= ground.figures.dispatch_relay_from_kv and settings.new_connection
    due = RelayCalculator.DISPATCH_CENTRE if by_centre else RelayCalculator.DESIGNER
    if settings.new_connection and settings.calculator is not due:
        yield Violation(
            path="relay_settings.calculator",
            en=f"new connection at {decimal_text(voltage)} kV calls for {due.value}",
            zh=f"{decimal_text(voltage)} kV 新增用户的涉网定值应由{due.zh}整定",
        )
    if by_centre and not settings.free_of_charge:
        yield Violation(
            path="relay_settings.free_of_charge",
            en="this service is free",
            zh="涉网定值整定、审核备案应免费提供",
        )


def pair_violations(supply: SupplyTerms, dispatch: SubstationDispatchTerms) -> Iterator[Violation]:
    """D-PAIR-1: supply contract and dispatch agreement of one order agree on parties and capacity."""
    compared = (
        ("cust_no", supply.cust_no, dispatch.cust_no),
        ("supplier.id_no", supply.supplier.id_no, dispatch.supplier.id_no),
        ("consumer.id_no", supply.consumer.id_no, dispatch.consumer.id_no),
        ("installed_mva", decimal_text(supply.contract_cap / 1000), decimal_text(dispatch.installed_mva)),
    )
    for path, ours, theirs in compared:
        if ours != theirs:
            yield Violation(
                path=path,
                en=f"the supply contract says {ours}, the dispatch agreement {theirs}",
                zh=f"供用电合同为 {ours}，并网调度协议为 {theirs}，两者应一致",
            )


SUBSTATION_CHECKS: Final[Mapping[str, Callable[[SubstationDispatchTerms, Ground], Violations]]] = (
    MappingProxyType(
        {
            **DISPATCH_CHECKS,
            "D-REL-1": related_contract_is_named,
            "D-CAP-1": transformers_sum_up,
            "D-RLY-1": relay_settings_have_their_owner,
        }
    )
)
