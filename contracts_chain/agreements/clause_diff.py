"""Two documents clause by clause: what was added, removed, changed or moved, and on which page.

Clauses are matched by their title, else by their wording, never by their number: inserting one
renumbers all that follow, which is no change of theirs. Tables are compared row by row, diagrams by
what they say. Must never call two texts equal that differ in one character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from contracts_chain.agreements.text_diff import Edit, Piece, likeness, pieces_between
from pdfgen.document import (
    Block,
    Clause,
    Diagram,
    Document,
    FieldTable,
    GridTable,
    Heading,
    PageBreak,
    Paragraph,
    PartyBlock,
)

__all__ = ["Change", "ChangeKind", "ClauseDiff", "Part", "clause_diff", "parts_of"]

_SAME_CLAUSE = 0.6
COVER = "封面"


class ChangeKind(Enum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"

    @property
    def zh(self) -> str:
        """As shown."""
        return {"added": "新增", "removed": "删除", "changed": "修改", "moved": "移动"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a document that is compared as one.

    Attributes:
        kind: ``clause``, ``table``, ``diagram``, ``party``, ``heading``, ``paragraph`` or ``cover``.
        number: ``第十二条``; empty where there is none.
        title: What it is known by.
        text: All it says; a table's rows are lines, its cells parted by ``｜``.
        block: Index of the block; -1 for the cover.
    """

    kind: str
    number: str
    title: str
    text: str
    block: int

    @property
    def label(self) -> str:
        """As it is called on a page."""
        return "　".join(word for word in (self.number, self.title) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        before: The part in the old document; ``None`` if it was added.
        after: The part in the new document; ``None`` if it was removed.
        pieces: The new text with what was removed in its place.
        page: Where it stands: in the new document, or in the old one if it was removed; 0 if unknown.
    """

    kind: ChangeKind
    before: Part | None
    after: Part | None
    pieces: tuple[Piece, ...]
    page: int = 0

    @property
    def label(self) -> str:
        """The part's name; both where it was renumbered."""
        if self.after is None:
            return "" if self.before is None else self.before.label
        if self.before is None or self.before.label == self.after.label:
            return self.after.label
        return f"{self.before.label} → {self.after.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDiff:
    """All differences, in the order of the new document."""

    changes: tuple[Change, ...]

    @property
    def pages(self) -> tuple[tuple[int, int], ...]:
        """(page, number of differences that begin there); removed parts count under page 0."""
        counted: dict[int, int] = {}
        for change in self.changes:
            page = 0 if change.after is None else change.page
            counted[page] = counted.get(page, 0) + 1
        return tuple(sorted(counted.items()))


def clause_diff(old: Document, new: Document, *, pages: Sequence[int] = ()) -> ClauseDiff:
    """Compare two documents.

    Args:
        old: The earlier text.
        new: The later text.
        pages: Page of every block of the new document (``RenderedDocument.block_pages``).
    """
    before, after = parts_of(old), parts_of(new)
    pairs = _matched(before, after)
    taken = {id(one) for one, _ in pairs}
    partner = {id(other): one for one, other in pairs}
    moved = _moved(pairs)
    changes: list[Change] = []
    for part in after:
        found = partner.get(id(part))
        change = _change(found, part, moved=id(part) in moved)
        if change is not None:
            changes.append(_placed(change, pages))
    for index, part in enumerate(before):
        if id(part) not in taken:
            pieces = (Piece(edit=Edit.REMOVED, text=part.text),)
            gone = Change(kind=ChangeKind.REMOVED, before=part, after=None, pieces=pieces)
            changes.insert(_place_of(before[:index], changes), gone)
    return ClauseDiff(changes=tuple(changes))


def parts_of(document: Document) -> tuple[Part, ...]:
    """A document as parts, in reading order."""
    cover = [document.title, document.subtitle, *(f"{label}｜{value}" for label, value in document.cover)]
    first = Part(kind="cover", number="", title=COVER, text="\n".join(cover), block=-1)
    return (first, *(part for index, block in enumerate(document.blocks) for part in _parts(block, index)))


def _parts(block: Block, index: int) -> Iterator[Part]:
    match block:
        case Heading():
            yield Part(kind="heading", number="", title=block.text, text=block.text, block=index)
        case Paragraph():
            yield Part(kind="paragraph", number="", title="", text=block.text, block=index)
        case Clause():
            mark = "【重点条款】" if block.conspicuous else ""
            yield Part(
                kind="clause", number=block.number, title=block.title, text=mark + block.text, block=index
            )
        case FieldTable():
            rows = "\n".join("｜".join(row) for row in block.rows)
            yield Part(kind="table", number="", title=block.title, text=rows, block=index)
        case GridTable():
            rows = "\n".join("｜".join(row) for row in (block.header, *block.rows))
            yield Part(kind="table", number="", title=block.title, text=rows, block=index)
        case Diagram():
            yield Part(kind="diagram", number="", title=block.title, text=block.description, block=index)
        case PartyBlock():
            rows = "\n".join("｜".join(fact) for fact in block.facts)
            slots = "\n".join(slot.label for slot in block.slots)
            yield Part(kind="party", number="", title=block.role, text=f"{rows}\n{slots}", block=index)
        case PageBreak():
            return


def _matched(before: Sequence[Part], after: Sequence[Part]) -> list[tuple[Part, Part]]:
    """Pairs of the same part: equal ones in order, then by title, then by wording."""
    matcher = SequenceMatcher(None, [_key(one) for one in before], [_key(one) for one in after], False)
    pairs = [
        (before[low + step], after[start + step])
        for low, start, size in matcher.get_matching_blocks()
        for step in range(size)
    ]
    for same in (_equal, _same_title, _similar):
        used = {id(one) for pair in pairs for one in pair}
        left = [one for one in before if id(one) not in used]
        for part in after:
            if id(part) in used:
                continue
            found = next((one for one in left if one.kind == part.kind and same(one, part)), None)
            if found is not None:
                pairs.append((found, part))
                left.remove(found)
    return pairs


def _key(part: Part) -> tuple[str, str, str]:
    return (part.kind, part.title, part.text)


def _equal(one: Part, other: Part) -> bool:
    return _key(one) == _key(other)


def _same_title(one: Part, other: Part) -> bool:
    return bool(one.title) and one.title == other.title


def _similar(one: Part, other: Part) -> bool:
    return likeness(one.text, other.text) >= _SAME_CLAUSE


def _moved(pairs: Sequence[tuple[Part, Part]]) -> set[int]:
    """Parts out of the longest order that both documents share."""
    ordered = sorted(pairs, key=lambda pair: pair[1].block)
    positions = [one.block for one, _ in ordered]
    longest: list[tuple[int, ...]] = []
    for index, position in enumerate(positions):
        fitting = [one for one in longest if positions[one[-1]] <= position]
        longest.append((*_longest(fitting), index))
    kept = set(_longest(longest))
    return {id(other) for index, (_, other) in enumerate(ordered) if index not in kept}


def _longest(chains: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return max(chains, key=len, default=())


def _change(before: Part | None, after: Part, *, moved: bool) -> Change | None:
    if before is None:
        added = (Piece(edit=Edit.ADDED, text=after.text),)
        return Change(kind=ChangeKind.ADDED, before=None, after=after, pieces=added)
    if _key(before) == _key(after):
        kept = (Piece(edit=Edit.KEPT, text=after.text),)
        return Change(kind=ChangeKind.MOVED, before=before, after=after, pieces=kept) if moved else None
    pieces = pieces_between(before.text, after.text)
    return Change(kind=ChangeKind.CHANGED, before=before, after=after, pieces=pieces)


def _placed(change: Change, pages: Sequence[int]) -> Change:
    if change.after is None or not pages:
        return change
    page = 1 if change.after.block < 0 else pages[change.after.block]
    return Change(kind=change.kind, before=change.before, after=change.after, pieces=change.pieces, page=page)


def _place_of(earlier: Sequence[Part], changes: Sequence[Change]) -> int:
    """Behind the last change of a part that stood before the removed one."""
    known = {id(part) for part in earlier}
    places = [
        index for index, one in enumerate(changes) if one.before is not None and id(one.before) in known
    ]
    return places[-1] + 1 if places else 0
