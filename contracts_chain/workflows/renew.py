"""Renews the evidence under a second digest: the log's SM3 root, anchored beside the SHA-256 one.

Old proofs stay valid; a twin only adds to them (RFC 4998's idea, DESIGN decision 13). The
request is committed first; the root is fixed when the transaction is signed, for the
registry takes a twin for its head only and nothing else is in flight then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from contracts_chain.ledger.verify_anchor import verify_twin
from contracts_chain.workflows.dossier import TransactionFile, TwinAnchorFile
from contracts_chain.workflows.errors import NothingToRenewError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.transactions import may_try_again, sign_and_store
from kernel.canonical_json import canonical_bytes

__all__ = ["TwinCourse", "renew", "renew_when_due", "sign_twin"]


def renew(office: Office) -> TwinAnchorFile:
    """Ask for the twin of the log as it is anchored now; the pipeline brings it to finality.

    Returns:
        The renewal under way, or the final one if nothing was anchored since.

    Raises:
        NothingToRenewError: No checkpoint is final yet.
    """
    with office.work() as work:
        work.transactions.lock()
        head, under_way = work.checkpoints.newest_final(), work.twin_anchors.unfinished()
        if head is None:
            raise NothingToRenewError
        if under_way is not None:
            return under_way
        newest = work.twin_anchors.newest_final()
        if newest is not None and newest.sequence == head.sequence:
            return newest
        asked = work.twin_anchors.add(TwinAnchorFile(asked_utc=office.clock.now()))
        work.commit()
    return asked


def renew_when_due(office: Office, every: timedelta) -> TwinAnchorFile | None:
    """Renew if the last renewal is older than ``every`` and there is something to renew."""
    with office.work() as work:
        head, newest = work.checkpoints.newest_final(), work.twin_anchors.newest_final()
        under_way = work.twin_anchors.unfinished()
    if head is None or under_way is not None:
        return under_way
    due = newest is None or office.clock.now() - newest.asked_utc >= every
    return renew(office) if due else None


def sign_twin(office: Office, work: UnitOfWork) -> bool:
    """Sign the renewal that waits; the caller holds the chain's lock and commits."""
    waiting, head = work.twin_anchors.unfinished(), work.checkpoints.newest_final()
    if waiting is None or head is None or waiting.state != "waiting":
        return False
    if not may_try_again(office, work, "twin", waiting.id):
        return False
    twin_root = work.log.twin_root(head.size)
    sign_and_store(
        office,
        work,
        "twin",
        waiting.id,
        lambda nonce: office.chain.sign_twin(head.sequence, twin_root, nonce),
    )
    fixed = replace(waiting, state="signed", sequence=head.sequence, size=head.size, twin_root=twin_root)
    work.twin_anchors.save(fixed)
    return True


class TwinCourse:
    """A ``twin`` transaction moves its renewal."""

    def capture(self, office: Office, transaction: TransactionFile) -> bytes | None:
        """The event's proofs, verified against our own trust."""
        proof = office.chain.capture_twin(transaction.transaction_hash)
        verify_twin(proof, office.trust.chain)
        return canonical_bytes(proof.to_json())

    def moved(
        self, work: UnitOfWork, transaction: TransactionFile, proof: bytes | None, at: datetime
    ) -> None:
        """Store the proof at finality; after a failure the renewal waits again, for the head of then."""
        del at
        twin = work.twin_anchors.load(transaction.ref)
        if transaction.state == "final":
            work.twin_anchors.save(replace(twin, state="final", proof=proof))
        elif transaction.state == "failed":
            again = replace(twin, state="waiting", sequence=None, size=None, twin_root=None)
            work.twin_anchors.save(again)
