"""What a group's CSV is told: row, column, rule and what to do, in both languages.

Decides the form of a finding and looks at the header; the rows are ``group_sites``'s. Rule
ids of this room begin with ``G-``: they are about the file, never about the law.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from contracts_chain.agreements.group_columns import IGNORED, column_named, columns_for
from contracts_chain.agreements.rules.finding import Severity

__all__ = ["Gravity", "Member", "RowFinding", "gravity_of", "header_findings"]

Gravity = Literal["E", "W", "I"]
_GRAVITY: Final[Mapping[Severity, Gravity]] = {
    Severity.ERROR: "E",
    Severity.WARNING: "W",
    Severity.INFORMATION: "I",
}


def gravity_of(severity: Severity) -> Gravity:
    """A rule's severity as findings write it."""
    return _GRAVITY[severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFinding:
    """One thing to correct or to look at, where a clerk finds it.

    Attributes:
        row: As a spreadsheet shows it; 1 is the header.
        column: Header of the column, or ``公共条款`` and the field where no column fills it.
        rule: Id of the rule.
        severity: ``E`` keeps the whole file out, ``W`` and ``I`` do not.
    """

    row: int
    cust_no: str
    column: str
    rule: str
    severity: Gravity
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A site that is part of a set already."""

    cust_no: str
    group_no: str
    set_id: str


def header_findings(
    terms: type[object], header: Sequence[str], chosen: Sequence[str | None]
) -> tuple[RowFinding, ...]:
    """What is wrong with the columns: unknown, doubled or missing ones, each by name.

    Args:
        terms: Dataclass of the class of contract.
        header: Cells of row 1.
        chosen: For each of them a column's id, ``-`` to leave it out, or ``None``.
    """
    found: list[RowFinding] = []
    first: dict[str, str] = {}
    for cell, name in zip(header, chosen, strict=True):
        shown = cell or "（空白）"
        if name == IGNORED:
            continue
        if name is None or column_named(terms, name) is None:
            en = f"{shown}: no such column; choose one, or choose not to import it"
            zh = f"不认识列“{shown}”；请选择对应的列，或选择不导入"
            found.append(_of_header(shown, "G-COL-3", en, zh))
        elif name in first:
            en = f"{shown} and {first[name]} are both {name}; import one of them"
            zh = f"“{shown}”与“{first[name]}”是同一列；只能导入其中一列"
            found.append(_of_header(shown, "G-COL-2", en, zh))
        else:
            first[name] = shown
    for column in columns_for(terms):
        if column.required and column.id not in first:
            en, zh = f"the column {column.id} is missing; add it", f"缺少列“{column.zh}”；请补上"
            found.append(_of_header(column.zh, "G-COL-1", en, zh))
    return tuple(found)


def _of_header(column: str, rule: str, en: str, zh: str) -> RowFinding:
    return RowFinding(row=1, cust_no="", column=column, rule=rule, severity="E", en=en, zh=zh)
