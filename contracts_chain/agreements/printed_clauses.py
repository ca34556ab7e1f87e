"""A PDF's printed words as clauses, for comparing files of which only the paper side is believed.

Takes what stands on the pages, not what a file carries inside: two files that print the same words
are the same here, and a file that prints other words than its attached terms is found out. Blanks are
dropped, because a line break is no change of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from pdfgen.document import Clause, Document

__all__ = ["PrintedClauses", "printed_clauses"]

_HEAD: Final = re.compile(r"(第[〇零一二三四五六七八九十百]+[条章])[\u3000 ](\S.{0,60})")
_BLANKS: Final = re.compile(r"\s+")


class PrintedClauses(NamedTuple):
    """A document of clauses and the page on which each begins."""

    document: Document
    pages: tuple[int, ...]


def printed_clauses(pages: Sequence[str], *, title: str) -> PrintedClauses:
    """Cut the words of the pages at every 第…条 and 第…章 that begins a line.

    Args:
        pages: Words of each page's body, lines parted by newlines.
        title: What the file is called.
    """
    found = list(_cut(pages))
    document = Document(
        title=title,
        number="",
        qr_text="",
        subtitle="",
        cover=(),
        footnote="",
        mark="",
        created_utc=datetime(1970, 1, 1, tzinfo=UTC),
        blocks=tuple(clause for clause, _ in found),
    )
    return PrintedClauses(document=document, pages=tuple(page for _, page in found))


def _cut(pages: Sequence[str]) -> Iterator[tuple[Clause, int]]:
    number, name, began = "", "正文之前", 1
    text: list[str] = []
    for page, words in enumerate(pages, 1):
        for line in words.splitlines():
            head = _HEAD.fullmatch(line.strip())
            if head is None:
                text.append(line)
                continue
            yield _clause(number, name, text), began
            number, name, began, text = head[1], head[2], page, []
    yield _clause(number, name, text), began


def _clause(number: str, name: str, text: Sequence[str]) -> Clause:
    return Clause(number=number, title=_BLANKS.sub("", name), text=_BLANKS.sub("", "".join(text)))
