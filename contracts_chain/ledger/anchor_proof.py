"""The proofs a package carries from the chain, as values and JSON: anchor, SM3 twin, status.

Decides the JSON form (``docs/formats/anchor-proof.md``). It only reads and writes: what
a proof is worth is decided by ``verify_anchor``. Strict: every member present, none
unknown, lower-case hex; ``0x`` before Ethereum values, none before our own hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from contracts_chain.ledger.proof_json import (
    nodes_json,
    read_hex0x,
    read_members,
    read_nodes,
    read_own_hash,
    read_quantity,
    read_word_of,
)
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address, Bytes32, LeafHash, RootHash, TransactionHash

__all__ = ["AnchorProof", "EventProof", "StatusProof", "TwinProof"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProof:
    """One event's way from the registry into a sealed block; what both proofs of an event share.

    Attributes:
        chain_id: EIP-155 chain id the proof claims.
        registry: Contract that emitted the event.
        sequence: Number of the checkpoint, 1 for the first.
        size: Leaves under the root.
        root: Claimed root of the log; the chain's own is compared with it.
        transaction_hash: keccak of the signed transaction.
        transaction_index: Its place in the block.
        header: Exact RLP bytes of the sealed header.
        receipt_proof: Trie nodes from ``receiptsRoot`` to the receipt, root first.
        receipt_index: Key of the receipt; equals ``transaction_index``.
        account_proof: Trie nodes from ``stateRoot`` to the registry's account.
        transaction_proof: Trie nodes from ``transactionsRoot`` to the transaction; empty
            where the transaction itself is not proven (then only the receipt is).
    """

    chain_id: int
    registry: Address
    sequence: int
    size: int
    root: RootHash
    transaction_hash: TransactionHash
    transaction_index: int
    header: bytes
    receipt_proof: tuple[bytes, ...]
    receipt_index: int
    account_proof: tuple[bytes, ...]
    transaction_proof: tuple[bytes, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Write every member; canonical bytes are made by ``kernel.canonical_json``."""
        return {
            "account_proof": nodes_json(self.account_proof),
            "chain_id": self.chain_id,
            "header": "0x" + self.header.hex(),
            "receipt_index": self.receipt_index,
            "receipt_proof": nodes_json(self.receipt_proof),
            "registry": self.registry.hex0x(),
            "root": self.root.hex(),
            "sequence": self.sequence,
            "size": self.size,
            "transaction_hash": self.transaction_hash.hex0x(),
            "transaction_index": self.transaction_index,
            "transaction_proof": nodes_json(self.transaction_proof),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorProof(EventProof):
    """A checkpoint's way into one sealed block, by the event ``Anchored``."""

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """Read what ``to_json`` writes and nothing else.

        Raises:
            ProofFormError: A member is missing, unknown or of another form.
        """
        return cls.of(_read_event(read_members(value, _EVENT_MEMBERS)))

    @classmethod
    def of(cls, event: EventProof) -> Self:
        """The proof of an ``Anchored`` event."""
        return cls(**{name: getattr(event, name) for name in _EVENT_MEMBERS})


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinProof(EventProof):
    """The way of a checkpoint's root under a second hash function, by ``TwinAnchored``.

    Attributes:
        algorithm: ``sm3``, the only one.
        twin_root: Claimed root of the log hashed with it; the chain's own is compared.
    """

    algorithm: str
    twin_root: Bytes32

    def to_json(self) -> dict[str, JsonValue]:
        """Write every member."""
        return {
            **EventProof.to_json(self),
            "algorithm": self.algorithm,
            "twin_root": self.twin_root.hex(),
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """Read what ``to_json`` writes and nothing else.

        Raises:
            ProofFormError: A member is missing, unknown or of another form.
        """
        found = read_members(value, _TWIN_MEMBERS)
        algorithm = read_word_of(found, "algorithm", frozenset({"sm3"}))
        twin_root = Bytes32(read_own_hash(found, "twin_root"))
        return cls.of(_read_event(found), algorithm=algorithm, twin_root=twin_root)

    @classmethod
    def of(cls, event: EventProof, *, algorithm: str, twin_root: Bytes32) -> Self:
        """The proof of a ``TwinAnchored`` event."""
        members = {name: getattr(event, name) for name in _EVENT_MEMBERS}
        return cls(**members, algorithm=algorithm, twin_root=twin_root)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusProof:
    """The registry's status word of one contract at one sealed block.

    Attributes:
        header: Exact RLP bytes of the sealed header.
        account_proof: Trie nodes from ``stateRoot`` to the registry's account.
        storage_proof: Trie nodes from the account's storage root to the slot, or as far
            as they go if the slot was never written.
        key: Leaf hash of the execution record.
        word: Claimed 32-byte storage word, big-endian; zero when never written.
    """

    header: bytes
    account_proof: tuple[bytes, ...]
    storage_proof: tuple[bytes, ...]
    key: LeafHash
    word: Bytes32

    def to_json(self) -> dict[str, JsonValue]:
        """Write every member."""
        return {
            "account_proof": nodes_json(self.account_proof),
            "header": "0x" + self.header.hex(),
            "key": self.key.hex(),
            "storage_proof": nodes_json(self.storage_proof),
            "word": self.word.hex0x(),
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """Read what ``to_json`` writes and nothing else.

        Raises:
            ProofFormError: A member is missing, unknown or of another form.
        """
        found = read_members(value, _STATUS_MEMBERS)
        return cls(
            header=read_hex0x(found, "header"),
            account_proof=read_nodes(found, "account_proof"),
            storage_proof=read_nodes(found, "storage_proof"),
            key=LeafHash(read_own_hash(found, "key")),
            word=Bytes32(read_hex0x(found, "word", length=32)),
        )


_EVENT_MEMBERS = frozenset(EventProof.__dataclass_fields__)
_TWIN_MEMBERS = frozenset(TwinProof.__dataclass_fields__)
_STATUS_MEMBERS = frozenset(StatusProof.__dataclass_fields__)


def _read_event(found: Mapping[str, JsonValue]) -> EventProof:
    return EventProof(
        chain_id=read_quantity(found, "chain_id"),
        registry=Address(read_hex0x(found, "registry", length=20)),
        sequence=read_quantity(found, "sequence"),
        size=read_quantity(found, "size"),
        root=RootHash(read_own_hash(found, "root")),
        transaction_hash=TransactionHash(read_hex0x(found, "transaction_hash", length=32)),
        transaction_index=read_quantity(found, "transaction_index"),
        header=read_hex0x(found, "header"),
        receipt_proof=read_nodes(found, "receipt_proof"),
        receipt_index=read_quantity(found, "receipt_index"),
        account_proof=read_nodes(found, "account_proof"),
        transaction_proof=read_nodes(found, "transaction_proof"),
    )
