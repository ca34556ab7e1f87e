"""Ceremonies, readings, questions and sets in memory; they pass ``ceremony_behaviour``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts_chain.workflows.ceremony_ports import (
    QuestionFile,
    ReadingFile,
    SigningSetFile,
    SigningSetMember,
)
from contracts_chain.workflows.dossier import CeremonyFile
from kernel.sized_bytes import Bytes32


@dataclass
class CeremonyTables:
    readings: list[ReadingFile] = field(default_factory=list)
    questions: dict[str, QuestionFile] = field(default_factory=dict)
    sets: dict[str, SigningSetFile] = field(default_factory=dict)
    members: dict[tuple[str, int], SigningSetMember] = field(default_factory=dict)


@dataclass
class FakeCeremonies:
    table: dict[str, CeremonyFile]

    def add(self, ceremony: CeremonyFile) -> None:
        self.table[ceremony.id] = ceremony

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> CeremonyFile | None:
        return next((one for one in self.table.values() if one.token_sha256 == token_sha256), None)

    def load(self, ceremony_id: str, *, lock: bool = False) -> CeremonyFile:
        return self.table[ceremony_id]

    def asked(self, before: datetime) -> tuple[CeremonyFile, ...]:
        live = [one for one in self.table.values() if one.state in {"open", "confirmed"}]
        due = [(one.asked_utc, one.id, one) for one in live if one.asked_utc and one.asked_utc <= before]
        return tuple(one for _, _, one in sorted(due, key=lambda row: row[:2]))

    def of_agreement(self, number: str, *, lock: bool = False) -> tuple[CeremonyFile, ...]:
        own = [one for one in self.table.values() if one.number == number]
        return tuple(sorted(own, key=lambda one: (one.opened_utc, one.id)))

    def find_open(self, number: str, role: str) -> CeremonyFile | None:
        wanted = (number, role, "open")
        return next((one for one in self.table.values() if (one.number, one.role, one.state) == wanted), None)

    def save(self, ceremony: CeremonyFile) -> None:
        self.table[ceremony.id] = ceremony


@dataclass
class FakeReadings:
    tables: CeremonyTables

    def note(self, reading: ReadingFile) -> bool:
        key = (reading.ceremony, reading.item, reading.act)
        if any((one.ceremony, one.item, one.act) == key for one in self.tables.readings):
            return False
        self.tables.readings.append(reading)
        return True

    def of(self, ceremony: str) -> tuple[ReadingFile, ...]:
        own = [one for one in self.tables.readings if one.ceremony == ceremony]
        return tuple(sorted(own, key=lambda one: (one.at_utc, one.item, one.act)))


@dataclass
class FakeQuestions:
    tables: CeremonyTables

    def add(self, question: QuestionFile) -> None:
        self.tables.questions[question.id] = question

    def find(self, question_id: str, *, lock: bool = False) -> QuestionFile | None:
        return self.tables.questions.get(question_id)

    def of_agreement(self, number: str) -> tuple[QuestionFile, ...]:
        return tuple(one for one in self._sorted() if one.number == number)

    def unanswered(self) -> tuple[QuestionFile, ...]:
        return tuple(one for one in self._sorted() if one.answer is None)

    def save(self, question: QuestionFile) -> None:
        self.tables.questions[question.id] = question

    def _sorted(self) -> list[QuestionFile]:
        return sorted(self.tables.questions.values(), key=lambda one: (one.asked_utc, one.id))


@dataclass
class FakeSigningSets:
    tables: CeremonyTables
    ceremonies: dict[str, CeremonyFile]

    def add(self, made: SigningSetFile, members: tuple[SigningSetMember, ...]) -> None:
        self.tables.sets[made.id] = made
        for member in members:
            self.choose(member)

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> SigningSetFile | None:
        return next((one for one in self.tables.sets.values() if one.token_sha256 == token_sha256), None)

    def load(self, set_id: str, *, lock: bool = False) -> SigningSetFile:
        return self.tables.sets[set_id]

    def members(self, set_id: str) -> tuple[SigningSetMember, ...]:
        own = [one for one in self.tables.members.values() if one.set_id == set_id]
        return tuple(sorted(own, key=lambda one: one.position))

    def hold(self, set_id: str) -> tuple[SigningSetMember, ...]:
        return self.members(set_id)

    def save(self, made: SigningSetFile) -> None:
        self.tables.sets[made.id] = made

    def choose(self, member: SigningSetMember) -> None:
        self.tables.members[member.set_id, member.position] = replace(member)
