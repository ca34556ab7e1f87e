"""The words of ``contracts-chain status`` and of its route, read strictly."""

from __future__ import annotations

from api.pipeline_commands import set_status, show_status
from contracts_chain.workflows.status import StatusDeed
from kernel.errors import RejectedError

__all__ = ["StatusRequestError", "deed_of", "status_of"]


class StatusRequestError(RejectedError):
    """The status is unknown, or reason or person is missing."""

    code = "status_request"


def status_of(
    number: str, change: str | None, *, reason: str | None, by: str | None, successor: str | None
) -> int:
    """Show the standing, or change it where ``change`` is given.

    Raises:
        StatusRequestError: An unknown word, or no reason or person to a change.
    """
    if change is None:
        return show_status(number)
    deed = deed_of(change)
    if not reason or not by:
        raise StatusRequestError(
            "a change of status needs --reason and --by: both stand in the record",
            "变更状态须给出 --reason（事由）和 --by（决定人），两者将载入存证",
        )
    return set_status(number, deed, reason=reason, by=by, successor=successor)


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
