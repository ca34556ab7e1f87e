"""The published list of attack classes and the tests that refuse them name each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIST = ROOT / "docs" / "security" / "attack-classes.md"
TESTS = [
    *sorted(Path(__file__).parent.glob("test_signing_attacks*.py")),
    ROOT / "tests" / "unit" / "evidence" / "test_evidence_package_sealer.py",
]
DEFINED = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
NAMED = re.compile(r"`(test_\w+)`")


def defined() -> list[str]:
    return [name for path in TESTS for name in DEFINED.findall(path.read_text())]


def test_every_attack_test_is_in_the_list_once() -> None:
    assert sorted(NAMED.findall(LIST.read_text())) == sorted(defined())


def test_every_row_of_the_list_names_a_test() -> None:
    rows = [line for line in LIST.read_text().splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    for row in rows:
        assert NAMED.search(row), row


@pytest.mark.parametrize("path", re.findall(r"`(test_\w+\.py)`", LIST.read_text()))
def test_every_file_that_the_list_names_is_there(path: str) -> None:
    assert list((ROOT / "tests").rglob(path))
