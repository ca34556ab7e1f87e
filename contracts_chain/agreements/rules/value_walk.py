"""Every value of terms with its field and path, read once: what rules about form in general look at.

Visits what the dataclasses themselves declare, so that a field added later is visited
without anybody remembering it. Must never judge.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.agreements.typed_json import Shape, shape_of

__all__ = ["Held", "Reading", "reading"]


@dataclass(frozen=True, slots=True)
class Held:
    """One value in its place.

    Attributes:
        path: ``receiving_points[0].sources[1].voltage_kv``.
        field: Name, hint and label of the innermost field.
        value: A text, number, day, code or ``None``; never a dataclass or a tuple.
    """

    path: str
    field: Shape
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one pair of terms holds.

    Attributes:
        values: Every value that is no structure, in the order of the fields.
        records: Every dataclass with its path, the terms themselves first with an empty one.
    """

    values: tuple[Held, ...]
    records: tuple[tuple[str, object], ...]


def reading(terms: object) -> Reading:
    """Read terms, or any other dataclass of values, from the top down."""
    values: list[Held] = []
    records: list[tuple[str, object]] = []
    _read(terms, "", values, records)
    return Reading(values=tuple(values), records=tuple(records))


def _read(record: object, path: str, values: list[Held], records: list[tuple[str, object]]) -> None:
    records.append((path, record))
    prefix = f"{path}." if path else ""
    for shape in shape_of(type(record)):
        value, place = getattr(record, shape.name), f"{prefix}{shape.name}"
        if isinstance(value, tuple):
            for index, item in enumerate(value):
                _sort(item, f"{place}[{index}]", shape, values, records)
        else:
            _sort(value, place, shape, values, records)


def _sort(
    value: object, path: str, shape: Shape, values: list[Held], records: list[tuple[str, object]]
) -> None:
    if hasattr(value, "__dataclass_fields__"):
        _read(value, path, values, records)
    else:
        values.append(Held(path, shape, value))
