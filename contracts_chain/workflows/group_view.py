"""What a reviewer is shown of a set: where its contracts differ, and a sample that nobody picked.

The sample follows from the root over all drafts, so the drafter cannot choose it and the
same set always shows the same one. Decides nothing about the set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contracts_chain.agreements.group_paths import place_of
from contracts_chain.workflows.group_errors import UnknownGroupError
from contracts_chain.workflows.group_ports import SetFile, SetRow
from contracts_chain.workflows.office import Office
from kernel.canonical_json import JsonValue, parse_json
from kernel.digests import sha256

__all__ = ["Difference", "differences", "sample_rows"]

_SAMPLE: Final = 5
_EXAMPLES: Final = 3
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field whose value is not the same in all contracts of a set.

    Attributes:
        values: How many different ones there are.
        examples: The first few, in the order of rows.
    """

    path: str
    label: str
    values: int
    examples: tuple[str, ...]


def sample_rows(office: Office, made: SetFile) -> tuple[SetRow, ...]:
    """A few rows that follow from the set's root, in the order of rows; all of a small set."""
    with office.work() as work:
        digests = work.groups.digests(made.id)
        if not digests or made.root is None:
            return ()
        wanted = range(min(_SAMPLE, len(digests)))
        picked = {int.from_bytes(sha256(made.root + bytes([at]))) % len(digests) for at in wanted}
        if len(digests) <= _SAMPLE:
            picked = set(wanted)
        found = (work.groups.find_row(made.id, digests[at][0]) for at in sorted(picked))
        return tuple(row for row in found if row is not None)


def differences(office: Office, made: SetFile) -> tuple[Difference, ...]:
    """Every field that varies over the set, in the order of the terms; the other fields are one for all."""
    seen: dict[str, dict[str, None]] = {}
    with office.work() as work:
        account = work.groups.find_account(made.group_no)
        if account is None:
            raise UnknownGroupError(made.group_no)
        for start in range(0, made.total, _AT_ONCE):
            for row in work.groups.rows(made.id, offset=start, limit=_AT_ONCE):
                for path, text in _leaves(_terms_of(row), "") if row.cust_no else ():
                    seen.setdefault(path, {})[text] = None
    kind = account.agreement_class.terms
    return tuple(
        Difference(
            path=path,
            label=_label(kind, path),
            values=len(values),
            examples=tuple(list(values)[:_EXAMPLES]),
        )
        for path, values in seen.items()
        if len(values) > 1
    )


def _label(kind: type[object], path: str) -> str:
    found = place_of(kind, path)
    return path if found is None else found[2]


def _terms_of(row: SetRow) -> JsonValue:
    whole = parse_json(row.terms)
    return whole.get("terms") if isinstance(whole, Mapping) else None


def _leaves(value: JsonValue, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    elif value is not None:
        yield path, str(value)
