"""Headings, paragraphs and clauses as strips, one strip a line.

Conspicuous clauses stand bold on a tint with a rule at their left, because their being
noticed decides whether they bind (民法典 art. 496). No line of a paragraph of two or
three lines stands alone at the foot or the head of a page; no heading ends a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdfgen import house_style as style
from pdfgen.document import Clause, Heading, MarkedParagraph, Paragraph
from pdfgen.fonts import SANS_BOLD, SERIF, SERIF_BOLD
from pdfgen.ink import Colour, Ink, text_width
from pdfgen.kinsoku import Line, Span, break_lines
from pdfgen.strips import Strip

__all__ = ["clause_strips", "heading_strips", "marked_strips", "paragraph_strips", "text_strips"]

_TINT_INSET = 8.0
_SEAM = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class _TextLine:
    """Draws one line, with tint and rule if it is conspicuous."""

    line: Line
    size: float
    leading: float
    x: float = 0.0
    colour: Colour = style.INK
    tinted: bool = False
    bookmark: tuple[str, int] | None = None

    def draw(self, ink: Ink, left: float, top: float) -> None:
        if self.tinted:
            ink.tint(left, top - self.leading, style.COLUMN, self.leading + _SEAM, style.KEY_TINT)
            ink.tint(left, top - self.leading, 2.0, self.leading + _SEAM, style.KEY_RULE)
        if self.bookmark is not None:
            ink.bookmark(*self.bookmark, top=top + 10.0)
        baseline = top - (self.leading + self.size * 0.76) / 2
        ink.line_of_text(self.line, left + self.x, baseline, size=self.size, colour=self.colour)


@dataclass(frozen=True, slots=True, kw_only=True)
class _MarkedLine:
    """Draws one line of a comparison; the marks are as clear in grey as in colour."""

    line: Line

    def draw(self, ink: Ink, left: float, top: float) -> None:
        y = top - (style.BODY_LEADING + style.BODY_SIZE * 0.76) / 2
        for run in self.line.runs:
            colour = style.INK_2 if run.mark == "removed" else style.INK
            x = left + run.x
            ink.text(
                x, y, run.text, face=run.face, size=style.BODY_SIZE, colour=colour, char_space=run.char_space
            )
            end = x + text_width(run.text, run.face, style.BODY_SIZE)
            x, end = max(x, left), min(end, left + style.COLUMN)  # the blank half of a mark hangs out
            heights = {"added": (-1.8, -3.2), "removed": (3.4,)}.get(run.mark, ())
            for height in heights:
                ink.rule(x, y + height, end, y + height, width=0.6, colour=colour)


def heading_strips(heading: Heading) -> Iterator[Strip]:
    """Level 1 centred, level 2 at the left; both sans bold and kept with what follows."""
    size = style.CHAPTER_SIZE if heading.level == 1 else style.SECTION_SIZE
    leading = size * 1.5
    lines = break_lines(
        [Span(text=heading.text, face=SANS_BOLD)], size=size, measure=style.COLUMN, justify=False
    )
    for index, line in enumerate(lines):
        x = (style.COLUMN - line.width) / 2 if heading.level == 1 else 0.0
        bookmark = None if index else (heading.text, heading.level - 1)
        text = _TextLine(line=line, size=size, leading=leading, x=x, bookmark=bookmark)
        before = 0.0 if index else (20.0 if heading.level == 1 else 12.0)
        after = 6.0 if index == len(lines) - 1 else 0.0
        yield Strip(height=leading + after, draw=text.draw, space_before=before, keeps_next=True)


def paragraph_strips(paragraph: Paragraph) -> Iterator[Strip]:
    """Running text with an indent of two characters; notes smaller and without."""
    if paragraph.place == "right":
        yield from _closing_strips(paragraph)
        return
    for part in _paragraphs(paragraph.text):
        if paragraph.place == "left":
            yield from text_strips([Span(text=part, face=SERIF)], indent=0.0, before=6.0)
        elif paragraph.note:
            yield from text_strips(
                [Span(text=part, face=SERIF)],
                size=style.NOTE_SIZE,
                leading=style.NOTE_LEADING,
                indent=0.0,
                colour=style.INK_2,
            )
        else:
            yield from text_strips([Span(text=part, face=SERIF)])


def _closing_strips(paragraph: Paragraph) -> Iterator[Strip]:
    """Lines at the right edge, two characters in, as a letter ends; they stay on one page."""
    inset, size = 2 * style.BODY_SIZE, style.BODY_SIZE
    lines = [
        line
        for part in _paragraphs(paragraph.text)
        for line in break_lines(
            [Span(text=part, face=SERIF)], size=size, measure=style.COLUMN - inset, justify=False
        )
    ]
    for index, line in enumerate(lines):
        x = style.COLUMN - inset - line.width
        text = _TextLine(line=line, size=size, leading=style.BODY_LEADING, x=x)
        yield Strip(
            height=style.BODY_LEADING,
            draw=text.draw,
            space_before=0.0 if index else 14.0,
            keeps_next=index < len(lines) - 1,
        )


def marked_strips(paragraph: MarkedParagraph) -> Iterator[Strip]:
    """A paragraph of a comparison, in lines whose marks are drawn with the text."""
    spans = [
        Span(text=piece.text.replace("\n", "\u3000"), face=SERIF, mark=piece.mark)
        for piece in paragraph.pieces
    ]
    lines = break_lines(spans, size=style.BODY_SIZE, measure=style.COLUMN, justify=False)
    for index, line in enumerate(lines):
        kept = _keeps_next(index, len(lines))
        yield Strip(height=style.BODY_LEADING, draw=_MarkedLine(line=line).draw, keeps_next=kept)


def clause_strips(clause: Clause) -> Iterator[Strip]:
    """Number and title bold; the title of a 条 on a line of its own, that of a 款 run in."""
    key = clause.conspicuous
    parts = _paragraphs(clause.text)
    strips: list[Strip] = []
    if clause.title and clause.number.startswith("第"):
        heading = [Span(text=f"{clause.number}\u3000{clause.title}", face=SANS_BOLD)]
        title = list(text_strips(heading, indent=0.0, tinted=key, before=7.0 if key else 6.0))
        strips += [_keeping_next(strip) for strip in title]
        spans = [[Span(text=part, face=SERIF_BOLD if key else SERIF)] for part in parts]
    else:
        label = f"{clause.number}\u3000" + (f"{clause.title}\u3000" if clause.title else "")
        spans = [[Span(text=part, face=SERIF_BOLD if key else SERIF)] for part in parts]
        spans[0].insert(0, Span(text=label, face=SANS_BOLD))
    for index, span in enumerate(spans):
        first = index == 0 and not strips
        strips += text_strips(span, tinted=key, before=2.0 if first else 0.0)
    yield from _padded(strips) if key else strips


def text_strips(
    spans: Sequence[Span],
    *,
    size: float = style.BODY_SIZE,
    leading: float = style.BODY_LEADING,
    indent: float = 2 * style.BODY_SIZE,
    colour: Colour = style.INK,
    tinted: bool = False,
    before: float = 0.0,
) -> Iterator[Strip]:
    """Break one paragraph and keep its first two and its last two lines together."""
    x = _TINT_INSET if tinted else 0.0
    lines = break_lines(spans, size=size, measure=style.COLUMN - 2 * x, indent=indent)
    for index, line in enumerate(lines):
        text = _TextLine(line=line, size=size, leading=leading, x=x, colour=colour, tinted=tinted)
        yield Strip(
            height=leading,
            draw=text.draw,
            space_before=0.0 if index else before,
            keeps_next=_keeps_next(index, len(lines)),
        )


def _keeps_next(index: int, lines: int) -> bool:
    """Whether a line stays with the next, so that a page break leaves two lines before and after it."""
    return lines > 1 and index in {0, lines - 2}


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n") if part.strip()] or [style.NOTHING]


def _keeping_next(strip: Strip) -> Strip:
    return Strip(height=strip.height, draw=strip.draw, space_before=strip.space_before, keeps_next=True)


def _padded(strips: Sequence[Strip]) -> Iterator[Strip]:
    """Give a tinted clause air above its first and below its last line."""
    edge = Strip(height=4.0, draw=_draw_edge, space_before=6.0, keeps_next=True)
    yield edge
    first, *rest = strips
    whole = [Strip(height=first.height, draw=first.draw, keeps_next=first.keeps_next), *rest]
    yield from whole[:-1]
    yield _keeping_next(whole[-1])
    yield Strip(height=4.0, draw=_draw_edge)


def _draw_edge(ink: Ink, left: float, top: float) -> None:
    ink.tint(left, top - 4.0, style.COLUMN, 4.0 + _SEAM, style.KEY_TINT)
    ink.tint(left, top - 4.0, 2.0, 4.0 + _SEAM, style.KEY_RULE)
