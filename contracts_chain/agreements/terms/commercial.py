"""What is paid, how and when; what happens if not; how disputes end (reference §3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from contracts_chain.agreements.terms.codes import BasicFeeChangeKind, DisputeForum, InvoiceKind, LossMode
from contracts_chain.agreements.terms.label import Label

__all__ = [
    "Annex",
    "BasicFeeChange",
    "CutOff",
    "Dispute",
    "InvoiceProfile",
    "LossAllocation",
    "OutageNotice",
    "PublishedFee",
    "Quality",
    "RetailContract",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossAllocation:
    """变损/线损分摊."""

    transformer_loss: Annotated[LossMode, Label("变压器损耗")]
    line_loss: Annotated[str, Label("线路损耗")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicFeeChange:
    """An application to change the basic fee that this contract carries out (R-DEM-4)."""

    kind: Annotated[BasicFeeChangeKind, Label("变更事项")]
    applied_on: Annotated[date, Label("申请日期")]
    effective_on: Annotated[date, Label("执行日期")]
    working_days_before: Annotated[int, Label("提前工作日数")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetailContract:
    """A retail contract of this account (R-MKT-1)."""

    retailer_name: Annotated[str, Label("售电公司")]
    retailer_uscc: Annotated[str, Label("售电公司统一社会信用代码")]
    retail_contract_no: Annotated[str, Label("零售合同编号")]
    retail_from: Annotated[date, Label("零售起始日")]
    retail_to: Annotated[date, Label("零售截止日")]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceProfile:
    """How invoices are made out and where they go (reference §8.5)."""

    kind: Annotated[InvoiceKind, Label("票种")]
    mode: Annotated[str, Label("开票方式")]
    title: Annotated[str, Label("发票抬头")]
    tax_no: Annotated[str, Label("纳税人识别号")]
    address: Annotated[str, Label("地址")]
    phone: Annotated[str, Label("电话")]
    bank_name: Annotated[str, Label("开户银行")]
    bank_acct: Annotated[str, Label("账号")]
    email: Annotated[str, Label("交付邮箱")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """供电质量 at the supply point: limits in percent of nominal voltage, and in hertz."""

    deviation_plus_pct: Annotated[Decimal, Label("电压正偏差限值", "%")]
    deviation_minus_pct: Annotated[Decimal, Label("电压负偏差限值", "%")]
    abnormal_pct: Annotated[Decimal, Label("非正常状态电压偏差限值", "%")]
    frequency_deviation_hz: Annotated[Decimal, Label("频率偏差限值", "Hz")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageNotice:
    """停电通知: days before planned work, hours before temporary repair (条例 art. 28)."""

    planned_days: Annotated[int, Label("计划检修停电提前通知", "日")]
    temporary_hours: Annotated[int, Label("临时检修停电提前通知", "小时")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """欠费中止供电: never shorter than the State's procedure (R-CUT-1)."""

    overdue_days: Annotated[int, Label("逾期", "日")]
    reminder: Annotated[bool, Label("先行催告")]
    notice_days: Annotated[int, Label("停电前书面通知", "日")]
    final_notice_hours: Annotated[int, Label("停电前再次通知", "小时")]
    paper_service: Annotated[bool, Label("纸质送达")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """争议解决; ``body`` is the court or the arbitration commission."""

    forum: Annotated[DisputeForum, Label("争议解决方式")]
    body: Annotated[str, Label("管辖法院或仲裁委员会")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFee:
    """A fee other than for energy, with the place where it is published (电力法 art. 26)."""

    name: Annotated[str, Label("收费项目")]
    basis: Annotated[str, Label("公布依据")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """A paper annexed by SHA-256 (64 hex digits), so that its bytes are part of the contract."""

    no: Annotated[str, Label("附件号")]
    title: Annotated[str, Label("名称")]
    sha256: Annotated[str, Label("文件摘要")]
