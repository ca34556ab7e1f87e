from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from contracts_chain.invoicing.invoice import InvoiceDraft, InvoiceKind
from contracts_chain.invoicing.line import (
    ELECTRICITY_SUPPLY,
    Line,
    discount_of,
    line_from_amount,
    line_from_total,
)
from contracts_chain.invoicing.refusals import InvoiceRejectedError
from contracts_chain.invoicing.rules import check_draft
from contracts_chain.invoicing.tax import TaxMode, tax_in_total, tax_on_amount
from kernel.money import Fen


def codes_of(draft: InvoiceDraft) -> set[tuple[str, str]]:
    with pytest.raises(InvoiceRejectedError) as caught:
        check_draft(draft)
    assert all(finding.en and finding.zh for finding in caught.value.findings)
    return {(finding.field, finding.code) for finding in caught.value.findings}


def with_line(draft: InvoiceDraft, **changes: object) -> InvoiceDraft:
    return replace(draft, lines=(replace(draft.lines[0], **changes),))  # type: ignore[arg-type]


def with_item(draft: InvoiceDraft, **changes: object) -> InvoiceDraft:
    return with_line(draft, item=replace(draft.lines[0].item, **changes))  # type: ignore[arg-type]


def test_a_sound_draft_passes(draft: InvoiceDraft) -> None:
    check_draft(draft)


def test_all_bad_fields_are_reported_at_once(draft: InvoiceDraft) -> None:
    bad = replace(
        draft,
        seller=replace(draft.seller, taxpayer_id="lower"),
        buyer=replace(draft.buyer, name="", taxpayer_id=""),
        drawer="",
        lines=(),
    )
    assert codes_of(bad) >= {
        ("seller.taxpayer_id", "format"),
        ("buyer.name", "length"),
        ("buyer.taxpayer_id", "format"),
        ("drawer", "length"),
        ("lines", "empty"),
        ("lines", "total"),
    }


def test_a_natural_person_gets_an_ordinary_invoice_without_a_taxpayer_id(draft: InvoiceDraft) -> None:
    person = replace(draft, buyer=replace(draft.buyer, taxpayer_id=""))
    assert codes_of(person) == {("buyer.taxpayer_id", "format")}
    check_draft(replace(person, kind=InvoiceKind.ORDINARY))


@pytest.mark.parametrize("length", [14, 16, 19, 21])
def test_a_taxpayer_id_of_another_length_is_refused(draft: InvoiceDraft, length: int) -> None:
    bad = replace(draft, buyer=replace(draft.buyer, taxpayer_id="9" * length))
    assert codes_of(bad) == {("buyer.taxpayer_id", "format")}


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", " a", "a\u200b", "a\x00", "\ufffe"])
def test_text_that_prints_differently_than_it_reads_is_refused(draft: InvoiceDraft, name: str) -> None:
    assert ("buyer.name", "characters") in codes_of(replace(draft, buyer=replace(draft.buyer, name=name)))


def test_a_rare_character_in_a_name_is_no_obstacle(draft: InvoiceDraft) -> None:
    check_draft(replace(draft, buyer=replace(draft.buyer, name="𠮷\U00031350电子厂")))


def test_tax_that_fits_the_other_mode_only_is_refused(draft: InvoiceDraft) -> None:
    total = next(
        Fen(total)
        for total in range(10_000, 20_000)
        if tax_in_total(Fen(total), Decimal("0.13"))
        != tax_on_amount(Fen(total - tax_in_total(Fen(total), Decimal("0.13"))), Decimal("0.13"))
    )
    line = line_from_total(ELECTRICITY_SUPPLY, quantity=Decimal(100), total_fen=total)
    assert codes_of(replace(draft, lines=(line,))) == {("lines[0].tax_fen", "tax")}
    check_draft(replace(draft, lines=(line,), mode=TaxMode.INCLUSIVE))


def test_quantity_times_price_may_miss_the_amount_by_one_fen_but_not_by_two(draft: InvoiceDraft) -> None:
    def shifted(by: int) -> InvoiceDraft:
        amount = Fen(draft.lines[0].amount_fen + by)
        return with_line(draft, amount_fen=amount, tax_fen=tax_on_amount(amount, Decimal("0.13")))

    check_draft(with_line(shifted(1), price=Decimal("0.6139336638")))
    assert codes_of(shifted(2)) == {("lines[0].amount_fen", "amount")}


def test_quantity_without_price_is_refused(draft: InvoiceDraft) -> None:
    assert codes_of(with_line(draft, price=None)) == {("lines[0].quantity", "half_priced")}


@pytest.mark.parametrize("figure", ["0", "-1", "NaN", "Infinity", "1E-14", "1E+30"])
def test_a_quantity_that_no_face_can_print_is_refused(draft: InvoiceDraft, figure: str) -> None:
    assert ("lines[0].quantity", "figure") in codes_of(with_line(draft, quantity=Decimal(figure)))


@pytest.mark.parametrize("rate", ["13", "-0.13", "NaN", "0.1234567", "-1"])
def test_a_rate_that_is_no_fraction_is_refused(draft: InvoiceDraft, rate: str) -> None:
    assert codes_of(with_item(draft, rate=Decimal(rate))) == {("lines[0].rate", "rate")}


def test_item_name_and_code_must_have_the_bureaus_form(draft: InvoiceDraft) -> None:
    bad = with_item(draft, name="电费", classification_code="1100101020200000")
    assert codes_of(bad) == {("lines[0].name", "format"), ("lines[0].classification_code", "format")}


def test_a_discount_row_after_its_parent_passes(draft: InvoiceDraft) -> None:
    parent = draft.lines[0]
    check_draft(replace(draft, lines=(parent, discount_of(parent, amount_fen=Fen(12345)))))


@pytest.mark.parametrize("case", ["first", "of another item", "too large", "after a discount"])
def test_a_discount_row_that_reduces_nothing_is_refused(draft: InvoiceDraft, case: str) -> None:
    parent = draft.lines[0]
    discount = discount_of(parent, amount_fen=Fen(100))
    other = replace(parent, item=replace(parent.item, name="*供电*基本电费"))
    lines: dict[str, tuple[Line, ...]] = {
        "first": (discount, parent),
        "of another item": (other, discount),
        "too large": (parent, discount_of(parent, amount_fen=Fen(parent.amount_fen + 1)), other),
        "after a discount": (parent, discount, discount),
    }
    assert "discount_alone" in {code for _, code in codes_of(replace(draft, lines=lines[case]))}


def test_more_rows_than_the_face_has_are_refused(draft: InvoiceDraft) -> None:
    check_draft(replace(draft, lines=draft.lines * 7))
    assert codes_of(replace(draft, lines=draft.lines * 8)) == {("lines", "too_many_rows")}


def test_a_total_of_nothing_is_refused(draft: InvoiceDraft) -> None:
    nothing = line_from_amount(ELECTRICITY_SUPPLY, quantity=None, amount_fen=Fen(0))
    assert codes_of(replace(draft, lines=(nothing,))) == {("lines", "total")}
