"""Rules of the temporary contract: purpose, end, no other use (reference R-TEMP-1, I13)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.lv_rules import equipment_violations
from contracts_chain.agreements.rules.supply_checks import SUPPLY_CHECKS
from contracts_chain.agreements.rules.supply_price import (
    tariff_fits_the_category,
    tariff_system_fits_the_capacity,
    tariff_system_is_the_listed_one,
)
from contracts_chain.agreements.rules.supply_procedure import (
    codes_have_their_form,
    demarcations_name_their_source,
    fees_are_published,
    papers_before_signing,
    seven_heads_have_content,
    sources_are_listed,
)
from contracts_chain.agreements.rules.supply_technical import (
    loss_follows_the_metering_mode,
    meters_stand_at_the_demarcation,
    power_factor_standard_fits,
)
from contracts_chain.agreements.terms.codes import Renewal
from contracts_chain.agreements.terms.temp_supply import TempSupplyTerms
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["TEMP_CHECKS"]

_NOTHING: Final = frozenset({"无", "/"})
_OTHER_USE: Final = re.compile(r"(?:可以|允许|同意|有权)[^。；]{0,12}(?:转供|转让|改变用途|改为正式)")
_DEPOSIT: Final = re.compile(r"押金|保证金|预存|预缴|预付款")


def use_is_temporary(terms: TempSupplyTerms, ground: Ground) -> Violations:
    """R-TEMP-1: a purpose, an end, no other use; within the months unless longer is permitted."""
    if terms.purpose in _NOTHING:
        yield Violation(path="purpose", en="say what the electricity is for", zh="请填写临时用电用途")
    if terms.renewal is not Renewal.NEW_CONTRACT:
        yield Violation(
            path="renewal",
            en="a temporary contract does not renew itself; write NEW_CONTRACT",
            zh=f"临时用电期满不自动续期，续期方式应为“{Renewal.NEW_CONTRACT.zh}”",
        )
    found = _OTHER_USE.search(terms.special_terms)
    if found:
        yield Violation(
            path="special_terms",
            en=f"{found[0]!r}: temporary supply is not passed on and keeps its use; remove it",
            zh=f"“{found[0]}”：临时用电不得转供、转让或者改变用途，请删除",
        )
    yield from _months(terms, ground)


def _months(terms: TempSupplyTerms, ground: Ground) -> Violations:
    if terms.valid_to is None:
        return
    most = _permitted_months(terms, ground)
    if most is not None and terms.valid_to >= _months_later(terms.valid_from, most):
        yield Violation(
            path="valid_to",
            en=f"the term ends {terms.valid_to}; at most {most} months without a recorded permission",
            zh=f"临时用电至 {terms.valid_to}，超过 {most} 个月；需要更长期限的，请附供电人的准许文件",
        )


def _permitted_months(terms: TempSupplyTerms, ground: Ground) -> int | None:
    """Months the term may last; a paper that permits more counts for metered use only up to its limit."""
    if terms.term_permission is None:
        return ground.profile.temp_max_months
    metered = any(True for _ in terms.metering_points())
    return ground.profile.temp_metered_max_months if metered else None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + year, month + 1)[1]
    return day.replace(year=day.year + year, month=month + 1, day=min(day.day, last))


def deposits_are_published(terms: TempSupplyTerms, _ground: Ground) -> Violations:
    """R-TEMP-2: no deposit or prepayment unless a published list has it (电力法 arts 26, 44)."""
    found = _DEPOSIT.search(terms.special_terms)
    if found and not any(_DEPOSIT.search(fee.name) and fee.basis not in _NOTHING for fee in terms.other_fees):
        yield Violation(
            path="special_terms",
            en=f"{found[0]!r} is on no published list here; remove it or name the publication",
            zh=f"“{found[0]}”没有公布依据，不得收取；确有依据的，请列入其他收费并写明公布依据",
        )


def formal_application_is_noted(terms: TempSupplyTerms, _ground: Ground) -> Violations:
    """R-TEMP-3: permanent supply is prepared at the same time where it was applied for (I13)."""
    if terms.formal_application_no is None:
        yield Violation(
            path="formal_application_no",
            en="if permanent supply was applied for, name the application",
            zh="已申请正式用电的，请填写正式用电申请编号，以便同步编制正式供电方案",
        )


def permission_comes_before_signing(terms: TempSupplyTerms, ground: Ground) -> Violations:
    """R-PRE-1: the papers of every contract; a permission of a longer term is dated before signing."""
    yield from papers_before_signing(terms, ground)
    paper = terms.term_permission
    if paper is not None and paper.dated > terms.sign_by:
        yield Violation(
            path="term_permission.dated",
            en=f"dated {paper.dated}, after the last day for signing {terms.sign_by}",
            zh=f"准许文件日期 {paper.dated} 晚于签署截止日 {terms.sign_by}",
        )


def capacity_is_what_stands_there(terms: TempSupplyTerms, _ground: Ground) -> Violations:
    """R-CAP-2: kW of the equipment list, or kVA of the transformers where there are any."""
    if not terms.is_high_voltage:
        yield from equipment_violations(terms.equipment, terms.contract_cap)
        return
    installed = terms.receiving_capacity()
    if terms.contract_cap != installed:
        found, due = decimal_text(terms.contract_cap), decimal_text(installed)
        yield Violation(
            path="contract_cap",
            en=f"contract capacity {found} kVA, transformers sum to {due} kVA",
            zh=f"合同容量 {found} kVA，受电变压器合计 {due} kVA",
        )


def _heads(terms: TempSupplyTerms, ground: Ground) -> Violations:
    """R-HEAD-1: a site without meters says how its energy is computed."""
    meterless = terms.unmetered_basis is not None
    for violation in seven_heads_have_content(terms, ground):
        if not (meterless and violation.path.endswith(".metering_points")):
            yield violation
    yield from sources_are_listed(terms, ground)
    yield from demarcations_name_their_source(terms, ground)
    if meterless and (terms.unmetered_basis in _NOTHING or any(True for _ in terms.metering_points())):
        yield Violation(
            path="unmetered_basis",
            en="either a meter, or the basis on which energy is computed without one",
            zh="装表计量与未装表电量计算依据只能填写一项，且计算依据须写明",
        )


def _tariff(terms: TempSupplyTerms, ground: Ground) -> Violations:
    yield from tariff_fits_the_category(terms, ground)
    yield from tariff_system_is_the_listed_one(terms, ground)


TEMP_CHECKS: Final[Mapping[str, Callable[[TempSupplyTerms, Ground], Violations]]] = MappingProxyType(
    {
        **SUPPLY_CHECKS,
        "R-HEAD-1": _heads,
        "R-PRE-1": permission_comes_before_signing,
        "R-TEMP-1": use_is_temporary,
        "R-TEMP-2": deposits_are_published,
        "R-TEMP-3": formal_application_is_noted,
        "R-CAP-2": capacity_is_what_stands_there,
        "R-TAR-1": _tariff,
        "R-TAR-2": tariff_system_fits_the_capacity,
        "R-PF-1": power_factor_standard_fits,
        "R-MET-1": meters_stand_at_the_demarcation,
        "R-MET-2": loss_follows_the_metering_mode,
        "R-LINT-1": fees_are_published,
        "R-CODE-1": codes_have_their_form,
    }
)
