"""Read JSON objects strictly: every key expected, every type exact, nothing left over.

Decides only shape. It must never fill in a default: a missing field is an error, because
what is missing from evidence is not evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from kernel.canonical_json import JsonObject, JsonValue, parse_json
from kernel.clock import parse_utc
from kernel.digests import Digests
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32, SizedBytes

__all__ = ["Fields", "MalformedEvidenceError", "parse_object"]

Sized = TypeVar("Sized", bound=SizedBytes)


class MalformedEvidenceError(RejectedError):
    """A piece of evidence is not of the form its format document prescribes."""

    code = "malformed_evidence"

    def __init__(self, place: str, problem: str) -> None:
        """Keep where and what, for the report."""
        super().__init__(
            f"{place}: {problem}; ask whoever gave you the file for an undamaged copy",
            f"{place}：格式不符（{problem}）；请向文件提供方索取完好副本",
        )
        self.place = place
        self.problem = problem


def parse_object(content: bytes, place: str) -> JsonObject:
    """Read UTF-8 JSON whose top is an object.

    Raises:
        MalformedEvidenceError: Not JSON by kernel rules, too deep, or not an object.
    """
    try:
        value = parse_json(content)
    except (ValueError, RecursionError) as problem:
        raise MalformedEvidenceError(place, f"not readable as JSON ({problem})") from problem
    return Fields.of(value, place).rest()


class Fields:
    """One JSON object being read; each key is taken once, ``finish`` refuses the rest."""

    def __init__(self, value: JsonObject, place: str) -> None:
        """Start reading ``value``; ``place`` names it in errors."""
        self._left = dict(value)
        self._place = place

    @classmethod
    def of(cls, value: JsonValue, place: str) -> Fields:
        """Start reading a value that must be an object.

        Raises:
            MalformedEvidenceError: It is not.
        """
        if not isinstance(value, Mapping):
            raise MalformedEvidenceError(place, "an object is due here")
        return cls(value, place)

    def at(self, key: str) -> str:
        """Path of a key, for errors."""
        return f"{self._place}.{key}"

    def names(self) -> tuple[str, ...]:
        """Keys not yet taken, for objects that map names to values."""
        return tuple(self._left)

    def take(self, key: str) -> JsonValue:
        """Any value, which must be present."""
        if key not in self._left:
            raise MalformedEvidenceError(self.at(key), "missing")
        return self._left.pop(key)

    def text(self, key: str) -> str:
        """A string."""
        value = self.take(key)
        if not isinstance(value, str):
            raise MalformedEvidenceError(self.at(key), "text is due here")
        return value

    def optional_text(self, key: str) -> str | None:
        """A string or an explicit ``null``."""
        value = self.take(key)
        if value is not None and not isinstance(value, str):
            raise MalformedEvidenceError(self.at(key), "text or null is due here")
        return value

    def natural(self, key: str) -> int:
        """An integer from 0 to 2**53 - 1."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
            raise MalformedEvidenceError(self.at(key), "an integer from 0 is due here")
        return value

    def members(self, key: str) -> Sequence[JsonValue]:
        """An array."""
        value = self.take(key)
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise MalformedEvidenceError(self.at(key), "an array is due here")
        return value

    def object(self, key: str) -> Fields:
        """An object, to be read in turn."""
        return Fields.of(self.take(key), self.at(key))

    def sized(self, key: str, kind: type[Sized]) -> Sized:
        """Lower-case hex without prefix of exactly the length of ``kind``."""
        return self.hex_value(self.take(key), kind, self.at(key))

    def utc(self, key: str) -> datetime:
        """RFC 3339 in UTC, whole seconds."""
        text = self.text(key)
        try:
            return parse_utc(text)
        except ValueError as problem:
            raise MalformedEvidenceError(self.at(key), f"{text!r} is no UTC time") from problem

    def digests(self, key: str) -> Digests:
        """Length, SHA-256 and SM3 of one byte string."""
        inner = self.object(key)
        found = Digests(
            length=inner.natural("length"),
            sha256=inner.sized("sha256", Bytes32),
            sm3=inner.sized("sm3", Bytes32),
        )
        inner.finish()
        return found

    def expect(self, key: str, value: str | int) -> None:
        """Require one exact value, e.g. ``schema`` 1."""
        found = self.take(key)
        if isinstance(found, bool) or found != value:
            raise MalformedEvidenceError(self.at(key), f"{value!r} is due here, found {found!r}")

    def rest(self) -> JsonObject:
        """Everything not yet taken."""
        return dict(self._left)

    def finish(self) -> None:
        """Refuse keys nobody took.

        Raises:
            MalformedEvidenceError: There are some.
        """
        if self._left:
            raise MalformedEvidenceError(self._place, f"unknown field {min(self._left)!r}")

    @staticmethod
    def hex_value(value: JsonValue, kind: type[Sized], place: str) -> Sized:
        """One hex string outside an object, e.g. an array member."""
        if not isinstance(value, str) or len(value) != 2 * kind.LENGTH or value != value.lower():
            raise MalformedEvidenceError(place, f"{2 * kind.LENGTH} lower-case hex digits are due here")
        try:
            return kind(bytes.fromhex(value))
        except ValueError as problem:
            raise MalformedEvidenceError(place, "not hexadecimal") from problem
