"""``contracts-chain flush``, ``renew`` and ``cross-anchor``: the pipeline by hand.

They open the installation as ``serve`` does, so with embedded servers only while it is stopped;
against a configured database and chain at any time, beside any number of workers.
"""

from __future__ import annotations

import time

from rich.console import Console
from rich.text import Text

from api.house import House, reopen_house
from api.settings import Settings
from contracts_chain.workflows.anchor import advance_anchors, flush
from contracts_chain.workflows.cross_anchor import cross_anchor
from contracts_chain.workflows.dossier import CrossAnchorFile, TwinAnchorFile
from contracts_chain.workflows.errors import NotFlushedError
from contracts_chain.workflows.renew import renew

__all__ = ["cross_anchor_now", "flush_house", "flush_now", "renew_now"]


_OUT = Console(highlight=False, soft_wrap=True, markup=False)
_PATIENCE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.05


def flush_now() -> int:
    """Anchor everything that was taken in, and wait until it is final.

    Raises:
        NoInstallationError: There is nothing to open.
        NotFlushedError: Not within a minute; the worker goes on.
        UndecidedError: Chain or witnesses do not answer.
    """
    with reopen_house(Settings()) as house:
        flush_house(house)
        with house.office.work() as work:
            head = work.checkpoints.newest_final()
    if head is None:
        _OUT.print("尚无存证。 Nothing was taken in yet.")
    else:
        _OUT.print(f"检查点 {head.sequence} 已最终确认，共 {head.size} 片叶。")
        _OUT.print(f"Checkpoint {head.sequence} is final, {head.size} leaves.")
    return 0


def renew_now() -> int:
    """Anchor the log's SM3 root and wait until it is final.

    Raises:
        NoInstallationError: There is nothing to open.
        NothingToRenewError: Nothing is anchored yet.
        NotFlushedError: Not within a minute; the worker goes on.
    """
    with reopen_house(Settings()) as house:
        flush_house(house)
        done = _final(house, renew(house.office))
    _OUT.print(
        f"检查点 {done.sequence} 的 SM3 根已上链。 The SM3 root of checkpoint {done.sequence} is anchored."
    )
    _OUT.print(f"  {done.twin_root.hex() if done.twin_root else ''}")
    return 0


def cross_anchor_now() -> int:
    """Deposit the newest anchoring header at every second place; exit 20 if one did not answer.

    Raises:
        NoInstallationError: There is nothing to open.
    """
    with reopen_house(Settings()) as house:
        done = cross_anchor(house.office, house.places)
        with house.office.work() as work:
            waiting = work.cross_anchors.pending()
    for row in done:
        _tell("✓", "green", row, "已存放 deposited")
    for row in waiting:
        _tell("…", "yellow", row, "待重试 is tried again")
    if not done and not waiting:
        _OUT.print("没有新的区块头需要存放。 No newer header is there to deposit.")
    return 20 if waiting else 0


def flush_house(house: House) -> None:
    """Anchor what an open house has taken in.

    Raises:
        NotFlushedError: Not within a minute; the worker goes on.
        UndecidedError: Chain or witnesses do not answer.
    """
    flush(house.office, patience_seconds=_PATIENCE_SECONDS, most=house.settings.anchor_batch_leaves)


def _final(house: House, asked: TwinAnchorFile) -> TwinAnchorFile:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while asked.state != "final":
        advance_anchors(house.office)
        with house.office.work() as work:
            asked = work.twin_anchors.load(asked.id)
        if asked.state != "final":
            _wait(deadline)
    return asked


def _tell(sign: str, style: str, row: CrossAnchorFile, outcome: str) -> None:
    """Two lines, so that a hash is never broken by the window."""
    _OUT.print(Text.assemble((sign, style), f" {row.place}：区块 block {row.header_number} {outcome}"))
    _OUT.print(f"  {row.header_hash.hex0x()}")


def _wait(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NotFlushedError
    time.sleep(_LOOK_AGAIN_SECONDS)
