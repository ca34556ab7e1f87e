from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from itertools import pairwise

import pytest
from lxml import etree

from contracts_chain.invoicing.invoice import Invoice
from contracts_chain.invoicing.line import discount_of
from contracts_chain.invoicing.ofd import write_ofd
from contracts_chain.invoicing.xml import write_invoice
from kernel.digests import sha256
from kernel.money import Fen

OFD = "{http://www.ofdspec.org/2016}"


@pytest.fixture
def package(invoice: Invoice) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(write_ofd(invoice, write_invoice(invoice))))


def part(package: zipfile.ZipFile, name: str) -> etree._Element:
    return etree.fromstring(package.read(name))


def texts_by_id(package: zipfile.ZipFile) -> dict[str, str]:
    page = part(package, "Doc_0/Pages/Page_0/Content.xml")
    return {
        each.attrib["ID"]: each.findtext(f"{OFD}TextCode") or "" for each in page.iter(f"{OFD}TextObject")
    }


def test_the_same_invoice_gives_the_same_package(invoice: Invoice) -> None:
    xml = write_invoice(invoice)
    assert write_ofd(invoice, xml) == write_ofd(invoice, xml)
    assert sha256(write_ofd(invoice, xml)) != sha256(write_ofd(replace(invoice, number="9" * 20), xml))


def test_the_attached_original_is_the_very_xml(invoice: Invoice, package: zipfile.ZipFile) -> None:
    assert package.read(f"Doc_0/Attachs/{invoice.number}.xml") == write_invoice(invoice)


def test_every_named_part_is_there_and_stored_without_compression(package: zipfile.ZipFile) -> None:
    assert package.testzip() is None
    document = part(package, "Doc_0/Document.xml")
    for name in ("CommonData/PublicRes", "CustomTags", "Attachments"):
        path = "/".join(OFD + step for step in name.split("/"))
        assert f"Doc_0/{document.findtext(path)}" in package.namelist()
    assert {entry.compress_type for entry in package.infolist()} == {zipfile.ZIP_STORED}


def test_every_tag_names_the_text_that_the_invoice_gives(package: zipfile.ZipFile) -> None:
    texts = texts_by_id(package)
    tags = part(package, "Doc_0/Tags/CustomTag.xml")

    def tagged(name: str) -> list[str]:
        path = "/".join(OFD + step for step in [*name.split("/"), "ObjectRef"])
        return [texts[each.text or ""] for each in tags.findall(path)]

    assert tagged("InvoiceNo") == ["99000000000000000001"]
    assert tagged("IssueDate") == ["2026年11月20日"]
    assert tagged("Buyer/BuyerName") == ["样例纺织有限公司"]
    assert tagged("Buyer/BuyerTaxID") == ["91330100TEST000022"]
    assert tagged("Seller/SellerName") == ["样例省电力有限公司"]
    assert tagged("Item") == ["*供电*电费"]
    assert tagged("Quantity") == ["81705"]
    assert tagged("Price") == ["0.6139336638"]
    assert tagged("Amount") == ["50161.45"]
    assert tagged("TaxExclusiveTotalAmount") == ["¥50161.45"]
    assert tagged("TaxTotalAmount") == ["¥6520.99"]
    assert tagged("TaxInclusiveTotalAmount") == ["¥56682.44"]
    assert tagged("InvoiceClerk") == ["样例员"]
    assert tagged("Note")[1].startswith("样张 SPECIMEN")
    assert len(tags.findall(f"{OFD}Note")) == 1


def test_the_page_is_marked_as_specimen_under_and_beside_the_figures(package: zipfile.ZipFile) -> None:
    texts = list(texts_by_id(package).values())
    assert texts[0] == "SPECIMEN 样张"
    assert texts.count("SPECIMEN 样张") == 2


def test_every_id_is_unique_and_none_exceeds_the_greatest(package: zipfile.ZipFile) -> None:
    names = ("Doc_0/Document.xml", "Doc_0/PublicRes.xml", "Doc_0/Pages/Page_0/Content.xml")
    ids = [
        int(node.attrib["ID"]) for name in names for node in part(package, name).iter() if "ID" in node.attrib
    ]
    assert len(ids) == len(set(ids))
    greatest = part(package, "Doc_0/Document.xml").findtext(f"{OFD}CommonData/{OFD}MaxUnitID")
    assert max(ids) <= int(greatest or 0)


def test_every_text_has_an_advance_for_all_but_its_last_character_and_stays_on_the_page(
    package: zipfile.ZipFile,
) -> None:
    for node in part(package, "Doc_0/Pages/Page_0/Content.xml").iter(f"{OFD}TextObject"):
        code = node.find(f"{OFD}TextCode")
        assert code is not None
        assert code.text
        assert len(code.attrib.get("DeltaX", "").split()) == len(code.text) - 1
        x, y, width, height = map(float, node.attrib["Boundary"].split())
        assert x >= 0
        assert x + width <= 210
        assert y >= 0
        assert y + height <= 140


def test_rows_do_not_overlap_when_a_name_wraps(invoice: Invoice) -> None:
    parent = invoice.draft.lines[0]
    long = replace(parent, item=replace(parent.item, name="*供电*一般工商业及其他用电电费合计"))
    longer = replace(
        invoice, draft=replace(invoice.draft, lines=(long, discount_of(long, amount_fen=Fen(1)), parent))
    )
    package = zipfile.ZipFile(io.BytesIO(write_ofd(longer, b"")))
    tops = [
        float(node.attrib["Boundary"].split()[1])
        for node in part(package, "Doc_0/Pages/Page_0/Content.xml").iter(f"{OFD}TextObject")
        if node.attrib["Boundary"].startswith("4.5 ")
    ]
    assert len(part(package, "Doc_0/Tags/CustomTag.xml").findall(f"{OFD}Item")) == 3
    assert len(tops) == 5
    assert all(later - earlier == 4.5 for earlier, later in pairwise(tops))
