"""A posted draft form read back to the JSON of terms, and the buttons that change its lists.

A blank field is an absent value, never an empty text; what cannot be read as its type stays
as it was typed, so that ``typed_from`` says what is wrong and the clerk sees it again. Which
optional parts and how many items there are stands in fields of its own, so that nothing is
guessed from what a browser leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from enum import Enum
from typing import Final, TypeAlias, get_origin
from urllib.parse import parse_qsl

from api.draft_form import bare_hint, item_hint
from contracts_chain.agreements.typed_json import Shape, shape_of
from contracts_chain.workflows.draft_changes import Path, parse_path
from kernel.canonical_json import JsonValue
from kernel.errors import RejectedError

__all__ = ["PostedForm", "PostedFormError"]

THERE: Final = "~there"
COUNT: Final = "~count"
_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
_MOST_FIELDS: Final = 20_000
_MOST_ITEMS: Final = 500
_Change: TypeAlias = Callable[[list[JsonValue]], list[JsonValue]]


class PostedFormError(RejectedError):
    """The body is not a form of ours."""

    code = "posted_form"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "the form could not be read and nothing was saved; go back, reload the page and try again",
            "表单无法读取，没有保存任何内容；请返回并重新载入页面后再试",
        )


class PostedForm:
    """Names and values as the browser sent them."""

    def __init__(self, body: bytes) -> None:
        """Read ``application/x-www-form-urlencoded``.

        Raises:
            PostedFormError: Not UTF-8, or far more fields than any draft has.
        """
        try:
            pairs = parse_qsl(
                body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
            )
        except ValueError as problem:
            raise PostedFormError from problem
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value.replace("\r\n", "\n").strip())

    def text(self, name: str) -> str:
        """The last value of a name, blank if there is none."""
        return self._values.get(name, [""])[-1]

    def words(self, name: str) -> tuple[str, ...]:
        """Every value of a name."""
        return tuple(self._values.get(name, ()))

    def number(self, name: str) -> int:
        """A whole number.

        Raises:
            PostedFormError: Another form.
        """
        if not _WHOLE.fullmatch(self.text(name)):
            raise PostedFormError
        return int(self.text(name))

    def starting(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Names with a prefix, without it, and their last values."""
        for name, values in self._values.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), values[-1]

    def terms(self, kind: type[object]) -> JsonValue:
        """The JSON of terms of a class, with a pressed list button carried out.

        Raises:
            PostedFormError: A count or a button that no page of ours has.
        """
        whole: JsonValue = self._object(kind, "")
        act, _, place = self.text("act").partition(":")
        if act == "add":
            return _changed(whole, self._list_at(place), lambda items: [*items, {}])
        if act == "drop":
            listed, index = place.removesuffix("]").rpartition("[")[::2]
            path = self._list_at(listed)
            return _changed(
                whole, path, lambda items: [one for at, one in enumerate(items) if str(at) != index]
            )
        return whole

    def _list_at(self, place: str) -> Path:
        """The path of a list that the form shows.

        Raises:
            PostedFormError: It shows no such list.
        """
        if not self.text(place + COUNT):
            raise PostedFormError
        try:
            return parse_path(place)
        except ValueError as problem:
            raise PostedFormError from problem

    def _object(self, kind: type[object], path: str) -> dict[str, JsonValue]:
        found = ((shape, f"{path}.{shape.name}" if path else shape.name) for shape in shape_of(kind))
        read = ((shape, self._value(shape, place)) for shape, place in found)
        return {shape.name: value for shape, value in read if value is not None or not shape.required}

    def _value(self, shape: Shape, place: str) -> JsonValue:
        hint, optional = bare_hint(shape.hint)
        if isinstance(hint, type) and is_dataclass(hint):
            there = not optional or self.text(place + THERE) == "yes"
            return self._object(hint, place) if there else None
        if get_origin(hint) is tuple:
            return self._items(item_hint(hint), place)
        return _scalar(hint, self.text(place))

    def _items(self, kind: type[object], place: str) -> list[JsonValue]:
        if is_dataclass(kind):
            count = self.number(place + COUNT) if self.text(place + COUNT) else 0
            if not 0 <= count <= _MOST_ITEMS:
                raise PostedFormError
            return [self._object(kind, f"{place}[{index}]") for index in range(count)]
        if issubclass(kind, Enum):
            return [word for word in self.words(place) if word]
        return [line.strip() for line in self.text(place).splitlines() if line.strip()]


def _scalar(hint: object, text: str) -> JsonValue:
    """``None`` for a blank; otherwise JSON of the type if it can be read, else the text itself."""
    if not text:
        return None
    if hint is bool:
        return {"true": True, "false": False}.get(text, text)
    if hint is int and _WHOLE.fullmatch(text):
        return int(text)
    return text


def _changed(value: JsonValue, path: Path, change: _Change) -> JsonValue:
    """A copy with the list at a path changed; a part that is absent on the way becomes one.

    Raises:
        PostedFormError: The path does not lead to a list of this value.
    """
    if not path:
        items = value if isinstance(value, Sequence) and not isinstance(value, str) else []
        return change(list(items))
    first, rest = path[0], path[1:]
    if isinstance(first, str):
        held = dict(value) if isinstance(value, Mapping) else {}
        return {**held, first: _changed(held.get(first), rest, change)}
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PostedFormError
    return [_changed(one, rest, change) if at == first else one for at, one in enumerate(value)]
