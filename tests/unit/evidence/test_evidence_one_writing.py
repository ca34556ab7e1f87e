"""One evidence has one writing: what says the same in other characters is not the same evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from evidence_case import NOW, Case, inspect_once

from contracts_chain.evidence.verify import verify_package
from kernel.verdict import Verdict

Whole = dict[str, Any]


def judged(case: Case, change: Callable[[Whole], None]) -> Verdict:
    """The verdict on a package whose evidence.json was written anew and closed honestly again."""
    whole: Whole = json.loads(case.contents().evidence)
    change(whole)
    package = case.close(replace(case.contents(), evidence=json.dumps(whole).encode()))
    return verify_package(package, case.trust, at=NOW, inspect=inspect_once).verdict


def moment_as(write: Callable[[str], str]) -> Callable[[Whole], None]:
    def change(whole: Whole) -> None:
        record = whole["records"][0]["record"]
        record["occurred_utc"] = write(record["occurred_utc"])

    return change


def without_zeros(text: str) -> str:
    return text.replace("T0", "T").replace(":0", ":")


def header_as(write: Callable[[str], str]) -> Callable[[Whole], None]:
    def change(whole: Whole) -> None:
        whole["not_before_header"] = write(whole["not_before_header"])

    return change


def half_a_character(whole: Whole) -> None:
    whole["records"][1]["record"]["details"]["not_before"]["hash"] = "\ud800"


def test_the_same_evidence_written_again_is_proven(case: Case) -> None:
    assert judged(case, lambda _: None) is Verdict.PROVEN


@pytest.mark.parametrize(
    "change",
    [
        moment_as(without_zeros),
        moment_as(str.lower),
        header_as(lambda text: text + " "),
        header_as(lambda text: f"{text[:4]}\n{text[4:]}"),
        half_a_character,
    ],
    ids=["zeros left out", "small letters", "blank", "line break", "half a character"],
)
def test_another_writing_of_the_same_evidence_is_never_proven(
    case: Case, change: Callable[[Whole], None]
) -> None:
    assert judged(case, change) is Verdict.UNREADABLE
