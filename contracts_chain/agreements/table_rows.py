"""Tables both contract classes share, and how rows of the terms become one.

An empty list prints one row of 无, so that nothing can be written in later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts_chain.agreements.shown import field_text, heading_of, value_text
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms import commercial as money
from contracts_chain.agreements.terms.party import DocumentRef, Party
from contracts_chain.agreements.typed_json import label_of
from pdfgen.document import FieldTable, GridTable

__all__ = [
    "INSTRUMENT_COLUMNS",
    "METER_COLUMNS",
    "TableBlock",
    "annexes",
    "contacts",
    "field_table",
    "grid_table",
    "reference_cells",
]

TableBlock = FieldTable | GridTable

METER_COLUMNS: Final = (
    ("no", 1.1),
    ("purpose", 1.8),
    ("location", 2.4),
    ("mode", 1.2),
    ("wiring", 1.2),
    ("at_demarcation", 1.2),
    ("after_meter_line_m", 1.2),
    ("collection", 2),
)

INSTRUMENT_COLUMNS: Final = (
    ("no", 1.1),
    ("meter_spec", 2.6),
    ("meter_class", 1.6),
    ("pt_ratio", 1.4),
    ("pt_class", 1.1),
    ("ct_ratio", 1.1),
    ("ct_class", 1.1),
    ("multiplier", 1.1),
)


def field_table(title: str, owner: object, *names: str) -> FieldTable:
    """Fields of one structure by id; values carry their units."""
    kind = type(owner)
    return FieldTable(title=title, rows=[(label_of(kind, n).zh, field_text(owner, n)) for n in names])


def grid_table(
    title: str, kind: type, rows: Sequence[object], columns: Sequence[tuple[str, float]]
) -> GridTable:
    """Columns by field id and relative width; the unit stands in the head, not in the cells."""
    header = [heading_of(kind, name) for name, _ in columns]
    cells = [[_cell(row, name) for name, _ in columns] for row in rows]
    return GridTable(
        title=title,
        header=header,
        rows=cells or [["无"] * len(columns)],
        widths=[width for _, width in columns],
    )


def _cell(row: object, name: str) -> str:
    return value_text(getattr(row, name))


def reference_cells(paper: DocumentRef | None) -> list[str]:
    """Number, date and SHA-256 of a paper, or three times 无."""
    if paper is None:
        return ["无", "无", "无"]
    return [field_text(paper, "number"), field_text(paper, "dated"), paper.sha256]


def annexes(terms: Terms) -> GridTable:
    """附件清单 with digests."""
    columns = (("no", 1.2), ("title", 3.2), ("sha256", 5))
    return grid_table("附件清单", money.Annex, terms.annexes, columns)


def contacts(terms: Terms) -> GridTable:
    """Addresses for service of all parties."""
    columns = (
        ("name", 2.4),
        ("contact", 1.1),
        ("phone", 2.1),
        ("mobile", 2.1),
        ("email", 2.6),
        ("mail_addr", 2.6),
    )
    return grid_table("送达地址", Party, [held.party for held in terms.parties()], columns)
