"""Group accounts, uploaded files and what was staged of them; sets and their rows beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from contracts_chain.agreements.group_account import GroupAccount, open_account
from contracts_chain.agreements.group_findings import Member, RowFinding
from contracts_chain.agreements.group_sites import SiteRow
from contracts_chain.storage import tables_group as tables
from contracts_chain.storage.repositories.group_sets import SqlGroupSets
from contracts_chain.workflows.group_errors import GroupTakenError
from contracts_chain.workflows.group_ports import FindingCount, ImportFile, RowState
from kernel.canonical_json import canonical_bytes, parse_json
from kernel.sized_bytes import Bytes32

__all__ = ["SqlGroups"]

_AT_ONCE = 200
_T = TypeVar("_T")


class SqlGroups(SqlGroupSets):
    """Implements ``GroupRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        super().__init__(connection)

    def add_account(self, account: GroupAccount, *, by: str, at: datetime) -> None:
        """Insert one; the common terms in canonical form."""
        row = {
            "group_no": account.group_no,
            "name": account.name,
            "defaults": account.defaults_bytes(),
            "created_by": by,
            "created_utc": at,
        }
        try:
            self._connection.execute(insert(tables.group_accounts).values(**row))
        except IntegrityError as problem:
            raise GroupTakenError(account.group_no) from problem

    def find_account(self, group_no: str) -> GroupAccount | None:
        """By number."""
        table = tables.group_accounts
        row = self._connection.execute(select(table).where(table.c.group_no == group_no)).mappings().first()
        return None if row is None else open_account(row["group_no"], row["name"], row["defaults"])

    def accounts(self) -> Sequence[tuple[str, str]]:
        """Number and name, by number."""
        table = tables.group_accounts
        query = select(table.c.group_no, table.c.name).order_by(table.c.group_no)
        return [(number, name) for number, name in self._connection.execute(query)]

    def add_import(self, file: ImportFile, content: bytes) -> None:
        """Insert a file with its bytes."""
        self._connection.execute(insert(tables.group_imports).values(**_import_row(file), content=content))

    def find_import(self, import_id: str, *, lock: bool = False) -> ImportFile | None:
        """By id, without the bytes."""
        table = tables.group_imports
        columns = [column for column in table.c if column.name != "content"]
        query = select(*columns).where(table.c.id == import_id)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        return None if row is None else _import(row)

    def import_content(self, import_id: str) -> bytes:
        """The bytes, if they are still kept."""
        table = tables.group_imports
        found = self._connection.execute(select(table.c.content).where(table.c.id == import_id)).scalar()
        return b"" if found is None else bytes(found)

    def save_import(self, file: ImportFile) -> None:
        """Store changes; a confirmed file's bytes and staged rows are forgotten, its findings kept."""
        table = tables.group_imports
        values = _import_row(file)
        if file.state == "confirmed":
            values["content"] = None
            staged = tables.group_staged
            self._connection.execute(delete(staged).where(staged.c.import_id == file.id))
        self._connection.execute(update(table).where(table.c.id == file.id).values(**values))

    def stage(self, import_id: str, rows: Iterable[SiteRow]) -> None:
        """Replace rows and findings; the iterable is drawn from a few rows at a time."""
        for table in (tables.group_staged, tables.group_findings):
            self._connection.execute(delete(table).where(table.c.import_id == import_id))
        for some in _in_portions(rows):
            staged = [
                {"import_id": import_id, "row": one.row, "cust_no": one.cust_no, "terms": one.terms}
                for one in some
                if one.terms is not None
            ]
            found = [_finding_row(import_id, finding) for one in some for finding in one.findings]
            if staged:
                self._connection.execute(insert(tables.group_staged), staged)
            if found:
                self._connection.execute(insert(tables.group_findings), found)

    def findings(self, import_id: str, *, offset: int = 0, limit: int | None = None) -> Sequence[RowFinding]:
        """Errors first, then by row."""
        table = tables.group_findings
        query = (
            select(table)
            .where(table.c.import_id == import_id)
            .order_by(_gravity(), table.c.row, table.c.id)
            .offset(offset)
            .limit(limit)
        )
        return [_finding(row) for row in self._connection.execute(query).mappings()]

    def finding_counts(self, import_id: str) -> Sequence[FindingCount]:
        """By rule and column."""
        table = tables.group_findings
        count = func.count().label("count")
        query = (
            select(
                table.c.rule,
                table.c.column,
                table.c.severity,
                count,
                func.min(table.c.row).label("first_row"),
            )
            .where(table.c.import_id == import_id)
            .group_by(table.c.rule, table.c.column, table.c.severity)
            .order_by(_gravity(), count.desc(), table.c.rule, table.c.column)
        )
        return [FindingCount(**row) for row in self._connection.execute(query).mappings()]

    def members(self) -> Mapping[str, Member]:
        """Every site of every set, but those whose contract was withdrawn."""
        rows, sets = tables.group_rows, tables.group_sets
        query = (
            select(rows.c.cust_no, sets.c.group_no, sets.c.id)
            .join(sets, sets.c.id == rows.c.set_id)
            .where(rows.c.cust_no != "", rows.c.state != RowState.WITHDRAWN.value)
        )
        return {
            cust_no: Member(cust_no=cust_no, group_no=group_no, set_id=set_id)
            for cust_no, group_no, set_id in self._connection.execute(query)
        }


def _gravity() -> ColumnElement[int]:
    severity = tables.group_findings.c.severity
    return case({"E": 0, "W": 1}, value=severity, else_=2)


def _in_portions(items: Iterable[_T]) -> Iterator[list[_T]]:
    source = iter(items)
    while portion := list(islice(source, _AT_ONCE)):
        yield portion


def _import_row(file: ImportFile) -> dict[str, object]:
    return {
        "id": file.id,
        "group_no": file.group_no,
        "file_name": file.file_name,
        "file_sha256": file.file_sha256,
        "encoding": file.encoding,
        "delimiter": file.delimiter,
        "header": canonical_bytes(file.header),
        "chosen": canonical_bytes(file.chosen),
        "state": file.state,
        "uploaded_by": file.uploaded_by,
        "uploaded_utc": file.uploaded_utc,
        "rows": file.rows,
        "passing": file.passing,
        "checked_against": file.checked_against,
        "set_id": file.set_id,
    }


def _import(row: RowMapping) -> ImportFile:
    values = dict(row)
    values["file_sha256"] = Bytes32(row["file_sha256"])
    for name in ("header", "chosen"):
        read = parse_json(row[name])
        values[name] = tuple(read) if isinstance(read, list) else ()
    return ImportFile(**values)


def _finding_row(import_id: str, finding: RowFinding) -> dict[str, object]:
    return {
        "import_id": import_id,
        "row": finding.row,
        "cust_no": finding.cust_no.replace("\x00", "␀"),
        "column": finding.column.replace("\x00", "␀"),
        "rule": finding.rule,
        "severity": finding.severity,
        "en": finding.en.replace("\x00", "␀"),
        "zh": finding.zh.replace("\x00", "␀"),
    }


def _finding(row: RowMapping) -> RowFinding:
    names = ("row", "cust_no", "column", "rule", "severity", "en", "zh")
    return RowFinding(**{name: row[name] for name in names})
