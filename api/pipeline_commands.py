"""``contracts-chain flush``, ``renew``, ``cross-anchor`` and ``status``: the pipeline by hand.

They open the installation as ``serve`` does, so with embedded servers only while it is stopped;
against a configured database and chain at any time, beside any number of workers.
"""

from __future__ import annotations

import time

from rich.console import Console

from api.house import House, open_house
from api.settings import Settings
from contracts_chain.workflows.anchor import advance_anchors, flush
from contracts_chain.workflows.cross_anchor import cross_anchor
from contracts_chain.workflows.dossier import AgreementDossier, StatusChangeFile
from contracts_chain.workflows.errors import NotFlushedError
from contracts_chain.workflows.renew import renew
from contracts_chain.workflows.status import StatusDeed, change_status
from kernel.clock import utc_text
from kernel.errors import RejectedError

__all__ = [
    "AlarmRequestError",
    "cross_anchor_now",
    "flush_now",
    "renew_now",
    "set_status",
    "show_alarms",
    "show_status",
]


class AlarmRequestError(RejectedError):
    """The alarm to clear is not there, or nobody takes responsibility."""

    code = "alarm_request"


_OUT = Console(highlight=False, soft_wrap=True)
_PATIENCE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.05


def flush_now() -> int:
    """Anchor everything that was taken in, and wait until it is final.

    Raises:
        NotFlushedError: Not within a minute; the worker goes on.
        UndecidedError: Chain or witnesses do not answer.
    """
    with open_house(Settings()) as house:
        _flush(house)
        with house.office.work() as work:
            head = work.checkpoints.newest_final()
    if head is None:
        _OUT.print("尚无存证。 Nothing was taken in yet.")
    else:
        _OUT.print(
            f"检查点 {head.sequence} 已最终确认，共 {head.size} 片叶。 "
            f"Checkpoint {head.sequence} is final, {head.size} leaves."
        )
    return 0


def renew_now() -> int:
    """Anchor the log's SM3 root and wait until it is final.

    Raises:
        NothingToRenewError: Nothing is anchored yet.
        NotFlushedError: Not within a minute; the worker goes on.
    """
    with open_house(Settings()) as house:
        _flush(house)
        asked = renew(house.office)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while asked.state != "final":
            advance_anchors(house.office)
            with house.office.work() as work:
                asked = work.twin_anchors.load(asked.id)
            if asked.state != "final":
                _wait(deadline)
    root = asked.twin_root.hex() if asked.twin_root else ""
    _OUT.print(
        f"检查点 {asked.sequence} 的 SM3 根 {root} 已上链。 "
        f"The SM3 root of checkpoint {asked.sequence} is anchored."
    )
    return 0


def cross_anchor_now() -> int:
    """Deposit the newest anchoring header at every second place; exit 20 if one did not answer."""
    with open_house(Settings()) as house:
        done = cross_anchor(house.office, house.places)
        with house.office.work() as work:
            waiting = work.cross_anchors.pending()
    for row in done:
        _OUT.print(f"[green]✓[/] {row.place}：区块 block {row.header_number} {row.header_hash.hex0x()}")
    for row in waiting:
        _OUT.print(f"[yellow]…[/] {row.place}：区块 block {row.header_number} 待重试 is tried again")
    return 20 if waiting else 0


def show_alarms(*, clear: str | None, by: str | None) -> int:
    """Print the alarms that stand, after clearing one up; exit 10 while any stands.

    Args:
        clear: ``CODE:SUBJECT`` as printed.
        by: Who found out what it was and takes responsibility.

    Raises:
        AlarmRequestError: No such alarm stands, or nobody is named.
    """
    with open_house(Settings()) as house, house.office.work() as work:
        if clear is not None:
            code, _, subject = clear.partition(":")
            if not by or not work.alarms.clear(code, subject, by=by, at=house.office.clock.now()):
                raise AlarmRequestError(
                    f"no alarm {clear!r} stands, or --by is missing; copy CODE:SUBJECT from the list",
                    f"没有警报 {clear!r}，或缺少 --by；请按列表中的“代码:对象”填写",
                )
            work.commit()
        alarms = work.alarms.all()
    for alarm in alarms:
        _OUT.print(f"[red]{alarm.code}:{alarm.subject}[/] {utc_text(alarm.raised_utc)}")
        _OUT.print(f"  {alarm.zh}\n  {alarm.en}")
    if not alarms:
        _OUT.print("[green]✓[/] 没有警报。 No alarm stands.")
    return 10 if alarms else 0


def set_status(number: str, deed: StatusDeed, *, reason: str, by: str, successor: str | None) -> int:
    """Do the deed, then anchor record and word.

    Raises:
        RejectedError: The deed is not allowed.
        NotFlushedError: Done and recorded, but not on the chain within a minute; the worker goes on.
    """
    with open_house(Settings()) as house:
        change_status(house.office, number, deed, reason=reason, by=by, successor=successor)
        _flush(house)
    return show_status(number)


def show_status(number: str) -> int:
    """Print how a contract stands here and which words were written on the chain.

    Raises:
        UnknownNumberError: No such agreement.
    """
    with open_house(Settings()) as house, house.office.work() as work:
        dossier = work.agreements.load(number)
        words = work.status_changes.of_agreement(number)
    _tell(dossier, words)
    return 0


def _tell(dossier: AgreementDossier, words: tuple[StatusChangeFile, ...]) -> None:
    _OUT.print(f"{dossier.number} {dossier.state.zh} {dossier.state.value}")
    for word in words:
        _OUT.print(f"  {utc_text(word.asked_utc)} {word.status.name.lower()} ({word.state})")


def _flush(house: House) -> None:
    flush(house.office, patience_seconds=_PATIENCE_SECONDS, most=house.settings.anchor_batch_leaves)


def _wait(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NotFlushedError
    time.sleep(_LOOK_AGAIN_SECONDS)
