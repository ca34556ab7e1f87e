"""低压非居民供用电合同: what the class adds to a supply contract (reference §3.3 column LV).

A standard form in kilowatts at 380/220 V, fed from a public transformer. Decides only
shape. Whether the values are lawful is the rule pack's question.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.commercial import (
    InvoiceProfile,
    LossAllocation,
    PublishedFee,
    RetailContract,
)
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.site import BackupSource, Equipment
from contracts_chain.agreements.terms.supply_terms import SupplyTerms

__all__ = ["LvNonresTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LvNonresTerms(SupplyTerms):
    """Terms of one low-voltage contract with a customer that is no household.

    Attributes:
        contract_cap: kW: the sum of the equipment list (R-CAP-2).
        equipment: 用电设备清单, an annex of the contract.
        zero_investment: The company builds up to the meter (reference C14); then no
            supply scheme is asked for (I18).
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.LV_NONRES_SUPPLY

    investment_project_code: Annotated[str | None, Label("投资项目代码")] = None
    industry_cls: Annotated[str, Label("行业分类代码")]
    industry_name: Annotated[str, Label("行业分类")]
    load_class: Annotated[codes.LoadClass | None, Label("负荷性质")] = None
    importance_level: Annotated[codes.ImportanceLevel | None, Label("重要性等级")] = None
    shifts: Annotated[codes.Shifts | None, Label("生产班次")] = None
    rest_day: Annotated[str | None, Label("厂休日")] = None
    contract_cap: Annotated[Decimal, Label("合同容量", "kW")]
    equipment: Annotated[tuple[Equipment, ...], Label("用电设备清单")]
    zero_investment: Annotated[bool, Label("投资到表计（零投资）")]
    investment_interface: Annotated[str, Label("投资界面")]
    backup_sources: Annotated[tuple[BackupSource, ...], Label("自备应急电源")] = ()
    pf_standard: Annotated[codes.PfStandard, Label("功率因数考核标准")] = codes.PfStandard.NONE
    loss_allocation: Annotated[LossAllocation, Label("损耗分摊")]
    tariff_system: Annotated[codes.TariffSystem, Label("电价制式")]
    tariff_choice: Annotated[str | None, Label("电价制式选择记录")] = None
    tou_flag: Annotated[bool, Label("执行分时电价")]
    market_attr: Annotated[codes.MarketAttr, Label("市场化属性")]
    retail: Annotated[tuple[RetailContract, ...], Label("零售合同")] = ()
    other_fees: Annotated[tuple[PublishedFee, ...], Label("其他收费")] = ()
    reading_day: Annotated[int, Label("抄表例日", "日")]
    settle_cycle: Annotated[codes.SettleCycle, Label("结算周期")]
    invoice_profile: Annotated[InvoiceProfile, Label("开票信息")]

    @property
    def source_count(self) -> codes.SourceCount:
        """One feed or several, for R-REL-1."""
        return codes.SourceCount.SINGLE if len(tuple(self.sources())) < 2 else codes.SourceCount.DUAL
