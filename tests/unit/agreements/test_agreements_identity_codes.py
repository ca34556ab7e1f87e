from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.identity_codes import (
    IdentityCodeError,
    age_on,
    masked_resident_id,
    normalised_cust_no,
    organisation_check,
    resident_birth,
    resident_check,
    uscc_check,
    verify_resident_id,
    verify_uscc,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", ["91110000600037341L", "91110108551385082Q", "9111000071093123XX"])
def test_published_credit_codes_are_accepted(code: str) -> None:
    verify_uscc(code)


@pytest.mark.parametrize(
    "code",
    ["91110000600037342L", "9111000060003734", "91110000600037341l", "９1110000600037341L", "", "I" * 18],
)
def test_credit_codes_of_another_form_are_refused(code: str) -> None:
    with pytest.raises(IdentityCodeError):
        verify_uscc(code)


def credit_codes() -> st.SearchStrategy[str]:
    first = st.text(ALPHABET, min_size=2, max_size=2)
    region = st.text("0123456789", min_size=6, max_size=6)
    organisation = st.text(ALPHABET, min_size=8, max_size=8)

    def whole(a: str, b: str, c: str) -> str:
        body = a + b + c + organisation_check(c)
        return body + uscc_check(body)

    return st.builds(whole, first, region, organisation)


@given(credit_codes())
def test_codes_with_letters_in_the_first_places_are_accepted(code: str) -> None:
    verify_uscc(code)


@given(credit_codes(), st.integers(0, 17), st.integers(1, 30))
def test_one_changed_character_of_a_credit_code_is_noticed(code: str, place: int, step: int) -> None:
    other = ALPHABET[(ALPHABET.index(code[place]) + step) % 31]
    with pytest.raises(IdentityCodeError):
        verify_uscc(code[:place] + other + code[place + 1 :])


def test_the_published_resident_id_is_accepted_and_its_twin_refused() -> None:
    verify_resident_id("11010519491231002X")
    assert resident_birth("11010519491231002X") == date(1949, 12, 31)
    with pytest.raises(IdentityCodeError):
        verify_resident_id("110105194912310021")


def test_a_resident_id_with_an_impossible_birthday_is_refused_without_showing_it() -> None:
    body = "33029919990230001"
    with pytest.raises(IdentityCodeError) as refused:
        verify_resident_id(body + resident_check(body))
    assert body not in refused.value.en + refused.value.zh


def test_age_turns_on_the_birthday() -> None:
    assert age_on(date(2008, 11, 20), date(2026, 11, 19)) == 17
    assert age_on(date(2008, 11, 20), date(2026, 11, 20)) == 18


def test_masking_keeps_six_and_four() -> None:
    assert masked_resident_id("11010519491231002X") == "110105********002X"
    assert masked_resident_id("12345") == "*****"


@pytest.mark.parametrize(
    ("text", "whole"), [("5102600127", "3305102600127"), ("3305102600127", "3305102600127")]
)
def test_account_numbers_become_thirteen_digits(text: str, whole: str) -> None:
    assert normalised_cust_no(text, "330") == whole


@pytest.mark.parametrize("text", ["1105102600127", "51026001", "51026001270", "５102600127"])
def test_account_numbers_of_another_form_or_province_are_refused(text: str) -> None:
    with pytest.raises(IdentityCodeError):
        normalised_cust_no(text, "330")
