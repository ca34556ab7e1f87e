"""Whatever is changed in evidence.json, both verifiers say the same, and never ``proven`` of what they check.

Changes are drawn among all leaves of the JSON: a hex digit, a number, a whole member. Members that
steps 7 to 9 do not read (slots, status, executed digests, not-before header, cross-anchors) are the only
ones whose change may leave all three steps proven; the product's other steps read those.
"""

from __future__ import annotations

import json
from copy import deepcopy
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from evidence_case import NOW, Case
from evidence_later import renewed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts_chain.evidence.evidence_json import read_evidence
from contracts_chain.evidence.examination import Examination, Outcome, check_of_error
from contracts_chain.evidence.steps import s07_inclusion, s08_anchor, s09_seals
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_block_seals
from kernel.verdict import Verdict, overall

PROGRAM = Path(__file__).parents[3] / "docs" / "verify_anchor.py"
UNREAD = {"kind", "number", "slots", "status", "executed", "not_before_header", "cross_anchors"}
FORMS = ("", "0x", "00", None, [], {}, -1, 2**53, "é")
Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = spec_from_file_location("verify_anchor_fuzzed", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def places(value: Any, at: Place = ()) -> list[Place]:
    """Every leaf of a JSON value."""
    if isinstance(value, dict):
        return [place for key in value for place in places(value[key], (*at, key))]
    if isinstance(value, list) and value:
        return [place for number, inner in enumerate(value) for place in places(inner, (*at, number))]
    return [at]


def held(whole: Any, place: Place) -> Any:
    for key in place:
        whole = whole[key]
    return whole


def put(whole: Any, place: Place, value: Any) -> Any:
    changed = deepcopy(whole)
    held(changed, place[:-1])[place[-1]] = value
    return changed


def product(case: Case, content: bytes) -> list[Verdict]:
    """Steps 7 to 9 of the product over an evidence.json; all unreadable where it cannot be read."""
    evidence = Outcome.of(lambda: read_evidence(content))
    examination = Examination(
        opened=Outcome(value=None, error=None),
        evidence=evidence,
        findings=Outcome(value=None, error=None),
        trail=Outcome(value=None, error=None),
        anchored=Outcome.of(lambda: verify_anchor(evidence.get().anchor, case.trust.chain)),
        sealed=Outcome.of(lambda: verify_block_seals(evidence.get().anchor.header, case.trust.chain)),
        status=None,
        trust=case.trust,
        at=NOW,
    )
    verdicts = []
    for number, step in ((7, s07_inclusion.check), (8, s08_anchor.check), (9, s09_seals.check)):
        outcome = Outcome.of(lambda step=step: step(examination))
        error = outcome.error
        verdicts.append(Verdict.PROVEN if error is None else check_of_error(number, error).verdict)
    return verdicts if evidence.error is None else [Verdict.UNREADABLE] * 3


def alone(program: ModuleType, case: Case, content: bytes) -> list[Verdict]:
    trust = json.loads(json.dumps(case.trust.as_json()))
    try:
        found = program.verify(program.read_json(content), trust)
    except program.Unreadable:
        return [Verdict.UNREADABLE] * 3
    return [Verdict(word) for _, word, _ in found]


def check_agreement(program: ModuleType, case: Case, content: bytes, *, read: bool) -> None:
    """Same overall word, or both not proven where one calls the file unreadable; never proven if read."""
    by_product, by_program = product(case, content), alone(program, case, content)
    words = {overall(by_product), overall(by_program)}
    if Verdict.UNREADABLE in words:
        assert not (read and Verdict.PROVEN in words), (by_product, by_program)
    else:
        assert by_product == by_program
        assert not (read and words == {Verdict.PROVEN}), "a change was not noticed"


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_value_is_noticed_by_both_verifiers_alike(
    case: Case, program: ModuleType, data: st.DataObject
) -> None:
    honest = json.loads(renewed(case).contents().evidence)
    place = data.draw(st.sampled_from(places(honest)))
    value = held(honest, place)
    if isinstance(value, str) and value:
        at = data.draw(st.integers(0, len(value) - 1))
        other = data.draw(st.sampled_from("0123456789abcdefg AZ"))
        changed = value[:at] + other + value[at + 1 :]
    elif isinstance(value, int):
        changed = data.draw(st.integers(0, 2**53))
    else:
        changed = data.draw(st.sampled_from(FORMS))
    if changed == value:
        return
    content = json.dumps(put(honest, place, changed)).encode()
    check_agreement(program, case, content, read=place[0] not in UNREAD)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_of_another_form_is_noticed_by_both_verifiers_alike(
    case: Case, program: ModuleType, data: st.DataObject
) -> None:
    honest = json.loads(renewed(case).contents().evidence)
    place = data.draw(st.sampled_from(places(honest)))
    value = data.draw(st.sampled_from(FORMS))
    if value == held(honest, place):
        return
    content = json.dumps(put(honest, place, value)).encode()
    check_agreement(program, case, content, read=place[0] not in UNREAD)


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_byte_of_the_file_never_makes_the_verifiers_disagree(
    case: Case, program: ModuleType, data: st.DataObject
) -> None:
    content = bytearray(case.contents().evidence)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    check_agreement(program, case, bytes(content), read=False)
