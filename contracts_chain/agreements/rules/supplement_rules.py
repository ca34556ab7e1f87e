"""Rules of supplements and terminations: what changes is named, what ends is settled (R-SUP, R-END)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.change_triggers import ChangeEffect, row_of
from contracts_chain.agreements.numbering import ContractNumberError, parse_contract_number
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.terms.supplement import SupplementTerms
from contracts_chain.agreements.terms.termination import TerminationTerms

__all__ = ["SUPPLEMENT_CHECKS", "TERMINATION_CHECKS"]


def main_contract_is_named(terms: SupplementTerms | TerminationTerms, _ground: Ground) -> Violations:
    """R-SUP-1: one main contract, by its number and the day it was formed; no supplement of a supplement."""
    try:
        supplement = parse_contract_number(terms.main_contract_no).supplement
    except ContractNumberError as problem:
        yield Violation(path="main_contract_no", en=problem.en, zh=problem.zh)
        return
    if supplement:
        yield Violation(
            path="main_contract_no",
            en="name the main contract, not one of its supplements",
            zh="请填写原合同编号，不得以补充协议为原合同",
        )
    if terms.main_formed_on > terms.sign_by:
        yield Violation(
            path="main_formed_on",
            en=f"the main contract was formed on {terms.main_formed_on}, after the last day for signing",
            zh=f"原合同成立日期 {terms.main_formed_on} 晚于签署截止日 {terms.sign_by}",
        )


def changes_are_changes(terms: SupplementTerms, _ground: Ground) -> Violations:
    """R-SUP-2: at least one field, each once, with other words than before."""
    if not terms.changed:
        yield Violation(path="changed", en="name what changes", zh="请列明变更内容")
    for at, field in enumerate(terms.changed):
        if field.old_text.strip() == field.new_text.strip():
            yield Violation(
                path=f"changed[{at}].new_text",
                en=f"{field.label} stays as it was; leave it out",
                zh=f"“{field.label}”前后一致，请删除该项",
            )
    for path, times in Counter(field.path for field in terms.changed).items():
        if times > 1:
            yield Violation(
                path="changed",
                en=f"{path} is changed {times} times; keep one",
                zh=f"字段 {path} 出现 {times} 次，请只保留一项",
            )


def business_is_done_by_supplement(terms: SupplementTerms, _ground: Ground) -> Violations:
    """R-SUP-3: the change table answers this business with a supplement."""
    effect = row_of(terms.trigger).effect
    if effect is not ChangeEffect.SUPPLEMENT:
        yield Violation(
            path="trigger",
            en=f"{terms.trigger.value} leads to {effect.value}, not to a supplement",
            zh=f"“{terms.trigger.zh}”应{effect.zh}，不适用补充协议",
        )


def performed_after_the_main_contract(
    terms: SupplementTerms | TerminationTerms, _ground: Ground
) -> Violations:
    """R-SUP-4: what is agreed now does not reach back before the main contract."""
    if terms.valid_from < terms.main_formed_on:
        yield Violation(
            path="valid_from",
            en=f"effective {terms.valid_from}, before the main contract of {terms.main_formed_on}",
            zh=f"执行日期 {terms.valid_from} 早于原合同成立日期 {terms.main_formed_on}",
        )


def capacity_stays_a_capacity(terms: SupplementTerms, _ground: Ground) -> Violations:
    """R-SUP-5: a capacity after the change is more than nothing; none left is a termination."""
    if terms.capacity_after_kva is not None and terms.capacity_after_kva <= 0:
        yield Violation(
            path="capacity_after_kva",
            en="a contract without capacity is terminated, not supplemented",
            zh="变更后容量须大于零；不再用电的请办理终止",
        )


def ending_business_ends(terms: TerminationTerms, _ground: Ground) -> Violations:
    """R-END-1: the change table answers this business with an end of the contract."""
    if row_of(terms.trigger).effect not in {ChangeEffect.TERMINATION, ChangeEffect.TERMINATE_AND_NEW}:
        yield Violation(
            path="trigger",
            en=f"{terms.trigger.value} does not end a contract",
            zh=f"“{terms.trigger.zh}”不终止合同",
        )


def accounts_are_settled(terms: TerminationTerms, _ground: Ground) -> Violations:
    """R-END-2: fees settled and every meter read by the end, and before anybody signs that they are."""
    latest = min(terms.valid_from, terms.sign_by)
    if not terms.settlement.settled or terms.settlement.settled_on > latest:
        yield Violation(
            path="settlement.settled",
            en=f"settle all fees by {latest}, before signing and by the day of the end",
            zh=f"请在签署和终止前（不晚于 {latest}）结清电费",
        )
    if terms.settlement.final_amount_fen < 0:
        yield Violation(
            path="settlement.final_amount_fen",
            en="the last bill is not negative; a refund stands under deposit",
            zh="末次结算金额不得为负；退款请写入预收款项处理",
        )
    if not terms.readings:
        yield Violation(path="readings", en="read every meter", zh="请抄录各计量点止码")
    for at, reading in enumerate(terms.readings):
        if reading.reading_kwh < 0 or reading.multiplier <= 0 or reading.read_on > latest:
            yield Violation(
                path=f"readings[{at}].read_on",
                en=f"the reading of {reading.meter_no} is read by {latest}, with a real figure",
                zh=f"计量点 {reading.meter_no} 应不晚于 {latest} 抄录，读数和倍率须真实",
            )


def ending_is_served_on_paper(terms: TerminationTerms, _ground: Ground) -> Violations:
    """R-END-3: what ends supply is handed over on paper as well (§7.3, for counsel)."""
    if not terms.paper_service:
        yield Violation(
            path="paper_service",
            en="hand the customer this agreement on paper as well, with a receipt",
            zh="本协议涉及停止供电，请另行以纸质送达并取得回证",
        )


SUPPLEMENT_CHECKS: Final[Mapping[str, Callable[[SupplementTerms, Ground], Violations]]] = MappingProxyType(
    {
        "R-SUP-1": main_contract_is_named,
        "R-SUP-2": changes_are_changes,
        "R-SUP-3": business_is_done_by_supplement,
        "R-SUP-4": performed_after_the_main_contract,
        "R-SUP-5": capacity_stays_a_capacity,
    }
)
TERMINATION_CHECKS: Final[Mapping[str, Callable[[TerminationTerms, Ground], Violations]]] = MappingProxyType(
    {
        "R-SUP-1": main_contract_is_named,
        "R-SUP-4": performed_after_the_main_contract,
        "R-END-1": ending_business_ends,
        "R-END-2": accounts_are_settled,
        "R-END-3": ending_is_served_on_paper,
    }
)
