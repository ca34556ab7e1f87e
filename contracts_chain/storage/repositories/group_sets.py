"""Sets of a group's contracts and their rows, inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, RowMapping, Select, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from contracts_chain.storage import tables_group as tables
from contracts_chain.storage.repositories.agreements import optional_bytes32
from contracts_chain.workflows.group_errors import SiteTakenError
from contracts_chain.workflows.group_ports import RowState, SetFile, SetProgress, SetRow, SetState
from kernel.sized_bytes import Bytes32

__all__ = ["SqlGroupSets"]

_COUNTED: Final[Mapping[str, tuple[RowState, ...]]] = {
    "drafted": (RowState.DRAFTED, RowState.APPROVED, RowState.OFFERED),
    "approved": (RowState.APPROVED, RowState.OFFERED),
    "offered": (RowState.OFFERED,),
    "returned": (RowState.RETURNED,),
    "closed": (RowState.WITHDRAWN, RowState.KEPT),
}


class SqlGroupSets:
    """The part of ``GroupRepository`` that is about sets."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add_set(self, made: SetFile) -> None:
        """Insert a set; its rows are copied where they are staged, in one statement."""
        rows, staged = tables.group_rows, tables.group_staged
        names = ["set_id", "row", "cust_no", "terms", "state"]
        planned = literal(RowState.PLANNED.value)
        copied = select(literal(made.id), staged.c.row, staged.c.cust_no, staged.c.terms, planned).where(
            staged.c.import_id == made.import_id
        )
        self._connection.execute(insert(tables.group_sets).values(**_set_row(made)))
        try:
            self._connection.execute(insert(rows).from_select(names, copied))
        except IntegrityError as problem:
            raise SiteTakenError from problem

    def find_set(self, set_id: str, *, lock: bool = False) -> SetFile | None:
        """By id."""
        table = tables.group_sets
        query = select(table).where(table.c.id == set_id)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        return None if row is None else _set(row)

    def save_set(self, made: SetFile) -> None:
        """Store changes."""
        table = tables.group_sets
        self._connection.execute(update(table).where(table.c.id == made.id).values(**_set_row(made)))

    def sets(self) -> Sequence[SetFile]:
        """All, newest first."""
        table = tables.group_sets
        query = select(table).order_by(table.c.created_utc.desc(), table.c.id)
        return [_set(row) for row in self._connection.execute(query).mappings()]

    def sets_at_work(self) -> Sequence[str]:
        """Not paused, in a state with work left, with a row that can be worked on; oldest first."""
        table = tables.group_sets
        states = [state.value for state in SetState if state.at_work]
        query = (
            select(table.c.id)
            .where(table.c.state.in_(states), table.c.paused.is_(False))
            .order_by(table.c.created_utc)
        )
        return list(self._connection.execute(query).scalars())

    def due(self, set_id: str, state: RowState, *, after: int, limit: int) -> Sequence[SetRow]:
        """In this state, without a problem, by row."""
        table = tables.group_rows
        query = self._of(set_id).where(
            table.c.state == state.value, table.c.problem_code.is_(None), table.c.row > after
        )
        return self._rows(query.limit(limit))

    def rows(self, set_id: str, *, offset: int = 0, limit: int | None = None) -> Sequence[SetRow]:
        """By row."""
        return self._rows(self._of(set_id).offset(offset).limit(limit))

    def find_row(self, set_id: str, row: int) -> SetRow | None:
        """One row."""
        return next(iter(self._rows(self._of(set_id).where(tables.group_rows.c.row == row))), None)

    def failed_rows(self, set_id: str) -> Sequence[SetRow]:
        """With a problem, by row."""
        return self._rows(self._of(set_id).where(tables.group_rows.c.problem_code.is_not(None)))

    def save_row(self, row: SetRow) -> None:
        """Store number, state, digest and problem."""
        table = tables.group_rows
        code, en, zh = row.problem or (None, None, None)
        self._connection.execute(
            update(table)
            .where(table.c.set_id == row.set_id, table.c.row == row.row)
            .values(
                state=row.state.value,
                number=row.number,
                document_sha256=row.document_sha256,
                problem_code=code,
                problem_en=en,
                problem_zh=zh,
            )
        )

    def forgive(self, set_id: str) -> int:
        """Clear the problems of a set."""
        table = tables.group_rows
        where = (table.c.set_id == set_id, table.c.problem_code.is_not(None))
        done = self._connection.execute(
            update(table).where(*where).values(problem_code=None, problem_en=None, problem_zh=None)
        )
        return done.rowcount

    def progress(self, set_id: str) -> SetProgress:
        """One pass over the rows of the set."""
        table = tables.group_rows
        counts = [func.count().filter(table.c.state.in_(states)) for states in _COUNTED.values()]
        failed = func.count().filter(table.c.problem_code.is_not(None))
        query = select(func.count(), failed, *counts).where(table.c.set_id == set_id)
        total, failed_rows, *found = (int(count) for count in self._connection.execute(query).one())
        return SetProgress(total=total, failed=failed_rows, **dict(zip(_COUNTED, found, strict=True)))

    def digests(self, set_id: str) -> Sequence[tuple[int, str, Bytes32]]:
        """Row, number, digest; only drafted rows."""
        table = tables.group_rows
        query = (
            select(table.c.row, table.c.number, table.c.document_sha256)
            .where(table.c.set_id == set_id, table.c.document_sha256.is_not(None))
            .order_by(table.c.row)
        )
        return [(row, number, Bytes32(digest)) for row, number, digest in self._connection.execute(query)]

    def _of(self, set_id: str) -> Select[tuple[object, ...]]:
        table = tables.group_rows
        return select(table).where(table.c.set_id == set_id).order_by(table.c.row)

    def _rows(self, query: Select[tuple[object, ...]]) -> list[SetRow]:
        return [_row(row) for row in self._connection.execute(query).mappings()]


def _set_row(made: SetFile) -> dict[str, object]:
    return {**asdict(made), "state": made.state.value}


def _set(row: RowMapping) -> SetFile:
    values = dict(row)
    values["state"] = SetState(row["state"])
    for name in ("root", "approved_root"):
        values[name] = optional_bytes32(row[name])
    return SetFile(**values)


def _row(row: RowMapping) -> SetRow:
    code = row["problem_code"]
    return SetRow(
        set_id=row["set_id"],
        row=row["row"],
        cust_no=row["cust_no"],
        terms=bytes(row["terms"]),
        state=RowState(row["state"]),
        number=row["number"],
        document_sha256=optional_bytes32(row["document_sha256"]),
        problem=None if code is None else (code, row["problem_en"], row["problem_zh"]),
    )
