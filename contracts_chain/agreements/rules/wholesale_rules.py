"""Rules of wholesale contracts between utilities (reference §3.1, §3.5, R-PF-1; other ids are ours)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.profile import TariffClass
from contracts_chain.agreements.rules.reference_rules import reference_violations
from contracts_chain.agreements.rules.supply_checks import SUPPLY_CHECKS
from contracts_chain.agreements.rules.supply_procedure import (
    demarcations_name_their_source,
    fees_are_published,
    papers_before_signing,
    seven_heads_have_content,
    sources_are_listed,
)
from contracts_chain.agreements.rules.supply_technical import (
    loss_follows_the_metering_mode,
    meters_stand_at_the_demarcation,
)
from contracts_chain.agreements.terms.codes import ElecCategory, PfStandard
from contracts_chain.agreements.terms.wholesale import WholesaleTerms
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["WHOLESALE_CHECKS"]

_WHOLE: Final = Decimal(100)
_LEAST_KVA: Final = 100


def buyer_is_a_licensed_utility(terms: WholesaleTerms, _ground: Ground) -> Violations:
    """W-LIC-1: the buyer supplies an area of its own under a licence of its own (条例 arts 8, 9)."""
    if terms.consumer.licence_no is None:
        yield Violation(
            path="consumer.licence_no",
            en="the buyer resells energy: write its electricity business licence",
            zh="趸购方转售电力，请填写其电力业务许可证编号",
        )
    if terms.consumer.id_no == terms.supplier.id_no:
        yield Violation(
            path="consumer.id_no",
            en="seller and buyer are one utility; no contract is needed",
            zh="趸售方与趸购方为同一主体，无须签订趸购电合同",
        )


def category_is_wholesale(terms: WholesaleTerms, _ground: Ground) -> Violations:
    """W-CAT-1: the contract is of a wholesale category."""
    if terms.elec_categ is not ElecCategory.WHOLESALE:
        yield Violation(
            path="elec_categ",
            en=f"write {ElecCategory.WHOLESALE.value}, found {terms.elec_categ.value}",
            zh=f"用电类别应为{ElecCategory.WHOLESALE.zh}，现为{terms.elec_categ.zh}",
        )


def each_gateway_is_settled_whole(terms: WholesaleTerms, ground: Ground) -> Violations:
    """W-SET-1: the shares of each gateway sum to 100 percent, at listed wholesale prices."""
    sums: dict[str, Decimal] = {meter.no: Decimal(0) for _, meter in terms.metering_points()}
    for index, share in enumerate(terms.settlement_shares):
        if share.meter_no not in sums:
            yield Violation(
                path=f"settlement_shares[{index}].meter_no",
                en=f"no gateway {share.meter_no}; write the number of a metering point",
                zh=f"没有关口计量点 {share.meter_no}，请填写计量点编号",
            )
            continue
        sums[share.meter_no] += share.share_pct
        tariff = ground.profile.find_tariff(share.tariff_code)
        if tariff is None or tariff.tariff_class is not TariffClass.WHOLESALE:
            yield Violation(
                path=f"settlement_shares[{index}].tariff_code",
                en=f"{share.tariff_code} is no listed wholesale tariff",
                zh=f"{share.tariff_code} 不是本省电价目录中的趸售电价",
            )
    for number, total in sums.items():
        if total != _WHOLE:
            yield Violation(
                path="settlement_shares",
                en=f"shares of {number} sum to {decimal_text(total)} %, not 100 %",
                zh=f"关口计量点 {number} 的分类比例合计 {decimal_text(total)}%，应为 100%",
            )


def power_factor_is_wholesale(terms: WholesaleTerms, _ground: Ground) -> Violations:
    """R-PF-1: 0.80 for wholesale; 0.85 where 大工业 users stay with the buyer, not managed by the seller."""
    due = PfStandard.P85 if terms.manages_large_industry else PfStandard.P80
    if terms.contract_cap >= _LEAST_KVA and terms.pf_standard is not due:
        yield Violation(
            path="pf_standard",
            en=f"standard should be {due.value}, found {terms.pf_standard.value}",
            zh=f"功率因数考核标准应为 {due.zh}，现为 {terms.pf_standard.zh}",
        )


def demand_fits_the_capacity(terms: WholesaleTerms, _ground: Ground) -> Violations:
    """W-CAP-1: capacity is what is installed; agreed load and yearly energy lie within it."""
    installed = terms.receiving_capacity()
    if terms.contract_cap != installed:
        yield Violation(
            path="contract_cap",
            en=f"contract capacity {terms.contract_cap} kVA, installed {decimal_text(installed)} kVA",
            zh=f"合同容量 {terms.contract_cap} kVA，趸购变压器合计 {decimal_text(installed)} kVA",
        )
    if not 0 < terms.max_demand_kw <= terms.contract_cap:
        yield Violation(
            path="max_demand_kw",
            en=f"{terms.max_demand_kw} kW: above 0 and within {terms.contract_cap} kVA",
            zh=f"约定最大负荷 {terms.max_demand_kw} kW，应大于零且不超过合同容量 {terms.contract_cap} kVA",
        )
    most = terms.max_demand_kw * 8784 / 1000
    if not 0 < terms.expected_annual_mwh <= most:
        yield Violation(
            path="expected_annual_mwh",
            en=f"{terms.expected_annual_mwh} MWh a year; the agreed load allows {decimal_text(most)}",
            zh=f"预计年趸购电量 {terms.expected_annual_mwh} MWh，"
            f"按约定最大负荷全年不超过 {decimal_text(most)} MWh",
        )


def dispatch_agreement_is_named(terms: WholesaleTerms, _ground: Ground) -> Violations:
    """W-REF-1: a dispatch agreement is named by its number."""
    if terms.dispatch_contract_no is not None:
        yield from reference_violations("dispatch_contract_no", terms.dispatch_contract_no)


def _heads(terms: WholesaleTerms, ground: Ground) -> Violations:
    yield from seven_heads_have_content(terms, ground)
    yield from sources_are_listed(terms, ground)
    yield from demarcations_name_their_source(terms, ground)


WHOLESALE_CHECKS: Final[Mapping[str, Callable[[WholesaleTerms, Ground], Violations]]] = MappingProxyType(
    {
        **SUPPLY_CHECKS,
        "R-HEAD-1": _heads,
        "R-PRE-1": papers_before_signing,
        "R-PF-1": power_factor_is_wholesale,
        "R-MET-1": meters_stand_at_the_demarcation,
        "R-MET-2": loss_follows_the_metering_mode,
        "R-LINT-1": fees_are_published,
        "W-LIC-1": buyer_is_a_licensed_utility,
        "W-CAT-1": category_is_wholesale,
        "W-SET-1": each_gateway_is_settled_whole,
        "W-CAP-1": demand_fits_the_capacity,
        "W-REF-1": dispatch_agreement_is_named,
    }
)
