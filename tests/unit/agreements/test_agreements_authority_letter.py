"""The letter of authority as a paper: what it must say, and what it may not."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest

from contracts_chain.agreements.authority_letter import LetterRefusedError, compose_letter, load_letter
from pdfgen.document import Document, FieldTable, Paragraph, PartyBlock
from pdfgen.render import render

SAMPLE: dict[str, Any] = json.loads(
    (files("contracts_chain.agreements.samples.letters") / "authorization_letter.json").read_text("utf-8")
)


def document_of(whole: dict[str, Any]) -> Document:
    letter = load_letter(json.dumps(whole).encode())
    return compose_letter(letter, created_utc=datetime(2026, 8, 28, tzinfo=UTC), mark="")


def changed(path: str, value: object) -> dict[str, Any]:
    whole = copy.deepcopy(SAMPLE)
    place: Any = whole["letter"]
    *steps, last = path.split(".")
    for step in steps:
        place = place[step]
    if value is None:
        place.pop(last)
    else:
        place[last] = value
    return whole


def words_of(document: Document) -> str:
    texts = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    rows = [row for block in document.blocks if isinstance(block, FieldTable) for row in block.rows]
    return "".join([*texts, *(word for row in rows for word in row)])


def test_the_letter_says_who_for_whom_what_how_far_and_how_long() -> None:
    words = words_of(document_of(SAMPLE))
    for due in (
        "明州甬新精密铸造有限公司（示例）",
        "周其远",
        "《高压供用电合同》《并网调度协议》",
        "签订35千伏甬新铸造变电站",
        "不超过 12600 kVA",
        "自2026年9月1日起至2027年8月31日止",
        "不得转委托",
    ):
        assert due in words
    assert "330299198506150133" not in words
    assert "330299********0133" in words


def test_the_letter_fits_one_page_and_has_a_place_for_hand_and_seal() -> None:
    rendered = render(document_of(SAMPLE))
    assert rendered.pages == 1
    assert {slot.name for slot in rendered.slots} == {"PrincipalPerson", "PrincipalSeal"}


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert render(document_of(SAMPLE)).pdf == render(document_of(SAMPLE)).pdf


def test_a_natural_person_gives_authority_by_hand_alone() -> None:
    whole = changed("principal.id_type", "RESIDENT_ID")
    whole["letter"]["principal"] |= {"name": "王海明", "id_no": "330299197809230152"}
    for name in ("legal_rep", "seal_name"):
        whole["letter"]["principal"].pop(name)
    (block,) = (b for b in document_of(whole).blocks if isinstance(b, PartyBlock))
    assert [slot.kind for slot in block.slots] == ["person"]


def test_a_letter_that_is_passed_on_names_the_one_it_comes_from() -> None:
    whole = changed("delegated_by", "YXZZ-SQ-2026-001")
    whole["letter"]["may_delegate"] = True
    assert "YXZZ-SQ-2026-001" in words_of(document_of(whole))


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("kinds", [], "letter.kinds"),
        ("kinds", ["LOTTERY"], "letter.kinds[0]"),
        ("valid_to", "2026-08-31", "letter.valid_to"),
        ("issued_on", "2027-09-01", "letter.valid_to"),
        ("capacity_limit_kva", "0", "letter.capacity_limit_kva"),
        ("delegated_by", "YXZZ-SQ-2026-001", "letter.may_delegate"),
        ("principal.seal_name", None, "letter.principal"),
        ("principal.id_no", "91330206MA2HT5E15Y", "letter.principal.id_no"),
        ("agent.id_no", "330299198506150134", "letter.agent.id_no"),
        ("matters", None, "letter.matters"),
        ("colour", "red", "letter.colour"),
    ],
)
def test_a_letter_that_would_not_empower_is_refused_with_its_place(
    path: str, value: object, place: str
) -> None:
    with pytest.raises(LetterRefusedError) as refused:
        load_letter(json.dumps(changed(path, value)).encode())
    assert place in {problem.path for problem in refused.value.problems}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"schema": 2, "letter": {}}', b'{"schema": 1}'])
def test_a_file_that_is_no_letter_is_refused(content: bytes) -> None:
    with pytest.raises(LetterRefusedError):
        load_letter(content)
