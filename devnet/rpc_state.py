"""Methods that answer about state: balances, code, slots, proofs, calls, gas estimates.

Decides that a call runs on the state it names and on nothing else: state and block overrides
are refused by name, because ignoring them would answer another question.
"""

from __future__ import annotations

from eth.abc import StateAPI
from eth_typing import Address as EvmAddress

from devnet.chain import Chain
from devnet.header import QbftHeader
from devnet.pool import Pool
from devnet.rpc_execution import Message, call, estimate_gas, message_param
from devnet.rpc_params import Method, Params, hex_bytes, invalid, param, quantity, quantity_param, sized_param
from devnet.rpc_tags import BlockTags
from devnet.shapes import proof_json
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address, Bytes32

__all__ = ["StateMethods"]

_MOST_SLOTS = 1_024


class StateMethods:
    """All state methods over one chain; the pool counts only towards a pending nonce."""

    def __init__(self, chain: Chain, pool: Pool, tags: BlockTags) -> None:
        """Answer from this chain."""
        self._chain = chain
        self._pool = pool
        self._tags = tags

    def quick(self) -> dict[str, Method]:
        """Methods that read one account."""
        return {
            "eth_getTransactionCount": self._transaction_count,
            "eth_getBalance": self._balance,
            "eth_getCode": self._code,
            "eth_getStorageAt": self._storage,
        }

    def slow(self) -> dict[str, Method]:
        """Methods that execute, or walk tries."""
        return {
            "eth_call": lambda params: hex_bytes(call(self._chain, *self._asked(params))),
            "eth_estimateGas": lambda params: quantity(estimate_gas(self._chain, *self._asked(params))),
            "eth_getProof": self._proof,
        }

    def _asked(self, params: Params) -> tuple[QbftHeader, Message]:
        if any(item is not None for item in params[2:]):
            raise invalid("state and block overrides are not supported; call on the state as it is")
        return self._tags.load(params, 1), message_param(param(params, 0, "transaction"))

    def _transaction_count(self, params: Params) -> JsonValue:
        sender = sized_param(Address, param(params, 0, "address"), "address")
        mined = self._state_at(params, 1).get_nonce(EvmAddress(sender))
        if params[1:2] == ["pending"]:
            return quantity(self._pool.next_nonce(sender, mined))
        return quantity(mined)

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
        return proof_json(address, self._chain.prove_account(self._tags.load(params, 2), address, slots))

    def _state_at(self, params: Params, position: int) -> StateAPI:
        return self._chain.state(self._tags.load(params, position))


def _account(params: Params) -> EvmAddress:
    return EvmAddress(sized_param(Address, param(params, 0, "address"), "address"))
