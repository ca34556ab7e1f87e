"""Every field of a class of terms by path, with the dataclass that declares it.

What the coverage test walks and what ``unruled`` names: list indices are left out, so
``receiving_points[].sources[].no`` stands for all of them. Must never judge.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from typing import Union, get_args, get_origin

from contracts_chain.agreements.typed_json import Shape, shape_of

__all__ = ["FieldPath", "bare_hint", "fields_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPath:
    """One field that holds a single value, or a list of such.

    Attributes:
        path: As ``unruled`` writes it.
        owner: ``Party.contact``: the dataclass that declares it, wherever it is used.
        shape: Name, hint and label.
    """

    path: str
    owner: str
    shape: Shape


def fields_of(kind: type, prefix: str = "") -> Iterator[FieldPath]:
    """Every such field of terms, in the order of the dataclasses."""
    for shape in shape_of(kind):
        hint, path = bare_hint(shape.hint), f"{prefix}{shape.name}"
        if get_origin(hint) is tuple:
            hint, path = get_args(hint)[0], f"{path}[]"
        if isinstance(hint, type) and is_dataclass(hint):
            yield from fields_of(hint, f"{path}.")
        else:
            yield FieldPath(path=path, owner=f"{_declaring(kind, shape.name)}.{shape.name}", shape=shape)


def bare_hint(hint: object) -> object:
    """A hint without ``| None``."""
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint
    return next(part for part in get_args(hint) if part is not types.NoneType)


def _declaring(kind: type, name: str) -> str:
    """The oldest dataclass of the line that has the field."""
    return [base.__name__ for base in kind.__mro__ if name in inspect.get_annotations(base)][-1]
