"""Hold the operator's published log against the chain: every anchored root, from its leaves.

Decides nothing from the operator's own hashes but the leaves: all roots are computed anew,
in one pass and in constant memory. Where a root differs the leaf that changed lies between the
last checkpoint that still holds and the first that does not.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from contracts_chain.evidence.audit_errors import ForkError, LogBehindError, LogChangedError, NodeAnswerError
from contracts_chain.evidence.checkpoint import Checkpoint, verify_cosignatures, verify_note
from contracts_chain.evidence.merkle import EMPTY_ROOT, hash_node
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

__all__ = ["PublishedLog", "check_published_log", "note_fork", "roots_at"]


class PublishedLog(Protocol):
    """A log that anyone may read (C2SP tlog-tiles); nothing of it is believed yet."""

    def note(self) -> str:
        """The newest signed checkpoint."""
        ...

    def leaves(self, size: int) -> Iterator[LeafHash]:
        """Leaf hashes of a log of ``size``, in order."""
        ...


def check_published_log(
    log: PublishedLog, checkpoints: Sequence[AnchoredCheckpoint], trust: TrustBundle
) -> Checkpoint:
    """Prove that the published leaves give every anchored root, and the signed one.

    Raises:
        CheckpointSignatureError: The note is not the trusted log's.
        ForkError: The note contradicts the chain.
        CosignatureError: A trusted witness's cosignature is forged.
        TooFewCosignaturesError: Too few trusted witnesses cosigned it.
        LogChangedError: The leaves give another root than was anchored or signed.
        LogBehindError: Anchored leaves are not published.
        NodeAnswerError: Fewer leaves than the note says.
    """
    note = log.note()
    signed = verify_note(note, trust.log_key, trust.log_origin)
    for anchored in checkpoints:
        if anchored.size == signed.size and anchored.root != signed.root:
            raise note_fork(note, signed, anchored)
    verify_cosignatures(note, trust.witnesses, trust.witness_quorum)
    reached = [one for one in checkpoints if one.size <= signed.size]
    computed = roots_at(log.leaves(signed.size), {signed.size, *(one.size for one in reached)})
    _compare(computed, reached, signed)
    if len(reached) < len(checkpoints):
        raise LogBehindError(signed.size, checkpoints[-1].size)
    return signed


def note_fork(note: str, signed: Checkpoint, anchored: AnchoredCheckpoint) -> ForkError:
    """The alarm for a note whose signer anchored another root at that size."""
    return ForkError(
        f"the log signed another tree of {signed.size} leaves than it anchored as checkpoint "
        f"{anchored.sequence} in block {anchored.block_number}",
        f"日志对 {signed.size} 片叶签署的根，与其在第 {anchored.block_number} 号区块锚定的检查点 "
        f"{anchored.sequence} 不同",
        expected=anchored.root.hex(),
        actual=signed.root.hex(),
        statements={
            "kind": "note_against_chain",
            "signed_note": note,
            "signed_root_base64": base64.b64encode(signed.root).decode(),
            "anchored": {
                "sequence": anchored.sequence,
                "size": anchored.size,
                "root": anchored.root.hex(),
                "block_number": anchored.block_number,
                "block_hash": anchored.block_hash.hex0x(),
                "transaction_hash": None
                if anchored.transaction_hash is None
                else anchored.transaction_hash.hex0x(),
            },
        },
    )


def roots_at(leaves: Iterator[LeafHash], sizes: set[int]) -> Mapping[int, RootHash]:
    """Roots of the tree at these sizes (RFC 9162 §2.1.1), as far as there are leaves."""
    found: dict[int, RootHash] = {0: EMPTY_ROOT}
    ridge: list[tuple[int, bytes]] = []  # perfect subtrees from the left: height and hash
    for count, leaf in enumerate(leaves, start=1):
        height, node = 0, bytes(leaf)
        while ridge and ridge[-1][0] == height:
            height, node = height + 1, bytes(hash_node(ridge.pop()[1], node))
        ridge.append((height, node))
        if count in sizes:
            found[count] = _fold(ridge)
    return found


def _fold(ridge: Sequence[tuple[int, bytes]]) -> RootHash:
    node = ridge[-1][1]
    for _, left in reversed(ridge[:-1]):
        node = bytes(hash_node(left, node))
    return RootHash(Bytes32(node))


def _compare(
    computed: Mapping[int, RootHash], reached: Sequence[AnchoredCheckpoint], signed: Checkpoint
) -> None:
    sound = 0
    for anchored in reached:
        _check(computed, anchored.size, anchored.root, sound, f"checkpoint {anchored.sequence}")
        sound = anchored.size
    _check(computed, signed.size, signed.root, sound, "the signed checkpoint")


def _check(computed: Mapping[int, RootHash], size: int, root: RootHash, sound: int, name: str) -> None:
    if size not in computed:
        raise NodeAnswerError(
            f"the published log ends before its {size} leaves", f"公开日志未给出全部 {size} 片叶"
        )
    if computed[size] != root:
        raise LogChangedError(
            f"leaves {sound} to {size - 1} of the published log were changed: they do not give the root "
            f"of {name}",
            f"公开日志第 {sound} 至 {size - 1} 片叶已被改动，与检查点的根不符（{name}）",
            expected=root.hex(),
            actual=computed[size].hex(),
        )
