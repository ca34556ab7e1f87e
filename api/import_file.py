"""``contracts-chain import``: a group's CSV previewed, and with ``--confirm`` made a set.

Works while ``serve`` runs and while it does not; the worker of ``serve`` drafts what was
confirmed. Exit 0 if every row can be imported, 10 if something has to be corrected.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.bounded_file import printable, read_bounded
from api.database_alone import open_database
from api.settings import Settings
from contracts_chain.agreements.group_csv import GREATEST_BYTES
from contracts_chain.agreements.group_findings import RowFinding
from contracts_chain.workflows.group_import import (
    check_file,
    choose_columns,
    column_problems,
    confirm,
    open_group,
    receive_file,
)
from contracts_chain.workflows.group_ports import ImportFile
from contracts_chain.workflows.ports import UnitOfWorkFactory
from kernel.clock import Clock, SystemClock
from kernel.errors import RejectedError

__all__ = ["ImportRequest", "import_file"]

_SHOWN = 40
_GREATEST_DEFAULTS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What the command line asked for.

    Attributes:
        defaults: Common terms, to open the group under ``name`` first.
        columns: ``HEADER=COLUMN`` for headers that nobody can tell; ``HEADER=-`` leaves one out.
    """

    file: Path
    group_no: str
    defaults: Path | None = None
    name: str = ""
    columns: Sequence[str] = ()
    confirmed: bool = False
    by: str = "drafter"


class ColumnChoiceError(RejectedError):
    """``--column`` is not of the form, or names a header that the file does not have."""

    code = "column_choice"

    def __init__(self, choice: str, header: Sequence[str]) -> None:
        """Name the headers there are."""
        listed = "、".join(header)
        super().__init__(
            f"{choice!r}: write --column HEADER=COLUMN with a header of the file: {listed}",
            f"“{choice}”应写成 --column 表头=列名，表头须为文件中的一个：{listed}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    work: UnitOfWorkFactory
    clock: Clock


def import_file(request: ImportRequest) -> int:
    """Preview or import one file.

    Raises:
        NoInstallationError: Nothing is set up in the data directory.
        FileUnopenedError: A file cannot be opened.
        FileTooLargeError: The CSV has more than 20 MB.
        CsvUnreadableError: It is no CSV that can be read.
        UnknownGroupError: No such group; open it with ``--defaults`` and ``--name``.
        GroupDefaultsError: The common terms cannot be used.
        ColumnChoiceError: A ``--column`` that fits no header.
    """
    content = read_bounded(request.file, GREATEST_BYTES)
    with open_database(Settings()) as work:
        desk = _Desk(work=work, clock=SystemClock())
        if request.defaults is not None:
            defaults = read_bounded(request.defaults, _GREATEST_DEFAULTS)
            open_group(desk, request.group_no, request.name, defaults, by=request.by)
        file = receive_file(desk, request.group_no, request.file.name, io.BytesIO(content), by=request.by)
        choose_columns(desk, file.id, _chosen(file, request.columns))
        if column_problems(desk, file.id):
            return _told(file, column_problems(desk, file.id))
        file = check_file(desk, file.id)
        with work() as unit:
            found = unit.groups.findings(file.id, limit=_SHOWN)
        code = _told(file, found)
        if code == 0 and request.confirmed:
            made = confirm(desk, file.id, by=request.by)
            Console(highlight=False).print(
                f"✓ 批次 set {made.id}：{made.total:,} 份合同由 serve 的后台任务起草。"
                f"See /sets/{made.id}; the worker of serve drafts them."
            )
    return code


def _chosen(file: ImportFile, choices: Sequence[str]) -> list[str | None]:
    chosen = list(file.chosen)
    for choice in choices:
        header, _, column = choice.rpartition("=")
        if header not in file.header or not column:
            raise ColumnChoiceError(choice, file.header)
        chosen[file.header.index(header)] = column
    return chosen


def _told(file: ImportFile, found: Sequence[RowFinding]) -> int:
    """Print what was found; the exit code."""
    console = Console(highlight=False)
    wrong = file.rows - file.passing
    console.print(
        f"{printable(Path(file.file_name))}  {file.encoding}  {file.rows:,} 行 rows  "
        f"{file.passing:,} 可导入 pass  {wrong:,} 要改 to correct",
        markup=False,
        soft_wrap=True,
    )
    if found:
        table = Table("行 row", "户号", "列 column", "规则 rule", "说明 message")
        for one in found:
            table.add_row(str(one.row), one.cust_no, one.column, one.rule, f"{one.zh}\n{one.en}")
        console.print(table)
    if file.may_be_confirmed:
        return 0
    console.print("改完前一行也不导入。 Nothing is imported before every row is right.")
    return 10
