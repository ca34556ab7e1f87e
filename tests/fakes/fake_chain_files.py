"""Checkpoints, transactions, status words, twins, deposits and alarms in memory."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.workflows.chain_ports import Covered
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    Alarm,
    CheckpointFile,
    CrossAnchorFile,
    LogLeaf,
    LogRow,
    StatusChangeFile,
    TransactionFile,
    TwinAnchorFile,
)
from kernel.sized_bytes import BlockHash, LeafHash

Row = TypeVar("Row")
_FINAL = {EvidenceState.FINAL, EvidenceState.CROSS_ANCHORED}
_BEFORE = {
    EvidenceState.ANCHORED: {EvidenceState.LOGGED},
    EvidenceState.FINAL: {EvidenceState.LOGGED, EvidenceState.ANCHORED},
    EvidenceState.CROSS_ANCHORED: {EvidenceState.FINAL},
}


@dataclass
class ChainTables:
    checkpoints: dict[int, CheckpointFile] = field(default_factory=dict)
    transactions: dict[int, TransactionFile] = field(default_factory=dict)
    status_changes: list[StatusChangeFile] = field(default_factory=list)
    twins: list[TwinAnchorFile] = field(default_factory=list)
    deposits: list[CrossAnchorFile] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)


def last(rows: list[Row], wanted: Callable[[Row], bool] = lambda _: True) -> Row | None:
    return next((row for row in reversed(rows) if wanted(row)), None)


@dataclass
class FakeCheckpoints:
    chain: ChainTables
    agreements: dict[str, AgreementDossier]
    leaves: list[LogLeaf]
    rows: list[LogRow]

    def newest(self) -> CheckpointFile | None:
        return last(list(self.all()))

    def load(self, sequence: int) -> CheckpointFile:
        return self.chain.checkpoints[sequence]

    def add(self, checkpoint: CheckpointFile) -> None:
        self.chain.checkpoints[checkpoint.sequence] = checkpoint

    def save(self, checkpoint: CheckpointFile) -> None:
        standing = self.load(checkpoint.sequence)
        self.chain.checkpoints[checkpoint.sequence] = replace(
            standing, state=checkpoint.state, note=checkpoint.note, proof=checkpoint.proof
        )

    def unfinished(self) -> tuple[CheckpointFile, ...]:
        return tuple(one for one in self.all() if one.state != "final")

    def newest_final(self) -> CheckpointFile | None:
        return last(list(self.all()), lambda one: one.state == "final")

    def covering(self, index: int) -> CheckpointFile | None:
        return next((one for one in self.all() if one.state == "final" and one.size > index), None)

    def since(self, sequence: int) -> tuple[CheckpointFile, ...]:
        return tuple(one for one in self.all() if one.sequence >= sequence)

    def all(self) -> tuple[CheckpointFile, ...]:
        return tuple(self.chain.checkpoints[sequence] for sequence in sorted(self.chain.checkpoints))

    def mark_covered(self, first: int, size: int, state: EvidenceState) -> tuple[Covered, ...]:
        newest = {leaf.subject: leaf.index for leaf in self.leaves}
        for row in self.rows:
            newest.pop(row.subject, None)
        moved: list[Covered] = []
        for number, dossier in self.agreements.items():
            if dossier.evidence_state in _BEFORE[state] and first <= newest.get(number, -1) < size:
                self.agreements[number] = replace(dossier, evidence_state=state)
                moved.append(Covered(subject=number, before=dossier.evidence_state))
        return tuple(moved)


@dataclass
class FakeTransactions:
    chain: ChainTables

    def lock(self) -> None:
        pass

    def newest(self) -> TransactionFile | None:
        return last(list(self.all()))

    def newest_of(self, kind: str, ref: int) -> TransactionFile | None:
        return last(list(self.all()), lambda one: (one.kind, one.ref) == (kind, ref))

    def in_flight(self) -> TransactionFile | None:
        return last(list(self.all()), lambda one: one.state in {"signed", "sent", "mined"})

    def load(self, nonce: int) -> TransactionFile:
        return self.chain.transactions[nonce]

    def add(self, transaction: TransactionFile) -> None:
        self.chain.transactions[transaction.nonce] = transaction

    def save(self, transaction: TransactionFile) -> None:
        self.chain.transactions[transaction.nonce] = replace(
            self.load(transaction.nonce),
            state=transaction.state,
            reason=transaction.reason,
            block_number=transaction.block_number,
            gas_used=transaction.gas_used,
        )

    def all(self) -> tuple[TransactionFile, ...]:
        return tuple(self.chain.transactions[nonce] for nonce in sorted(self.chain.transactions))


@dataclass
class FakeStatusChanges:
    chain: ChainTables
    agreements: dict[str, AgreementDossier]
    leaves: list[LogLeaf]
    scheduled: Container[str] = ()

    def add(self, change: StatusChangeFile) -> None:
        self.chain.status_changes.append(replace(change, id=len(self.chain.status_changes) + 1))

    def waiting(self, most: int) -> tuple[StatusChangeFile, ...]:
        return tuple(one for one in self.chain.status_changes if one.state == "waiting")[:most]

    def save(self, change: StatusChangeFile) -> None:
        standing = self.chain.status_changes[change.id - 1]
        self.chain.status_changes[change.id - 1] = replace(
            standing, state=change.state, attempts=change.attempts, nonce=change.nonce
        )

    def of_batch(self, nonce: int) -> tuple[StatusChangeFile, ...]:
        return tuple(one for one in self.chain.status_changes if one.nonce == nonce)

    def of_agreement(self, number: str) -> tuple[StatusChangeFile, ...]:
        return tuple(one for one in self.chain.status_changes if one.number == number)

    def place(self, leaf: LeafHash) -> int | None:
        return next((one.index for one in self.leaves if one.leaf_hash == leaf), None)

    def executed(self, *, final: bool, most: int) -> tuple[str, ...]:
        due = [
            number
            for number, one in self.agreements.items()
            if one.state is AgreementState.EXECUTED and (one.evidence_state in _FINAL) is final
            if number not in self.scheduled
        ]
        return tuple(sorted(due)[:most])


@dataclass
class FakeTwinAnchors:
    chain: ChainTables

    def add(self, twin: TwinAnchorFile) -> TwinAnchorFile:
        given = replace(twin, id=len(self.chain.twins) + 1)
        self.chain.twins.append(given)
        return given

    def save(self, twin: TwinAnchorFile) -> None:
        self.chain.twins[twin.id - 1] = replace(twin, asked_utc=self.load(twin.id).asked_utc)

    def load(self, twin: int) -> TwinAnchorFile:
        if not 0 < twin <= len(self.chain.twins):
            raise KeyError(twin)
        return self.chain.twins[twin - 1]

    def unfinished(self) -> TwinAnchorFile | None:
        return next((one for one in self.chain.twins if one.state != "final"), None)

    def newest_final(self) -> TwinAnchorFile | None:
        return last(self.chain.twins, lambda one: one.state == "final")

    def covering(self, index: int) -> TwinAnchorFile | None:
        final = [one for one in self.chain.twins if one.state == "final" and (one.size or 0) > index]
        return min(final, key=lambda one: (one.size or 0, one.id), default=None)


@dataclass
class FakeCrossAnchors:
    chain: ChainTables

    def open(self, intended: CrossAnchorFile) -> CrossAnchorFile:
        place = self._find(intended.place, intended.header_hash)
        if place is None:
            self.chain.deposits.append(intended)
            return intended
        return self.chain.deposits[place]

    def save(self, deposited: CrossAnchorFile) -> None:
        place = self._find(deposited.place, deposited.header_hash)
        assert place is not None
        self.chain.deposits[place] = replace(
            self.chain.deposits[place], deposited_utc=deposited.deposited_utc, proof=deposited.proof
        )

    def newest(self, place: str) -> CrossAnchorFile | None:
        of_place = [one for one in self.chain.deposits if one.place == place]
        return max(of_place, key=lambda one: one.header_number, default=None)

    def pending(self) -> tuple[CrossAnchorFile, ...]:
        return tuple(one for one in self.chain.deposits if one.proof is None)

    def covering(self, index: int) -> tuple[CrossAnchorFile, ...]:
        above = [one for one in self.chain.deposits if one.proof is not None and one.size > index]
        found: dict[str, CrossAnchorFile] = {}
        for one in sorted(above, key=lambda one: (one.place, one.size)):
            found.setdefault(one.place, one)
        return tuple(found.values())

    def covered_size(self) -> int:
        return max((one.size for one in self.chain.deposits if one.proof is not None), default=0)

    def _find(self, place: str, header_hash: BlockHash) -> int | None:
        for number, one in enumerate(self.chain.deposits):
            if (one.place, one.header_hash) == (place, header_hash):
                return number
        return None


@dataclass
class FakeAlarms:
    chain: ChainTables

    def raise_once(self, alarm: Alarm) -> bool:
        known = {(one.code, one.subject) for one in self.chain.alarms}
        if (alarm.code, alarm.subject) in known:
            return False
        self.chain.alarms.append(alarm)
        return True

    def clear(self, code: str, subject: str, *, by: str, at: datetime) -> bool:
        standing = [one for one in self.chain.alarms if (one.code, one.subject) != (code, subject)]
        cleared = len(standing) < len(self.chain.alarms)
        self.chain.alarms = standing
        return cleared

    def all(self) -> tuple[Alarm, ...]:
        return tuple(self.chain.alarms)
