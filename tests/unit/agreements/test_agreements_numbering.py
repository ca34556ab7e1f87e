from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.numbering import (
    ContractNumber,
    ContractNumberError,
    SeriesExhaustedError,
    check_code,
    contract_number,
    parse_contract_number,
    supplement_number,
    supplement_series,
)
from kernel.digests import sha256

NUMBERS = st.builds(
    ContractNumber,
    unit=st.from_regex(r"[A-Z]{4}[0-9]{2}", fullmatch=True),
    department=st.from_regex(r"[A-Z]{2}", fullmatch=True),
    type_code=st.sampled_from(["GY", "BD"]),
    year=st.integers(2000, 2099),
    serial=st.integers(1, 99_999),
    supplement=st.integers(0, 99),
)


@given(NUMBERS)
def test_a_number_reads_back_to_its_parts(number: ContractNumber) -> None:
    assert parse_contract_number(number.text) == number


@pytest.mark.parametrize("text", ["SGBJHD00JJJS2500875", "SGBJCY00JSJS2500693", "SGBJCY00JSJS2500693(B1)"])
def test_numbers_seen_in_practice_are_read(text: str) -> None:
    assert parse_contract_number(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SGBJHD00JJJS250087",
        "sgbjhd00jjjs2500875",
        "SGBJHD00JJJS2500000",
        "SGBJHD00JJJS2500875(B0)",
        "SGBJHD00JJJS2500875\n",
        "SGBJHD00JJJS２500875",
    ],
)
def test_other_texts_are_not_numbers(text: str) -> None:
    with pytest.raises(ContractNumberError):
        parse_contract_number(text)


def test_parts_out_of_range_are_refused() -> None:
    with pytest.raises(SeriesExhaustedError) as exhausted:
        contract_number(unit="ZJMZ00", department="YX", type_code="GY", year=2026, serial=100_000)
    assert exhausted.value.series == "ZJMZ00YXGY2026"
    with pytest.raises(ContractNumberError):
        contract_number(unit="ZJ", department="YX", type_code="GY", year=2026, serial=1)
    with pytest.raises(ContractNumberError):
        contract_number(unit="ZJMZ00", department="YX", type_code="GY", year=2126, serial=1)


def test_a_supplement_carries_the_main_number() -> None:
    main = contract_number(unit="ZJMZ00", department="YX", type_code="GY", year=2026, serial=1)
    assert main == "SGZJMZ00YXGY2600001"
    assert supplement_number(main, 2) == "SGZJMZ00YXGY2600001(B2)"
    with pytest.raises(ContractNumberError):
        supplement_number(f"{main}(B1)", 1)


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_the_check_code_depends_on_number_and_terms(one: bytes, other: bytes) -> None:
    code = check_code("SGZJMZ00YXGY2600001", sha256(one))
    assert len(code) == 8
    assert code != check_code("SGZJMZ00YXGY2600002", sha256(one))
    assert (code == check_code("SGZJMZ00YXGY2600001", sha256(other))) is (one == other)


def test_the_check_code_is_the_documented_hash() -> None:
    terms = sha256(b"terms")
    whole = sha256(b"contracts-chain/check-code/v1\nSGZJMZ00YXGY2600001\n" + terms)
    assert check_code("SGZJMZ00YXGY2600001", terms) == whole.hex()[:8]


def test_only_a_main_contract_has_a_series_of_supplements() -> None:
    assert supplement_series("SGZJMZ00YXGY2600001") == "SGZJMZ00YXGY2600001(B)"
    with pytest.raises(ContractNumberError):
        supplement_series("SGZJMZ00YXGY2600001(B1)")
