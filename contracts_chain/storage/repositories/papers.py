"""Numbers, intents, outbox, invoices and the facts of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.storage import tables
from contracts_chain.storage.repositories.agreements import optional_bytes32
from contracts_chain.workflows.dossier import IntentRow, InvoiceDossier, OutboxMessage
from contracts_chain.workflows.errors import InstallationMismatchError
from kernel.ids import InvoiceId

__all__ = ["SqlInstallation", "SqlIntents", "SqlInvoices", "SqlNumbers", "SqlOutbox"]


_SPECIMEN = "SPECIMEN"


def lock_series(connection: Connection, series: str) -> None:
    """Hold a series until the transaction ends, without taking a number."""
    table = tables.number_series
    connection.execute(upsert(table).values(series=series, last_serial=0).on_conflict_do_nothing())
    connection.execute(select(table.c.series).where(table.c.series == series).with_for_update())


class _InTransaction:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class SqlNumbers(_InTransaction):
    """Implements ``NumberSeries``."""

    def hold(self, series: str) -> None:
        """Lock the row."""
        lock_series(self._connection, series)

    def next_serial(self, series: str) -> int:
        """Count up under the row's lock; a rolled-back transaction gives its number back."""
        table = tables.number_series
        first = upsert(table).values(series=series, last_serial=1)
        counted = first.on_conflict_do_update(
            index_elements=[table.c.series], set_={"last_serial": table.c.last_serial + 1}
        ).returning(table.c.last_serial)
        return int(self._connection.execute(counted).scalar_one())


class SqlIntents(_InTransaction):
    """Implements ``IntentRepository``."""

    def open(self, intent: IntentRow) -> IntentRow:
        """Insert unless the key is taken; then the taken one is locked and returned."""
        row = asdict(intent)
        self._connection.execute(upsert(tables.intents).values(**row).on_conflict_do_nothing())
        query = select(tables.intents).where(tables.intents.c.key == intent.key).with_for_update()
        return IntentRow(**self._connection.execute(query).mappings().one())

    def find(self, key: str) -> IntentRow | None:
        """By key."""
        row = (
            self._connection.execute(select(tables.intents).where(tables.intents.c.key == key))
            .mappings()
            .first()
        )
        return None if row is None else IntentRow(**row)

    def close(self, key: str, outcome: bytes) -> None:
        """Store the outcome."""
        self._connection.execute(
            update(tables.intents).where(tables.intents.c.key == key).values(outcome=outcome)
        )

    def pending(self) -> tuple[IntentRow, ...]:
        """Without outcome, oldest first."""
        table = tables.intents
        query = select(table).where(table.c.outcome.is_(None)).order_by(table.c.opened_utc)
        return tuple(IntentRow(**row) for row in self._connection.execute(query).mappings())


class SqlOutbox(_InTransaction):
    """Implements ``Outbox``."""

    def put(self, topic: str, subject: str, payload: bytes, at: datetime) -> None:
        """Queue one message."""
        row = {"topic": topic, "subject": subject, "payload": payload, "created_utc": at}
        self._connection.execute(insert(tables.outbox).values(**row))

    def waiting(self, limit: int, *, after: int = 0) -> Sequence[OutboxMessage]:
        """Oldest undelivered messages above an id, skipping those another worker holds."""
        table = tables.outbox
        waiting = (table.c.delivered.is_(False), table.c.id > after)
        query = select(table).where(*waiting).order_by(table.c.id).limit(limit)
        rows = self._connection.execute(query.with_for_update(skip_locked=True)).mappings()
        return [
            OutboxMessage(id=row["id"], topic=row["topic"], subject=row["subject"], payload=row["payload"])
            for row in rows
        ]

    def mark_delivered(self, message: int) -> None:
        """Never deliver it again; the payload is emptied, since it may hold a code."""
        table = tables.outbox
        self._connection.execute(
            update(table).where(table.c.id == message).values(delivered=True, payload=b"")
        )


class SqlInvoices(_InTransaction):
    """Implements ``InvoiceRepository``."""

    def open(self, invoice: InvoiceDossier) -> InvoiceDossier:
        """Insert unless the key is taken; then the taken one is locked and returned."""
        table = tables.invoices
        row = asdict(invoice) | {"evidence_state": invoice.evidence_state.value}
        self._connection.execute(
            upsert(table).values(**row).on_conflict_do_nothing(index_elements=["idempotency_key"])
        )
        query = select(table).where(table.c.idempotency_key == invoice.idempotency_key).with_for_update()
        return _invoice(self._connection.execute(query).mappings().one())

    def save(self, invoice: InvoiceDossier) -> None:
        """Store number and files."""
        row = asdict(invoice) | {"evidence_state": invoice.evidence_state.value}
        table = tables.invoices
        self._connection.execute(update(table).where(table.c.id == invoice.id).values(**row))

    def find_by_number(self, number: str) -> InvoiceDossier | None:
        """By invoice number."""
        query = select(tables.invoices).where(tables.invoices.c.number == number)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _invoice(row)

    def list(self) -> Sequence[InvoiceDossier]:
        """All, by number."""
        rows = self._connection.execute(select(tables.invoices).order_by(tables.invoices.c.number)).mappings()
        return [_invoice(row) for row in rows]

    def allocate_specimen(self, idempotency_key: str, at: datetime) -> tuple[int, datetime]:
        """One serial a key, for ever; the series has no gaps, whatever was rolled back."""
        lock_series(self._connection, _SPECIMEN)
        known = self.find_specimen(idempotency_key)
        if known is not None:
            return known
        serial = SqlNumbers(self._connection).next_serial(_SPECIMEN)
        row = {"idempotency_key": idempotency_key, "serial": serial, "allocated_utc": at}
        self._connection.execute(insert(tables.specimen_numbers).values(**row))
        return serial, at

    def find_specimen(self, idempotency_key: str) -> tuple[int, datetime] | None:
        """Serial and time of a key, if allocated."""
        table = tables.specimen_numbers
        query = select(table.c.serial, table.c.allocated_utc).where(
            table.c.idempotency_key == idempotency_key
        )
        row = self._connection.execute(query).first()
        return None if row is None else (row.serial, row.allocated_utc)


class SqlInstallation(_InTransaction):
    """Implements ``Installation``."""

    def get(self, name: str) -> str | None:
        """A fixed fact."""
        table = tables.installation
        return self._connection.execute(select(table.c.value).where(table.c.name == name)).scalar()

    def fix(self, name: str, value: str) -> None:
        """Fix once; another value later is refused."""
        statement = upsert(tables.installation).values(name=name, value=value).on_conflict_do_nothing()
        self._connection.execute(statement)
        fixed = self.get(name)
        if fixed != value:
            raise InstallationMismatchError(name, str(fixed), value)


def _invoice(row: RowMapping) -> InvoiceDossier:
    values = {field.name: row[field.name] for field in fields(InvoiceDossier)}
    for name in ("xml_sha256", "pdf_sha256", "ofd_sha256"):
        values[name] = optional_bytes32(row[name])
    invoice = InvoiceDossier(**values)
    return replace(invoice, id=InvoiceId(row["id"]), evidence_state=EvidenceState(row["evidence_state"]))
