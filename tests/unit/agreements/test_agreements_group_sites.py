"""Rows of a sheet: whole terms, or every finding with row, column and rule."""

from __future__ import annotations

import io
import json

import pytest
from group_sheets import GROUP_NAME, GROUP_NO, account, common_terms, sheet, site, sites

from contracts_chain.agreements.group_account import GroupDefaultsError, open_account
from contracts_chain.agreements.group_columns import matched
from contracts_chain.agreements.group_csv import form_of, rows_of
from contracts_chain.agreements.group_findings import Member
from contracts_chain.agreements.group_sites import SheetReader, SiteRow
from contracts_chain.agreements.rules.pack import load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms_json import load_terms


def read(content: bytes, *, members: dict[str, Member] | None = None) -> list[SiteRow]:
    stream, group = io.BytesIO(content), account()
    form = form_of(stream)
    reader = SheetReader(
        account=group,
        header=form.header,
        chosen=matched(group.agreement_class.terms, form.header),
        pack=load_pack(),
        profile=load_profile("ZJ"),
        members=members or {},
    )
    return [reader.read(row) for row in rows_of(stream, form)]


def errors(row: SiteRow) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.rule) for one in row.findings if one.severity == "E"]


def test_the_common_terms_are_a_contract_of_their_own() -> None:
    assert isinstance(load_terms(common_terms()), HvSupplyTerms)
    assert open_account(GROUP_NO, GROUP_NAME, account().defaults_bytes()) == account()
    assert account().agent is not None


def test_every_good_row_becomes_whole_terms_of_its_own_site() -> None:
    rows = read(sheet(sites(25)))
    assert [errors(row) for row in rows] == [[]] * 25
    terms = load_terms(rows[3].terms or b"")
    assert isinstance(terms, HvSupplyTerms)
    assert (terms.cust_no, terms.supply_addr) == ("3305102700003", "浙江省明州市海晏区白沙路103号")
    assert terms.contract_cap == terms.run_cap == terms.receiving_capacity() == 800
    assert terms.demarcation_points[0].line == "白沙路A103线"
    assert terms.inspection_report is not None
    assert terms.inspection_report.number == "JY2026111800003"
    assert terms.consumer == account().head


@pytest.mark.parametrize(
    ("changed", "column", "rule"),
    [
        ({"户号": ""}, "户号", "G-CELL-3"),
        ({"户号": "12345"}, "户号", "G-KEY-3"),
        ({"户号": "3.30510E+12"}, "户号", "G-KEY-3"),
        ({"户号": "1105102700003"}, "户号", "G-KEY-3"),
        ({"户号": "３３０５１０２７００００３"}, "户号", "G-KEY-3"),
        ({"用电地址": ""}, "用电地址", "G-CELL-3"),
        ({"用电地址": "甲\x00乙"}, "用电地址", "G-CELL-1"),
        ({"用电地址": "长" * 10_000}, "用电地址", "G-CELL-2"),
        ({"合同容量": "-630"}, "合同容量", "R-NUM-1"),
        ({"合同容量": "1,250"}, "合同容量", "G-FORM"),
        ({"合同容量": "六百三"}, "合同容量", "G-FORM"),
        ({"抄表例日": "二十八"}, "抄表例日", "G-FORM"),
    ],
)
def test_a_bad_cell_is_named_by_row_column_and_rule(changed: dict[str, str], column: str, rule: str) -> None:
    rows = read(sheet([site(0), site(1, **changed), site(2)]))
    assert (3, column, rule) in errors(rows[1])
    assert rows[1].terms is None
    assert all("\n" not in one.zh for one in rows[1].findings)
    assert rows[0].terms is not None
    assert rows[2].terms is not None


@pytest.mark.parametrize("name", ["合\u202e同", "充\u200b电站"])
def test_what_cannot_be_seen_in_a_name_is_refused_under_its_column(name: str) -> None:
    row = read(sheet([site(0, 站点名称=name)]))[0]
    assert row.terms is None
    assert {one.column for one in row.findings if one.severity == "E"} == {"站点名称"}


def test_rare_characters_in_a_name_pass() -> None:
    assert errors(read(sheet([site(0, 站点名称="㛃䶮喆赟充电站")], encoding="gb18030"))[0]) == []


def test_a_formula_is_data_like_any_other_text() -> None:
    row = read(sheet([site(0, 站点名称="=HYPERLINK(1)")]))[0]
    terms = load_terms(row.terms or b"")
    assert isinstance(terms, HvSupplyTerms)
    assert terms.receiving_points[0].name == "=HYPERLINK(1)"


def test_a_doubled_account_names_the_row_it_stands_in_already_also_without_prefix() -> None:
    rows = read(sheet([site(0), site(1), site(0, 户号=site(0)["户号"][3:])]))
    assert errors(rows[2]) == [(4, "户号", "G-KEY-1")]
    assert "第 2 行" in rows[2].findings[0].zh
    assert errors(rows[0]) == []


def test_a_member_of_any_group_is_refused_by_name() -> None:
    number = site(1)["户号"]
    member = Member(cust_no=number, group_no="JT-9", set_id="abc")
    rows = read(sheet(sites(2)), members={number: member})
    assert errors(rows[1]) == [(3, "户号", "G-KEY-2")]
    assert "JT-9" in rows[1].findings[0].zh


def test_a_row_with_too_few_or_too_many_cells_is_named() -> None:
    content = sheet([site(0)]) + "3305102700001,站\r\n".encode()
    assert (3, "（整行）", "G-ROW-1") in errors(read(content)[1])


def test_what_the_common_terms_lack_is_said_of_them_and_not_of_the_sheet() -> None:
    whole = json.loads(common_terms())
    del whole["terms"]["late_fee_permille_per_day"]
    group = open_account(GROUP_NO, GROUP_NAME, json.dumps(whole).encode())
    stream = io.BytesIO(sheet([site(0)]))
    form = form_of(stream)
    reader = SheetReader(
        account=group,
        header=form.header,
        chosen=matched(HvSupplyTerms, form.header),
        pack=load_pack(),
        profile=load_profile("ZJ"),
    )
    row = reader.read(next(rows_of(stream, form)))
    assert errors(row) == [(2, "公共条款 当年欠费违约金", "G-FORM")]


@pytest.mark.parametrize(
    ("number", "name", "content", "words"),
    [
        ("jt", "集团", b"{}", "集团户编号应为"),
        ("JT-1", "  ", b"{}", "集团户名称应为"),
        ("JT-1", "集团", b"not json", "不是 JSON"),
        ("JT-1", "集团", b'{"schema": 1, "kind": "GRID_DISPATCH", "terms": {}}', "供用电合同之一"),
        ("JT-1", "集团", b'{"schema": 1, "kind": "HV_SUPPLY", "terms": {}}', "应为对象"),
    ],
)
def test_a_group_whose_particulars_cannot_be_used_is_refused(
    number: str, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(GroupDefaultsError) as refused:
        open_account(number, name, content)
    assert words in refused.value.zh
