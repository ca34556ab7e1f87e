"""``eth_call`` and ``eth_estimateGas``: run a message on a block's state, keep nothing.

Decides the outcome a client sees: return bytes, or error 3 with the revert bytes (custom
errors included), or −32000 for any other failure. Fees are 0, so no balance is needed
unless value is moved. Clause: reference chain.md §4.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from eth.abc import ComputationAPI, SignedTransactionAPI
from eth.constants import CREATE_CONTRACT_ADDRESS
from eth.exceptions import Revert
from eth.vm.forks.cancun.transactions import CancunTransactionBuilder
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address as EvmAddress
from eth_utils.exceptions import ValidationError

from devnet.chain import Chain
from devnet.header import QbftHeader
from devnet.rpc_params import RpcError, bytes_param, invalid, object_param, quantity_param, sized_param
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address, Bytes32

__all__ = ["Message", "call", "estimate_gas", "message_param"]

EXECUTION_FAILED = -32000
EXECUTION_REVERTED = 3
CALL_GAS = 30_000_000
_ERROR_STRING = bytes.fromhex("08c379a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be run. ``to`` empty creates a contract; gas ``None`` means the most allowed."""

    sender: Address
    to: bytes
    content: bytes
    value: int
    gas: int | None
    access_list: tuple[tuple[bytes, tuple[int, ...]], ...]


def message_param(value: JsonValue) -> Message:
    """Read a transaction object; fee fields and nonce are accepted and ignored.

    Raises:
        RpcError: A field of the wrong form.
    """
    fields = object_param(value, "transaction")
    content = fields.get("input", fields.get("data"))
    sender, gas = fields.get("from"), fields.get("gas")
    return Message(
        sender=Address(bytes(20)) if sender is None else sized_param(Address, sender, "from"),
        to=_target_param(fields.get("to")),
        content=b"" if content is None else bytes_param(content, "data"),
        value=quantity_param(fields.get("value") or "0x0", "value"),
        gas=None if gas is None else min(quantity_param(gas, "gas"), CALL_GAS),
        access_list=_access_list_param(fields.get("accessList")),
    )


def call(chain: Chain, header: QbftHeader, message: Message) -> bytes:
    """Return bytes of the message on the state after this block.

    Raises:
        RpcError: It reverted, failed or is not runnable.
    """
    computation, _ = _run(chain, header, message, gas=message.gas or CALL_GAS)
    _raise_if_failed(computation)
    return bytes(computation.output)


def estimate_gas(chain: Chain, header: QbftHeader, message: Message) -> int:
    """Smallest gas limit, to within one percent, with which the message succeeds.

    Raises:
        RpcError: It fails with all the gas there is.
    """
    most = message.gas or CALL_GAS
    computation, used = _run(chain, header, message, gas=most)
    _raise_if_failed(computation)
    low, high = used - 1, most
    guess = min((used + 2_300) * 64 // 63 + 1, most)
    while high - low > max(used // 100, 1):
        computation, _ = _run(chain, header, message, gas=guess)
        low, high = (guess, high) if computation.is_error else (low, guess)
        guess = (low + high) // 2
    return high


def _run(chain: Chain, header: QbftHeader, message: Message, *, gas: int) -> tuple[ComputationAPI, int]:
    """Execute; the second value is gas used before refunds."""
    state = chain.state(header)
    unsigned = CancunTransactionBuilder.new_unsigned_dynamic_fee_transaction(
        chain_id=chain.genesis.chain_id,
        nonce=state.get_nonce(EvmAddress(message.sender)),
        max_priority_fee_per_gas=0,
        max_fee_per_gas=0,
        gas=gas,
        to=EvmAddress(message.to),
        value=message.value,
        data=message.content,
        access_list=[(EvmAddress(account), slots) for account, slots in message.access_list],
    )
    if gas < unsigned.intrinsic_gas:
        raise _failed(f"intrinsic gas too low: have {gas}, want {unsigned.intrinsic_gas}")
    transaction = cast("SignedTransactionAPI", SpoofTransaction(unsigned, from_=message.sender))
    try:
        computation = state.apply_transaction(transaction)
    except ValidationError as problem:
        raise _failed(str(problem)) from problem
    return computation, gas - computation.get_gas_remaining()


def _raise_if_failed(computation: ComputationAPI) -> None:
    if not computation.is_error:
        return
    if isinstance(computation.error, Revert):
        reverted = bytes(computation.output)
        reason = _reason(reverted)
        raise RpcError(
            EXECUTION_REVERTED,
            "execution reverted" + (f": {reason}" if reason else ""),
            "合约拒绝执行" + (f"：{reason}" if reason else ""),
            revert_data=reverted,
        )
    kind = type(computation.error).__name__
    raise _failed("out of gas" if kind == "OutOfGas" else f"execution failed: {kind}")


def _reason(reverted: bytes) -> str | None:
    """The text of ``Error(string)``, if that is what came back."""
    if reverted[:4] != _ERROR_STRING or len(reverted) < 68:
        return None
    length = int.from_bytes(reverted[36:68])
    return reverted[68 : 68 + length].decode("utf-8", "replace")


def _target_param(value: JsonValue) -> bytes:
    """An address, or nothing (absent, empty) to create a contract."""
    if value is None or (isinstance(value, str) and value in {"", "0x"}):
        return CREATE_CONTRACT_ADDRESS
    return sized_param(Address, value, "to")


def _access_list_param(value: JsonValue) -> tuple[tuple[bytes, tuple[int, ...]], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise invalid("accessList must be an array")
    return tuple(_access_param(object_param(item, "accessList")) for item in value)


def _access_param(item: Mapping[str, JsonValue]) -> tuple[bytes, tuple[int, ...]]:
    keys = item.get("storageKeys") or []
    if not isinstance(keys, list):
        raise invalid("storageKeys must be an array")
    slots = tuple(int.from_bytes(sized_param(Bytes32, key, "storage key")) for key in keys)
    return sized_param(Address, item.get("address"), "address"), slots


def _failed(en: str) -> RpcError:
    return RpcError(EXECUTION_FAILED, en, f"执行失败：{en}")
