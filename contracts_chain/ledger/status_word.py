"""The registry's status word: one storage slot that says how a contract stands.

The word is 32 bytes, big-endian. Values 0 to 255 are codes; any greater value is the
leaf hash of the successor and means ``superseded``. So a successor is provable in
full from one slot, and the contract refuses a successor that would read as a code.
Slot of a key: keccak(key ‖ p) with p the mapping's position, as Solidity lays mappings out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from contracts_chain.ledger.errors import StatusWordError
from contracts_chain.ledger.keccak import keccak256
from kernel.sized_bytes import Bytes32, LeafHash

__all__ = ["STATUS_POSITION", "RegistryStatus", "StatusChange", "StatusWord", "read_word", "status_slot"]

STATUS_POSITION = 0
"""Position of ``mapping(bytes32 => bytes32) statusWords`` in the registry's storage layout."""


class RegistryStatus(Enum):
    """Codes of ``setStatuses``; ``NONE`` means the registry was never told of the key."""

    NONE = 0
    IN_FORCE = 1
    SUPERSEDED = 2
    TERMINATED = 3
    SUSPENDED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusWord:
    """A contract's status as of one block.

    Attributes:
        status: ``NONE`` where the slot is proven never written.
        successor: Leaf hash of the contract that took its place, if superseded.
        as_of_utc: Time of the proof's block; nothing is known of later moments.
        block_number: Height of the proof's block.
    """

    status: RegistryStatus
    successor: LeafHash | None
    as_of_utc: datetime
    block_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One change for the registry, with the proofs that its leaves are in the head's tree.

    Attributes:
        key: Leaf hash of the execution record.
        status: What the contract becomes; never ``NONE``.
        successor: Leaf hash of the contract that takes its place, with ``SUPERSEDED`` only.
        index: Place of the key's leaf in the log.
        path: RFC 9162 §2.1.3 inclusion path of the key in the registry's head, lowest level first.
        successor_index: Place of the successor's leaf.
        successor_path: Its inclusion path in the same head.
    """

    key: LeafHash
    status: RegistryStatus
    successor: LeafHash | None
    index: int
    path: tuple[Bytes32, ...]
    successor_index: int = 0
    successor_path: tuple[Bytes32, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what the contract would revert whatever its state.

        Raises:
            ValueError: A successor without ``SUPERSEDED`` or the reverse; ``NONE``.
        """
        if (self.successor is not None) != (self.status is RegistryStatus.SUPERSEDED):
            raise ValueError("a successor belongs to SUPERSEDED, and SUPERSEDED needs one")
        if self.successor is None and (self.successor_index or self.successor_path):
            raise ValueError("the proof of a successor is given without one")
        if self.status is RegistryStatus.NONE:
            raise ValueError("nothing returns to NONE")


def status_slot(key: LeafHash) -> Bytes32:
    """Storage slot of a key's word, before the trie hashes it once more."""
    return keccak256(key + STATUS_POSITION.to_bytes(32))


def read_word(word: Bytes32) -> tuple[RegistryStatus, LeafHash | None]:
    """Tell status and successor from a word.

    Raises:
        StatusWordError: A code the registry never writes.
    """
    value = int.from_bytes(word)
    if value > 0xFF:
        return RegistryStatus.SUPERSEDED, LeafHash(word)
    # A bare 2 is no code: superseded always comes with its successor.
    known = {status.value: status for status in RegistryStatus if status is not RegistryStatus.SUPERSEDED}
    if value not in known:
        raise StatusWordError(
            "the status word is no code of the registry",
            "状态字不是登记合约的代码",
            expected="0, 1, 3, 4 or a leaf hash",
            actual=str(value),
        )
    return known[value], None
