"""Sets on their way back: returned by the reviewer, taken back whole, links handed out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from group_sheets import site, sites
from workflows_desk import kinds_of, sign_as
from workflows_group import DrawersHere, always, approved, drafted, offered, planned, uploaded

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.separation import SeparationOfDutiesError
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.draft_errors import ReasonMissingError
from contracts_chain.workflows.group_errors import LinksHandedOutError, SetStateError
from contracts_chain.workflows.group_halt import cancel_set, return_set, submit_again, withdraw_set
from contracts_chain.workflows.group_import import confirm
from contracts_chain.workflows.group_links import hand_out_links
from contracts_chain.workflows.group_ports import RowState, SetFile, SetState
from contracts_chain.workflows.group_set import approve_set, carry_on, progress_of, retry, the_set
from contracts_chain.workflows.offer import renew_link
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import submit_for_review
from contracts_chain.workflows.revise import revise
from contracts_chain.workflows.withdraw import RejectionReason, reject


def carried_on(office: Office, made: SetFile) -> SetFile:
    carry_on(office, DrawersHere(), made.id, go_on=always)
    return the_set(office, made.id)


def numbers_of(office: Office, made: SetFile) -> list[str]:
    with office.work() as work:
        return [row.number or "" for row in work.groups.rows(made.id)]


def states_of(office: Office, made: SetFile) -> list[AgreementState]:
    numbers = numbers_of(office, made)
    with office.work() as work:
        return [work.agreements.load(number).state for number in numbers]


def rows_of(office: Office, made: SetFile) -> list[RowState]:
    with office.work() as work:
        return [row.state for row in work.groups.rows(made.id)]


def is_free(office: Office, *cust_nos: str) -> bool:
    with office.work() as work:
        return not set(cust_nos) & set(work.groups.members())


def test_a_returned_set_is_the_drafters_again_and_comes_back_under_another_root(office: Office) -> None:
    made = drafted(office, "JT-BACK", sites(3, first=3000))
    returned = carried_on(
        office, return_set(office, made.id, reviewer="reviewer", reason=" 第二个站点地址有误 ")
    )
    assert (returned.state, returned.stopped_by, returned.stop_reason) == (
        SetState.RETURNED,
        "reviewer",
        "第二个站点地址有误",
    )
    assert made.root is not None
    with pytest.raises(SetStateError, match="drafted"):
        approve_set(office, made.id, reviewer="reviewer", seen_root=made.root.hex())
    number = numbers_of(office, made)[1]
    with office.work() as work:
        dossier = work.agreements.load(number)
    terms = replace(load_terms(dossier.terms), special_terms="改址后重发")
    revise(office, number, terms, by="drafter", base_version=dossier.draft_version)
    again = carried_on(office, submit_again(office, made.id))
    assert again.state is SetState.DRAFTED
    assert again.root != made.root
    final = offered(office, approved(office, again))
    assert final.state is SetState.OFFERED
    assert set(states_of(office, made)) == {AgreementState.OFFERED}


def test_a_return_voids_the_approval_of_the_set_and_of_every_contract(office: Office) -> None:
    made = approved(office, drafted(office, "JT-VOID", sites(2, first=3010)))
    assert made.state is SetState.APPROVED
    stopped = return_set(office, made.id, reviewer="reviewer", reason="价格条款未更新")
    assert (stopped.root, stopped.approved_root, stopped.reviewed_by) == (None, None, None)
    returned = carried_on(office, stopped)
    assert returned.state is SetState.RETURNED
    assert states_of(office, made) == [AgreementState.DRAFT] * 2
    for number in numbers_of(office, made):
        assert [kind.value for kind in kinds_of(office, number)] == [
            "agreement.approved",
            "agreement.revised",
        ]
        with office.work() as work:
            last = verify_trail(work.trails.lines(number))[-1]
            assert work.agreements.load(number).approved_sha256 is None
        assert (last.event, last.actor) == (TrailEventKind.REVISED, "reviewer")
    again = approved(office, carried_on(office, submit_again(office, made.id)))
    assert again.state is SetState.APPROVED


def test_a_contract_returned_from_review_is_taken_up_again_by_the_drafter(office: Office) -> None:
    made = drafted(office, "JT-MID", sites(2, first=3020))
    submit_for_review(office, numbers_of(office, made)[0], by="drafter")  # as after a kill on the way
    carried_on(office, return_set(office, made.id, reviewer="reviewer", reason="核对户名"))
    assert states_of(office, made) == [AgreementState.RETURNED, AgreementState.DRAFT]
    assert rows_of(office, made) == [RowState.RETURNED] * 2
    again = approved(office, carried_on(office, submit_again(office, made.id)))
    assert again.state is SetState.APPROVED


def test_the_drafter_returns_nothing_and_no_deed_goes_without_a_reason(office: Office) -> None:
    made = drafted(office, "JT-WHY", sites(1, first=3030))
    with pytest.raises(SeparationOfDutiesError):
        return_set(office, made.id, reviewer="drafter", reason="x")
    with pytest.raises(ReasonMissingError):
        return_set(office, made.id, reviewer="reviewer", reason=" ")
    for act in (cancel_set, withdraw_set):
        with pytest.raises(ReasonMissingError):
            act(office, made.id, by="drafter", reason="\n")
    with pytest.raises(SetStateError):
        withdraw_set(office, made.id, by="supplier-desk", reason="尚未发送")
    with pytest.raises(SetStateError):
        submit_again(office, made.id)
    assert the_set(office, made.id) == made


@pytest.mark.parametrize(
    ("begin", "first"), [(planned, 3040), (drafted, 3050)], ids=["nothing drafted", "drafted"]
)
def test_a_set_taken_back_before_its_offer_ends_its_contracts_and_frees_its_sites(
    office: Office, begin: Callable[..., SetFile], first: int
) -> None:
    rows = sites(2, first=first)
    made = begin(office, f"JT-CANCEL-{first}", rows)
    assert not is_free(office, rows[0]["户号"])
    cancelled = carried_on(office, cancel_set(office, made.id, by="drafter", reason="客户推迟"))
    assert (cancelled.state, cancelled.stop_reason) == (SetState.CANCELLED, "客户推迟")
    assert rows_of(office, made) == [RowState.WITHDRAWN] * 2
    assert is_free(office, *(row["户号"] for row in rows))
    if begin is drafted:
        assert states_of(office, made) == [AgreementState.WITHDRAWN] * 2
    file = uploaded(office, f"JT-CANCEL-{first}", rows)
    assert file.may_be_confirmed
    assert confirm(office, file.id, by="drafter").id != made.id
    with pytest.raises(SetStateError):
        cancel_set(office, made.id, by="drafter", reason="再次")


def test_an_approved_set_is_taken_back_with_a_leaf_for_every_contract(office: Office) -> None:
    made = approved(office, drafted(office, "JT-LEAF", sites(2, first=3060)))
    carried_on(office, cancel_set(office, made.id, by="drafter", reason="改用框架协议"))
    for number in numbers_of(office, made):
        assert [kind.value for kind in kinds_of(office, number)][-1] == "agreement.withdrawn"


def test_of_an_offered_set_only_what_nobody_signed_is_withdrawn(office: Office) -> None:
    rows = sites(3, first=3070)
    made = offered(office, approved(office, drafted(office, "JT-SIGNED", rows)))
    numbers = numbers_of(office, made)
    sign_as(office, renew_link(office, numbers[0], "consumer", by="supplier-desk"))
    reject(
        office, renew_link(office, numbers[1], "consumer", by="supplier-desk"), reason=RejectionReason.NOT_ME
    )
    with pytest.raises(SetStateError):
        cancel_set(office, made.id, by="drafter", reason="已发送")
    ended = carried_on(office, withdraw_set(office, made.id, by="supplier-desk", reason="电价调整"))
    assert ended.state is SetState.CANCELLED
    assert rows_of(office, made) == [RowState.KEPT, RowState.WITHDRAWN, RowState.WITHDRAWN]
    assert states_of(office, made) == [
        AgreementState.PARTLY_SIGNED,
        AgreementState.REJECTED,
        AgreementState.WITHDRAWN,
    ]
    assert not is_free(office, rows[0]["户号"])
    assert is_free(office, rows[1]["户号"], rows[2]["户号"])


def test_a_set_killed_while_it_is_taken_back_is_finished_by_the_next_turn(office: Office) -> None:
    made = drafted(office, "JT-KILLED", sites(4, first=3080))
    cancel_set(office, made.id, by="drafter", reason="重复导入")
    turns = iter([True, True, False])
    carry_on(office, DrawersHere(), made.id, go_on=lambda: next(turns, False))
    retry(office, made.id)
    assert carried_on(office, made).state is SetState.CANCELLED
    assert progress_of(office, made.id).closed == 4


def test_the_links_of_a_set_are_handed_out_once_and_close_those_before(office: Office) -> None:
    made = approved(office, drafted(office, "JT-LINKS", sites(3, first=3090)))
    with pytest.raises(SetStateError):
        hand_out_links(office, made.id, by="supplier-desk")
    made = offered(office, made)
    number = numbers_of(office, made)[0]
    earlier = renew_link(office, number, "consumer", by="supplier-desk")
    links = hand_out_links(office, made.id, by="supplier-desk")
    assert [(link.row, link.role) for link in links] == [
        (row, role) for row in (2, 3, 4) for role in ("供电人", "用电人")
    ]
    assert {link.cust_no for link in links} == {site(3090 + at)["户号"] for at in range(3)}
    assert open_link(office, links[1].token).number == number
    assert open_link(office, earlier).state == "closed"
    with pytest.raises(LinksHandedOutError, match="supplier-desk") as refused:
        hand_out_links(office, made.id, by="supplier-desk")
    assert "只显示一次" in refused.value.zh
    assert open_link(office, links[0].token).number == number


def test_what_is_rejected_meanwhile_gets_no_link(office: Office) -> None:
    made = offered(office, approved(office, drafted(office, "JT-FEWER", sites(2, first=3100))))
    number = numbers_of(office, made)[0]
    reject(office, renew_link(office, number, "consumer", by="supplier-desk"), reason=RejectionReason.NOT_ME)
    assert {link.row for link in hand_out_links(office, made.id, by="supplier-desk")} == {3}
