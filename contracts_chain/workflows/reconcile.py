"""Holds our checkpoints against the registry's events since the last final block, both ways.

An anchor on the chain without our row, or a final row that the chain no longer shows,
is an alarm: told in the operator's log, kept in the list that ``fsck`` prints, and never
adopted. Rows are stored before anything is sent, so work under way is never mistaken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from contracts_chain.workflows.dossier import Alarm, CheckpointFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.transactions import raise_alarm

__all__ = ["Difference", "compare", "reconcile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One checkpoint on which we and the chain do not agree.

    Attributes:
        code: ``anchor_unknown``, ``anchor_contradicted`` or ``anchor_missing``.
        sequence: Of the checkpoint.
        en: One sentence in English.
        zh: The same in Chinese.
    """

    code: str
    sequence: int
    en: str
    zh: str


def reconcile(office: Office) -> tuple[Alarm, ...]:
    """Compare, raise what is new, and return every alarm that stands.

    Raises:
        ChainUnavailableError: The chain does not answer; nothing can be said.
    """
    with office.work() as work:
        final = work.checkpoints.newest_final()
        block = _block_of(work, final)
    events = list(office.chain.read_checkpoints(block))
    with office.work() as work:
        ours = {one.sequence: one for one in work.checkpoints.since(final.sequence if final else 1)}
        for found in compare(final, ours, events):
            subject = f"checkpoint {found.sequence}"
            raise_alarm(office, work, found.code, subject, en=found.en, zh=found.zh)
        work.commit()
        return work.alarms.all()


def compare(
    final: CheckpointFile | None, ours: dict[int, CheckpointFile], events: list[AnchoredCheckpoint]
) -> Iterator[Difference]:
    """Differences between our rows and the events from the last final block on.

    Args:
        final: Our newest final checkpoint before the events were read; it must be among them.
        ours: Our rows from that one on, read after the events, by sequence.
        events: What the registry emitted since that block, oldest first.
    """
    for event in events:
        row = ours.get(event.sequence)
        if row is None:
            yield _unknown(event)
        elif (row.size, row.root) != (event.size, event.root):
            yield _contradicted(event)
    if final is not None and final.sequence not in {event.sequence for event in events}:
        yield Difference(
            code="anchor_missing",
            sequence=final.sequence,
            en=f"checkpoint {final.sequence} was final and the chain no longer shows it; stop anchoring, "
            "the chain was rolled back or replaced",
            zh=f"检查点 {final.sequence} 曾最终确认，现链上不再显示；请停止锚定，链可能被回滚或替换",
        )


def _unknown(event: AnchoredCheckpoint) -> Difference:
    return Difference(
        code="anchor_unknown",
        sequence=event.sequence,
        en=f"the registry holds checkpoint {event.sequence} of size {event.size}, which this installation "
        "never signed; it is not adopted, find out who uses the key",
        zh=f"登记合约中有检查点 {event.sequence}（{event.size} 片叶），并非本系统签发；"
        "不予采纳，请查明谁在使用密钥",
    )


def _contradicted(event: AnchoredCheckpoint) -> Difference:
    return Difference(
        code="anchor_contradicted",
        sequence=event.sequence,
        en=f"the registry holds checkpoint {event.sequence} with another size or root than ours; "
        "stop anchoring and compare with a backup",
        zh=f"检查点 {event.sequence} 的大小或根与链上不符；请停止锚定并与备份比对",
    )


def _block_of(work: UnitOfWork, final: CheckpointFile | None) -> int:
    if final is None:
        return 0
    anchored = work.transactions.newest_of("anchor", final.sequence)
    return 0 if anchored is None or anchored.block_number is None else anchored.block_number
