from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from contracts_chain.invoicing.invoice import Invoice, InvoiceDraft, InvoiceKind, Party
from contracts_chain.invoicing.line import ELECTRICITY_SUPPLY, line_from_amount
from contracts_chain.invoicing.tax import TaxMode
from kernel.money import Fen


@pytest.fixture
def draft() -> InvoiceDraft:
    """The one real single-line bill of reference/invoices.md §2.2, with invented parties."""
    line = line_from_amount(
        replace(ELECTRICITY_SUPPLY, specification="C"), quantity=Decimal(81705), amount_fen=Fen(5016145)
    )
    return InvoiceDraft(
        kind=InvoiceKind.SPECIAL,
        mode=TaxMode.EXCLUSIVE,
        seller=Party(
            name="样例省电力有限公司",
            taxpayer_id="91330000TEST000011",
            address="样例市样例路1号",
            telephone="0571-00000000",
            bank_name="样例银行样例支行",
            bank_account="0000000000000001",
        ),
        buyer=Party(name="样例纺织有限公司", taxpayer_id="91330100TEST000022"),
        lines=(line,),
        contract_number="GYD-2026-000001",
        drawer="样例员",
        remark=("户号：3300000001", "电费年月：202610"),
    )


@pytest.fixture
def invoice(draft: InvoiceDraft) -> Invoice:
    return Invoice(
        draft=draft, number="99000000000000000001", issued_utc=datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
    )
