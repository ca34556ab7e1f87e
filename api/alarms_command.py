"""``contracts-chain alarms``: what stands, and who cleared it up. Works beside a running service."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from api.database_alone import open_database
from api.settings import Settings
from contracts_chain.workflows.dossier import Alarm
from contracts_chain.workflows.ports import UnitOfWork
from kernel.clock import SystemClock, utc_text
from kernel.errors import RejectedError

__all__ = ["AlarmRequestError", "show_alarms", "tell_alarms"]


class AlarmRequestError(RejectedError):
    """The alarm to clear is not there, or nobody takes responsibility."""

    code = "alarm_request"


def show_alarms(*, clear: str | None, by: str | None) -> int:
    """Print the alarms that stand, after clearing one up; exit 10 while any stands.

    Args:
        clear: ``CODE:SUBJECT`` as printed.
        by: Who found out what it was and takes responsibility.

    Raises:
        AlarmRequestError: No such alarm stands, nobody is named, or nothing is to be cleared.
        NoInstallationError: No database is there.
        FaultError: The database cannot be reached or started.
    """
    if (clear is None) != (by is None or not by.strip()):
        raise AlarmRequestError(
            "--clear CODE:SUBJECT and --by WHO go together; without both the alarms are listed",
            "--clear 代码:对象 与 --by 查清人须同时给出；都不给则列出警报",
        )
    with open_database(Settings()) as unit_of_work, unit_of_work() as work:
        if clear is not None and by is not None:
            _clear(work, clear, by)
        alarms = work.alarms.all()
    tell_alarms(Console(highlight=False), alarms)
    return 10 if alarms else 0


def tell_alarms(console: Console, alarms: tuple[Alarm, ...]) -> None:
    """One block an alarm: what to copy for ``--clear``, since when, and what to do."""
    for alarm in alarms:
        console.print(Text(f"{alarm.code}:{alarm.subject}", style="red"), soft_wrap=True)
        for words in (utc_text(alarm.raised_utc), alarm.zh, alarm.en):
            console.print(Padding(Text(words, overflow="fold"), (0, 0, 0, 2), expand=False))
    if not alarms:
        console.print("[green]✓[/] 没有警报。 No alarm stands.")


def _clear(work: UnitOfWork, clear: str, by: str) -> None:
    code, _, subject = clear.partition(":")
    if not work.alarms.clear(code, subject, by=by, at=SystemClock().now()):
        raise AlarmRequestError(
            f"no alarm {clear!r} stands; copy CODE:SUBJECT from the list",
            f"没有警报 {clear!r}；请按列表中的“代码:对象”填写",
        )
    work.commit()
