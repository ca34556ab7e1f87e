"""Rules that only a composed document can show: R-TPL-2 fixed text unedited, R-STD-1 burdens conspicuous.

They read the finished document against the registered text, without composing anew: what
composes is itself under test here. Must never look at the terms' values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.templates.template import PLACEHOLDER, ClauseText, Template
from contracts_chain.agreements.terms import Terms
from pdfgen.document import Clause, Document

__all__ = ["DOCUMENT_RULES", "document_violations"]

_FIXED_TEXT: Final = "R-TPL-2"
_CONSPICUOUS: Final = "R-STD-1"
DOCUMENT_RULES: Final = frozenset({_FIXED_TEXT, _CONSPICUOUS})


def document_violations(
    document: Document, terms: Terms, template: Template
) -> Iterator[tuple[str, tuple[Violation, ...]]]:
    """What each document rule finds.

    Args:
        document: As composed, before anyone lays it out.
        terms: Which conditional clauses belong to the agreement.
        template: The registered text that the document claims to be.
    """
    pairs = tuple(_pairs(document, terms, template))
    yield _FIXED_TEXT, tuple(_edited(pairs))
    yield _CONSPICUOUS, tuple(_inconspicuous(pairs, class_of(terms).conspicuous))


def _pairs(
    document: Document, terms: Terms, template: Template
) -> Iterator[tuple[ClauseText | None, Clause | None]]:
    holds = class_of(terms).holds
    due = [clause for clause in template.clauses() if clause.when is None or holds(clause.when, terms)]
    return zip_longest(due, (block for block in document.blocks if isinstance(block, Clause)))


def _edited(pairs: tuple[tuple[ClauseText | None, Clause | None], ...]) -> Iterator[Violation]:
    for due, found in pairs:
        if due is None:
            words = "" if found is None else found.title
            yield Violation(
                path=words, en=f"clause {words!r} is not part of the text", zh=f"“{words}”条不属于本文本"
            )
        elif found is None or found.title != due.title or not _fixed(due).fullmatch(found.text):
            yield Violation(
                path=due.id,
                en=f"clause {due.id} is missing or edited; put the deviation into the special terms",
                zh=f"“{due.title}”条缺失或者被改动；变更内容请写入特别约定",
            )


def _fixed(clause: ClauseText) -> re.Pattern[str]:
    """The clause with anything where a placeholder stands."""
    parts: list[str] = []
    end = 0
    for place in PLACEHOLDER.finditer(clause.text):
        parts += [re.escape(clause.text[end : place.start()]), ".*"]
        end = place.end()
    return re.compile("".join([*parts, re.escape(clause.text[end:])]), re.DOTALL)


def _inconspicuous(
    pairs: tuple[tuple[ClauseText | None, Clause | None], ...], burdens: frozenset[str]
) -> Iterator[Violation]:
    for due, found in pairs:
        if due is not None and due.id in burdens and (found is None or not found.conspicuous):
            yield Violation(
                path=due.id,
                en=f"clause {due.id} burdens the customer and must stand out",
                zh=f"“{due.title}”条加重用户负担或者减免供电人责任，应采用显著字体",
            )
