"""Anchoring on a real chain: one checkpoint at a time, each on the chain once, whatever fails between."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from workflows_desk import (
    anchor_all,
    anchored_sequences,
    approved,
    executed,
    newest_checkpoint,
    reloaded,
    wait_final,
)
from workflows_outages import TroubledChain

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.workflows.anchor import close_checkpoint
from contracts_chain.workflows.dossier import AgreementDossier, CheckpointFile
from contracts_chain.workflows.errors import NotYetFinalError
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from kernel.verdict import Verdict


def with_new_leaves(office: Office) -> str:
    """Anchor everything so far, then let one agreement be approved."""
    anchor_all(office)
    return approved(office).number


def advance_until_trouble(office: Office) -> None:
    with pytest.raises(ChainUnavailableError):
        wait_final(office)


def nonce_of(office: Office, checkpoint: CheckpointFile) -> int:
    with office.work() as work:
        found = work.transactions.newest_of("anchor", checkpoint.sequence)
    assert found is not None
    return found.nonce


def test_evidence_goes_from_logged_to_final_and_the_package_is_proven(office: Office) -> None:
    dossier = executed(office)
    assert reloaded(office, dossier.number).evidence_state is EvidenceState.LOGGED
    with pytest.raises(NotYetFinalError):
        build_package(office, dossier.number)
    anchor_all(office)
    assert reloaded(office, dossier.number).evidence_state is EvidenceState.FINAL
    assert build_package(office, dossier.number).report.verdict is Verdict.PROVEN


def test_final_leaves_of_an_unsigned_contract_make_no_package(office: Office) -> None:
    number = with_new_leaves(office)
    anchor_all(office)
    with pytest.raises(NotYetFinalError):
        build_package(office, number)


def test_nothing_is_closed_when_every_leaf_is_covered(office: Office) -> None:
    with_new_leaves(office)
    anchor_all(office)
    before = newest_checkpoint(office)
    assert close_checkpoint(office) is None
    assert newest_checkpoint(office) == before


def test_a_checkpoint_under_way_is_not_overtaken_by_another(office: Office) -> None:
    with_new_leaves(office)
    first = close_checkpoint(office)
    approved(office)
    assert close_checkpoint(office) == first
    wait_final(office)
    second = close_checkpoint(office)
    assert first is not None
    assert second is not None
    assert second.sequence == first.sequence + 1
    wait_final(office)
    assert nonce_of(office, second) == nonce_of(office, first) + 1


def test_two_who_close_at_once_close_one_checkpoint(office: Office) -> None:
    with_new_leaves(office)
    before, start = newest_checkpoint(office), threading.Barrier(2)
    closed: list[CheckpointFile | None] = []

    def close() -> None:
        start.wait()
        closed.append(close_checkpoint(office))

    threads = [threading.Thread(target=close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert closed[0] == closed[1] == newest_checkpoint(office)
    assert newest_checkpoint(office).sequence == before.sequence + 1
    wait_final(office)


@pytest.mark.parametrize(
    ("method", "outage", "state"),
    [
        ("submit", "request", "signed"),
        ("submit", "answer", "signed"),
        ("find_mined", "request", "sent"),
        ("find_mined", "answer", "sent"),
        ("capture", "request", "mined"),
        ("capture", "answer", "mined"),
    ],
)
def test_an_outage_leaves_the_checkpoint_where_it_was_and_it_is_anchored_once(
    office: Office, method: str, outage: str, state: str
) -> None:
    number = with_new_leaves(office)
    closed = close_checkpoint(office)
    assert closed is not None
    advance_until_trouble(replace(office, chain=TroubledChain(office.chain, method, outage=outage)))
    stuck = newest_checkpoint(office)
    assert (stuck.sequence, stuck.state) == (closed.sequence, state)
    assert reloaded(office, number).evidence_state is not EvidenceState.FINAL
    with office.work() as work:
        signed = work.transactions.in_flight()
    wait_final(office)
    assert newest_checkpoint(office).state == "final"
    with office.work() as work:
        final = work.transactions.newest_of("anchor", closed.sequence)
    assert signed is not None
    assert final is not None
    assert (final.nonce, final.raw_transaction) == (signed.nonce, signed.raw_transaction)
    assert anchored_sequences(office).count(closed.sequence) == 1
    assert reloaded(office, number).evidence_state is EvidenceState.FINAL


@pytest.mark.parametrize("method", ["submit", "find_mined", "capture"])
def test_who_is_overtaken_while_anchoring_does_not_take_finality_back(office: Office, method: str) -> None:
    number = with_new_leaves(office)
    closed = close_checkpoint(office)
    assert closed is not None
    slow = TroubledChain(office.chain, method, outage=None, before=lambda: wait_final(office))
    states: list[str] = []
    watched = TroubledChain(
        slow, "capture", outage=None, before=lambda: states.append(newest_checkpoint(office).state)
    )
    wait_final(replace(office, chain=watched))
    finished = newest_checkpoint(office)
    assert set(states) <= ({"mined"} if method == "capture" else {"final"})
    assert (finished.state, finished.sequence) == ("final", closed.sequence)
    assert finished.proof is not None
    assert reloaded(office, number).evidence_state is EvidenceState.FINAL
    assert anchored_sequences(office).count(closed.sequence) == 1


@pytest.mark.parametrize("method", ["header", "capture_status"])
def test_no_package_is_given_while_the_chain_does_not_answer(
    office: Office, signed: AgreementDossier, method: str
) -> None:
    anchor_all(office)
    with pytest.raises(ChainUnavailableError):
        build_package(replace(office, chain=TroubledChain(office.chain, method)), signed.number)


def test_fsck_says_nothing_about_a_chain_that_does_not_answer(office: Office) -> None:
    with pytest.raises(ChainUnavailableError):
        check_everything(replace(office, chain=TroubledChain(office.chain, "read_checkpoints")))


def test_the_installation_is_sound_after_every_outage(office: Office) -> None:
    anchor_all(office)
    report = check_everything(office)
    assert report.findings == ()
    assert anchored_sequences(office) == list(range(1, report.checkpoints + 1))
