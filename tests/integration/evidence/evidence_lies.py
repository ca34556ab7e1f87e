"""The catalogue of a node's lies, by name. Each takes one answer and returns another.

Altered headers are restated: hash and raw bytes fit the alteration, as a careful liar would.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import rlp
from evidence_lying_proxy import GarbageError, Lie

from contracts_chain.ledger.block_rlp import header_rlp
from contracts_chain.ledger.header import parse_header

Change = Callable[[Any], None]
_STATE_ROOT, _BLOOM, _TIME, _EXTRA = 3, 6, 11, 12


def _flip(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def _receipts(change: Change) -> Lie:
    """Change every receipt that holds a log."""

    def lie(method: str, params: list[Any], honest: Any) -> Any:
        told = deepcopy(honest)
        if method == "eth_getTransactionReceipt" and told and told["logs"]:
            change(told)
        if method == "eth_getBlockReceipts":
            for receipt in told:
                if receipt["logs"]:
                    change(receipt)
        return told

    return lie


def _headers(field: str, place: int, change: Callable[[str], str]) -> Lie:
    """Change one field of every header above the genesis, restating hash and raw bytes."""

    def lie(method: str, params: list[Any], honest: Any) -> Any:
        if method == "eth_getBlockByNumber" and honest and int(honest["number"], 16):
            told = {**honest, field: change(honest[field])}
            return {**told, "hash": "0x" + parse_header(header_rlp(told)).block_hash().hex()}
        if method == "debug_getRawHeader" and params != ["0x0"]:
            fields = rlp.decode(bytes.fromhex(honest[2:]))
            fields[place] = bytes.fromhex(change("0x" + fields[place].hex())[2:])
            return "0x" + rlp.encode(fields).hex()
        return honest

    return lie


def _answers(wanted: str, told: Callable[[Any], Any]) -> Lie:
    def lie(method: str, params: list[Any], honest: Any) -> Any:
        return told(deepcopy(honest)) if method == wanted else honest

    return lie


def _garbage(content: bytes, status: int = 200) -> Lie:
    def lie(method: str, params: list[Any], honest: Any) -> Any:
        raise GarbageError(content, status)

    return lie


def _without_seals(keep: int) -> Callable[[str], str]:
    def change(extra: str) -> str:
        items = rlp.decode(bytes.fromhex(extra[2:]))
        items[4] = items[4][:keep]
        return "0x" + rlp.encode(items).hex()

    return change


def _doubled_seal(extra: str) -> str:
    items = rlp.decode(bytes.fromhex(extra[2:]))
    items[4] = [items[4][0], items[4][0], *items[4][1:]]
    return "0x" + rlp.encode(items).hex()


def _earlier_block(method: str, params: list[Any], honest: Any) -> Any:
    """Every block is answered with the first one seen after the genesis."""
    if method != "eth_getBlockByNumber" or not honest or not int(honest["number"], 16):
        return honest
    return _SEEN.setdefault("block", honest)


_SEEN: dict[str, Any] = {}


def _other_root(receipt: Any) -> None:
    for log in receipt["logs"]:
        log["data"] = _flip(log["data"])


def _other_address(receipt: Any) -> None:
    for log in receipt["logs"]:
        log["address"] = "0x" + "11" * 20


def _failed(receipt: Any) -> None:
    receipt["status"] = "0x0"


def _no_logs(receipt: Any) -> None:
    receipt["logs"] = []


def _other_calldata(block: Any) -> Any:
    for transaction in block["transactions"]:
        if isinstance(transaction, dict):
            transaction["input"] = _flip(transaction["input"])
    return block


def _no_transactions(block: Any) -> Any:
    return {**block, "transactions": []}


def _broken_account(proof: Any) -> Any:
    return {**proof, "accountProof": [*proof["accountProof"][:-1], _flip(proof["accountProof"][-1])]}


def _other_genesis(block: Any) -> Any:
    if int(block["number"], 16):
        return block
    told = {**block, "timestamp": "0x1"}
    return {**told, "hash": "0x" + parse_header(header_rlp(told)).block_hash().hex()}


LIES: dict[str, Lie] = {
    "another root in the receipt": _receipts(_other_root),
    "another address in the receipt": _receipts(_other_address),
    "a receipt said to have failed": _receipts(_failed),
    "the event taken out of the receipt": _receipts(_no_logs),
    "receipts withheld": _answers("eth_getBlockReceipts", lambda honest: []),
    "receipts refused": _answers("eth_getBlockReceipts", lambda honest: None),
    "another calldata": _answers("eth_getBlockByNumber", _other_calldata),
    "transactions withheld": _answers("eth_getBlockByNumber", _no_transactions),
    "another state root": _headers("stateRoot", _STATE_ROOT, _flip),
    "the bloom emptied": _headers("logsBloom", _BLOOM, lambda bloom: "0x" + "00" * 256),
    "another time": _headers("timestamp", _TIME, lambda time: hex(int(time, 16) + 1)),
    "two seals of four": _headers("extraData", _EXTRA, _without_seals(2)),
    "a doubled seal": _headers("extraData", _EXTRA, _doubled_seal),
    "no seals": _headers("extraData", _EXTRA, _without_seals(0)),
    "one block for all": _earlier_block,
    "another genesis": _answers("eth_getBlockByNumber", _other_genesis),
    "another chain id": _answers("eth_chainId", lambda honest: "0x1"),
    "a broken account proof": _answers("eth_getProof", _broken_account),
    "the account proof withheld": _answers("eth_getProof", lambda honest: {**honest, "accountProof": []}),
    "nothing": _answers("eth_getBlockByNumber", lambda honest: None),
    "a height beyond the end": _answers("eth_blockNumber", lambda honest: hex(int(honest, 16) + 5)),
    "a word for the height": _answers("eth_blockNumber", lambda honest: "many"),
    "a page in place of JSON": _garbage(b"<html>"),
    "half an answer": _garbage(b'[{"jsonrpc": "2.0", "id": 0, "res'),
    "a batch without answers": _garbage(b"[]"),
    "a fault": _garbage(b"", 500),
}
"""Lies that hide or alter what proves; every one must be noticed by an audit."""
