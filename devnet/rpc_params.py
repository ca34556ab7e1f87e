"""Read JSON-RPC parameters strictly and write JSON-RPC values.

Decides the accepted forms: quantities are minimal hex, byte strings even-length hex,
addresses 20 bytes, hashes 32. Everything else is error −32602 with the place named.
Clause: execution-apis, hex value encoding; reference chain.md §4.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from kernel.canonical_json import JsonValue
from kernel.errors import RejectedError
from kernel.sized_bytes import SizedBytes

__all__ = [
    "INVALID_PARAMS",
    "LIMIT_EXCEEDED",
    "Method",
    "Params",
    "RpcError",
    "bytes_param",
    "hex_bytes",
    "invalid",
    "object_param",
    "param",
    "quantity",
    "quantity_param",
    "sized_param",
]

INVALID_PARAMS = -32602
LIMIT_EXCEEDED = -32005
Params: TypeAlias = Sequence[JsonValue]
Method: TypeAlias = Callable[[Params], JsonValue]
_Sized = TypeVar("_Sized", bound=SizedBytes)


class RpcError(RejectedError):
    """A JSON-RPC error object: ``en`` is its message.

    Attributes:
        rpc_code: The number JSON-RPC gives it.
        revert_data: Return bytes of a reverted call, else ``None``.
    """

    code = "rpc_error"

    def __init__(self, rpc_code: int, en: str, zh: str, *, revert_data: bytes | None = None) -> None:
        """Keep number and revert bytes."""
        super().__init__(en, zh)
        self.rpc_code = rpc_code
        self.revert_data = revert_data


def invalid(en: str) -> RpcError:
    """A parameter of the wrong form."""
    return RpcError(INVALID_PARAMS, f"invalid params: {en}", f"参数不合规范：{en}")


def param(params: Sequence[JsonValue], position: int, name: str) -> JsonValue:
    """A required parameter by position."""
    if position >= len(params):
        raise invalid(f"missing {name}")
    return params[position]


def quantity(number: int) -> str:
    """Minimal hex with 0x; zero is ``0x0``."""
    return hex(number)


def hex_bytes(content: bytes) -> str:
    """Even-length hex with 0x."""
    return "0x" + bytes(content).hex()


def quantity_param(value: JsonValue, name: str) -> int:
    """Read a quantity; leading zeros are tolerated as most nodes do, signs and blanks are not."""
    if not isinstance(value, str) or not value.startswith("0x") or len(value) > 66:
        raise invalid(f"{name} must be a hex quantity of at most 32 bytes")
    digits = value[2:]
    if not digits or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise invalid(f"{name} must be a hex quantity")
    return int(digits, 16)


def bytes_param(value: JsonValue, name: str) -> bytes:
    """Read a byte string."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise invalid(f"{name} must be hex with 0x")
    digits = value[2:]
    if len(digits) % 2 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise invalid(f"{name} must be even-length hex")
    return bytes.fromhex(digits)


def sized_param(kind: type[_Sized], value: JsonValue, name: str) -> _Sized:
    """Read an address or a hash of exactly its length."""
    content = bytes_param(value, name)
    if len(content) != kind.LENGTH:
        raise invalid(f"{name} must be {kind.LENGTH} bytes")
    return kind(content)


def object_param(value: JsonValue, name: str) -> Mapping[str, JsonValue]:
    """Read a JSON object."""
    if not isinstance(value, Mapping):
        raise invalid(f"{name} must be an object")
    return value
