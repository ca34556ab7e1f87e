"""Notices, facts and readiness of orders, links to rate and ratings."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Subquery, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.agreements.readiness import fact_kind_named
from contracts_chain.storage import tables, tables_life
from contracts_chain.storage.repositories.agreements import optional_bytes32
from contracts_chain.workflows.life_files import NoticeFile, OrderFact, RatingFile, RatingLink
from kernel.sized_bytes import Bytes32

__all__ = ["SqlNotices", "SqlOrders", "SqlRatings"]

_MOVING = (
    "reviewed_by",
    "reviewed_utc",
    "served_on",
    "manner",
    "recipient",
    "served_by",
    "receipt_sha256",
    "service_recorded_by",
    "service_recorded_utc",
    "final_notice_by",
    "final_notice_utc",
    "used_utc",
)


class _InTransaction:
    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection


class SqlOrders(_InTransaction):
    """Implements ``OrderRepository``."""

    def record(self, fact: OrderFact) -> None:
        """By order and kind; a newer paper takes the place."""
        row = asdict(fact) | {"kind": fact.kind.value}
        first = upsert(tables_life.order_facts).values(**row)
        newer = {name: first.excluded[name] for name in row if name not in {"order_no", "kind"}}
        self._connection.execute(first.on_conflict_do_update(index_elements=["order_no", "kind"], set_=newer))

    def facts_of(self, order_no: str) -> tuple[OrderFact, ...]:
        """By kind."""
        table = tables_life.order_facts
        query = select(table).where(table.c.order_no == order_no).order_by(table.c.kind)
        return tuple(_fact(row) for row in self._connection.execute(query).mappings())

    def agreements_of(self, order_no: str) -> tuple[str, ...]:
        """By number."""
        table = tables.agreements
        query = select(table.c.number).where(table.c.order_no == order_no).order_by(table.c.number)
        return tuple(self._connection.execute(query).scalars())

    def to_look_at(self, most: int) -> tuple[str, ...]:
        """By how often rows were written, never by moments: a moment is taken before its commit."""
        events, looks = _written(), tables_life.order_readiness
        query = (
            select(events.c.order_no)
            .outerjoin(looks, looks.c.order_no == events.c.order_no)
            .where(looks.c.ready_utc.is_(None))
            .group_by(events.c.order_no, looks.c.seen)
            .having(func.count(events.c.at) > 0, func.sum(events.c.writes) > func.coalesce(looks.c.seen, 0))
            .order_by(func.min(events.c.at), events.c.order_no)
            .limit(most)
        )
        return tuple(self._connection.execute(query).scalars())

    def note_look(self, order_no: str, at: datetime) -> None:
        """The row's lock lets one look at a time be committed; what it sees is counted under the lock."""
        looks, events = tables_life.order_readiness, _written()
        first = upsert(looks).values(order_no=order_no, looked_utc=at, seen=0)
        self._connection.execute(
            first.on_conflict_do_update(index_elements=["order_no"], set_={"looked_utc": at})
        )
        writes = select(func.coalesce(func.sum(events.c.writes), 0)).where(events.c.order_no == order_no)
        self._connection.execute(
            update(looks).where(looks.c.order_no == order_no).values(seen=writes.scalar_subquery())
        )

    def mark_ready(self, order_no: str, at: datetime) -> bool:
        """Only where no moment stands."""
        table = tables_life.order_readiness
        done = self._connection.execute(
            update(table)
            .where(table.c.order_no == order_no, table.c.ready_utc.is_(None))
            .values(ready_utc=at)
        )
        return done.rowcount == 1

    def ready_since(self, order_no: str) -> datetime | None:
        """By order."""
        table = tables_life.order_readiness
        return self._connection.execute(
            select(table.c.ready_utc).where(table.c.order_no == order_no)
        ).scalar()


def _written() -> Subquery:
    """Per agreement and per fact of an order: how often it was written, and when it counts from."""
    agreements, facts = tables.agreements, tables_life.order_facts
    drafted = select(
        agreements.c.order_no,
        (agreements.c.version + 1).label("writes"),
        agreements.c.executed_utc.label("at"),
    )
    recorded = select(facts.c.order_no, literal(1), facts.c.recorded_utc)
    return drafted.union_all(recorded).subquery()


class SqlNotices(_InTransaction):
    """Implements ``NoticeRepository``."""

    def add(self, notice: NoticeFile) -> None:
        """Insert."""
        self._connection.execute(insert(tables_life.supply_notices).values(**asdict(notice)))

    def find(self, number: str, *, lock: bool = False) -> NoticeFile | None:
        """By number, ``FOR UPDATE`` if asked."""
        query = select(tables_life.supply_notices).where(tables_life.supply_notices.c.number == number)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        return None if row is None else _notice(row)

    def save(self, notice: NoticeFile) -> None:
        """What moves; text and facts stay."""
        table = tables_life.supply_notices
        moved = {name: getattr(notice, name) for name in _MOVING}
        self._connection.execute(update(table).where(table.c.number == notice.number).values(**moved))

    def of_agreement(self, agreement_number: str) -> tuple[NoticeFile, ...]:
        """Oldest first."""
        table = tables_life.supply_notices
        query = select(table).where(table.c.agreement_number == agreement_number)
        rows = self._connection.execute(query.order_by(table.c.drafted_utc, table.c.number)).mappings()
        return tuple(_notice(row) for row in rows)


class SqlRatings(_InTransaction):
    """Implements ``RatingRepository``."""

    def uninvited(self, most: int, *, after: str = "") -> tuple[str, ...]:
        """Executed, and no link was issued."""
        agreements, links = tables.agreements, tables_life.rating_links
        invited = select(links.c.number).where(links.c.number == agreements.c.number).exists()
        query = select(agreements.c.number).where(
            agreements.c.executed_utc.is_not(None), ~invited, agreements.c.number > after
        )
        ordered = query.order_by(agreements.c.number).limit(most)
        return tuple(self._connection.execute(ordered).scalars())

    def invite(self, link: RatingLink) -> bool:
        """One a party."""
        row = upsert(tables_life.rating_links).values(**asdict(link)).on_conflict_do_nothing()
        return self._connection.execute(row.returning(tables_life.rating_links.c.number)).first() is not None

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> RatingLink | None:
        """By the hash of the token."""
        table = tables_life.rating_links
        query = select(table).where(table.c.token_sha256 == token_sha256)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        return None if row is None else RatingLink(**dict(row) | {"token_sha256": token_sha256})

    def keep(self, link: RatingLink, rating: RatingFile) -> None:
        """Rating and use of the link."""
        table = tables_life.rating_links
        used = update(table).where(table.c.token_sha256 == link.token_sha256).values(used_utc=link.used_utc)
        self._connection.execute(used)
        self._connection.execute(insert(tables_life.ratings).values(**asdict(rating)))

    def all(self) -> tuple[RatingFile, ...]:
        """In the order they came."""
        table = tables_life.ratings
        names = [field.name for field in fields(RatingFile)]
        rows = self._connection.execute(select(table).order_by(table.c.id)).mappings()
        return tuple(RatingFile(**{name: row[name] for name in names}) for row in rows)


def _fact(row: RowMapping) -> OrderFact:
    values = dict(row) | {
        "kind": fact_kind_named(row["kind"]),
        "document_sha256": optional_bytes32(row["document_sha256"]),
    }
    return OrderFact(**values)


def _notice(row: RowMapping) -> NoticeFile:
    values = dict(row) | {
        "pdf_sha256": Bytes32(row["pdf_sha256"]),
        "receipt_sha256": optional_bytes32(row["receipt_sha256"]),
    }
    return NoticeFile(**values)
