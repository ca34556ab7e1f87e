from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pypdfium2
import pytest
from pdfgen_sample import CREATED, party_block, sample_contract

from pdfgen.document import Clause, Document, FieldTable, GridTable, Heading, Paragraph, RenderedDocument
from pdfgen.glyphs import MissingGlyphError
from pdfgen.page_images import page_count
from pdfgen.render import render


@pytest.fixture(scope="module")
def contract() -> RenderedDocument:
    return render(sample_contract())


def small(*blocks: object) -> Document:
    return replace(sample_contract(1), blocks=blocks)


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_the_same_document_gives_the_same_bytes(contract: RenderedDocument) -> None:
    assert render(sample_contract()) == contract


def test_another_time_of_creation_gives_other_bytes(contract: RenderedDocument) -> None:
    later = replace(sample_contract(), created_utc=CREATED + timedelta(seconds=1))
    assert render(later).pdf != contract.pdf


def test_the_number_of_pages_is_true_and_printed(contract: RenderedDocument) -> None:
    assert page_count(contract.pdf) == contract.pages >= 8
    for number, text in enumerate(text_of(contract.pdf), start=1):
        assert f"第 {number} 页\u3000共 {contract.pages} 页" in text


def test_number_mark_and_footnote_stand_on_every_page(contract: RenderedDocument) -> None:
    for text in text_of(contract.pdf):
        assert "MZGD-YX-GY-2026-000123" in text
        assert "TEST 样张" in text
        assert "不早于区块 0x7f3a92c1" in text


def test_slots_land_on_the_last_page_inside_it_and_apart(contract: RenderedDocument) -> None:
    assert [slot.name for slot in contract.slots] == [
        "SupplierPerson",
        "SupplierSeal",
        "ConsumerPerson",
        "ConsumerSeal",
    ]
    for slot in contract.slots:
        left, bottom, right, top = slot.box
        assert slot.page == contract.pages
        assert 0 < left < right < 595.3
        assert 60 < bottom < top < 842
        wanted = (119.06, 119.06) if slot.kind == "seal" else (147.4, 56.69)
        assert (right - left, top - bottom) == pytest.approx(wanted, abs=0.05)
    boxes = [slot.box for slot in contract.slots]
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_a_party_block_is_never_broken_over_pages() -> None:
    blocks = [party_block(f"第{n}方", "示例公司", f"P{n}") for n in range(5)]
    pages: dict[str, set[int]] = {}
    for slot in render(small(*blocks)).slots:
        pages.setdefault(slot.name[:2], set()).add(slot.page)
    assert len(pages) == 5
    assert all(len(one) == 1 for one in pages.values())


def test_an_empty_value_is_printed_as_none_not_as_a_blank() -> None:
    document = small(
        FieldTable(title="表", rows=(("备用电源", ""),)), GridTable(title="格", header=("甲", "乙"), rows=())
    )
    text = text_of(render(document).pdf)[1]
    assert text.count("无") == 3


def test_a_rare_character_is_named_before_anything_is_drawn() -> None:
    with pytest.raises(MissingGlyphError) as caught:
        render(small(Clause(number="第一条", title="户名", text="王\U0010fffe")))
    assert caught.value.characters == ("\U0010fffe",)


def test_the_metadata_agree_with_each_other(contract: RenderedDocument) -> None:
    with pikepdf.open(io.BytesIO(contract.pdf)) as document:
        xmp = document.Root.Metadata.read_bytes().decode()
        assert str(document.trailer.Info.Title) == "高压供用电合同"
        assert str(document.trailer.Info.CreationDate) == "D:20261120073205Z"
        assert "<xmp:CreateDate>2026-11-20T07:32:05Z</xmp:CreateDate>" in xmp
        assert ">高压供用电合同</rdf:li>" in xmp
        assert "<pdfaid:part>3</pdfaid:part>" in xmp
        assert document.Root.Lang == "zh-CN"


def test_an_attachment_keeps_its_bytes_size_and_relationship(contract: RenderedDocument) -> None:
    with pikepdf.open(io.BytesIO(contract.pdf)) as document:
        (specification,) = document.Root.AF
        embedded = specification.EF.F
        assert embedded.read_bytes() == b'{"schema":1}'
        assert embedded.Params.Size == 12
        assert specification.AFRelationship == "/Source"
        assert embedded.Subtype == "/application/json"


def test_headings_make_the_outline() -> None:
    document = small(
        Heading(level=2, text="先节"),
        Heading(level=1, text="章"),
        Heading(level=2, text="节"),
        party_block("方", "甲", "A"),
    )
    with pikepdf.open(io.BytesIO(render(document).pdf)) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["先节", "章"]
        assert [item.title for item in outline.root[1].children] == ["节"]


def test_a_cell_taller_than_a_page_flows_on() -> None:
    long = "供用电合同示例文字，" * 700
    rendered = render(small(GridTable(title="长", header=("项", "值"), rows=(("一", long),), widths=(1, 3))))
    text = "".join(text_of(rendered.pdf)).replace("\r\n", "")
    assert rendered.pages > 3
    assert text.count("供用电合同示例文字") >= 690


def test_a_narrow_column_widens_rather_than_cut_a_number() -> None:
    table = GridTable(
        title="联系人",
        header=("姓名", "手机", "说明"),
        rows=(("王小明", "13900001234", "营业部"),),
        widths=(6, 1, 6),
    )
    assert "13900001234" in text_of(render(small(table)).pdf)[1]


def test_a_small_table_is_not_divided_and_no_row_is_left_alone() -> None:
    for filler in (24, 28, 31, 33, 35, 37):
        lines = [Paragraph(text="供用电") for _ in range(filler)]
        rows = tuple((f"第{n}行", "值" * 30) for n in range(1, 5))
        pages = text_of(render(small(*lines, FieldTable(title="小表", rows=rows))).pdf)
        holding = [page for page in pages if "行" in page]
        assert len(holding) == 1
        assert "小表" in holding[0]


def test_production_documents_carry_no_test_mark() -> None:
    assert not any("TEST" in text for text in text_of(render(sample_contract(1, mark="")).pdf))
