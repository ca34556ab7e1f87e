"""Which fields of a class some rule answers for: proof by effect, not by declaration.

A field is covered if changing its value alone changes what the rules find. Nothing can
claim coverage that has no effect, and a rule that stops looking is noticed. A class
names every other field in ``unruled`` with the reason; fields of structures that many
classes share (parties, meters …) are named once in ``rules/unruled.py``.

How to use it while writing a class: ``python -m field_coverage LV_RES_SUPPLY`` with
``tests/fakes`` and the root on the path prints every field that still needs a rule or a reason.
"""

from __future__ import annotations

import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from importlib.resources import files
from typing import Final, TypeAlias, TypeVar, Union, cast, get_args, get_origin

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import class_named, class_of
from contracts_chain.agreements.rules.common_rules import COMMON_CHECKS
from contracts_chain.agreements.rules.field_paths import FieldPath, bare_hint, fields_of
from contracts_chain.agreements.rules.ground import Ground
from contracts_chain.agreements.rules.pack import load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.rules.text_rules import TEXT_CHECKS
from contracts_chain.agreements.rules.unruled import SHARED_UNRULED
from contracts_chain.agreements.rules.value_walk import reading
from contracts_chain.agreements.terms import AgreementKind, Terms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.typed_json import shape_of

__all__ = ["needless_reasons", "noticing", "reasonless", "sample_terms"]

_T = TypeVar("_T")
_Steps: TypeAlias = tuple[str | int, ...]
_Found: TypeAlias = Counter[tuple[str, str]]
_NUMBERS: Final = (-1, 0, 10**9)
_NUMBER: Final = "SGZJMZ00YXGY2600001"
_LONG: Final = timedelta(days=500)
_EXAMPLES: Final[Mapping[str, object]] = {
    "sha256": "0" * 64,
    "email": "someone@example.cn",
    "mobile": "19900000000",
    "phone": "0574-00000000",
}


def sample_terms(one: AnyClass) -> Terms:
    """The packaged sample of a class, its references to sister agreements numbered."""
    name = f"{one.id.lower()}.json"
    content = files("contracts_chain.agreements.samples").joinpath(name).read_bytes()
    return load_terms(content).with_numbers(dict.fromkeys(AgreementKind, _NUMBER))


def noticing(terms: Terms) -> dict[str, str | None]:
    """Field path to a rule that notices a change of it; ``None`` where none does."""
    full = filled(terms)
    other = _everywhere(_everywhere(full, _flipped), _last_member)
    first = _everywhere(full, _first_member)
    least = _everywhere(first, _small)
    bare = _doubled(_everywhere(full, _bare))
    bases = {base: _found(base) for base in (terms, full, other, first, least, bare)}
    return {field.path: _notice(bases, field) for field in fields_of(type(terms))}


def reasonless(terms: Terms) -> list[str]:
    """Fields that no rule notices and for which nobody gives a reason."""
    own = class_of(terms).unruled
    owners = {field.path: field.owner for field in fields_of(type(terms))}
    return [
        path
        for path, rule in noticing(terms).items()
        if rule is None and path not in own and owners[path] not in SHARED_UNRULED
    ]


def needless_reasons(terms: Terms) -> list[str]:
    """Reasons of the class for fields that do not exist, or that a rule does notice."""
    found = noticing(terms)
    return [path for path in class_of(terms).unruled if found.get(path, "no such field") is not None]


def filled(record: _T) -> _T:
    """The same value with an example in every optional or empty place."""
    change: Callable[..., _T] = replace
    return change(
        record,
        **{
            shape.name: _filled(shape.hint, getattr(record, shape.name), shape.name)
            for shape in shape_of(type(record))
        },
    )


def _filled(hint: object, value: object, name: str) -> object:
    if get_origin(hint) in {Union, types.UnionType}:
        return _filled(bare_hint(hint), _example(bare_hint(hint), name) if value is None else value, name)
    if isinstance(value, tuple):
        inner = get_args(hint)[0]
        return tuple(_filled(inner, item, name) for item in value or (_example(inner, name),))
    return filled(value) if is_dataclass(value) else value


def _example(hint: object, name: str) -> object:
    if get_origin(hint) in {Union, types.UnionType}:
        return _example(bare_hint(hint), name)
    if get_origin(hint) is tuple:
        return (_example(get_args(hint)[0], name),)
    if name in _EXAMPLES:
        return _EXAMPLES[name]
    if isinstance(hint, type) and is_dataclass(hint):
        build: Callable[..., object] = hint
        return build(**{shape.name: _example(shape.hint, shape.name) for shape in shape_of(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    examples: dict[object, object] = {
        str: "示例",
        int: 1,
        bool: False,
        Decimal: Decimal(1),
        date: date(2026, 12, 1),
    }
    return examples[hint]


def _everywhere(record: _T, change: Callable[[object], object]) -> _T:
    """The same terms with every single value changed alike."""

    def inner(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(inner(item) for item in value)
        return _everywhere(value, change) if is_dataclass(value) else change(value)

    build: Callable[..., _T] = replace
    return build(
        record, **{shape.name: inner(getattr(record, shape.name)) for shape in shape_of(type(record))}
    )


def _bare(value: object) -> object:
    return "无" if isinstance(value, str) else value


def _flipped(value: object) -> object:
    return not value if isinstance(value, bool) else value


def _small(value: object) -> object:
    return Decimal(1) if isinstance(value, Decimal) else value


def _doubled(record: _T) -> _T:
    """The same terms with every list of one structure twice in it."""

    def inner(value: object) -> object:
        if isinstance(value, tuple):
            items = tuple(inner(item) for item in value)
            return items * 2 if len(items) == 1 and is_dataclass(items[0]) else items
        return _doubled(value) if is_dataclass(value) else value

    build: Callable[..., _T] = replace
    return build(
        record, **{shape.name: inner(getattr(record, shape.name)) for shape in shape_of(type(record))}
    )


def _first_member(value: object) -> object:
    return next(iter(type(value))) if isinstance(value, Enum) else value


def _last_member(value: object) -> object:
    return list(type(value))[-1] if isinstance(value, Enum) else value


def _notice(bases: Mapping[Terms, _Found], field: FieldPath) -> str | None:
    is_optional = get_origin(field.shape.hint) in {Union, types.UnionType}
    for base, before in bases.items():
        steps = _place(base, tuple(field.path.split(".")))
        if steps is None:
            continue
        others = (*_changes(_value_at(base, steps)), *((None,) if is_optional else ()))
        everywhere = tuple("*" if isinstance(step, int) else step for step in steps)
        for place in dict.fromkeys((steps, everywhere)):
            for changed in others:
                after = _found(_with(base, place, changed))
                if after != before:
                    return min(rule for rule, _ in (after - before) + (before - after))
    return None


def _found(terms: Terms) -> _Found:
    """Rule and path of what is found; rules that read text for its wording alone are left out."""
    pack = load_pack()
    ground = Ground(
        figures=pack.figures,
        profile=load_profile("ZJ"),
        pack_version=pack.version,
        pack_from=pack.effective_from,
        pack_to=pack.effective_to,
        reading=reading(terms),
    )
    common = (
        (rule, tuple(run(terms, ground))) for rule, run in COMMON_CHECKS.items() if rule not in TEXT_CHECKS
    )
    answers = (*common, *class_of(terms).violations(terms, ground))
    return Counter((rule, violation.path) for rule, found in answers for violation in found)


def _place(record: object, names: tuple[str, ...]) -> _Steps | None:
    """The first place where this path leads to a value."""
    steps: list[str | int] = []
    value = record
    for name in names:
        stem = name.removesuffix("[]")
        steps.append(stem)
        value = getattr(value, stem)
        if name.endswith("[]"):
            if not value:
                return None
            steps.append(0)
            value = cast("tuple[object, ...]", value)[0]
        if value is None:
            return None
    return tuple(steps)


def _value_at(value: object, steps: _Steps) -> object:
    for step in steps:
        value = (
            value[step] if isinstance(value, tuple) and isinstance(step, int) else getattr(value, str(step))
        )
    return value


def _with(value: _T, steps: _Steps, changed: object) -> _T:
    if not steps:
        return cast("_T", changed)
    first, rest = steps[0], steps[1:]
    if isinstance(value, tuple):
        items = enumerate(value)
        return cast(
            "_T", tuple(_with(item, rest, changed) if first in {at, "*"} else item for at, item in items)
        )
    change: Callable[..., _T] = replace
    inner = getattr(value, str(first))
    return value if inner is None and rest else change(value, **{str(first): _with(inner, rest, changed)})


def _changes(value: object) -> Iterator[object]:
    """Other values of the same kind; none that a rule about text in general would notice."""
    match value:
        case None:
            return
        case bool():
            yield not value
        case Enum():
            yield from (member for member in type(value) if member is not value)
        case int():
            yield from _NUMBERS
        case Decimal():
            yield from map(Decimal, _NUMBERS)
        case date():
            yield from (value - _LONG, value + _LONG, date(1900, 1, 1))
        case _:
            yield from ("他", "无", "999")


def main() -> None:
    """Print what is missing in the classes named."""
    for name in sys.argv[1:]:
        terms = sample_terms(class_named(name))
        print(f"# {name}: fields without rule or reason")
        print("\n".join(reasonless(terms)) or "none")
        print(f"# {name}: needless reasons")
        print("\n".join(needless_reasons(terms)) or "none")


if __name__ == "__main__":
    main()
