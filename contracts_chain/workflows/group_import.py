"""A group's CSV from upload to set: 上传 → 对列 → 预览 → 确认 (reference §5.5; WEB §5).

The file is kept with its bytes until it is confirmed; looking at it stages every good row
and every finding; confirming makes a set of all rows in one transaction or of none. Rows
that need correction keep the whole file out. Must never draft anything: the rows of a set
are intents, and ``group_draft`` goes on from there.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO, Protocol

from contracts_chain.agreements.group_account import GroupAccount, open_account
from contracts_chain.agreements.group_columns import matched
from contracts_chain.agreements.group_csv import (
    GREATEST_BYTES,
    CsvEncoding,
    CsvForm,
    CsvUnreadableError,
    form_of,
    rows_of,
)
from contracts_chain.agreements.group_findings import RowFinding, header_findings
from contracts_chain.agreements.group_framework_row import FRAMEWORK_ROW, FrameworkWriter
from contracts_chain.agreements.group_sites import SheetReader, SiteRow
from contracts_chain.agreements.rules.pack import LATEST_PACK, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.workflows.group_errors import ImportNotReadyError, UnknownGroupError
from contracts_chain.workflows.group_ports import ImportFile, SetFile, SetState
from contracts_chain.workflows.ports import UnitOfWork, UnitOfWorkFactory
from kernel.clock import Clock
from kernel.digests import sha256
from kernel.ids import new_id

__all__ = [
    "FilingDesk",
    "check_file",
    "choose_columns",
    "column_problems",
    "confirm",
    "open_group",
    "receive_file",
    "the_import",
]

_LONGEST_NAME = 120
HEADER_ROW = 1


class FilingDesk(Protocol):
    """The part of an office that takes files in: records and a clock, no chain and no keys."""

    @property
    def clock(self) -> Clock:
        """The present moment."""
        ...

    @property
    def work(self) -> UnitOfWorkFactory:
        """Begins a unit of work."""
        ...


def open_group(desk: FilingDesk, group_no: str, name: str, defaults: bytes, *, by: str) -> GroupAccount:
    """Open a group account with the terms its sites share.

    Raises:
        GroupDefaultsError: The particulars cannot be used.
        GroupTakenError: The number is in use.
    """
    account = open_account(group_no, name, defaults)
    load_profile(_province(account))
    with desk.work() as work:
        work.groups.add_account(account, by=by, at=desk.clock.now())
        work.commit()
    return account


def receive_file(desk: FilingDesk, group_no: str, name: str, stream: BinaryIO, *, by: str) -> ImportFile:
    """Keep an uploaded CSV and propose which column each header means.

    Raises:
        UnknownGroupError: No such group.
        CsvUnreadableError: Too large, or not a CSV that can be read.
    """
    account = the_account(desk, group_no)
    content = stream.read(GREATEST_BYTES + 1)
    if len(content) > GREATEST_BYTES:
        megabytes = GREATEST_BYTES // 1_000_000
        raise CsvUnreadableError(
            f"more than {megabytes} MB; split the file", f"超过 {megabytes} MB；请分成几个文件导入"
        )
    form = form_of(io.BytesIO(content))
    received = ImportFile(
        id=new_id()[:16],
        group_no=group_no,
        file_name=name[-_LONGEST_NAME:] or "未命名.csv",
        file_sha256=sha256(content),
        encoding=form.encoding.value,
        delimiter=form.delimiter,
        header=form.header,
        chosen=matched(account.agreement_class.terms, form.header),
        state="uploaded",
        uploaded_by=by,
        uploaded_utc=desk.clock.now(),
    )
    with desk.work() as work:
        work.groups.add_import(received, content)
        work.commit()
    return received


def choose_columns(desk: FilingDesk, import_id: str, chosen: Sequence[str | None]) -> ImportFile:
    """Keep which column each header means, in the order of the file; the rows are looked at anew.

    Raises:
        UnknownGroupError: No such file.
        ImportNotReadyError: It was confirmed already.
    """
    with desk.work() as work:
        file = _open_import(work, import_id)
        kept = tuple(chosen)[: len(file.header)]
        kept += (None,) * (len(file.header) - len(kept))
        changed = replace(file, chosen=kept, state="uploaded", rows=0, passing=0)
        work.groups.save_import(changed)
        work.commit()
    return changed


def column_problems(desk: FilingDesk, import_id: str) -> tuple[RowFinding, ...]:
    """What is still wrong with the columns; empty when the rows can be looked at."""
    file = the_import(desk, import_id)
    terms = the_account(desk, file.group_no).agreement_class.terms
    return header_findings(terms, file.header, file.chosen)


def check_file(desk: FilingDesk, import_id: str) -> ImportFile:
    """Look at every row and keep what was found; the same file may be looked at again at any time.

    Raises:
        UnknownGroupError: No such file.
        ImportNotReadyError: It was confirmed already.
        CsvUnreadableError: A row cannot be read; nothing is staged.
    """
    file = the_import(desk, import_id)
    account = the_account(desk, file.group_no)
    problems = header_findings(account.agreement_class.terms, file.header, file.chosen)
    with desk.work() as work:
        file = _open_import(work, import_id)
        rows = _header_row(problems) if problems else _rows(work, account, file)
        count = _Count()
        work.groups.stage(import_id, count.of(rows))
        checked = replace(
            file,
            state="checked",
            rows=count.rows,
            passing=count.passing,
            checked_against=_rules_of(account),
        )
        work.groups.save_import(checked)
        work.commit()
    return checked


def confirm(desk: FilingDesk, import_id: str, *, by: str) -> SetFile:
    """Make a set of all rows, or of none; a second call gives the same set.

    The rows are looked at once more if the rules are others than at the preview.

    Raises:
        UnknownGroupError: No such file.
        ImportNotReadyError: A row has to be corrected; nothing was imported.
        SiteTakenError: A site became part of another set meanwhile; nothing was imported.
    """
    file = the_import(desk, import_id)
    if file.set_id is None and file.checked_against != _rules_of(the_account(desk, file.group_no)):
        file = check_file(desk, import_id)
    with desk.work() as work:
        file = work.groups.find_import(import_id, lock=True) or file
        standing = None if file.set_id is None else work.groups.find_set(file.set_id)
        if standing is not None:
            return standing
        if not file.may_be_confirmed:
            raise ImportNotReadyError(rows=file.rows, passing=file.passing)
        made = SetFile(
            id=new_id()[:16],
            group_no=file.group_no,
            import_id=import_id,
            state=SetState.DRAFTING,
            paused=False,
            total=file.rows + (the_account(desk, file.group_no).framework is not None),
            created_by=by,
            created_utc=desk.clock.now(),
        )
        work.groups.add_set(made)
        work.groups.save_import(replace(file, state="confirmed", set_id=made.id))
        work.commit()
    return made


def the_account(desk: FilingDesk, group_no: str) -> GroupAccount:
    """The group of a number.

    Raises:
        UnknownGroupError: There is none.
    """
    with desk.work() as work:
        account = work.groups.find_account(group_no)
    if account is None:
        raise UnknownGroupError(group_no)
    return account


def the_import(desk: FilingDesk, import_id: str) -> ImportFile:
    """The file of an id.

    Raises:
        UnknownGroupError: There is none.
    """
    with desk.work() as work:
        file = work.groups.find_import(import_id)
    if file is None:
        raise UnknownGroupError(import_id)
    return file


class _Count:
    """Counts rows on their way into the store; a framework agreement counts where it keeps them out."""

    def __init__(self) -> None:
        self.rows = self.passing = 0

    def of(self, rows: Iterator[SiteRow]) -> Iterator[SiteRow]:
        for row in rows:
            is_site = row.row > HEADER_ROW
            lacks_framework = row.row == FRAMEWORK_ROW and row.terms is None
            self.rows += is_site or lacks_framework
            self.passing += is_site and row.terms is not None
            yield row


def _open_import(work: UnitOfWork, import_id: str) -> ImportFile:
    file = work.groups.find_import(import_id, lock=True)
    if file is None:
        raise UnknownGroupError(import_id)
    if file.state == "confirmed":
        raise ImportNotReadyError(rows=file.rows, passing=file.passing)
    return file


def _rows(work: UnitOfWork, account: GroupAccount, file: ImportFile) -> Iterator[SiteRow]:
    """Every row of the file, read; a row that cannot be read ends it as its one finding."""
    pack, profile = load_pack(), load_profile(_province(account))
    reader = SheetReader(
        account=account,
        header=file.header,
        chosen=file.chosen,
        pack=pack,
        profile=profile,
        members=work.groups.members(),
    )
    writer = None
    if account.framework is not None:
        writer = FrameworkWriter(account=account, particulars=account.framework, pack=pack, profile=profile)
    form = CsvForm(encoding=_encoding(file), delimiter=file.delimiter, header=file.header)
    try:
        for row in rows_of(io.BytesIO(work.groups.import_content(file.id)), form):
            read = reader.read(row)
            if writer is not None and read.site is not None:
                writer.note(read.site)
            yield read
    except CsvUnreadableError as problem:
        yield _broken_row(problem)
    if writer is not None:
        yield writer.written()


def _broken_row(problem: CsvUnreadableError) -> SiteRow:
    row = problem.row or HEADER_ROW
    finding = RowFinding(
        row=row, cust_no="", column="（整行）", rule="G-ROW-2", severity="E", en=problem.en, zh=problem.zh
    )
    return SiteRow(row=row, cust_no="", terms=None, findings=(finding,))


def _header_row(problems: tuple[RowFinding, ...]) -> Iterator[SiteRow]:
    yield SiteRow(row=HEADER_ROW, cust_no="", terms=None, findings=problems)


def _encoding(file: ImportFile) -> CsvEncoding:
    return next(each for each in CsvEncoding if each.value == file.encoding)


def _province(account: GroupAccount) -> str:
    province = account.defaults.get("province")
    return province if isinstance(province, str) else ""


def _rules_of(account: GroupAccount) -> str:
    return f"{LATEST_PACK}/{_province(account)}"
