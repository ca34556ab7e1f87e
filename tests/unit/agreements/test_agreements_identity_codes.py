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
    verify_organisation_code,
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


@pytest.mark.parametrize("first", ["Y1", "N1", "Y2", "N2"])
def test_codes_of_rural_collectives_and_others_beginning_with_a_letter_are_accepted(first: str) -> None:
    body = f"{first}330206MA2HT5E15"
    verify_uscc(body + uscc_check(body))


@given(credit_codes())
def test_codes_with_letters_in_the_first_places_are_accepted(code: str) -> None:
    verify_uscc(code)


@given(credit_codes(), st.integers(0, 17), st.integers(1, 30))
def test_one_changed_character_of_a_credit_code_is_noticed(code: str, place: int, step: int) -> None:
    other = ALPHABET[(ALPHABET.index(code[place]) + step) % 31]
    with pytest.raises(IdentityCodeError):
        verify_uscc(code[:place] + other + code[place + 1 :])


@given(credit_codes(), st.integers(0, 16))
def test_two_neighbours_changed_round_in_a_credit_code_are_noticed(code: str, place: int) -> None:
    other = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if other == code:
        return
    with pytest.raises(IdentityCodeError):
        verify_uscc(other)


@pytest.mark.parametrize("code", ["600037341", "60003734-1", "71093123X", "55138508-2"])
def test_organisation_codes_are_accepted_with_and_without_hyphen(code: str) -> None:
    verify_organisation_code(code)


@pytest.mark.parametrize("code", ["600037342", "60003734", "6000373411", "６0003734-1", "60003734x", ""])
def test_organisation_codes_of_another_form_or_check_are_refused(code: str) -> None:
    with pytest.raises(IdentityCodeError):
        verify_organisation_code(code)


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 7), st.integers(1, 9))
def test_one_changed_digit_of_an_organisation_code_is_noticed(body: str, place: int, step: int) -> None:
    other = str((int(body[place]) + step) % 10)
    changed = body[:place] + other + body[place + 1 :]
    with pytest.raises(IdentityCodeError):
        verify_organisation_code(changed + organisation_check(body))


def resident_ids() -> st.SearchStrategy[str]:
    region = st.integers(110000, 659999).map(str)
    birth = st.dates(date(1930, 1, 1), date(2008, 1, 1)).map(lambda day: day.strftime("%Y%m%d"))
    order = st.integers(0, 999).map(lambda number: f"{number:03}")

    def whole(a: str, b: str, c: str) -> str:
        body = a + b + c
        return body + resident_check(body)

    return st.builds(whole, region, birth, order)


@given(resident_ids(), st.integers(0, 16), st.integers(1, 9))
def test_one_changed_digit_of_a_resident_id_is_noticed(text: str, place: int, step: int) -> None:
    other = str((int(text[place]) + step) % 10)
    with pytest.raises(IdentityCodeError):
        verify_resident_id(text[:place] + other + text[place + 1 :])


@given(resident_ids(), st.integers(0, 16))
def test_two_neighbours_changed_round_in_a_resident_id_are_noticed(text: str, place: int) -> None:
    other = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if other == text:
        return
    with pytest.raises(IdentityCodeError):
        verify_resident_id(other)


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
