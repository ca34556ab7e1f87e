"""What a document says, before anyone decides where it stands on a page.

A tree of frozen values that ``agreements``, ``invoicing`` and ``evidence`` fill and
``pdfgen.render`` lays out. No measure, font or colour here: those belong to the house
style, which is the renderer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

__all__ = [
    "Attachment",
    "Block",
    "Clause",
    "Document",
    "FieldTable",
    "GridTable",
    "Heading",
    "PageBreak",
    "Paragraph",
    "PartyBlock",
    "PartySlot",
    "RenderedDocument",
    "SlotPlacement",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A chapter or section title; level 1 is 章, 2 is 节. Kept with what follows."""

    level: Literal[1, 2]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text, indented by two characters unless it is a note."""

    text: str
    note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One numbered clause.

    Attributes:
        number: As printed, e.g. ``第十二条`` or ``12.3``.
        title: Short title or empty.
        text: Wording; may hold several paragraphs separated by a newline.
        conspicuous: Bold on a tint, because it limits liability or burdens the
            customer (民法典 art. 496; R-STD-1).
    """

    number: str
    title: str
    text: str
    conspicuous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTable:
    """Labels and values in two pairs a row; a missing value is printed 无, never blank."""

    title: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridTable:
    """A table with a head row, repeated where it breaks over pages."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = field(default=())
    """Relative column widths; equal if empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySlot:
    """A place to sign: one PDF signature field.

    Attributes:
        name: Field name, ASCII, unique in the document, e.g. ``SupplierSeal``.
        kind: ``person`` is a rectangle of 52 × 20 mm, ``seal`` a square of 42 mm.
        label: Printed beside it, e.g. ``法定代表人（签字）``.
    """

    name: str
    kind: Literal["person", "seal"]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyBlock:
    """Signature page part of one party: facts on the left, slots with room for seal and hand."""

    role: str
    facts: Sequence[tuple[str, str]]
    slots: Sequence[PartySlot]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBreak:
    """What follows starts on a new page."""


Block: TypeAlias = Heading | Paragraph | Clause | FieldTable | GridTable | PartyBlock | PageBreak


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file embedded in the PDF (PDF/A-3, ``/AF``)."""

    name: str
    media_type: str
    relationship: Literal["Source", "Data", "Supplement"]
    description: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that decides the bytes of a PDF.

    Attributes:
        title: Printed large on the cover and in the metadata.
        number: Contract number, printed on every page.
        qr_text: Content of the QR code on every page.
        subtitle: Second cover line, e.g. the parties.
        cover: Field rows of the cover.
        footnote: One line at the foot of every page, e.g. the newest final block
            ("not before", DESIGN decision 11).
        mark: ``TEST`` or ``SPECIMEN`` wording shown on every page, empty in production.
        created_utc: Creation time written into the metadata; an input, never the clock.
        blocks: The body in reading order.
        attachments: Embedded files.
    """

    title: str
    number: str
    qr_text: str
    subtitle: str
    cover: Sequence[tuple[str, str]]
    footnote: str
    mark: str
    created_utc: datetime
    blocks: Sequence[Block]
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPlacement:
    """Where a slot landed: 1-based page and box in points, origin at the lower left."""

    name: str
    kind: Literal["person", "seal"]
    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedDocument:
    """A finished PDF before any signature field exists."""

    pdf: bytes
    pages: int
    slots: tuple[SlotPlacement, ...]
