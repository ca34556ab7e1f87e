"""Seals, requests to use them and the ledger of uses, inside one transaction."""

from __future__ import annotations

from dataclasses import asdict, fields

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from contracts_chain.agreements.seals.imported import ImportedSeal
from contracts_chain.agreements.seals.life import SealState
from contracts_chain.agreements.seals.seal import Seal, SealKind
from contracts_chain.agreements.seals.use import RequestState, SealUse, UseRequest
from contracts_chain.storage import tables_seals as tables
from contracts_chain.storage.repositories.agreements import optional_bytes32
from contracts_chain.storage.tables_log import log_leaves
from contracts_chain.workflows.seal_ports import (
    LedgerLine,
    SealChangedError,
    SealImportedError,
    SealTakenError,
    UnknownSealError,
    UnknownUseRequestError,
)
from kernel.sized_bytes import Bytes32, LeafHash
from kernel.verdict import Verdict

__all__ = ["SqlSeals"]

_OVER = (SealState.REFUSED.value, SealState.DESTROYED.value)


class SqlSeals:
    """Implements ``SealRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, seal: Seal) -> None:
        """Insert; the index of live names refuses a second."""
        try:
            self._connection.execute(insert(tables.seals).values(**_seal_row(seal)))
        except IntegrityError as problem:
            raise SealTakenError(seal.name) from problem

    def load(self, seal_id: str, *, lock: bool = False) -> Seal:
        """By id."""
        row = self._first(select(tables.seals).where(tables.seals.c.id == seal_id), lock=lock)
        if row is None:
            raise UnknownSealError(seal_id)
        return _seal(row)

    def find(self, owner_id: str, name: str, *, lock: bool = False) -> Seal | None:
        """By owner and wording."""
        table = tables.seals
        live = (table.c.owner_id == owner_id, table.c.name == name, table.c.state.not_in(_OVER))
        row = self._first(select(table).where(*live), lock=lock)
        return None if row is None else _seal(row)

    def list(self) -> tuple[Seal, ...]:
        """In order of application."""
        query = select(tables.seals).order_by(tables.seals.c.applied_utc, tables.seals.c.id)
        return tuple(map(_seal, self._connection.execute(query).mappings()))

    def save(self, seal: Seal) -> Seal:
        """Only the version that was read."""
        table = tables.seals
        following = _seal_row(seal) | {"version": seal.version + 1}
        where = (table.c.id == seal.id, table.c.version == seal.version)
        if self._connection.execute(update(table).where(*where).values(**following)).rowcount != 1:
            raise SealChangedError(seal.name)
        return self.load(seal.id)

    def add_imported(self, seal: ImportedSeal) -> None:
        """Insert; the unique digest refuses a second."""
        row = asdict(seal) | {"verdict": seal.verdict.value}
        try:
            self._connection.execute(insert(tables.imported_seals).values(**row))
        except IntegrityError as problem:
            raise SealImportedError(seal.name) from problem

    def imported(self) -> tuple[ImportedSeal, ...]:
        """In order of import."""
        table = tables.imported_seals
        query = select(table).order_by(table.c.imported_utc, table.c.id)
        return tuple(
            ImportedSeal(
                **{**row, "der_sha256": Bytes32(row["der_sha256"]), "verdict": Verdict(row["verdict"])}
            )
            for row in self._connection.execute(query).mappings()
        )

    def add_request(self, request: UseRequest) -> None:
        """Insert request and numbers."""
        row = asdict(request) | {"state": request.state.value}
        del row["numbers"]
        self._connection.execute(insert(tables.seal_requests).values(**row))
        numbers = [
            {"request_id": request.id, "ordinal": ordinal, "number": number}
            for ordinal, number in enumerate(request.numbers)
        ]
        self._connection.execute(insert(tables.seal_request_numbers), numbers)

    def load_request(self, request_id: str, *, lock: bool = False) -> UseRequest:
        """By id."""
        table = tables.seal_requests
        row = self._first(select(table).where(table.c.id == request_id), lock=lock)
        if row is None:
            raise UnknownUseRequestError(request_id)
        return self._request(row)

    def decide_request(self, request: UseRequest) -> None:
        """The trigger refuses a second decision."""
        table = tables.seal_requests
        decision = {
            "state": request.state.value,
            "decided_by": request.decided_by,
            "decided_utc": request.decided_utc,
            "expires_utc": request.expires_utc,
            "quota": request.quota,
        }
        self._connection.execute(update(table).where(table.c.id == request.id).values(**decision))

    def requests(self, seal_id: str, *, most: int) -> tuple[UseRequest, ...]:
        """Undecided ones first, then the newest."""
        table = tables.seal_requests
        asked = (table.c.state == RequestState.ASKED.value).desc()
        query = select(table).where(table.c.seal_id == seal_id).order_by(asked, table.c.asked_utc.desc())
        rows = self._connection.execute(query.limit(most)).mappings().all()
        return tuple(map(self._request, rows))

    def approval_for(self, seal_id: str, number: str) -> UseRequest | None:
        """By agreement, the newest decision."""
        table, numbers = tables.seal_requests, tables.seal_request_numbers
        naming = select(numbers.c.request_id).where(numbers.c.number == number)
        query = select(table).where(
            table.c.seal_id == seal_id,
            table.c.state == RequestState.APPROVED.value,
            table.c.id.in_(naming),
        )
        row = self._first(query.order_by(table.c.decided_utc.desc(), table.c.id).limit(1), lock=True)
        return None if row is None else self._request(row)

    def find_use(self, number: str, field: str) -> SealUse | None:
        """By agreement and field."""
        table = tables.seal_uses
        row = self._first(select(table).where(table.c.number == number, table.c.field == field), lock=False)
        return None if row is None else _use(row)

    def add_use(self, use: SealUse) -> None:
        """Insert and count."""
        self._connection.execute(insert(tables.seal_uses).values(**asdict(use)))
        table = tables.seal_requests
        counted = update(table).where(table.c.id == use.request_id).values(used=table.c.used + 1)
        self._connection.execute(counted)

    def note_use(self, use: SealUse) -> None:
        """Fill in what was sealed; the trigger refuses to do it twice."""
        table = tables.seal_uses
        noted = ("noted_utc", "document_sha256", "certificate_sha256", "leaf_hash")
        values = {name: getattr(use, name) for name in noted}
        where = (table.c.seal_id == use.seal_id, table.c.use_no == use.use_no)
        self._connection.execute(update(table).where(*where).values(**values))

    def ledger(self, seal_id: str, *, after: int, most: int) -> tuple[LedgerLine, ...]:
        """With the leaf's place, where it has one."""
        table = tables.seal_uses
        joined = table.outerjoin(log_leaves, log_leaves.c.leaf_hash == table.c.leaf_hash)
        query = (
            select(table, log_leaves.c.leaf_index)
            .select_from(joined)
            .where(table.c.seal_id == seal_id, table.c.use_no > after)
            .order_by(table.c.use_no)
            .limit(most)
        )
        rows = self._connection.execute(query).mappings()
        return tuple(LedgerLine(use=_use(row), leaf_index=row["leaf_index"]) for row in rows)

    def last_use(self, seal_id: str) -> int:
        """The greatest number."""
        table = tables.seal_uses
        query = select(func.coalesce(func.max(table.c.use_no), 0)).where(table.c.seal_id == seal_id)
        return int(self._connection.execute(query).scalar_one())

    def _first(self, query: Select[tuple[object, ...]], *, lock: bool) -> RowMapping | None:
        return self._connection.execute(query.with_for_update() if lock else query).mappings().first()

    def _request(self, row: RowMapping) -> UseRequest:
        table = tables.seal_request_numbers
        query = select(table.c.number).where(table.c.request_id == row["id"]).order_by(table.c.ordinal)
        numbers = tuple(self._connection.execute(query).scalars())
        return UseRequest(**{**row, "state": RequestState(row["state"]), "numbers": numbers})


def _seal_row(seal: Seal) -> dict[str, object]:
    values = {field.name: getattr(seal, field.name) for field in fields(Seal)}
    lists = {"classes": list(seal.classes), "chain": list(seal.chain)}
    return values | lists | {"kind": seal.kind.value, "state": seal.state.value}


def _seal(row: RowMapping) -> Seal:
    read = {
        "kind": SealKind(row["kind"]),
        "state": SealState(row["state"]),
        "classes": tuple(row["classes"]),
        "chain": tuple(row["chain"]),
        "drawing_sha256": Bytes32(row["drawing_sha256"]),
    }
    return Seal(**{**row, **read})


def _use(row: RowMapping) -> SealUse:
    values = {field.name: row[field.name] for field in fields(SealUse)}
    leaf = row["leaf_hash"]
    read = {
        "drawing_sha256": Bytes32(row["drawing_sha256"]),
        "document_sha256": optional_bytes32(row["document_sha256"]),
        "certificate_sha256": optional_bytes32(row["certificate_sha256"]),
        "leaf_hash": None if leaf is None else LeafHash(leaf),
    }
    return SealUse(**{**values, **read})
