"""Spans, reminders, changes and holds of executed agreements."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.storage import tables, tables_life
from contracts_chain.workflows.life_files import ChangeFile, DisputeHold, LifeSpan

__all__ = ["SqlLife"]

_RUNNING = tuple(
    state.value
    for state in (
        AgreementState.IN_FORCE,
        AgreementState.AMENDING,
        AgreementState.RENEWING,
        AgreementState.SUSPENDED,
    )
)


class SqlLife:
    """Implements ``LifeRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add_span(self, span: LifeSpan) -> None:
        """Insert unless there is one."""
        row = upsert(tables_life.life_spans).values(**asdict(span)).on_conflict_do_nothing()
        self._connection.execute(row)

    def find_span(self, number: str) -> LifeSpan | None:
        """By number."""
        query = select(tables_life.life_spans).where(tables_life.life_spans.c.number == number)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else LifeSpan(**row)

    def save_span(self, span: LifeSpan) -> None:
        """All columns but the number."""
        table = tables_life.life_spans
        self._connection.execute(update(table).where(table.c.number == span.number).values(**asdict(span)))

    def due_to_enter(self, today: date, most: int) -> tuple[str, ...]:
        """Executed, and the first day has come."""
        spans, agreements = tables_life.life_spans, tables.agreements
        return self._numbers(
            agreements.c.state == AgreementState.EXECUTED.value, spans.c.starts_on <= today, most=most
        )

    def due_to_expire(self, today: date, most: int) -> tuple[str, ...]:
        """Running, not held, and the last day is over."""
        spans, agreements = tables_life.life_spans, tables.agreements
        return self._numbers(
            agreements.c.state.in_(_RUNNING), spans.c.ends_on < today, ~_is_held(spans.c.number), most=most
        )

    def unreminded(self, first: date, last: date, days: int, most: int) -> tuple[LifeSpan, ...]:
        """Running, soonest end first; the row of a reminder is the once."""
        spans, agreements, sent = tables_life.life_spans, tables.agreements, tables_life.life_reminders
        this = (sent.c.number == spans.c.number, sent.c.ends_on == spans.c.ends_on, sent.c.days == days)
        query = (
            select(spans)
            .join(agreements, agreements.c.number == spans.c.number)
            .where(agreements.c.state.in_(_RUNNING), spans.c.ends_on.between(first, last))
            .where(~select(sent.c.number).where(*this).exists())
            .order_by(spans.c.ends_on, spans.c.number)
            .limit(most)
        )
        return tuple(LifeSpan(**row) for row in self._connection.execute(query).mappings())

    def remind_once(self, number: str, ends_on: date, days: int, at: datetime) -> bool:
        """The row is the once."""
        row = upsert(tables_life.life_reminders).values(
            number=number, ends_on=ends_on, days=days, sent_utc=at
        )
        new = row.on_conflict_do_nothing().returning(tables_life.life_reminders.c.number)
        return self._connection.execute(new).first() is not None

    def open_change(self, change: ChangeFile) -> ChangeFile:
        """Insert unless agreement and order number are taken; then the taken one is returned."""
        table = tables_life.life_changes
        row = asdict(change)
        del row["id"]
        taken = upsert(table).values(**row).on_conflict_do_nothing(index_elements=["number", "order_no"])
        self._connection.execute(taken)
        where = (table.c.number == change.number, table.c.order_no == change.order_no)
        found = self._connection.execute(select(table).where(*where).with_for_update()).mappings().one()
        return _change(found)

    def save_change(self, change: ChangeFile) -> None:
        """Follower, state, time of closing."""
        table = tables_life.life_changes
        moved = {name: getattr(change, name) for name in ("follower", "state", "closed_utc")}
        self._connection.execute(update(table).where(table.c.id == change.id).values(**moved))

    def changes_of(self, number: str) -> tuple[ChangeFile, ...]:
        """By agreement."""
        table = tables_life.life_changes
        query = select(table).where(table.c.number == number).order_by(table.c.id)
        return tuple(_change(row) for row in self._connection.execute(query).mappings())

    def open_changes(self, most: int, *, after: int = 0) -> tuple[ChangeFile, ...]:
        """By state, above an id."""
        table = tables_life.life_changes
        later = (table.c.state == "open", table.c.id > after)
        query = select(table).where(*later).order_by(table.c.id).limit(most)
        return tuple(_change(row) for row in self._connection.execute(query).mappings())

    def add_hold(self, hold: DisputeHold) -> None:
        """A second standing hold breaks the partial unique index: a fault of the caller."""
        row = asdict(hold) | {"state_before": hold.state_before.value}
        del row["id"]
        self._connection.execute(insert(tables_life.dispute_holds).values(**row))

    def hold_of(self, number: str) -> DisputeHold | None:
        """The one not released."""
        return next((hold for hold in self.holds_of(number) if hold.released_utc is None), None)

    def holds_of(self, number: str) -> tuple[DisputeHold, ...]:
        """By agreement."""
        table = tables_life.dispute_holds
        query = select(table).where(table.c.number == number).order_by(table.c.id)
        return tuple(_hold(row) for row in self._connection.execute(query).mappings())

    def release_hold(self, hold: DisputeHold) -> None:
        """Who, when, outcome."""
        table = tables_life.dispute_holds
        released = {name: getattr(hold, name) for name in ("released_by", "released_utc", "outcome")}
        self._connection.execute(update(table).where(table.c.id == hold.id).values(**released))

    def _numbers(self, *where: ColumnElement[bool], most: int) -> tuple[str, ...]:
        spans, agreements = tables_life.life_spans, tables.agreements
        query = (
            select(spans.c.number)
            .join(agreements, agreements.c.number == spans.c.number)
            .where(*where)
            .order_by(spans.c.number)
            .limit(most)
        )
        return tuple(self._connection.execute(query).scalars())


def _is_held(number: ColumnElement[str]) -> ColumnElement[bool]:
    holds = tables_life.dispute_holds
    standing = select(holds.c.id).where(holds.c.number == number, holds.c.released_utc.is_(None))
    return standing.exists()


def _change(row: RowMapping) -> ChangeFile:
    return ChangeFile(**{field.name: row[field.name] for field in fields(ChangeFile)})


def _hold(row: RowMapping) -> DisputeHold:
    return DisputeHold(**dict(row) | {"state_before": AgreementState(row["state_before"])})
