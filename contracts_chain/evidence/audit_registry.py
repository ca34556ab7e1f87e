"""What the registry said in one block, read from receipts that give the sealed root.

Decides that nothing of a block is missing: the receipts and transactions shown must give
``receiptsRoot`` and ``transactionsRoot``. Which blocks have to be opened is read from
``logsBloom``, which is sealed: an address or topic not in the bloom emitted nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts_chain.evidence.audit_errors import NodeAnswerError
from contracts_chain.ledger.header import BlockHeader
from contracts_chain.ledger.index_trie import index_path
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import ANCHORED_TOPIC, TWIN_TOPIC, EventLog, read_receipt
from kernel.sized_bytes import Address, Bytes32

__all__ = [
    "EVENT_NAMES",
    "GRANTED_TOPIC",
    "PlacedLog",
    "ShownBlock",
    "event_topic",
    "may_concern",
    "placed_logs",
]

GRANTED_TOPIC = keccak256(b"RoleGranted(uint8,address)")
EVENT_NAMES = {
    ANCHORED_TOPIC: "Anchored",
    TWIN_TOPIC: "TwinAnchored",
    GRANTED_TOPIC: "RoleGranted",
    keccak256(b"RoleRevoked(uint8,address)"): "RoleRevoked",
    keccak256(b"StatusChanged(bytes32,uint8,bytes32)"): "StatusChanged",
    keccak256(b"AdminOffered(address,address)"): "AdminOffered",
    keccak256(b"AdminChanged(address,address)"): "AdminChanged",
    keccak256(b"PauseChanged(bool)"): "PauseChanged",
}
_BLOOM, _EMPTY_BLOOM = 6, bytes(256)


class ShownBlock(Protocol):
    """Transactions and receipts as a node shows them; nothing of it is believed yet."""

    @property
    def transactions(self) -> tuple[bytes, ...]:
        """Raw transactions, type byte in front, in order."""
        ...

    @property
    def receipts(self) -> tuple[bytes, ...]:
        """Raw receipts, type byte in front, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLog:
    """One event and the transaction that caused it."""

    log: EventLog
    transaction: bytes


def may_concern(header: BlockHeader, registry: Address) -> bool:
    """Whether the sealed bloom leaves room for an event of the registry, or for its twin elsewhere."""
    sealed = header.fields[_BLOOM]
    if sealed == _EMPTY_BLOOM:
        return False
    bits = int.from_bytes(sealed)
    return _holds(bits, registry) or _holds(bits, ANCHORED_TOPIC)


def placed_logs(header: BlockHeader, shown: ShownBlock) -> Iterator[PlacedLog]:
    """Every event of the block, in order.

    Raises:
        NodeAnswerError: The receipts or transactions are not those the header commits to.
    """
    _check_root("receipts", "回执", shown.receipts, header.receipts_root)
    _check_root("transactions", "交易", shown.transactions, header.transactions_root)
    for content, transaction in zip(shown.receipts, shown.transactions, strict=True):
        for log in read_receipt(content).logs:
            yield PlacedLog(log=log, transaction=transaction)


def event_topic(log: EventLog) -> Bytes32 | None:
    """First topic, which names the event."""
    return log.topics[0] if log.topics else None


def _check_root(en: str, zh: str, values: Sequence[bytes], sealed: Bytes32) -> None:
    if not values or index_path(values, 0)[0] != sealed:
        raise NodeAnswerError(
            f"the {en} shown do not give the root in the sealed header",
            f"节点给出的{zh}与已签封区块头中的根不符",
        )


def _holds(bloom: int, item: bytes) -> bool:
    """Three bits of 2,048 (yellow paper §4.4.1)."""
    digest = keccak256(item)
    places = (int.from_bytes(digest[at : at + 2]) & 0x7FF for at in (0, 2, 4))
    return all(bloom >> place & 1 for place in places)
