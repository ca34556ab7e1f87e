"""The OFD rendering of an invoice (GB/T 33190-2016): one page, the XML original attached.

A rendering, never "the legal original": the bureau's own OFD files carry no signature
either. The archive is stored, not deflated, in fixed order with fixed times, so the same
invoice gives the same bytes on every machine.

Never signed in the bureau's name, and never with the 监制章.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from itertools import count
from typing import TypeAlias

from lxml import etree

from contracts_chain.invoicing.face import face_of
from contracts_chain.invoicing.invoice import Invoice
from contracts_chain.invoicing.ofd_page import KAI, MONO, SONG, FilledPath, OfdPage, PlacedText, page_of
from kernel.clock import BEIJING
from kernel.digests import sha256
from pdfgen.invoice_face import InvoiceFace

__all__ = ["write_ofd"]

_NAMESPACE = "http://www.ofdspec.org/2016"
_BOX = "0 0 210 140"
_FONTS = {SONG: 2, KAI: 3, MONO: 4}
_PAGE_ID, _LAYER_ID, _FIRST_OBJECT_ID = 1, 5, 6
_CREATOR = "contracts-chain"

Node: TypeAlias = "tuple[str, Mapping[str, str], str | Sequence[Node]]"


def write_ofd(invoice: Invoice, xml: bytes) -> bytes:
    """Write the package.

    Args:
        invoice: The numbered invoice.
        xml: Its original, exactly as notarised.
    """
    face = face_of(invoice, xml)
    page = page_of(face)
    day = invoice.issued_utc.astimezone(BEIJING)
    original = f"{invoice.number}.xml"
    last_id = _FIRST_OBJECT_ID + len(page.texts) + len(page.paths)
    return _archive(
        {
            "OFD.xml": _part(_root(face, sha256(xml).hex()[:32], f"{day:%Y-%m-%d}")),
            "Doc_0/Document.xml": _part(_document(last_id)),
            "Doc_0/PublicRes.xml": _part(_fonts()),
            "Doc_0/Pages/Page_0/Content.xml": _part(_content(page)),
            "Doc_0/Tags/CustomTags.xml": _part(_tag_list()),
            "Doc_0/Tags/CustomTag.xml": _part(_tags(page)),
            "Doc_0/Attachs/Attachments.xml": _part(_attachments(original, f"{day:%Y-%m-%dT%H:%M:%S}")),
            f"Doc_0/Attachs/{original}": xml,
        }
    )


def _root(face: InvoiceFace, document_id: str, day: str) -> Node:
    named = {
        "发票号码": face.number,
        "开票日期": face.issue_date,
        "合计金额": face.total_amount,
        "合计税额": face.total_tax,
        "购买方纳税人识别号": face.buyer_tax_id,
        "销售方纳税人识别号": face.seller_tax_id,
    }
    facts: list[Node] = [
        ("DocID", {}, document_id),
        ("Author", {}, _CREATOR),
        ("CreationDate", {}, day),
        ("Creator", {}, _CREATOR),
        ("CustomDatas", {}, [("CustomData", {"Name": name}, value) for name, value in named.items()]),
    ]
    body: list[Node] = [("DocInfo", {}, facts), ("DocRoot", {}, "Doc_0/Document.xml")]
    return ("OFD", {"Version": "1.0", "DocType": "OFD"}, [("DocBody", {}, body)])


def _document(last_id: int) -> Node:
    common: list[Node] = [
        ("MaxUnitID", {}, str(last_id)),
        ("PageArea", {}, [("PhysicalBox", {}, _BOX)]),
        ("PublicRes", {}, "PublicRes.xml"),
    ]
    page: Node = ("Page", {"ID": str(_PAGE_ID), "BaseLoc": "Pages/Page_0/Content.xml"}, "")
    return (
        "Document",
        {},
        [
            ("CommonData", {}, common),
            ("Pages", {}, [page]),
            ("CustomTags", {}, "Tags/CustomTags.xml"),
            ("Attachments", {}, "Attachs/Attachments.xml"),
        ],
    )


def _fonts() -> Node:
    fonts: list[Node] = [
        ("Font", {"ID": str(number), "FontName": name, "FamilyName": name}, "")
        for name, number in _FONTS.items()
    ]
    return ("Res", {"BaseLoc": "Res"}, [("Fonts", {}, fonts)])


def _content(page: OfdPage) -> Node:
    numbers = count(_FIRST_OBJECT_ID)
    objects = [_text_object(text, next(numbers)) for text in page.texts]
    objects += [_path_object(path, next(numbers)) for path in page.paths]
    area: Node = ("Area", {}, [("PhysicalBox", {}, _BOX)])
    return ("Page", {}, [area, ("Content", {}, [("Layer", {"ID": str(_LAYER_ID)}, objects)])])


def _text_object(text: PlacedText, number: int) -> Node:
    box = (text.x, text.y, text.width + 1, 1.3 * text.size)
    code = {"X": "0", "Y": _number(0.86 * text.size)}
    if len(text.text) > 1:
        code["DeltaX"] = " ".join(_number(advance) for advance in text.advances[:-1])
    return (
        "TextObject",
        {
            "ID": str(number),
            "Boundary": " ".join(map(_number, box)),
            "Font": str(_FONTS[text.font]),
            "Size": _number(text.size),
        },
        [("FillColor", {"Value": text.colour}, ""), ("TextCode", code, text.text)],
    )


def _path_object(path: FilledPath, number: int) -> Node:
    box = (path.x, path.y, path.width, path.height)
    paint = {"Stroke": "false", "Fill": "true"} if path.filled else {}
    colour = "FillColor" if path.filled else "StrokeColor"
    return (
        "PathObject",
        {"ID": str(number), "Boundary": " ".join(map(_number, box)), "LineWidth": "0.25", **paint},
        [(colour, {"Value": path.colour}, ""), ("AbbreviatedData", {}, path.path)],
    )


def _tag_list() -> Node:
    return ("CustomTags", {}, [("CustomTag", {"NameSpace": _NAMESPACE}, [("FileLoc", {}, "CustomTag.xml")])])


def _tags(page: OfdPage) -> Node:
    """Name the figures by their text objects; Buyer and Seller group two each."""
    flat: list[Node] = []
    groups: dict[str, list[Node]] = {}
    references: list[Node] = []
    for number, text in enumerate(page.texts, _FIRST_OBJECT_ID):
        if not text.tag:
            continue
        group, _, name = text.tag.rpartition("/")
        if group and group not in groups:
            flat.append((group, {}, groups.setdefault(group, [])))
        if not text.continues:
            references = []
            (groups[group] if group else flat).append((name, {}, references))
        references.append(("ObjectRef", {"PageRef": str(_PAGE_ID)}, str(number)))
    return ("root", {"version": "1.0"}, flat)


def _attachments(name: str, created: str) -> Node:
    facts = {"ID": "att1", "Name": name, "Format": "xml", "CreationDate": created, "Visible": "false"}
    return ("Attachments", {}, [("Attachment", facts, [("FileLoc", {}, name)])])


def _part(node: Node) -> bytes:
    return etree.tostring(_element(node), encoding="UTF-8", xml_declaration=True, standalone=True)


def _element(node: Node) -> etree._Element:
    name, attributes, content = node
    element = etree.Element(f"{{{_NAMESPACE}}}{name}", dict(attributes), nsmap={"ofd": _NAMESPACE})
    if isinstance(content, str):
        element.text = content or None
    else:
        element.extend([_element(child) for child in content])
    return element


def _archive(parts: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            package.writestr(entry, content)
    return written.getvalue()


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
