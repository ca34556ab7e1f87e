"""The page of complaints names tests that exist, once each complaint, and says so where there is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "complaints.md").read_text("utf-8").splitlines()
    if re.match(r"\| \d", line)
]
DEFINED = re.compile(r"^\s*def (test_\w+)\(", re.MULTILINE)
NAMED = re.compile(r"`(test_\w+)`")
WITHOUT_A_TEST = {"13"}
"""That nothing is withheld shows in the licence."""


@pytest.fixture(scope="module")
def defined() -> set[str]:
    """Names of all tests, those of shared behaviour included."""
    places = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "tests").rglob("*_behaviour.py")]
    return {name for path in places for name in DEFINED.findall(path.read_text("utf-8"))}


def test_all_seventeen_complaints_are_there_in_their_order() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, 18)]
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"complaint-{row[0]}")
def test_every_test_that_a_complaint_names_exists(row: list[str], defined: set[str]) -> None:
    named = NAMED.findall(row[3])
    assert set(named) <= defined
    assert len(named) == len(set(named))
    assert bool(named) == (row[0] not in WITHOUT_A_TEST)


def test_every_test_named_after_a_complaint_stands_in_its_row(defined: set[str]) -> None:
    rows = {row[0]: row[3] for row in ROWS}
    for name in defined:
        number = re.match(r"test_complaint_(\d+)_", name)
        if number is not None:
            assert f"`{name}`" in rows[number[1]]
