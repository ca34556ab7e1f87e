"""Versions of a draft, its reviews, and the parts people play, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields

from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from contracts_chain.agreements.separation import Part, verify_part
from contracts_chain.storage import tables_drafts as tables
from contracts_chain.storage.repositories.agreements import optional_bytes32
from contracts_chain.workflows.draft_ports import DraftVersion, Remark, ReviewNote
from contracts_chain.workflows.errors import StaleDossierError
from kernel.canonical_json import canonical_bytes, parse_json
from kernel.ids import PersonId
from kernel.sized_bytes import BlockHash, Bytes32

__all__ = ["SqlDrafts", "SqlPeople"]


class SqlDrafts:
    """Implements ``DraftRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, version: DraftVersion) -> None:
        """Insert the next version."""
        try:
            self._connection.execute(insert(tables.draft_versions).values(**asdict(version)))
        except IntegrityError as problem:
            raise StaleDossierError(version.number) from problem

    def draw(self, number: str, version: int, document_sha256: Bytes32, pages: int) -> None:
        """Add the PDF; a trigger refuses to replace one."""
        table = tables.draft_versions
        where = (table.c.number == number, table.c.version == version)
        values = {"document_sha256": document_sha256, "pages": pages}
        self._connection.execute(update(table).where(*where).values(**values))

    def find(self, number: str, version: int) -> DraftVersion | None:
        """One version, if there is such."""
        table = tables.draft_versions
        query = select(table).where(table.c.number == number, table.c.version == version)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _version(row)

    def versions(self, number: str) -> Sequence[DraftVersion]:
        """All versions, oldest first."""
        table = tables.draft_versions
        query = select(table).where(table.c.number == number).order_by(table.c.version)
        return [_version(row) for row in self._connection.execute(query).mappings()]

    def note(self, review: ReviewNote) -> None:
        """Keep the outcome of a review."""
        remarks = canonical_bytes([{"path": one.path, "text": one.text} for one in review.remarks])
        row = asdict(review) | {"remarks": remarks}
        self._connection.execute(insert(tables.draft_reviews).values(**row))

    def reviews(self, number: str) -> Sequence[ReviewNote]:
        """All reviews, oldest first."""
        table = tables.draft_reviews
        query = select(table).where(table.c.number == number).order_by(table.c.id)
        return [_review(row) for row in self._connection.execute(query).mappings()]


class SqlPeople:
    """Implements ``PeopleRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def parts(self, number: str) -> Mapping[PersonId, Part]:
        """Everybody's part."""
        table = tables.agreement_people
        rows = self._connection.execute(select(table).where(table.c.number == number)).mappings()
        return {PersonId(row["person"]): Part(row["part"]) for row in rows}

    def take(self, number: str, part: Part, persons: Collection[PersonId]) -> None:
        """Insert what is not there; the key lets a person have one part, also at the same moment."""
        table = tables.agreement_people
        rows = [{"number": number, "person": person, "part": part.value} for person in sorted(persons)]
        if rows:
            self._connection.execute(upsert(table).values(rows).on_conflict_do_nothing())
        verify_part(self.parts(number), part, persons)

    def name_signers(self, number: str, persons: Collection[PersonId]) -> None:
        """Replace the signers."""
        table = tables.agreement_people
        where = (table.c.number == number, table.c.part == Part.SIGNER.value)
        self._connection.execute(delete(table).where(*where, table.c.person.not_in(persons)))
        self.take(number, Part.SIGNER, persons)

    def known_as(self, persons: Collection[PersonId]) -> frozenset[PersonId]:
        """Account to document and back, and through one document to its other accounts."""
        table = tables.staff_identities
        bound = select(table.c.person).where(or_(table.c.account.in_(persons), table.c.person.in_(persons)))
        rows = self._connection.execute(select(table).where(table.c.person.in_(bound))).mappings().all()
        return frozenset(persons).union(
            (PersonId(row["account"]) for row in rows), (PersonId(row["person"]) for row in rows)
        )

    def bind(self, account: PersonId, document: PersonId) -> None:
        """One document for each account; a later word replaces the earlier one."""
        row = upsert(tables.staff_identities).values(account=account, person=document)
        self._connection.execute(
            row.on_conflict_do_update(index_elements=["account"], set_={"person": document})
        )


def _version(row: RowMapping) -> DraftVersion:
    values = {field.name: row[field.name] for field in fields(DraftVersion)}
    values |= {
        "template_sha256": Bytes32(row["template_sha256"]),
        "not_before_hash": BlockHash(row["not_before_hash"]),
        "document_sha256": optional_bytes32(row["document_sha256"]),
    }
    return DraftVersion(**values)


def _review(row: RowMapping) -> ReviewNote:
    values = {field.name: row[field.name] for field in fields(ReviewNote)}
    return ReviewNote(**values | {"remarks": _remarks(row["remarks"])})


def _remarks(content: bytes) -> tuple[Remark, ...]:
    read = parse_json(content)
    rows = read if isinstance(read, list) else []
    return tuple(Remark(path=str(one["path"]), text=str(one["text"])) for one in rows)
