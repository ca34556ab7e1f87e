"""临时供用电合同: electricity for a purpose that ends on a day (reference §3.3 column T, R-TEMP-1).

Low voltage in kilowatts by an equipment list, or high voltage in kilovolt-amperes by
transformers. Decides only shape; whether the values are lawful is the rule pack's question.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.commercial import InvoiceProfile, LossAllocation, PublishedFee
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef
from contracts_chain.agreements.terms.site import Equipment
from contracts_chain.agreements.terms.supply_terms import SupplyTerms

__all__ = ["TempSupplyTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TempSupplyTerms(SupplyTerms):
    """Terms of one temporary contract.

    Attributes:
        contract_cap: kVA if transformers feed the site, else kW.
        purpose: What the electricity is for; nothing else.
        formal_application_no: The application for permanent supply that runs beside it (reference I13).
        term_permission: The company's paper that permits a longer term.
        unmetered_basis: How energy is computed where no meter can be fitted; else ``None``.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.TEMP_SUPPLY

    purpose: Annotated[str, Label("临时用电用途")]
    formal_application_no: Annotated[str | None, Label("正式用电申请编号")] = None
    term_permission: Annotated[DocumentRef | None, Label("延长期限准许文件")] = None
    investment_project_code: Annotated[str | None, Label("投资项目代码")] = None
    industry_cls: Annotated[str, Label("行业分类代码")]
    industry_name: Annotated[str, Label("行业分类")]
    contract_cap: Annotated[Decimal, Label("合同容量")]
    equipment: Annotated[tuple[Equipment, ...], Label("用电设备清单")]
    pf_standard: Annotated[codes.PfStandard, Label("功率因数考核标准")] = codes.PfStandard.NONE
    loss_allocation: Annotated[LossAllocation, Label("损耗分摊")]
    unmetered_basis: Annotated[str | None, Label("未装表电量计算依据")] = None
    tariff_system: Annotated[codes.TariffSystem, Label("电价制式")]
    tariff_choice: Annotated[str | None, Label("电价制式选择记录")] = None
    tou_flag: Annotated[bool, Label("执行分时电价")] = False
    other_fees: Annotated[tuple[PublishedFee, ...], Label("其他收费")] = ()
    reading_day: Annotated[int, Label("抄表例日", "日")]
    settle_cycle: Annotated[codes.SettleCycle, Label("结算周期")]
    invoice_profile: Annotated[InvoiceProfile, Label("开票信息")]

    @property
    def is_high_voltage(self) -> bool:
        """Whether transformers of the customer feed the site."""
        return any(True for _ in self.transformers())

    @property
    def capacity_unit(self) -> str:
        """``kVA`` behind transformers, else ``kW``."""
        return "kVA" if self.is_high_voltage else "kW"
