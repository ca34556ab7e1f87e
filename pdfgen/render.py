"""Document in, PDF out: the same bytes for the same document, on every machine.

Decides the order of work: refuse what cannot be printed, break lines, share out pages,
draw, then make the file an archival one (``pdfa``). Reads no clock and no setting but
the folder of the fonts. The time in the metadata is ``created_utc``.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from pdfgen import house_style as style
from pdfgen.cover import draw_cover
from pdfgen.document import (
    Block,
    Clause,
    Document,
    FieldTable,
    GridTable,
    Heading,
    PageBreak,
    Paragraph,
    PartyBlock,
    RenderedDocument,
)
from pdfgen.fonts import require_glyphs
from pdfgen.ink import Ink, ink_on
from pdfgen.page_frame import PageFrame
from pdfgen.party_block import party_strip
from pdfgen.pdfa import ArchivalFacts, make_archival
from pdfgen.strips import PlacedStrip, Strip, paginate
from pdfgen.tables import field_strips, grid_strips
from pdfgen.text_blocks import clause_strips, heading_strips, paragraph_strips

__all__ = ["render"]


def render(document: Document) -> RenderedDocument:
    """Typeset a document.

    Raises:
        MissingGlyphError: A character has no glyph; names each.
        FontUnreadableError: A bundled font is missing or broken.
    """
    require_glyphs(_texts(document))
    pages = paginate(_strips(document.blocks), style.BODY_HEIGHT)
    bodies = [page for page in pages if page]
    drawn = io.BytesIO()
    with ink_on(drawn, width=style.PAGE_WIDTH, height=style.PAGE_HEIGHT) as ink:
        frame = PageFrame(document, 1 + len(bodies))
        draw_cover(ink, document)
        frame.draw(ink)
        for body in bodies:
            ink.next_page()
            _draw_body(ink, body)
            frame.draw(ink)
    pdf = make_archival(drawn.getvalue(), _facts(document))
    return RenderedDocument(pdf=pdf, pages=1 + len(bodies), slots=tuple(ink.slots))


def _strips(blocks: Iterable[Block]) -> Iterator[Strip]:
    breaking = False
    for block in blocks:
        if isinstance(block, PageBreak):
            breaking = True
            continue
        for strip in _block_strips(block):
            yield replace(strip, page_break=True) if breaking else strip
            breaking = False


def _block_strips(block: Block) -> Iterator[Strip]:
    match block:
        case Heading():
            yield from heading_strips(block)
        case Paragraph():
            yield from paragraph_strips(block)
        case Clause():
            yield from clause_strips(block)
        case FieldTable():
            yield from field_strips(block)
        case GridTable():
            yield from grid_strips(block)
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
        yield from _block_texts(block)


def _block_texts(block: Block) -> Iterator[str]:
    match block:
        case Heading() | Paragraph():
            yield block.text
        case Clause():
            yield from (block.number, block.title, block.text)
        case FieldTable():
            yield block.title
            for row in block.rows:
                yield from row
        case GridTable():
            yield from (block.title, *block.header)
            for cells in block.rows:
                yield from cells
        case PartyBlock():
            yield block.role
            for fact in block.facts:
                yield from fact
            yield from (slot.label for slot in block.slots)
        case PageBreak():
            return
        case _:
            assert_never(block)
