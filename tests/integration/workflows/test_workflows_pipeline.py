"""The pipeline when others fail or cheat: witnesses away, refused transactions, a stolen key."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from trial_settings import trial_settings
from workflows_desk import (
    PATIENCE_SECONDS,
    anchor_all,
    anchored_sequences,
    approved,
    executed,
    newest_checkpoint,
    reloaded,
    wait_final,
)

from api.app import desk_of
from api.house import House, open_house
from api.worker import anchor_what_is_due
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.evidence.checkpoint import verify_cosignatures
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.witness_errors import WitnessQuorumError
from contracts_chain.ledger.anchor_port import AnchorChain, SignedTransaction
from contracts_chain.workflows.anchor import advance_anchors, close_checkpoint, close_when_due, flush
from contracts_chain.workflows.dossier import TransactionFile
from contracts_chain.workflows.errors import AnchoredElsewhereError, NotFlushedError
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.reconcile import reconcile
from kernel.clock import FixedClock
from kernel.sized_bytes import Bytes32, RootHash


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that these tests may spoil."""
    data_dir = tmp_path_factory.mktemp("pipeline") / "house"
    with open_house(trial_settings(data_dir)) as running:
        yield running


class NoWitnesses:
    """Nobody answers."""

    def cosign(self, note: str, size: int, consistency: Callable[[int], Sequence[Bytes32]]) -> str:
        raise WitnessQuorumError(have=0, need=2, missing=())


class ChainThatSigns:
    """The real chain, but anchors are signed as the test wants."""

    def __init__(self, real: AnchorChain, sign: Callable[..., SignedTransaction]) -> None:
        self._real, self._sign = real, sign

    def __getattr__(self, name: str) -> object:
        return self._sign if name == "sign_anchor" else getattr(self._real, name)


def later(office: Office, by: timedelta) -> Office:
    return replace(office, clock=FixedClock(office.clock.now() + by))


def anchors_of(office: Office, sequence: int) -> list[TransactionFile]:
    with office.work() as work:
        return [one for one in work.transactions.all() if (one.kind, one.ref) == ("anchor", sequence)]


def advanced_until(office: Office, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline
        advance_anchors(office)
        threading.Event().wait(0.01)


def failed(office: Office, sequence: int) -> Callable[[], bool]:
    return lambda: any(one.state == "failed" for one in anchors_of(office, sequence))


def alarm_codes(office: Office) -> list[str]:
    with office.work() as work:
        return [alarm.code for alarm in work.alarms.all()]


def test_a_checkpoint_is_cosigned_by_a_quorum_before_it_is_signed_for_the_chain(office: Office) -> None:
    approved(office)
    anchor_all(office)
    note = newest_checkpoint(office).note
    lines = verify_cosignatures(note, office.trust.witnesses, office.trust.witness_quorum)
    assert len(lines) >= office.trust.witness_quorum == 2


def test_with_the_witnesses_away_a_checkpoint_waits_and_nothing_is_lost(office: Office) -> None:
    number = approved(office).number
    alone = replace(office, witnesses=NoWitnesses())
    closed = close_checkpoint(alone)
    for _ in range(2):
        with pytest.raises(WitnessQuorumError):
            advance_anchors(alone)
    assert closed is not None
    assert newest_checkpoint(office) == closed
    assert anchors_of(office, closed.sequence) == []
    wait_final(office)
    assert newest_checkpoint(office).state == "final"
    assert reloaded(office, number).evidence_state is EvidenceState.FINAL


def test_a_batch_is_closed_when_it_is_full_or_old_and_not_before(office: Office) -> None:
    anchor_all(office)
    approved(office)
    hour = timedelta(hours=1)
    assert close_when_due(office, most=1000, age=hour) is None
    assert close_when_due(later(office, hour), most=1000, age=hour) is not None
    wait_final(office)
    approved(office)
    full = close_when_due(office, most=1, age=hour)
    assert full is not None
    assert full.size == newest_checkpoint(office).size
    wait_final(office)


def test_a_completed_contract_does_not_wait_for_the_batch(house: House, office: Office) -> None:
    anchor_all(office)
    patient = house.settings.model_copy(update={"anchor_age_seconds": 3600.0})
    desk = desk_of(replace(house, settings=patient))
    number = executed(office).number
    deadline = time.monotonic() + PATIENCE_SECONDS
    while reloaded(office, number).state is not AgreementState.IN_FORCE:
        assert time.monotonic() < deadline
        anchor_what_is_due(desk)


def test_flushing_brings_every_leaf_of_before_to_finality_or_says_that_it_did_not(office: Office) -> None:
    numbers = [approved(office).number for _ in range(3)]
    with pytest.raises(NotFlushedError):
        flush(office, patience_seconds=0, most=1)
    flush(office, patience_seconds=PATIENCE_SECONDS, most=2)
    for number in numbers:
        assert reloaded(office, number).evidence_state is EvidenceState.FINAL
    flush(office, patience_seconds=0)


def test_a_refused_transaction_fails_with_its_reason_and_another_takes_its_place(office: Office) -> None:
    anchor_all(office)
    number = approved(office).number
    real = office.chain

    def forged(sequence: int, size: int, root: RootHash, proof: object, nonce: int) -> SignedTransaction:
        del proof
        return real.sign_anchor(sequence, size, root, (), nonce)

    closed = close_checkpoint(office)
    assert closed is not None
    sequence = closed.sequence
    advanced_until(replace(office, chain=ChainThatSigns(real, forged)), failed(office, sequence))
    (refused,) = anchors_of(office, sequence)
    assert "anchor_reverted" in (refused.reason or "")
    assert newest_checkpoint(office).state == "cosigned"
    assert not advance_anchors(office)
    assert len(anchors_of(office, sequence)) == 1
    wait_final(later(office, timedelta(minutes=1)))
    assert [one.state for one in anchors_of(office, sequence)] == ["failed", "final"]
    assert reloaded(office, number).evidence_state is EvidenceState.FINAL
    assert anchored_sequences(office).count(sequence) == 1
    assert alarm_codes(office) == ["transaction_failed"]


def test_a_nonce_taken_by_somebody_else_is_noticed_and_passed_over(office: Office) -> None:
    anchor_all(office)
    approved(office)
    with office.work() as work:
        spent = work.transactions.newest()
    assert spent is not None
    theirs = office.chain.sign_twin(99_999, Bytes32(bytes(31) + b"\1"), spent.nonce + 1)
    office.chain.submit(theirs)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while office.chain.next_nonce() <= spent.nonce + 1:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    closed = close_checkpoint(office)
    assert closed is not None
    advanced_until(office, failed(office, closed.sequence))
    wait_final(later(office, timedelta(minutes=1)))
    first, second = anchors_of(office, closed.sequence)
    assert (first.reason, second.state) == ("nonce_taken", "final")
    assert second.nonce == first.nonce + 1
    assert check_everything(office).findings == ()
    assert {alarm.code for alarm in reconcile(office)} == {"transaction_failed"}


def test_an_anchor_by_a_thief_of_the_key_is_an_alarm_and_is_never_adopted(office: Office) -> None:
    anchor_all(office)
    approved(office)
    head = newest_checkpoint(office)
    with office.work() as work:  # what the thief's copy of the database would anchor; rolled back here
        forged = b"a record that was never made here"
        work.log.append("THEIRS", hash_leaf(forged), forged, office.clock.now())
        size = work.log.sequence_pending(10)
        root, proof = work.log.root(size), work.log.consistency(head.size, size)
    nonce = office.chain.next_nonce()
    theirs = office.chain.sign_anchor(head.sequence + 1, size, root, proof, nonce)
    office.chain.submit(theirs)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while office.chain.find_mined(theirs.hash) is None:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    assert "anchor_unknown" in {alarm.code for alarm in reconcile(office)}
    assert {finding.code for finding in check_everything(office).findings} == {"not_stored", "size_unknown"}
    close_checkpoint(office)
    advanced_until(office, failed(office, head.sequence + 1))
    with pytest.raises(AnchoredElsewhereError):
        wait_final(later(office, timedelta(minutes=1)))
    assert newest_checkpoint(office).state == "cosigned"
    assert "anchored_elsewhere" in alarm_codes(office)
