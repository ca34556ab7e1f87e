"""Witnesses in memory behind the port: real cores, real keys, nothing on a wire or a disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from contracts_chain.evidence.checkpoint import TrustedWitness, load_log_key, read_checkpoint
from contracts_chain.evidence.signed_note import read_note
from contracts_chain.evidence.witness import Witness
from contracts_chain.evidence.witness_errors import (
    CheckpointForkError,
    InconsistentCheckpointError,
    MissingWitness,
    OldSizeError,
    WitnessForkError,
    WitnessQuorumError,
)
from contracts_chain.evidence.witness_submission import Submission
from kernel.clock import Clock
from kernel.sized_bytes import Bytes32

NAMES = ("notary", "court", "ca")


class FakeMemory:
    """A memory as long as the test's."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}
        self.forks: list[tuple[str, str, str]] = []

    def held(self, origin: str) -> str | None:
        return self.notes.get(origin)

    def keep(self, origin: str, note: str) -> None:
        self.notes[origin] = note

    def keep_fork(self, origin: str, held: str, shown: str) -> None:
        self.forks.append((origin, held, shown))


def a_witness(
    name: str, logs: Mapping[str, tuple[Bytes32, ...]], clock: Clock, memory: FakeMemory | None = None
) -> Witness:
    """A witness with a key made from its name."""
    key = load_log_key(hashlib.sha256(name.encode()).digest())
    return Witness(name=name, key=key, logs=logs, memory=memory or FakeMemory(), clock=clock)


def trusted(witness: Witness) -> TrustedWitness:
    """As a trust bundle names it."""
    return TrustedWitness(
        name=witness.name, public_key=witness.public_key, operator=f"示例 {witness.name} TEST"
    )


class FakeWitnesses:
    """Asks each in turn; those in ``away`` do not answer."""

    def __init__(self, witnesses: Sequence[Witness], quorum: int) -> None:
        self._witnesses = tuple(witnesses)
        self._quorum = quorum
        self.away: set[str] = set()

    @classmethod
    def of_three(cls, origin: str, log_key: Bytes32, clock: Clock) -> FakeWitnesses:
        """Notary, court and CA, two of whom suffice."""
        logs = {origin: (log_key,)}
        return cls([a_witness(f"{name}.test/witness", logs, clock) for name in NAMES], 2)

    @property
    def trusted(self) -> tuple[TrustedWitness, ...]:
        """What belongs into the trust bundle."""
        return tuple(trusted(witness) for witness in self._witnesses)

    def send_away(self, witness: TrustedWitness) -> None:
        """It answers no more."""
        self.away.add(witness.name)

    def cosign(self, note: str, size: int, consistency: Callable[[int], Sequence[Bytes32]]) -> str:
        lines, missing = [], []
        for witness in self._witnesses:
            if witness.name in self.away:
                missing.append(MissingWitness(name=witness.name, en="does not answer", zh="无应答"))
                continue
            try:
                lines.append(_cosigned(witness, note, size, consistency))
            except OldSizeError as problem:
                missing.append(MissingWitness(name=witness.name, en=problem.en, zh=problem.zh))
        if len(lines) < self._quorum:
            raise WitnessQuorumError(have=len(lines), need=self._quorum, missing=tuple(missing))
        return read_note(note).with_lines("".join(lines))


def _cosigned(witness: Witness, note: str, size: int, consistency: Callable[[int], Sequence[Bytes32]]) -> str:
    held = witness.held(read_checkpoint(note).origin)
    old = read_checkpoint(held).size if held else 0
    if old > size:
        raise OldSizeError(held=old)
    path = tuple(consistency(old)) if old else ()
    try:
        return witness.add_checkpoint(Submission(old_size=old, path=path, note=note))
    except (CheckpointForkError, InconsistentCheckpointError) as problem:
        raise WitnessForkError(witness=witness.name, held=problem.held, ours=problem.shown) from problem
