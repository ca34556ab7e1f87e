"""Step 8: the checkpoint equals what the chain holds: header → receipt → event → root."""

from __future__ import annotations

from contracts_chain.evidence.checkpoint import Checkpoint, verify_note
from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import EvidenceMismatchError
from contracts_chain.evidence.merkle import RootMismatchError
from kernel.verdict import Check

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Compare the package's checkpoint, signed note included, with the chain's.

    Raises:
        LedgerRefutedError: The anchor proof does not hold.
        CheckpointSignatureError: The note is not by the trusted log.
        RootMismatchError: The package brings another root.
        EvidenceMismatchError: It brings another size or sequence.
    """
    evidence = examination.evidence.need(0)
    anchored = examination.anchored.get()
    claimed = evidence.checkpoint
    if claimed.root != anchored.root:
        raise RootMismatchError(anchored=anchored.root, computed=claimed.root)
    if (claimed.size, claimed.sequence) != (anchored.size, anchored.sequence):
        raise EvidenceMismatchError(
            "the package names another checkpoint than the chain",
            "证据包所载检查点与链上不符",
            expected=f"sequence {anchored.sequence}, size {anchored.size}",
            actual=f"sequence {claimed.sequence}, size {claimed.size}",
        )
    trust = examination.trust
    note = verify_note(claimed.note, trust.log_key, trust.log_origin)
    if note != Checkpoint(origin=trust.log_origin, size=anchored.size, root=anchored.root):
        raise RootMismatchError(anchored=anchored.root, computed=note.root)
    return proven(
        8,
        f"Checkpoint {anchored.sequence} is on the chain in block {anchored.block_number}.",
        f"第 {anchored.sequence} 号检查点载于链上第 {anchored.block_number} 块。",
    )
