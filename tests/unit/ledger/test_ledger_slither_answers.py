"""Slither's findings are held against their answers both ways, and every answer is argued."""

from __future__ import annotations

import json
import runpy
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).parents[3]
DIFFERENCES = runpy.run_path(str(ROOT / "tools" / "slither.py"), run_name="slither_tool")["differences"]
FOUND = {"detector": "assembly", "impact": "Informational", "where": "_rootOver", "text": "uses assembly"}
ANSWER = {"detector": "assembly", "where": "_rootOver", "reason": "needed"}


def test_a_finding_with_an_answer_is_quiet() -> None:
    assert DIFFERENCES([FOUND, FOUND], [ANSWER]) == []


def test_a_finding_without_an_answer_is_told_with_its_place() -> None:
    (told,) = DIFFERENCES([FOUND], [])
    assert "_rootOver" in told
    assert "Informational" in told


def test_an_answer_without_a_reason_answers_nothing() -> None:
    assert len(DIFFERENCES([FOUND], [{**ANSWER, "reason": ""}])) == 1


def test_an_answer_whose_finding_is_gone_is_told() -> None:
    assert DIFFERENCES([], [ANSWER]) == ["answered, but no longer found: assembly at _rootOver"]


def test_every_answer_is_argued_in_the_paper() -> None:
    paper = (ROOT / "docs" / "security" / "slither.md").read_text("utf-8")
    for answer in json.loads(files("solidity").joinpath("slither-answers.json").read_text("utf-8")):
        assert f"| `{answer['detector']}` |" in paper
        assert f"`{answer['where']}`" in paper
