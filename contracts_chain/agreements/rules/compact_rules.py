"""Rules of the service compact (reference §5.1, C4, C5, C14, C15, C18–C24; ids are ours).

The durations are the province's service levels. Days that no holiday decree has settled are
provisional: a day of completion that rests on them is a reminder, not an error, until the
decree is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeAlias

from contracts_chain.agreements.process_steps import GridProjectType as Works
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.service_levels import service_levels
from contracts_chain.agreements.terms.service_compact import (
    BoundaryRow,
    CompactSide,
    CustomerClass,
    ServiceCompactTerms,
)
from contracts_chain.agreements.working_days import house_calendar

__all__ = ["COMPACT_CHECKS", "CompactCheck"]

CompactCheck: TypeAlias = Callable[[ServiceCompactTerms, Ground], Violations]
_NOTHING: Final = frozenset({"无", "/"})
_BACK_SCHEDULED: Final = Works.KV35_110
_HIGH_VOLTAGE: Final = Decimal(35)
_VOLTAGES: Final[Mapping[Works, tuple[Decimal, Decimal]]] = MappingProxyType(
    {
        Works.PRE_METER_LINE: (Decimal(0), Decimal(1)),
        Works.LV_BRANCH: (Decimal(0), Decimal(1)),
        Works.TRANSFORMER_AREA_UPRATE: (Decimal(0), Decimal(1)),
        Works.TRANSFORMER_AREA_NEW: (Decimal(0), Decimal(1)),
        Works.KV10: (Decimal(6), Decimal(20)),
        Works.KV10_CIVIL: (Decimal(6), Decimal(20)),
        Works.KV35_110: (Decimal(35), Decimal(110)),
    }
)
"""Supply voltages in kV, both included, that go with a kind of works."""
_COMPANY_PAYS: Final[Mapping[CustomerClass, tuple[str, ...]]] = MappingProxyType(
    {
        CustomerClass.LV_SMALL_MICRO: ("表箱", "柱上开关", "高压互感器"),
        CustomerClass.KV10_PARK: ("柱上开关", "高压互感器"),
        CustomerClass.OTHER: ("柱上开关", "高压互感器"),
    }
)
"""Words of assets that the company invests in (reference C14, C21)."""


def voltage_fits_the_works(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-TYPE-1: the kind of works is one for this supply voltage."""
    least, most = _VOLTAGES[terms.grid_project_type]
    if not least <= terms.supply_voltage_kv <= most:
        yield Violation(
            path="grid_project_type",
            en=f"{terms.grid_project_type.value} is not for {terms.supply_voltage_kv} kV",
            zh=f"“{terms.grid_project_type.zh}”与供电电压 {terms.supply_voltage_kv} kV 不符，请核对",
        )


def works_start_with_the_approval(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-START-1: on the day of the approval."""
    if terms.start_date != terms.admin_approval_date:
        yield Violation(
            path="start_date",
            en=f"starts {terms.start_date}; the approval is of {terms.admin_approval_date}, start that day",
            zh=f"开工日 {terms.start_date} 应为取得行政审批的当日 {terms.admin_approval_date}",
        )


def duration_is_the_default_or_shorter(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-DUR-1: no longer than the province promises for this kind of works."""
    promised = service_levels(terms.province).works_days(terms.grid_project_type)
    if promised is None:
        if terms.working_days is not None:
            yield Violation(
                path="working_days",
                en="works of 35 to 110 kV are scheduled back from the customer's completion; leave it out",
                zh="35千伏、110千伏配套工程按客户竣工倒排工期，不填工作日数",
            )
    elif terms.working_days is None or not 0 < terms.working_days <= promised:
        yield Violation(
            path="working_days",
            en=f"{terms.working_days} working days; promised are {promised} at most",
            zh=f"约定工期 {terms.working_days or '未填'}，该类配套工程应为 1 至 {promised} 个工作日",
        )


def completion_follows_from_the_duration(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-DUR-2: start plus duration in working days, where the days are decreed."""
    late = _late(terms)
    if late is not None and not _provisional(terms):
        yield late


def provisional_days_are_declared(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-PROV-1: whoever counts on days without a decree says so, and looks again when it is there."""
    if not _provisional(terms):
        if terms.days_provisional:
            yield Violation(
                path="days_provisional",
                en="all its days are decreed by now: count again and say no",
                zh="工期内的放假安排均已公布，请重新核算并取消“含暂定工作日”",
            )
        return
    if not terms.days_provisional:
        yield Violation(
            path="days_provisional",
            en="the duration runs into days without a holiday decree; say so",
            zh="工期含尚未公布放假安排的日期，请勾选“含暂定工作日”",
        )
    late = _late(terms)
    if late is not None:
        yield late


def high_voltage_works_precede_the_customers(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-KV35-1: done no later than the customer's own works, whose day is stated."""
    if terms.grid_project_type is not _BACK_SCHEDULED:
        return
    theirs = terms.customer_completion_date
    if theirs is None:
        yield Violation(
            path="customer_completion_date",
            en="write the day on which the customer's works are complete",
            zh="请填写客户工程计划竣工日",
        )
    elif terms.completion_date > theirs:
        yield Violation(
            path="completion_date",
            en=f"done {terms.completion_date}, after the customer's works of {theirs}",
            zh=f"配套工程完成日 {terms.completion_date} 晚于客户工程计划竣工日 {theirs}",
        )


def connection_follows_completion(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-DATE-1: connected once both sides' works are done, within the term."""
    ready = max(terms.completion_date, terms.customer_completion_date or terms.completion_date)
    if terms.agreed_connection_date < ready:
        yield Violation(
            path="agreed_connection_date",
            en=f"connected {terms.agreed_connection_date}, before the works are done on {ready}",
            zh=f"商定接电日 {terms.agreed_connection_date} 早于工程完成日 {ready}",
        )
    if terms.completion_date < terms.start_date:
        yield Violation(
            path="completion_date",
            en=f"done {terms.completion_date}, before the start {terms.start_date}",
            zh=f"完成日 {terms.completion_date} 早于开工日 {terms.start_date}",
        )
    if terms.valid_to is not None and terms.valid_to < terms.agreed_connection_date:
        yield Violation(
            path="valid_to",
            en=f"the compact ends {terms.valid_to}, before the connection",
            zh=f"契约截止日 {terms.valid_to} 早于商定接电日",
        )


def a_later_day_has_its_reason(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-DATE-2: connected later than the customer wishes only with the reason written down."""
    later = terms.agreed_connection_date > terms.intended_connection_date
    if later and terms.later_reason in _NOTHING:
        yield Violation(
            path="later_reason",
            en=f"agreed {terms.agreed_connection_date}, wished {terms.intended_connection_date}: say why",
            zh=f"商定接电日晚于客户意向 {terms.intended_connection_date}，请写明原因",
        )
    if not later and terms.later_reason not in _NOTHING:
        yield Violation(
            path="later_reason", en="nothing is later; write 无", zh="商定接电日不晚于意向，请填“无”"
        )


def milestones_lead_to_the_connection(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-MS-1: a plan of at least two lines, one a side, in order, none after the connection."""
    for side in CompactSide:
        if all(line.owner is not side for line in terms.milestones):
            yield Violation(
                path="milestones", en=f"plan what {side.value} does", zh=f"里程碑计划缺少{side.zh}的节点"
            )
    before = None
    for index, line in enumerate(terms.milestones):
        path = f"milestones[{index}]"
        if before is not None and line.planned < before:
            yield Violation(
                path=f"{path}.planned",
                en=f"{line.planned} stands after {before}; put the plan in order",
                zh=f"“{line.name}”的计划完成日 {line.planned} 早于上一节点 {before}",
            )
        if line.planned > terms.agreed_connection_date:
            yield Violation(
                path=f"{path}.planned",
                en=f"{line.planned} is after the connection",
                zh=f"“{line.name}”的计划完成日 {line.planned} 晚于商定接电日",
            )
        if line.actual is not None and line.actual > terms.sign_by:
            yield Violation(
                path=f"{path}.actual",
                en=f"{line.actual} lies ahead of signing; leave it out",
                zh=f"“{line.name}”尚未完成，不得填写实际完成日 {line.actual}",
            )
        before = line.planned


def boundary_is_drawn(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-BND-1: at least one line, each with its place; whoever owns a thing maintains it."""
    if not terms.boundary:
        yield Violation(path="boundary", en="draw the boundary", zh="请填写责任界面")
    for index, line in enumerate(terms.boundary):
        if line.demarcation in _NOTHING:
            yield Violation(
                path=f"boundary[{index}].demarcation",
                en=f"write where the boundary of {line.asset} lies",
                zh=f"请写明{line.asset}的分界位置",
            )
        if line.maintainer is not line.owner:
            yield Violation(
                path=f"boundary[{index}].maintainer",
                en=f"{line.asset} is maintained by its owner unless a separate agreement says otherwise",
                zh=f"{line.asset}由产权人维护；委托对方维护的应另行签订协议",
            )
        if line.builder is CompactSide.SUPPLIER and line.investor is CompactSide.CUSTOMER:
            yield Violation(
                path=f"boundary[{index}].builder",
                en=f"the customer chooses who builds {line.asset}, which it pays for",
                zh=f"{line.asset}由客户方出资，应由客户方自主选择建设单位",
            )


def company_pays_its_share(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-BND-2: what the papers say the company invests in is not laid on the customer."""
    for index, line in enumerate(terms.boundary):
        words = [word for word in _COMPANY_PAYS[terms.customer_class] if word in line.asset]
        if words and line.investor is CompactSide.CUSTOMER:
            yield _customer_pays(index, line, words[0])
    if terms.customer_class is CustomerClass.KV10_PARK and not any(
        "红线" in line.demarcation for line in terms.boundary
    ):
        yield Violation(
            path="customer_class",
            en="a park customer's boundary is the red line; name it",
            zh="园区客户的电气投资到用地红线，请在分界位置写明",
        )


def no_duct_beyond_own_use(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-DUCT-1: the customer pays for the ducts it uses and reserves none for others."""
    for index, share in enumerate(terms.ducts):
        if share.paid_by_customer > share.used_by_customer:
            yield Violation(
                path=f"ducts[{index}].paid_by_customer",
                en=f"pays for {share.paid_by_customer} ducts, uses {share.used_by_customer}",
                zh=f"出资 {share.paid_by_customer} 孔，只用 {share.used_by_customer} 孔，多出的由供电方承担",
            )
        if share.used_by_customer > share.built:
            yield Violation(
                path=f"ducts[{index}].used_by_customer",
                en=f"uses {share.used_by_customer} of {share.built} ducts",
                zh=f"客户方使用 {share.used_by_customer} 孔，超过建设的 {share.built} 孔",
            )


def an_extended_interface_is_approved(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-APPR-1: from 35 kV on the province approves before signing; without an extension there is none."""
    approval = terms.approval_ref
    due = terms.interface_extended and terms.supply_voltage_kv >= _HIGH_VOLTAGE
    if due and approval is None:
        yield Violation(
            path="approval_ref", en="attach the approval", zh="延伸投资界面须经审批，请填写审批文号"
        )
    if approval is not None and not terms.interface_extended:
        yield Violation(
            path="interface_extended",
            en="an approval is attached and nothing is extended; correct one of the two",
            zh="已填写审批文号但未勾选延伸投资界面，请核对",
        )
    if approval is not None and approval.dated > terms.sign_by:
        yield Violation(
            path="approval_ref.dated",
            en=f"approved {approval.dated}, after {terms.sign_by}",
            zh=f"审批日期 {approval.dated} 晚于签署截止日 {terms.sign_by}",
        )


def application_comes_first(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-APP-1: the application is dated before signing."""
    if terms.application.dated > terms.sign_by:
        yield Violation(
            path="application.dated",
            en=f"applied {terms.application.dated}, after {terms.sign_by}",
            zh=f"申请日期 {terms.application.dated} 晚于签署截止日 {terms.sign_by}",
        )


def remedies_are_written(terms: ServiceCompactTerms, _ground: Ground) -> Violations:
    """C-REM-1: the compact says what happens when a day is missed."""
    if terms.remedies in _NOTHING:
        yield Violation(path="remedies", en="say what happens on delay", zh="请写明逾期的补救措施")


def _customer_pays(index: int, line: BoundaryRow, word: str) -> Violation:
    return Violation(
        path=f"boundary[{index}].investor",
        en=f"{line.asset} is an investment of the company; change the investor",
        zh=f"{line.asset}（{word}）由供电方出资，请更正",
    )


def _provisional(terms: ServiceCompactTerms) -> bool:
    return house_calendar().any_provisional(terms.start_date, terms.completion_date)


def _late(terms: ServiceCompactTerms) -> Violation | None:
    days = terms.working_days
    if days is None or days < 0 or terms.completion_date < terms.start_date:
        return None
    due = house_calendar().add_working_days(terms.start_date, min(days, 1000))
    if terms.completion_date <= due:
        return None
    return Violation(
        path="completion_date",
        en=f"done {terms.completion_date}; {days} working days from {terms.start_date} end {due}",
        zh=f"完成日 {terms.completion_date} 晚于开工日 {terms.start_date} 起 {days} 个工作日的末日 {due}",
    )


COMPACT_CHECKS: Final[Mapping[str, CompactCheck]] = MappingProxyType(
    {
        "C-APP-1": application_comes_first,
        "C-TYPE-1": voltage_fits_the_works,
        "C-START-1": works_start_with_the_approval,
        "C-DUR-1": duration_is_the_default_or_shorter,
        "C-DUR-2": completion_follows_from_the_duration,
        "C-PROV-1": provisional_days_are_declared,
        "C-KV35-1": high_voltage_works_precede_the_customers,
        "C-DATE-1": connection_follows_completion,
        "C-DATE-2": a_later_day_has_its_reason,
        "C-MS-1": milestones_lead_to_the_connection,
        "C-BND-1": boundary_is_drawn,
        "C-BND-2": company_pays_its_share,
        "C-DUCT-1": no_duct_beyond_own_use,
        "C-APPR-1": an_extended_interface_is_approved,
        "C-REM-1": remedies_are_written,
    }
)
