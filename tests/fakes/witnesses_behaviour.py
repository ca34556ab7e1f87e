"""What everything behind ``workflows.ports.Witnesses`` must do; run over the fake and over HTTP alike.

A subclass gives a fixture ``panel``: three fresh witnesses of ``ORIGIN``, two of whom suffice.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

import pytest

from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    TrustedWitness,
    load_log_key,
    log_public_key,
    sign_checkpoint,
    verify_cosignatures,
    verify_note,
)
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.witness_errors import WitnessForkError, WitnessQuorumError
from contracts_chain.workflows.log_ports import Witnesses

ORIGIN = "witnessed.test/log"
LOG_KEY = load_log_key(hashlib.sha256(b"witnessed log").digest())
LOG_PUBLIC = log_public_key(LOG_KEY)


class Panel(Protocol):
    """Three witnesses and a way to send one of them away."""

    witnesses: Witnesses
    trusted: tuple[TrustedWitness, ...]

    def send_away(self, witness: TrustedWitness) -> None:
        """It answers no more."""
        ...


def a_log(size: int, word: str = "leaf", same: int = 0) -> MerkleLog:
    """Leaves of one word; the first ``same`` are those of ``leaf``."""
    return MerkleLog(hash_leaf(f"{'leaf' if at < same else word} {at}".encode()) for at in range(size))


def note_of(log: MerkleLog, size: int) -> str:
    return sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=log.root(size)), LOG_KEY)


def cosigned(witnesses: Witnesses, log: MerkleLog, size: int) -> str:
    return witnesses.cosign(note_of(log, size), size, lambda old: log.consistency(old, size))


class WitnessesBehaviour:
    """The suite."""

    @pytest.fixture
    def panel(self) -> Panel:
        raise NotImplementedError

    def test_a_note_comes_back_with_a_quorum_of_valid_cosignatures(self, panel: Panel) -> None:
        log = a_log(20)
        note = cosigned(panel.witnesses, log, 7)
        assert note.startswith(note_of(log, 7))
        assert verify_note(note, LOG_PUBLIC, ORIGIN).size == 7
        assert len(verify_cosignatures(note, panel.trusted, 2)) >= 2

    def test_a_log_that_grows_is_cosigned_at_every_size(self, panel: Panel) -> None:
        log = a_log(70)
        for size in (1, 2, 2, 3, 8, 8, 13, 64, 70):
            note = cosigned(panel.witnesses, log, size)
            assert len(verify_cosignatures(note, panel.trusted, 2)) >= 2

    def test_two_of_three_suffice(self, panel: Panel) -> None:
        log = a_log(9)
        cosigned(panel.witnesses, log, 4)
        panel.send_away(panel.trusted[0])
        note = cosigned(panel.witnesses, log, 9)
        names = {one.name for one in verify_cosignatures(note, panel.trusted, 2)}
        assert names == {one.name for one in panel.trusted[1:]}

    def test_one_of_three_does_not_suffice_and_the_missing_are_named(self, panel: Panel) -> None:
        for gone in panel.trusted[:2]:
            panel.send_away(gone)
        with pytest.raises(WitnessQuorumError) as caught:
            cosigned(panel.witnesses, a_log(5), 5)
        assert (caught.value.have, caught.value.need) == (1, 2)
        assert {one.name for one in caught.value.missing} == {one.name for one in panel.trusted[:2]}
        for gone in panel.trusted[:2]:
            assert gone.name in caught.value.en
            assert gone.name in caught.value.zh

    @pytest.mark.parametrize("size", [8, 12])
    def test_another_history_of_our_log_is_an_alarm_that_names_both_checkpoints(
        self, panel: Panel, size: int
    ) -> None:
        log, other = a_log(8), a_log(12, "rewritten", same=5)
        cosigned(panel.witnesses, log, 8)
        with pytest.raises(WitnessForkError) as caught:
            cosigned(panel.witnesses, other, size)
        assert caught.value.held.root == log.root(8)
        assert caught.value.ours.root == other.root(size)
        for root in (log.root(8), other.root(size)):
            assert root.hex() in caught.value.en
            assert root.hex() in caught.value.zh

    def test_a_log_that_shrank_is_not_cosigned(self, panel: Panel) -> None:
        log = a_log(9)
        cosigned(panel.witnesses, log, 9)
        with pytest.raises(WitnessQuorumError) as caught:
            cosigned(panel.witnesses, log, 6)
        assert "9 leaves" in caught.value.en
