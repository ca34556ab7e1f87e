"""Rebuild every hash of the log from stored records and hold it against the chain (fsck).

Decides nothing about single documents: it looks for what an operator could have lost, changed
or withheld. Pure: records, leaves and checkpoints in, findings out; no finding means sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts_chain.evidence.log_finding import LogFinding
from contracts_chain.evidence.merkle import hash_leaf, hash_twin_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

__all__ = ["StoredCheckpoint", "check_log", "check_waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """One checkpoint, as stored here or as read from the chain's events."""

    sequence: int
    size: int
    root: RootHash


def check_log(
    leaves: Sequence[LeafHash],
    twins: Sequence[Bytes32],
    records: Sequence[bytes | None],
    stored: Sequence[StoredCheckpoint],
    anchored: Sequence[StoredCheckpoint],
) -> tuple[LogFinding, ...]:
    """Compare leaves with records, roots with leaves, stored checkpoints with the chain's.

    Args:
        leaves: All leaf hashes in log order.
        twins: The SM3 leaf hash of each.
        records: Canonical bytes of each; ``None`` where a record was lawfully erased, its leaf stays.
        stored: Our checkpoints by sequence; those not yet anchored may come last.
        anchored: The chain's checkpoints by sequence.
    """
    log = MerkleLog(leaves)
    return (
        *_leaf_findings(leaves, twins, records),
        *_root_findings(log, stored, "stored"),
        *_root_findings(log, anchored, "anchored"),
        *_difference(stored, anchored),
    )


def _leaf_findings(
    leaves: Sequence[LeafHash], twins: Sequence[Bytes32], records: Sequence[bytes | None]
) -> Iterable[LogFinding]:
    if len(leaves) != len(records):
        first = min(len(leaves), len(records))
        yield LogFinding(
            code="leaf_missing",
            place=first,
            en=f"{len(leaves)} leaves stand against {len(records)} records; restore the newest backup",
            zh=f"叶 {len(leaves)} 个，记录 {len(records)} 条；请恢复最新备份",
        )
    for index, (leaf, twin, record) in enumerate(zip(leaves, twins, records, strict=False)):
        if record is not None and hash_leaf(record) != leaf:
            yield LogFinding(
                code="leaf_changed",
                place=index,
                en=f"record {index} does not hash to its leaf; restore it from a backup",
                zh=f"第 {index} 条记录与其叶哈希不符；请从备份恢复",
            )
        elif record is not None and hash_twin_leaf(record) != twin:
            yield LogFinding(
                code="twin_changed",
                place=index,
                en=f"record {index} does not hash to its SM3 leaf; restore it from a backup",
                zh=f"第 {index} 条记录与其 SM3 叶哈希不符；请从备份恢复",
            )


def check_waiting(rows: Iterable[tuple[LeafHash, bytes]]) -> Iterable[LogFinding]:
    """Compare the records that have no place yet with their leaves; places are counted from 0 among them."""
    for place, (leaf, record) in enumerate(rows):
        if hash_leaf(record) != leaf:
            yield LogFinding(
                code="leaf_changed",
                place=place,
                en=f"pending record {place} does not hash to its leaf; restore it from a backup",
                zh=f"第 {place} 条待排序记录与其叶哈希不符；请从备份恢复",
            )


def _root_findings(
    log: MerkleLog, checkpoints: Sequence[StoredCheckpoint], origin: str
) -> Iterable[LogFinding]:
    sequence, size = 0, 0
    for checkpoint in checkpoints:
        if checkpoint.sequence != sequence + 1:
            yield _finding("sequence_gap", checkpoint, origin)
        if checkpoint.size <= size:
            yield _finding("not_growing", checkpoint, origin)
        if checkpoint.size > len(log):
            yield _finding("size_unknown", checkpoint, origin)
        elif log.root(checkpoint.size) != checkpoint.root:
            yield _finding("root_changed", checkpoint, origin)
        sequence, size = checkpoint.sequence, checkpoint.size


def _difference(
    stored: Sequence[StoredCheckpoint], anchored: Sequence[StoredCheckpoint]
) -> Iterable[LogFinding]:
    newest = anchored[-1].sequence if anchored else 0
    here = {checkpoint.sequence: checkpoint for checkpoint in stored}
    there = {checkpoint.sequence: checkpoint for checkpoint in anchored}
    for sequence in sorted(here.keys() | there.keys()):
        if sequence not in here:
            yield _finding("not_stored", there[sequence], "anchored")
        elif sequence not in there and sequence < newest:
            yield _finding("not_on_chain", here[sequence], "stored")
        elif sequence in there and here[sequence] != there[sequence]:
            yield _finding("root_changed", here[sequence], "stored")


_SENTENCES = {
    "sequence_gap": ("does not follow the one before", "与前一检查点不连续"),
    "not_growing": ("does not grow the log", "未使日志增长"),
    "size_unknown": ("covers leaves that are not stored here", "包含本地未保存的叶"),
    "root_changed": ("has another root than the leaves give", "根哈希与叶不符"),
    "not_on_chain": ("is missing from the chain", "链上不存在"),
    "not_stored": ("is on the chain but not stored here", "链上存在而本地没有"),
}


def _finding(code: str, checkpoint: StoredCheckpoint, origin: str) -> LogFinding:
    en, zh = _SENTENCES[code]
    return LogFinding(
        code=code,
        place=checkpoint.sequence,
        en=f"{origin} checkpoint {checkpoint.sequence} {en}; stop anchoring and compare with a backup",
        zh=f"检查点 {checkpoint.sequence}（{origin}）{zh}；请停止锚定并与备份比对",
    )
