"""Where a line of Chinese may end: 避头尾, whole words, squeezed marks, even edges.

Decides the lines of every paragraph and cell; knows no page and draws nothing.

Rules (GB/T 15834-2011 §5.1; W3C *Requirements for Chinese Text Layout* §3.1):

1. No closing mark, pause mark, dash or 々 starts a line; no opening mark ends one.
2. A Latin word or a number is never cut, nor parted from a short unit.
3. Where two marks meet, the blank half of one goes; so does the blank half of a closing
   mark at the end and of an opening mark at the start of a line.
4. Lines are filled to both edges by stretching between characters, never inside a word;
   a line that would need too much stretching stays ragged.
5. A word longer than the line (a hash) is cut where rule 1 allows it.
6. In a column of text no single character is left for the last line.

Invariants: joined, the lines hold every character but the blanks at their ends; no line
is wider than its measure; rule 1 yields only to a run of marks that no line could hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pdfgen.fonts import advances

__all__ = ["NO_END", "NO_START", "Line", "Run", "Span", "break_lines"]

NO_START: Final = frozenset("、。，．：；！？％‰℃°）〕】〗〉》」』｝］”’…—～·々〻ー｜,.:;!?%)]}")
NO_END: Final = frozenset("（〔【〖〈《「『｛［“‘￥＄＃([{")
_CLOSING: Final = frozenset("、。，．：；）〕】〗〉》」』｝］”’")
_OPENING: Final = frozenset("（〔【〖〈《「『｛［“‘")
_UNITS: Final = frozenset("元角分年月日时秒条款项页次个台份千万亿层户号度倍期")
_STANDARDS: Final = frozenset({"GB", "GB/T", "DL", "DL/T", "Q/GDW", "ISO", "RFC"})
_GROUP_OF_THREE: Final = re.compile(r"\d{3}(?!\d)")
_ATOM: Final = re.compile(r"[ \u00A0]+|[!-~\u00A1-\u024F\u0370-\u03FF]+|—+|…+|.", re.DOTALL)
_LATIN_GAP: Final = 0.15
_GREATEST_STRETCH: Final = 0.32


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Text in one face."""

    text: str
    face: str


@dataclass(frozen=True, slots=True)
class Run:
    """Characters drawn in one stroke: offset from the line's left edge, extra space after each; points."""

    x: float
    text: str
    face: str
    char_space: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its runs and its natural width in points, edge blanks squeezed."""

    runs: tuple[Run, ...]
    width: float

    @property
    def text(self) -> str:
        """The characters of the line in order."""
        return "".join(run.text for run in self.runs)


@dataclass(slots=True)
class _Atom:
    """What is never cut: one Chinese character, one word, one stretch of blanks; widths in em."""

    text: str
    face: str
    width: float
    gap: float = 0.0
    joined: bool = False


def break_lines(
    spans: Sequence[Span], *, size: float, measure: float, indent: float = 0.0, justify: bool = True
) -> tuple[Line, ...]:
    """Break text into lines.

    Args:
        spans: The text; a newline has no meaning here, split paragraphs before.
        size: Font size in points.
        measure: Width of the column in points.
        indent: Indent of the first line in points.
        justify: Fill every line but the last to the full measure.
    """
    atoms = list(_atoms(spans))
    _set_joints(atoms)
    parts = list(_fill(_clusters(atoms, measure / size), measure / size, indent / size))
    if justify and len(parts) > 1:
        _relieve_last(parts[-2], parts[-1])
    lines: list[Line] = []
    for part in parts:
        inset = 0.0 if lines else indent
        fill = justify and len(lines) + 1 < len(parts)
        lines.append(_set_line(part, size=size, room=measure - inset, indent=inset, fill=fill))
    return tuple(lines)


def _atoms(spans: Sequence[Span]) -> Iterator[_Atom]:
    for span in spans:
        widths = advances(span.face)
        for match in _ATOM.finditer(span.text):
            text = match.group()
            width = widths[text] if len(text) == 1 else sum(widths[char] for char in text)
            yield _Atom(text, span.face, width)


def _set_joints(atoms: Sequence[_Atom]) -> None:
    """Note for each atom the gap to its predecessor and whether no line may end between them."""
    seen = ""
    for before, after in pairwise(atoms):
        last, first = before.text[-1], after.text[0]
        seen = seen if last.isspace() else last
        after.joined = (
            first in NO_START or seen in NO_END or first in " \u00a0" or _number_and_unit(before, after)
        )
        if (last in _CLOSING and (first in _CLOSING or first in _OPENING)) or (
            last in _OPENING and first in _OPENING
        ):
            after.gap = -0.5
        elif (_is_han(last) and _is_latin(first)) or (_is_latin(last) and _is_han(first)):
            after.gap = _LATIN_GAP
    for before, blank, after in zip(atoms, atoms[1:], atoms[2:], strict=False):
        if blank.text == " " and _one_expression(before.text, after.text):
            after.joined = True


def _number_and_unit(before: _Atom, after: _Atom) -> bool:
    if before.text == "第":
        return after.text[0].isdigit()
    return before.text[-1].isdigit() and after.text in _UNITS


def _one_expression(before: str, after: str) -> bool:
    """A figure with its unit or its next group of three, a standard with its number."""
    if before in _STANDARDS:
        return after[0].isdigit()
    if not before[-1].isdigit():
        return False
    return _GROUP_OF_THREE.match(after) is not None or (
        after.isascii() and after.isalpha() and len(after) <= 4
    )


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char >= "\U00020000"


def _is_latin(char: str) -> bool:
    return char.isalnum() and char < "\u0400"


def _clusters(atoms: Sequence[_Atom], measure: float) -> Iterator[list[_Atom]]:
    """Group atoms that stay together; cut a group that no line could hold (rule 5)."""
    group: list[_Atom] = []
    for atom in atoms:
        if group and not atom.joined:
            yield from _cut(group, measure)
            group = []
        group.append(atom)
    if group:
        yield from _cut(group, measure)


def _cut(group: list[_Atom], measure: float) -> Iterator[list[_Atom]]:
    if _width(group) <= measure:
        yield group
        return
    pieces: list[list[_Atom]] = []
    for atom in group:
        widths = advances(atom.face)
        for index, char in enumerate(atom.text):
            single = _Atom(char, atom.face, widths[char], 0.0 if index else atom.gap)
            stays = pieces and (char in NO_START or char == " " or pieces[-1][-1].text in NO_END)
            if stays and _width([*pieces[-1], single]) <= measure:
                pieces[-1].append(single)
            else:
                pieces.append([single])
    yield from pieces


def _fill(groups: Iterator[list[_Atom]], measure: float, indent: float) -> Iterator[list[_Atom]]:
    """Put as many groups on each line as its measure holds."""
    line: list[_Atom] = []
    used, room = 0.0, measure - indent
    for group in groups:
        full = sum(atom.gap + atom.width for atom in group)
        if line and used + full - _edge_blank(group) > room + 1e-9:
            yield line
            line, used, room = [], 0.0, measure
            full -= group[0].gap
            full -= 0.5 if group[0].text in _OPENING else 0.0
        line += group
        used += full
    if line:
        yield line


def _relieve_last(before: list[_Atom], last: list[_Atom]) -> None:
    """Fetch a companion for a character that would stand alone on the last line (rule 6)."""
    if sum(atom.text not in NO_START for atom in last) > 1 or len(last[0].text) > 1:
        return
    breaks = [index for index in range(1, len(before)) if not before[index].joined]
    if breaks and len(before) - breaks[-1] <= 4 and not last[0].joined:
        last[:0] = before[breaks[-1] :]
        del before[breaks[-1] :]


def _edge_blank(group: Sequence[_Atom]) -> float:
    """Blank in em that vanishes where this group ends a line (rule 3)."""
    blank = 0.0
    for atom in reversed(group):
        if not atom.text.isspace():
            return blank + (0.5 if atom.text in _CLOSING else 0.0)
        blank += atom.width + atom.gap
    return blank


def _width(group: Sequence[_Atom]) -> float:
    return sum(atom.width + atom.gap for atom in group) - group[0].gap - _edge_blank(group)


def _set_line(atoms: list[_Atom], *, size: float, room: float, indent: float, fill: bool) -> Line:
    """Give each atom its place; blanks at the end go, an opening mark moves into the margin."""
    while len(atoms) > 1 and atoms[-1].text.isspace():
        atoms.pop()
    hang = 0.5 * size if not indent and atoms[0].text in _OPENING else 0.0
    natural = _width(atoms) * size - hang
    stretch = 0.0
    if fill and len(atoms) > 1:
        stretch = (room - natural) / (len(atoms) - 1)
        stretch = stretch if stretch <= _GREATEST_STRETCH * size else 0.0
    return Line(runs=tuple(_runs(atoms, size, indent - hang, stretch)), width=natural)


def _runs(atoms: Sequence[_Atom], size: float, start: float, stretch: float) -> Iterator[Run]:
    """Join neighbours that need no step of their own into one stroke."""
    x, run_x, text, spaced = start, start, "", stretch
    face = atoms[0].face
    for index, atom in enumerate(atoms):
        gap = atom.gap * size if index else 0.0
        one_by_one = stretch if len(atom.text) == 1 else 0.0
        if text and (gap or atom.face != face or one_by_one != spaced or spaced != stretch):
            yield Run(run_x, text, face, spaced)
            text = ""
        x += gap
        if not text:
            run_x, face, spaced = x, atom.face, one_by_one
        text += atom.text
        x += atom.width * size + stretch
    yield Run(run_x, text, face, spaced)
