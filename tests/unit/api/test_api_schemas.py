"""Whoever wants to fill in terms can ask for their shape."""

from __future__ import annotations

import json

import pytest

from api.problems import problem_of
from api.routes.schemas import classes, schema
from api.schema_command import show_schema
from contracts_chain.agreements.classes.book import CLASSES, ClassUnknownError


def test_the_list_names_every_class_and_where_its_schema_is() -> None:
    listed = classes()
    assert [one["id"] for one in listed] == [one.id for one in CLASSES]
    assert len({one["name"] for one in listed}) == len(CLASSES)
    for one in listed:
        answer = schema(one["schema"].rpartition("/")[2])
        assert json.loads(bytes(answer.body))["properties"]["kind"]["const"] == one["kind"]


def test_the_terminal_prints_the_schema_or_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_schema("TEMP_SUPPLY") == 0
    assert json.loads(capsys.readouterr().out)["description"] == "TEMP_SUPPLY"
    assert show_schema(None) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(CLASSES)


def test_a_class_that_does_not_exist_is_not_found_and_the_others_are_named() -> None:
    with pytest.raises(ClassUnknownError, match="HV_SUPPLY") as refused:
        show_schema("XX")
    assert problem_of(refused.value)[0] == 404
