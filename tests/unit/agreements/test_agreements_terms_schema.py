"""The JSON Schema of each class says what the reader says."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES, class_of
from contracts_chain.agreements.terms_json import TermsUnreadableError, load_terms, terms_json
from contracts_chain.agreements.terms_schema import terms_schema
from kernel.canonical_json import JsonObject, canonical_bytes

SAMPLES = files("contracts_chain.agreements.samples")
BREAKAGE = (None, "", " x", 7, True, [], {}, "12.50.1", "2026-13-01x", "no word of any list")


def sample_of(one: AnyClass) -> JsonObject:
    found: JsonObject = json.loads((SAMPLES / f"{one.id.lower()}.json").read_text("utf-8"))
    return found


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def reads(content: object) -> bool:
    try:
        load_terms(json.dumps(content).encode())
    except TermsUnreadableError:
        return False
    return True


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_the_sample_of_every_class_fits_its_schema_in_file_and_canonical_form(one: AnyClass) -> None:
    schema = terms_schema(one)
    Draft202012Validator.check_schema(schema)
    raw = sample_of(one)
    terms = load_terms(canonical_bytes(raw))
    assert class_of(terms) is one
    for form in (raw, terms_json(terms)):
        assert [problem.json_path for problem in Draft202012Validator(schema).iter_errors(form)] == []


@given(st.data())
def test_what_breaks_the_schema_the_reader_refuses_too(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(CLASSES))
    broken = copy.deepcopy(sample_of(one))
    *way, last = data.draw(st.sampled_from(list(leaves(broken))))
    place: object = broken
    for step in way:
        place = place[step]  # type: ignore[index]
    place[last] = data.draw(st.sampled_from(BREAKAGE))  # type: ignore[index]
    fits = Draft202012Validator(terms_schema(one)).is_valid(broken)
    assert fits or not reads(broken)
