"""Canonical JSON (RFC 8785, JCS): one value, one byte string, on every machine.

Everything hashed as JSON goes through here. Floats are refused: money is integer
fen, prices and rates are decimal text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import rfc8785

__all__ = ["JsonObject", "JsonValue", "canonical_bytes", "parse_json"]

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
JsonObject: TypeAlias = "Mapping[str, JsonValue]"

_DEEPEST = 100
_TOKENS = re.compile(rb'"(?:[^"\\]+|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""A string, closed or not, or one bracket; possessive, hence linear on any input."""
_SURROGATE = re.compile(rb"\\u[dD]")
"""UTF-8 itself holds none: they come by escapes alone."""


def canonical_bytes(value: JsonValue) -> bytes:
    """Encode by RFC 8785.

    Raises:
        ValueError: A float, an integer beyond 2**53 - 1 or an object JSON does not know.
    """
    _refuse_floats(value)
    return bytes(rfc8785.dumps(value))


def parse_json(content: bytes) -> JsonValue:
    """Read UTF-8 JSON; refuse doubled keys, floats, NaN, lone surrogates and nesting deeper than 100.

    Raises:
        ValueError: Not JSON by these rules; the message names the place.
    """
    _refuse_deep_nesting(content)
    parsed: JsonValue = json.loads(
        content.decode("utf-8"),
        object_pairs_hook=_without_doubled_keys,
        parse_float=_no_float,
        parse_constant=_no_float,
    )
    if _SURROGATE.search(content):
        _refuse_lone_surrogates(parsed)
    return parsed


def _refuse_deep_nesting(content: bytes) -> None:
    """Count brackets outside strings before the parser recurses.

    The interpreter's scanner recurses in C; py-evm raises the recursion limit so far that
    hostile nesting would overflow the stack and end the process.
    """
    depth = 0
    for token in _TOKENS.finditer(content):
        opening = token.group()[:1]
        if opening in b"[{":
            depth += 1
            if depth > _DEEPEST:
                raise ValueError(f"nested deeper than {_DEEPEST}")
        elif opening in b"]}":
            depth -= 1


def _refuse_lone_surrogates(parsed: JsonValue) -> None:
    """No text may hold half a character (RFC 7493 §2.1): it has no canonical bytes and cannot be shown."""
    try:
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as problem:
        raise ValueError("a text holds half a surrogate pair") from problem


def _refuse_floats(value: JsonValue) -> None:
    if isinstance(value, float):
        raise ValueError("a float has no canonical form; write decimal text")  # noqa: TRY004 - one error kind for all
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            _refuse_floats(inner)


def _without_doubled_keys(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in one JSON object")
    return found


def _no_float(text: str) -> JsonValue:
    raise ValueError(f"{text} is a float; write integers or decimal text")
