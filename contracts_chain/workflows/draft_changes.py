"""What two clerks changed in one draft, field by field, and whether they collide.

Decides by comparing three versions of the terms: the one both read, the one that stands, and
mine. Lists of equal length are compared item by item; a list that grew or shrank counts as
one field, because its items have lost their places. Pure; must never prefer one clerk.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Final, TypeAlias, TypeGuard, Union, get_args, get_origin

from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.typed_json import label_of, shape_of, value_json
from kernel.canonical_json import JsonValue, canonical_bytes

__all__ = [
    "Path",
    "collisions",
    "differences",
    "field_label",
    "merged",
    "parse_path",
    "path_text",
    "shown_at",
    "taken",
]

Path: TypeAlias = tuple[str | int, ...]
_LONGEST_SHOWN: Final = 120
_PART: Final = re.compile(r"([a-z_][a-z0-9_]*)|\[([0-9]{1,4})\]")


def path_text(path: Path) -> str:
    """As findings write it: ``receiving_points[0].sources[1].voltage_kv``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def parse_path(text: str) -> Path:
    """Read what ``path_text`` writes.

    Raises:
        ValueError: Another form.
    """
    parts = _PART.findall(text)
    path = tuple(int(index) if index else name for name, index in parts)
    if path_text(path) != text:
        raise ValueError(f"{text!r} is no field path")
    return path


def taken(mine: JsonValue, theirs: JsonValue, paths: Iterable[Path]) -> JsonValue:
    """My value with theirs at the given places."""
    whole = mine
    for path in paths:
        whole = _with(whole, path, _at(theirs, path))
    return whole


def differences(base: JsonValue, other: JsonValue, path: Path = ()) -> Iterator[Path]:
    """Paths of the smallest fields in which two JSON values differ."""
    if isinstance(base, Mapping) and isinstance(other, Mapping) and base.keys() == other.keys():
        for name in base:
            yield from differences(base[name], other[name], (*path, name))
    elif _is_list(base) and _is_list(other) and len(base) == len(other):
        for index, (old, new) in enumerate(zip(base, other, strict=True)):
            yield from differences(old, new, (*path, index))
    elif base != other:
        yield path


def collisions(base: JsonValue, theirs: JsonValue, mine: JsonValue) -> frozenset[Path]:
    """Their changes that meet a change of mine with another outcome."""
    ours = tuple(differences(base, mine))
    return frozenset(
        path for path in differences(base, theirs) if any(_meet(path, own, theirs, mine) for own in ours)
    )


def merged(base: JsonValue, theirs: JsonValue, mine: JsonValue) -> JsonValue:
    """My value with every change of theirs that does not collide; collisions keep mine."""
    kept = collisions(base, theirs, mine)
    whole = mine
    for path in differences(base, theirs):
        if path not in kept:
            whole = _with(whole, path, _at(theirs, path))
    return whole


def field_label(kind: type[object], path: Path) -> str:
    """The field's name on Chinese screens: ``受电点 1 · 电源 2 · 电压``."""
    return " · ".join(words for words, _, _ in _walk(kind, path))


def shown_at(terms: Terms, path: Path) -> str:
    """The value at a path as people read it, with its unit; 无 where the way ends before."""
    value: object = terms
    for part in path:
        value = _step(value, part)
    *_, (_, unit, _) = [("", "", None), *_walk(type(terms), path)]
    try:
        return value_text(value, unit)
    except TypeError:
        text = canonical_bytes(value_json(value)).decode()
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _step(value: object, part: str | int) -> object:
    if isinstance(part, str):
        return getattr(value, part, None)
    return value[part] if isinstance(value, tuple) and part < len(value) else None


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _meet(path: Path, own: Path, theirs: JsonValue, mine: JsonValue) -> bool:
    shared = min(len(path), len(own))
    return path[:shared] == own[:shared] and _at(theirs, path[:shared]) != _at(mine, path[:shared])


def _at(value: JsonValue, path: Path) -> JsonValue:
    for part in path:
        value = _member(value, part)
    return value


def _member(value: JsonValue, part: str | int) -> JsonValue:
    if isinstance(part, str) and isinstance(value, Mapping):
        return value[part]
    if isinstance(part, int) and _is_list(value):
        return value[part]
    raise KeyError(part)


def _with(value: JsonValue, path: Path, leaf: JsonValue) -> JsonValue:
    """A copy with one field replaced."""
    if not path:
        return leaf
    first, rest = path[0], path[1:]
    if isinstance(first, str) and isinstance(value, Mapping):
        return {**value, first: _with(value[first], rest, leaf)}
    if isinstance(first, int) and _is_list(value):
        return [*value[:first], _with(value[first], rest, leaf), *value[first + 1 :]]
    raise KeyError(path_text(path))


def _walk(kind: type[object], path: Path) -> Iterator[tuple[str, str, type[object] | None]]:
    """Each named part of the path: its words, its unit, the dataclass within it."""
    at: type[object] | None = kind
    for place, part in enumerate(path):
        if isinstance(part, int) or at is None:
            continue
        index = path[place + 1] if place + 1 < len(path) else None
        label = label_of(at, part)
        at = _inner(at, part)
        yield (f"{label.zh} {index + 1}" if isinstance(index, int) else label.zh), label.unit, at


def _inner(kind: type[object], name: str) -> type[object] | None:
    hint = next(shape.hint for shape in shape_of(kind) if shape.name == name)
    while get_origin(hint) in {Union, types.UnionType, tuple}:
        hint = next(part for part in get_args(hint) if part is not types.NoneType)
    return hint if isinstance(hint, type) and is_dataclass(hint) else None
