from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts_chain.invoicing.face import face_of
from contracts_chain.invoicing.invoice import Invoice, InvoiceDraft, InvoiceKind
from contracts_chain.invoicing.qr import qr_content
from contracts_chain.invoicing.refusals import InvoiceRejectedError
from contracts_chain.invoicing.tax_platform import SpecimenTaxPlatform, TaxPlatform
from contracts_chain.invoicing.xml import write_invoice
from kernel.clock import FixedClock


class LedgerInMemory:
    """Keeps serials by key, as the table does."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[int, datetime]] = {}

    def allocate_specimen(self, idempotency_key: str, at: datetime) -> tuple[int, datetime]:
        return self.taken.setdefault(idempotency_key, (len(self.taken) + 1, at))

    def find_specimen(self, idempotency_key: str) -> tuple[int, datetime] | None:
        return self.taken.get(idempotency_key)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 20, 7, 32, 5, 999_999, tzinfo=UTC))


@pytest.fixture
def ledger() -> LedgerInMemory:
    return LedgerInMemory()


@pytest.fixture
def platform(ledger: LedgerInMemory, clock: FixedClock) -> TaxPlatform:
    return SpecimenTaxPlatform(ledger, clock)


def test_the_same_key_gives_the_same_number_and_time_even_later(
    platform: TaxPlatform, clock: FixedClock, draft: InvoiceDraft
) -> None:
    first = platform.issue(draft, "bill-1")
    clock.advance(timedelta(hours=1))
    assert platform.issue(draft, "bill-1") == first
    assert platform.find("bill-1") == first
    assert platform.issue(draft, "bill-2").number != first.number


def test_numbers_are_twenty_digits_of_a_region_that_does_not_exist(
    platform: TaxPlatform, draft: InvoiceDraft
) -> None:
    allocated = platform.issue(draft, "bill-1")
    assert allocated.number == "99000000000000000001"
    assert allocated.issued_utc == datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)


def test_nothing_is_found_under_a_key_never_used(platform: TaxPlatform) -> None:
    assert platform.find("bill-1") is None


def test_a_bad_draft_takes_no_number(
    platform: TaxPlatform, ledger: LedgerInMemory, draft: InvoiceDraft
) -> None:
    with pytest.raises(InvoiceRejectedError):
        platform.issue(replace(draft, drawer=""), "bill-1")
    assert not ledger.taken


def test_the_qr_code_gives_number_total_and_beijing_day(invoice: Invoice) -> None:
    assert qr_content(invoice) == "01,31,,99000000000000000001,56682.44,20261120,,0000"
    late = replace(invoice, issued_utc=datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    assert ",20261121,," in qr_content(late)
    ordinary = replace(invoice, draft=replace(invoice.draft, kind=InvoiceKind.ORDINARY))
    assert qr_content(ordinary).startswith("01,32,,")


def test_the_face_repeats_the_figures_and_is_marked_as_specimen(invoice: Invoice) -> None:
    xml = write_invoice(invoice)
    face = face_of(invoice, xml)
    assert face.mark == "SPECIMEN 样张"
    assert face.title == "电子发票（增值税专用发票）"
    assert face.issue_date == "2026年11月20日"
    assert (face.total_amount, face.total_tax, face.total_with_tax) == ("50161.45", "6520.99", "56682.44")
    row = face.lines[0]
    assert (row.quantity, row.price, row.rate) == ("81705", "0.6139336638", "13%")
    assert face.remark[1].startswith("样张 SPECIMEN")
    assert face.attachments[0].content == xml
    assert face.attachments[0].relationship == "Source"
    assert face.metadata["TotalTax-includedAmount"] == "56682.44"


def test_a_number_of_the_tax_system_carries_no_specimen_mark(invoice: Invoice) -> None:
    real = replace(invoice, number="26332000000000000001")
    assert real.mark == ""
    assert not any("样张" in line for line in real.remark_lines)
