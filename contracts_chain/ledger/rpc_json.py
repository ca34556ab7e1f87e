"""Narrow readers for what a JSON-RPC node answers; anything odd means: no usable answer.

A node that answers nonsense is treated like one that does not answer: the question
stays open, nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts_chain.ledger.errors import ChainUnavailableError
from kernel.canonical_json import JsonValue

__all__ = ["hex_bytes", "items", "members", "no_answer", "quantity"]


def members(value: JsonValue, name: str) -> Mapping[str, JsonValue]:
    """Take a JSON object.

    Raises:
        ChainUnavailableError: Something else.
    """
    if not isinstance(value, Mapping):
        raise no_answer(f"{name} is no object")
    return value


def items(value: JsonValue, name: str) -> Sequence[JsonValue]:
    """Take a JSON array.

    Raises:
        ChainUnavailableError: Something else.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise no_answer(f"{name} is no list")
    return value


def hex_bytes(value: JsonValue, name: str) -> bytes:
    """Take ``0x`` hex of whole bytes.

    Raises:
        ChainUnavailableError: Something else.
    """
    if not isinstance(value, str) or not value.startswith("0x"):
        raise no_answer(f"{name} is no hex")
    try:
        return bytes.fromhex(value[2:])
    except ValueError as problem:
        raise no_answer(f"{name} is no hex") from problem


def quantity(value: JsonValue, name: str) -> int:
    """Take a ``0x`` quantity.

    Raises:
        ChainUnavailableError: Something else.
    """
    if not isinstance(value, str) or not value.startswith("0x"):
        raise no_answer(f"{name} is no quantity")
    try:
        return int(value, 16)
    except ValueError as problem:
        raise no_answer(f"{name} is no quantity") from problem


def no_answer(reason: str) -> ChainUnavailableError:
    """The error of every useless answer."""
    return ChainUnavailableError(
        f"the chain gives no usable answer ({reason}); it is asked again shortly",
        f"区块链节点暂无有效应答（{reason}），系统稍后自动重试",
        retry_after=5,
    )
