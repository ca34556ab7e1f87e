"""In-memory versions, reviews, parts of people, intents, outbox and number series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts_chain.agreements.separation import Part, verify_part
from contracts_chain.workflows.dossier import IntentRow, OutboxMessage
from contracts_chain.workflows.draft_ports import DraftVersion, ReviewNote
from contracts_chain.workflows.errors import StaleDossierError
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32


@dataclass
class DraftTables:
    versions: dict[tuple[str, int], DraftVersion] = field(default_factory=dict)
    reviews: list[ReviewNote] = field(default_factory=list)
    parts: dict[str, dict[PersonId, Part]] = field(default_factory=dict)
    identities: dict[PersonId, PersonId] = field(default_factory=dict)
    intents: dict[str, IntentRow] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)
    outbox: dict[int, OutboxMessage] = field(default_factory=dict)
    delivered: set[int] = field(default_factory=set)


@dataclass
class FakeDrafts:
    tables: DraftTables

    def add(self, version: DraftVersion) -> None:
        key = (version.number, version.version)
        if key in self.tables.versions:
            raise StaleDossierError(version.number)
        self.tables.versions[key] = version

    def draw(self, number: str, version: int, document_sha256: Bytes32, pages: int) -> None:
        held = self.tables.versions[number, version]
        assert held.document_sha256 is None, "the document of a version is never replaced"
        drawn = replace(held, document_sha256=document_sha256, pages=pages)
        self.tables.versions[number, version] = drawn

    def find(self, number: str, version: int) -> DraftVersion | None:
        return self.tables.versions.get((number, version))

    def versions(self, number: str) -> Sequence[DraftVersion]:
        return [kept for (owner, _), kept in sorted(self.tables.versions.items()) if owner == number]

    def note(self, review: ReviewNote) -> None:
        self.tables.reviews.append(review)

    def reviews(self, number: str) -> Sequence[ReviewNote]:
        return [review for review in self.tables.reviews if review.number == number]


@dataclass
class FakePeople:
    tables: DraftTables

    def parts(self, number: str) -> Mapping[PersonId, Part]:
        return dict(self.tables.parts.get(number, {}))

    def take(self, number: str, part: Part, persons: Collection[PersonId]) -> None:
        held = self.tables.parts.setdefault(number, {})
        verify_part(held, part, sorted(persons))
        held.update(dict.fromkeys(persons, part))

    def name_signers(self, number: str, persons: Collection[PersonId]) -> None:
        held = self.tables.parts.setdefault(number, {})
        for person in [one for one, part in held.items() if part is Part.SIGNER]:
            del held[person]
        self.take(number, Part.SIGNER, persons)

    def known_as(self, persons: Collection[PersonId]) -> frozenset[PersonId]:
        pairs = self.tables.identities.items()
        documents = {document for account, document in pairs if {account, document} & set(persons)}
        accounts = {account for account, document in pairs if document in documents}
        return frozenset(persons) | documents | accounts

    def bind(self, account: PersonId, document: PersonId) -> None:
        self.tables.identities[account] = document


@dataclass
class FakeIntents:
    tables: DraftTables

    def open(self, intent: IntentRow) -> IntentRow:
        return self.tables.intents.setdefault(intent.key, intent)

    def find(self, key: str) -> IntentRow | None:
        return self.tables.intents.get(key)

    def close(self, key: str, outcome: bytes) -> None:
        self.tables.intents[key] = replace(self.tables.intents[key], outcome=outcome)

    def pending(self) -> tuple[IntentRow, ...]:
        waiting = [intent for intent in self.tables.intents.values() if not intent.done]
        return tuple(sorted(waiting, key=lambda intent: intent.opened_utc))


@dataclass
class FakeOutbox:
    tables: DraftTables

    def put(self, topic: str, subject: str, payload: bytes, at: datetime) -> None:
        number = len(self.tables.outbox) + 1
        self.tables.outbox[number] = OutboxMessage(id=number, topic=topic, subject=subject, payload=payload)

    def waiting(self, limit: int, *, after: int = 0) -> Sequence[OutboxMessage]:
        later = [one for one in self.tables.outbox.values() if one.id > after]
        left = [one for one in later if one.id not in self.tables.delivered]
        return left[:limit]

    def mark_delivered(self, message: int) -> None:
        self.tables.delivered.add(message)
        self.tables.outbox[message] = replace(self.tables.outbox[message], payload=b"")


@dataclass
class FakeNumbers:
    tables: DraftTables

    def hold(self, series: str) -> None:
        pass

    def next_serial(self, series: str) -> int:
        self.tables.serials[series] = self.tables.serials.get(series, 0) + 1
        return self.tables.serials[series]
