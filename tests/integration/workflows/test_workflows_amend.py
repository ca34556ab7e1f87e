"""Changes of a contract in force: begun on a plan, carried by a paper, settled once, given up whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from workflows_desk import (
    anchor_all,
    completed,
    drafted,
    fresh_order_no,
    kinds_of,
    passed,
    reloaded,
    words_of,
)
from workflows_life import ending, formed, in_force, later, newest_status

from contracts_chain.agreements.change_request import ChangeRefusedError, ChangeRequest, DeclaredFact
from contracts_chain.agreements.change_triggers import ChangeTrigger, Judged, row_of
from contracts_chain.agreements.lifecycle import AgreementState, TransitionRefusedError
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.workflows.amend import abandon_change, begin_change, draft_follower
from contracts_chain.workflows.dispute import hold_for_dispute, release_hold
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import NotExecutedError
from contracts_chain.workflows.expire import expire_when_due
from contracts_chain.workflows.life_errors import (
    ChangeOpenError,
    DisputeHoldError,
    NoChangeError,
    NoTermError,
)
from contracts_chain.workflows.life_files import ChangeFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.renew_agreement import begin_renewal
from contracts_chain.workflows.settle import settle_changes
from contracts_chain.workflows.standing import beijing_day
from contracts_chain.workflows.status import StatusDeed, change_status
from contracts_chain.workflows.withdraw import withdraw
from kernel.verdict import Verdict

DAY = timedelta(days=1)


def request(office: Office, trigger: ChangeTrigger, **changes: Any) -> ChangeRequest:
    today = beijing_day(office.clock.now())
    due = (one for one in row_of(trigger).conditions if one.judged is Judged.DECLARED)
    plain = ChangeRequest(
        applied_on=today,
        effective_on=today + 20 * DAY,
        declared=tuple(DeclaredFact(condition=one.id, holds=True, basis="核实单") for one in due),
    )
    return replace(plain, **changes)


def begun(office: Office, number: str, trigger: ChangeTrigger, **changes: Any) -> ChangeFile:
    asked = request(office, trigger, **changes)
    return begin_change(office, number, trigger, asked, order_no=fresh_order_no(), by="desk")


def paper(name: str, main: str, **changes: Any) -> Terms:
    content = (files("contracts_chain.agreements.samples") / f"{name}.json").read_bytes()
    return replace(load_terms(content), main_contract_no=main, **changes)


def supplemented(office: Office, change: ChangeFile) -> AgreementDossier:
    terms = paper("supplement", change.number, trigger=ChangeTrigger.RENAME, change_order_no=change.order_no)
    return draft_follower(office, change.number, terms, order_no=change.order_no, by="drafter")


def test_a_supplement_amends_the_main_contract_once_and_both_are_proven(office: Office) -> None:
    number = in_force(office, ceremony=True).number
    change = begun(office, number, ChangeTrigger.RENAME)
    assert reloaded(office, number).state is AgreementState.AMENDING
    assert newest_status(office, number)["plan"]["declared"][0]["basis"] == "核实单"
    draft = supplemented(office, change)
    assert draft.number == f"{number}(B1)"
    assert supplemented(office, change).number == draft.number
    assert settle_changes(office) == 0
    completed(office, passed(office, draft))
    assert settle_changes(office) == 1
    assert settle_changes(office) == 0
    assert reloaded(office, number).state is AgreementState.IN_FORCE
    told = newest_status(office, number)
    assert (told["status"], told["follower"]) == ("change_done", draft.number)
    assert words_of(office, number) == [(RegistryStatus.IN_FORCE, "final")]
    anchor_all(office)
    for each in (number, draft.number):
        assert build_package(office, each).report.verdict is Verdict.PROVEN


def test_a_supplement_ends_with_its_main_contract(office: Office) -> None:
    number = in_force(office).number
    change = begun(office, number, ChangeTrigger.RENAME)
    draft = supplemented(office, change)
    formed(office, draft.number)
    settle_changes(office)
    change_status(office, number, StatusDeed.TERMINATE, reason="双方协商一致", by="desk")
    assert reloaded(office, draft.number).state is AgreementState.TERMINATED
    told = newest_status(office, draft.number)
    assert (told["status"], told["main"]) == ("terminated", number)
    words = [word for word, _ in words_of(office, draft.number)]
    assert words == [RegistryStatus.IN_FORCE, RegistryStatus.TERMINATED]


def test_one_change_at_a_time_and_the_same_order_again_is_the_same_change(office: Office) -> None:
    number = in_force(office).number
    asked = request(office, ChangeTrigger.RENAME)
    first = begin_change(office, number, ChangeTrigger.RENAME, asked, order_no="BG-A", by="desk")
    before = kinds_of(office, number)
    again = begin_change(office, number, ChangeTrigger.RENAME, asked, order_no="BG-A", by="other")
    assert again == first
    for order_no in ("BG-A", "BG-B"):
        with pytest.raises(ChangeOpenError, match="BG-A"):
            begin_change(
                office,
                number,
                ChangeTrigger.CLOSE,
                request(office, ChangeTrigger.CLOSE),
                order_no=order_no,
                by="desk",
            )
    with pytest.raises(ChangeOpenError):
        change_status(office, number, StatusDeed.RESUME, reason="r", by="desk")
    assert kinds_of(office, number) == before


def test_an_abandoned_amendment_leaves_the_contract_as_it_was_and_the_next_paper_is_b2(
    office: Office,
) -> None:
    number = in_force(office).number
    change = begun(office, number, ChangeTrigger.RENAME)
    draft = supplemented(office, change)
    with pytest.raises(ChangeOpenError):
        abandon_change(office, number, change.order_no, reason="r", by="desk")
    withdraw(office, draft.number, reason="客户撤回申请", by="drafter")
    assert settle_changes(office) == 1
    assert reloaded(office, number).state is AgreementState.IN_FORCE
    assert newest_status(office, number)["status"] == "change_abandoned"
    second = begun(office, number, ChangeTrigger.RENAME)
    assert supplemented(office, second).number == f"{number}(B2)"


def test_a_change_without_a_paper_is_given_up_with_a_reason(office: Office) -> None:
    number = in_force(office).number
    change = begun(office, number, ChangeTrigger.RENAME)
    with pytest.raises(NoChangeError):
        abandon_change(office, number, "OTHER", reason="r", by="desk")
    abandoned = abandon_change(office, number, change.order_no, reason="客户不办了", by="desk")
    assert abandoned.state is AgreementState.IN_FORCE
    with pytest.raises(NoChangeError):
        supplemented(office, change)


def test_a_paper_is_of_the_class_and_about_the_contract_that_the_change_asks_for(office: Office) -> None:
    number = in_force(office).number
    change = begun(office, number, ChangeTrigger.RENAME)
    wrong = (
        paper("termination", number),
        paper("supplement", "SGZJMZ00YXGY2699999"),
        load_terms(reloaded(office, number).terms),
    )
    for terms in wrong:
        with pytest.raises(NoChangeError):
            draft_follower(office, number, terms, order_no=change.order_no, by="drafter")


def test_a_termination_ends_the_main_contract_on_its_day_and_not_before(office: Office) -> None:
    number = in_force(office).number
    change = begun(office, number, ChangeTrigger.CLOSE)
    today = beijing_day(office.clock.now())
    terms = paper("termination", number, change_order_no=change.order_no)
    settled = replace(terms.settlement, settled_on=today)
    read = tuple(replace(one, read_on=today) for one in terms.readings)
    terms = replace(
        terms,
        valid_from=today + 3 * DAY,
        sign_by=today + 3 * DAY,
        main_formed_on=today,
        settlement=settled,
        readings=read,
    )
    draft = draft_follower(office, number, terms, order_no=change.order_no, by="drafter")
    formed(office, draft.number)
    assert settle_changes(later(office, days=2)) == 0
    assert settle_changes(later(office, days=3)) == 1
    assert reloaded(office, number).state is AgreementState.TERMINATED
    assert newest_status(office, number)["follower"] == draft.number
    assert words_of(office, number)[-1][0] is RegistryStatus.TERMINATED


def test_a_new_contract_supersedes_the_old_from_its_first_day(office: Office) -> None:
    old = in_force(office)
    terms = load_terms(old.terms)
    capacity = Decimal(99_999)
    change = begun(office, old.number, ChangeTrigger.CAPACITY_INCREASE, capacity_kva=capacity)
    assert reloaded(office, old.number).state is AgreementState.IN_FORCE
    draft = draft_follower(office, old.number, terms, order_no=change.order_no, by="drafter")
    assert "(B" not in draft.number
    formed(office, draft.number)
    assert settle_changes(office) == 1
    assert reloaded(office, old.number).state is AgreementState.SUPERSEDED
    anchor_all(office)
    assert words_of(office, old.number)[-1] == (RegistryStatus.SUPERSEDED, "final")


def test_a_renewed_contract_runs_to_its_end(office: Office) -> None:
    number = ending(office, 5)
    change = begin_renewal(office, number, order_no=fresh_order_no(), by="desk")
    assert reloaded(office, number).state is AgreementState.RENEWING
    terms = load_terms(reloaded(office, number).terms)
    following = replace(terms, valid_from=beijing_day(office.clock.now()) + 6 * DAY)
    draft = draft_follower(office, number, following, order_no=change.order_no, by="drafter")
    formed(office, draft.number)
    assert settle_changes(office) == 1
    assert reloaded(office, number).state is AgreementState.IN_FORCE
    with office.work() as work:
        span = work.life.find_span(number)
        assert span is not None
        work.life.save_span(replace(span, auto_renew=False))
        work.commit()
    expire_when_due(later(office, days=6))
    assert reloaded(office, number).state is AgreementState.EXPIRED
    with pytest.raises(NoTermError):
        begin_renewal(later(office, days=7), number, order_no="LATE", by="desk")


def test_suspensions_are_noted_on_the_contract_and_add_up_over_the_year(office: Office) -> None:
    number = in_force(office).number
    year = beijing_day(office.clock.now()).year + 1
    first = (date(year, 2, 1), date(year, 7, 20))
    begun(office, number, ChangeTrigger.SUSPEND, effective_on=first[0], until=first[1])
    assert reloaded(office, number).state is AgreementState.IN_FORCE
    assert newest_status(office, number)["status"] == "noticed"
    too_long = {"effective_on": date(year, 9, 1), "until": date(year, 9, 30)}
    with pytest.raises(ChangeRefusedError, match="CH-SUSPEND-3"):
        begun(office, number, ChangeTrigger.SUSPEND, **too_long)
    begun(office, number, ChangeTrigger.RESUME, effective_on=date(year, 3, 1))
    begun(office, number, ChangeTrigger.SUSPEND, **too_long)


def test_a_dispute_stops_a_change_and_its_settlement(office: Office) -> None:
    number = in_force(office).number
    change = begun(office, number, ChangeTrigger.RENAME)
    draft = supplemented(office, change)
    hold_for_dispute(office, number, reason="主体争议", case_no="", by="legal")
    formed(office, draft.number)
    assert settle_changes(office) == 0
    with pytest.raises(DisputeHoldError):
        abandon_change(office, number, change.order_no, reason="r", by="desk")
    with pytest.raises(DisputeHoldError):
        begun(office, number, ChangeTrigger.TEMP_SWAP)
    assert release_hold(office, number, outcome="和解", by="legal").state is AgreementState.AMENDING
    assert settle_changes(office) == 1
    assert reloaded(office, number).state is AgreementState.IN_FORCE


def test_what_never_was_or_is_no_more_is_not_changed(office: Office) -> None:
    with pytest.raises(NotExecutedError):
        begun(office, drafted(office).number, ChangeTrigger.RENAME)
    number = in_force(office).number
    with pytest.raises(ChangeRefusedError, match="CH-NEW"):
        begun(office, number, ChangeTrigger.NEW)
    change_status(office, number, StatusDeed.TERMINATE, reason="r", by="desk")
    for trigger in (ChangeTrigger.RENAME, ChangeTrigger.TEMP_SWAP):
        with pytest.raises(TransitionRefusedError):
            begun(office, number, trigger)


def test_a_main_contract_that_ended_meanwhile_closes_its_change(office: Office) -> None:
    number = in_force(office).number
    change = begun(office, number, ChangeTrigger.RENAME)
    supplemented(office, change)
    change_status(office, number, StatusDeed.TERMINATE, reason="双方协商一致", by="desk")
    assert settle_changes(office) == 1
    assert kinds_of(office, number)[-1] is RecordKind.AGREEMENT_STATUS
    with office.work() as work:
        assert [one.state for one in work.life.changes_of(number)] == ["abandoned"]
