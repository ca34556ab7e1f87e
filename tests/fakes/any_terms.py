"""Well-shaped terms of any class, drawn at random from the dataclasses themselves.

Well-shaped is more than accepted: whatever the rules say of a value, it must be printable.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Union, cast, get_args, get_origin

from hypothesis import strategies as st

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.terms import AgreementTerms
from contracts_chain.agreements.terms.codes import Coded, StationType
from contracts_chain.agreements.typed_json import shape_of

__all__ = ["any_terms"]

_LETTERS: Final = "供用电合同双方约定计量变压器线路甲乙丙一二（）《》“”、，。；：·—ABCxyz0123456789-/.()"
_WORDS: Final = st.text(_LETTERS, min_size=1, max_size=60).map(lambda text: text.strip() or "无")
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)
_SCALARS: Final[Mapping[type, st.SearchStrategy[object]]] = {
    str: _WORDS,
    bool: st.booleans(),
    int: st.integers(-(10**6), 10**9),
    Decimal: st.decimals(-(10**6), 10**12, places=4, allow_nan=False, allow_infinity=False),
    date: st.dates(_FIRST, _LAST),
}


def any_terms(agreement_class: AnyClass) -> st.SearchStrategy[AgreementTerms]:
    """Terms of this class with arbitrary values in every field, signed in 2026."""
    fixed: dict[str, st.SearchStrategy[object]] = {"sign_by": st.dates(date(2026, 2, 1), date(2026, 12, 31))}
    choice = agreement_class.choice
    if choice is not None:
        words = sorted(choice.words)
        fixed[choice.field] = st.sampled_from([word for word in StationType if word.value in words])
    return cast("st.SearchStrategy[AgreementTerms]", _structure(agreement_class.terms, fixed))


def _structure(
    kind: type[object], fixed: Mapping[str, st.SearchStrategy[object]] | None = None
) -> st.SearchStrategy[object]:
    drawn = {shape.name: _value(shape.hint) for shape in shape_of(kind)}
    return st.builds(kind, **{**drawn, **(fixed or {})})


def _value(hint: object) -> st.SearchStrategy[object]:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = (part for part in get_args(hint) if part is not types.NoneType)
        return st.none() | _value(inner)
    if origin is tuple:
        return st.lists(_value(get_args(hint)[0]), max_size=3).map(tuple)
    if isinstance(hint, type) and is_dataclass(hint):
        return _structure(hint)
    if isinstance(hint, type) and issubclass(hint, Coded):
        return st.sampled_from(list(hint))
    if isinstance(hint, type):
        return _SCALARS[hint]
    raise TypeError(f"no strategy for {hint!r}")
