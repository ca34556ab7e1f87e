"""Agreements and their slots; optimistic locking by version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import date

from sqlalchemy import Connection, RowMapping, and_, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.storage import tables
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.errors import AlreadyDraftedError, StaleDossierError, UnknownNumberError
from kernel.ids import AgreementId
from kernel.sized_bytes import BlockHash, Bytes32

__all__ = ["SqlAgreements"]

_PLAIN = tuple(field.name for field in fields(AgreementDossier) if field.name != "slots")


class SqlAgreements:
    """Implements ``AgreementRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, dossier: AgreementDossier) -> None:
        """Insert dossier and slots."""
        try:
            self._connection.execute(insert(tables.agreements).values(**_columns(dossier)))
        except IntegrityError as problem:
            raise AlreadyDraftedError(dossier.order_no, dossier.kind) from problem
        rows = [{"agreement_id": dossier.id, **asdict(slot)} for slot in dossier.slots]
        if rows:
            self._connection.execute(insert(tables.agreement_slots), rows)

    def load(self, number: str, *, lock: bool = False) -> AgreementDossier:
        """Read by number, ``FOR UPDATE`` if asked."""
        query = select(tables.agreements).where(tables.agreements.c.number == number)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        if row is None:
            raise UnknownNumberError(number)
        return self._with_slots(row)

    def find_by_order(self, order_no: str, kind: str) -> AgreementDossier | None:
        """Read by order and kind, unless it came to nothing."""
        table = tables.agreements
        ended = [state.value for state in AgreementState if state.came_to_nothing]
        live = or_(
            table.c.state.not_in([*ended, AgreementState.ARCHIVED.value]),
            and_(table.c.state == AgreementState.ARCHIVED.value, table.c.executed_utc.is_not(None)),
        )
        query = select(table).where(table.c.order_no == order_no, table.c.kind == kind, live)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else self._with_slots(row)

    def save(self, dossier: AgreementDossier) -> AgreementDossier:
        """Update where the version is still the one that was read."""
        table = tables.agreements
        following = replace(dossier, version=dossier.version + 1)
        done = self._connection.execute(
            update(table)
            .where(table.c.id == dossier.id, table.c.version == dossier.version)
            .values(**_columns(following))
        )
        if done.rowcount != 1:
            raise StaleDossierError(dossier.number)
        slots = tables.agreement_slots
        for slot in dossier.slots:
            where = (slots.c.agreement_id == dossier.id, slots.c.field == slot.field)
            self._connection.execute(update(slots).where(*where).values(**asdict(slot)))
        return following

    def rewrite(self, dossier: AgreementDossier) -> AgreementDossier:
        """As ``save``, but the signatures due are written anew."""
        slots = tables.agreement_slots
        kept = [slot.field for slot in dossier.slots]
        where = (slots.c.agreement_id == dossier.id, slots.c.field.not_in(kept))
        self._connection.execute(delete(slots).where(*where))
        rows = [{"agreement_id": dossier.id, **asdict(slot)} for slot in dossier.slots]
        if rows:
            self._connection.execute(upsert(slots).values(rows).on_conflict_do_nothing())
        return self.save(dossier)

    def expired_offers(self, today: date) -> tuple[str, ...]:
        """Numbers of open offers whose last day is over."""
        table = tables.agreements
        open_states = (AgreementState.OFFERED.value, AgreementState.PARTLY_SIGNED.value)
        query = select(table.c.number).where(table.c.state.in_(open_states), table.c.offer_until < today)
        return tuple(self._connection.execute(query.order_by(table.c.number)).scalars())

    def list(self) -> Sequence[AgreementDossier]:
        """All, oldest first."""
        query = select(tables.agreements).order_by(
            tables.agreements.c.drafted_utc, tables.agreements.c.number
        )
        return [self._with_slots(row) for row in self._connection.execute(query).mappings().all()]

    def _with_slots(self, row: RowMapping) -> AgreementDossier:
        table = tables.agreement_slots
        query = select(table).where(table.c.agreement_id == row["id"]).order_by(table.c.ordinal)
        slots = tuple(_slot(found) for found in self._connection.execute(query).mappings())
        return _dossier(row, slots)


def _columns(dossier: AgreementDossier) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(dossier, name) for name in _PLAIN}
    values["state"] = dossier.state.value
    values["evidence_state"] = dossier.evidence_state.value
    return values


def _dossier(row: RowMapping, slots: tuple[SlotFile, ...]) -> AgreementDossier:
    values = {name: row[name] for name in _PLAIN}
    values |= {
        "id": AgreementId(row["id"]),
        "state": AgreementState(row["state"]),
        "evidence_state": EvidenceState(row["evidence_state"]),
        "not_before_hash": BlockHash(row["not_before_hash"]),
        "template_sha256": Bytes32(row["template_sha256"]),
        "approved_sha256": optional_bytes32(row["approved_sha256"]),
        "current_sha256": optional_bytes32(row["current_sha256"]),
    }
    return AgreementDossier(slots=slots, **values)


def _slot(row: RowMapping) -> SlotFile:
    values = {field.name: row[field.name] for field in fields(SlotFile)}
    values["certificate_sha256"] = optional_bytes32(row["certificate_sha256"])
    return SlotFile(**values)


def optional_bytes32(value: bytes | None) -> Bytes32 | None:
    """NULL stays ``None``."""
    return None if value is None else Bytes32(value)
