"""The same document for people who listen: semantic HTML from the very blocks the PDF is drawn from.

Every word of the PDF stands here in its order, and nothing else but notes marked ``twin-note``; what
a page repeats (header, footnote, page numbers) is said once. The digests of the PDF and of the terms
tie both together: the PDF is the contract, the twin is its reading. No script, no style of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from pdfgen.diagram_block import digest_line
from pdfgen.diagram_svg import diagram_svg
from pdfgen.document import (
    Block,
    Clause,
    Diagram,
    Document,
    FieldTable,
    GridTable,
    Heading,
    MarkedParagraph,
    PageBreak,
    Paragraph,
    PartyBlock,
)
from pdfgen.house_style import NOTHING

__all__ = ["TwinFacts", "html_twin", "twin_body"]

_STYLE = """
body{font:1rem/1.7 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif;color:#16211f;
max-width:48rem;margin:0 auto;padding:1rem}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #7c8a86;padding:.25rem .5rem;text-align:left}
.key{background:#fff7d6;border-left:4px solid #7a4a00;padding:.5rem 1rem}.twin-note{color:#4a5754}
svg{width:100%;height:auto}.wide{overflow-x:auto}code{overflow-wrap:anywhere}
@media print{body{max-width:none}@page{size:A4;margin:24mm 20mm}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinFacts:
    """What ties a twin to its PDF.

    Attributes:
        pdf_sha256: Of the PDF's bytes, hexadecimal.
        pages: Of the PDF.
        terms_sha256: Of the attached terms, hexadecimal; empty if there are none.
    """

    pdf_sha256: str
    pages: int
    terms_sha256: str = ""


def html_twin(document: Document, facts: TwinFacts) -> str:
    """The twin as a file of its own."""
    title = escape(f"{document.title} {document.number}")
    head = (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    noted = "" if document.cover else ' class="twin-note"'  # a short form prints its title as a heading
    heading = f"<h1{noted}>{escape(document.title)}</h1>\n"
    return f"{head}{heading}{twin_body(document, facts)}</main>\n</body>\n</html>\n"


def twin_body(document: Document, facts: TwinFacts) -> str:
    """Everything below the title, to stand in a page that gives the title itself."""
    return "".join([*_front(document, facts), *_blocks(document.blocks), *_foot(document)])


def _front(document: Document, facts: TwinFacts) -> Iterator[str]:
    yield '<div class="twin-note" role="note">\n'
    yield "<p>本页是合同 PDF 的无障碍文字版，内容由同一份数据生成；以 PDF 文件为准。</p>\n"
    yield f"<p>PDF 共 {facts.pages} 页，SHA-256：<code>{facts.pdf_sha256}</code></p>\n"
    if facts.terms_sha256:
        yield f"<p>条款数据 terms.json SHA-256：<code>{facts.terms_sha256}</code></p>\n"
    yield "</div>\n"
    if document.cover:
        yield from _cover(document)


def _cover(document: Document) -> Iterator[str]:
    yield f"<p>编号：{escape(document.number)}</p>\n"
    yield from (f"<p>{escape(line)}</p>\n" for line in document.subtitle.split("\n"))
    yield "<dl>\n"
    for label, value in document.cover:
        yield f"<dt>{escape(label)}</dt>\n<dd>{_shown(value)}</dd>\n"
    yield "</dl>\n"


def _foot(document: Document) -> Iterator[str]:
    if document.mark or document.footnote:
        yield f'<div class="twin-note" role="note">\n<p>每页另印有：编号 {escape(document.number)}</p>\n'
        yield from (f"<p>{escape(text)}</p>\n" for text in (document.footnote, document.mark) if text)
        yield "</div>\n"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    """Blocks in order; a clause is one level below the heading it stands under."""
    level = 1
    for index, block in enumerate(blocks):
        if isinstance(block, Heading):
            level = block.level + 1
            yield f"<h{level}>{escape(block.text)}</h{level}>\n"
        else:
            yield from _block(block, index, level + 1)


def _block(block: Block, index: int, level: int) -> Iterator[str]:
    match block:
        case Clause():
            yield from _clause(block, index, level)
        case FieldTable():
            yield from _field_table(block)
        case GridTable():
            yield from _grid_table(block)
        case Diagram():
            yield from _figure(block, index)
        case PartyBlock():
            yield from _party(block, level)
        case Paragraph():
            yield from _paragraphs(block.text)
        case MarkedParagraph():
            yield f"<p>{''.join(_marked(block))}</p>\n"
        case Heading() | PageBreak():
            return


def _clause(clause: Clause, index: int, level: int) -> Iterator[str]:
    title = f"{escape(clause.number)}　{escape(clause.title)}" if clause.title else escape(clause.number)
    key = ' class="key"' if clause.conspicuous else ""
    yield f'<article id="c{index}" aria-labelledby="c{index}-t"{key}>\n'
    yield f'<h{level} id="c{index}-t">{title}</h{level}>\n'
    if clause.conspicuous:
        yield '<p class="twin-note">重点条款：PDF 中以加粗和底色提示，请仔细阅读。</p>\n'
        yield from _paragraphs(clause.text, "<strong>", "</strong>")
    else:
        yield from _paragraphs(clause.text)
    yield "</article>\n"


def _paragraphs(text: str, opening: str = "", closing: str = "") -> Iterator[str]:
    parts = [part.strip() for part in text.split("\n") if part.strip()] or [NOTHING]
    yield from (f"<p>{opening}{escape(part)}{closing}</p>\n" for part in parts)


def _field_table(table: FieldTable) -> Iterator[str]:
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(table.title)}">\n<table>\n'
    yield f"<caption>{escape(table.title)}</caption>\n" if table.title else ""
    for label, value in table.rows:
        yield f'<tr><th scope="row">{escape(label)}</th><td>{_shown(value)}</td></tr>\n'
    yield "</table>\n</div>\n"


def _grid_table(table: GridTable) -> Iterator[str]:
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(table.title)}">\n<table>\n'
    yield f"<caption>{escape(table.title)}</caption>\n" if table.title else ""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    yield f"<thead><tr>{head}</tr></thead>\n<tbody>\n"
    for cells in table.rows or [[NOTHING] * len(table.header)]:
        yield "<tr>" + "".join(f"<td>{_shown(cell)}</td>" for cell in cells) + "</tr>\n"
    yield "</tbody>\n</table>\n</div>\n"


def _figure(diagram: Diagram, index: int) -> Iterator[str]:
    yield f"<figure>\n<figcaption>{escape(diagram.title)}</figcaption>\n"
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(diagram.title)}">\n'
    yield f"{diagram_svg(diagram, f'd{index}')}</div>\n"
    yield f'<p class="twin-note">图示内容：{escape(diagram.description)}</p>\n'
    yield f"<p>{escape(digest_line(diagram))}</p>\n</figure>\n"


def _party(block: PartyBlock, level: int) -> Iterator[str]:
    yield f"<section>\n<h{level}>{escape(block.role)}</h{level}>\n<dl>\n"
    for label, value in block.facts:
        yield f"<dt>{escape(label)}</dt>\n<dd>{_shown(value)}</dd>\n"
    yield "</dl>\n<ul>\n"
    yield from (f"<li>{escape(slot.label)}</li>\n" for slot in block.slots)
    yield "</ul>\n</section>\n"


def _marked(block: MarkedParagraph) -> Iterator[str]:
    for piece in block.pieces:
        text = _lines(piece.text)
        tag = {"added": "ins", "removed": "del"}.get(piece.mark)
        yield text if tag is None else f"<{tag}>{text}</{tag}>"


def _shown(text: str) -> str:
    return _lines(text.strip() or NOTHING)


def _lines(text: str) -> str:
    return "<br>\n".join(escape(line) for line in text.split("\n"))
