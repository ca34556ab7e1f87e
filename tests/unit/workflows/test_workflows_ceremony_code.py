"""The code of a ceremony: bound to number, party, signer and document; five tries, ten minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from hypothesis import given, settings
from hypothesis import strategies as st
from repository_behaviour import NOW, a_ceremony, a_dossier

from contracts_chain.workflows.ceremony_code import attempts_after, new_code
from contracts_chain.workflows.ceremony_view import Held
from contracts_chain.workflows.dossier import CeremonyFile
from contracts_chain.workflows.errors import CodeExpiredError
from kernel.digests import sha256


def held(ceremony: CeremonyFile) -> Held:
    return Held(work=FakeUnitOfWork(Tables()), ceremony=ceremony, dossier=a_dossier())


def issued(role: str = "consumer") -> tuple[str, CeremonyFile]:
    text, ceremony = new_code(held(a_ceremony(role)), NOW)
    return text.split("签署码")[1][:6], ceremony


def test_the_right_code_is_taken_with_spaces_around_it() -> None:
    code, ceremony = issued()
    assert attempts_after(held(ceremony), f" {code}\n", NOW) is None


def test_the_ceremony_keeps_neither_code_nor_message() -> None:
    code, ceremony = issued()
    assert code.encode() not in repr(ceremony).encode().replace(ceremony.id.encode(), b"")
    assert (ceremony.attempts_left, ceremony.code_expires_utc) == (5, NOW + timedelta(minutes=10))


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=8))
def test_any_other_text_costs_one_try(text: str) -> None:
    code, ceremony = issued()
    if text.strip() != code:
        assert attempts_after(held(ceremony), text, NOW) == 4


def test_after_five_wrong_tries_the_right_code_is_dead() -> None:
    code, ceremony = issued()
    for left in (4, 3, 2, 1, 0):
        assert attempts_after(held(ceremony), "wrong", NOW) == left
        ceremony = replace(ceremony, attempts_left=left)
    with pytest.raises(CodeExpiredError):
        attempts_after(held(ceremony), code, NOW)


def test_the_code_lives_to_the_last_instant_before_ten_minutes() -> None:
    code, ceremony = issued()
    end = NOW + timedelta(minutes=10)
    assert attempts_after(held(ceremony), code, end - timedelta(microseconds=1)) is None
    with pytest.raises(CodeExpiredError):
        attempts_after(held(ceremony), code, end)


def test_no_code_is_right_before_one_was_sent() -> None:
    with pytest.raises(CodeExpiredError):
        attempts_after(held(a_ceremony()), "000000", NOW)


@pytest.mark.parametrize(
    "elsewhere",
    [{"role": "supplier"}, {"number": "SGZJMZ00YXGY2600002"}, {"document_sha256": sha256(b"other pdf")}],
    ids=["party", "contract", "document"],
)
def test_the_very_digits_do_not_fit_another_ceremony(elsewhere: dict[str, object]) -> None:
    code, ceremony = issued()
    assert attempts_after(held(replace(ceremony, **elsewhere)), code, NOW) == 4
