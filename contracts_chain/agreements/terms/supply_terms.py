"""What every supply-use contract agrees on, whatever its class (reference §3.3; 条例 art. 33).

Decides only shape. Whether the values are lawful is the rule pack's question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import CutOff, Dispute, InvoiceProfile, OutageNotice, Quality
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef, Party
from contracts_chain.agreements.terms.site import (
    DemarcationPoint,
    HvMotor,
    MeteringPoint,
    ReceivingPoint,
    Source,
    Transformer,
)

__all__ = ["SupplyTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyTerms(AgreementTerms):
    """Terms of one supply-use contract.

    Attributes:
        sign_by: Latest day for signing; supply starts no earlier (R-PRE-2).
        contract_cap: kVA at high voltage, kW at low voltage.
    """

    application: Annotated[DocumentRef | None, Label("用电申请")] = None
    supply_scheme: Annotated[DocumentRef | None, Label("供电方案答复")] = None
    inspection_report: Annotated[DocumentRef | None, Label("受电工程竣工检验报告")] = None
    cust_no: Annotated[str, Label("用户编号")]
    archive_no: Annotated[str, Label("档案号")]
    supplier: Annotated[Party, Label("供电人")]
    consumer: Annotated[Party, Label("用电人")]
    supply_addr: Annotated[str, Label("用电地址")]
    elec_categ: Annotated[codes.ElecCategory, Label("用电类别")]
    contract_cap: Annotated[Decimal, Label("合同容量", "kVA")]
    receiving_points: Annotated[tuple[ReceivingPoint, ...], Label("受电点")]
    supply_voltage: Annotated[Decimal, Label("供电电压", "kV")]
    frequency_hz: Annotated[int, Label("频率", "Hz")]
    demarcation_points: Annotated[tuple[DemarcationPoint, ...], Label("产权分界点")]
    investment_interface: Annotated[str | None, Label("投资界面")] = None
    tariff_code: Annotated[str, Label("电价代码")]
    tariff_name: Annotated[str, Label("电价类别")]
    tariff_version: Annotated[str, Label("电价文件版本")]
    payment_mode: Annotated[codes.PaymentMode, Label("付费方式")]
    pay_by_day: Annotated[int, Label("电费支付期限", "日")]
    late_fee_permille_per_day: Annotated[Decimal, Label("当年欠费违约金", "‰/日")]
    late_fee_earlier_permille_per_day: Annotated[Decimal, Label("跨年度欠费违约金", "‰/日")]
    cut_off: Annotated[CutOff, Label("欠费中止供电")]
    invoice_profile: Annotated[InvoiceProfile | None, Label("开票信息")] = None
    quality: Annotated[Quality, Label("供电质量")]
    outage_notice: Annotated[OutageNotice, Label("停电通知")]
    supply_start: Annotated[date, Label("供电开始日")]
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]

    @property
    def capacity_kva(self) -> Decimal | None:
        """Contract capacity, 1 kW counted as 1 kVA."""
        return self.contract_cap

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
