"""An outsider's reader of a chain: headers, block contents and account paths, in batches.

Decides nothing about truth: it rebuilds the bytes that were hashed and hands them to the
audit, which believes only what seals and roots prove. Needs no key and no registry code.
Nothing the node states about itself (hashes, logs, blooms) is passed on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import requests

from contracts_chain.ledger.block_rlp import header_rlp, receipt_rlp, transaction_rlp
from contracts_chain.ledger.errors import LedgerRefutedError
from contracts_chain.ledger.header import parse_header
from contracts_chain.ledger.index_trie import without_nodes_in_place
from contracts_chain.ledger.rpc_json import hex_bytes, items, members, no_answer, quantity
from kernel.canonical_json import JsonValue, parse_json
from kernel.sized_bytes import Address

__all__ = ["BlockContents", "ChainReader"]

_HEADERS_A_BATCH = 200
_PATIENCE_SECONDS = 30
_GREATEST_ANSWER = 64 * 2**20
Call = tuple[str, list[JsonValue]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockContents:
    """What a block holds, as its two tries hold it, in order."""

    transactions: tuple[bytes, ...]
    receipts: tuple[bytes, ...]


class ChainReader:
    """Questions to one node. Every method raises ``ChainUnavailableError`` for a useless answer."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        """Remember where to ask; nothing is sent yet."""
        self._url = url
        self._session = requests.Session()
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def chain_id(self) -> int:
        """EIP-155 id on the node's word."""
        return quantity(self._ask("eth_chainId", []), "chain id")

    def newest(self) -> int:
        """Height of the newest block on the node's word."""
        return quantity(self._ask("eth_blockNumber", []), "block number")

    def headers(self, first: int, last: int) -> Iterator[bytes]:
        """RLP of every header from ``first`` to ``last``, both inclusive, oldest first."""
        for start in range(first, last + 1, _HEADERS_A_BATCH):
            numbers = range(start, min(start + _HEADERS_A_BATCH, last + 1))
            answers = self._ask_all([("eth_getBlockByNumber", [hex(one), False]) for one in numbers])
            for number, answer in zip(numbers, answers, strict=True):
                yield self._header(number, answer)

    def contents(self, number: int) -> BlockContents:
        """Transactions and receipts of one block."""
        tag = hex(number)
        block, receipts = self._ask_all(
            [("eth_getBlockByNumber", [tag, True]), ("eth_getBlockReceipts", [tag])]
        )
        found = items(members(block, "block").get("transactions"), "transactions")
        return BlockContents(
            transactions=tuple(transaction_rlp(members(one, "transaction")) for one in found),
            receipts=tuple(receipt_rlp(members(one, "receipt")) for one in items(receipts, "receipts")),
        )

    def account_path(self, account: Address, number: int) -> tuple[bytes, ...]:
        """Trie nodes from the block's state root to the account, root first."""
        answer = members(self._ask("eth_getProof", [account.hex0x(), [], hex(number)]), "proof")
        nodes = items(answer.get("accountProof"), "accountProof")
        return without_nodes_in_place([hex_bytes(node, "node") for node in nodes])

    def _header(self, number: int, answer: JsonValue) -> bytes:
        block = members(answer, f"block {number}")
        content = header_rlp(block)
        if _hash_of(content) != hex_bytes(block.get("hash"), "hash"):
            # a fork later than ours shows fields we do not know; the node may give the bytes
            content = hex_bytes(self._ask("debug_getRawHeader", [hex(number)]), "header")
        return content

    def _ask(self, method: str, params: list[JsonValue]) -> JsonValue:
        return self._ask_all([(method, params)])[0]

    def _ask_all(self, calls: Sequence[Call]) -> list[JsonValue]:
        """Results in the order of the calls; one refusal makes the whole batch useless."""
        batch = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(calls)
        ]
        answers = items(self._post(json.dumps(batch).encode()), "batch")
        found = {str(one.get("id")): one for one in (members(answer, "answer") for answer in answers)}
        return [_result(found.get(str(number)), method) for number, (method, _) in enumerate(calls)]

    def _post(self, content: bytes) -> JsonValue:
        headers = {"Content-Type": "application/json"}
        try:
            with self._session.post(
                self._url, data=content, headers=headers, timeout=_PATIENCE_SECONDS, stream=True
            ) as reply:
                reply.raise_for_status()
                return parse_json(_bounded(reply))
        except (OSError, ValueError) as problem:  # requests' errors are OSErrors
            told = getattr(getattr(problem, "response", None), "status_code", None) or type(problem).__name__
            raise no_answer(f"{self._url}: {told}") from problem


def _bounded(reply: requests.Response) -> bytes:
    whole = bytearray()
    for piece in reply.iter_content(65_536):
        whole += piece
        if len(whole) > _GREATEST_ANSWER:
            raise ValueError("the answer is too long")
    return bytes(whole)


def _result(answer: JsonValue, method: str) -> JsonValue:
    found = members(answer, method)
    if found.get("error") is not None or found.get("result") is None:
        raise no_answer(f"{method}: {found.get('error')}")
    return found["result"]


def _hash_of(content: bytes) -> bytes | None:
    try:
        return parse_header(content).block_hash()
    except LedgerRefutedError:
        return None
