"""From strokes to a file: pages, fonts, outline, and what an archival file must say of itself.

Everything is written in one pass, in an order that follows from the content. A drawing without
facts is a stamp for a signature field, not a document of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from pdfgen.font_subset import FontSubset
from pdfgen.fonts import font_of_resource
from pdfgen.ink import Ink, OutlineEntry
from pdfgen.pdf_file import PdfFile, Ref, name, text_string
from pdfgen.pdfa import ArchivalFacts, archival_entries, info_entries

__all__ = ["finish_pdf"]


def finish_pdf(ink: Ink, *, width: float, height: float, facts: ArchivalFacts | None = None) -> bytes:
    """Write all pages of this ink; the page being drawn is the last.

    Args:
        ink: What was drawn.
        width: Of every page, in points.
        height: Of every page, in points.
        facts: What the metadata say; ``None`` for a stamp.
    """
    ink.next_page()
    file = PdfFile()
    root, tree = file.reserve(), file.reserve()
    box = f"[0 0 {width:.4f} {height:.4f}]"
    fonts, forms = file.reserve(), {}
    for form, code in ink.forms.items():
        entries = f"/Type /XObject /Subtype /Form /BBox {box} /Resources << /Font {fonts} 0 R >>"
        forms[form] = file.add_stream(code, entries)
    pages = [_page(file, tree, fonts, forms, page.code, page.forms) for page in ink.pages]
    file.put(fonts, _fonts(file, ink.used))
    kids = " ".join(f"{page} 0 R" for page in pages)
    file.put(tree, f"<< /Type /Pages /MediaBox {box} /Count {len(pages)} /Kids [{kids}] >>")
    keys = ["/Type /Catalog", f"/Pages {tree} 0 R"]
    if ink.outline:
        keys.append(f"/Outlines {_outline(file, ink.outline, pages)} 0 R /PageMode /UseOutlines")
    if facts is None:
        file.put(root, f"<< {' '.join(keys)} >>")
        return file.finished(root=root)
    keys += archival_entries(file, facts)
    file.put(root, f"<< {' '.join(keys)} >>")
    return file.finished(root=root, info=file.add(f"<< {' '.join(info_entries(facts))} >>"))


def _page(
    file: PdfFile, tree: Ref, fonts: Ref, forms: Mapping[str, Ref], code: bytes, placed: tuple[str, ...]
) -> Ref:
    page, content = file.reserve(), file.add_stream(code)
    objects = " ".join(f"/{form} {forms[form]} 0 R" for form in placed)
    resources = f"<< /Font {fonts} 0 R" + (f" /XObject << {objects} >>" if placed else "") + " >>"
    file.put(page, f"<< /Type /Page /Parent {tree} 0 R /Resources {resources} /Contents {content} 0 R >>")
    return page


def _fonts(file: PdfFile, used: Mapping[str, set[str]]) -> str:
    """Embed every font with the characters drawn in it; the resource dictionary for all pages."""
    entries = [f"/{resource} {_font(file, resource, used[resource])} 0 R" for resource in sorted(used)]
    return f"<< {' '.join(entries)} >>"


def _font(file: PdfFile, resource: str, characters: set[str]) -> Ref:
    face = font_of_resource(resource).face
    subset = FontSubset(face, characters)
    called, program = name(subset.name), subset.program
    box = " ".join(f"{edge:g}" for edge in face.bbox)
    font_file = file.add_stream(program, f"/Length1 {len(program)}")
    descriptor = file.add(
        f"<< /Type /FontDescriptor /FontName {called} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 "
        f"/Ascent {face.ascent:g} /Descent {face.descent:g} /CapHeight {face.capHeight:g} "
        f"/StemV {face.stemV:g} /FontFile2 {font_file} 0 R >>"
    )
    glyphs = file.add_stream(subset.glyph_of_code)
    descendant = file.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont {called} /CIDSystemInfo << /Registry (Adobe) "
        f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R /DW 1000 "
        f"/W [{subset.widths}] /CIDToGIDMap {glyphs} 0 R >>"
    )
    unicode = file.add_stream(subset.to_unicode.encode("ascii"))
    return file.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont {called} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {unicode} 0 R >>"
    )


def _outline(file: PdfFile, entries: list[OutlineEntry], pages: list[Ref]) -> Ref:
    """The outline as linked lists of linked lists (ISO 32000-1 12.3.3), all open."""
    top = file.reserve()
    refs = [file.reserve() for _ in entries]
    parents: list[Ref] = []
    above: list[Ref] = [top]
    for entry, ref in zip(entries, refs, strict=True):
        del above[entry.level + 1 :]
        parents.append(above[-1])
        above.append(ref)
    children: dict[Ref, list[Ref]] = {}
    for ref, parent in zip(refs, parents, strict=True):
        children.setdefault(parent, []).append(ref)
    beside: dict[Ref, str] = {}
    for family in children.values():
        for one, other in pairwise(family):
            beside[one] = beside.get(one, "") + f" /Next {other} 0 R"
            beside[other] = beside.get(other, "") + f" /Prev {one} 0 R"
    for entry, ref, parent in zip(entries, refs, parents, strict=True):
        where = f"/Dest [{pages[entry.page - 1]} 0 R /XYZ 0 {entry.top:.2f} 0]"
        ends = _ends(children.get(ref, []), _below(ref, children))
        title = text_string(entry.title)
        file.put(ref, f"<< /Title {title} /Parent {parent} 0 R {where}{beside.get(ref, '')}{ends} >>")
    file.put(top, f"<< /Type /Outlines{_ends(children[top], len(entries))} >>")
    return top


def _ends(family: list[Ref], below: int) -> str:
    return f" /First {family[0]} 0 R /Last {family[-1]} 0 R /Count {below}" if family else ""


def _below(ref: Ref, children: Mapping[Ref, list[Ref]]) -> int:
    return sum(1 + _below(child, children) for child in children.get(ref, []))
