"""The draft form of every class: what it shows is what it sends back, and list buttons change one list."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from drawn_samples import sample_terms

from api.draft_form import DraftForm, FormField, FormGroup, form_of
from api.posted_form import PostedForm, PostedFormError
from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.rules.finding import Severity
from contracts_chain.agreements.typed_json import Problem, typed_from, value_json
from contracts_chain.workflows.draft_view import FieldFinding
from kernel.canonical_json import JsonValue

EVERY_CLASS = pytest.mark.parametrize("one", CLASSES, ids=lambda one: one.id)


def as_a_browser_sends(form: DraftForm) -> bytes:
    pairs = [pair for section in form.sections for pair in _controls(section)]
    return urlencode(pairs).encode()


def _controls(group: FormGroup) -> Iterator[tuple[str, str]]:
    if group.optional:
        yield f"{group.path}~there", "yes" if group.there else ""
    if group.items is not None:
        yield f"{group.path}~count", str(group.items)
    for member in group.members:
        if isinstance(member, FormGroup):
            yield from _controls(member)
        elif member.widget == "choices":
            yield from ((member.path, code) for code in member.chosen)
        else:
            yield member.path, member.value.replace("\n", "\r\n")


def fields_of(form: DraftForm) -> dict[str, FormField]:
    found: dict[str, FormField] = {}

    def gather(group: FormGroup) -> None:
        for member in group.members:
            if isinstance(member, FormGroup):
                gather(member)
            else:
                found[member.path] = member

    for section in form.sections:
        gather(section)
    return found


@EVERY_CLASS
def test_a_form_sent_back_untouched_gives_the_same_terms(one: AnyClass) -> None:
    terms = sample_terms(one)
    form = form_of(one.terms, value_json(terms))
    problems: list[Problem] = []
    read = typed_from(one.terms, PostedForm(as_a_browser_sends(form)).terms(one.terms), "", problems)
    assert problems == []
    assert read == terms


@EVERY_CLASS
def test_every_field_has_a_label_of_its_own_and_an_id_that_is_its_path(one: AnyClass) -> None:
    form = form_of(one.terms, value_json(sample_terms(one)))
    assert set(fields_of(form)) <= form.paths()
    assert all(field.label for field in fields_of(form).values())
    assert len({section.path for section in form.sections}) == len(form.sections)


def test_a_blank_is_absent_and_what_cannot_be_read_stays_as_typed() -> None:
    one = CLASSES[0]
    body = urlencode({"copies": "two", "special_terms": "  ", "valid_from": "2026-13-01"}).encode()
    value = PostedForm(body).terms(one.terms)
    assert isinstance(value, dict)
    assert value["copies"] == "two"
    assert "special_terms" not in value
    problems: list[Problem] = []
    assert typed_from(one.terms, value, "", problems) is None
    told = {problem.path: problem.code for problem in problems}
    assert told["copies"] == "type"
    assert told["special_terms"] == "missing"
    shown = fields_of(form_of(one.terms, value))
    assert (shown["copies"].value, shown["valid_from"].value) == ("two", "2026-13-01")


def posted(act: str) -> JsonValue:
    one = CLASSES[0]
    form = as_a_browser_sends(form_of(one.terms, value_json(sample_terms(one))))
    return PostedForm(form + b"&" + urlencode({"act": act}).encode()).terms(one.terms)


def test_an_item_is_added_and_taken_out_where_the_button_stands() -> None:
    def meters(value: JsonValue) -> list[int]:
        assert isinstance(value, dict)
        return [len(point.get("metering_points", [])) for point in value["receiving_points"]]

    before = meters(posted("save"))
    assert meters(posted("add:receiving_points[0].metering_points"))[0] == before[0] + 1
    assert meters(posted("drop:receiving_points[0].metering_points[0]"))[0] == before[0] - 1
    assert len(meters(posted("add:receiving_points"))) == len(before) + 1


@pytest.mark.parametrize("act", ["add:", "add:consumer", "add:../x", "drop:", "drop:no_such[0].thing[1]"])
def test_a_button_that_the_page_does_not_have_is_refused(act: str) -> None:
    with pytest.raises(PostedFormError):
        posted(act)


def test_taking_out_an_item_that_is_not_there_changes_nothing() -> None:
    assert posted("drop:receiving_points[77]") == posted("save")


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=%ff", b"receiving_points~count=9999", b"annexes~count=x"])
def test_what_is_no_form_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(PostedFormError):
        PostedForm(body).terms(CLASSES[0].terms)


def test_findings_stand_at_their_field_and_are_counted_in_their_section() -> None:
    one = CLASSES[0]
    found = FieldFinding(
        rule="R-LATE-1", severity=Severity.ERROR, path="consumer.legal_rep.name", label="", en="x", zh="甲"
    )
    form = form_of(one.terms, value_json(sample_terms(one)), [found])
    assert fields_of(form)["consumer.legal_rep.name"].findings == (found,)
    assert [section.count for section in form.sections if section.path == "consumer"] == [1]
    assert sum(section.count for section in form.sections) == 1
