from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts_chain.invoicing.draft_json import draft_bytes, read_draft
from contracts_chain.invoicing.invoice import Invoice, InvoiceDraft, InvoiceKind
from contracts_chain.invoicing.line import ELECTRICITY_SUPPLY, discount_of, line_from_amount, line_from_total
from contracts_chain.invoicing.refusals import InvoiceContradictionError, InvoiceUnreadableError
from contracts_chain.invoicing.tax import TaxMode
from contracts_chain.invoicing.xml import write_invoice
from contracts_chain.invoicing.xml_reader import read_invoice
from kernel.digests import sha256
from kernel.money import Fen

PRINTABLE = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn"]), min_size=1, max_size=40
).filter(lambda text: text == text.strip())


@st.composite
def drafts(draw: st.DrawFn, template: InvoiceDraft) -> InvoiceDraft:
    mode = draw(st.sampled_from(TaxMode))
    total = Fen(draw(st.integers(200, 10**13)))
    quantity = draw(st.none() | st.integers(1, 10**9).map(Decimal))
    item = replace(
        ELECTRICITY_SUPPLY,
        rate=Decimal(draw(st.sampled_from(["0.13", "0.06", "0"]))),
        unit=draw(st.sampled_from(["", "度"])),
    )
    if mode is TaxMode.INCLUSIVE:
        lines = (line_from_total(item, quantity=quantity, total_fen=total),)
    else:
        line = line_from_amount(item, quantity=quantity, amount_fen=total)
        lines = (line, discount_of(line, amount_fen=Fen(1))) if draw(st.booleans()) else (line,)
    return replace(
        template,
        kind=draw(st.sampled_from(InvoiceKind)),
        mode=mode,
        lines=lines,
        buyer=replace(template.buyer, name=draw(PRINTABLE), address=draw(st.just("") | PRINTABLE)),
        remark=tuple(draw(st.lists(PRINTABLE, max_size=3))),
    )


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_what_is_written_is_read_back_equal(draft: InvoiceDraft, data: st.DataObject) -> None:
    moment = datetime.fromtimestamp(data.draw(st.integers(1_577_836_800, 4_070_908_800)), UTC)
    number = f"9900{data.draw(st.integers(1, 10**16 - 1)):016d}"
    invoice = Invoice(draft=data.draw(drafts(draft)), number=number, issued_utc=moment)
    assert read_invoice(write_invoice(invoice)) == invoice


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_a_draft_survives_its_canonical_json(draft: InvoiceDraft, data: st.DataObject) -> None:
    drawn = data.draw(drafts(draft))
    assert read_draft(draft_bytes(drawn)) == drawn


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"schema":1}', b"\xff", b'{"kind": 1.5}'])
def test_bytes_that_are_no_draft_are_unreadable(content: bytes) -> None:
    with pytest.raises(InvoiceUnreadableError):
        read_draft(content)


def test_the_bytes_of_a_fixed_invoice_never_change(invoice: Invoice) -> None:
    assert sha256(write_invoice(invoice)).hex() == (
        "4fc8a3e35144e286faecad10c36f4889e13496425447e4f2d9648f13adb6b40b"
    )


def test_the_specimen_says_so_and_imitates_no_bureau(invoice: Invoice) -> None:
    text = write_invoice(invoice).decode()
    assert "TaxBureauSignature" not in text
    assert "<EIid>99000000000000000001</EIid>" in text
    assert "合同编号：GYD-2026-000001\n样张 SPECIMEN" in text
    assert "国家税务总局" not in text


def test_a_number_of_the_tax_system_is_never_given_an_xml_of_ours(invoice: Invoice) -> None:
    with pytest.raises(ValueError, match="tax system"):
        write_invoice(replace(invoice, number="26332000000000000001"))


def test_the_bill_of_the_reference_shows_its_figures(invoice: Invoice) -> None:
    text = write_invoice(invoice).decode()
    for expected in (
        "<Quantity>81705</Quantity>",
        "<UnPrice>0.6139336638</UnPrice>",
        "<TaxRate>0.13</TaxRate>",
        "<TotalTax-includedAmount>56682.44</TotalTax-includedAmount>",
        "<TotaltaxIncludedAmount>56682.44</TotaltaxIncludedAmount>",
        "伍万陆仟陆佰捌拾贰圆肆角肆分",
        "<IssueTime>2026-11-20 15:32:05</IssueTime>",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<TotalAmWithoutTax>50161.45", "<TotalAmWithoutTax>50161.46"),
        ("<TotalTaxAm>6520.99", "<TotalTaxAm>6520.98"),
        ("<TotalTax-includedAmount>56682.44", "<TotalTax-includedAmount>56682.40"),
        ("伍万陆仟陆佰捌拾贰圆", "陆万陆仟陆佰捌拾贰圆"),
        ("<TotaltaxIncludedAmount>56682.44", "<TotaltaxIncludedAmount>6682.44"),
        ("<InvoiceNumber>99000000000000000001", "<InvoiceNumber>99000000000000000002"),
        ("<RequestTime>2026-11-20", "<RequestTime>2026-11-21"),
        ("<InformationValue>GYD-2026-000001", "<InformationValue>GYD-2026-000002"),
        ("样张 SPECIMEN：发票号码非税务机关赋予，不得", "发票号码可"),
        ("<Quantity>81705", "<Quantity>91705"),
        ("<TaxRate>0.13", "<TaxRate>0.12"),
    ],
)
def test_a_figure_changed_in_one_place_is_refuted(invoice: Invoice, old: str, new: str) -> None:
    text = write_invoice(invoice).decode()
    assert text.count(old) == 1
    with pytest.raises(InvoiceContradictionError) as caught:
        read_invoice(text.replace(old, new).encode())
    assert caught.value.expected != caught.value.actual


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<EInvoice>", '<!DOCTYPE EInvoice [<!ENTITY a "b">]><EInvoice>'),
        ("<EInvoice>", '<!DOCTYPE EInvoice SYSTEM "file:///etc/passwd"><EInvoice>'),
        ("</EInvoice>\n", "</EInvoice>\n<EInvoice/>"),
        ("</EInvoice>\n", "</EInvoice>"),
        ("<EInvoice>", "<Wrapper><EInvoice>"),
        ("  <TaxSupervisionInfo>", "  <!-- --><TaxSupervisionInfo>"),
        ("</TaxSupervisionInfo>", "</TaxSupervisionInfo><TaxBureauSignature/>"),
        ("<Drawer>样例员</Drawer>", "<Drawer>样例员</Drawer><Drawer>别人</Drawer>"),
        ("<Drawer>样例员</Drawer>", "<Drawer>样<!---->例员</Drawer>"),
        ("<Drawer>样例员</Drawer>", "<Drawer><?x?>样例员</Drawer>"),
        ("<Version>0.31", "<Version>0.32"),
        ("<EIid>9900", "<EIid>2633"),
        ("<MeaUnits>千瓦时", "<MeaUnits>&#21315;瓦时"),
        ("encoding='UTF-8'", "encoding='GB18030'"),
        ("<TaxRate>0.13", "<TaxRate>0.130000"),
        ("计税方式", "计税办法"),
        ("<IssueTime>2026-11-20", "<IssueTime>2026-13-20"),
    ],
)
def test_any_other_form_is_unreadable(invoice: Invoice, old: str, new: str) -> None:
    text = write_invoice(invoice).decode()
    assert old in text
    with pytest.raises(InvoiceUnreadableError):
        read_invoice(text.replace(old, new, 1).encode())


def test_a_file_in_another_encoding_is_unreadable(invoice: Invoice) -> None:
    with pytest.raises(InvoiceUnreadableError):
        read_invoice(write_invoice(invoice).decode().replace("UTF-8", "UTF-16").encode("utf-16"))


def test_a_huge_file_is_unreadable_before_it_is_parsed() -> None:
    with pytest.raises(InvoiceUnreadableError, match="larger"):
        read_invoice(b"<" * (1 << 20 | 1))


@given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_no_flipped_bit_leaves_the_same_invoice(invoice: Invoice, position: int, bit: int) -> None:
    content = bytearray(write_invoice(invoice))
    content[position % len(content)] ^= 1 << bit
    try:
        read = read_invoice(bytes(content))
    except (InvoiceUnreadableError, InvoiceContradictionError):
        return
    assert read != invoice
