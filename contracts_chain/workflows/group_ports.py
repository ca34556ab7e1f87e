"""What group accounts need of storage and of renderers, as values and protocols; rules as in ``ports``.

A file of rows is staged with its findings until it is confirmed; confirming copies the
staged rows into a set in one transaction. A row of a set is an intent: it names terms and
gets its number, its PDF, its approval and its offer one after the other, each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from contracts_chain.agreements.group_account import GroupAccount
from contracts_chain.agreements.group_findings import Gravity, Member, RowFinding
from contracts_chain.agreements.group_sites import SiteRow
from kernel.sized_bytes import Bytes32

__all__ = [
    "DrawFailure",
    "DrawTask",
    "Drawers",
    "DrawnTask",
    "FindingCount",
    "GroupRepository",
    "ImportFile",
    "RowState",
    "SetFile",
    "SetProgress",
    "SetRow",
    "SetState",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """An uploaded CSV on its way into a set.

    Attributes:
        header: Cells of row 1.
        chosen: For each of them a column's id, ``-`` to leave it out, or ``None``.
        state: ``uploaded`` until its rows were looked at, then ``checked``, at last ``confirmed``.
        rows: Rows of data looked at; ``passing`` of them can be imported.
        checked_against: Rule pack and province that the findings are of.
    """

    id: str
    group_no: str
    file_name: str
    file_sha256: Bytes32
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    chosen: tuple[str | None, ...]
    state: Literal["uploaded", "checked", "confirmed"]
    uploaded_by: str
    uploaded_utc: datetime
    rows: int = 0
    passing: int = 0
    checked_against: str = ""
    set_id: str | None = None

    @property
    def may_be_confirmed(self) -> bool:
        """Whether every row passes, and there is one."""
        return self.state == "checked" and 0 < self.rows == self.passing


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """How often one rule speaks about one column."""

    rule: str
    column: str
    severity: Gravity
    count: int
    first_row: int


class SetState(StrEnum):
    """What happens to a set now; its contracts keep states of their own."""

    DRAFTING = "drafting"
    DRAFTED = "drafted"
    APPROVING = "approving"
    APPROVED = "approved"
    OFFERING = "offering"
    OFFERED = "offered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return _SET_ZH[self]

    @property
    def at_work(self) -> bool:
        """Whether the worker has something to do, unless it is paused."""
        return self in _AT_WORK


_SET_ZH: Mapping[SetState, str] = {
    SetState.DRAFTING: "起草中",
    SetState.DRAFTED: "待审核",
    SetState.APPROVING: "审批中",
    SetState.APPROVED: "已审批",
    SetState.OFFERING: "发送中",
    SetState.OFFERED: "待签署",
    SetState.RETURNING: "退回中",
    SetState.RETURNED: "已退回",
    SetState.CANCELLING: "撤回中",
    SetState.CANCELLED: "已撤回",
}
_AT_WORK = frozenset(
    {SetState.DRAFTING, SetState.APPROVING, SetState.OFFERING, SetState.RETURNING, SetState.CANCELLING}
)


class RowState(StrEnum):
    """How far one row has come; ``kept`` is a contract that somebody signed before its set was taken back."""

    PLANNED = "planned"
    DRAFTED = "drafted"
    APPROVED = "approved"
    OFFERED = "offered"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return _ROW_ZH[self]


_ROW_ZH: Mapping[RowState, str] = {
    RowState.PLANNED: "待起草",
    RowState.DRAFTED: "已起草",
    RowState.APPROVED: "已审批",
    RowState.OFFERED: "待签署",
    RowState.RETURNED: "已退回",
    RowState.WITHDRAWN: "已撤回",
    RowState.KEPT: "保留",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFile:
    """A framework agreement's or a group's contracts, one a site, that are sent together.

    Attributes:
        total: Number of rows.
        root: RFC 6962 root over the digests of the drafts, in the order of rows, once all are drafted.
        approved_root: The root that the reviewer approved.
        stopped_by: Who returned the set or took it back last, when, and the reason in ``stop_reason``.
        links_by: Who was given all links as one table, once.
    """

    id: str
    group_no: str
    import_id: str
    state: SetState
    paused: bool
    total: int
    created_by: str
    created_utc: datetime
    root: Bytes32 | None = None
    approved_root: Bytes32 | None = None
    reviewed_by: str | None = None
    reviewed_utc: datetime | None = None
    offered_by: str | None = None
    offered_utc: datetime | None = None
    stopped_by: str | None = None
    stopped_utc: datetime | None = None
    stop_reason: str | None = None
    links_by: str | None = None
    links_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """One contract of a set.

    Attributes:
        row: Row of the CSV; 0 for the framework agreement.
        cust_no: 户号, empty for the framework agreement.
        document_sha256: Digest of the draft that the set's root covers.
        problem: Code and sentences of what kept it back; the row rests until somebody retries it.
    """

    set_id: str
    row: int
    cust_no: str
    terms: bytes
    state: RowState
    number: str | None = None
    document_sha256: Bytes32 | None = None
    problem: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProgress:
    """How many rows have come how far; ``closed`` are those withdrawn and those kept."""

    total: int
    drafted: int
    approved: int
    offered: int
    returned: int
    closed: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawTask:
    """Everything a renderer in another process needs; the same task gives the same bytes."""

    row: int
    terms: bytes
    number: str
    not_before: str
    created_utc: datetime
    mark: str
    verify_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawFailure:
    """Why a contract could not be drawn."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTask:
    """A drawn contract, or why there is none."""

    row: int
    pages: int = 0
    pdf: bytes = b""
    failure: DrawFailure | None = None


class Drawers(Protocol):
    """Renderers that work side by side."""

    def draw(self, tasks: Iterable[DrawTask]) -> Iterator[DrawnTask]:
        """Draw all, a few at a time; takes a task only when somebody is free for it, answers in order.

        Raises:
            DrawersLostError: The renderers died; what was not answered is drawn again by another call.
        """
        ...


class GroupRepository(Protocol):
    """Group accounts, uploaded files, sets and their rows."""

    def add_account(self, account: GroupAccount, *, by: str, at: datetime) -> None:
        """Insert one.

        Raises:
            GroupTakenError: The number is in use.
        """
        ...

    def find_account(self, group_no: str) -> GroupAccount | None:
        """By number."""
        ...

    def accounts(self) -> Sequence[tuple[str, str]]:
        """Number and name of every group, by number."""
        ...

    def add_import(self, file: ImportFile, content: bytes) -> None:
        """Insert a file with its bytes."""
        ...

    def find_import(self, import_id: str, *, lock: bool = False) -> ImportFile | None:
        """By id."""
        ...

    def import_content(self, import_id: str) -> bytes:
        """The bytes of a file that is not confirmed yet; empty afterwards."""
        ...

    def save_import(self, file: ImportFile) -> None:
        """Store changes; the bytes of a confirmed file are forgotten."""
        ...

    def stage(self, import_id: str, rows: Iterable[SiteRow]) -> None:
        """Replace what was staged for a file by these rows and their findings, a few at a time."""
        ...

    def findings(self, import_id: str, *, offset: int = 0, limit: int | None = None) -> Sequence[RowFinding]:
        """Findings of a file, errors first, then by row."""
        ...

    def finding_counts(self, import_id: str) -> Sequence[FindingCount]:
        """Findings by rule and column, errors first, the most frequent first."""
        ...

    def members(self) -> Mapping[str, Member]:
        """Every site of every set, by 户号; one whose contract was withdrawn is free again."""
        ...

    def add_set(self, made: SetFile) -> None:
        """Insert a set with all staged rows of its file; row 0 is the framework agreement, if there is one.

        Raises:
            SiteTakenError: A site became part of another set meanwhile.
        """
        ...

    def find_set(self, set_id: str, *, lock: bool = False) -> SetFile | None:
        """By id."""
        ...

    def save_set(self, made: SetFile) -> None:
        """Store changes."""
        ...

    def sets(self) -> Sequence[SetFile]:
        """All, newest first."""
        ...

    def sets_at_work(self) -> Sequence[str]:
        """Ids of sets that the worker has to go on with, oldest first."""
        ...

    def due(self, set_id: str, state: RowState, *, after: int, limit: int) -> Sequence[SetRow]:
        """Rows in this state, without a problem, with a greater row number than ``after``, in order."""
        ...

    def rows(self, set_id: str, *, offset: int = 0, limit: int | None = None) -> Sequence[SetRow]:
        """Rows in order."""
        ...

    def find_row(self, set_id: str, row: int) -> SetRow | None:
        """One row."""
        ...

    def failed_rows(self, set_id: str) -> Sequence[SetRow]:
        """Rows with a problem, in order."""
        ...

    def save_row(self, row: SetRow) -> None:
        """Store number, state, digest and problem."""
        ...

    def forgive(self, set_id: str) -> int:
        """Clear the problems of a set, so that its rows are tried again; how many there were."""
        ...

    def progress(self, set_id: str) -> SetProgress:
        """Counted where the rows are."""
        ...

    def digests(self, set_id: str) -> Sequence[tuple[int, str, Bytes32]]:
        """Row, number and digest of every drafted row, in order."""
        ...
