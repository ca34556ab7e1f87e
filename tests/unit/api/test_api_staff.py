"""Staff tokens: who is known, whose duty it is, and what the file looks like."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.staff import (
    Duty,
    DutyMissingError,
    NotSignedOnError,
    StaffRegister,
    StaffTokensUnreadableError,
    verify_duty,
)
from kernel.digests import sha256
from kernel.ids import PersonId

TOKENS = {duty: f"{duty.value}-{'x' * 40}" for duty in Duty}


def test_the_first_start_makes_one_token_a_duty_readable_by_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "staff-tokens.json"
    StaffRegister.open(path)
    kept = json.loads(path.read_text("utf-8"))
    assert set(kept) == {duty.value for duty in Duty}
    assert len(set(kept.values())) == len(Duty)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_keeps_the_tokens(tmp_path: Path) -> None:
    path = tmp_path / "staff-tokens.json"
    StaffRegister.open(path)
    before = path.read_bytes()
    StaffRegister.open(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"drafter": 1}', '{"drafter": "short"}', "\udcff"])
def test_a_damaged_token_file_is_a_fault_and_stays_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "staff-tokens.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    with pytest.raises(StaffTokensUnreadableError):
        StaffRegister.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("duty", list(Duty))
def test_each_token_names_its_own_person(duty: Duty) -> None:
    person = StaffRegister(TOKENS).identify(f"Bearer {TOKENS[duty]}")
    assert (person.id, person.duty) == (duty.value, duty)


@given(st.one_of(st.none(), st.text(), st.text().map("Bearer {}".format)))
def test_no_other_header_names_anybody(header: str | None) -> None:
    with pytest.raises(NotSignedOnError):
        StaffRegister(TOKENS).identify(header)


def test_a_token_without_the_bearer_scheme_names_nobody() -> None:
    with pytest.raises(NotSignedOnError):
        StaffRegister(TOKENS).identify(f"Basic {TOKENS[Duty.DRAFTER]}")


def test_somebody_elses_duty_is_refused_with_both_duties_named() -> None:
    with pytest.raises(DutyMissingError) as refused:
        verify_duty(StaffRegister(TOKENS).person_with(TOKENS[Duty.DRAFTER]), (Duty.REVIEWER,))
    assert (refused.value.held, refused.value.due) == (Duty.DRAFTER, (Duty.REVIEWER,))
    assert "审核" in refused.value.zh
    assert "reviewer" in refused.value.en


@given(st.text(alphabet=st.characters()))
def test_no_other_text_is_a_token(offered: str) -> None:
    with pytest.raises(NotSignedOnError):
        StaffRegister(TOKENS).person_with(offered)


@pytest.mark.parametrize("duty", list(Duty))
def test_a_session_lasts_only_as_long_as_the_token_that_began_it(duty: Duty) -> None:
    register = StaffRegister(TOKENS)
    credential = register.credential_sha256(duty)
    assert register.still(PersonId(duty.value), credential).duty is duty
    replaced = StaffRegister({**TOKENS, duty: "y" * 43})
    for other, account, digest in (
        (replaced, duty.value, credential),
        (register, "somebody", credential),
        (register, duty.value, sha256(b"")),
    ):
        with pytest.raises(NotSignedOnError):
            other.still(PersonId(account), digest)
