"""Questions hold the signature and its deadline; marks are vectors and are the signer's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from ceremony_reader import prepare_to_sign
from hypothesis import given
from hypothesis import strategies as st
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows.ceremony import begin, consent, open_link
from contracts_chain.workflows.ceremony_errors import (
    MarkMissingError,
    MarkUnsoundError,
    QuestionEmptyError,
    QuestionOpenError,
    UnknownClauseError,
    UnknownQuestionError,
)
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.mark import (
    PAD,
    DrawnMark,
    PhotoMark,
    TypedMark,
    choose_mark,
    encode_mark,
    load_mark,
    read_strokes,
)
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.questions import answer, ask, clear, open_questions
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.will import send_code

POINTS = st.tuples(st.integers(0, PAD), st.integers(0, PAD), st.integers(0, 60_000))
STROKES = st.lists(st.lists(POINTS, min_size=1, max_size=20).map(tuple), min_size=1, max_size=8).map(tuple)
LINE = ((0, 500, 0), (900, 500, 40))


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


@pytest.fixture
def token(world: MemoryOffice) -> str:
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="zhao")
    return offer(world.office, number, by="desk").tokens["consumer"]


def until(world: MemoryOffice) -> date | None:
    (dossier,) = world.tables.agreements.values()
    return dossier.offer_until


def test_an_open_question_holds_the_signature_until_its_answer_is_clear(
    world: MemoryOffice, token: str
) -> None:
    office = world.office
    prepare_to_sign(office, token, world.wait)
    asked = ask(office, token, 3, "基本电费怎么算？")
    with pytest.raises(QuestionOpenError, match="not answered yet"):
        send_code(office, token)
    answer(office, asked.id, "按合同容量计收。", by="desk")
    with pytest.raises(QuestionOpenError, match="an answer is there"):
        consent(office, token)
    clear(office, token, asked.id)
    consent(office, token)
    assert send_code(office, token).attempts_left == 5


def test_question_answer_and_clearance_are_on_the_trail_with_their_words(
    world: MemoryOffice, token: str
) -> None:
    begin(world.office, token)
    asked = ask(world.office, token, 1, " 什么意思？ ")
    answer(world.office, asked.id, "请看第二款。", by="desk")
    clear(world.office, token, asked.id)
    (lines,) = world.tables.trails.values()
    told = [event for event in verify_trail(lines) if event.details.get("question") == asked.id]
    assert [event.event for event in told] == [
        TrailEventKind.QUESTION_ASKED,
        TrailEventKind.QUESTION_ANSWERED,
        TrailEventKind.QUESTION_CLEARED,
    ]
    assert [event.details.get("words") for event in told] == ["什么意思？", "请看第二款。", None]
    assert told[1].actor == "desk"


def test_the_last_day_moves_by_the_working_days_that_the_answer_took(world: MemoryOffice, token: str) -> None:
    before = until(world)
    assert before == date(2026, 12, 31)
    asked = ask(world.office, token, 1, "什么意思？")
    world.clock.advance(timedelta(days=4))  # Friday to Tuesday: two working days
    assert [one.working_days for one in open_questions(world.office)] == [2]
    answer(world.office, asked.id, "请看第二款。", by="desk")
    moved = until(world)
    (dossier,) = world.tables.agreements.values()
    assert moved is not None
    assert before <= moved
    assert open_questions(world.office) == ()
    assert dossier.version > 1 or moved == before


def test_an_offer_does_not_lapse_while_a_question_waits(world: MemoryOffice, token: str) -> None:
    asked = ask(world.office, token, 1, "什么意思？")
    world.clock.advance(timedelta(days=60))
    assert lapse_overdue(world.office) == 0
    answer(world.office, asked.id, "请看第二款。", by="desk")
    last = until(world)
    assert last is not None
    world.clock.advance(timedelta(days=60))
    assert lapse_overdue(world.office) == 1


def test_nobody_answers_twice_or_clears_what_is_not_answered(world: MemoryOffice, token: str) -> None:
    asked = ask(world.office, token, 1, "什么意思？")
    with pytest.raises(UnknownQuestionError):
        clear(world.office, token, asked.id)
    answer(world.office, asked.id, "一", by="desk")
    for wrong in (asked.id, "no-such-question"):
        with pytest.raises(UnknownQuestionError):
            answer(world.office, wrong, "二", by="desk")
    cleared = clear(world.office, token, asked.id)
    assert clear(world.office, token, asked.id) == cleared


@pytest.mark.parametrize("words", ["", "  ", "问" * 501])
def test_a_question_has_words_and_not_too_many(world: MemoryOffice, token: str, words: str) -> None:
    with pytest.raises(QuestionEmptyError):
        ask(world.office, token, 1, words)
    with pytest.raises(UnknownClauseError):
        ask(world.office, token, 99, "什么意思？")


@given(STROKES)
def test_strokes_are_kept_point_by_point_or_refused_whole(
    strokes: tuple[tuple[tuple[int, int, int], ...], ...],
) -> None:
    width = max(x for one in strokes for x, _, _ in one) - min(x for one in strokes for x, _, _ in one)
    mark = DrawnMark(strokes=strokes)
    if width < 60:
        with pytest.raises(MarkUnsoundError):
            encode_mark(mark)
    else:
        assert load_mark(encode_mark(mark)) == mark


@pytest.mark.parametrize(
    "strokes",
    [((),), (((0, 0, 0), (PAD + 1, 0, 1)),), (((-1, 0, 0), (900, 0, 1)),), (LINE,) * 201],
    ids=["empty", "beyond", "before", "many"],
)
def test_a_drawing_that_is_none_is_refused(strokes: tuple[tuple[tuple[int, int, int], ...], ...]) -> None:
    with pytest.raises((MarkMissingError, MarkUnsoundError)):
        encode_mark(DrawnMark(strokes=strokes))


@pytest.mark.parametrize("value", ["x", [["x"]], [[[1, 2]]], [[[1, 2, True]]], [[[1, 2, "3"]]], {"a": 1}])
def test_strokes_of_another_form_are_refused(value: object) -> None:
    with pytest.raises(MalformedEvidenceError):
        read_strokes(value)


@pytest.mark.parametrize("content", [b"GIF89a", b"<svg/>", b"\xff\xd8\xff" + b"0" * 2_000_001])
def test_a_photo_is_png_or_jpeg_and_small(content: bytes) -> None:
    with pytest.raises(MarkUnsoundError):
        encode_mark(PhotoMark(content=content))


def test_only_the_signers_own_name_is_taken(world: MemoryOffice, token: str) -> None:
    with pytest.raises(MarkUnsoundError):
        choose_mark(world.office, token, TypedMark(name="别人"))
    name = open_link(world.office, token).signer_name
    choose_mark(world.office, token, TypedMark(name=name))
    choose_mark(world.office, token, DrawnMark(strokes=(LINE,)))
    assert open_link(world.office, token).progress.has_mark
