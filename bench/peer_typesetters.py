"""The same contract by other typesetters: typst, WeasyPrint and fpdf2, each as its makers advise.

All take our ``Document`` and our fonts; none draws the QR code or the seal slots, which is in
their favour. typst's output is PDF/A-3b with the same attachment, as ours; WeasyPrint's and
fpdf2's are plain PDFs. Tags are off everywhere, since ours has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import typst
from fpdf import FPDF, FontFace
from fpdf.enums import WrapMode
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from pdfgen import document as model
from pdfgen.fonts import SANS_BOLD, SERIF, font_file

__all__ = ["Fpdf2", "Typst", "WeasyPrint", "typst_source"]

_TYPST_HEAD = """
#set page(paper: "a4", margin: (x: 27mm, top: 32mm, bottom: 24mm),
  header: text(8pt, font: "Noto Sans SC")[#{number} #h(1fr) #{mark}],
  footer: context text(7pt, font: "Noto Sans SC")[#{footnote} #h(1fr)
    第 #counter(page).display() 页 共 #counter(page).final().first() 页])
#set text(font: "Noto Serif SC", size: 10.5pt, lang: "zh", region: "cn")
#set par(justify: true, first-line-indent: (amount: 2em, all: true), leading: 7pt)
#set table(stroke: 0.4pt + gray)
#show heading: set text(font: "Noto Sans SC", weight: "bold")
#set document(title: {title})
#let clause(number, title, body) = {{
  block(sticky: true, text(font: "Noto Sans SC", weight: "bold", number + "　" + title))
  for part in body {{ par(part) }} }}
#let key(number, title, body) = block(
  fill: rgb("#FFF7D6"), stroke: (left: 2pt + rgb("#7A4A00")), inset: 8pt, width: 100%,
  {{ set text(weight: "bold"); clause(number, title, body) }})
#let fields(title, ..cells) = {{
  block(sticky: true, strong(title)); set text(9pt); set par(first-line-indent: 0em)
  table(columns: (92pt, 1fr, 92pt, 1fr), ..cells) }}
#let grid(title, widths, header, ..cells) = {{
  block(sticky: true, strong(title)); set text(9pt); set par(first-line-indent: 0em)
  table(columns: widths, table.header(..header), ..cells) }}
"""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _tuple(texts: Iterator[str]) -> str:
    return "(" + "".join(text + ", " for text in texts) + ")"


def typst_source(document: model.Document) -> str:
    """The document as one typst file; every text a string literal."""
    head = _TYPST_HEAD.format(
        number=_quoted(document.number),
        mark=_quoted(document.mark),
        footnote=_quoted(document.footnote),
        title=_quoted(document.title),
    )
    cover = [f"#align(center, text(28pt, {_quoted(document.title)}))", f"#{_quoted(document.subtitle)}"]
    cover += [f"#{_quoted(label)}：#{_quoted(value)}\n" for label, value in document.cover]
    attached = [
        f"#pdf.attach({_quoted(one.name)}, bytes({_quoted(one.content.decode())}), relationship: "
        f'"source", mime-type: {_quoted(one.media_type)}, description: {_quoted(one.description)})'
        for one in document.attachments
    ]
    blocks = [line for block in document.blocks for line in _typst_block(block)]
    return "\n\n".join([head, *attached, *cover, "#pagebreak()", *blocks])


def _typst_block(block: model.Block) -> Iterator[str]:
    match block:
        case model.Heading():
            yield f"#heading(level: {block.level}, {_quoted(block.text)})"
        case model.Paragraph():
            yield f"#par({_quoted(block.text)})"
        case model.Clause():
            call = "key" if block.conspicuous else "clause"
            parts = _tuple(_quoted(part) for part in block.text.split("\n"))
            yield f"#{call}({_quoted(block.number)}, {_quoted(block.title)}, {parts})"
        case model.FieldTable():
            cells = ", ".join(_quoted(cell) for row in block.rows for cell in row)
            yield f"#fields({_quoted(block.title)}, {cells})"
        case model.GridTable():
            widths = _tuple(f"{width}fr" for width in block.widths or [1] * len(block.header))
            header = _tuple(_quoted(cell) for cell in block.header)
            cells = ", ".join(_quoted(cell or "无") for row in block.rows for cell in row)
            yield f"#grid({_quoted(block.title)}, {widths}, {header}, {cells})"
        case model.PartyBlock():
            cells = ", ".join(_quoted(cell) for row in block.facts for cell in row)
            yield f"#fields({_quoted(block.role)}, {cells})"
        case model.PageBreak():
            yield "#pagebreak()"
        case model.Diagram():
            yield f"#block(strong({_quoted(block.title)}))"
            yield from (f"#par({_quoted(label.text)})" for label in block.labels)
        case model.MarkedParagraph():
            yield f"#par({_quoted(''.join(piece.text for piece in block.pieces))})"


class Typst:
    """One compiler for all contracts, fonts read once, as a service would keep it."""

    def __init__(self) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_file(SERIF).parent]
        )
        self._compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)

    def typeset(self, source: str) -> bytes:
        """One PDF/A-3b from a source."""
        made = self._compiler.compile(
            input=source.encode(),
            format="pdf",
            pdf_standards=["a-3b"],
            pdf_tags=False,
            timestamp=1_700_000_000,
        )
        if not isinstance(made, bytes):
            raise TypeError("typst gave no PDF")
        return made


class WeasyPrint:
    """The HTML twin with its own print rules and our serif face."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()
        rules = "".join(
            f"@font-face{{font-family:Ours;font-weight:{weight};src:url({font_file(face).as_uri()})}}"
            for face, weight in ((SERIF, 400), (SANS_BOLD, 700))
        )
        self._style = CSS(string=rules + "body{font:10.5pt/1.6 Ours}", font_config=self._fonts)

    def typeset(self, html: str) -> bytes:
        """One PDF from a twin."""
        made = HTML(string=html).write_pdf(font_config=self._fonts, stylesheets=[self._style])
        if made is None:
            raise TypeError("WeasyPrint gave no PDF")
        return made


class Fpdf2:
    """Cells and tables by fpdf2, its fonts embedded as subsets."""

    def typeset(self, document: model.Document) -> bytes:
        """One PDF."""
        pdf = FPDF(format="A4")
        pdf.set_margins(27, 32, 27)
        pdf.set_auto_page_break(auto=True, margin=24)
        pdf.add_font("Serif", fname=font_file(SERIF))
        pdf.add_font("Sans", fname=font_file(SANS_BOLD))
        pdf.add_page()
        for block in document.blocks:
            self._put(pdf, block)
        return bytes(pdf.output())

    def _put(self, pdf: FPDF, block: model.Block) -> None:
        match block:
            case model.Heading():
                self._text(pdf, block.text, "Sans", 13)
            case model.Paragraph():
                self._text(pdf, block.text, "Serif", 10.5)
            case model.Clause():
                self._text(pdf, f"{block.number} {block.title}", "Sans", 10.5)
                self._text(pdf, block.text, "Serif", 10.5)
            case model.FieldTable():
                self._table(pdf, block.rows)
            case model.GridTable():
                self._table(pdf, (block.header, *block.rows))
            case model.PartyBlock():
                self._table(pdf, block.facts)
            case model.Diagram() | model.MarkedParagraph():
                self._text(pdf, " ".join(block.texts()), "Serif", 9)
            case model.PageBreak():
                pdf.add_page()

    def _text(self, pdf: FPDF, text: str, face: str, size: float) -> None:
        pdf.set_font(face, size=size)
        pdf.multi_cell(0, size * 0.6, text, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)

    def _table(self, pdf: FPDF, rows: Sequence[Sequence[str]]) -> None:
        pdf.set_font("Serif", size=9)
        with pdf.table(headings_style=FontFace(family="Sans"), wrapmode=WrapMode.CHAR) as table:
            for row in rows:
                table.row([cell or "无" for cell in row])
