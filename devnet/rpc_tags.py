"""Block tags: which block a client means by ``latest``, a number, a hash or an EIP-1898 object.

Decides that every tag of a moving head (``latest``, ``pending``, ``safe``, ``finalized``) names
the newest sealed block: a sealed block is final here. Clause: execution-apis, block tag; EIP-1898.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devnet.chain import Chain
from devnet.header import QbftHeader
from devnet.rpc_params import RpcError, invalid, quantity_param, sized_param
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import BlockHash

__all__ = ["BlockTags"]

_HEAD_TAGS = frozenset({"latest", "pending", "safe", "finalized"})


class BlockTags:
    """Finds the block that a parameter names."""

    def __init__(self, chain: Chain) -> None:
        """Look in this chain."""
        self._chain = chain

    def number_of(self, tag: JsonValue) -> int | None:
        """Block number of a tag or number; ``None`` for the head, which moves.

        Raises:
            RpcError: Neither tag nor number.
        """
        if tag is None or (isinstance(tag, str) and tag in _HEAD_TAGS):
            return None
        return 0 if tag == "earliest" else quantity_param(tag, "block")

    def find(self, tag: JsonValue) -> QbftHeader | None:
        """The header a tag, number, hash or EIP-1898 object names.

        Raises:
            RpcError: None of these.
        """
        if isinstance(tag, Mapping):
            tag = _named(tag)
        if isinstance(tag, str) and len(tag) == 66:
            return self._chain.find_header_by_hash(sized_param(BlockHash, tag, "block hash"))
        number = self.number_of(tag)
        return self._chain.head() if number is None else self._chain.find_header(number)

    def load(self, params: Sequence[JsonValue], position: int) -> QbftHeader:
        """The header named by an optional parameter; absent means the head.

        Raises:
            RpcError: −32000, there is no such block.
        """
        header = self.find(params[position] if position < len(params) else None)
        if header is None:
            raise RpcError(-32000, "header not found", "没有该区块")
        return header


def _named(tag: Mapping[str, JsonValue]) -> JsonValue:
    named = [tag[name] for name in ("blockHash", "blockNumber") if tag.get(name) is not None]
    if len(named) != 1:
        raise invalid("a block object names blockHash or blockNumber")
    return named[0]
