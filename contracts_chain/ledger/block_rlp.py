"""Consensus bytes rebuilt from JSON-RPC objects: header, receipt, transaction.

RPC shows values, proofs need the bytes that were hashed. Each rebuilt value is compared
by the caller with a hash or root of the header, so a wrong guess here proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.rlp_strict import RlpItem
from contracts_chain.ledger.rpc_json import hex_bytes, items, members, no_answer, quantity
from kernel.canonical_json import JsonValue

__all__ = ["header_rlp", "receipt_rlp", "transaction_rlp"]

_HEADER = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"),
)
_TAIL = (
    *("baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas"),
    *("parentBeaconBlockRoot", "requestsHash"),
)
_QUANTITIES = frozenset(
    {
        "difficulty",
        "number",
        "gasLimit",
        "gasUsed",
        "timestamp",
        "baseFeePerGas",
        "blobGasUsed",
        "excessBlobGas",
    }
)


def header_rlp(block: Mapping[str, JsonValue]) -> bytes:
    """Header bytes from an ``eth_getBlockBy…`` answer, later forks' fields included if shown."""
    names = (*_HEADER, *(name for name in _TAIL if block.get(name) is not None))
    return rlp_strict.encode(
        tuple(
            _scalar(block, name) if name in _QUANTITIES else hex_bytes(block.get(name), name)
            for name in names
        )
    )


def receipt_rlp(receipt: Mapping[str, JsonValue]) -> bytes:
    """Receipt as the receipt trie holds it, type byte in front (EIP-2718)."""
    logs = tuple(_log(members(log, "log")) for log in items(receipt.get("logs"), "logs"))
    payload: RlpItem = (
        _scalar(receipt, "status"),
        _scalar(receipt, "cumulativeGasUsed"),
        hex_bytes(receipt.get("logsBloom"), "logsBloom"),
        logs,
    )
    return _typed(receipt, payload)


def transaction_rlp(transaction: Mapping[str, JsonValue]) -> bytes:
    """Signed transaction of type 0, 1 or 2 as the transaction trie holds it.

    Raises:
        ChainUnavailableError: Another type, or a member is missing.
    """
    kind = quantity(transaction.get("type", "0x0"), "type")
    shape: tuple[str, ...]
    if kind == 0:
        shape = ("nonce", "gasPrice", "gas", "to", "value", "input", "v", "r", "s")
    elif kind == 1:
        shape = ("chainId", "nonce", "gasPrice", "gas", "to", "value", "input", "accessList", "v", "r", "s")
    elif kind == 2:
        fees = ("maxPriorityFeePerGas", "maxFeePerGas")
        tail = ("gas", "to", "value", "input", "accessList", "v", "r", "s")
        shape = ("chainId", "nonce", *fees, *tail)
    else:
        raise no_answer(f"transaction type {kind} is unknown")
    return _typed(transaction, tuple(_READERS.get(name, _scalar)(transaction, name) for name in shape))


def _typed(source: Mapping[str, JsonValue], payload: RlpItem) -> bytes:
    kind = quantity(source.get("type", "0x0"), "type")
    return rlp_strict.minimal(kind) + rlp_strict.encode(payload)


def _scalar(source: Mapping[str, JsonValue], name: str) -> bytes:
    return rlp_strict.minimal(quantity(source.get(name), name))


def _string(source: Mapping[str, JsonValue], name: str) -> bytes:
    value = source.get(name)
    return b"" if value is None else hex_bytes(value, name)


def _access_list(source: Mapping[str, JsonValue], name: str) -> RlpItem:
    entries = (members(entry, name) for entry in items(source.get(name), name))
    return tuple(
        (
            hex_bytes(entry.get("address"), name),
            tuple(hex_bytes(slot, name) for slot in items(entry.get("storageKeys"), name)),
        )
        for entry in entries
    )


def _log(log: Mapping[str, JsonValue]) -> RlpItem:
    topics = tuple(hex_bytes(topic, "topic") for topic in items(log.get("topics"), "topics"))
    return (hex_bytes(log.get("address"), "address"), topics, hex_bytes(log.get("data"), "data"))


_READERS: Mapping[str, Callable[[Mapping[str, JsonValue], str], RlpItem]] = {
    "to": _string,
    "input": _string,
    "accessList": _access_list,
}
