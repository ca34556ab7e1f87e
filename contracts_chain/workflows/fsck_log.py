"""The part of fsck that reads the log: leaves, tiles, order, checkpoints, the SM3 root on the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from contracts_chain.evidence.log_check import StoredCheckpoint, check_log, check_waiting
from contracts_chain.evidence.log_finding import LogFinding
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.tile_check import check_chains, check_tiles
from contracts_chain.evidence.tiles import Tile
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE
from contracts_chain.ledger.anchor_proof import TwinProof
from contracts_chain.ledger.chain_trust import ChainTrust
from contracts_chain.ledger.verify_anchor import verify_twin
from contracts_chain.workflows.dossier import LogLeaf, LogRow, TwinAnchorFile
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import parse_json
from kernel.errors import ContractsChainError

__all__ = ["StoredLog", "check_stored_log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLog:
    """The log's tables as of one moment."""

    leaves: tuple[LogLeaf, ...]
    waiting: tuple[LogRow, ...]
    tiles: tuple[Tile, ...]
    twin_tiles: tuple[Tile, ...]
    checkpoints: tuple[StoredCheckpoint, ...]
    renewal: TwinAnchorFile | None

    @classmethod
    def read(cls, work: UnitOfWork) -> Self:
        """Read them all; the caller has taken the snapshot."""
        return cls(
            leaves=work.log.all(),
            waiting=work.log.waiting(),
            tiles=work.log.tiles("sha256"),
            twin_tiles=work.log.tiles("sm3"),
            checkpoints=tuple(
                StoredCheckpoint(sequence=one.sequence, size=one.size, root=one.root)
                for one in work.checkpoints.all()
            ),
            renewal=work.twin_anchors.newest_final(),
        )

    @property
    def rows(self) -> tuple[LogLeaf | LogRow, ...]:
        """Leaves in order, then what waits for its place."""
        return (*self.leaves, *self.waiting)


def check_stored_log(
    log: StoredLog, anchored: Sequence[StoredCheckpoint], trust: ChainTrust
) -> Iterator[LogFinding]:
    """Rebuild both trees and hold them against tiles, checkpoints and chain.

    Args:
        log: What is stored.
        anchored: The chain's checkpoints by sequence, read before.
        trust: For the stored proof of the newest renewal.
    """
    leaves = [one.leaf_hash for one in log.leaves]
    twins = [one.twin_hash for one in log.leaves]
    yield from check_log(leaves, twins, [one.record for one in log.leaves], log.checkpoints, anchored)
    yield from check_tiles(SHA256_TREE, leaves, log.tiles)
    yield from check_tiles(SM3_TREE, twins, log.twin_tiles)
    yield from check_waiting((one.leaf_hash, one.record) for one in log.waiting)
    yield from check_chains(
        (row.subject, row.leaf_hash, row.record if hash_leaf(row.record) == row.leaf_hash else None)
        for row in log.rows
    )
    yield from _renewal_findings(log, trust)


def _renewal_findings(log: StoredLog, trust: ChainTrust) -> Iterator[LogFinding]:
    """The newest SM3 root that the chain holds, by its stored proof, against our twin leaves."""
    if log.renewal is None or log.renewal.proof is None:
        return
    proof = TwinProof.from_json(parse_json(log.renewal.proof))
    try:
        anchored = verify_twin(proof, trust)
    except ContractsChainError as problem:
        yield LogFinding(code=problem.code, place=proof.sequence, en=problem.en, zh=problem.zh)
        return
    twins = [leaf.twin_hash for leaf in log.leaves[: anchored.size]]
    if MerkleLog(twins, tree=SM3_TREE).root() != anchored.twin_root:
        yield LogFinding(
            code="twin_root_changed",
            place=anchored.sequence,
            en=f"the chain holds another SM3 root for checkpoint {anchored.sequence} than the leaves give; "
            "stop anchoring and compare with a backup",
            zh=f"检查点 {anchored.sequence} 的链上 SM3 根与叶不符；请停止锚定并与备份比对",
        )
