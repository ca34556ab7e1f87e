"""Hold a package's checkpoint against the audited chain; ``verify`` judges everything else of it.

Decides whether the statement that the package rests on is the one the chain holds. A note that
the log key signed and the chain contradicts is a proven fork, whoever made the package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts_chain.evidence.audit_errors import NodeAnswerError, NotOnChainError
from contracts_chain.evidence.audit_headers import SealedHeader, header_fork
from contracts_chain.evidence.audit_log import note_fork
from contracts_chain.evidence.checkpoint import Checkpoint, verify_note
from contracts_chain.evidence.evidence_json import Evidence, read_evidence
from contracts_chain.evidence.package import read_package
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint, verify_anchor, verify_block_seals

__all__ = ["check_package"]


def check_package(
    content: bytes,
    checkpoints: Sequence[AnchoredCheckpoint],
    trust: TrustBundle,
    *,
    last_block: int,
    block: Callable[[int], SealedHeader],
) -> AnchoredCheckpoint:
    """Prove that the package's checkpoint is the audited chain's.

    Args:
        content: The archive.
        checkpoints: All of the chain's, oldest first.
        trust: The auditor's bundle.
        last_block: Height the audit reached.
        block: The audited chain's own block of a height up to ``last_block``.

    Raises:
        MalformedEvidenceError: The file is no package.
        CheckpointSignatureError: Its note is not the trusted log's.
        ForkError: Log or validators stated something else elsewhere; both statements are kept.
        HistoryReplacedError: It rests on a block that is not the audited chain's.
        NotOnChainError: The chain holds no such checkpoint.
        NodeAnswerError: It rests on a block above the audited ones.
        LedgerRefutedError: Its anchor proof or its seals do not hold.
    """
    evidence = read_evidence(read_package(content).contents.evidence)
    signed = verify_note(evidence.checkpoint.note, trust.log_key, trust.log_origin)
    for anchored in checkpoints:
        if anchored.size == signed.size and anchored.root != signed.root:
            raise note_fork(evidence.checkpoint.note, signed, anchored)
    _check_block(evidence, trust, last_block, block)
    for anchored in checkpoints:
        if (anchored.size, anchored.root) == (signed.size, signed.root):
            return anchored
    raise _missing(signed, checkpoints)


def _check_block(
    evidence: Evidence, trust: TrustBundle, last_block: int, block: Callable[[int], SealedHeader]
) -> None:
    """The anchor proof holds, and its block is the audited chain's of that height."""
    verify_anchor(evidence.anchor, trust.chain)
    sealed = verify_block_seals(evidence.anchor.header, trust.chain)
    if sealed.number > last_block:
        raise NodeAnswerError(
            f"the package rests on block {sealed.number}, the node shows {last_block} blocks",
            f"证据包所依据的第 {sealed.number} 号区块超出节点所示（{last_block}）",
        )
    known = block(sealed.number)
    if known.hash != sealed.hash:
        raise header_fork(known, SealedHeader.of(evidence.anchor.header))


def _missing(signed: Checkpoint, checkpoints: Sequence[AnchoredCheckpoint]) -> NotOnChainError:
    newest = f"{checkpoints[-1].size} leaves" if checkpoints else "none"
    return NotOnChainError(
        "the package rests on a checkpoint that the chain does not hold",
        "证据包所依据的检查点不在链上",
        expected=f"a checkpoint of the chain (newest: {newest})",
        actual=f"{signed.size} leaves, root {signed.root.hex()}",
    )
