"""The receipt of an anchoring transaction: succeeded, and the trusted registry spoke.

Decides that exactly one ``Anchored`` (or ``TwinAnchored``) event of the registry is in the receipt. The same
event from another address, another topic or a failed transaction proves nothing
(EIP-658 status, EIP-2718 type byte).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import EventMissingError, ReceiptFailedError, TrieProofError
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.rlp_strict import RlpItem
from contracts_chain.ledger.trie_proof import verify_presence
from kernel.sized_bytes import Address, Bytes32, RootHash

__all__ = [
    "ANCHORED_TOPIC",
    "TWIN_TOPIC",
    "AnchoredEvent",
    "EventLog",
    "Receipt",
    "TwinEvent",
    "anchored_event",
    "read_receipt",
    "twin_event",
    "verify_receipt",
]

ANCHORED_TOPIC = keccak256(b"Anchored(uint64,uint64,bytes32)")
TWIN_TOPIC = keccak256(b"TwinAnchored(uint64,uint8,uint64,bytes32,bytes32)")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """One log of a receipt."""

    address: Address
    topics: tuple[Bytes32, ...]
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt as consensus stores it."""

    succeeded: bool
    cumulative_gas: int
    logs: tuple[EventLog, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredEvent:
    """What the registry said when it accepted a checkpoint."""

    sequence: int
    size: int
    root: RootHash


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinEvent:
    """What the registry said when it took its head's root under a second algorithm.

    Attributes:
        algorithm: The registry's number, 1 for SM3.
        size: Leaves under both roots.
        root: The head's own root, so that the two stand in one event.
    """

    sequence: int
    algorithm: int
    size: int
    root: RootHash
    twin_root: Bytes32


def verify_receipt(receipts_root: Bytes32, index: int, nodes: Sequence[bytes]) -> Receipt:
    """Prove the receipt at ``index`` under the header's ``receiptsRoot`` and read it.

    Raises:
        TrieProofError: The path does not hold or the value is no receipt.
        NonCanonicalRlpError: A node or the receipt is not canonical.
    """
    return read_receipt(verify_presence(receipts_root, rlp_strict.encode_scalar(index), nodes))


def read_receipt(content: bytes) -> Receipt:
    """Read a receipt as its trie holds it, type byte in front.

    Raises:
        TrieProofError: The value is no receipt.
        NonCanonicalRlpError: It is not canonical.
    """
    payload = content[1:] if content[0] < 0x80 else content  # EIP-2718: a type byte goes before
    item = rlp_strict.decode(payload)
    if isinstance(item, bytes) or len(item) != 4:
        raise _shape("four items")
    status, gas, bloom, logs = item
    if not isinstance(gas, bytes) or not isinstance(bloom, bytes) or isinstance(logs, bytes):
        raise _shape("status, gas, bloom and logs")
    if status not in {b"\x01", b""}:
        raise _shape("status 0 or 1")
    return Receipt(
        succeeded=status == b"\x01",
        cumulative_gas=int.from_bytes(gas),
        logs=tuple(_log(one) for one in logs),
    )


def anchored_event(receipt: Receipt, registry: Address) -> AnchoredEvent:
    """Read the one ``Anchored`` event of the registry.

    Raises:
        ReceiptFailedError: The transaction failed.
        EventMissingError: No such event of this address and topic, or several.
    """
    log = _one_event(receipt, registry, ANCHORED_TOPIC, "Anchored", topics=2, words=2)
    return AnchoredEvent(
        sequence=int.from_bytes(log.topics[1]),
        size=int.from_bytes(log.data[:32]),
        root=RootHash(log.data[32:]),
    )


def twin_event(receipt: Receipt, registry: Address) -> TwinEvent:
    """Read the one ``TwinAnchored`` event of the registry.

    Raises:
        ReceiptFailedError: The transaction failed.
        EventMissingError: No such event of this address and topic, or several.
    """
    log = _one_event(receipt, registry, TWIN_TOPIC, "TwinAnchored", topics=3, words=3)
    return TwinEvent(
        sequence=int.from_bytes(log.topics[1]),
        algorithm=int.from_bytes(log.topics[2]),
        size=int.from_bytes(log.data[:32]),
        root=RootHash(log.data[32:64]),
        twin_root=Bytes32(log.data[64:]),
    )


def _one_event(
    receipt: Receipt, registry: Address, topic: Bytes32, name: str, *, topics: int, words: int
) -> EventLog:
    if not receipt.succeeded:
        raise ReceiptFailedError(
            "the anchoring transaction failed; the checkpoint was not anchored",
            "锚定交易执行失败，检查点并未上链",
            expected="status 1",
            actual="status 0",
        )
    found = [log for log in receipt.logs if log.address == registry and log.topics[:1] == (topic,)]
    if len(found) != 1 or len(found[0].topics) != topics or len(found[0].data) != 32 * words:
        raise EventMissingError(
            f"the receipt does not hold the registry's {name} event",
            f"回执中没有登记合约的 {name} 事件",
            expected=f"one event of {registry.hex0x()}",
            actual=f"{len(found)} among the logs of "
            + (" ".join(sorted({log.address.hex0x() for log in receipt.logs})) or "nobody"),
        )
    return found[0]


def _log(item: RlpItem) -> EventLog:
    if isinstance(item, bytes) or len(item) != 3:
        raise _shape("logs of three items")
    address, topics, content = item
    if not isinstance(address, bytes) or isinstance(topics, bytes) or not isinstance(content, bytes):
        raise _shape("address, topics and data in a log")
    words = tuple(topic for topic in topics if isinstance(topic, bytes) and len(topic) == 32)
    if len(address) != 20 or len(words) != len(topics):
        raise _shape("20-byte addresses and 32-byte topics")
    return EventLog(address=Address(address), topics=tuple(Bytes32(word) for word in words), data=content)


def _shape(expected: str) -> TrieProofError:
    return TrieProofError(
        "the proven value is no receipt",
        "所证明的内容不是交易回执",
        expected=expected,
        actual="another shape",
    )
