"""A contract against its text: every clause is the text's own words with values in its places.

Decides what a reviewer must read: which words came from the terms, and which differ from the
registered text, which none may (R-TPL-2: deviations live in 特别约定 only). A clause the text does
not have is a deviation, whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts_chain.agreements.clause_diff import Change, ChangeKind, Part, parts_of
from contracts_chain.agreements.templates.template import PLACEHOLDER, ClauseText, Template
from contracts_chain.agreements.text_diff import Edit, Piece, pieces_between
from pdfgen.document import Document

__all__ = ["TemplateDiff", "template_diff"]

_SPECIAL = "special_terms"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDiff:
    """What a contract has beyond its text.

    Attributes:
        filled: Clauses with values in the places the text leaves for them; the values are ``ADDED``.
        special: Clauses that hold 特别约定.
        deviating: Clauses whose fixed words are not the text's; nothing may be here.
    """

    filled: tuple[Change, ...]
    special: tuple[Change, ...]
    deviating: tuple[Change, ...]


def template_diff(document: Document, template: Template) -> TemplateDiff:
    """Hold every clause of a document against the clause of the same title in its text."""
    known = {clause.title: clause for clause in template.clauses()}
    filled: list[Change] = []
    special: list[Change] = []
    deviating: list[Change] = []
    for part in parts_of(document):
        if part.kind != "clause":
            continue
        clause = known.get(part.title)
        pieces = None if clause is None else _filled(_fixed(clause), part.text)
        if clause is None or pieces is None:
            deviating.append(_deviation(part, clause))
        elif any(found["name"] == _SPECIAL for found in PLACEHOLDER.finditer(clause.text)):
            special.append(_change(part, pieces))
        elif any(piece.edit is Edit.ADDED for piece in pieces):
            filled.append(_change(part, pieces))
    return TemplateDiff(filled=tuple(filled), special=tuple(special), deviating=tuple(deviating))


def _fixed(clause: ClauseText) -> tuple[str, ...]:
    """The fixed words of a clause, between its places."""
    mark = "【重点条款】" if clause.conspicuous else ""
    parts = PLACEHOLDER.sub("\x00", clause.text).split("\x00")
    return (mark + parts[0], *parts[1:])


def _filled(fixed: tuple[str, ...], text: str) -> tuple[Piece, ...] | None:
    """The text as fixed words and values; ``None`` if the fixed words are not there in order."""
    first, *rest = fixed
    if not text.startswith(first) or (not rest and text != first):
        return None
    pieces, at = [Piece(edit=Edit.KEPT, text=first)], len(first)
    for index, words in enumerate(rest):
        last = index == len(rest) - 1
        found = len(text) - len(words) if last else text.find(words, at)
        if found < at or not text.startswith(words, found):
            return None
        pieces += [Piece(edit=Edit.ADDED, text=text[at:found]), Piece(edit=Edit.KEPT, text=words)]
        at = found + len(words)
    return tuple(piece for piece in pieces if piece.text)


def _change(part: Part, pieces: tuple[Piece, ...]) -> Change:
    return Change(kind=ChangeKind.CHANGED, before=part, after=part, pieces=pieces)


def _deviation(part: Part, clause: ClauseText | None) -> Change:
    if clause is None:
        return Change(
            kind=ChangeKind.ADDED, before=None, after=part, pieces=(Piece(edit=Edit.ADDED, text=part.text),)
        )
    shown = "".join(_shown(clause))
    return _change(part, pieces_between(shown, part.text))


def _shown(clause: ClauseText) -> Iterator[str]:
    """The clause with its places as blanks."""
    for index, words in enumerate(_fixed(clause)):
        yield words if index == 0 else f"＿＿{words}"
