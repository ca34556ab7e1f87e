"""Rules that all four dispatch variants share (reference §4.4; ids are ours)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import DispatchCheck, Ground, Violations
from contracts_chain.agreements.rules.supply_technical import multiplier_violations
from contracts_chain.agreements.terms import DispatchTerms
from contracts_chain.agreements.terms.codes import DispatchLevel, DutySide, JurisdictionMode
from contracts_chain.agreements.terms.dispatch_equipment import AutomationKind

__all__ = ["DISPATCH_CHECKS", "NOTHING"]

NOTHING: Final = frozenset({"无", "/"})


def station_type_is_of_this_variant(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-TYPE-1: the text and the fields are for this kind of station."""
    if terms.station_type not in terms.STATION_TYPES:
        listed = "、".join(sorted(kind.zh for kind in terms.STATION_TYPES))
        yield Violation(
            path="station_type",
            en=f"{terms.station_type.value} has a variant of its own; use it",
            zh=f"{terms.station_type.zh}应使用其对应的文本，本文本仅适用于{listed}",
        )


def each_party_has_its_number(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-NOS-1: every other party once, no two parties under one number."""
    utility, *others = terms.parties()
    counted = Counter(held.role for held in terms.contract_nos)
    for held in others:
        if counted.pop(held.role, 0) != 1:
            yield Violation(
                path="contract_nos",
                en=f"write the number of {held.role} once; 无 if it keeps none",
                zh=f"请填写一次{held.title}自己的合同编号，没有的填“无”",
            )
    for role in counted:
        yield Violation(
            path="contract_nos",
            en=f"{role} is no other party; remove its number ({utility.role} has the contract number)",
            zh=f"“{role}”不是本协议的其他当事人，请删除其编号（{utility.title}以合同编号为准）",
        )
    numbers = Counter(held.number for held in terms.contract_nos if held.number not in NOTHING)
    for number, times in numbers.items():
        if times > 1:
            yield Violation(
                path="contract_nos",
                en=f"{times} parties use {number}",
                zh=f"有 {times} 方使用同一编号 {number}，请核对",
            )


def dispatchers_command_something(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-ORG-1: the dispatcher named, and the provincial centre if it signs, each commands some device."""
    levels = {item.level for item in terms.jurisdiction}
    if terms.dispatch_org.level not in levels:
        yield Violation(
            path="dispatch_org.level",
            en=f"no device is commanded at level {terms.dispatch_org.level.value}",
            zh=f"调度管辖范围中没有{terms.dispatch_org.level.zh}管辖的设备，请核对调度级别",
        )
    if terms.dispatch_centre is not None and DispatchLevel.PROVINCIAL not in levels:
        yield Violation(
            path="dispatch_centre",
            en="no device is commanded at provincial level; list one, or sign with two parties",
            zh="调度管辖范围中没有省级调度机构管辖的设备；请补列，或者改由两方签订",
        )


def connection_points_exist(terms: DispatchTerms, ground: Ground) -> Violations:
    """D-POC-1: at least one point of connection, each at a supply voltage."""
    if not terms.poc:
        yield Violation(path="poc", en="list at least one", zh="至少填写一个并网点")
    allowed = (*ground.figures.voltages_kv, *ground.profile.legacy_voltages_kv)
    for index, point in enumerate(terms.poc):
        if point.voltage_kv not in allowed:
            yield Violation(
                path=f"poc[{index}].voltage_kv",
                en=f"{point.voltage_kv} kV is no nominal voltage",
                zh=f"并网点电压 {point.voltage_kv} kV 不是标准电压",
            )


def gateway_multipliers_are_products(terms: DispatchTerms, ground: Ground) -> Violations:
    """R-MET-3 for gateway meters."""
    for index, meter in enumerate(terms.gateway_meters):
        yield from multiplier_violations(f"gateway_meters[{index}]", meter, ground.figures)


def connection_follows_signing(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-SYNC-1: the agreement is signed before connection."""
    signed = terms.signed_on or terms.sign_by
    if terms.first_sync_date < signed:
        yield Violation(
            path="first_sync_date",
            en=f"connected {terms.first_sync_date}, signing may last until {signed}",
            zh=f"首次并网日 {terms.first_sync_date} 早于签订（截止）日 {signed}，应先签协议后并网",
        )


def names_are_approved_first(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-NAME-1: dispatch names are approved before signing (C2)."""
    approval = terms.dispatch_name_approval
    if approval is None:
        yield Violation(path="dispatch_name_approval", en="attach the approval", zh="须具备调度命名批复")
    elif approval.dated > terms.sign_by:
        yield Violation(
            path="dispatch_name_approval.dated",
            en=f"approved {approval.dated}, after {terms.sign_by}",
            zh=f"调度命名批复日期 {approval.dated} 晚于签署截止日 {terms.sign_by}",
        )
    for index, equipment in enumerate(terms.equipment_names):
        if equipment.approved_on > terms.sign_by:
            yield Violation(
                path=f"equipment_names[{index}].approved_on",
                en=f"{equipment.name} approved {equipment.approved_on}, after {terms.sign_by}",
                zh=f"{equipment.name} 命名批准日期 {equipment.approved_on} 晚于签署截止日 {terms.sign_by}",
            )


def each_device_has_one_commander(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-JUR-1: each device once; commanded ones name a level; every named device is listed."""
    counted = Counter(item.equipment for item in terms.jurisdiction)
    for equipment, times in counted.items():
        if times > 1:
            yield Violation(
                path="jurisdiction",
                en=f"{equipment} appears {times} times",
                zh=f"{equipment}重复列出 {times} 次",
            )
    for index, item in enumerate(terms.jurisdiction):
        if item.level is None and item.mode is not JurisdictionMode.OWN:
            yield Violation(
                path=f"jurisdiction[{index}].level",
                en=f"say which level commands {item.equipment}",
                zh=f"{item.equipment}为{item.mode.zh}，须写明调度级别",
            )
    for index, named in enumerate(terms.equipment_names):
        if named.name not in counted:
            yield Violation(
                path=f"equipment_names[{index}]",
                en=f"{named.name} is missing from the jurisdiction list",
                zh=f"{named.name}未列入调度管辖范围",
            )


def relay_settings_are_approved(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-RLY-2: settings approved before signing (C2)."""
    approval = terms.relay_settings.approval
    if approval is None:
        yield Violation(path="relay_settings.approval", en="attach the approval", zh="须具备保护定值审核备案")
    elif approval.dated > terms.sign_by:
        yield Violation(
            path="relay_settings.approval.dated",
            en=f"approved {approval.dated}, after {terms.sign_by}",
            zh=f"保护定值审核日期 {approval.dated} 晚于签署截止日 {terms.sign_by}",
        )


def automation_is_answered_for(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-AUTO-1: RTU, AGC, AVC and PMU once each; what is fitted has its parameters."""
    counted = Counter(item.function for item in terms.automation)
    for function in AutomationKind:
        if counted[function] != 1:
            yield Violation(
                path="automation",
                en=f"say once whether {function.value} is fitted",
                zh=f"请填写一次是否配置{function.zh}",
            )
    for index, item in enumerate(terms.automation):
        if item.fitted and item.parameters in NOTHING:
            yield Violation(
                path=f"automation[{index}].parameters",
                en=f"{item.function.value} is fitted: write its parameters",
                zh=f"已配置{item.function.zh}，请填写参数",
            )


def two_channels_reach_the_dispatcher(terms: DispatchTerms, ground: Ground) -> Violations:
    """D-TEL-1: at least two channels on different routes."""
    least = ground.figures.min_telecom_channels
    routes = {channel.route for channel in terms.telecom_channels}
    if len(routes) < least:
        yield Violation(
            path="telecom_channels",
            en=f"{len(routes)} independent routes, at least {least}",
            zh=f"独立路由的调度通信通道 {len(routes)} 条，至少 {least} 条",
        )


def monitoring_is_secured(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-SEC-1: zones, protection grade and filing number are written."""
    for name, zh in (("zones", "安全分区"), ("grade", "网络安全等级"), ("filing_no", "备案编号")):
        if getattr(terms.secmon, name) in NOTHING:
            yield Violation(path=f"secmon.{name}", en=f"write {name}", zh=f"请填写电力监控系统的{zh}")


def dispatch_staff_are_certified(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-DUTY-1: both sides on the list; grid staff with a certificate valid at connection."""
    sides = (DutySide.GRID, terms.OPERATOR_SIDE)
    for side in sides:
        if all(person.side is not side for person in terms.duty_staff):
            yield Violation(path="duty_staff", en=f"list {side.value} staff", zh=f"请填写{side.zh}侧值班人员")
    for index, person in enumerate(terms.duty_staff):
        held = person.certificate_no is not None and person.valid_to is not None
        expired = person.valid_to is not None and person.valid_to < terms.first_sync_date
        if (person.side is DutySide.GRID and not held) or expired:
            yield Violation(
                path=f"duty_staff[{index}]",
                en=f"{person.name} has no certificate valid on {terms.first_sync_date}",
                zh=f"{person.name}没有在首次并网日 {terms.first_sync_date} 有效的值班证书",
            )
        if person.side not in sides:
            yield Violation(
                path=f"duty_staff[{index}].side",
                en=f"{person.name} belongs to neither side; write {' or '.join(s.value for s in sides)}",
                zh=f"{person.name}的所属应为{'或者'.join(s.zh for s in sides)}",
            )


def certificates_outlive_the_term(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-DUTY-2: a certificate that ends within the term needs a diary entry."""
    for index, person in enumerate(terms.duty_staff):
        ends = person.valid_to
        if ends is not None and terms.valid_to is not None and terms.first_sync_date <= ends < terms.valid_to:
            yield Violation(
                path=f"duty_staff[{index}].valid_to",
                en=f"certificate of {person.name} ends {ends}, within the term; renew in time",
                zh=f"{person.name}的证书于 {ends} 到期，早于协议期满，请按时换证并书面更新",
            )


DISPATCH_CHECKS: Final[Mapping[str, DispatchCheck]] = MappingProxyType(
    {
        "D-TYPE-1": station_type_is_of_this_variant,
        "D-NOS-1": each_party_has_its_number,
        "D-ORG-1": dispatchers_command_something,
        "D-POC-1": connection_points_exist,
        "R-MET-3": gateway_multipliers_are_products,
        "D-SYNC-1": connection_follows_signing,
        "D-NAME-1": names_are_approved_first,
        "D-JUR-1": each_device_has_one_commander,
        "D-RLY-2": relay_settings_are_approved,
        "D-AUTO-1": automation_is_answered_for,
        "D-TEL-1": two_channels_reach_the_dispatcher,
        "D-SEC-1": monitoring_is_secured,
        "D-DUTY-1": dispatch_staff_are_certified,
        "D-DUTY-2": certificates_outlive_the_term,
    }
)
