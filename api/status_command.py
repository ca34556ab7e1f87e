"""``contracts-chain status`` and the words of its route, read strictly.

Showing needs the database alone and works beside a running service; a change needs the whole
house, because its word is written on the chain at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from api.database_alone import open_database
from api.house import reopen_house
from api.pipeline_commands import flush_house
from api.settings import Settings
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.status import StatusDeed, change_status
from kernel.clock import utc_text
from kernel.errors import RejectedError

__all__ = ["StatusRequestError", "StatusWish", "deed_of", "stated_reason", "status_of"]

_LONGEST_REASON = 500
_OUT = Console(highlight=False, soft_wrap=True, markup=False)


class StatusRequestError(RejectedError):
    """The status is unknown, or reason or person is missing."""

    code = "status_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusWish:
    """What belongs to a change: why, by whom, what follows, which notice allows it."""

    reason: str | None = None
    by: str | None = None
    successor: str | None = None
    notice: str | None = None


def status_of(number: str, change: str | None, wish: StatusWish) -> int:
    """Show the standing, or change it where ``change`` is given.

    Raises:
        StatusRequestError: An unknown word, no reason or person to a change, or these without one.
        UnknownNumberError: No such agreement.
        RejectedError: The deed is not allowed.
        NotFlushedError: Done and recorded, but not on the chain within a minute; the worker goes on.
    """
    if change is None:
        if wish != StatusWish():
            raise StatusRequestError(
                "--reason, --by, --successor and --notice belong to a change; "
                "say which with --set, or leave them out",
                "--reason、--by、--successor、--notice 只用于变更；请用 --set 指明新状态，或去掉它们",
            )
        with open_database(Settings()) as unit_of_work, unit_of_work() as work:
            _tell(work, number)
        return 0
    deed, reason, by = deed_of(change), wish.reason, wish.by
    if not reason or not by or not by.strip():
        raise StatusRequestError(
            "a change of status needs --reason and --by: both stand in the record",
            "变更状态须给出 --reason（事由）和 --by（决定人），两者将载入存证",
        )
    stated_reason(reason)
    with reopen_house(Settings()) as house:
        change_status(
            house.office, number, deed, reason=reason, by=by, successor=wish.successor, notice=wish.notice
        )
        flush_house(house)
        with house.office.work() as work:
            _tell(work, number)
    return 0


def deed_of(word: str) -> StatusDeed:
    """The deed that leads to a status.

    Raises:
        StatusRequestError: An unknown word.
    """
    try:
        return StatusDeed(word)
    except ValueError as problem:
        known = ", ".join(deed.value for deed in StatusDeed)
        raise StatusRequestError(
            f"{word!r} is no status that can be set; choose one of {known}",
            f"不能设为 {word!r}；可选：{known}",
        ) from problem


def stated_reason(reason: str) -> str:
    """The reason, if somebody can read it.

    Raises:
        StatusRequestError: Blank, or longer than 500 characters.
    """
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise StatusRequestError(
            f"a reason of 1 to {_LONGEST_REASON} characters is due", f"事由须为 1 至 {_LONGEST_REASON} 字"
        )
    return reason


def _tell(work: UnitOfWork, number: str) -> None:
    dossier = work.agreements.load(number)
    _OUT.print(f"{dossier.number} {dossier.state.zh} {dossier.state.value}")
    for word in work.status_changes.of_agreement(number):
        _OUT.print(f"  {utc_text(word.asked_utc)} {word.status.name.lower()} ({word.state})")
