"""Strict reading of JSON (or TOML) values into frozen dataclasses, and back.

Decides shape and nothing else: unknown field, missing field, wrong type, word outside a
code list, text with characters that no honest text has (``text_hygiene``). Collects every
problem with its field path, so that a clerk corrects a form once. Must never coerce, guess
or drop a value.

The shape is the dataclass itself: ``str``, ``int``, ``bool``, ``Decimal`` (as decimal
text), ``date`` (ISO 8601), ``Coded`` enums, nested dataclasses, ``tuple[X, ...]`` and
``X | None``. Labels come from ``Annotated[…, Label]``.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.text_hygiene import blemishes
from kernel.canonical_json import JsonValue

__all__ = [
    "GREATEST_INT",
    "MOST_ITEMS",
    "Problem",
    "Shape",
    "decimal_text",
    "label_of",
    "read_text",
    "shape_of",
    "shown_name",
    "typed_from",
    "value_json",
]

_T = TypeVar("_T")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_SHOWN_NAME: Final = 60
_CODES: Final = ("_no", "_code", "_acct", "sha256")
_OF_SOMEBODY: Final = frozenset({"id_no", "phone", "tax_no"})
MOST_ITEMS: Final = 5000
GREATEST_INT: Final = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the form of a value.

    Attributes:
        path: ``receiving_points[0].sources[1].voltage_kv``; empty for the whole.
        code: ``missing``, ``unknown``, ``type``, ``blank``, ``word``, ``size``, or the rule that a
            text breaks: ``R-TEXT-1`` … ``R-TEXT-3``.
        en: What is wrong and what to write, in English.
        zh: The same in Chinese.
    """

    path: str
    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One dataclass field as the reader sees it; ``hint`` is without ``Annotated``."""

    name: str
    hint: object
    label: Label
    required: bool


_KNOWN: Final[dict[type[object], tuple[Shape, ...]]] = {}
"""Shapes read so far; they never change."""


def _bare(hint: object) -> tuple[object, Label | None]:
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        return inner, next((note for note in notes if isinstance(note, Label)), None)
    return hint, None


def shape_of(kind: type[object]) -> tuple[Shape, ...]:
    """The fields of a dataclass in order, with labels (the field's id where it has none)."""
    known = _KNOWN.get(kind)
    if known is None:
        known = _KNOWN[kind] = _shapes(kind)
    return known


def _shapes(kind: type[object]) -> tuple[Shape, ...]:
    hints: Mapping[str, object] = get_type_hints(kind, include_extras=True)
    return tuple(_shape(spec, hints[spec.name]) for spec in _fields(kind))


def _fields(kind: type[object]) -> tuple[Field[object], ...]:
    if not is_dataclass(kind):
        raise TypeError(f"{kind!r} is not a dataclass")
    return fields(kind)


def _shape(spec: Field[object], hint: object) -> Shape:
    bare, label = _bare(hint)
    required = spec.default is MISSING and spec.default_factory is MISSING
    return Shape(name=spec.name, hint=bare, label=label or Label(spec.name), required=required)


def label_of(kind: type[object], name: str) -> Label:
    """The label of one field.

    Raises:
        KeyError: The dataclass has no such field; a fault of the caller.
    """
    return {shape.name: shape.label for shape in shape_of(kind)}[name]


def typed_from(kind: type[_T], value: JsonValue, path: str, problems: list[Problem]) -> _T | None:
    """Read one dataclass; add every problem found to ``problems``.

    Returns:
        The value, or ``None`` if this call added problems.
    """
    found = len(problems)
    if not isinstance(value, Mapping):
        problems.append(_problem(path, "type", "write an object", "应为对象"))
        return None
    shapes = shape_of(kind)
    known = {shape.name for shape in shapes}
    problems.extend(
        _problem(_join(path, shown_name(name)), "unknown", "remove this field", "没有这个字段，请删除")
        for name in value
        if name not in known
    )
    read = dict(_members(shapes, value, path, problems))
    if len(problems) > found:
        return None
    build: Callable[..., _T] = kind
    return build(**read)


def _members(
    shapes: tuple[Shape, ...], value: Mapping[str, JsonValue], path: str, problems: list[Problem]
) -> Iterator[tuple[str, object]]:
    somebody = _names_somebody(shapes)
    for shape in shapes:
        place = _join(path, shape.name)
        if shape.name in value:
            before = len(problems)
            names = somebody or shape.name.endswith(_CODES)
            yield shape.name, _read(shape.hint, value[shape.name], place, problems, names=names)
            problems[before:] = [_named(problem, place, shape.label) for problem in problems[before:]]
        elif shape.required:
            en, zh = "fill in this field", f"{shape.label.zh}：必填，请填写"
            problems.append(_problem(place, "missing", en, zh))


def _names_somebody(shapes: tuple[Shape, ...]) -> bool:
    """Whether the fields describe a person or a party: a name, with a number to reach or tell it by."""
    known = {shape.name for shape in shapes}
    return "name" in known and not known.isdisjoint(_OF_SOMEBODY)


def _named(problem: Problem, place: str, label: Label) -> Problem:
    if problem.path != place or problem.zh.startswith(label.zh):
        return problem
    return Problem(path=problem.path, code=problem.code, en=problem.en, zh=f"{label.zh}：{problem.zh}")


def _problem(path: str, code: str, en: str, zh: str) -> Problem:
    return Problem(path=path, code=code, en=f"{path or 'the whole'}: {en}", zh=zh)


def shown_name(name: str) -> str:
    """A field name of a stranger's file, fit to be printed: short, no lone surrogates."""
    return name[:_LONGEST_SHOWN_NAME].encode("utf-8", "backslashreplace").decode()


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _read(hint: object, value: JsonValue, path: str, problems: list[Problem], *, names: bool) -> object:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = (part for part in get_args(hint) if part is not types.NoneType)
        return None if value is None else _read(inner, value, path, problems, names=names)
    if origin is tuple:
        return _read_items(get_args(hint)[0], value, path, problems, names=names)
    if isinstance(hint, type) and is_dataclass(hint):
        return typed_from(hint, value, path, problems)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _read_word(hint, value, path, problems)
    if hint is str:
        return read_text(value, path, problems, names=names)
    if isinstance(hint, type):
        return _SCALARS[hint](value, path, problems)
    raise TypeError(f"no reader for {hint!r}")


def _read_items(
    hint: object, value: JsonValue, path: str, problems: list[Problem], *, names: bool
) -> tuple[object, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        problems.append(_problem(path, "type", "write a list", "应为列表"))
        return ()
    if len(value) > MOST_ITEMS:
        problems.append(_problem(path, "size", f"at most {MOST_ITEMS} items", f"最多 {MOST_ITEMS} 项"))
        return ()
    return tuple(
        _read(hint, item, f"{path}[{index}]", problems, names=names) for index, item in enumerate(value)
    )


def _read_word(hint: type[Enum], value: JsonValue, path: str, problems: list[Problem]) -> object:
    for member in hint:
        if member.value == value:
            return member
    words = ", ".join(str(member.value) for member in hint)
    problems.append(_problem(path, "word", f"write one of {words}", f"只能填：{words}"))
    return None


def read_text(value: JsonValue, path: str, problems: list[Problem], *, names: bool) -> str:
    """Read a text as it is; ``names`` asks for the narrow repertoire of ``text_hygiene``."""
    if not isinstance(value, str):
        problems.append(_problem(path, "type", "write text in quotes", "应为文字"))
        return ""
    if not value or value != value.strip():
        en, zh = (
            "no blank; write 无 or / if there is nothing to say",
            "不得留空或带首尾空格；没有内容请填“无”或“/”",
        )
        problems.append(_problem(path, "blank", en, zh))
    found = blemishes(value, names=names)
    problems.extend(_problem(path, blemish.rule, blemish.en, blemish.zh) for blemish in found)
    return value


def _read_int(value: JsonValue, path: str, problems: list[Problem]) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        problems.append(_problem(path, "type", "write a whole number", "应为整数"))
        return 0
    if abs(value) > GREATEST_INT:
        problems.append(_problem(path, "size", "the number is too large", "数值过大"))
    return value


def _read_bool(value: JsonValue, path: str, problems: list[Problem]) -> bool:
    if not isinstance(value, bool):
        problems.append(_problem(path, "type", "write true or false", "应为 true 或 false"))
        return False
    return value


def _read_decimal(value: JsonValue, path: str, problems: list[Problem]) -> Decimal:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        en = 'write decimal text such as "6300" or "0.5" (at most 15 and 9 digits)'
        problems.append(
            _problem(path, "type", en, '应为十进制数字文本，如 "6300"、"0.5"（整数至多15位，小数至多9位）')
        )
        return Decimal(0)
    return Decimal(value)


def _read_date(value: JsonValue, path: str, problems: list[Problem]) -> date | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    problems.append(_problem(path, "type", "write a day like 2026-11-20", "应为日期，如 2026-11-20"))
    return None


_SCALARS: Final[Mapping[type, Callable[[JsonValue, str, list[Problem]], object]]] = {
    int: _read_int,
    bool: _read_bool,
    Decimal: _read_decimal,
    date: _read_date,
}


def value_json(value: object) -> JsonValue:
    """Write what ``typed_from`` reads; equal values give equal JSON (decimals normalised).

    Raises:
        TypeError: A kind of value no terms hold; a fault of the caller.
    """
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Coded):
        return str(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [value_json(item) for item in value]
    if is_dataclass(value):
        return {spec.name: value_json(getattr(value, spec.name)) for spec in fields(value)}
    raise TypeError(f"no JSON form for {type(value).__name__}")


def decimal_text(value: Decimal) -> str:
    """Plain digits without exponent or idle zeros: ``35``, ``0.5``, never ``3.5E+1`` or ``-0``."""
    return format(value.normalize(), "f") if value else "0"
