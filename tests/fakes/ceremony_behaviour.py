"""What every store of ceremonies must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from repository_behaviour import NOW, NUMBER, a_ceremony, a_dossier

from contracts_chain.workflows.ceremony_ports import (
    QuestionFile,
    ReadingFile,
    SigningSetFile,
    SigningSetMember,
)
from kernel.digests import sha256


def a_question(question_id: str = "q1", **changes: Any) -> QuestionFile:
    plain = QuestionFile(
        id=question_id,
        number=NUMBER,
        role="consumer",
        clause=sha256(b"clause"),
        heading="第一条 电价",
        words="为什么？",
        asked_utc=NOW,
    )
    return replace(plain, **changes)


class CeremonyBehaviour:
    """Every test takes ``open_work``; its type differs between the fake and PostgreSQL."""

    @pytest.fixture
    def ceremony(self, open_work: Any) -> str:
        made = a_ceremony()
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.ceremonies.add(made)
            work.commit()
        return made.id

    def test_an_item_is_noted_once_and_the_first_time_stands(self, open_work: Any, ceremony: str) -> None:
        served = ReadingFile(ceremony=ceremony, item="text", act="served", at_utc=NOW)
        confirmed = replace(served, act="confirmed", at_utc=NOW + timedelta(seconds=9))
        with open_work() as work:
            assert work.readings.note(served)
            assert not work.readings.note(replace(served, at_utc=NOW + timedelta(hours=1)))
            assert work.readings.note(confirmed)
            work.commit()
        with open_work() as work:
            assert work.readings.of(ceremony) == (served, confirmed)
            assert work.readings.of("other") == ()

    def test_only_what_was_asked_for_and_is_not_over_is_swept(self, open_work: Any, ceremony: str) -> None:
        with open_work() as work:
            held = work.ceremonies.load(ceremony, lock=True)
            assert work.ceremonies.asked(NOW) == ()
            asked = replace(held, asked_utc=NOW, state="confirmed")
            work.ceremonies.save(asked)
            work.commit()
        with open_work() as work:
            assert work.ceremonies.asked(NOW) == (asked,)
            assert work.ceremonies.asked(NOW - timedelta(seconds=1)) == ()
            work.ceremonies.save(replace(asked, state="signed"))
            assert work.ceremonies.asked(NOW) == ()
            with pytest.raises(KeyError):
                work.ceremonies.load("other")

    def test_questions_are_found_until_they_are_answered(self, open_work: Any, ceremony: str) -> None:
        later = a_question("q2", asked_utc=NOW + timedelta(minutes=1))
        with open_work() as work:
            for question in (later, a_question()):
                work.questions.add(question)
            work.commit()
        answered = a_question(answer="因为", answered_by="desk", answered_utc=NOW, cleared_utc=NOW)
        with open_work() as work:
            assert work.questions.unanswered() == (a_question(), later)
            work.questions.save(answered)
            work.commit()
        with open_work() as work:
            assert work.questions.unanswered() == (later,)
            assert work.questions.of_agreement(NUMBER) == (answered, later)
            assert work.questions.find("q1", lock=True) == answered
            assert work.questions.find("q3") is None

    def test_a_set_keeps_its_order_and_its_choices(self, open_work: Any, ceremony: str) -> None:
        made = SigningSetFile(id="set", token_sha256=sha256(b"set"), signer="doc:1", opened_utc=NOW)
        members = tuple(
            SigningSetMember(set_id="set", position=at, number=NUMBER, role="consumer", ceremony=ceremony)
            for at in (1, 2)
        )
        with open_work() as work:
            work.signing_sets.add(made, members)
            work.signing_sets.choose(replace(members[1], chosen=False))
            work.signing_sets.save(replace(made, state="confirmed"))
            work.commit()
        with open_work() as work:
            found = work.signing_sets.find(sha256(b"set"), lock=True)
            assert found == work.signing_sets.load("set") == replace(made, state="confirmed")
            assert work.signing_sets.members("set") == (members[0], replace(members[1], chosen=False))
            assert work.signing_sets.find(sha256(b"none")) is None
            assert work.signing_sets.members("none") == ()
            with pytest.raises(KeyError):
                work.signing_sets.load("none")
