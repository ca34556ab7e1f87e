"""高压供用电合同: what the class adds to a supply contract (reference §3.3 column HV).

Decides only shape. Whether the values are lawful is the rule pack's question.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.commercial import (
    BasicFeeChange,
    InvoiceProfile,
    LossAllocation,
    PublishedFee,
    RetailContract,
)
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.site import BackupSource
from contracts_chain.agreements.terms.supply_terms import SupplyTerms

__all__ = ["HvSupplyTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HvSupplyTerms(SupplyTerms):
    """Terms of one high-voltage supply contract.

    Attributes:
        tariff_choice: How the customer's choice of tariff system is on record (R-TAR-2).
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.HV_SUPPLY

    investment_project_code: Annotated[str | None, Label("投资项目代码")] = None

    industry_cls: Annotated[str, Label("行业分类代码")]
    industry_name: Annotated[str, Label("行业分类")]
    load_class: Annotated[codes.LoadClass, Label("负荷性质")]
    importance_level: Annotated[codes.ImportanceLevel, Label("重要性等级")]
    load_traits: Annotated[tuple[codes.LoadTrait, ...], Label("负荷特性")] = ()
    shifts: Annotated[codes.Shifts, Label("生产班次")]
    rest_day: Annotated[str, Label("厂休日")]
    run_cap: Annotated[Decimal, Label("运行容量", "kVA")]
    connected_load_kw: Annotated[Decimal, Label("用电设备总容量", "kW")]
    is_temporary: Annotated[bool, Label("临时用电")] = False
    source_count: Annotated[codes.SourceCount, Label("电源数目")]
    load_l1_kva: Annotated[Decimal | None, Label("一级负荷容量", "kVA")] = None
    load_l2_kva: Annotated[Decimal | None, Label("二级负荷容量", "kVA")] = None
    security_load_kw: Annotated[Decimal | None, Label("保安负荷容量", "kW")] = None
    backup_sources: Annotated[tuple[BackupSource, ...], Label("自备应急电源")] = ()
    non_elec_safety: Annotated[str | None, Label("非电性质保安措施")] = None
    reactive_comp_kvar: Annotated[Decimal, Label("无功补偿容量", "kvar")]
    pf_standard: Annotated[codes.PfStandard, Label("功率因数考核标准")]

    loss_allocation: Annotated[LossAllocation, Label("损耗分摊")]
    tariff_system: Annotated[codes.TariffSystem, Label("电价制式")]
    tariff_choice: Annotated[str | None, Label("电价制式选择记录")] = None
    basic_fee_mode: Annotated[codes.BasicFeeMode | None, Label("基本电费计收方式")] = None
    contract_demand_kw: Annotated[Decimal | None, Label("合同最大需量核定值", "kW")] = None
    basic_fee_change: Annotated[BasicFeeChange | None, Label("基本电费变更")] = None
    expected_monthly_kwh: Annotated[Decimal | None, Label("预计月用电量", "kWh")] = None
    tou_flag: Annotated[bool, Label("执行分时电价")]
    market_attr: Annotated[codes.MarketAttr, Label("市场化属性")]
    retail: Annotated[tuple[RetailContract, ...], Label("零售合同")] = ()
    other_fees: Annotated[tuple[PublishedFee, ...], Label("其他收费")] = ()
    reading_day: Annotated[int, Label("抄表例日", "日")]
    settle_cycle: Annotated[codes.SettleCycle, Label("结算周期")]
    invoice_profile: Annotated[InvoiceProfile, Label("开票信息")]
