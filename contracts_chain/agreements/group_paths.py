"""Places inside terms as a CSV column names them: ``receiving_points[0].transformers[0].no``.

Decides what kind of value belongs at a place, how a cell's text becomes JSON of that kind,
and how it is put there. Works on any dataclass of terms. A text that is not of the kind
stays as it is: the strict reader (``typed_json``) then refuses it with the field's own
words. Must never guess a value.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final, Union, get_args, get_origin

from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.typed_json import shape_of
from kernel.canonical_json import JsonObject, JsonValue

__all__ = ["Place", "cell_value", "place_of", "with_value"]

Place = tuple[str | int, ...]
_STEP: Final = re.compile(r"([a-z][a-z0-9_]*)((?:\[[0-9]{1,2}\])*)")
_WORDS: Final[Mapping[str, bool]] = {"是": True, "否": False, "true": True, "false": False}
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DAY: Final = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")


def place_of(kind: type[object], path: str) -> tuple[Place, object, str] | None:
    """The steps to a scalar field of terms, its type, and its labels from the outside in.

    Returns:
        ``None`` if there is no such field.
    """
    hint: object = kind
    labels: list[str] = []
    steps: list[str | int] = []
    for part in path.split("."):
        found = _STEP.fullmatch(part)
        owner = _inner(hint)
        if found is None or not (isinstance(owner, type) and is_dataclass(owner)):
            return None
        shape = next((shape for shape in shape_of(owner) if shape.name == found[1]), None)
        if shape is None:
            return None
        hint = shape.hint
        labels.append(shape.label.zh)
        steps.append(shape.name)
        for index in re.findall(r"[0-9]+", found[2]):
            if get_origin(_inner(hint)) is not tuple:
                return None
            hint = get_args(_inner(hint))[0]
            steps.append(int(index))
    scalar = _inner(hint)
    if get_origin(scalar) is tuple or (isinstance(scalar, type) and is_dataclass(scalar)):
        return None
    return tuple(steps), scalar, " ".join(labels)


def _inner(hint: object) -> object:
    if get_origin(hint) in {Union, types.UnionType}:
        return next(part for part in get_args(hint) if part is not types.NoneType)
    return hint


def cell_value(hint: object, text: str) -> JsonValue:
    """A cell's text as JSON of the field's kind; unchanged where it is not of that kind."""
    if hint is bool:
        return _WORDS.get(text.lower(), text)
    if hint is int:
        return int(text) if _WHOLE.fullmatch(text) else text
    if hint is date:
        return _day(text)
    if hint is Decimal or hint is str:
        return text
    if isinstance(hint, type) and issubclass(hint, Enum):
        named = (str(word.value) for word in hint if isinstance(word, Coded) and word.zh == text)
        return next(named, text)
    return text


def _day(text: str) -> str:
    """``2026/1/5``, ``2026年1月5日`` and ``20260105`` as spreadsheets write them, in ISO 8601."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    year, month, day = found[1], found[2] or found[4], found[3] or found[5]
    return f"{year}-{int(month):02}-{int(day):02}"


def with_value(whole: JsonValue, place: Place, value: JsonValue) -> JsonValue:
    """A copy with the value at the place; only what lies on the way is copied.

    A missing object on the way begins empty, and so does the item after the last of a list;
    an index beyond that leaves the whole unchanged, and the strict reader names what lacks.
    """
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        items = list(whole) if isinstance(whole, Sequence) and not isinstance(whole, str) else []
        if step > len(items):
            return items
        inner = items[step] if step < len(items) else None
        items[step : step + 1] = [with_value(inner, rest, value)]
        return items
    members: JsonObject = whole if isinstance(whole, Mapping) else {}
    return {**members, step: with_value(members.get(step), rest, value)}
