"""What a document says, before anyone decides where it stands on a page.

A tree of frozen values that ``agreements``, ``invoicing`` and ``evidence`` fill and
``pdfgen.render`` lays out. No measure, font or colour here: those belong to the house
style, which is the renderer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from kernel.canonical_json import canonical_bytes
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = [
    "Attachment",
    "Block",
    "Clause",
    "Diagram",
    "DiagramLabel",
    "Document",
    "FieldTable",
    "GridTable",
    "Heading",
    "MarkedParagraph",
    "MarkedPiece",
    "PageBreak",
    "Paragraph",
    "PartyBlock",
    "PartySlot",
    "RenderedDocument",
    "Ring",
    "SlotPlacement",
    "Stroke",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A chapter or section title; level 1 is 章, 2 is 节. Kept with what follows."""

    level: Literal[1, 2]
    text: str

    def texts(self) -> Iterator[str]:
        """Every word that will be printed."""
        yield self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text, indented by two characters unless it is a note.

    Attributes:
        place: ``left`` without indent, as a letter's salutation; ``right`` as its closing lines.
    """

    text: str
    note: bool = False
    place: Literal["body", "left", "right"] = "body"

    def texts(self) -> Iterator[str]:
        """Every word that will be printed."""
        yield self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPiece:
    """Text that stands in both versions, only in the new one, or only in the old one."""

    text: str
    mark: Literal["", "added", "removed"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedParagraph:
    """A paragraph of a comparison: what was added doubly underlined, what was removed struck through."""

    pieces: tuple[MarkedPiece, ...]

    def texts(self) -> Iterator[str]:
        """Every word that will be printed."""
        yield from (piece.text for piece in self.pieces)


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

    def texts(self) -> Iterator[str]:
        """Every word that will be printed."""
        yield from (self.number, self.title, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTable:
    """Labels and values in two pairs a row; a missing value is printed 无, never blank."""

    title: str
    rows: Sequence[tuple[str, str]]

    def texts(self) -> Iterator[str]:
        """Every word that will be printed."""
        yield self.title
        for row in self.rows:
            yield from row


@dataclass(frozen=True, slots=True, kw_only=True)
class GridTable:
    """A table with a head row, repeated where it breaks over pages."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = field(default=())
    """Relative column widths; equal if empty."""

    def texts(self) -> Iterator[str]:
        """Every word that will be printed."""
        yield from (self.title, *self.header)
        for cells in self.rows:
            yield from cells


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
    """Signature page part of one party: facts on the left, slots with room for seal and hand.

    Attributes:
        continued: Heading that stands above the block where it begins a page, or empty.
    """

    role: str
    facts: Sequence[tuple[str, str]]
    slots: Sequence[PartySlot]
    continued: str = ""

    def texts(self) -> Iterator[str]:
        """Every word that may be printed."""
        yield self.role
        if self.continued:
            yield self.continued
        for fact in self.facts:
            yield from fact
        yield from (slot.label for slot in self.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """Straight lines through points of a diagram; ``weight`` 1 is thin, 2 a conductor, 4 a busbar."""

    points: tuple[tuple[int, int], ...]
    weight: Literal[1, 2, 4] = 2
    dashed: bool = False
    closed: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A circle in a diagram, a dot if filled."""

    x: int
    y: int
    radius: int
    filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramLabel:
    """Words in a box of a diagram; whoever lays the diagram out keeps the boxes apart."""

    x: int
    y: int
    width: int
    height: int
    text: str
    centred: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A drawing as vectors; whole points from its upper left corner, y downwards.

    Attributes:
        title: Printed above it.
        description: All it says, in sentences: for those who cannot see it, and for the twin.
        width: Of the frame.
        height: Of the frame; never more than a page's body.
    """

    title: str
    description: str
    width: int
    height: int
    strokes: tuple[Stroke, ...]
    rings: tuple[Ring, ...]
    labels: tuple[DiagramLabel, ...]

    def sha256(self) -> Bytes32:
        """Digest of the scene: canonical JSON (RFC 8785) of everything above."""
        return sha256(
            canonical_bytes(
                {
                    "description": self.description,
                    "frame": [self.width, self.height],
                    "labels": [
                        [one.x, one.y, one.width, one.height, one.text, one.centred, one.strong]
                        for one in self.labels
                    ],
                    "rings": [[one.x, one.y, one.radius, one.filled] for one in self.rings],
                    "strokes": [
                        [
                            [list(point) for point in one.points],
                            one.weight,
                            one.dashed,
                            one.closed,
                            one.filled,
                        ]
                        for one in self.strokes
                    ],
                    "title": self.title,
                }
            )
        )

    def texts(self) -> Iterator[str]:
        """Every word that will be printed."""
        yield self.title
        yield from (label.text for label in self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBreak:
    """What follows starts on a new page."""

    def texts(self) -> Iterator[str]:
        """Nothing is printed."""
        yield from ()


Block: TypeAlias = (
    Heading | Paragraph | MarkedParagraph | Clause | FieldTable | GridTable | Diagram | PartyBlock | PageBreak
)


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
        cover: Field rows of the cover; without any there is no cover page.
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
    """A finished PDF before any signature field exists.

    Attributes:
        pdf: The file.
        pages: How many it has.
        slots: Where signatures go.
        block_pages: Page on which each block of the document begins; 0 for a page break.
    """

    pdf: bytes
    pages: int
    slots: tuple[SlotPlacement, ...]
    block_pages: tuple[int, ...]
