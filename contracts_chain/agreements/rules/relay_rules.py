"""Rules of entrusted relay supply (reference R-RELAY-1; the other ids are ours)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.identity_codes import IdentityCodeError, normalised_cust_no
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.reference_rules import reference_violations
from contracts_chain.agreements.rules.supply_procedure import fees_are_published, outages_are_announced
from contracts_chain.agreements.rules.supply_technical import multipliers_are_products
from contracts_chain.agreements.terms.codes import ElecCategory
from contracts_chain.agreements.terms.relay import RelayTerms
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["RELAY_CHECKS"]

_NOTHING: Final = frozenset({"无", "/"})


def relay_stands_on_three_parties(terms: RelayTerms, ground: Ground) -> Violations:
    """R-RELAY-1: three parties, each supply contract named, never through important defence users."""
    parties = terms.parties()
    if len({held.party.id_no for held in parties}) != len(parties):
        yield Violation(
            path="relayed.id_no",
            en="supplier, relaying and relayed party are three different persons",
            zh="供电方、转供方、被转供方应为三个不同的主体，请核对证件号码",
        )
    if terms.relayer_is_defence:
        yield Violation(
            path="relayer_is_defence",
            en="important defence users never relay; supply the user directly",
            zh="不得委托重要的国防军工用户转供电，请改为直接供电或者另选转供方",
        )
    yield from reference_violations("relayer_contract_no", terms.relayer_contract_no)
    yield from reference_violations("relayed_contract_no", terms.relayed_contract_no)
    if terms.relayed_contract_no == terms.relayer_contract_no:
        yield Violation(
            path="relayed_contract_no",
            en="the relayed user has a supply contract of its own; write its number",
            zh="被转供方应有自己的供用电合同，请填写其合同编号",
        )
    try:
        normalised_cust_no(terms.relayer_cust_no, ground.profile.cust_no_prefix)
    except IdentityCodeError as problem:
        yield Violation(path="relayer_cust_no", en=problem.en, zh=problem.zh)
    if terms.relayer_cust_no == terms.cust_no:
        yield Violation(path="cust_no", en="two users, two accounts", zh="转供方与被转供方应各有户号，请核对")


def supplier_has_consented(terms: RelayTerms, _ground: Ground) -> Violations:
    """R-RELAY-2: the supplier's consent is attached, dated before signing, and says why."""
    if terms.approval is None:
        yield Violation(
            path="approval",
            en="attach the supplier's consent; nobody relays without it",
            zh="须附供电方同意转供的文件，未经供电方同意不得转供电",
        )
    elif terms.approval.dated > terms.sign_by:
        yield Violation(
            path="approval.dated",
            en=f"dated {terms.approval.dated}, after {terms.sign_by}",
            zh=f"同意文件日期 {terms.approval.dated} 晚于签署截止日 {terms.sign_by}",
        )
    if terms.reason in _NOTHING:
        yield Violation(path="reason", en="say why the user cannot be reached", zh="请写明委托转供的原因")
    if terms.relayed_elec_categ is ElecCategory.WHOLESALE:
        yield Violation(
            path="relayed_elec_categ",
            en="a wholesale buyer is supplied directly",
            zh="趸购用户不得通过转供电供电，请改为直接供电",
        )


def capacity_is_split(terms: RelayTerms, _ground: Ground) -> Violations:
    """R-RELAY-3: own part and relayed part make up the relaying customer's capacity."""
    total = terms.own_capacity_kva + terms.relayed_capacity_kva
    if total != terms.relayer_capacity_kva:
        yield Violation(
            path="relayed_capacity_kva",
            en=f"own and relayed capacity sum to {decimal_text(total)} kVA, "
            f"the contract has {decimal_text(terms.relayer_capacity_kva)} kVA",
            zh=f"自用与转供容量合计 {decimal_text(total)} kVA，"
            f"转供方合同容量为 {decimal_text(terms.relayer_capacity_kva)} kVA，应一致",
        )


def relayed_energy_is_deducted(terms: RelayTerms, _ground: Ground) -> Violations:
    """R-RELAY-4: relay point and meter listed; deduction and bearer of the loss agreed."""
    for path, items, zh in (
        ("relay_points", terms.relay_points, "转供点"),
        ("meters", terms.meters, "计量点"),
    ):
        if not items:
            yield Violation(path=path, en="list at least one", zh=f"至少填写一个{zh}")
    for path, text, zh in (
        ("deduction", terms.deduction, "转供电量和需量如何从转供方扣减"),
        ("loss_bearer", terms.loss_bearer, "转供损耗由谁承担"),
    ):
        if text in _NOTHING:
            yield Violation(path=path, en="agree on it", zh=f"请约定{zh}")
    for index, point in enumerate(terms.relay_points):
        if point.boundary in _NOTHING:
            yield Violation(
                path=f"relay_points[{index}].boundary",
                en=f"say where property ends at {point.no}",
                zh=f"请写明转供点 {point.no} 的产权分界",
            )


RELAY_CHECKS: Final[Mapping[str, Callable[[RelayTerms, Ground], Violations]]] = MappingProxyType(
    {
        "R-RELAY-1": relay_stands_on_three_parties,
        "R-RELAY-2": supplier_has_consented,
        "R-RELAY-3": capacity_is_split,
        "R-RELAY-4": relayed_energy_is_deducted,
        "R-MET-3": multipliers_are_products,
        "R-OUT-1": outages_are_announced,
        "R-LINT-1": fees_are_published,
    }
)
