"""What differs between two texts, character by character in Chinese, word by word in figures.

Sentences are matched first, so that a long clause costs no more than what changed in it and an
inserted sentence is shown whole. Nothing is lost: kept and removed pieces make the old text, kept and
added pieces the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import Final

__all__ = ["Edit", "Piece", "likeness", "pieces_between"]

_SENTENCE: Final = re.compile(r"[^。；\n]*[。；\n]|[^。；\n]+")
_TOKEN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.,/%‰+\-]*[0-9A-Za-z%‰]|[0-9A-Za-z]|.", re.DOTALL)
_ALIKE: Final = 0.35


class Edit(Enum):
    """What became of a piece of text."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text with one fate."""

    edit: Edit
    text: str


def pieces_between(old: str, new: str) -> tuple[Piece, ...]:
    """The new text with what was removed from the old one in its place."""
    if old == new:
        return (Piece(edit=Edit.KEPT, text=new),) if new else ()
    return tuple(_joined(_by_sentence(_SENTENCE.findall(old), _SENTENCE.findall(new))))


def likeness(old: str, new: str) -> float:
    """From 0, nothing in common, to 1, equal."""
    if old == new:
        return 1.0
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    matched = sum(len(one.text) for one in pieces_between(old, new) if one.edit is Edit.KEPT)
    return 2 * matched / (len(old) + len(new))


def _by_sentence(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, low, high, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[low:high]), "".join(new[start:end])
        if tag == "equal":
            yield Piece(edit=Edit.KEPT, text=after)
        else:
            yield from _by_token(_TOKEN.findall(before), _TOKEN.findall(after))


def _by_token(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Words and characters; where little is alike, all of the old and then all of the new."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if old and new and matcher.ratio() < _ALIKE:
        same = _shared(old, new)
        yield Piece(edit=Edit.KEPT, text="".join(new[:same]))
        yield Piece(edit=Edit.REMOVED, text="".join(old[same:]))
        yield Piece(edit=Edit.ADDED, text="".join(new[same:]))
        return
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(edit=Edit.KEPT, text="".join(new[start:end]))
            continue
        yield Piece(edit=Edit.REMOVED, text="".join(old[low:high]))
        yield Piece(edit=Edit.ADDED, text="".join(new[start:end]))


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    unlike = (index for index, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return next(unlike, min(len(old), len(new)))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one fate become one piece; empty ones go."""
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last is not None and last.edit is piece.edit:
            last = Piece(edit=last.edit, text=last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
