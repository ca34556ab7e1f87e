"""The clauses that a party must be shown one by one (民法典 art. 496; 合同编通则解释 art. 10).

Decides which clauses of a composed document they are and the digest under which each is read:
over number, title and text, so that the same clause of two contracts is the same to read, and a
clause that differs in one character is another. Must never drop a conspicuous clause.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel.canonical_json import canonical_bytes
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from pdfgen.document import Clause, Document

__all__ = ["KeyClause", "key_clauses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyClause:
    """One conspicuous clause.

    Attributes:
        position: From 1, in the order of the document; the page ``clause/{position}`` shows it.
        number: As printed, e.g. ``第十二条``.
        title: As printed, or empty.
        text: Wording; paragraphs are separated by a newline.
        block: Index of the clause among the blocks of the document.
    """

    position: int
    number: str
    title: str
    text: str
    block: int

    @property
    def sha256(self) -> Bytes32:
        """Digest of canonical number, text and title."""
        return sha256(canonical_bytes({"number": self.number, "text": self.text, "title": self.title}))

    @property
    def heading(self) -> str:
        """Number and title on one line."""
        return f"{self.number} {self.title}".strip()

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The wording by paragraphs, none of them empty."""
        return tuple(part.strip() for part in self.text.split("\n") if part.strip())


def key_clauses(document: Document) -> tuple[KeyClause, ...]:
    """Every conspicuous clause of a document, in its order."""
    found = [
        (index, block)
        for index, block in enumerate(document.blocks)
        if isinstance(block, Clause) and block.conspicuous
    ]
    return tuple(
        KeyClause(position=position, number=clause.number, title=clause.title, text=clause.text, block=index)
        for position, (index, clause) in enumerate(found, start=1)
    )
