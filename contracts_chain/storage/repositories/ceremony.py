"""Ceremonies, readings, questions and signing sets in PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, Select, collate, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from contracts_chain.storage import tables_ceremony as tables
from contracts_chain.storage.repositories.agreements import optional_bytes32
from contracts_chain.storage.tables import agreements
from contracts_chain.workflows.ceremony_ports import (
    QuestionFile,
    ReadingFile,
    SigningSetFile,
    SigningSetMember,
)
from contracts_chain.workflows.dossier import CeremonyFile
from kernel.sized_bytes import Bytes32

__all__ = ["SqlCeremonies", "SqlQuestions", "SqlReadings", "SqlSigningSets"]


class _InTransaction:
    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def _rows(self, query: Select[tuple[object, ...]], *, lock: bool = False) -> list[RowMapping]:
        return list(self._connection.execute(query.with_for_update() if lock else query).mappings())


class SqlCeremonies(_InTransaction):
    """Implements ``CeremonyRepository``."""

    def add(self, ceremony: CeremonyFile) -> None:
        """Insert one."""
        self._connection.execute(insert(tables.ceremonies).values(**asdict(ceremony)))

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> CeremonyFile | None:
        """By the hash of the link's token."""
        query = select(tables.ceremonies).where(tables.ceremonies.c.token_sha256 == token_sha256)
        rows = self._rows(query, lock=lock)
        return _ceremony(rows[0]) if rows else None

    def load(self, ceremony_id: str, *, lock: bool = False) -> CeremonyFile:
        """By id.

        Raises:
            KeyError: There is none.
        """
        query = select(tables.ceremonies).where(tables.ceremonies.c.id == ceremony_id)
        rows = self._rows(query, lock=lock)
        if not rows:
            raise KeyError(ceremony_id)
        return _ceremony(rows[0])

    def asked(self, before: datetime) -> tuple[CeremonyFile, ...]:
        """Live ones for which a factor was asked, oldest first."""
        table = tables.ceremonies
        query = select(table).where(table.c.state.in_(("open", "confirmed")), table.c.asked_utc <= before)
        return tuple(_ceremony(row) for row in self._rows(query.order_by(table.c.asked_utc, table.c.id)))

    def of_agreement(self, number: str, *, lock: bool = False) -> tuple[CeremonyFile, ...]:
        """Every ceremony of an agreement, ``FOR UPDATE`` if asked."""
        table = tables.ceremonies
        query = select(table).where(table.c.number == number).order_by(table.c.opened_utc, table.c.id)
        return tuple(_ceremony(row) for row in self._rows(query, lock=lock))

    def find_open(self, number: str, role: str) -> CeremonyFile | None:
        """The open one of a party."""
        table = tables.ceremonies
        query = select(table).where(table.c.number == number, table.c.role == role, table.c.state == "open")
        rows = self._rows(query)
        return _ceremony(rows[0]) if rows else None

    def save(self, ceremony: CeremonyFile) -> None:
        """Store changes."""
        table = tables.ceremonies
        self._connection.execute(update(table).where(table.c.id == ceremony.id).values(**asdict(ceremony)))


class SqlReadings(_InTransaction):
    """Implements ``ReadingRepository``."""

    def note(self, reading: ReadingFile) -> bool:
        """Insert unless it stands."""
        table = tables.ceremony_reading
        statement = upsert(table).values(**asdict(reading)).on_conflict_do_nothing().returning(table.c.item)
        return self._connection.execute(statement).first() is not None

    def of(self, ceremony: str) -> tuple[ReadingFile, ...]:
        """Oldest first."""
        table = tables.ceremony_reading
        query = select(table).where(table.c.ceremony == ceremony)
        rows = self._rows(query.order_by(table.c.at_utc, table.c.item, table.c.act))
        return tuple(ReadingFile(**row) for row in rows)


class SqlQuestions(_InTransaction):
    """Implements ``QuestionRepository``."""

    def add(self, question: QuestionFile) -> None:
        """Insert one."""
        self._connection.execute(insert(tables.questions).values(**asdict(question)))

    def find(self, question_id: str, *, lock: bool = False) -> QuestionFile | None:
        """By id."""
        rows = self._rows(select(tables.questions).where(tables.questions.c.id == question_id), lock=lock)
        return _question(rows[0]) if rows else None

    def of_agreement(self, number: str) -> tuple[QuestionFile, ...]:
        """Oldest first."""
        table = tables.questions
        query = select(table).where(table.c.number == number).order_by(table.c.asked_utc, table.c.id)
        return tuple(_question(row) for row in self._rows(query))

    def unanswered(self) -> tuple[QuestionFile, ...]:
        """Oldest first."""
        table = tables.questions
        query = select(table).where(table.c.answer.is_(None)).order_by(table.c.asked_utc, table.c.id)
        return tuple(_question(row) for row in self._rows(query))

    def save(self, question: QuestionFile) -> None:
        """Store answer and clearance."""
        table = tables.questions
        self._connection.execute(update(table).where(table.c.id == question.id).values(**asdict(question)))


class SqlSigningSets(_InTransaction):
    """Implements ``SigningSetRepository``."""

    def add(self, made: SigningSetFile, members: tuple[SigningSetMember, ...]) -> None:
        """Insert a set with its members."""
        self._connection.execute(insert(tables.signing_sets).values(**asdict(made)))
        rows = [asdict(member) for member in members]
        self._connection.execute(insert(tables.signing_set_members), rows)

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> SigningSetFile | None:
        """By the hash of the link's token."""
        query = select(tables.signing_sets).where(tables.signing_sets.c.token_sha256 == token_sha256)
        rows = self._rows(query, lock=lock)
        return _set(rows[0]) if rows else None

    def load(self, set_id: str, *, lock: bool = False) -> SigningSetFile:
        """By id.

        Raises:
            KeyError: There is none.
        """
        rows = self._rows(select(tables.signing_sets).where(tables.signing_sets.c.id == set_id), lock=lock)
        if not rows:
            raise KeyError(set_id)
        return _set(rows[0])

    def members(self, set_id: str) -> tuple[SigningSetMember, ...]:
        """In the order shown."""
        table = tables.signing_set_members
        rows = self._rows(select(table).where(table.c.set_id == set_id).order_by(table.c.position))
        return tuple(SigningSetMember(**row) for row in rows)

    def hold(self, set_id: str) -> tuple[SigningSetMember, ...]:
        """Three locking reads; by the bytes of the numbers, as Python sorts them."""
        sets, links, members = tables.signing_sets, tables.ceremonies, tables.signing_set_members
        papers = agreements
        self._connection.execute(select(sets.c.id).where(sets.c.id == set_id).with_for_update())
        own = select(members.c.ceremony).where(members.c.set_id == set_id)
        by_number = select(links.c.id).where(links.c.id.in_(own)).order_by(collate(links.c.number, "C"))
        self._connection.execute(by_number.with_for_update())
        listed = select(members.c.number).where(members.c.set_id == set_id)
        of_them = select(papers.c.id).where(papers.c.number.in_(listed))
        self._connection.execute(of_them.order_by(collate(papers.c.number, "C")).with_for_update())
        return self.members(set_id)

    def save(self, made: SigningSetFile) -> None:
        """Store its state."""
        table = tables.signing_sets
        self._connection.execute(update(table).where(table.c.id == made.id).values(state=made.state))

    def choose(self, member: SigningSetMember) -> None:
        """Store the choice of one member."""
        table = tables.signing_set_members
        own = (table.c.set_id == member.set_id, table.c.position == member.position)
        self._connection.execute(update(table).where(*own).values(chosen=member.chosen))


def _ceremony(row: RowMapping) -> CeremonyFile:
    values = {field.name: row[field.name] for field in fields(CeremonyFile)}
    for name in ("token_sha256", "document_sha256", "mark_sha256"):
        values[name] = optional_bytes32(row[name])
    return CeremonyFile(**values)


def _question(row: RowMapping) -> QuestionFile:
    return QuestionFile(**{**row, "clause": Bytes32(row["clause"])})


def _set(row: RowMapping) -> SigningSetFile:
    return SigningSetFile(**{**row, "token_sha256": Bytes32(row["token_sha256"])})
