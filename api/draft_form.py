"""The terms of any class as a form: every field with its label, value and findings.

The form knows no class: it follows the dataclasses, their labels and types, in their order.
``posted_form`` reads it back. Judges nothing.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias, Union, get_args, get_origin

from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.typed_json import Shape, shape_of
from contracts_chain.workflows.draft_view import FieldFinding
from kernel.canonical_json import JsonValue

__all__ = ["DraftForm", "FormField", "FormGroup", "bare_hint", "form_of", "item_hint"]

_ByPath: TypeAlias = Mapping[str, tuple[FieldFinding, ...]]
Widget: TypeAlias = Literal["line", "prose", "number", "day", "choice", "choices"]
_FIRST_SECTION: Final = "基本信息"
_PROSE: Final = ("special_terms", "matters", "note", "description", "terms", "duties", "scope", "safety")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One input.

    Attributes:
        value: As typed; for ``choices`` unused.
        options: Codes with their Chinese words, for ``choice`` and ``choices``.
        chosen: Codes chosen, for ``choices``.
    """

    path: str
    label: str
    unit: str
    widget: Widget
    required: bool
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    findings: tuple[FieldFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormGroup:
    """Fields that belong together: a part of the terms, or one item of a list.

    Attributes:
        optional: Whether the part may be left out; ``there`` says whether it stands.
        items: For a list: how many; ``None`` for anything else. Its members are the items.
        removable: Whether this is an item that may be taken out.
    """

    path: str
    label: str
    members: tuple[FormField | FormGroup, ...]
    optional: bool = False
    there: bool = True
    items: int | None = None
    removable: bool = False
    findings: tuple[FieldFinding, ...] = ()

    @property
    def count(self) -> int:
        """Findings on it and within it."""
        within = (one.count if isinstance(one, FormGroup) else len(one.findings) for one in self.members)
        return len(self.findings) + sum(within)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftForm:
    """Sections in the order of the terms."""

    sections: tuple[FormGroup, ...]

    def paths(self) -> frozenset[str]:
        """Every place that a finding can point at."""
        return frozenset(path for section in self.sections for path in _paths(section))


def form_of(kind: type[object], value: JsonValue, findings: Sequence[FieldFinding] = ()) -> DraftForm:
    """The form of one class, filled with a value that may be incomplete or wrong."""
    by_path: dict[str, list[FieldFinding]] = {}
    for finding in findings:
        by_path.setdefault(finding.path, []).append(finding)
    members = _members(kind, value, "", {path: tuple(found) for path, found in by_path.items()})
    return DraftForm(sections=tuple(_sections(tuple(members))))


def _sections(members: tuple[FormField | FormGroup, ...]) -> Iterator[FormGroup]:
    """Every part is a section; single fields in between are gathered under the first and last label."""
    run: list[FormField] = []
    label = _FIRST_SECTION
    for member in members:
        if isinstance(member, FormField):
            run.append(member)
            continue
        yield from _gathered(run, label)
        run, label = [], ""
        yield member
    yield from _gathered(run, label)


def _gathered(run: list[FormField], label: str = "") -> Iterator[FormGroup]:
    if run:
        first, last = run[0].label, run[-1].label
        named = label or (first if len(run) == 1 else f"{first}至{last}")
        yield FormGroup(path=f"~{run[0].path}", label=named, members=tuple(run))


def _members(
    kind: type[object], value: JsonValue, path: str, findings: _ByPath
) -> Iterator[FormField | FormGroup]:
    held = value if isinstance(value, Mapping) else {}
    for shape in shape_of(kind):
        place = f"{path}.{shape.name}" if path else shape.name
        hint, optional = bare_hint(shape.hint)
        inner = held.get(shape.name)
        if isinstance(hint, type) and is_dataclass(hint):
            yield _part(hint, inner, place, shape, findings, optional=optional)
        elif get_origin(hint) is tuple and is_dataclass(item_hint(hint)):
            yield _list(hint, inner, place, shape, findings)
        else:
            yield _field(hint, inner, place, shape, findings, optional=optional)


def _part(
    hint: type[object],
    value: JsonValue,
    place: str,
    shape: Shape,
    findings: _ByPath,
    *,
    optional: bool,
) -> FormGroup:
    there = value is not None or not optional
    return FormGroup(
        path=place,
        label=shape.label.zh,
        members=tuple(_members(hint, value, place, findings)) if there else (),
        optional=optional,
        there=there,
        findings=findings.get(place, ()),
    )


def _list(hint: object, value: JsonValue, place: str, shape: Shape, findings: _ByPath) -> FormGroup:
    rows = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    kind = item_hint(hint)
    items = tuple(
        FormGroup(
            path=f"{place}[{index}]",
            label=f"{shape.label.zh} {index + 1}",
            members=tuple(_members(kind, row, f"{place}[{index}]", findings)),
            removable=True,
            findings=findings.get(f"{place}[{index}]", ()),
        )
        for index, row in enumerate(rows)
    )
    return FormGroup(
        path=place,
        label=shape.label.zh,
        members=items,
        items=len(items),
        findings=findings.get(place, ()),
    )


def _field(
    hint: object, value: JsonValue, place: str, shape: Shape, findings: _ByPath, *, optional: bool
) -> FormField:
    many = get_origin(hint) is tuple
    word = item_hint(hint) if many else hint
    options = _options(word)
    shown = tuple(_text(one) for one in value) if many and isinstance(value, list | tuple) else ()
    return FormField(
        path=place,
        label=shape.label.zh,
        unit=shape.label.unit,
        widget=_widget(word, shape.name, many=many, coded=bool(options)),
        required=not optional and not many,
        value="\n".join(shown) if many else _text(value),
        options=options,
        chosen=shown,
        findings=tuple(found for at in _places(findings, place, many=many) for found in findings[at]),
    )


def _places(findings: _ByPath, place: str, *, many: bool) -> list[str]:
    """Where findings on a field point: at it, or at one of its words."""
    return [path for path in findings if path == place or (many and path.startswith(f"{place}["))]


def _options(hint: object) -> tuple[tuple[str, str], ...]:
    if hint is bool:
        return (("true", "是"), ("false", "否"))
    if isinstance(hint, type) and issubclass(hint, Coded):
        return tuple((str(member.value), member.zh) for member in hint)
    return ()


def _widget(hint: object, name: str, *, many: bool, coded: bool) -> Widget:
    if coded:
        return "choices" if many else "choice"
    if many or name.endswith(_PROSE):
        return "prose"
    if hint in {Decimal, int}:
        return "number"
    return "day" if hint is date else "line"


def _text(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _paths(group: FormGroup) -> Iterator[str]:
    yield group.path
    for member in group.members:
        if isinstance(member, FormGroup):
            yield from _paths(member)
        else:
            yield member.path


def bare_hint(hint: object) -> tuple[object, bool]:
    """The type within ``X | None``, and whether it may be absent."""
    if get_origin(hint) in {Union, types.UnionType}:
        (inner,) = (part for part in get_args(hint) if part is not types.NoneType)
        return inner, True
    return hint, False


def item_hint(hint: object) -> type[object]:
    """The type of the items of ``tuple[X, ...]``."""
    item: type[object] = get_args(hint)[0]
    return item
