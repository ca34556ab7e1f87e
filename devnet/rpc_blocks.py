"""Methods that answer about blocks: contents, counts, receipts, raw bytes, fee history.

Decides nothing; committed blocks only. The raw forms are for evidence: the exact header bytes
with seals (``debug_getRawHeader``), canonical receipts and transactions, and a whole block in the
network encoding (EIP-2718 items as byte strings, EIP-4895 withdrawals last).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import rlp

from devnet.body import Body
from devnet.chain import Chain
from devnet.header import QbftHeader
from devnet.rpc_params import Method, Params, hex_bytes, invalid, param, quantity, quantity_param, sized_param
from devnet.rpc_tags import BlockTags
from devnet.shapes import block_json, raw_block, receipt_json
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import BlockHash

__all__ = ["BlockMethods"]

MOST_HISTORY = 1_024
_MOST_PERCENTILES = 100


class BlockMethods:
    """All block methods over one chain."""

    def __init__(self, chain: Chain, tags: BlockTags) -> None:
        """Answer from this chain."""
        self._chain = chain
        self._tags = tags

    def quick(self) -> dict[str, Method]:
        """Methods that read at most one block."""
        return {
            "eth_blockNumber": lambda _: quantity(self._chain.head().block_number),
            "eth_getBlockByNumber": self._by_number,
            "eth_getBlockByHash": self._by_hash,
            "eth_getBlockTransactionCountByNumber": self._count,
            "eth_getBlockTransactionCountByHash": self._count,
            "eth_getUncleCountByBlockNumber": self._uncle_count,
            "eth_getUncleCountByBlockHash": self._uncle_count,
            "eth_getUncleByBlockNumberAndIndex": lambda _: None,
            "eth_getUncleByBlockHashAndIndex": lambda _: None,
            "debug_getRawHeader": self._raw_header,
        }

    def slow(self) -> dict[str, Method]:
        """Methods that encode a whole block or read many."""
        return {
            "eth_getBlockReceipts": self._receipts,
            "eth_feeHistory": self._fee_history,
            "debug_getRawReceipts": self._raw_receipts,
            "debug_getRawBlock": self._raw_block,
        }

    def _by_number(self, params: Params) -> JsonValue:
        return self._block(self._tags.find(param(params, 0, "block")), params)

    def _by_hash(self, params: Params) -> JsonValue:
        wanted = sized_param(BlockHash, param(params, 0, "block hash"), "block hash")
        return self._block(self._chain.find_header_by_hash(wanted), params)

    def _block(self, header: QbftHeader | None, params: Params) -> JsonValue:
        if header is None:
            return None
        return block_json(header, self._body(header), full=bool(params[1:2] == [True]))

    def _count(self, params: Params) -> JsonValue:
        header = self._tags.find(param(params, 0, "block"))
        return None if header is None else quantity(len(self._body(header).transactions))

    def _uncle_count(self, params: Params) -> JsonValue:
        return None if self._tags.find(param(params, 0, "block")) is None else quantity(0)

    def _receipts(self, params: Params) -> JsonValue:
        header = self._tags.find(param(params, 0, "block"))
        if header is None:
            return None
        body = self._body(header)
        return [receipt_json(body, index, header) for index in range(len(body.receipts))]

    def _raw_header(self, params: Params) -> JsonValue:
        header = self._tags.find(param(params, 0, "block"))
        return None if header is None else hex_bytes(rlp.encode(header))

    def _raw_receipts(self, params: Params) -> JsonValue:
        header = self._tags.find(param(params, 0, "block"))
        return None if header is None else [hex_bytes(item) for item in self._body(header).receipts]

    def _raw_block(self, params: Params) -> JsonValue:
        header = self._tags.find(param(params, 0, "block"))
        return None if header is None else hex_bytes(raw_block(header, self._body(header)))

    def _fee_history(self, params: Params) -> JsonValue:
        """Fees are 0 on this chain, so only the gas ratios carry news (EIP-1559, EIP-4844 shapes)."""
        newest = self._tags.load(params, 1).block_number
        asked = quantity_param(param(params, 0, "block count"), "block count")
        count = min(asked, MOST_HISTORY, newest + 1)
        headers = [self._tags.load([quantity(newest - back)], 0) for back in reversed(range(count))]
        ratios: Sequence[float] = [header.gas_used / header.gas_limit for header in headers]
        answer: dict[str, JsonValue] = {
            "oldestBlock": quantity(newest + 1 - count),
            "baseFeePerGas": [quantity(0)] * (count + 1),
            "gasUsedRatio": cast("JsonValue", ratios),  # the one place where JSON-RPC has floats
            "baseFeePerBlobGas": [quantity(1)] * (count + 1),
            "blobGasUsedRatio": [0] * count,
        }
        percentiles = _percentiles(params)
        return answer if percentiles is None else {**answer, "reward": [[quantity(0)] * percentiles] * count}

    def _body(self, header: QbftHeader) -> Body:
        return self._chain.body(header.block_number)


def _percentiles(params: Params) -> int | None:
    listed = params[2] if len(params) > 2 else None
    if listed is None:
        return None
    if not isinstance(listed, list) or len(listed) > _MOST_PERCENTILES:
        raise invalid(f"reward percentiles must be an array of at most {_MOST_PERCENTILES}")
    return len(listed) or None
