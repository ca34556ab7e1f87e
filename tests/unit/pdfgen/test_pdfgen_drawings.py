"""Seals, signatures, invoice faces, page images."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfgen_sample import sample_invoice
from PIL import Image

from pdfgen.glyphs import MissingGlyphError
from pdfgen.ink import MM
from pdfgen.invoice_drawing import render_invoice
from pdfgen.page_images import PageMissingError, UnreadablePageError, page_count, page_png
from pdfgen.seal import organisation_seal, person_signature


def size_mm(pdf: bytes) -> tuple[float, float]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        width, height = document.get_page_size(0)
        return round(width / MM, 2), round(height / MM, 2)
    finally:
        document.close()


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return str(document[0].get_textpage().get_text_range())
    finally:
        document.close()


def test_a_seal_is_a_square_of_42_mm_and_a_hand_52_by_20() -> None:
    assert size_mm(organisation_seal("示例公司")) == (42.0, 42.0)
    assert size_mm(person_signature("王小明", "电子签名")) == (52.0, 20.0)


def test_the_same_seal_is_drawn_twice_with_the_same_bytes() -> None:
    assert organisation_seal("示例公司", code="33", mark="TEST") == organisation_seal(
        "示例公司", code="33", mark="TEST"
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 45))
def test_a_name_of_any_length_leaves_the_rim_and_the_foot_free(length: int) -> None:
    image = Image.open(
        io.BytesIO(page_png(organisation_seal("示" * length, centre_text="", code=""), 1, 420))
    ).convert("L")
    corners = [image.getpixel(spot) for spot in ((3, 3), (416, 3), (3, 416), (416, 416))]
    assert corners == [255] * 4
    assert image.crop((150, 300, 270, 375)).getextrema() == (255, 255)


def test_a_seal_paints_nothing_but_red_on_nothing() -> None:
    image = Image.open(io.BytesIO(page_png(organisation_seal("示例公司", mark="TEST"), 1, 300))).convert(
        "RGB"
    )
    assert all(red >= 195 for red, _, _ in image.get_flattened_data())


def test_a_seal_of_an_unprintable_name_is_refused() -> None:
    with pytest.raises(MissingGlyphError):
        organisation_seal("示例\U0010fffe公司")


def test_a_signature_says_what_it_is() -> None:
    text = text_of(person_signature("王小明", "电子签名\n2026-11-20 15:32:05", "TEST"))
    assert "电子签名" in text
    assert "2026-11-20 15:32:05" in text
    assert "TEST" in text


def test_an_invoice_is_one_page_of_210_by_140_mm_with_every_figure() -> None:
    pdf = render_invoice(sample_invoice())
    text = text_of(pdf)
    assert (page_count(pdf), size_mm(pdf)) == (1, (210.0, 140.0))
    for figure in (
        "99002026112000000017",
        "0.6139336638",
        "¥50161.45",
        "¥56682.44",
        "伍万陆仟陆佰捌拾贰圆肆角肆分",
    ):
        assert figure in text
    assert text.count("SPECIMEN 样张") == 2


def test_an_invoice_carries_its_xml_and_its_custom_keys() -> None:
    with pikepdf.open(io.BytesIO(render_invoice(sample_invoice()))) as pdf:
        assert str(pdf.trailer.Info["/InvoiceNumber"]) == "99002026112000000017"
        assert [str(one.UF) for one in pdf.Root.AF] == ["invoice.xml"]


def test_an_invoice_of_many_lines_stays_above_the_totals() -> None:
    face = sample_invoice()
    crowded = replace(face, lines=[replace(face.lines[0], name=f"*供电*电费{n:02d}") for n in range(20)])
    text = text_of(render_invoice(crowded))
    assert all(f"*供电*电费{n:02d}" in text for n in range(20))


def test_the_same_invoice_gives_the_same_bytes() -> None:
    assert render_invoice(sample_invoice()) == render_invoice(sample_invoice())


@pytest.mark.parametrize("hostile", [b"", b"%PDF-1.7", b"not a pdf", b"PK\x03\x04"])
def test_what_is_no_pdf_is_rejected_by_the_page_images(hostile: bytes) -> None:
    with pytest.raises(UnreadablePageError):
        page_png(hostile, 1, 100)


@pytest.mark.parametrize(("page", "width"), [(0, 100), (2, 100), (-1, 100), (1, 0), (1, 5000)])
def test_a_page_or_width_out_of_range_is_rejected(page: int, width: int) -> None:
    with pytest.raises(PageMissingError):
        page_png(organisation_seal("示例公司"), page, width)


def test_a_page_image_has_the_wanted_width() -> None:
    image = Image.open(io.BytesIO(page_png(organisation_seal("示例公司"), 1, 333)))
    assert image.size == (333, 333)
