"""Rules of dispatch agreements with customer substations (reference §4.4; ids are ours)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.numbering import ContractNumberError, parse_contract_number
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import DispatchCheck, Ground, Violations
from contracts_chain.agreements.rules.supply_technical import multiplier_violations
from contracts_chain.agreements.terms import DispatchTerms, HvSupplyTerms
from contracts_chain.agreements.terms.codes import DutySide, JurisdictionMode, RelayCalculator, StationType
from contracts_chain.agreements.terms.dispatch import ORDER_REFERENCE
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["DISPATCH_CHECKS", "pair_violations"]


def related_contract_is_named(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-REL-1: refers back to at least one supply contract by number."""
    if not terms.related_contract_nos:
        yield Violation(
            path="related_contract_nos", en="name the supply contract", zh="请填写对应的供用电合同编号"
        )
    for index, number in enumerate(terms.related_contract_nos):
        if number.startswith(ORDER_REFERENCE):
            continue
        try:
            parse_contract_number(number)
        except ContractNumberError as problem:
            yield Violation(path=f"related_contract_nos[{index}]", en=problem.en, zh=problem.zh)


def station_is_a_customer_substation(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-TYPE-1: this variant's template and fields are for customer substations."""
    if terms.station_type is not StationType.CUSTOMER_SUBSTATION:
        yield Violation(
            path="station_type",
            en=f"no template for {terms.station_type.value} yet; only customer substations",
            zh=f"暂无{terms.station_type.zh}文本，本文本仅适用于用户变电站",
        )


def transformers_sum_up(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-CAP-1: installed capacity is the sum of the main transformers."""
    total = sum((t.capacity_mva for t in terms.main_transformers), Decimal(0))
    if total != terms.installed_mva:
        yield Violation(
            path="installed_mva",
            en=f"{terms.installed_mva} MVA installed, transformers sum to {decimal_text(total)} MVA",
            zh=f"主变总容量 {terms.installed_mva} MVA，各主变合计 {decimal_text(total)} MVA",
        )


def connection_points_exist(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-POC-1: at least one point of connection, and meters with sound multipliers."""
    if not terms.poc:
        yield Violation(path="poc", en="list at least one", zh="至少填写一个并网点")


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


def relay_settings_have_their_owner(terms: DispatchTerms, ground: Ground) -> Violations:
    """D-RLY-1: from 35 kV new: dispatch centre, free of charge; 10 kV: the customer's designer (C17)."""
    settings = terms.relay_settings
    voltage = max((point.voltage_kv for point in terms.poc), default=Decimal(0))
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


def dispatch_staff_are_certified(terms: DispatchTerms, _ground: Ground) -> Violations:
    """D-DUTY-1: both sides on the list; grid staff with a certificate valid at connection."""
    for side in DutySide:
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


def pair_violations(supply: HvSupplyTerms, dispatch: DispatchTerms) -> Iterator[Violation]:
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


DISPATCH_CHECKS: Final[Mapping[str, DispatchCheck]] = MappingProxyType(
    {
        "D-REL-1": related_contract_is_named,
        "D-TYPE-1": station_is_a_customer_substation,
        "D-CAP-1": transformers_sum_up,
        "D-POC-1": connection_points_exist,
        "R-MET-3": gateway_multipliers_are_products,
        "D-SYNC-1": connection_follows_signing,
        "D-NAME-1": names_are_approved_first,
        "D-JUR-1": each_device_has_one_commander,
        "D-RLY-1": relay_settings_have_their_owner,
        "D-RLY-2": relay_settings_are_approved,
        "D-TEL-1": two_channels_reach_the_dispatcher,
        "D-DUTY-1": dispatch_staff_are_certified,
        "D-DUTY-2": certificates_outlive_the_term,
    }
)
