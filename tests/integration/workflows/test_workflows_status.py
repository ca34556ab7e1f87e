"""How a contract stands, on a real chain: in force by itself, then what people decide, dated, never older."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from workflows_desk import anchor_all, executed, kinds_of, offered, reloaded, trail_words, words_of
from workflows_life import served_notice
from workflows_outages import TroubledChain

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState, TransitionRefusedError
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.verify import verify_package
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.ledger.status_word import RegistryStatus, read_word
from contracts_chain.workflows.anchor import advance_anchors
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import NotExecutedError, SuccessorMissingError, UnknownNumberError
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.standing import execution_record
from contracts_chain.workflows.status import StatusDeed, change_status
from kernel.verdict import Check, Verdict


def in_force(office: Office) -> AgreementDossier:
    dossier = executed(office)
    anchor_all(office)
    return reloaded(office, dossier.number)


def on_chain(office: Office, dossier: AgreementDossier) -> RegistryStatus:
    with office.work() as work:
        key = execution_record(work, dossier).leaf()
    return read_word(office.chain.capture_status(key).word)[0]


def step_11(office: Office, package: bytes, *, later: timedelta = timedelta(0)) -> Check:
    report = verify_package(package, office.trust, at=office.clock.now() + later)
    return next(check for check in report.checks if check.step == 11)


def change(office: Office, number: str, deed: StatusDeed, successor: str | None = None) -> AgreementDossier:
    notice = served_notice(office, number) if deed is StatusDeed.SUSPEND else None
    return change_status(
        office, number, deed, reason="双方协商一致", by="desk", successor=successor, notice=notice
    )


def test_an_executed_contract_enters_into_force_when_its_execution_is_final(office: Office) -> None:
    dossier = executed(office)
    assert dossier.state is AgreementState.EXECUTED
    assert on_chain(office, dossier) is RegistryStatus.NONE
    anchor_all(office)
    assert reloaded(office, dossier.number).state is AgreementState.IN_FORCE
    assert on_chain(office, dossier) is RegistryStatus.IN_FORCE
    handed = build_package(office, dossier.number)
    assert handed.report.verdict is Verdict.PROVEN
    assert step_11(office, handed.package).code == "in_force"
    assert words_of(office, dossier.number) == [(RegistryStatus.IN_FORCE, "final")]


def test_after_termination_an_old_package_proves_nothing_of_today_and_a_fresh_one_says_so(
    office: Office,
) -> None:
    dossier = in_force(office)
    old = build_package(office, dossier.number).package
    terminated = change(office, dossier.number, StatusDeed.TERMINATE)
    assert (terminated.state, terminated.evidence_state) == (AgreementState.TERMINATED, EvidenceState.LOGGED)
    anchor_all(office)
    too_old = step_11(office, old, later=office.trust.greatest_status_age + timedelta(minutes=1))
    assert (too_old.verdict, too_old.code) == (Verdict.UNDECIDED, "status_too_old")
    fresh = build_package(office, dossier.number)
    assert fresh.report.verdict is Verdict.PROVEN
    assert step_11(office, fresh.package).code == "terminated"
    assert kinds_of(office, dossier.number)[-1] is RecordKind.AGREEMENT_STATUS
    assert trail_words(office, dossier.number)[-1] == "status_changed"


def test_a_contract_is_superseded_by_an_executed_one_and_by_nothing_else(office: Office) -> None:
    old, new = in_force(office), in_force(office)
    for successor in (None, old.number):
        with pytest.raises(SuccessorMissingError):
            change(office, old.number, StatusDeed.SUPERSEDE, successor)
    with pytest.raises(UnknownNumberError):
        change(office, old.number, StatusDeed.SUPERSEDE, "SGZJMZ00YXGY2699999")
    with pytest.raises(SuccessorMissingError):
        change(office, old.number, StatusDeed.TERMINATE, new.number)
    change(office, old.number, StatusDeed.SUPERSEDE, new.number)
    anchor_all(office)
    with office.work() as work:
        proof = office.chain.capture_status(execution_record(work, old).leaf())
        assert read_word(proof.word)[1] == execution_record(work, new).leaf()
    assert on_chain(office, new) is RegistryStatus.IN_FORCE
    assert step_11(office, build_package(office, old.number).package).code == "superseded"


def test_a_suspended_contract_returns_to_force(office: Office) -> None:
    dossier = in_force(office)
    for deed, word in (
        (StatusDeed.SUSPEND, RegistryStatus.SUSPENDED),
        (StatusDeed.RESUME, RegistryStatus.IN_FORCE),
    ):
        change(office, dossier.number, deed)
        anchor_all(office)
        assert on_chain(office, dossier) is word
    with pytest.raises(TransitionRefusedError):
        change(office, dossier.number, StatusDeed.RESUME)
    assert build_package(office, dossier.number).report.verdict is Verdict.PROVEN


def test_words_asked_for_before_the_first_anchor_reach_the_chain_in_their_order(office: Office) -> None:
    dossier = executed(office)
    change(office, dossier.number, StatusDeed.SUSPEND)
    change(office, dossier.number, StatusDeed.TERMINATE)
    anchor_all(office)
    assert words_of(office, dossier.number) == [
        (RegistryStatus.IN_FORCE, "final"),
        (RegistryStatus.SUSPENDED, "final"),
        (RegistryStatus.TERMINATED, "final"),
    ]
    assert on_chain(office, dossier) is RegistryStatus.TERMINATED


def test_what_was_never_executed_has_no_standing_to_change(office: Office) -> None:
    number = offered(office).dossier.number
    before = kinds_of(office, number)
    with pytest.raises(NotExecutedError):
        change(office, number, StatusDeed.TERMINATE)
    assert kinds_of(office, number) == before


def test_a_terminated_contract_stays_terminated(office: Office) -> None:
    dossier = in_force(office)
    change(office, dossier.number, StatusDeed.TERMINATE)
    for deed in (StatusDeed.SUSPEND, StatusDeed.RESUME, StatusDeed.TERMINATE):
        with pytest.raises(TransitionRefusedError):
            change(office, dossier.number, deed)
    anchor_all(office)
    assert on_chain(office, dossier) is RegistryStatus.TERMINATED


@pytest.mark.parametrize(("method", "outage"), [("submit", "answer"), ("find_mined", "request")])
def test_an_outage_while_words_are_written_loses_none_and_doubles_none(
    office: Office, method: str, outage: str
) -> None:
    dossier = in_force(office)
    change(office, dossier.number, StatusDeed.TERMINATE)
    with pytest.raises(ChainUnavailableError):
        advance_anchors(replace(office, chain=TroubledChain(office.chain, method, outage=outage)))
    assert words_of(office, dossier.number)[-1] == (RegistryStatus.TERMINATED, "signed")
    anchor_all(office)
    assert words_of(office, dossier.number)[-1] == (RegistryStatus.TERMINATED, "final")
    assert on_chain(office, dossier) is RegistryStatus.TERMINATED


def test_the_installation_is_sound_after_every_change(office: Office) -> None:
    anchor_all(office)
    assert check_everything(office).findings == ()
    with office.work() as work:
        nonces = [one.nonce for one in work.transactions.all()]
        assert {one.state for one in work.transactions.all()} == {"final"}
    assert nonces == list(range(nonces[0], nonces[0] + len(nonces)))
