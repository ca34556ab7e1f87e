"""A witness never cosigns two histories, whatever comes in whatever order; and says why it refuses."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from fake_witnesses import FakeMemory, FakeWitnesses, a_witness, trusted
from hypothesis import given
from hypothesis import strategies as st
from witnesses_behaviour import LOG_KEY, LOG_PUBLIC, ORIGIN, Panel, WitnessesBehaviour, a_log, note_of

from contracts_chain.evidence.checkpoint import (
    CheckpointSignatureError,
    load_log_key,
    read_checkpoint,
    sign_checkpoint,
    verify_cosignatures,
)
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.signed_note import read_note
from contracts_chain.evidence.witness import Witness
from contracts_chain.evidence.witness_errors import (
    CheckpointForkError,
    InconsistentCheckpointError,
    MalformedSubmissionError,
    OldSizeError,
    UnknownLogError,
    WitnessMemoryError,
)
from contracts_chain.evidence.witness_submission import Submission
from kernel.atomic_file import DiskFullError
from kernel.clock import FixedClock
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Bytes32

CLOCK = FixedClock(datetime(2026, 11, 22, 5, 0, tzinfo=UTC))
LOG = a_log(40)
OTHER = a_log(40, "rewritten", same=10)
NODES = st.binary(min_size=32, max_size=32).map(Bytes32)


class TestFakeWitnesses(WitnessesBehaviour):
    @pytest.fixture
    def panel(self) -> Panel:
        return _FakePanel()


class _FakePanel:
    def __init__(self) -> None:
        self.witnesses = FakeWitnesses.of_three(ORIGIN, LOG_PUBLIC, CLOCK)
        self.trusted = self.witnesses.trusted
        self.send_away = self.witnesses.send_away


def watching(memory: FakeMemory | None = None) -> Witness:
    return a_witness("notary.test/witness", {ORIGIN: (LOG_PUBLIC,)}, CLOCK, memory)


def step(log: MerkleLog, old: int, new: int) -> Submission:
    path = log.consistency(old, new) if 0 < old < new else ()
    return Submission(old_size=old, path=path, note=note_of(log, new))


@given(st.integers(0, 2**62), st.lists(NODES, max_size=63), st.integers(0, 40))
def test_a_submission_is_read_back_from_its_bytes(old: int, path: list[Bytes32], size: int) -> None:
    submission = Submission(old_size=old, path=tuple(path), note=note_of(LOG, size))
    assert Submission.parse(submission.body()) == submission


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 0\n",
        b"old 01\n\nnote",
        b"old -1\n\nnote",
        b"old \n\nnote",
        b"old 1 \n\nnote",
        b"OLD 1\n\nnote",
        b"old " + b"9" * 20 + b"\n\nnote",
        b"old 1\nAAAA\n\nnote",
        b"old 1\n" + b"A" * 43 + b"B=\n\nnote",
        b"old 1\n" + b"A" * 42 + b"B=\n\nnote",
        b"old 1\n" + b"A" * 43 + b"=\r\n\nnote",
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\nnote",
        b"\xff\n\nnote",
    ],
)
def test_a_body_of_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedSubmissionError):
        Submission.parse(body)


def test_the_first_checkpoint_is_cosigned_and_the_cosignature_holds() -> None:
    witness = watching()
    line = witness.add_checkpoint(step(LOG, 0, 7))
    (found,) = verify_cosignatures(note_of(LOG, 7) + line, [trusted(witness)], 1)
    assert found.time_utc == CLOCK.now()


def test_the_note_is_kept_before_the_signature_exists() -> None:
    class Full(FakeMemory):
        def keep(self, origin: str, note: str) -> None:
            raise DiskFullError("no space left", "磁盘已满")

    witness = watching(Full())
    with pytest.raises(DiskFullError):
        witness.add_checkpoint(step(LOG, 0, 7))
    assert witness.held(ORIGIN) is None


def test_a_damaged_memory_stops_the_witness() -> None:
    memory = FakeMemory()
    memory.notes[ORIGIN] = ""
    with pytest.raises(WitnessMemoryError):
        watching(memory).add_checkpoint(step(LOG, 0, 7))


def test_a_log_it_does_not_watch_is_refused() -> None:
    stranger = note_of(LOG, 7).replace(ORIGIN, "other.test/log")
    with pytest.raises(UnknownLogError):
        watching().add_checkpoint(Submission(old_size=0, path=(), note=stranger))
    with pytest.raises(UnknownLogError):
        watching().held("other.test/log")


def test_a_note_by_another_key_is_refused() -> None:
    forged = sign_checkpoint(read_checkpoint(note_of(LOG, 7)), load_log_key(b"\x01" * 32))
    with pytest.raises(CheckpointSignatureError):
        watching().add_checkpoint(Submission(old_size=0, path=(), note=forged))


def test_a_log_may_change_its_key_while_both_are_trusted() -> None:
    new_key = load_log_key(b"\x02" * 32)
    keys = {ORIGIN: (LOG_PUBLIC, Bytes32(new_key.public_key().public_bytes_raw()))}
    witness = a_witness("notary.test/witness", keys, CLOCK)
    witness.add_checkpoint(step(LOG, 0, 7))
    renewed = sign_checkpoint(read_checkpoint(note_of(LOG, 9)), new_key)
    witness.add_checkpoint(Submission(old_size=7, path=LOG.consistency(7, 9), note=renewed))


def test_a_text_that_is_no_checkpoint_is_refused() -> None:
    for note in ("", "hello\n\n", note_of(LOG, 7).replace("7\n", "07\n")):
        with pytest.raises(MalformedSubmissionError):
            watching().add_checkpoint(Submission(old_size=0, path=(), note=note))


def test_an_old_size_above_the_checkpoint_s_is_refused() -> None:
    with pytest.raises(MalformedSubmissionError):
        watching().add_checkpoint(Submission(old_size=8, path=(), note=note_of(LOG, 7)))


def test_another_old_size_than_held_is_answered_with_the_size_held() -> None:
    witness = watching()
    witness.add_checkpoint(step(LOG, 0, 7))
    for old in (0, 6, 8):
        with pytest.raises(OldSizeError) as caught:
            witness.add_checkpoint(step(LOG, old, 9))
        assert caught.value.held == 7


def test_a_rollback_is_refused() -> None:
    witness = watching()
    witness.add_checkpoint(step(LOG, 0, 9))
    with pytest.raises(OldSizeError):
        witness.add_checkpoint(step(LOG, 7, 7))
    assert read_checkpoint(witness.held(ORIGIN) or "").size == 9


@pytest.mark.parametrize("old", [0, 20])
def test_two_roots_of_one_size_are_kept_as_evidence(old: int) -> None:
    memory = FakeMemory()
    witness = watching(memory)
    witness.add_checkpoint(step(LOG, 0, 20))
    with pytest.raises(CheckpointForkError if old else OldSizeError):
        witness.add_checkpoint(Submission(old_size=old, path=(), note=note_of(OTHER, 20)))
    assert memory.forks == [(ORIGIN, note_of(LOG, 20), note_of(OTHER, 20))]
    assert witness.held(ORIGIN) == note_of(LOG, 20)


@pytest.mark.parametrize(
    "path",
    [
        (),
        LOG.consistency(20, 30)[:-1],
        (*LOG.consistency(20, 30), Bytes32(bytes(32))),
        OTHER.consistency(20, 30),
    ],
)
def test_a_proof_that_does_not_hold_is_refused_and_the_fork_not_cosigned(path: tuple[Bytes32, ...]) -> None:
    witness = watching()
    witness.add_checkpoint(step(LOG, 0, 20))
    with pytest.raises(InconsistentCheckpointError) as caught:
        witness.add_checkpoint(Submission(old_size=20, path=path, note=note_of(OTHER, 30)))
    assert caught.value.held.root == LOG.root(20)


def test_the_empty_log_has_one_root_and_takes_no_proof() -> None:
    witness = watching()
    wrong = sign_checkpoint(
        read_checkpoint(
            note_of(MerkleLog(), 0).replace(note_of(MerkleLog(), 0).split("\n")[2], "A" * 43 + "=")
        ),
        LOG_KEY,
    )
    with pytest.raises(InconsistentCheckpointError):
        witness.add_checkpoint(Submission(old_size=0, path=(), note=wrong))
    with pytest.raises(InconsistentCheckpointError):
        witness.add_checkpoint(Submission(old_size=0, path=(Bytes32(bytes(32)),), note=note_of(LOG, 7)))
    witness.add_checkpoint(step(MerkleLog(), 0, 0))
    witness.add_checkpoint(step(LOG, 0, 7))


def test_a_name_no_key_may_bear_is_refused() -> None:
    for name in ("", "two words", "plus+sign", "line\nbreak"):
        with pytest.raises(ValueError, match="no name"):
            a_witness(name, {}, CLOCK)


ATTEMPTS = st.lists(
    st.tuples(st.sampled_from([LOG, OTHER]), st.integers(0, 40), st.integers(0, 40), st.booleans()),
    max_size=12,
)


@given(ATTEMPTS)
def test_whatever_is_tried_every_cosigned_checkpoint_extends_the_one_before(
    attempts: list[tuple[MerkleLog, int, int, bool]],
) -> None:
    memory = FakeMemory()
    cosigned = []
    for log, old, new, afresh in attempts:
        witness = watching(memory)  # a new process over the same memory
        held = read_checkpoint(memory.notes[ORIGIN]).size if ORIGIN in memory.notes else 0
        start = old if afresh else held
        try:
            witness.add_checkpoint(step(log, start, new) if start <= new else step(log, 0, new))
        except ContractsChainError:
            continue
        cosigned.append(read_checkpoint(note_of(log, new)))
    for earlier, later in pairwise(cosigned):
        assert any(
            (log.root(earlier.size), log.root(later.size)) == (earlier.root, later.root)
            for log in (LOG, OTHER)
        )
        assert earlier.size <= later.size


def test_many_threads_get_cosignatures_of_one_history_only() -> None:
    witness = watching()
    witness.add_checkpoint(step(LOG, 0, 10))
    lines: list[tuple[str, str]] = []

    def try_to_grow(log: MerkleLog) -> None:
        note = note_of(log, 20)
        try:
            lines.append((note, witness.add_checkpoint(step(log, 10, 20))))
        except (OldSizeError, CheckpointForkError):
            return

    threads = [threading.Thread(target=try_to_grow, args=(log,)) for log in (LOG, OTHER) * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({note for note, _ in lines}) == 1


def test_a_cosigned_note_may_be_submitted_again_with_its_lines() -> None:
    witness = watching()
    note = note_of(LOG, 7)
    with_line = note + witness.add_checkpoint(step(LOG, 0, 7))
    again = witness.add_checkpoint(Submission(old_size=7, path=(), note=with_line))
    assert len(read_note(with_line + again).signatures) == 3
