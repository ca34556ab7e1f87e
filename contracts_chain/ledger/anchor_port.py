"""What the workflows need of a chain that holds the registry; adapters implement it.

Signing is pure and apart from sending, so that the outbox can store nonce, bytes and
hash before anything leaves the house (DESIGN decision 9). Resending the same bytes is
always allowed: an answer "already known" or "nonce too low" is swallowed and the caller
looks with ``find_mined``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts_chain.ledger.anchor_proof import AnchorProof, StatusProof, TwinProof
from contracts_chain.ledger.status_word import StatusChange
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from kernel.sized_bytes import Address, BlockHash, Bytes32, LeafHash, RootHash, TransactionHash

__all__ = ["AnchorChain", "BlockRef", "MinedTransaction", "RegistryHead", "SignedTransaction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryHead:
    """Newest checkpoint in the registry; sequence 0, size 0, no root before the first."""

    sequence: int
    size: int
    root: RootHash | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRef:
    """One final block. The hash follows Besu's rule where the header is QBFT's."""

    number: int
    hash: BlockHash
    time_utc: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTransaction:
    """Bytes to store first and send afterwards, as often as needed."""

    raw: bytes
    hash: TransactionHash
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MinedTransaction:
    """Where a successful transaction stands."""

    block_number: int
    gas_used: int
    transaction_index: int


class AnchorChain(Protocol):
    """A chain with our registry on it.

    Every method that reads or sends raises ``ChainUnavailableError`` when the endpoint
    does not answer and ``ForeignChainError`` when it serves another chain.
    """

    @property
    def sender(self) -> Address:
        """Account whose nonces ``sign_*`` use."""
        ...

    def head(self) -> RegistryHead:
        """Newest checkpoint the registry accepted."""
        ...

    def latest_block(self) -> BlockRef:
        """Newest final block: the not-before hash of drafts (DESIGN decision 11)."""
        ...

    def header(self, number: int) -> bytes:
        """Exact RLP bytes of the sealed header at a height (what ``latest_block`` named)."""
        ...

    def sign_anchor(
        self, sequence: int, size: int, root: RootHash, consistency_proof: Sequence[Bytes32], nonce: int
    ) -> SignedTransaction:
        """Sign ``anchor(...)``; pure: no network, same inputs give the same bytes."""
        ...

    def sign_twin(self, sequence: int, twin_root: Bytes32, nonce: int) -> SignedTransaction:
        """Sign ``anchorTwin(...)`` for the head's SM3 root; pure. Reverts once the head has moved on."""
        ...

    def sign_statuses(self, changes: Sequence[StatusChange], nonce: int) -> SignedTransaction:
        """Sign ``setStatuses(...)``; pure. One bad change, or a head that moved on, reverts them all."""
        ...

    def next_nonce(self) -> int:
        """Mined transactions of ``sender``: for bootstrap and reconciliation only."""
        ...

    def submit(self, transaction: SignedTransaction) -> None:
        """Send the stored bytes; already known or already mined is no error."""
        ...

    def find_mined(self, transaction_hash: TransactionHash) -> MinedTransaction | None:
        """Look for the mined transaction: anchor, twin or status.

        Raises:
            AnchorRevertedError: It was mined and failed.
        """
        ...

    def capture(self, transaction_hash: TransactionHash) -> AnchorProof:
        """Collect header, receipt, transaction and account proofs of a mined anchor.

        Raises:
            AnchorRevertedError: It was mined and failed.
            ChainUnavailableError: It is not mined yet or the node no longer serves the state.
        """
        ...

    def capture_twin(self, transaction_hash: TransactionHash) -> TwinProof:
        """Collect the same proofs of a mined twin.

        Raises:
            AnchorRevertedError: It was mined and failed.
            ChainUnavailableError: It is not mined yet or the node no longer serves the state.
        """
        ...

    def capture_status(self, key: LeafHash) -> StatusProof:
        """Prove the status word, or its absence, at the newest block."""
        ...

    def read_checkpoints(self, from_block: int) -> Iterator[AnchoredCheckpoint]:
        """All ``Anchored`` events from a block on, oldest first."""
        ...

    def genesis_hash(self) -> BlockHash:
        """Hash of block 0."""
        ...

    def code_hash(self) -> Bytes32:
        """Keccak of the code at the registry's address."""
        ...
