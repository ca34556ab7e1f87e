"""Milestones and reminders of orders, and what the agreements tell of their own way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import ARRAY, Connection, RowMapping, Text, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.elements import CollectionAggregate

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_steps import GridProjectType, ProcessStep
from contracts_chain.storage import tables_deadlines, tables_log
from contracts_chain.storage.repositories.agreements import optional_bytes32
from contracts_chain.workflows.deadline_ports import AgreementEvents, MilestoneFile, ReminderFile

__all__ = ["SqlDeadlines"]

_STEPS = {step.value: step for step in ProcessStep}
_WORKS = {works.value: works for works in GridProjectType}
_LIVE = text("""
    SELECT order_no FROM order_milestones GROUP BY order_no
    HAVING count(*) FILTER (
        WHERE kind IN ('energised', 'order_closed') AND recorded_utc < :finished_since
    ) = 0
    UNION
    SELECT order_no FROM agreements
    WHERE executed_utc IS NULL AND state NOT IN ('rejected', 'withdrawn', 'lapsed', 'archived')
        AND NOT EXISTS (
            SELECT FROM order_milestones closed
            WHERE closed.order_no = agreements.order_no AND closed.kind = 'order_closed'
        )
    ORDER BY order_no
""")
_AGREEMENTS = text("""
    SELECT a.number, a.order_no, a.kind, a.profile AS province, a.state, a.executed_utc,
        signed.others_signed_utc, signed.utility_signed_utc, anchored.closed_utc AS anchored_utc,
        CASE WHEN a.kind = 'SERVICE_COMPACT' AND a.executed_utc IS NOT NULL
            AND a.state NOT IN ('terminated', 'superseded', 'archived') THEN a.terms END AS compact
    FROM agreements a
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN bool_and(s.signed_utc IS NOT NULL) FILTER (WHERE s.role <> last.role)
                THEN max(s.signed_utc) FILTER (WHERE s.role <> last.role) END AS others_signed_utc,
            CASE WHEN bool_and(s.signed_utc IS NOT NULL) FILTER (WHERE s.role = last.role)
                THEN max(s.signed_utc) FILTER (WHERE s.role = last.role) END AS utility_signed_utc
        FROM agreement_slots s,
            (SELECT role FROM agreement_slots WHERE agreement_id = a.id ORDER BY ordinal DESC LIMIT 1) last
        WHERE s.agreement_id = a.id
    ) signed
    LEFT JOIN LATERAL (
        SELECT c.closed_utc FROM checkpoints c
        WHERE a.executed_utc IS NOT NULL AND c.state = 'final' AND c.size > (
            SELECT max(leaf_index) FROM log_leaves WHERE subject = a.number AND appended_utc <= a.executed_utc
        )
        ORDER BY c.sequence LIMIT 1
    ) anchored ON true
    WHERE a.order_no = ANY(:orders)
    ORDER BY a.drafted_utc, a.number
""")


class SqlDeadlines:
    """Implements ``DeadlineRepository``. The utility is the party that signs last."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, milestone: MilestoneFile) -> MilestoneFile:
        """Insert unless order and key are taken; then the row that stands there."""
        table = tables_deadlines.order_milestones
        row = asdict(milestone) | {
            "kind": milestone.kind.value,
            "project_type": milestone.project_type.value if milestone.project_type else None,
        }
        self._connection.execute(upsert(table).values(**row).on_conflict_do_nothing())
        query = select(table).where(table.c.order_no == milestone.order_no, table.c.key == milestone.key)
        return _milestone(self._connection.execute(query).mappings().one())

    def milestones_of(self, orders: Sequence[str]) -> tuple[MilestoneFile, ...]:
        """Oldest first."""
        table = tables_deadlines.order_milestones
        query = select(table).where(table.c.order_no == _any(orders)).order_by(table.c.id)
        return tuple(_milestone(row) for row in self._connection.execute(query).mappings())

    def agreements_of(self, orders: Sequence[str]) -> tuple[AgreementEvents, ...]:
        """Oldest first, each with its trail lines."""
        query = _AGREEMENTS.bindparams(bindparam("orders", list(orders), ARRAY(Text)))
        rows = self._connection.execute(query).mappings().all()
        lines = self._lines([row["number"] for row in rows])
        return tuple(
            AgreementEvents(
                **(dict(row) | {"state": AgreementState(row["state"])}), lines=tuple(lines[row["number"]])
            )
            for row in rows
        )

    def live_orders(self, finished_since: datetime) -> tuple[str, ...]:
        """By order number."""
        return tuple(self._connection.execute(_LIVE, {"finished_since": finished_since}).scalars())

    def remind_once(self, reminder: ReminderFile) -> bool:
        """Insert unless the clock had its reminder of that day."""
        table = tables_deadlines.deadline_reminders
        new = upsert(table).values(**asdict(reminder)).on_conflict_do_nothing().returning(table.c.level)
        return self._connection.execute(new).first() is not None

    def reminders_of(self, orders: Sequence[str]) -> tuple[ReminderFile, ...]:
        """Oldest first."""
        table = tables_deadlines.deadline_reminders
        query = (
            select(table).where(table.c.order_no == _any(orders)).order_by(table.c.asked_utc, table.c.level)
        )
        return tuple(ReminderFile(**row) for row in self._connection.execute(query).mappings())

    def _lines(self, numbers: Sequence[str]) -> defaultdict[str, list[bytes]]:
        table = tables_log.trail_lines
        query = (
            select(table.c.subject, table.c.line)
            .where(table.c.subject == _any(numbers))
            .order_by(table.c.subject, table.c.seq)
        )
        found: defaultdict[str, list[bytes]] = defaultdict(list)
        for subject, line in self._connection.execute(query):
            found[subject].append(line)
        return found


def _any(words: Sequence[str]) -> CollectionAggregate[bool]:
    """One array as a parameter, however many words: PostgreSQL takes 65,535 parameters at most."""
    return any_(bindparam(None, list(words), ARRAY(Text)))


def _milestone(row: RowMapping) -> MilestoneFile:
    values = {field.name: row[field.name] for field in fields(MilestoneFile)}
    works = row["project_type"]
    values |= {
        "kind": _STEPS[row["kind"]],
        "project_type": _WORKS[works] if works else None,
        "document_sha256": optional_bytes32(row["document_sha256"]),
    }
    return MilestoneFile(**values)
