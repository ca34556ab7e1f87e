"""What an e-invoice says, before and after the tax system numbered it.

``InvoiceDraft`` is what billing asks for; ``Invoice`` adds the number and the moment
that only the tax system gives. Neither can be edited: a mistake is settled by a red
invoice and a new blue one (DESIGN §4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from contracts_chain.invoicing.line import Line
from contracts_chain.invoicing.tax import TaxMode
from kernel.money import Fen

__all__ = ["SPECIMEN_MARK", "SPECIMEN_PREFIX", "Invoice", "InvoiceDraft", "InvoiceKind", "Party"]

SPECIMEN_PREFIX = "9900"
SPECIMEN_MARK = "SPECIMEN 样张"
_SPECIMEN_REMARK = "样张 SPECIMEN：发票号码非税务机关赋予，不得用于抵扣、报销或入账"
_CONTRACT_REMARK = "合同编号："


class InvoiceKind(Enum):
    """Special or ordinary; the value is the code of ``GeneralOrSpecialVAT``."""

    SPECIAL = "01"
    ORDINARY = "02"

    @property
    def zh(self) -> str:
        """The code's name in the XML."""
        return {InvoiceKind.SPECIAL: "增值税专用发票", InvoiceKind.ORDINARY: "普通发票"}[self]

    @property
    def title(self) -> str:
        """The words over the face."""
        return f"电子发票（{self.zh}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller or buyer; everything after the taxpayer id may be empty.

    Attributes:
        name: As registered.
        taxpayer_id: 统一社会信用代码 or legacy id; empty for a natural person.
        address: Registered address.
        telephone: As written.
        bank_name: 开户行.
        bank_account: 账号.
    """

    name: str
    taxpayer_id: str = ""
    address: str = ""
    telephone: str = ""
    bank_name: str = ""
    bank_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDraft:
    """A blue invoice as billing asks for it.

    Attributes:
        kind: Special or ordinary.
        mode: Which figures were given; kept for exact recomputation.
        seller: The grid company.
        buyer: The customer.
        lines: At least one, discount rows after what they reduce.
        contract_number: The executed agreement that the sale rests on.
        drawer: 开票人.
        remark: Further 备注 lines: household number, month, bill number.
    """

    kind: InvoiceKind
    mode: TaxMode
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    contract_number: str
    drawer: str
    remark: tuple[str, ...] = ()

    @property
    def amount_fen(self) -> Fen:
        """合计金额: the sum of the lines, exactly."""
        return Fen(sum(line.amount_fen for line in self.lines))

    @property
    def tax_fen(self) -> Fen:
        """合计税额: the sum of the lines, exactly."""
        return Fen(sum(line.tax_fen for line in self.lines))

    @property
    def total_fen(self) -> Fen:
        """价税合计."""
        return Fen(self.amount_fen + self.tax_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A numbered invoice.

    Attributes:
        draft: What was asked for, unchanged.
        number: 20 digits, from the tax system or, beginning 9900, from our simulator.
        issued_utc: When the number was given, whole seconds.
    """

    draft: InvoiceDraft
    number: str
    issued_utc: datetime

    @property
    def is_specimen(self) -> bool:
        """Whether no tax bureau knows this number."""
        return self.number.startswith(SPECIMEN_PREFIX)

    @property
    def mark(self) -> str:
        """The words across every face; empty for numbers of the tax system."""
        return SPECIMEN_MARK if self.is_specimen else ""

    @property
    def remark_lines(self) -> tuple[str, ...]:
        """备注 as printed and as in the XML: contract, specimen warning, then the draft's own lines."""
        warning = (_SPECIMEN_REMARK,) if self.is_specimen else ()
        return (f"{_CONTRACT_REMARK}{self.draft.contract_number}", *warning, *self.draft.remark)
