"""The anchoring account's transactions: one at a time, each stored before it is sent.

``signed → sent → mined → final``, or ``failed`` with a reason (reference/chain.md §8). The
nonce is allocated under the chain's lock and stored with the signed bytes; the same bytes
are sent again after any outage, and "already known" or "nonce too low" only mean: look.
What a transaction carries is the affair of its ``Course``.

Lock order everywhere: the chain's lock first, then rows of agreements and invoices.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from contracts_chain.ledger.anchor_port import SignedTransaction
from contracts_chain.ledger.errors import AnchorRevertedError
from contracts_chain.workflows.dossier import Alarm, TransactionFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork

__all__ = ["FIRST_NONCE", "Course", "carry", "may_try_again", "raise_alarm", "sign_and_store"]

_LOG = logging.getLogger("contracts_chain.alarm")
FIRST_NONCE = "anchor.first_nonce"
"""Fact of the installation: the account's nonce before its first transaction here."""
NONCE_TAKEN = "nonce_taken"
_AFTER_A_FAILURE = timedelta(minutes=1)
_RANK = ("signed", "sent", "mined", "final", "failed")


class Course(Protocol):
    """What a kind of transaction does on its way."""

    def capture(self, office: Office, transaction: TransactionFile) -> bytes | None:
        """Collect and verify what proves it, while the node still serves it.

        Raises:
            ChainUnavailableError: Not now; call again.
        """
        ...

    def moved(
        self, work: UnitOfWork, transaction: TransactionFile, proof: bytes | None, at: datetime
    ) -> None:
        """Note the transaction's new state on what it carries, in the same commit; ``at`` is now."""
        ...


def sign_and_store(
    office: Office,
    work: UnitOfWork,
    kind: Literal["anchor", "status", "twin"],
    ref: int | None,
    sign: Callable[[int], SignedTransaction],
) -> TransactionFile:
    """Allocate the next nonce and store the bytes signed with it; the caller commits.

    Args:
        office: Where time and chain come from.
        work: Holds ``transactions.lock``, and nothing is in flight.
        kind: What the transaction carries.
        ref: Which one; ``None`` takes the nonce itself.
        sign: Gives the signed bytes for a nonce; pure.
    """
    nonce = _next_nonce(office, work)
    signed = sign(nonce)
    stored = TransactionFile(
        nonce=nonce,
        kind=kind,
        ref=nonce if ref is None else ref,
        raw_transaction=signed.raw,
        transaction_hash=signed.hash,
        state="signed",
        signed_utc=office.clock.now(),
    )
    work.transactions.add(stored)
    return stored


def may_try_again(office: Office, work: UnitOfWork, kind: str, ref: int) -> bool:
    """Whether nothing failed over this within the last minute."""
    newest = work.transactions.newest_of(kind, ref)
    failed = newest is not None and newest.state == "failed"
    return not failed or newest is None or office.clock.now() - newest.signed_utc >= _AFTER_A_FAILURE


def carry(office: Office, transaction: TransactionFile, course: Course) -> TransactionFile:
    """Take a transaction as far as the chain lets it now.

    Raises:
        ChainUnavailableError: The chain does not answer; nothing is lost, call again.
    """
    if transaction.state == "signed":
        office.chain.submit(_bytes(transaction))
        transaction = _keep(office, course, replace(transaction, state="sent"))
    if transaction.state == "sent":
        transaction = _looked_for(office, course, transaction)
    if transaction.state == "mined":
        proof = course.capture(office, transaction)
        transaction = _keep(office, course, replace(transaction, state="final"), proof)
    return transaction


def raise_alarm(office: Office, work: UnitOfWork, code: str, subject: str, *, en: str, zh: str) -> None:
    """Keep an alarm and tell the operator's log, once; the caller commits."""
    alarm = Alarm(code=code, subject=subject, en=en, zh=zh, raised_utc=office.clock.now())
    if work.alarms.raise_once(alarm):
        _LOG.error("%s %s: %s %s", code, subject, en, zh)


def _looked_for(office: Office, course: Course, transaction: TransactionFile) -> TransactionFile:
    try:
        found = office.chain.find_mined(transaction.transaction_hash)
        if found is None and office.chain.next_nonce() > transaction.nonce:
            found = office.chain.find_mined(transaction.transaction_hash)  # mined between the two questions
            if found is None:
                return _failed(office, course, transaction, NONCE_TAKEN)
    except AnchorRevertedError as problem:
        return _failed(office, course, transaction, f"{problem.code}: {problem.en}")
    if found is None:
        office.chain.submit(_bytes(transaction))
        return transaction
    mined = replace(transaction, state="mined", block_number=found.block_number, gas_used=found.gas_used)
    return _keep(office, course, mined)


def _failed(office: Office, course: Course, transaction: TransactionFile, reason: str) -> TransactionFile:
    """End it with a reason and an alarm; what it carried waits for another transaction."""
    return _keep(office, course, replace(transaction, state="failed", reason=reason))


def _keep(
    office: Office, course: Course, moved: TransactionFile, proof: bytes | None = None
) -> TransactionFile:
    """Store the step, unless another process has taken the transaction as far or farther already."""
    with office.work() as work:
        work.transactions.lock()
        standing = work.transactions.load(moved.nonce)
        if _RANK.index(standing.state) >= _RANK.index(moved.state):
            return standing
        work.transactions.save(moved)
        course.moved(work, moved, proof, office.clock.now())
        if moved.state == "failed":
            raise_alarm(
                office,
                work,
                "transaction_failed",
                f"nonce {moved.nonce}",
                en=f"the {moved.kind} transaction {moved.transaction_hash.hex0x()} failed ({moved.reason}); "
                "it is signed anew every minute, find out why",
                zh=f"上链交易 {moved.transaction_hash.hex0x()}（{moved.kind}）失败（{moved.reason}）；"
                "系统每分钟重新签发，请查明原因",
            )
        work.commit()
    return moved


def _next_nonce(office: Office, work: UnitOfWork) -> int:
    newest = work.transactions.newest()
    if newest is None:
        return int(work.installation.get(FIRST_NONCE) or "0")
    if newest.reason == NONCE_TAKEN:  # somebody else used the account: go on behind them
        return max(newest.nonce + 1, office.chain.next_nonce())
    return newest.nonce + 1


def _bytes(transaction: TransactionFile) -> SignedTransaction:
    return SignedTransaction(
        raw=transaction.raw_transaction, hash=transaction.transaction_hash, nonce=transaction.nonce
    )
