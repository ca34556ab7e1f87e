"""Seconds from 10,000 documents taken in to their final checkpoint, on a whole house.

Bare cost beside it, taking turns: one transaction to the registry, sent and mined on the
same chain, and 10,000 bare leaf hashes. The rest is ours: durable intake, order, both
trees' tiles, note, cosignatures of two witness processes, state by state in PostgreSQL, proofs.
Run alone with ``python -m bench.rows_pipeline``.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from api.house import House, open_house
from api.keyring import Keyring
from api.settings import Settings
from bench.measuring import Row, row
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.ledger.registry_calls import HEAD_CALL, address_of, sign_call
from contracts_chain.ledger.rpc_json import quantity
from contracts_chain.ledger.web3_endpoint import Web3Endpoint
from contracts_chain.workflows.anchor import flush
from contracts_chain.workflows.dossier import LogRow
from contracts_chain.workflows.office import Office
from kernel.digests import digests_of
from kernel.ids import new_id
from kernel.sized_bytes import Salt

DOCUMENTS = 10_000
TURNS = 3
GOAL_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


def rows() -> list[Row]:
    """One row, in the form of DESIGN §6."""
    with (
        tempfile.TemporaryDirectory() as directory,
        open_house(Settings(data_dir=Path(directory) / "data")) as house,
    ):
        ours, bare = _turns(house)
    work = f"{DOCUMENTS:,} documents taken in, ordered, cosigned, anchored, proofs stored"
    return [row("leaf to final", work, "s", ours, bare, goal=GOAL_SECONDS, met=ours <= GOAL_SECONDS)]


def _turns(house: House) -> tuple[float, float]:
    office = house.office
    _keep(office, [_record(f"BENCH-{new_id()}")])
    flush(office, patience_seconds=PATIENCE_SECONDS)
    spent: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(TURNS):
        records = [_record(f"BENCH-{new_id()}") for _ in range(DOCUMENTS)]
        started = time.perf_counter()
        _keep(office, records)
        flush(office, patience_seconds=PATIENCE_SECONDS)
        spent["ours"].append(time.perf_counter() - started)
        spent["bare"].append(_bare(house, [record.canonical() for record in records]))
    return statistics.median(spent["ours"]), statistics.median(spent["bare"])


def _keep(office: Office, records: list[Record]) -> None:
    now = office.clock.now()
    with office.work() as work:
        work.log.append_many(
            [
                LogRow(subject=one.subject, leaf_hash=one.leaf(), record=one.canonical(), appended_utc=now)
                for one in records
            ]
        )
        work.commit()


def _record(subject: str) -> Record:
    return Record(
        kind=RecordKind.INVOICE_ISSUED,
        subject=subject,
        document=digests_of(subject.encode()),
        occurred_utc=MOMENT,
        actor="bench",
        previous=None,
        details={},
        salt=Salt(hashlib.sha256(subject.encode()).digest()),
    )


def _bare(house: House, contents: list[bytes]) -> float:
    """Leaf hashes, and one transaction to the registry by the administrator: sent and mined."""
    started = time.perf_counter()
    for content in contents:
        hashlib.sha256(b"\x00" + content).digest()
    keyring = Keyring.open(house.settings.data_dir / "keys", house.settings.kek)
    key = keyring.secret("admin")
    keyring.close()
    registry = house.office.trust.chain.registry
    endpoint = Web3Endpoint(house.rpc_url, house.settings.chain_id)
    try:
        count = endpoint.ask("eth_getTransactionCount", [address_of(key).hex0x(), "latest"])
        call = sign_call(
            key,
            chain_id=house.settings.chain_id,
            nonce=quantity(count, "nonce"),
            to=registry,
            payload=HEAD_CALL,
            gas_limit=100_000,
        )
        endpoint.ask("eth_sendRawTransaction", ["0x" + call.raw.hex()])
        while endpoint.ask("eth_getTransactionReceipt", [call.hash.hex0x()]) is None:
            threading.Event().wait(0.005)
    finally:
        endpoint.close()
    return time.perf_counter() - started


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1))
