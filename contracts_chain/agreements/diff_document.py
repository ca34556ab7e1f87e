"""A comparison as a document of its own, to be drawn like any other.

Says which two texts were compared, how many differences there are and on which pages, then shows every
one: added words doubly underlined, removed ones struck through. It carries no signature and no QR
code that leads anywhere but to the newer text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts_chain.agreements.clause_diff import Change, ClauseDiff
from contracts_chain.agreements.text_diff import Edit, Piece
from pdfgen.document import Block, Document, Heading, MarkedParagraph, MarkedPiece, Paragraph

__all__ = ["ComparedTexts", "diff_document", "summary_zh"]

_CONTEXT = 60
_MARKS = {Edit.KEPT: "", Edit.ADDED: "added", Edit.REMOVED: "removed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTexts:
    """Names of the two texts, for a page of a comparison.

    Attributes:
        number: Contract number of the newer one.
        old: What the older one is called.
        new: What the newer one is called.
        old_digest: SHA-256 of the older one's PDF in hexadecimal, or empty.
        new_digest: The same of the newer one.
    """

    number: str
    old: str
    new: str
    old_digest: str = ""
    new_digest: str = ""


def summary_zh(diff: ClauseDiff) -> str:
    """``3 处不同：第 7 页 2 处、第 9 页 1 处``."""
    if not diff.changes:
        return "两个文本没有不同"
    counted = [
        f"第 {page} 页 {count} 处" if page else f"删除 {count} 处" for page, count in diff.pages if page
    ]
    gone = sum(count for page, count in diff.pages if not page)
    counted += [f"删除 {gone} 处"] if gone else []
    return f"{len(diff.changes)} 处不同：{'、'.join(counted)}"


def diff_document(diff: ClauseDiff, texts: ComparedTexts, *, created_utc: datetime, mark: str) -> Document:
    """The comparison as a document.

    Args:
        diff: The differences.
        texts: What was compared.
        created_utc: For the metadata.
        mark: TEST wording for every page, or empty.
    """
    cover = [("原文本", texts.old), ("新文本", texts.new), ("比较结果", summary_zh(diff))]
    digests = (("原文本 SHA-256", texts.old_digest), ("新文本 SHA-256", texts.new_digest))
    cover += [(label, digest) for label, digest in digests if digest]
    return Document(
        title="合同文本比较",
        number=texts.number,
        qr_text=texts.number,
        subtitle="双下划线为新增文字，删除线为删去文字",
        cover=cover,
        footnote="本比较仅供阅读，不是合同文本；以经签署的合同文件为准。",
        mark=mark,
        created_utc=created_utc,
        blocks=tuple(_blocks(diff)),
    )


def _blocks(diff: ClauseDiff) -> Iterator[Block]:
    yield Heading(level=1, text=summary_zh(diff))
    for index, change in enumerate(diff.changes, 1):
        page = f"（第 {change.page} 页）" if change.page else ""
        yield Heading(level=2, text=f"{index}　{change.kind.zh}　{change.label or '正文'}{page}")
        yield from _shown(change)
    if not diff.changes:
        yield Paragraph(text="逐条比较后没有发现不同。")


def _shown(change: Change) -> Iterator[Block]:
    """A paragraph for every line of the change that is near a difference."""
    for line in _lines(change.pieces):
        pieces = tuple(_near(line))
        if any(piece.mark for piece in pieces) or len(change.pieces) == 1:
            yield MarkedParagraph(pieces=pieces)


def _lines(pieces: tuple[Piece, ...]) -> Iterator[list[Piece]]:
    line: list[Piece] = []
    for piece in pieces:
        first, *rest = piece.text.split("\n")
        line.append(Piece(edit=piece.edit, text=first))
        for words in rest:
            yield line
            line = [Piece(edit=piece.edit, text=words)]
    yield line


def _near(line: list[Piece]) -> Iterator[MarkedPiece]:
    """Kept words far from a difference are left out, and an ellipsis says so."""
    for index, piece in enumerate(line):
        text = piece.text
        if piece.edit is Edit.KEPT and len(text) > 2 * _CONTEXT:
            head = text[:_CONTEXT] + "……" if index else "……"
            text = head + (text[-_CONTEXT:] if index < len(line) - 1 else "")
        if text:
            yield _marked(piece.edit, text)


def _marked(edit: Edit, text: str) -> MarkedPiece:
    match edit:
        case Edit.KEPT:
            return MarkedPiece(text=text)
        case Edit.ADDED:
            return MarkedPiece(text=text, mark="added")
        case Edit.REMOVED:
            return MarkedPiece(text=text, mark="removed")
