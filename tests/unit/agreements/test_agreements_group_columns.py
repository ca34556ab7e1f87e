"""Headers to columns, and cells to places in terms, for every supply class."""

from __future__ import annotations

import pytest
from group_sheets import HEADER

from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.group_columns import IGNORED, columns_for, matched
from contracts_chain.agreements.group_findings import header_findings
from contracts_chain.agreements.group_paths import cell_value, place_of, with_value
from contracts_chain.agreements.terms import HvSupplyTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import TariffSystem
from kernel.canonical_json import JsonValue

SUPPLY = [one.terms for one in CLASSES if issubclass(one.terms, SupplyTerms)]


@pytest.mark.parametrize("terms", SUPPLY, ids=lambda terms: terms.__name__)
def test_every_supply_class_has_its_account_address_capacity_and_demarcation(terms: type) -> None:
    names = {column.id for column in columns_for(terms) if column.required}
    assert names == {"cust_no", "supply_addr", "contract_cap", "demarcation"}
    for column in columns_for(terms):
        assert all(place_of(terms, path) is not None for path in column.paths)


@pytest.mark.parametrize("terms", SUPPLY, ids=lambda terms: terms.__name__)
def test_no_two_columns_share_a_header(terms: type) -> None:
    columns = columns_for(terms)
    assert matched(terms, [column.zh for column in columns]) == tuple(column.id for column in columns)
    assert matched(terms, [column.id for column in columns]) == tuple(column.id for column in columns)


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("户号", "cust_no"),
        (" 用电户号 ", "cust_no"),
        ("Cust_No", "cust_no"),
        ("合同容量（kVA）", "contract_cap"),
        ("合同容量(千伏安)", "contract_cap"),
        ("ＣＴ变比", "ct_ratio"),
        ("receiving_points[0].sources[0].bay", "receiving_points[0].sources[0].bay"),
        ("备注", None),
        ("receiving_points[0]", None),
        ("__class__", None),
    ],
)
def test_a_header_means_the_column_it_names_or_none(header: str, column: str | None) -> None:
    assert matched(HvSupplyTerms, [header]) == (column,)


def test_wrong_missing_and_doubled_columns_are_each_named() -> None:
    header = [*HEADER[:2], "备注", "用户编号"]
    chosen = matched(HvSupplyTerms, header)
    found = [(one.rule, one.column) for one in header_findings(HvSupplyTerms, header, chosen)]
    assert found == [
        ("G-COL-3", "备注"),
        ("G-COL-3", "用户编号"),
        ("G-COL-1", "用电地址"),
        ("G-COL-1", "合同容量"),
        ("G-COL-1", "产权分界点"),
    ]
    doubled = header_findings(HvSupplyTerms, ["户号", "用户编号"], ["cust_no", "cust_no"])
    assert (doubled[0].rule, doubled[0].column) == ("G-COL-2", "用户编号")
    assert "“户号”" in doubled[0].zh


def test_a_header_that_is_left_out_is_no_finding() -> None:
    assert header_findings(HvSupplyTerms, [*HEADER, "备注"], [*matched(HvSupplyTerms, HEADER), IGNORED]) == ()


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("reading_day", "28", 28),
        ("reading_day", "028", "028"),
        ("reading_day", "3.30E+12", "3.30E+12"),
        ("tou_flag", "是", True),
        ("tou_flag", "maybe", "maybe"),
        ("supply_start", "2027/1/5", "2027-01-05"),
        ("supply_start", "2027年1月5日", "2027-01-05"),
        ("supply_start", "20270105", "2027-01-05"),
        ("supply_start", "soon", "soon"),
        ("contract_cap", "630", "630"),
        ("tariff_system", TariffSystem.TWO_PART.zh, "TWO_PART"),
        ("tariff_system", "TWO_PART", "TWO_PART"),
        ("supply_addr", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ],
)
def test_a_cell_becomes_json_of_its_field_or_stays_what_it_was(
    path: str, text: str, value: JsonValue
) -> None:
    place = place_of(HvSupplyTerms, path)
    assert place is not None
    assert cell_value(place[1], text) == value


def test_a_value_is_put_in_its_place_and_the_common_terms_stay_as_they_were() -> None:
    common: JsonValue = {"a": [{"b": "1", "c": "2"}], "d": "3"}
    assert with_value(common, ("a", 0, "b"), "9") == {"a": [{"b": "9", "c": "2"}], "d": "3"}
    assert with_value(common, ("a", 1, "b"), "9") == {"a": [{"b": "1", "c": "2"}, {"b": "9"}], "d": "3"}
    assert with_value(common, ("a", 5, "b"), "9") == common
    assert with_value(common, ("e", "f"), "9") == {"a": [{"b": "1", "c": "2"}], "d": "3", "e": {"f": "9"}}
    assert common == {"a": [{"b": "1", "c": "2"}], "d": "3"}
