"""A group's CSV on a real database: nothing half-imported, one site in one set, findings by row."""

from __future__ import annotations

import io
import threading

import pytest
from group_sheets import GROUP_NAME, HEADER, common_terms, sheet, site, sites
from workflows_group import planned, uploaded

from contracts_chain.agreements.group_csv import GREATEST_BYTES, CsvUnreadableError
from contracts_chain.workflows.group_errors import (
    GroupTakenError,
    ImportNotReadyError,
    SiteTakenError,
    UnknownGroupError,
)
from contracts_chain.workflows.group_import import (
    check_file,
    choose_columns,
    column_problems,
    confirm,
    open_group,
    receive_file,
    the_import,
)
from contracts_chain.workflows.group_ports import RowState, SetState
from contracts_chain.workflows.office import Office


def rows_of_sets(office: Office) -> int:
    with office.work() as work:
        return sum(made.total for made in work.groups.sets())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_good_sheet_becomes_a_set_of_intents_in_the_order_of_rows(office: Office, encoding: str) -> None:
    first = 1000 if encoding == "gb18030" else 1100
    file = uploaded(office, "JT-GOOD", sites(6, first=first), encoding=encoding)
    assert (file.rows, file.passing, file.may_be_confirmed) == (6, 6, True)
    made = confirm(office, file.id, by="drafter")
    assert (made.state, made.total) == (SetState.DRAFTING, 6)
    with office.work() as work:
        rows = work.groups.rows(made.id)
        assert work.groups.import_content(file.id) == b""
    assert [row.row for row in rows] == [2, 3, 4, 5, 6, 7]
    assert [row.cust_no for row in rows] == [site(first + at)["户号"] for at in range(6)]
    assert {row.state for row in rows} == {RowState.PLANNED}
    assert confirm(office, file.id, by="drafter").id == made.id


def test_one_bad_row_of_twenty_keeps_all_of_them_out_and_is_named(office: Office) -> None:
    known = rows_of_sets(office)
    rows = [*sites(19, first=1200), site(1219, 合同容量="-5")]
    file = uploaded(office, "JT-BAD", rows)
    assert (file.rows, file.passing) == (20, 19)
    with pytest.raises(ImportNotReadyError, match="20 rows 19") as refused:
        confirm(office, file.id, by="drafter")
    assert "20 行：19 可导入，1 要改；改完前一行也不导入" in refused.value.zh
    with office.work() as work:
        found = work.groups.findings(file.id)
        counts = work.groups.finding_counts(file.id)
    assert {(one.row, one.cust_no) for one in found if one.severity == "E"} == {(21, site(1219)["户号"])}
    assert ("合同容量", "R-NUM-1", 1) in {(one.column, one.rule, one.count) for one in counts}
    assert rows_of_sets(office) == known


def test_a_row_that_cannot_be_read_keeps_the_good_ones_before_it_out(office: Office) -> None:
    open_group(office, "JT-CUT", GROUP_NAME, common_terms(), by="drafter")
    content = sheet(sites(3, first=1300)) + b'"never closed,'
    file = check_file(office, receive_file(office, "JT-CUT", "cut.csv", io.BytesIO(content), by="drafter").id)
    with office.work() as work:
        found = [one for one in work.groups.findings(file.id) if one.severity == "E"]
    assert [(one.row, one.rule) for one in found] == [(5, "G-ROW-2")]
    assert not file.may_be_confirmed


def test_a_site_of_another_set_is_refused_by_name_whichever_group_it_is_in(office: Office) -> None:
    made = planned(office, "JT-ONE", sites(2, first=1400))
    file = uploaded(office, "JT-TWO", [site(1401), site(1402)])
    with office.work() as work:
        found = [one for one in work.groups.findings(file.id) if one.severity == "E"]
    assert [(one.row, one.column, one.rule) for one in found] == [(2, "户号", "G-KEY-2")]
    assert "JT-ONE" in found[0].zh
    assert made.id in found[0].zh


def test_of_two_clerks_with_one_site_the_second_imports_nothing(office: Office) -> None:
    files = [uploaded(office, f"JT-RACE-{at}", [site(1500), site(1501 + at)]) for at in range(2)]
    assert all(file.may_be_confirmed for file in files)
    answers: list[str] = []
    both = threading.Barrier(2)

    def clerk(import_id: str) -> None:
        both.wait(20)
        try:
            answers.append(confirm(office, import_id, by="drafter").id)
        except SiteTakenError as refused:
            answers.append(refused.code)

    clerks = [threading.Thread(target=clerk, args=(file.id,)) for file in files]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join(60)
    assert "site_taken" in answers
    assert len(set(answers)) == 2
    with office.work() as work:
        held = [number for number in work.groups.members() if number.startswith(site(1500)["户号"][:9])]
        mine = {number for number in held if number in {site(at)["户号"] for at in (1500, 1501, 1502)}}
    assert len(mine) == 2


def test_columns_are_chosen_by_a_person_where_nobody_can_tell(office: Office) -> None:
    open_group(office, "JT-COLS", GROUP_NAME, common_terms(), by="drafter")
    header = ["编号", *HEADER[1:], "备注"]
    rows = [row | {"编号": row["户号"], "备注": "略"} for row in sites(2, first=1600)]
    received = receive_file(
        office, "JT-COLS", "s.csv", io.BytesIO(sheet(rows, header=header, delimiter=";")), by="drafter"
    )
    assert {(one.rule, one.column) for one in column_problems(office, received.id)} == {
        ("G-COL-3", "编号"),
        ("G-COL-3", "备注"),
        ("G-COL-1", "户号"),
    }
    assert check_file(office, received.id).rows == 0
    choose_columns(office, received.id, ["cust_no", *received.chosen[1:-1], "-"])
    assert column_problems(office, received.id) == ()
    assert check_file(office, received.id).may_be_confirmed
    confirm(office, received.id, by="drafter")
    with pytest.raises(ImportNotReadyError):
        choose_columns(office, received.id, [])


def test_what_is_too_large_is_refused_before_it_is_read(office: Office) -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= GREATEST_BYTES + 1
            self.taken += size
            return bytes(size)

    open_group(office, "JT-BIG", GROUP_NAME, common_terms(), by="drafter")
    endless = Endless()
    with pytest.raises(CsvUnreadableError, match="20 MB"):
        receive_file(office, "JT-BIG", "big.csv", endless, by="drafter")  # type: ignore[arg-type]
    assert endless.taken <= GREATEST_BYTES + 1


def test_an_unknown_group_and_a_taken_number_are_refused(office: Office) -> None:
    with pytest.raises(UnknownGroupError):
        receive_file(office, "JT-NONE", "s.csv", io.BytesIO(b"x"), by="drafter")
    with pytest.raises(UnknownGroupError):
        the_import(office, "none")
    open_group(office, "JT-TAKEN", GROUP_NAME, common_terms(), by="drafter")
    with pytest.raises(GroupTakenError):
        open_group(office, "JT-TAKEN", GROUP_NAME, common_terms(), by="drafter")
