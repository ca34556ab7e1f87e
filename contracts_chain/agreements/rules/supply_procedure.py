"""Rules of supply contracts about procedure: heads, papers, order of steps, cut-off, free choice.

(reference §3.6; 条例 arts 28, 32, 33, 39)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.facets import WithCodes, WithFees, WithInvoice, WithOutageNotice
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, HvCheck, SupplyCheck, Violations
from contracts_chain.agreements.terms import HvSupplyTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import ElecCategory, InvoiceKind

__all__ = [
    "HV_PROCEDURE_CHECKS",
    "SUPPLY_PROCEDURE_CHECKS",
    "codes_have_their_form",
    "demarcations_name_their_source",
    "fees_are_published",
    "invoice_goes_to_the_consumer",
    "outages_are_announced",
    "paper_violations",
    "papers_before_signing",
    "seven_heads_have_content",
    "sources_are_listed",
    "transformers_are_listed",
]

_RESIDENT: Final = frozenset(
    {
        ElecCategory.RESIDENT,
        ElecCategory.RURAL_RESIDENT,
        ElecCategory.URBAN_RESIDENT,
        ElecCategory.SCHOOL,
    }
)
_NOTHING: Final = frozenset({"无", "/"})
_INDUSTRY: Final = re.compile(r"[A-T]?[0-9]{2,4}")
_PROJECT: Final = re.compile(r"[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}")


_PAPERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "application": "用电申请",
        "supply_scheme": "供电方案答复",
        "inspection_report": "受电工程竣工检验报告",
    }
)


def seven_heads_have_content(terms: SupplyTerms, _ground: Ground) -> Violations:
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
        if not point.metering_points:
            yield _empty(index, point.no, "metering_points", "计量点")


def sources_are_listed(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-HEAD-1: each receiving point lists its feeds."""
    for index, point in enumerate(terms.receiving_points):
        if not point.sources:
            yield _empty(index, point.no, "sources", "电源")


def transformers_are_listed(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-HEAD-1: each high-voltage receiving point lists transformers or motors."""
    for index, point in enumerate(terms.receiving_points):
        if not point.transformers and not point.hv_motors:
            yield _empty(index, point.no, "transformers", "受电变压器或高压电动机")


def demarcations_name_their_source(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-HEAD-1: each demarcation point belongs to a feed of the contract."""
    known = {source.no for _, source in terms.sources()}
    for index, demarcation in enumerate(terms.demarcation_points):
        if demarcation.source_no not in known:
            yield Violation(
                path=f"demarcation_points[{index}].source_no",
                en=f"no source {demarcation.source_no}; name one of {', '.join(sorted(known))}",
                zh=f"没有编号为 {demarcation.source_no} 的电源",
            )


def _empty(index: int, point: str, name: str, zh: str) -> Violation:
    return Violation(
        path=f"receiving_points[{index}].{name}",
        en="list at least one",
        zh=f"受电点 {point} 至少填写一个{zh}",
    )


def _hv_heads(terms: HvSupplyTerms, ground: Ground) -> Violations:
    yield from seven_heads_have_content(terms, ground)
    yield from sources_are_listed(terms, ground)
    yield from transformers_are_listed(terms, ground)
    yield from demarcations_name_their_source(terms, ground)


def papers_before_signing(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-PRE-1: application, supply scheme and completion inspection report are there."""
    yield from paper_violations(terms, tuple(_PAPERS))


def paper_violations(terms: SupplyTerms, due: tuple[str, ...]) -> Violations:
    """R-PRE-1 for classes that need fewer papers.

    Args:
        terms: Any supply contract.
        due: Those of ``application``, ``supply_scheme``, ``inspection_report`` that must
            be there; the others may be absent, but none may be dated after signing.
    """
    for path, zh in _PAPERS.items():
        paper = {
            "application": terms.application,
            "supply_scheme": terms.supply_scheme,
            "inspection_report": terms.inspection_report,
        }[path]
        if paper is None and path in due:
            yield Violation(path=path, en="attach this paper before signing", zh=f"签订前须具备{zh}")
        elif paper is not None and paper.dated > terms.sign_by:
            yield Violation(
                path=f"{path}.dated",
                en=f"dated {paper.dated}, after the last day for signing {terms.sign_by}",
                zh=f"{zh}日期 {paper.dated} 晚于签署截止日 {terms.sign_by}",
            )


def papers_follow_each_other(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-DATE-1: application, then supply scheme, then inspection report."""
    papers = (
        ("application", terms.application),
        ("supply_scheme", terms.supply_scheme),
        ("inspection_report", terms.inspection_report),
    )
    given = [(path, paper) for path, paper in papers if paper is not None]
    for (first, earlier), (second, later) in pairwise(given):
        if later.dated < earlier.dated:
            yield Violation(
                path=f"{second}.dated",
                en=f"dated {later.dated}, before the {first} of {earlier.dated}",
                zh=f"{_PAPERS[second]}日期 {later.dated} 早于{_PAPERS[first]}日期 {earlier.dated}",
            )


def invoice_goes_to_the_consumer(terms: WithInvoice, _ground: Ground) -> Violations:
    """R-INV-1: a special invoice goes to an organisation, under the consumer's name and tax number."""
    invoice, consumer = terms.invoice_profile, terms.consumer
    if invoice is None:
        return
    if invoice.kind is InvoiceKind.SPECIAL and not consumer.is_organisation:
        yield Violation(
            path="invoice_profile.kind",
            en="a natural person gets an ordinary invoice",
            zh="用电人为自然人，不能开具增值税专用发票；请改为普通发票",
        )
    own_no = consumer.tax_no or consumer.id_no
    for name, found, due in (
        ("title", invoice.title, consumer.name),
        ("tax_no", invoice.tax_no, own_no),
    ):
        if found != due and not (name == "tax_no" and found in _NOTHING and not consumer.is_organisation):
            yield Violation(
                path=f"invoice_profile.{name}",
                en=f"the invoice says {found}, the consumer is {due}",
                zh=f"发票信息为“{found}”，用电人为“{due}”，两者应一致",
            )


def supply_starts_after_signing(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-PRE-2: the contract is signed before supply."""
    signed = terms.signed_on or terms.sign_by
    if terms.supply_start < signed:
        yield Violation(
            path="supply_start",
            en=f"supply starts {terms.supply_start}, signing may last until {signed}",
            zh=f"供电开始日 {terms.supply_start} 早于签订（截止）日 {signed}，应先签合同后供电",
        )


def cut_off_follows_the_procedure(terms: SupplyTerms, ground: Ground) -> Violations:
    """R-CUT-1: 30 days overdue, reminder, notice days before and again an hour before."""
    cut, figures = terms.cut_off, ground.figures
    resident = terms.elec_categ in _RESIDENT
    notice = _notice_days(ground, resident=resident)
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


def _notice_days(ground: Ground, *, resident: bool) -> int:
    figures, profile = ground.figures, ground.profile
    if resident:
        return max(figures.cut_off_notice_days_resident, profile.cutoff_notice_days_resident or 0)
    return max(figures.cut_off_notice_days, profile.cutoff_notice_days or 0)


def cut_off_is_served_on_paper(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-CUT-2: cut-off papers may fall outside electronic form: serve on paper too (§7.3)."""
    if not terms.cut_off.paper_service:
        yield Violation(
            path="cut_off.paper_service",
            en="serve cut-off notices on paper as well",
            zh="中止供电通知须同时以纸质方式送达",
        )


def outages_are_announced(terms: WithOutageNotice, ground: Ground) -> Violations:
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


def fees_are_published(terms: WithFees, _ground: Ground) -> Violations:
    """R-LINT-1: no fee outside the published list (电力法 arts 26, 44)."""
    for index, fee in enumerate(terms.other_fees):
        if fee.basis in _NOTHING:
            yield Violation(
                path=f"other_fees[{index}].basis",
                en=f"{fee.name} is not on a published list; remove it",
                zh=f"“{fee.name}”没有公布依据，不得收取",
            )


SUPPLY_PROCEDURE_CHECKS: Final[Mapping[str, SupplyCheck]] = MappingProxyType(
    {
        "R-HEAD-1": seven_heads_have_content,
        "R-PRE-2": supply_starts_after_signing,
        "R-CUT-1": cut_off_follows_the_procedure,
        "R-CUT-2": cut_off_is_served_on_paper,
        "R-OUT-1": outages_are_announced,
        "R-DATE-1": papers_follow_each_other,
        "R-INV-1": invoice_goes_to_the_consumer,
    }
)


def codes_have_their_form(terms: WithCodes, _ground: Ground) -> Violations:
    """R-CODE-1: industry class of GB/T 4754, project code of the investment platform."""
    codes = (
        ("industry_cls", terms.industry_cls, _INDUSTRY, "3391", "行业分类代码"),
        (
            "investment_project_code",
            terms.investment_project_code,
            _PROJECT,
            "2609-330299-04-01-000127",
            "投资项目代码",
        ),
    )
    for path, found, form, example, zh in codes:
        if found is not None and not form.fullmatch(found):
            yield Violation(
                path=path,
                en=f"{found!r} is no such code; write it like {example}",
                zh=f"{zh}“{found}”格式不符；请按 {example} 的格式填写",
            )


HV_PROCEDURE_CHECKS: Final[Mapping[str, HvCheck]] = MappingProxyType(
    {
        **SUPPLY_PROCEDURE_CHECKS,
        "R-HEAD-1": _hv_heads,
        "R-PRE-1": papers_before_signing,
        "R-LINT-1": fees_are_published,
        "R-CODE-1": codes_have_their_form,
    }
)
