"""Where a line of Chinese may end: 避头尾, whole words, squeezed marks, even edges.

Decides the lines of every paragraph and cell; knows no page and draws nothing.

Rules (GB/T 15834-2011 §5.1; W3C *Requirements for Chinese Text Layout* §3.1):

1. No closing mark, pause mark, dash or 々 starts a line; no opening mark ends one.
2. A Latin word, a number, an ellipsis or a dash is never cut, nor a number parted from a short
   unit; a date stays in one piece where the line can hold it.
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

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from pdfgen.fonts import advances

__all__ = ["NO_END", "NO_START", "Line", "Run", "Span", "break_lines"]

NO_START: Final = frozenset("、。，．：；！？％‰℃°）〕】〗〉》」』｝］”’…—～·々〻ー｜,.:;!?%)]}")
NO_END: Final = frozenset("（〔【〖〈《「『｛［“‘￥＄＃([{")
_CLOSING: Final = frozenset("、。，．：；）〕】〗〉》」』｝］”’")
_OPENING: Final = frozenset("（〔【〖〈《「『｛［“‘")
_UNITS: Final = frozenset("元角分年月日时秒条款项页次个台份千万亿层户号度倍期级")
_DATE_PARTS: Final = frozenset("年月")
_STANDARDS: Final = frozenset({"GB", "GB/T", "DL", "DL/T", "Q/GDW", "ISO", "RFC"})
_GROUP_OF_THREE: Final = re.compile(r"\d{3}(?!\d)")
_ATOM: Final = re.compile(r"[ \u00A0]+|[!-~\u00A1-\u024F\u0370-\u03FF]+|—+|…+|.", re.DOTALL)
_LATIN_GAP: Final = 0.15
_NO_START, _NO_END, _CLOSES, _OPENS, _HAN, _LATIN, _BLANK, _SPACE = (1 << bit for bit in range(8))
_GREATEST_STRETCH: Final = 0.32
_PARAGRAPHS_KEPT: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Text in one face; ``mark`` is handed on to the runs, such as ``added``."""

    text: str
    face: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters drawn in one stroke: offset from the line's left edge, extra space after each; points."""

    x: float
    text: str
    face: str
    char_space: float
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """One line: its runs and its natural width in points, edge blanks squeezed; known by identity."""

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
    in_date: bool = False
    mark: str = ""


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
    return _lines(tuple(spans), size, measure, indent, justify, os.environ.get("CONTRACTS_CHAIN_FONTS"))


@lru_cache(maxsize=_PARAGRAPHS_KEPT)
def _lines(
    spans: tuple[Span, ...],
    size: float,
    measure: float,
    indent: float,
    justify: bool,
    _folder: str | None,
) -> tuple[Line, ...]:
    """Break text once: contracts of one template share most of their paragraphs."""
    atoms = list(_atoms(spans))
    _set_joints(atoms)
    parts = list(_fill(_clusters(atoms, measure / size, indent / size), measure / size, indent / size))
    if len(parts) > 1:
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
            yield _Atom(text, span.face, width, mark=span.mark)


def _set_joints(atoms: Sequence[_Atom]) -> None:
    """Note for each atom the gap to its predecessor and whether no line may end between them."""
    kinds, seen = _KINDS, 0
    for before, after in pairwise(atoms):
        last, first = kinds[before.text[-1]], kinds[after.text[0]]
        if last == first == _HAN:  # nine joints of ten
            seen = _HAN
            after.joined = before.text == "第" and _number_and_unit(before, after)
            continue
        seen = seen if last & _SPACE else last
        after.joined = bool(first & (_NO_START | _BLANK) or seen & _NO_END or _number_and_unit(before, after))
        if (last & _CLOSES and first & (_CLOSES | _OPENS)) or (last & first & _OPENS):
            after.gap = -0.5
        elif (last & _HAN and first & _LATIN) or (last & _LATIN and first & _HAN):
            after.gap = _LATIN_GAP
    for before, between, after in zip(atoms, atoms[1:], atoms[2:], strict=False):
        if between.text == " ":
            after.joined = after.joined or _one_expression(before.text, after.text)
        elif between.text in _DATE_PARTS and after.text.isdigit() and before.text.isdigit():
            after.in_date = not after.joined


def _number_and_unit(before: _Atom, after: _Atom) -> bool:
    if before.text == "第":
        return after.text[0].isdigit()
    return before.text[0].isdigit() and after.text in _UNITS


def _one_expression(before: str, after: str) -> bool:
    """A figure with its unit or its next group of three, a standard with its number."""
    if before in _STANDARDS:
        return after[0].isdigit()
    if not before[-1].isdigit():
        return False
    return _GROUP_OF_THREE.match(after) is not None or (
        after.isascii() and after.isalpha() and len(after) <= 4
    )


class _Kinds(dict[str, int]):
    """What a character is at a joint, as bits; worked out at its first use."""

    def __missing__(self, char: str) -> int:
        facts = (
            (_NO_START, char in NO_START),
            (_NO_END, char in NO_END),
            (_CLOSES, char in _CLOSING),
            (_OPENS, char in _OPENING),
            (_HAN, "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char >= "\U00020000"),
            (_LATIN, char.isalnum() and char < "\u0400"),
            (_BLANK, char in " \u00a0"),
            (_SPACE, char.isspace()),
        )
        self[char] = kind = sum(bit for bit, holds in facts if holds)
        return kind


_KINDS: Final = _Kinds()


def _clusters(atoms: Sequence[_Atom], measure: float, indent: float) -> Iterator[list[_Atom]]:
    """Group atoms that stay together; cut a group that its line could not hold (rule 5).

    The first group stands on the first line, whose room the indent takes from.
    """
    group: list[_Atom] = []
    room = measure - indent
    for atom in atoms:
        if group and not (atom.joined or atom.in_date):
            if len(group) == 1 and group[0].width <= room:
                yield group
            else:
                yield from _cut(group, room)
            group, room = [], measure
        group.append(atom)
    if group:
        yield from _cut(group, room)


def _cut(group: list[_Atom], measure: float) -> Iterator[list[_Atom]]:
    if _width(group) <= measure:
        yield group
        return
    parts = [index for index, atom in enumerate(group) if index and atom.in_date]
    if parts:
        for start, end in pairwise([0, *parts, len(group)]):
            yield from _cut(group[start:end], measure)
        return
    pieces: list[list[_Atom]] = []
    for atom in group:
        widths = advances(atom.face)
        for index, char in enumerate(atom.text):
            single = _Atom(char, atom.face, widths[char], 0.0 if index else atom.gap, mark=atom.mark)
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
        first = group[0]
        full = first.gap + first.width if len(group) == 1 else sum(atom.gap + atom.width for atom in group)
        if line and used + full > room + 1e-9 and used + full - _edge_blank(group) > room + 1e-9:
            yield line
            line, used, room = [], 0.0, measure
            full -= first.gap
            full -= 0.5 if first.text in _OPENING else 0.0
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
    face, mark = atoms[0].face, atoms[0].mark
    for index, atom in enumerate(atoms):
        gap = atom.gap * size if index else 0.0
        one_by_one = stretch if len(atom.text) == 1 else 0.0
        if text and (
            gap or atom.face != face or one_by_one != spaced or spaced != stretch or atom.mark != mark
        ):
            yield Run(run_x, text, face, spaced, mark)
            text = ""
        x += gap
        if not text:
            run_x, face, spaced, mark = x, atom.face, one_by_one, atom.mark
        text += atom.text
        x += atom.width * size + stretch
    yield Run(run_x, text, face, spaced, mark)
