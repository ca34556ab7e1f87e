"""What every store of the pipeline to the chain must do; part of ``repository_behaviour``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dossiers
import pytest

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    Alarm,
    CheckpointFile,
    CrossAnchorFile,
    SlotFile,
    StatusChangeFile,
    TransactionFile,
    TwinAnchorFile,
)
from kernel.digests import sha256
from kernel.sized_bytes import BlockHash, LeafHash, RootHash, TransactionHash

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
NUMBER = "SGZJMZ00YXGY2600001"


def a_dossier(**changes: Any) -> AgreementDossier:
    slot = SlotFile(
        ordinal=0,
        field="ConsumerSeal",
        role="consumer",
        kind="seal",
        signer_name="王示例",
        organisation="示例有限公司",
        organisation_id="91330200MA00000000",
        seal_name="合同专用章",
    )
    return dossiers.a_dossier(slots=(slot,), **changes)


def a_leaf(record: bytes) -> LeafHash:
    return LeafHash(sha256(record))


def a_checkpoint(sequence: int, size: int) -> CheckpointFile:
    return CheckpointFile(
        sequence=sequence, size=size, root=RootHash(bytes(32)), note="note", state="closed", closed_utc=NOW
    )


def a_transaction(nonce: int, **changes: Any) -> TransactionFile:
    plain = TransactionFile(
        nonce=nonce,
        kind="anchor",
        ref=nonce + 1,
        raw_transaction=b"raw",
        transaction_hash=TransactionHash(sha256(bytes([nonce]))),
        state="signed",
        signed_utc=NOW,
    )
    return replace(plain, **changes)


def a_change(status: RegistryStatus = RegistryStatus.IN_FORCE) -> StatusChangeFile:
    return StatusChangeFile(number=NUMBER, key=a_leaf(b"key"), status=status, successor=None, asked_utc=NOW)


def a_deposit(place: str, sequence: int, size: int) -> CrossAnchorFile:
    return CrossAnchorFile(
        place=place,
        kind="file",
        sequence=sequence,
        size=size,
        header_number=size,
        header_hash=BlockHash(sha256(bytes([size]))),
        intended_utc=NOW,
    )


def taken_in(work: Any, *records: bytes, subject: str = NUMBER) -> None:
    for record in records:
        work.log.append(subject, a_leaf(record), record, NOW)


class ChainBehaviour:
    """Every test takes ``open_work``; its type differs between the fake and PostgreSQL."""

    def test_a_checkpoint_moves_on_but_what_was_closed_stays(self, open_work: Any) -> None:
        closed = a_checkpoint(1, 2)
        with open_work() as work:
            assert (work.checkpoints.newest(), work.checkpoints.newest_final()) == (None, None)
            work.checkpoints.add(closed)
            work.checkpoints.save(replace(closed, state="cosigned", note="cosigned note", size=9))
            work.commit()
        with open_work() as work:
            cosigned = replace(closed, state="cosigned", note="cosigned note")
            assert (work.checkpoints.newest(), work.checkpoints.unfinished()) == (cosigned, (cosigned,))
            assert work.checkpoints.load(1) == cosigned
            assert (work.checkpoints.covering(0), work.checkpoints.newest_final()) == (None, None)
            with pytest.raises(KeyError):
                work.checkpoints.load(2)

    def test_a_leaf_is_covered_by_the_first_final_checkpoint_above_it(self, open_work: Any) -> None:
        with open_work() as work:
            for sequence, size in ((1, 2), (2, 5), (3, 6)):
                work.checkpoints.add(a_checkpoint(sequence, size))
                if sequence < 3:
                    final = replace(a_checkpoint(sequence, size), state="final", proof=b"{}")
                    work.checkpoints.save(final)
            assert [one.sequence for one in work.checkpoints.all()] == [1, 2, 3]
            assert [one.sequence for one in work.checkpoints.since(2)] == [2, 3]
            assert [one.sequence for one in work.checkpoints.unfinished()] == [3]
            assert work.checkpoints.newest_final() == final
            covering = [work.checkpoints.covering(index) for index in (0, 1, 2, 4)]
            assert [one.sequence for one in covering] == [1, 1, 2, 2]
            assert work.checkpoints.covering(5) is None

    @pytest.mark.parametrize(
        ("first", "size", "expected"),
        [
            (0, 1, EvidenceState.LOGGED),
            (0, 2, EvidenceState.FINAL),
            (1, 3, EvidenceState.FINAL),
            (2, 3, EvidenceState.LOGGED),
        ],
    )
    def test_an_agreement_is_marked_by_the_checkpoint_that_adds_its_newest_leaf(
        self, open_work: Any, first: int, size: int, expected: EvidenceState
    ) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier(evidence_state=EvidenceState.LOGGED))
            taken_in(work, b"a", b"b")
            work.log.sequence_pending(2)
            work.checkpoints.mark_covered(first, size, EvidenceState.FINAL)
            work.checkpoints.mark_covered(first, size, EvidenceState.ANCHORED)
            assert work.agreements.load(NUMBER).evidence_state is expected

    def test_an_agreement_with_a_leaf_still_waiting_or_none_at_all_is_not_marked(
        self, open_work: Any
    ) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier(evidence_state=EvidenceState.LOGGED))
            work.agreements.add(
                a_dossier(number="WITHOUT", order_no="2", evidence_state=EvidenceState.LOGGED)
            )
            taken_in(work, b"a", b"b")
            work.log.sequence_pending(1)
            work.checkpoints.mark_covered(0, 100, EvidenceState.FINAL)
            for number in (NUMBER, "WITHOUT"):
                assert work.agreements.load(number).evidence_state is EvidenceState.LOGGED

    def test_only_final_evidence_is_cross_anchored_and_nothing_goes_back(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier(evidence_state=EvidenceState.LOGGED))
            taken_in(work, b"a")
            work.log.sequence_pending(1)
            for state, reached in (
                (EvidenceState.CROSS_ANCHORED, EvidenceState.LOGGED),
                (EvidenceState.FINAL, EvidenceState.FINAL),
                (EvidenceState.CROSS_ANCHORED, EvidenceState.CROSS_ANCHORED),
                (EvidenceState.FINAL, EvidenceState.CROSS_ANCHORED),
            ):
                work.checkpoints.mark_covered(0, 1, state)
                assert work.agreements.load(NUMBER).evidence_state is reached

    def test_a_transaction_keeps_its_bytes_and_one_is_in_flight_until_it_ends(self, open_work: Any) -> None:
        signed = a_transaction(7)
        with open_work() as work:
            assert (work.transactions.newest(), work.transactions.in_flight()) == (None, None)
            work.transactions.lock()
            work.transactions.add(signed)
            work.transactions.save(replace(signed, state="mined", block_number=9, gas_used=80, ref=99))
            work.commit()
        with open_work() as work:
            mined = replace(signed, state="mined", block_number=9, gas_used=80)
            assert work.transactions.in_flight() == work.transactions.load(7) == mined
            work.transactions.save(replace(mined, state="failed", reason="reverted"))
            assert work.transactions.in_flight() is None
            work.transactions.add(a_transaction(8, ref=signed.ref))
            newest = work.transactions.newest_of("anchor", signed.ref)
            assert newest == work.transactions.newest() == work.transactions.in_flight()
            assert work.transactions.newest_of("status", signed.ref) is None
            assert [one.nonce for one in work.transactions.all()] == [7, 8]
            with pytest.raises(KeyError):
                work.transactions.load(9)

    def test_status_words_wait_in_order_and_travel_by_batch(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.status_changes.add(a_change())
            work.status_changes.add(a_change(RegistryStatus.TERMINATED))
            first, second = work.status_changes.waiting(9)
            assert (first.status, second.status) == (RegistryStatus.IN_FORCE, RegistryStatus.TERMINATED)
            assert work.status_changes.waiting(1) == (first,)
            work.transactions.add(a_transaction(3, kind="status"))
            work.status_changes.save(replace(first, state="signed", nonce=3, key=a_leaf(b"other")))
            work.commit()
        with open_work() as work:
            carried = replace(first, state="signed", nonce=3)
            assert work.status_changes.of_batch(3) == (carried,)
            assert work.status_changes.of_agreement(NUMBER) == (carried, second)
            assert work.status_changes.waiting(9) == (second,)

    def test_a_leaf_has_a_place_once_it_is_in_order(self, open_work: Any) -> None:
        with open_work() as work:
            taken_in(work, b"a", b"b")
            work.log.sequence_pending(1)
            assert work.status_changes.place(a_leaf(b"a")) == 0
            assert work.status_changes.place(a_leaf(b"b")) is None

    def test_executed_agreements_are_told_apart_by_whether_their_evidence_is_final(
        self, open_work: Any
    ) -> None:
        with open_work() as work:
            for number, state, evidence in (
                ("A", AgreementState.EXECUTED, EvidenceState.FINAL),
                ("B", AgreementState.EXECUTED, EvidenceState.LOGGED),
                ("C", AgreementState.IN_FORCE, EvidenceState.FINAL),
                ("D", AgreementState.EXECUTED, EvidenceState.CROSS_ANCHORED),
            ):
                work.agreements.add(
                    a_dossier(number=number, order_no=number, state=state, evidence_state=evidence)
                )
            assert work.status_changes.executed(final=True, most=9) == ("A", "D")
            assert work.status_changes.executed(final=True, most=1) == ("A",)
            assert work.status_changes.executed(final=False, most=9) == ("B",)

    def test_a_renewal_is_one_at_a_time_and_covers_the_leaves_below_its_size(self, open_work: Any) -> None:
        with open_work() as work:
            work.checkpoints.add(a_checkpoint(1, 5))
            asked = work.twin_anchors.add(TwinAnchorFile(asked_utc=NOW))
            assert work.twin_anchors.unfinished() == work.twin_anchors.load(asked.id) == asked
            final = replace(asked, state="final", sequence=1, size=5, twin_root=sha256(b"twin"), proof=b"{}")
            work.twin_anchors.save(final)
            work.commit()
        with open_work() as work:
            assert work.twin_anchors.unfinished() is None
            assert work.twin_anchors.newest_final() == work.twin_anchors.covering(4) == final
            assert work.twin_anchors.covering(5) is None
            with pytest.raises(KeyError):
                work.twin_anchors.load(asked.id + 1)

    def test_a_header_is_deposited_once_a_place_and_the_smallest_above_a_leaf_is_shown(
        self, open_work: Any
    ) -> None:
        with open_work() as work:
            for sequence, size in ((1, 2), (2, 5)):
                work.checkpoints.add(a_checkpoint(sequence, size))
                for place in ("file", "tsa"):
                    first = work.cross_anchors.open(a_deposit(place, sequence, size))
                    later = replace(first, intended_utc=NOW + timedelta(days=1))
                    assert work.cross_anchors.open(later) == first
            assert len(work.cross_anchors.pending()) == 4
            assert (work.cross_anchors.covered_size(), work.cross_anchors.covering(0)) == (0, ())
            done = replace(a_deposit("file", 2, 5), proof=b"line", deposited_utc=NOW)
            work.cross_anchors.save(done)
            assert (work.cross_anchors.covered_size(), work.cross_anchors.covering(0)) == (5, (done,))
            work.cross_anchors.save(replace(a_deposit("file", 1, 2), proof=b"line", deposited_utc=NOW))
            assert [one.size for one in work.cross_anchors.covering(0)] == [2]
            assert [one.size for one in work.cross_anchors.covering(2)] == [5]
            assert work.cross_anchors.newest("file") == done
            assert work.cross_anchors.newest("nowhere") is None

    def test_an_alarm_stands_once_until_it_is_cleared_and_may_then_come_back(self, open_work: Any) -> None:
        alarm = Alarm(code="anchor_unknown", subject="checkpoint 3", en="e", zh="z", raised_utc=NOW)
        with open_work() as work:
            assert work.alarms.raise_once(alarm)
            assert not work.alarms.raise_once(replace(alarm, raised_utc=NOW + timedelta(days=1)))
            assert work.alarms.all() == (alarm,)
            assert not work.alarms.clear("anchor_unknown", "checkpoint 4", by="operator", at=NOW)
            assert work.alarms.clear("anchor_unknown", "checkpoint 3", by="operator", at=NOW)
            assert work.alarms.all() == ()
            assert work.alarms.raise_once(alarm)
