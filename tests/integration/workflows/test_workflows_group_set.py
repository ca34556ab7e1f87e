"""A set from its drafts to its offers: each contract once, under the root a reviewer saw."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from group_sheets import GROUP_NAME, account, sites, terms_with_framework
from workflows_desk import kinds_of
from workflows_group import DrawersHere, always, approved, drafted, offered, planned, uploaded

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.separation import SeparationOfDutiesError
from contracts_chain.agreements.terms.group_framework import GroupFrameworkTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows import group_draft
from contracts_chain.workflows.group_errors import DrawersLostError, SetChangedError, SetStateError
from contracts_chain.workflows.group_import import open_group
from contracts_chain.workflows.group_ports import DrawFailure, DrawnTask, DrawTask, RowState, SetState
from contracts_chain.workflows.group_set import (
    approve_set,
    carry_on,
    offer_set,
    pause,
    progress_of,
    resume,
    retry,
    the_set,
)
from contracts_chain.workflows.group_view import differences, sample_rows
from contracts_chain.workflows.office import Office


def numbers_of(office: Office, set_id: str) -> list[str]:
    with office.work() as work:
        return [row.number or "" for row in work.groups.rows(set_id)]


def serials(numbers: list[str]) -> list[int]:
    return [int(number[-5:]) for number in numbers]


def tree_root(digests: list[bytes]) -> bytes:
    """RFC 6962 §2.1, written down a second time."""
    if len(digests) == 1:
        return hashlib.sha256(b"\x00" + digests[0]).digest()
    half = 1 << (len(digests) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_root(digests[:half]) + tree_root(digests[half:])).digest()


def test_a_set_is_drafted_approved_and_offered_contract_by_contract(office: Office) -> None:
    made = drafted(office, "JT-LIFE", sites(5, first=2000))
    assert made.state is SetState.DRAFTED
    numbers = numbers_of(office, made.id)
    first = serials(numbers)[0]
    assert serials(numbers) == list(range(first, first + 5))
    with office.work() as work:
        digests = [bytes(digest) for _, _, digest in work.groups.digests(made.id)]
        dossiers = [work.agreements.load(number) for number in numbers]
    assert [bytes(one.current_sha256 or b"") for one in dossiers] == digests
    assert made.root == tree_root(digests)
    assert [load_terms(one.terms).account_no for one in dossiers] == [
        row["户号"] for row in sites(5, first=2000)
    ]

    made = offered(office, approved(office, made))
    assert made.state is SetState.OFFERED
    with office.work() as work:
        dossiers = [work.agreements.load(number) for number in numbers]
    assert {one.state for one in dossiers} == {AgreementState.OFFERED}
    assert [bytes(one.approved_sha256 or b"") for one in dossiers] == digests
    assert {(one.drafted_by, one.reviewed_by) for one in dossiers} == {("drafter", "reviewer")}
    assert [kind.value for kind in kinds_of(office, numbers[3])] == [
        "agreement.approved",
        "agreement.offered",
    ]


def test_the_drafter_cannot_approve_the_set_and_nobody_approves_other_bytes(office: Office) -> None:
    made = drafted(office, "JT-DUTY", sites(2, first=2100))
    assert made.root is not None
    with pytest.raises(SeparationOfDutiesError):
        approve_set(office, made.id, reviewer="drafter", seen_root=made.root.hex())
    with pytest.raises(SetChangedError):
        approve_set(office, made.id, reviewer="reviewer", seen_root="00" * 32)
    with pytest.raises(SetStateError) as refused:
        offer_set(office, made.id, by="supplier-desk")
    assert "已审批" in refused.value.zh
    assert the_set(office, made.id).state is SetState.DRAFTED


def test_a_draft_revised_after_the_approval_is_not_approved_and_voids_it(office: Office) -> None:
    made = drafted(office, "JT-REVISE", sites(3, first=2200))
    assert made.root is not None
    approve_set(office, made.id, reviewer="reviewer", seen_root=made.root.hex())
    revised = numbers_of(office, made.id)[1]
    other = office.blobs.put(b"%PDF other bytes")
    with office.work() as work:
        work.agreements.save(replace(work.agreements.load(revised, lock=True), current_sha256=other))
        work.commit()
    carry_on(office, DrawersHere(), made.id, go_on=always)
    counted = progress_of(office, made.id)
    assert (counted.approved, counted.failed) == (2, 1)
    assert the_set(office, made.id).state is SetState.APPROVING
    again = retry(office, made.id)
    standing = the_set(office, made.id)
    assert standing.state is SetState.DRAFTED
    assert standing.approved_root is None
    assert standing.root != made.root
    assert again.id == made.id


class Failing(DrawersHere):
    """Cannot draw some rows; dies after some others."""

    def __init__(self, *, bad: Iterable[int] = (), dies_after: int = 10**6) -> None:
        super().__init__()
        self.bad = set(bad)
        self.dies_after = dies_after

    def draw(self, tasks: Iterable[DrawTask]) -> Iterator[DrawnTask]:
        for count, task in enumerate(tasks):
            if count == self.dies_after:
                raise DrawersLostError
            if task.row in self.bad:
                failure = DrawFailure(code="missing_glyph", en="no glyph", zh="没有这个字")
                yield DrawnTask(row=task.row, failure=failure)
            else:
                yield from super().draw([task])


def test_a_contract_that_cannot_be_drawn_rests_with_its_reason_and_the_others_go_on(office: Office) -> None:
    made = planned(office, "JT-FAIL", sites(4, first=2300))
    carry_on(office, Failing(bad=[3]), made.id, go_on=always)
    with office.work() as work:
        failed = work.groups.failed_rows(made.id)
    assert [(row.row, row.problem) for row in failed] == [(3, ("missing_glyph", "no glyph", "没有这个字"))]
    assert the_set(office, made.id).state is SetState.DRAFTING
    numbers = numbers_of(office, made.id)
    quiet = DrawersHere()
    carry_on(office, quiet, made.id, go_on=always)
    assert quiet.rows == []
    retry(office, made.id)
    carry_on(office, quiet, made.id, go_on=always)
    assert quiet.rows == [3]
    assert the_set(office, made.id).state is SetState.DRAFTED
    assert numbers_of(office, made.id) == numbers


def test_renderers_that_die_lose_nothing_and_double_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_draft, "_AT_ONCE", 2)
    made = planned(office, "JT-DIE", sites(7, first=2400))
    with pytest.raises(DrawersLostError):
        carry_on(office, Failing(dies_after=3), made.id, go_on=always)
    before = [number for number in numbers_of(office, made.id) if number]
    assert 4 <= len(before) < 7
    drawers = DrawersHere()
    carry_on(office, drawers, made.id, go_on=always)
    numbers = numbers_of(office, made.id)
    assert numbers[: len(before)] == before
    assert serials(numbers) == list(range(serials(numbers)[0], serials(numbers)[0] + 7))
    assert len(drawers.rows) == len(set(drawers.rows)) == 5
    assert the_set(office, made.id).state is SetState.DRAFTED


def test_a_paused_set_rests_after_the_portion_under_way_and_goes_on_when_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_draft, "_AT_ONCE", 2)
    made = planned(office, "JT-PAUSE", sites(6, first=2500))

    class Pausing(DrawersHere):
        def draw(self, tasks: Iterable[DrawTask]) -> Iterator[DrawnTask]:
            for one in super().draw(tasks):
                yield one
                pause(office, made.id)

    carry_on(office, Pausing(), made.id, go_on=always)
    assert progress_of(office, made.id).drafted == 2
    with office.work() as work:
        assert made.id not in work.groups.sets_at_work()
    carry_on(office, DrawersHere(), made.id, go_on=always)
    assert progress_of(office, made.id).drafted == 2
    resume(office, made.id)
    carry_on(office, DrawersHere(), made.id, go_on=always)
    assert progress_of(office, made.id).drafted == 6


def test_a_worker_that_is_to_stop_stops_between_two_portions(office: Office) -> None:
    made = planned(office, "JT-STOP", sites(2, first=2600))
    carry_on(office, DrawersHere(), made.id, go_on=lambda: False)
    assert progress_of(office, made.id).drafted == 0
    assert numbers_of(office, made.id) == ["", ""]


def test_a_reviewer_sees_what_differs_and_a_sample_that_follows_from_the_root(office: Office) -> None:
    made = drafted(office, "JT-VIEW", sites(9, first=2700))
    shown = {one.path: one for one in differences(office, made)}
    assert shown["cust_no"].values == 9
    assert shown["contract_cap"].values == 5
    assert shown["supply_addr"].label == "用电地址"
    assert "tariff_code" not in shown
    sample = sample_rows(office, made)
    assert sample == sample_rows(office, made)
    assert 1 <= len(sample) <= 5
    assert all(row.state is RowState.DRAFTED for row in sample)


def test_the_same_set_drawn_again_has_the_same_bytes(office: Office) -> None:
    made = drafted(office, "JT-SAME", sites(2, first=2800))
    with office.work() as work:
        (_, number, digest), _ = work.groups.digests(made.id)
        dossier = work.agreements.load(number)
    task = DrawTask(
        row=2,
        terms=dossier.terms,
        number=number,
        not_before=dossier.not_before_hash.hex0x(),
        created_utc=dossier.drafted_utc,
        mark=office.utility.mark,
        verify_url=office.utility.verify_url,
    )
    (again,) = DrawersHere().draw([task])
    assert office.blobs.put(io.BytesIO(again.pdf).getvalue()) == digest


def test_a_framework_agreement_of_the_head_is_drafted_first_and_lists_every_site(office: Office) -> None:
    open_group(office, "JT-FRAME", GROUP_NAME, terms_with_framework(), by="drafter")
    made = offered(office, approved(office, drafted(office, "JT-FRAME", sites(3, first=2900))))
    assert (made.state, made.total) == (SetState.OFFERED, 4)
    with office.work() as work:
        rows = work.groups.rows(made.id)
        framework = work.agreements.load(rows[0].number or "")
    assert [row.row for row in rows] == [0, 2, 3, 4]
    terms = load_terms(framework.terms)
    assert isinstance(terms, GroupFrameworkTerms)
    assert [member.cust_no for member in terms.members] == [row.cust_no for row in rows[1:]]
    assert (terms.member_count, terms.head_party) == (3, account().head)
    assert {slot.role for slot in framework.slots} == {"head_party", "supplier"}


def test_a_framework_agreement_that_breaks_a_rule_keeps_the_sheet_out(office: Office) -> None:
    whole = json.loads(terms_with_framework())
    whole["framework"] |= {"member_change_days": 0}
    del whole["framework"]["bill_day"]
    open_group(office, "JT-FRAME-BAD", GROUP_NAME, json.dumps(whole).encode(), by="drafter")
    file = uploaded(office, "JT-FRAME-BAD", sites(2, first=2950))
    with office.work() as work:
        found = [one for one in work.groups.findings(file.id) if one.severity == "E"]
    assert not file.may_be_confirmed
    assert [(one.row, one.column, one.rule) for one in found] == [(0, "框架协议 bill_day", "G-FORM")]
