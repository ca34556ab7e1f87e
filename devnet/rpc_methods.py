"""The JSON-RPC methods: which exist, and whether they answer at once, in a thread, or in time.

Decides the surface that web3.py 8, cast-style clients and the ledger adapter use (reference
chain.md §4.7). Answers come from committed blocks, except a sender's pending nonce and
transactions still in the pool. There are no server-side keys: ``eth_accounts`` is empty and
nothing signs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

from eth_hash.auto import keccak

from devnet.chain import Chain
from devnet.pool import Pool
from devnet.rpc_announcer import Announcer
from devnet.rpc_blocks import BlockMethods
from devnet.rpc_filters import Filters
from devnet.rpc_logs import find_logs, log_query_param
from devnet.rpc_params import Method, Params, bytes_param, hex_bytes, object_param, param, quantity
from devnet.rpc_state import StateMethods
from devnet.rpc_tags import BlockTags
from devnet.rpc_transactions import Relay, TransactionMethods
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import TransactionHash

__all__ = ["CLIENT_VERSION", "Alone", "Methods", "Neighbours", "PatientMethod"]

CLIENT_VERSION = "contracts-chain-devnet/0.2 py-evm/cancun qbft"
PatientMethod = Callable[[Params], Awaitable[JsonValue]]


class Neighbours(Protocol):
    """What a node knows of the other validators."""

    def peer_count(self) -> int:
        """How many answered lately."""
        ...

    def highest_block(self) -> int:
        """The highest block any of them spoke of; 0 when unknown."""
        ...


class Alone:
    """A node that knows nobody."""

    def peer_count(self) -> int:
        """Nobody."""
        return 0

    def highest_block(self) -> int:
        """Unknown."""
        return 0


class Methods:
    """All methods over one chain and its pool.

    Attributes:
        announcer: Tells subscribers of new blocks; whoever commits a block calls ``head_moved``.
    """

    def __init__(
        self,
        chain: Chain,
        pool: Pool,
        *,
        wake: Callable[[], None],
        relay: Relay | None = None,
        neighbours: Neighbours | None = None,
        more: Mapping[str, Method] | None = None,
    ) -> None:
        """Serve this chain.

        Args:
            chain: The committed chain.
            pool: Takes transactions.
            wake: Called when the pool has taken one.
            relay: Hands transactions to the proposer; ``None`` on the proposer itself.
            neighbours: The other validators; ``None`` for a node alone.
            more: Further quick methods, such as votes.
        """
        self._chain = chain
        self._wake = wake
        self._relay = relay
        self._neighbours = neighbours or Alone()
        self._more = dict(more or {})
        self._filters = Filters(chain)
        self.announcer = Announcer(chain)
        self._tags = BlockTags(chain)
        self._blocks = BlockMethods(chain, self._tags)
        self._transactions = TransactionMethods(chain, pool, self._tags, taken=self._taken)
        self._state = StateMethods(chain, pool, self._tags)
        self._find_waiting = pool.find

    def quick(self) -> dict[str, Method]:
        """Methods that answer at once, run on the event loop's thread."""
        quick = self._node() | self._blocks.quick() | self._transactions.quick() | self._state.quick()
        quick |= {
            "eth_newFilter": self._new_filter,
            "eth_newBlockFilter": lambda _: self._filters.add_blocks(),
            "eth_newPendingTransactionFilter": lambda _: self._filters.add_pending(),
            "eth_uninstallFilter": lambda params: self._filters.remove(param(params, 0, "filter id")),
            "rpc_modules": lambda _: dict.fromkeys(self._modules(), "1.0"),
        }
        return quick | self._more

    def slow(self) -> dict[str, Method]:
        """Methods that execute or read much, run in a worker thread; they touch no pool."""
        return {
            **self._blocks.slow(),
            **self._state.slow(),
            "eth_getLogs": self._logs,
            "eth_getFilterLogs": lambda params: self._filters.all_logs(param(params, 0, "filter id")),
            "eth_getFilterChanges": lambda params: self._filters.changes(param(params, 0, "filter id")),
        }

    def patient(self) -> dict[str, PatientMethod]:
        """Methods that wait for another process; they stand before quick ones of the same name."""
        if self._relay is None:
            return {}
        return {"eth_sendRawTransaction": partial(self._transactions.relayed, relay=self._relay)}

    def _node(self) -> dict[str, Method]:
        return {
            "web3_clientVersion": lambda _: CLIENT_VERSION,
            "web3_sha3": lambda params: hex_bytes(keccak(bytes_param(param(params, 0, "data"), "data"))),
            "net_version": lambda _: str(self._chain.genesis.chain_id),
            "net_listening": lambda _: True,
            "net_peerCount": lambda _: quantity(self._neighbours.peer_count()),
            "eth_protocolVersion": lambda _: quantity(1),
            "eth_chainId": lambda _: quantity(self._chain.genesis.chain_id),
            "eth_gasPrice": lambda _: quantity(0),
            "eth_maxPriorityFeePerGas": lambda _: quantity(0),
            "eth_blobBaseFee": lambda _: quantity(1),
            "eth_syncing": self._syncing,
            "eth_accounts": lambda _: [],
        }

    def _syncing(self, _: Params) -> JsonValue:
        head, highest = self._chain.head().block_number, self._neighbours.highest_block()
        if highest <= head:
            return False
        return {
            "startingBlock": quantity(0),
            "currentBlock": quantity(head),
            "highestBlock": quantity(highest),
        }

    def _modules(self) -> list[str]:
        names = self._node() | self._blocks.quick() | self._transactions.quick() | self._more
        return sorted({name.partition("_")[0] for name in names} | {"rpc"})

    def _taken(self, transaction_hash: TransactionHash) -> None:
        self._wake()
        self._filters.transaction_taken(transaction_hash)
        self.announcer.transaction_taken(transaction_hash, self._find_waiting(transaction_hash))

    def _logs(self, params: Params) -> JsonValue:
        fields = object_param(param(params, 0, "filter"), "filter")
        return find_logs(self._chain, log_query_param(self._chain, fields, self._tags.number_of))

    def _new_filter(self, params: Params) -> JsonValue:
        fields = object_param(param(params, 0, "filter"), "filter")
        return self._filters.add_logs(log_query_param(self._chain, fields, self._tags.number_of))
