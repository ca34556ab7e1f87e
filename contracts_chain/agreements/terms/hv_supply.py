"""高压供用电合同: every field of the class (reference §3.2, §3.3 column HV).

Decides only shape. Whether the values are lawful is the rule pack's question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.commercial import (
    Annex,
    BasicFeeChange,
    CutOff,
    Dispute,
    InvoiceProfile,
    LossAllocation,
    OutageNotice,
    PublishedFee,
    Quality,
    RetailContract,
)
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef, Party
from contracts_chain.agreements.terms.site import (
    BackupSource,
    DemarcationPoint,
    HvMotor,
    MeteringPoint,
    ReceivingPoint,
    Source,
    Transformer,
)

__all__ = ["HvSupplyTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HvSupplyTerms:
    """Terms of one high-voltage supply contract.

    Attributes:
        signed_on: Only on paper contracts; an electronic one takes the day of its last signature.
        sign_by: Latest day for signing; supply starts no earlier (R-PRE-2).
        model_text_no: Number of a State model text; only an unmodified model may carry it (R-TPL-1).
        tariff_choice: How the customer's choice of tariff system is on record (R-TAR-2).
        copies: Paper copies; ``None`` for an electronic contract.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.HV_SUPPLY

    province: Annotated[str, Label("省级单位")]
    channel: Annotated[codes.Channel, Label("受理渠道")]
    rule_pack_version: Annotated[str, Label("规则包版本")]
    application: Annotated[DocumentRef | None, Label("用电申请")] = None
    supply_scheme: Annotated[DocumentRef | None, Label("供电方案答复")] = None
    inspection_report: Annotated[DocumentRef | None, Label("受电工程竣工检验报告")] = None
    investment_project_code: Annotated[str | None, Label("投资项目代码")] = None
    model_text_no: Annotated[str | None, Label("统一合同文本编号")] = None
    cust_no: Annotated[str, Label("用户编号")]
    archive_no: Annotated[str, Label("档案号")]
    supplier: Annotated[Party, Label("供电人")]
    consumer: Annotated[Party, Label("用电人")]
    signed_on: Annotated[date | None, Label("签订日期")] = None
    sign_by: Annotated[date, Label("签署截止日")]
    signed_at: Annotated[str, Label("签订地点")]

    supply_addr: Annotated[str, Label("用电地址")]
    industry_cls: Annotated[str, Label("行业分类代码")]
    industry_name: Annotated[str, Label("行业分类")]
    elec_categ: Annotated[codes.ElecCategory, Label("用电类别")]
    load_class: Annotated[codes.LoadClass, Label("负荷性质")]
    importance_level: Annotated[codes.ImportanceLevel, Label("重要性等级")]
    load_traits: Annotated[tuple[codes.LoadTrait, ...], Label("负荷特性")] = ()
    shifts: Annotated[codes.Shifts, Label("生产班次")]
    rest_day: Annotated[str, Label("厂休日")]
    contract_cap: Annotated[Decimal, Label("合同容量", "kVA")]
    run_cap: Annotated[Decimal, Label("运行容量", "kVA")]
    connected_load_kw: Annotated[Decimal, Label("用电设备总容量", "kW")]
    is_temporary: Annotated[bool, Label("临时用电")] = False
    receiving_points: Annotated[tuple[ReceivingPoint, ...], Label("受电点")]
    source_count: Annotated[codes.SourceCount, Label("电源数目")]
    supply_voltage: Annotated[Decimal, Label("供电电压", "kV")]
    frequency_hz: Annotated[int, Label("频率", "Hz")]
    load_l1_kva: Annotated[Decimal | None, Label("一级负荷容量", "kVA")] = None
    load_l2_kva: Annotated[Decimal | None, Label("二级负荷容量", "kVA")] = None
    security_load_kw: Annotated[Decimal | None, Label("保安负荷容量", "kW")] = None
    backup_sources: Annotated[tuple[BackupSource, ...], Label("自备应急电源")] = ()
    non_elec_safety: Annotated[str | None, Label("非电性质保安措施")] = None
    reactive_comp_kvar: Annotated[Decimal, Label("无功补偿容量", "kvar")]
    pf_standard: Annotated[codes.PfStandard, Label("功率因数考核标准")]
    demarcation_points: Annotated[tuple[DemarcationPoint, ...], Label("产权分界点")]
    investment_interface: Annotated[str | None, Label("投资界面")] = None

    loss_allocation: Annotated[LossAllocation, Label("损耗分摊")]
    tariff_code: Annotated[str, Label("电价代码")]
    tariff_name: Annotated[str, Label("电价类别")]
    tariff_version: Annotated[str, Label("电价文件版本")]
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
    payment_mode: Annotated[codes.PaymentMode, Label("付费方式")]
    pay_by_day: Annotated[int, Label("电费支付期限", "日")]
    late_fee_permille_per_day: Annotated[Decimal, Label("当年欠费违约金", "‰/日")]
    late_fee_earlier_permille_per_day: Annotated[Decimal, Label("跨年度欠费违约金", "‰/日")]
    cut_off: Annotated[CutOff, Label("欠费中止供电")]
    invoice_profile: Annotated[InvoiceProfile, Label("开票信息")]
    quality: Annotated[Quality, Label("供电质量")]
    outage_notice: Annotated[OutageNotice, Label("停电通知")]
    supply_start: Annotated[date, Label("供电开始日")]
    valid_from: Annotated[date, Label("合同起始日")]
    valid_to: Annotated[date | None, Label("合同截止日")] = None
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]
    special_terms: Annotated[str, Label("特别约定")]
    copies: Annotated[int | None, Label("份数")] = None
    annexes: Annotated[tuple[Annex, ...], Label("附件")] = ()

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Every feed with its field path."""
        for at, point in enumerate(self.receiving_points):
            for index, source in enumerate(point.sources):
                yield f"receiving_points[{at}].sources[{index}]", source

    def transformers(self) -> Iterator[tuple[str, Transformer]]:
        """Every receiving transformer with its field path."""
        for at, point in enumerate(self.receiving_points):
            for index, transformer in enumerate(point.transformers):
                yield f"receiving_points[{at}].transformers[{index}]", transformer

    def hv_motors(self) -> Iterator[tuple[str, HvMotor]]:
        """Every high-voltage motor row with its field path."""
        for at, point in enumerate(self.receiving_points):
            for index, motor in enumerate(point.hv_motors):
                yield f"receiving_points[{at}].hv_motors[{index}]", motor

    def metering_points(self) -> Iterator[tuple[str, MeteringPoint]]:
        """Every metering point with its field path."""
        for at, point in enumerate(self.receiving_points):
            for index, meter in enumerate(point.metering_points):
                yield f"receiving_points[{at}].metering_points[{index}]", meter

    def receiving_capacity(self) -> Decimal:
        """Transformers and directly fed motors in kVA, 1 kW counted as 1 kVA (R-CAP-1)."""
        transformers = sum(
            (t.capacity_kva * t.quantity for _, t in self.transformers() if not t.permanently_reduced),
            Decimal(0),
        )
        motors = sum(
            (m.power_kw * m.quantity for _, m in self.hv_motors() if not m.behind_transformer), Decimal(0)
        )
        return transformers + motors
