"""Document in, PDF out: the same bytes for the same document, on every machine.

Decides the order of work: refuse what cannot be printed, break lines, share out pages,
draw, write one archival file (``pdf_pages``, ``pdfa``). Reads no clock and no setting but
the folder of the fonts. The time in the metadata is ``created_utc``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from pdfgen import house_style as style
from pdfgen.cover import draw_cover
from pdfgen.diagram_block import diagram_strips
from pdfgen.document import (
    Block,
    Clause,
    Diagram,
    Document,
    FieldTable,
    GridTable,
    Heading,
    MarkedParagraph,
    PageBreak,
    Paragraph,
    PartyBlock,
    RenderedDocument,
)
from pdfgen.glyphs import require_glyphs
from pdfgen.ink import Ink
from pdfgen.page_frame import PageFrame
from pdfgen.party_block import party_strip
from pdfgen.pdf_pages import finish_pdf
from pdfgen.pdfa import ArchivalFacts
from pdfgen.strips import PlacedStrip, Strip, paginate
from pdfgen.tables import field_strips, grid_strips
from pdfgen.text_blocks import clause_strips, heading_strips, marked_strips, paragraph_strips

__all__ = ["render"]


def render(document: Document) -> RenderedDocument:
    """Typeset a document.

    Raises:
        MissingGlyphError: A character has no glyph; names each.
        FontUnreadableError: A bundled font is missing or broken.
    """
    require_glyphs(_texts(document))
    owners: dict[int, int] = {}
    strips = list(_strips(document.blocks, owners))
    bodies = [page for page in paginate(strips, style.BODY_HEIGHT) if page]
    ink = Ink()
    covers = 1 if document.cover else 0
    frame = PageFrame(document, covers + len(bodies))
    if covers:
        draw_cover(ink, document)
        frame.draw(ink)
    for number, body in enumerate(bodies, covers):
        if number:
            ink.next_page()
        _draw_body(ink, body)
        frame.draw(ink)
    pdf = finish_pdf(ink, width=style.PAGE_WIDTH, height=style.PAGE_HEIGHT, facts=_facts(document))
    began = _first_pages(bodies, owners, first=covers + 1)
    return RenderedDocument(
        pdf=pdf,
        pages=covers + len(bodies),
        slots=tuple(ink.slots),
        block_pages=tuple(began.get(index, 0) for index in range(len(document.blocks))),
    )


def _strips(blocks: Iterable[Block], owners: dict[int, int]) -> Iterator[Strip]:
    """Strips of all blocks in order; ``owners`` notes by identity which block a strip is of."""
    breaking = False
    for index, block in enumerate(blocks):
        if isinstance(block, PageBreak):
            breaking = True
            continue
        for strip in _block_strips(block):
            whole = replace(strip, page_break=True) if breaking else strip
            owners[id(whole)] = index
            yield whole
            breaking = False


def _first_pages(bodies: list[list[PlacedStrip]], owners: Mapping[int, int], *, first: int) -> dict[int, int]:
    """Page of each block's first strip; the body begins on page ``first``."""
    began: dict[int, int] = {}
    for page, body in enumerate(bodies, first):
        for placed in body:
            owner = owners.get(id(placed.strip))
            if owner is not None:
                began.setdefault(owner, page)
    return began


def _block_strips(block: Block) -> Iterator[Strip]:
    match block:
        case Heading():
            yield from heading_strips(block)
        case Paragraph():
            yield from paragraph_strips(block)
        case MarkedParagraph():
            yield from marked_strips(block)
        case Clause():
            yield from clause_strips(block)
        case FieldTable():
            yield from field_strips(block)
        case GridTable():
            yield from grid_strips(block)
        case Diagram():
            yield from diagram_strips(block)
        case PartyBlock():
            yield party_strip(block)
        case PageBreak():
            return
        case _:
            assert_never(block)


def _draw_body(ink: Ink, body: list[PlacedStrip]) -> None:
    for placed in body:
        placed.strip.draw(ink, style.LEFT, style.TOP - placed.depth)


def _facts(document: Document) -> ArchivalFacts:
    return ArchivalFacts(
        title=document.title,
        subject=document.number,
        created_utc=document.created_utc,
        attachments=tuple(document.attachments),
    )


def _texts(document: Document) -> Iterator[str]:
    """Every string that will be printed."""
    yield from (document.title, document.number, document.subtitle, document.footnote, document.mark)
    yield style.NOTHING
    for label, value in document.cover:
        yield from (label, value)
    for block in document.blocks:
        yield from block.texts()
