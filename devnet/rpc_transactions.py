"""Methods that answer about transactions: take one, find one, its receipt, the pool's state.

Decides the words a sender hears. Resending a mined transaction says "nonce too low: already
mined" whatever else the pool minds first, because the sender's outbox acts on exactly that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from eth_hash.auto import keccak

from devnet.chain import Chain
from devnet.errors import TransactionRefusedError
from devnet.pool import Pool
from devnet.rpc_params import (
    Method,
    Params,
    RpcError,
    bytes_param,
    hex_bytes,
    param,
    quantity,
    quantity_param,
    sized_param,
)
from devnet.rpc_tags import BlockTags
from devnet.shapes import receipt_json, transaction_json, waiting_transaction_json
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import TransactionHash

__all__ = ["Relay", "TransactionMethods"]

Relay = Callable[[bytes], Awaitable[TransactionHash]]
"""Hands a raw transaction to the proposer; raises TransactionRefusedError as the pool does."""


class TransactionMethods:
    """All transaction methods over one chain and its pool."""

    def __init__(
        self, chain: Chain, pool: Pool, tags: BlockTags, *, taken: Callable[[TransactionHash], None]
    ) -> None:
        """Answer from this chain and this pool; ``taken`` hears of every transaction accepted."""
        self._chain = chain
        self._pool = pool
        self._tags = tags
        self._taken = taken

    def quick(self) -> dict[str, Method]:
        """Methods that read at most one block."""
        return {
            "eth_sendRawTransaction": self._send,
            "eth_getTransactionByHash": self._by_hash,
            "eth_getTransactionByBlockHashAndIndex": self._by_place,
            "eth_getTransactionByBlockNumberAndIndex": self._by_place,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getRawTransactionByHash": self._raw,
            "debug_getRawTransaction": self._raw,
            "txpool_status": self._status,
        }

    async def relayed(self, params: Params, relay: Relay) -> JsonValue:
        """``eth_sendRawTransaction`` on a node that does not propose.

        Raises:
            RpcError: The proposer's pool refused it.
        """
        raw = bytes_param(param(params, 0, "transaction"), "transaction")
        try:
            transaction_hash = await relay(raw)
        except TransactionRefusedError as refusal:
            raise self._refusal(raw, refusal) from refusal
        self._taken(transaction_hash)
        return hex_bytes(transaction_hash)

    def _send(self, params: Params) -> JsonValue:
        raw = bytes_param(param(params, 0, "transaction"), "transaction")
        try:
            transaction_hash = self._pool.add(raw)
        except TransactionRefusedError as refusal:
            raise self._refusal(raw, refusal) from refusal
        self._taken(transaction_hash)
        return hex_bytes(transaction_hash)

    def _refusal(self, raw: bytes, refusal: TransactionRefusedError) -> RpcError:
        if self._chain.find_transaction(TransactionHash(keccak(raw))) is not None:
            return RpcError(-32000, "nonce too low: already mined", "该交易已上链，请查询回执")
        return RpcError(-32000, refusal.en, refusal.zh)

    def _by_hash(self, params: Params) -> JsonValue:
        wanted = _hash(params)
        place = self._chain.find_transaction(wanted)
        if place is None:
            waiting = self._pool.find(wanted)
            return None if waiting is None else waiting_transaction_json(waiting)
        number, index = place
        return transaction_json(self._chain.body(number), index, self._tags.load([quantity(number)], 0))

    def _by_place(self, params: Params) -> JsonValue:
        header = self._tags.find(param(params, 0, "block"))
        index = quantity_param(param(params, 1, "index"), "index")
        if header is None:
            return None
        body = self._chain.body(header.block_number)
        return transaction_json(body, index, header) if index < len(body.transactions) else None

    def _receipt(self, params: Params) -> JsonValue:
        place = self._chain.find_transaction(_hash(params))
        if place is None:
            return None
        number, index = place
        return receipt_json(self._chain.body(number), index, self._tags.load([quantity(number)], 0))

    def _raw(self, params: Params) -> JsonValue:
        wanted = _hash(params)
        place = self._chain.find_transaction(wanted)
        if place is None:
            waiting = self._pool.find(wanted)
            return None if waiting is None else hex_bytes(waiting.encode())
        number, index = place
        return hex_bytes(self._chain.body(number).transactions[index])

    def _status(self, _: Params) -> JsonValue:
        ready = len(tuple(self._pool.ready()))
        return {"pending": quantity(ready), "queued": quantity(len(self._pool) - ready)}


def _hash(params: Params) -> TransactionHash:
    return sized_param(TransactionHash, param(params, 0, "hash"), "hash")
