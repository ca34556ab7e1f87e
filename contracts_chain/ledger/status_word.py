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

__all__ = ["STATUS_POSITION", "RegistryStatus", "StatusWord", "read_word", "status_slot"]

STATUS_POSITION = 0
"""Position of ``mapping(bytes32 => bytes32) statusWords`` in the registry's storage layout."""


class RegistryStatus(Enum):
    """Codes of ``setStatus``; ``NONE`` means the registry was never told of the key."""

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
