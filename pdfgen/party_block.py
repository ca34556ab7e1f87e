"""One party's part of the signature page: facts at the left, room for hand and seal.

Hands sign under the facts, seals stand at the right and lap over the end of the name
line, as paper contracts are sealed. The seal is line art: text under it stays readable.
A block is one strip, never broken over pages; the boxes drawn are the boxes returned.
"""

from __future__ import annotations

from typing import Final

from pdfgen import house_style as style
from pdfgen.document import PartyBlock, PartySlot, SlotPlacement
from pdfgen.fonts import SANS, SANS_BOLD, SERIF
from pdfgen.ink import MM, Ink
from pdfgen.kinsoku import Line, Span, break_lines
from pdfgen.seal import PERSON_SLOT_MM, SEAL_SLOT_MM
from pdfgen.strips import Strip

__all__ = ["party_strip"]

_SEAL: Final = SEAL_SLOT_MM * MM
_PERSON_WIDTH: Final = PERSON_SLOT_MM[0] * MM
_PERSON_HEIGHT: Final = PERSON_SLOT_MM[1] * MM
_BAR: Final = 22.0
_INSET: Final = 10.0
_LAP: Final = 16.0
_SEAL_LABEL: Final = 14.0
_SLOT_GAP: Final = 6.0
_FACT_LABEL: Final = 96.0
_PERSON_LABEL: Final = 126.0
_FACTS_WIDTH: Final = style.COLUMN - _SEAL - 2 * _INSET + _LAP - 12.0


def party_strip(block: PartyBlock) -> Strip:
    """Lay out one party; the slots are noted on the ink when it is drawn."""
    layout = _PartyLayout(block)
    head = _continued(block.continued) if block.continued else None
    return Strip(height=layout.height, draw=layout.draw, space_before=16.0, head=head)


def _continued(heading: str) -> Strip:
    """The heading above a block that begins a page; no entry in the outline."""
    line, *_ = break_lines(
        [Span(text=heading, face=SANS_BOLD)], size=style.CHAPTER_SIZE, measure=style.COLUMN, justify=False
    )
    x = (style.COLUMN - line.width) / 2

    def draw(ink: Ink, left: float, top: float) -> None:
        ink.line_of_text(line, left + x, top - 17.0, size=style.CHAPTER_SIZE, colour=style.INK)

    return Strip(height=1.5 * style.CHAPTER_SIZE + 12.0, draw=draw)


class _PartyLayout:
    """Lines of the facts and the heights that follow from them."""

    def __init__(self, block: PartyBlock) -> None:
        self.block = block
        self.persons = [slot for slot in block.slots if slot.kind == "person"]
        self.seals = [slot for slot in block.slots if slot.kind == "seal"]
        self.facts = [
            (label, _broken(value or style.NOTHING, _FACTS_WIDTH - _FACT_LABEL))
            for label, value in block.facts
        ]
        lines = sum(len(value) for _, value in self.facts)
        self.facts_height = lines * style.CELL_LEADING + 4.0 * len(self.facts)
        left = 8.0 + self.facts_height + len(self.persons) * (_PERSON_HEIGHT + _SLOT_GAP)
        right = len(self.seals) * (_SEAL + _SEAL_LABEL + 4.0)
        self.height = _BAR + max(left, right) + 10.0

    def draw(self, ink: Ink, left: float, top: float) -> None:
        """Draw frame, role, facts and slots; note where the slots landed."""
        ink.tint(left, top - _BAR, style.COLUMN, _BAR, style.PALE)
        ink.frame(left, top - self.height, style.COLUMN, self.height, line=0.5, colour=style.HAIRLINE)
        ink.text(left + _INSET, top - 15.0, self.block.role, face=SANS_BOLD, size=11.0, colour=style.INK)
        y = self._draw_facts(ink, left + _INSET, top - _BAR - 8.0)
        for slot in self.persons:
            y = _draw_person(ink, slot, left + _INSET, y)
        y = top - _BAR - 4.0
        for slot in self.seals:
            y = _draw_seal(ink, slot, left + style.COLUMN - _INSET - _SEAL, y)

    def _draw_facts(self, ink: Ink, x: float, y: float) -> float:
        for label, lines in self.facts:
            ink.text_within(
                x,
                y - 9.0,
                label,
                width=_FACT_LABEL - 5.0,
                face=SANS,
                size=style.CELL_SIZE,
                colour=style.INK_2,
            )
            for line in lines:
                ink.line_of_text(line, x + _FACT_LABEL, y - 9.0, size=10.0, colour=style.INK)
                y -= style.CELL_LEADING
            y -= 4.0
        return y


def _broken(text: str, measure: float) -> tuple[Line, ...]:
    return break_lines(
        [Span(text=text.replace("\n", " "), face=SERIF)], size=10.0, measure=measure, justify=False
    )


def _draw_person(ink: Ink, slot: PartySlot, x: float, y: float) -> float:
    """A label and a line to sign on; the field stands on the line."""
    box_left = x + _PERSON_LABEL + 4.0
    bottom = y - _PERSON_HEIGHT
    lines = break_lines(
        [Span(text=slot.label, face=SANS)], size=style.CELL_SIZE, measure=_PERSON_LABEL, justify=False
    )
    for index, line in enumerate(reversed(lines)):
        ink.line_of_text(line, x, bottom + 4.0 + 12.0 * index, size=style.CELL_SIZE, colour=style.INK_2)
    ink.rule(box_left, bottom, box_left + _PERSON_WIDTH, bottom, width=0.5, colour=style.INK_2)
    box = (box_left, bottom, box_left + _PERSON_WIDTH, y)
    ink.slots.append(SlotPlacement(name=slot.name, kind=slot.kind, page=ink.page, box=_rounded(box)))
    return bottom - _SLOT_GAP


def _draw_seal(ink: Ink, slot: PartySlot, x: float, y: float) -> float:
    """Room for the seal with its label beneath."""
    bottom = y - _SEAL
    box = (x, bottom, x + _SEAL, y)
    ink.slots.append(SlotPlacement(name=slot.name, kind=slot.kind, page=ink.page, box=_rounded(box)))
    ink.centred(x + _SEAL / 2, bottom - 10.0, slot.label, face=SANS, size=style.CELL_SIZE, colour=style.INK_2)
    return bottom - _SEAL_LABEL - 4.0


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return (round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2))
