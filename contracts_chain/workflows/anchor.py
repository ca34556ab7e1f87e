"""Closes checkpoints of the log and brings them to finality on the chain, state by state.

``signed → sent → mined → final`` (reference/chain.md §8). Size, root, nonce and the
signed bytes are committed before anything is sent; the same bytes are sent again
after a crash; the registry refuses a second checkpoint of one sequence. One
checkpoint is under way at a time, so nonces have no gaps.
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.checkpoint import Checkpoint, sign_checkpoint
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.ledger.anchor_port import SignedTransaction
from contracts_chain.ledger.verify_anchor import verify_anchor
from contracts_chain.workflows.dossier import CheckpointFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import canonical_bytes

__all__ = ["advance_anchors", "close_checkpoint"]

FIRST_NONCE = "anchor.first_nonce"
_ORDER = ("signed", "sent", "mined", "final")


def close_checkpoint(office: Office) -> CheckpointFile | None:
    """Fix size and root of the log as it stands and sign the transaction that anchors them.

    Returns:
        The checkpoint under way: a new one, the unfinished one, or ``None`` if the
        last one covers every leaf.
    """
    with office.work() as work:
        work.log.lock()
        newest = work.checkpoints.newest()
        if newest is not None and newest.state != "final":
            return newest
        log = MerkleLog(work.log.hashes())
        if len(log) == (newest.size if newest else 0):
            return None
        checkpoint = _signed(office, work, log, newest)
        work.checkpoints.add(checkpoint)
        work.commit()
    return checkpoint


def _signed(
    office: Office, work: UnitOfWork, log: MerkleLog, newest: CheckpointFile | None
) -> CheckpointFile:
    size, root = len(log), log.root()
    sequence = newest.sequence + 1 if newest else 1
    nonce = newest.nonce + 1 if newest else int(work.installation.get(FIRST_NONCE) or "0")
    proof = log.consistency(newest.size, size) if newest else ()
    transaction = office.chain.sign_anchor(sequence, size, root, proof, nonce)
    statement = Checkpoint(origin=office.trust.log_origin, size=size, root=root)
    return CheckpointFile(
        sequence=sequence,
        size=size,
        root=root,
        note=sign_checkpoint(statement, office.log_key),
        state="signed",
        nonce=nonce,
        raw_transaction=transaction.raw,
        transaction_hash=transaction.hash,
        closed_utc=office.clock.now(),
    )


def advance_anchors(office: Office) -> bool:
    """Take every unfinished checkpoint as far as the chain lets it now.

    Returns:
        True when every closed checkpoint is final.

    Raises:
        ChainUnavailableError: The chain does not answer; nothing is lost, call again.
        AnchorRevertedError: The registry refused it: an alarm, not a retry.
    """
    with office.work() as work:
        unfinished = work.checkpoints.unfinished()
    return all(_advance(office, checkpoint) for checkpoint in unfinished)


def _advance(office: Office, checkpoint: CheckpointFile) -> bool:
    if checkpoint.state == "signed":
        checkpoint = _sent(office, checkpoint)
    if checkpoint.state == "sent":
        checkpoint = _mined(office, checkpoint)
    if checkpoint.state == "mined":
        checkpoint = _final(office, checkpoint)
    return checkpoint.state == "final"


def _sent(office: Office, checkpoint: CheckpointFile) -> CheckpointFile:
    office.chain.submit(_transaction(checkpoint))
    return _keep(office, replace(checkpoint, state="sent"))


def _mined(office: Office, checkpoint: CheckpointFile) -> CheckpointFile:
    found = office.chain.find_anchored(checkpoint.transaction_hash)
    if found is None:
        office.chain.submit(_transaction(checkpoint))
        return checkpoint
    mined = replace(checkpoint, state="mined", block_number=found.block_number, gas_used=found.gas_used)
    return _keep(office, mined, EvidenceState.ANCHORED)


def _final(office: Office, checkpoint: CheckpointFile) -> CheckpointFile:
    proof = office.chain.capture(checkpoint.transaction_hash)
    verify_anchor(proof, office.trust.chain)
    final = replace(checkpoint, state="final", proof=canonical_bytes(proof.to_json()))
    return _keep(office, final, EvidenceState.FINAL)


def _keep(
    office: Office, checkpoint: CheckpointFile, evidence: EvidenceState | None = None
) -> CheckpointFile:
    """Store the step, unless another process has taken the checkpoint as far or farther already."""
    with office.work() as work:
        if evidence is not None:
            work.checkpoints.mark_covered(checkpoint.size, evidence)
        work.log.lock()  # after the rows, as every deed does: one lock order
        standing = _standing(work, checkpoint)
        if _ORDER.index(standing.state) >= _ORDER.index(checkpoint.state):
            return standing
        work.checkpoints.save(checkpoint)
        work.commit()
    return checkpoint


def _standing(work: UnitOfWork, checkpoint: CheckpointFile) -> CheckpointFile:
    stored = {one.sequence: one for one in work.checkpoints.unfinished()}
    finished = work.checkpoints.covering(checkpoint.size - 1)
    if finished is not None:
        stored[finished.sequence] = finished
    return stored[checkpoint.sequence]


def _transaction(checkpoint: CheckpointFile) -> SignedTransaction:
    return SignedTransaction(
        raw=checkpoint.raw_transaction, hash=checkpoint.transaction_hash, nonce=checkpoint.nonce
    )
