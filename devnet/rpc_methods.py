"""The JSON-RPC methods: which exist, what they read, what they answer.

Decides the surface that web3.py 8 and the ledger adapter use (reference chain.md §4.7),
and ``debug_getRawHeader`` / ``debug_getRawReceipts`` for evidence. Answers come from
committed blocks, except a sender's pending nonce and transactions still in the pool.
There are no server-side keys: ``eth_accounts`` is empty and nothing signs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import rlp
from eth.abc import StateAPI
from eth_hash.auto import keccak
from eth_typing import Address as EvmAddress

from devnet.chain import Chain
from devnet.errors import TransactionRefusedError
from devnet.header import QbftHeader
from devnet.pool import Pool
from devnet.rpc_execution import call, estimate_gas, message_param
from devnet.rpc_logs import Filters, find_logs, log_query_param
from devnet.rpc_params import (
    RpcError,
    bytes_param,
    hex_bytes,
    invalid,
    object_param,
    param,
    quantity,
    quantity_param,
    sized_param,
)
from devnet.shapes import (
    block_json,
    proof_json,
    receipt_json,
    transaction_json,
    waiting_transaction_json,
)
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address, BlockHash, Bytes32, TransactionHash

__all__ = ["CLIENT_VERSION", "Method", "Methods"]

CLIENT_VERSION = "contracts-chain-devnet/0.1 py-evm/cancun qbft"
_HEAD_TAGS = {None, "latest", "pending", "safe", "finalized"}
_MOST_SLOTS = 1_024
Params = Sequence[JsonValue]
Method = Callable[[Params], JsonValue]


class Methods:
    """All methods over one chain and its pool."""

    def __init__(self, chain: Chain, pool: Pool, *, wake: Callable[[], None]) -> None:
        """Serve this chain.

        Args:
            chain: The committed chain.
            pool: Takes transactions.
            wake: Called when the pool has taken one.
        """
        self._chain = chain
        self._pool = pool
        self._wake = wake
        self._filters = Filters(chain)

    def quick(self) -> dict[str, Method]:
        """Methods that answer at once, run on the event loop's thread."""
        return {
            "web3_clientVersion": lambda _: CLIENT_VERSION,
            "net_version": lambda _: str(self._chain.genesis.chain_id),
            "net_listening": lambda _: True,
            "net_peerCount": lambda _: quantity(0),
            "eth_chainId": lambda _: quantity(self._chain.genesis.chain_id),
            "eth_blockNumber": lambda _: quantity(self._chain.head().block_number),
            "eth_gasPrice": lambda _: quantity(0),
            "eth_maxPriorityFeePerGas": lambda _: quantity(0),
            "eth_syncing": lambda _: False,
            "eth_accounts": lambda _: [],
            "eth_sendRawTransaction": self._send,
            "eth_getTransactionCount": self._transaction_count,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getBalance": self._balance,
            "eth_getCode": self._code,
            "eth_getStorageAt": self._storage,
            "eth_newFilter": self._new_filter,
            "eth_newBlockFilter": lambda _: self._filters.add(None),
            "eth_uninstallFilter": lambda params: self._filters.remove(param(params, 0, "filter id")),
            "debug_getRawHeader": self._raw_header,
        }

    def slow(self) -> dict[str, Method]:
        """Methods that execute or read much, run in a worker thread; they touch no pool."""
        return {
            "eth_call": self._call,
            "eth_estimateGas": self._estimate,
            "eth_getProof": self._proof,
            "eth_getLogs": self._logs,
            "eth_getFilterLogs": lambda params: self._filters.all_logs(param(params, 0, "filter id")),
            "eth_getFilterChanges": lambda params: self._filters.changes(param(params, 0, "filter id")),
            "eth_getBlockReceipts": self._block_receipts,
            "debug_getRawReceipts": self._raw_receipts,
        }

    def _send(self, params: Params) -> JsonValue:
        raw = bytes_param(param(params, 0, "transaction"), "transaction")
        try:
            transaction_hash = self._pool.add(raw)
        except TransactionRefusedError as refusal:
            self._tell_of_mined(raw, refusal)
            raise RpcError(-32000, refusal.en, refusal.zh) from refusal
        self._wake()
        return hex_bytes(transaction_hash)

    def _tell_of_mined(self, raw: bytes, refusal: TransactionRefusedError) -> None:
        """Resending a mined transaction must say so, whatever else the pool minds first."""
        if self._chain.find_transaction(TransactionHash(keccak(raw))) is not None:
            raise RpcError(-32000, "nonce too low: already mined", "该交易已上链，请查询回执") from refusal

    def _transaction_count(self, params: Params) -> JsonValue:
        sender = sized_param(Address, param(params, 0, "address"), "address")
        mined = self._state_at(params, 1).get_nonce(EvmAddress(sender))
        if params[1:2] == ["pending"]:
            return quantity(self._pool.next_nonce(sender, mined))
        return quantity(mined)

    def _transaction(self, params: Params) -> JsonValue:
        wanted = sized_param(TransactionHash, param(params, 0, "hash"), "hash")
        place = self._chain.find_transaction(wanted)
        if place is None:
            waiting = self._pool.find(wanted)
            return None if waiting is None else waiting_transaction_json(waiting)
        number, index = place
        return transaction_json(self._chain.body(number), index, self._header(number))

    def _receipt(self, params: Params) -> JsonValue:
        place = self._chain.find_transaction(sized_param(TransactionHash, param(params, 0, "hash"), "hash"))
        if place is None:
            return None
        number, index = place
        return receipt_json(self._chain.body(number), index, self._header(number))

    def _block_by_number(self, params: Params) -> JsonValue:
        return self._block(self._find_by_tag(param(params, 0, "block")), params)

    def _block_by_hash(self, params: Params) -> JsonValue:
        wanted = sized_param(BlockHash, param(params, 0, "block hash"), "block hash")
        return self._block(self._chain.find_header_by_hash(wanted), params)

    def _block(self, header: QbftHeader | None, params: Params) -> JsonValue:
        if header is None:
            return None
        return block_json(header, self._chain.body(header.block_number), full=bool(params[1:2] == [True]))

    def _balance(self, params: Params) -> JsonValue:
        return quantity(self._state_at(params, 1).get_balance(_account(params)))

    def _code(self, params: Params) -> JsonValue:
        return hex_bytes(self._state_at(params, 1).get_code(_account(params)))

    def _storage(self, params: Params) -> JsonValue:
        slot = quantity_param(param(params, 1, "slot"), "slot")
        return hex_bytes(self._state_at(params, 2).get_storage(_account(params), slot).to_bytes(32))

    def _proof(self, params: Params) -> JsonValue:
        address = sized_param(Address, param(params, 0, "address"), "address")
        listed = param(params, 1, "storage keys")
        if not isinstance(listed, list) or len(listed) > _MOST_SLOTS:
            raise invalid(f"storage keys must be an array of at most {_MOST_SLOTS}")
        slots = tuple(Bytes32(quantity_param(item, "storage key").to_bytes(32)) for item in listed)
        return proof_json(address, self._chain.prove_account(self._header_at(params, 2), address, slots))

    def _call(self, params: Params) -> JsonValue:
        message = message_param(param(params, 0, "transaction"))
        return hex_bytes(call(self._chain, self._header_at(params, 1), message))

    def _estimate(self, params: Params) -> JsonValue:
        message = message_param(param(params, 0, "transaction"))
        return quantity(estimate_gas(self._chain, self._header_at(params, 1), message))

    def _logs(self, params: Params) -> JsonValue:
        fields = object_param(param(params, 0, "filter"), "filter")
        return find_logs(self._chain, log_query_param(self._chain, fields, self._number_of))

    def _new_filter(self, params: Params) -> JsonValue:
        fields = object_param(param(params, 0, "filter"), "filter")
        return self._filters.add(log_query_param(self._chain, fields, self._number_of))

    def _block_receipts(self, params: Params) -> JsonValue:
        header = self._find_by_tag(param(params, 0, "block"))
        if header is None:
            return None
        body = self._chain.body(header.block_number)
        return [receipt_json(body, index, header) for index in range(len(body.receipts))]

    def _raw_header(self, params: Params) -> JsonValue:
        header = self._find_by_tag(param(params, 0, "block"))
        return None if header is None else hex_bytes(rlp.encode(header))

    def _raw_receipts(self, params: Params) -> JsonValue:
        header = self._find_by_tag(param(params, 0, "block"))
        if header is None:
            return None
        return [hex_bytes(receipt) for receipt in self._chain.body(header.block_number).receipts]

    def _number_of(self, tag: JsonValue) -> int | None:
        """Block number of a tag; ``None`` for the head, which moves."""
        if tag is None or (isinstance(tag, str) and tag in _HEAD_TAGS):
            return None
        return 0 if tag == "earliest" else quantity_param(tag, "block")

    def _find_by_tag(self, tag: JsonValue) -> QbftHeader | None:
        """A header by tag, number, hash, or an EIP-1898 object."""
        if isinstance(tag, dict):
            tag = tag.get("blockHash") or tag.get("blockNumber")
        if isinstance(tag, str) and len(tag) == 66:
            return self._chain.find_header_by_hash(sized_param(BlockHash, tag, "block hash"))
        number = self._number_of(tag)
        return self._chain.head() if number is None else self._chain.find_header(number)

    def _header_at(self, params: Params, position: int) -> QbftHeader:
        header = self._find_by_tag(params[position] if position < len(params) else None)
        if header is None:
            raise RpcError(-32000, "header not found", "没有该区块")
        return header

    def _state_at(self, params: Params, position: int) -> StateAPI:
        return self._chain.state(self._header_at(params, position))

    def _header(self, number: int) -> QbftHeader:
        return self._header_at([quantity(number)], 0)


def _account(params: Params) -> EvmAddress:
    return EvmAddress(sized_param(Address, param(params, 0, "address"), "address"))
