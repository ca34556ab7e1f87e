"""分布式光伏发用电合同: the company and the owner of a small plant (reference §5.4).

Fields beyond the parties are our own reading of common practice: the rule pack marks
them 待核实. Decides only shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.terms.commercial import Dispute
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef, Party
from contracts_chain.agreements.terms.site import MeteringPoint

__all__ = ["FeedInMode", "FeedInPoint", "GenUseTerms", "Inverter", "InvoiceBy"]


class FeedInMode(Coded):
    """Where the energy goes."""

    FULL_FEED_IN = ("FULL_FEED_IN", "全额上网")
    SELF_USE_SURPLUS = ("SELF_USE_SURPLUS", "自发自用、余电上网")


class InvoiceBy(Coded):
    """Who makes out the invoice for the energy fed in."""

    OWNER = ("OWNER", "由项目业主开具")
    GRID_REVERSE = ("GRID_REVERSE", "由供电人按规定代为开具（反向开票）")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """Inverters alike."""

    model: Annotated[str, Label("型号")]
    power_kw: Annotated[Decimal, Label("单台额定功率", "kW")]
    quantity: Annotated[int, Label("台数")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInPoint:
    """并网点 with its demarcation.

    Attributes:
        demarcation: Where the property parts; the owner of the point itself is named in the text.
        break_device: The lockable switch with a visible gap at the point.
    """

    no: Annotated[str, Label("编号")]
    voltage_kv: Annotated[Decimal, Label("并网电压", "kV")]
    location: Annotated[str, Label("位置")]
    grid_side: Annotated[str, Label("公用变压器及线路")]
    demarcation: Annotated[str, Label("产权分界点")]
    break_device: Annotated[str, Label("开断设备")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenUseTerms(AgreementTerms):
    """Terms of one small photovoltaic plant.

    Attributes:
        cust_no: Consumption account linked to the plant; ``None`` only if all energy is fed in.
        gen_account_no: 发电户号.
        roof_user: Who uses electricity under the roof, where that is not the owner.
        roof_is_owners: Whether roof and consumption account are the owner's own.
        capacity_kwp: Peak power of the modules.
        related_contract_nos: Supply contract of the linked account.
        local_files: Papers that one county asks for besides; none by default (reference §5.4).
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.GEN_USE
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "供电人", "owner": "项目业主", "roof_user": "场所用电人"}
    )
    REFERENCES: ClassVar[tuple[str, ...]] = ("related_contract_nos",)

    supplier: Annotated[Party, Label("供电人")]
    owner: Annotated[Party, Label("项目业主")]
    roof_user: Annotated[Party | None, Label("场所用电人")] = None
    roof_is_owners: Annotated[bool, Label("屋顶及用电户归项目业主")]

    cust_no: Annotated[str | None, Label("关联用电户号")] = None
    gen_account_no: Annotated[str, Label("发电户号")]
    archive_no: Annotated[str, Label("档案号")]
    related_contract_nos: Annotated[tuple[str, ...], Label("对应供用电合同编号")] = ()

    application: Annotated[DocumentRef | None, Label("并网申请")] = None
    grid_opinion: Annotated[DocumentRef | None, Label("接入电网意见函")] = None
    filing: Annotated[DocumentRef | None, Label("项目备案")] = None
    acceptance: Annotated[DocumentRef | None, Label("并网验收意见单")] = None
    local_files: Annotated[tuple[DocumentRef, ...], Label("地方另行要求的材料")] = ()

    project_name: Annotated[str, Label("项目名称")]
    location: Annotated[str, Label("项目地址")]
    capacity_kwp: Annotated[Decimal, Label("装机容量", "kWp")]
    inverters: Annotated[tuple[Inverter, ...], Label("逆变器")]
    mode: Annotated[FeedInMode, Label("消纳方式")]
    points: Annotated[tuple[FeedInPoint, ...], Label("并网点")]
    meters: Annotated[tuple[MeteringPoint, ...], Label("计量点")]
    two_way_meter: Annotated[bool, Label("双向计量")]
    anti_islanding: Annotated[bool, Label("具备防孤岛保护")]
    anti_islanding_device: Annotated[str, Label("防孤岛保护配置")]
    maintenance_boundary: Annotated[str, Label("运行维护界面")]

    price_basis: Annotated[str, Label("上网电价执行依据")]
    subsidy: Annotated[str | None, Label("补贴")] = None
    station_use_tariff: Annotated[str, Label("下网电量电价")]
    reading_day: Annotated[int, Label("抄表例日", "日")]
    settle_cycle: Annotated[codes.SettleCycle, Label("结算周期")]
    pay_within_days: Annotated[int, Label("电费支付期限", "个工作日")]
    late_pay_permille_per_day: Annotated[Decimal, Label("供电人逾期付款违约金", "‰/日")]
    invoice_by: Annotated[InvoiceBy, Label("上网电费开票")]
    invoice_email: Annotated[str, Label("发票交付邮箱")]
    first_sync_date: Annotated[date, Label("首次并网日")]
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]

    @property
    def capacity_kva(self) -> Decimal | None:
        """Peak power, 1 kWp counted as 1 kVA."""
        return self.capacity_kwp

    def metering_points(self) -> Iterator[tuple[str, MeteringPoint]]:
        """Every meter with its field path."""
        for index, meter in enumerate(self.meters):
            yield f"meters[{index}]", meter
