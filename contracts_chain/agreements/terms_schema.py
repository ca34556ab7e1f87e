"""JSON Schema (2020-12) of every class's file of terms, made from the dataclasses themselves.

For forms, other systems and validators. Decides nothing: ``typed_json`` is what reads, and a
test holds both to the same answer. Labels stand in ``title``, units in ``x-unit``.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Union, get_args, get_origin

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.text_hygiene import LONGEST_TEXT
from contracts_chain.agreements.typed_json import GREATEST_INT, MOST_ITEMS, Shape, shape_of
from kernel.canonical_json import JsonObject, JsonValue

__all__ = ["terms_schema"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final[JsonObject] = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_SCALARS: Final[Mapping[type, JsonObject]] = {
    str: _TEXT,
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": -GREATEST_INT, "maximum": GREATEST_INT},
    Decimal: {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?$"},
    date: {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
}


def terms_schema(agreement_class: AnyClass) -> JsonObject:
    """The schema of one file ``{"schema": 1, "kind": …, "terms": {…}}`` of this class."""
    definitions: dict[str, JsonValue] = {}
    terms = _structure(agreement_class.terms, definitions)
    choice = agreement_class.choice
    if choice is not None:
        words: JsonObject = {"properties": {choice.field: {"enum": sorted(choice.words)}}}
        terms = {"allOf": [terms, words]}
    return {
        "$schema": _DIALECT,
        "title": agreement_class.kind.zh,
        "description": agreement_class.id,
        "type": "object",
        "properties": {"schema": {"const": 1}, "kind": {"const": agreement_class.kind.value}, "terms": terms},
        "required": ["schema", "kind", "terms"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _structure(kind: type[object], definitions: dict[str, JsonValue]) -> JsonObject:
    """A reference to the definition of a dataclass, made on first sight."""
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # stands in while its own fields are walked
        shapes = shape_of(kind)
        definitions[name] = {
            "type": "object",
            "properties": {shape.name: _member(shape, definitions) for shape in shapes},
            "required": [shape.name for shape in shapes if shape.required],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}


def _member(shape: Shape, definitions: dict[str, JsonValue]) -> JsonObject:
    named: JsonObject = {"title": shape.label.zh, **_value(shape.hint, definitions)}
    return {**named, "x-unit": shape.label.unit} if shape.label.unit else named


def _value(hint: object, definitions: dict[str, JsonValue]) -> JsonObject:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = (part for part in get_args(hint) if part is not types.NoneType)
        return {"anyOf": [_value(inner, definitions), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "maxItems": MOST_ITEMS, "items": _value(get_args(hint)[0], definitions)}
    if isinstance(hint, type) and is_dataclass(hint):
        return _structure(hint, definitions)
    if isinstance(hint, type) and issubclass(hint, Coded):
        return {"oneOf": [{"const": str(word.value), "title": word.zh} for word in hint]}
    if isinstance(hint, type):
        return _SCALARS[hint]
    raise TypeError(f"no schema for {hint!r}")
