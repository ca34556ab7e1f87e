"""Rules of supply contracts about procedure: heads, papers, order of steps, cut-off, free choice.

(reference §3.6; 条例 arts 28, 32, 33, 39)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.common_rules import texts_of
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, SupplyCheck, Violations
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms.codes import (
    ElecCategory,
)

__all__ = ["PROCEDURE_CHECKS"]

_RESIDENT: Final = frozenset(
    {
        ElecCategory.RESIDENT,
        ElecCategory.RURAL_RESIDENT,
        ElecCategory.URBAN_RESIDENT,
        ElecCategory.SCHOOL,
    }
)
_NOTHING: Final = frozenset({"无", "/"})
_NAMED_CONTRACTOR: Final = re.compile(
    r"(?:指定|应当?选用|必须选用|只能选用)[^。；]{0,20}(?:设计|施工|设备|材料|厂家|供货|品牌)"
)
_RESERVED_DUCT: Final = re.compile(r"预留[^。；]{0,20}(?:电缆通道|排管|管孔|管沟)")


def seven_heads_have_content(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-HEAD-1: fields of the seven mandatory heads that a list may leave empty.

    Fields that the type itself demands need no check here; the template loader proves
    that each head has clauses.
    """
    lists = (
        ("receiving_points", terms.receiving_points, "受电点"),
        ("demarcation_points", terms.demarcation_points, "产权分界点"),
    )
    for path, items, zh in lists:
        if not items:
            yield Violation(path=path, en="list at least one", zh=f"至少填写一个{zh}")
    for index, point in enumerate(terms.receiving_points):
        inner = (
            ("sources", point.sources, "电源"),
            ("metering_points", point.metering_points, "计量点"),
            ("transformers", (*point.transformers, *point.hv_motors), "受电变压器或高压电动机"),
        )
        for name, content, zh in inner:
            if not content:
                yield Violation(
                    path=f"receiving_points[{index}].{name}",
                    en="list at least one",
                    zh=f"受电点 {point.no} 至少填写一个{zh}",
                )
    known = {source.no for _, source in terms.sources()}
    for index, demarcation in enumerate(terms.demarcation_points):
        if demarcation.source_no not in known:
            yield Violation(
                path=f"demarcation_points[{index}].source_no",
                en=f"no source {demarcation.source_no}; name one of {', '.join(sorted(known))}",
                zh=f"没有编号为 {demarcation.source_no} 的电源",
            )


def papers_before_signing(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-PRE-1: application, supply scheme and completion inspection report are there."""
    papers = (
        ("application", terms.application, "用电申请"),
        ("supply_scheme", terms.supply_scheme, "供电方案答复"),
        ("inspection_report", terms.inspection_report, "受电工程竣工检验报告"),
    )
    for path, paper, zh in papers:
        if paper is None:
            yield Violation(path=path, en="attach this paper before signing", zh=f"签订前须具备{zh}")
        elif paper.dated > terms.sign_by:
            yield Violation(
                path=f"{path}.dated",
                en=f"dated {paper.dated}, after the last day for signing {terms.sign_by}",
                zh=f"{zh}日期 {paper.dated} 晚于签署截止日 {terms.sign_by}",
            )


def supply_starts_after_signing(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-PRE-2: the contract is signed before supply."""
    signed = terms.signed_on or terms.sign_by
    if terms.supply_start < signed:
        yield Violation(
            path="supply_start",
            en=f"supply starts {terms.supply_start}, signing may last until {signed}",
            zh=f"供电开始日 {terms.supply_start} 早于签订（截止）日 {signed}，应先签合同后供电",
        )


def cut_off_follows_the_procedure(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-CUT-1: 30 days overdue, reminder, notice days before and again an hour before."""
    cut, figures = terms.cut_off, ground.figures
    resident = terms.elec_categ in _RESIDENT
    notice = figures.cut_off_notice_days_resident if resident else figures.cut_off_notice_days
    periods = (
        ("overdue_days", cut.overdue_days, figures.cut_off_overdue_days, "逾期", "日"),
        ("notice_days", cut.notice_days, notice, "停电前书面通知", "日"),
        ("final_notice_hours", cut.final_notice_hours, figures.cut_off_final_hours, "停电前再次通知", "小时"),
    )
    for name, found, due, zh, unit in periods:
        if found < due:
            yield Violation(
                path=f"cut_off.{name}",
                en=f"{found}, never less than {due}",
                zh=f"{zh}为 {found} {unit}，不得少于 {due} {unit}",
            )
    if not cut.reminder:
        yield Violation(path="cut_off.reminder", en="remind before cutting off", zh="停电前须先行催告")


def cut_off_is_served_on_paper(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-CUT-2: cut-off papers may fall outside electronic form: serve on paper too (§7.3)."""
    if not terms.cut_off.paper_service:
        yield Violation(
            path="cut_off.paper_service",
            en="serve cut-off notices on paper as well",
            zh="中止供电通知须同时以纸质方式送达",
        )


def outages_are_announced(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-OUT-1: seven days before planned work, 24 hours before temporary repair."""
    notice, figures = terms.outage_notice, ground.figures
    periods = (
        ("planned_days", notice.planned_days, figures.outage_planned_days, "计划检修", "日"),
        ("temporary_hours", notice.temporary_hours, figures.outage_temporary_hours, "临时检修", "小时"),
    )
    for name, found, due, zh, unit in periods:
        if found < due:
            yield Violation(
                path=f"outage_notice.{name}",
                en=f"{found}, never less than {due}",
                zh=f"{zh}停电提前 {found} {unit}通知，不得少于 {due} {unit}",
            )


def nobody_is_named_builder(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-LINT-1: no named designer, builder or supplier, no reserved ducts, no unlisted fee."""
    for path, text in texts_of(terms):
        found = _NAMED_CONTRACTOR.search(text) or _RESERVED_DUCT.search(text)
        if found:
            yield Violation(
                path=path,
                en=f"{found[0]!r} may restrict the customer's free choice; rephrase",
                zh=f"“{found[0]}”可能限制用户自主选择，请改写",
            )
    for index, fee in enumerate(terms.other_fees):
        if fee.basis in _NOTHING:
            yield Violation(
                path=f"other_fees[{index}].basis",
                en=f"{fee.name} is not on a published list; remove it",
                zh=f"“{fee.name}”没有公布依据，不得收取",
            )


def abolished_fee_is_absent(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-OBS-1: the abolished 供电贴费 is not agreed."""
    for path, text in texts_of(terms):
        if "贴费" in text:
            yield Violation(path=path, en="this fee is abolished; remove it", zh="供电贴费已取消，请删除")


PROCEDURE_CHECKS: Final[Mapping[str, SupplyCheck]] = MappingProxyType(
    {
        "R-HEAD-1": seven_heads_have_content,
        "R-PRE-1": papers_before_signing,
        "R-PRE-2": supply_starts_after_signing,
        "R-CUT-1": cut_off_follows_the_procedure,
        "R-CUT-2": cut_off_is_served_on_paper,
        "R-OUT-1": outages_are_announced,
        "R-LINT-1": nobody_is_named_builder,
        "R-OBS-1": abolished_fee_is_absent,
    }
)
