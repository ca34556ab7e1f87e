"""An outsider audits a running installation, and finds the operator who rewrites one leaf in the database."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from api_service import Service
from sqlalchemy import make_url

from api.audit_chain import AuditRequest, audit_chain
from contracts_chain.evidence.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.chronicle import append_record
from kernel.digests import digests_of

SUBJECT = "AUDITED-FROM-OUTSIDE"
FORGED = hash_leaf(b"a leaf that was never recorded")


def published(service: Service) -> Checkpoint:
    """Three more records, and the published checkpoint that covers them."""
    with service.house.office.work() as work:
        for number in range(3):
            append_record(
                work,
                RecordKind.SEAL_USED,
                subject=SUBJECT,
                document=digests_of(b"pdf"),
                at=datetime.now(UTC),
                actor="tester",
                details={"n": str(number), "at": str(time.monotonic_ns())},
            )
        work.commit()
    deadline = time.monotonic() + 60
    with service.client() as anyone:
        while True:
            answer = anyone.get("/log/checkpoint")
            if answer.status_code == 200 and _covers(service, read_checkpoint(answer.text)):
                return read_checkpoint(answer.text)
            assert time.monotonic() < deadline, "no checkpoint came"
            threading.Event().wait(0.1)


def _covers(service: Service, checkpoint: Checkpoint) -> bool:
    with service.house.office.work() as work:
        return work.log.unsequenced(SUBJECT) == 0 and checkpoint.size == work.log.size()


def audited(
    service: Service, folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, dict[str, object]]]:
    """Exit code, and the finding of each section."""
    service.house.office.trust.write(folder / "trust")
    request = AuditRequest(
        rpc=service.house.rpc_url,
        trust=folder / "trust",
        log=f"{service.url}/log",
        state=folder / "state.json",
    )
    capsys.readouterr()
    code = audit_chain(replace(request, as_json=True))
    findings = json.loads(capsys.readouterr().out)["findings"]
    return code, {finding["section"]: finding for finding in findings}


@contextmanager
def rewritten(service: Service, place: int) -> Iterator[None]:
    """One leaf changed wherever the operator keeps it, past all triggers; then mended."""
    url = make_url(service.house.database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        tile, at = divmod(place, 256)
        leaf = connection.execute(
            "SELECT leaf_hash FROM log_leaves WHERE leaf_index = %s", (place,)
        ).fetchone()
        hashes = connection.execute(
            "SELECT hashes FROM log_tiles WHERE tree = 'sha256' AND level = 0 AND number = %s", (tile,)
        ).fetchone()
        assert leaf is not None
        assert hashes is not None
        forged = hashes[0][: 32 * at] + FORGED + hashes[0][32 * at + 32 :]
        _write(connection, place, bytes(FORGED), forged)
        try:
            yield
        finally:
            _write(connection, place, leaf[0], hashes[0])


def _write(connection: psycopg.Connection[tuple[bytes]], place: int, leaf: bytes, tile: bytes) -> None:
    for table in ("log_leaves", "log_tiles"):
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    connection.execute("UPDATE log_leaves SET leaf_hash = %s WHERE leaf_index = %s", (leaf, place))
    connection.execute(
        "UPDATE log_tiles SET hashes = %s WHERE tree = 'sha256' AND level = 0 AND number = %s",
        (tile, place // 256),
    )
    for table in ("log_leaves", "log_tiles"):
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    connection.commit()


def test_an_honest_installation_is_proven_with_its_published_log(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(service)
    code, findings = audited(service, tmp_path, capsys)
    assert code == 0, findings
    assert set(findings) == {"chain", "registry", "log"}


def test_one_leaf_rewritten_in_the_database_is_refuted_and_placed(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = published(service).size - 1
    with rewritten(service, place):
        code, findings = audited(service, tmp_path, capsys)
    assert (code, findings["log"]["code"]) == (10, "log_changed")
    assert findings["chain"]["verdict"] == "proven"
    first, last = _span(str(findings["log"]["detail"]))
    assert first <= place <= last
    assert audited(service, tmp_path, capsys)[0] == 0


def _span(detail: str) -> tuple[int, int]:
    words = detail.split()
    return int(words[1]), int(words[3])


def test_a_log_rewritten_and_signed_anew_by_its_operator_is_a_proven_fork(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator signs the rewritten tree; the chain and his own signature contradict each other."""
    signed, office = published(service), service.house.office
    with office.work() as work:
        leaves = list(work.log.hashes())
    leaves[-1] = FORGED
    other = MerkleLog(leaves[: signed.size])
    note = sign_checkpoint(
        Checkpoint(origin=signed.origin, size=signed.size, root=other.root()), office.log_key
    )
    monkeypatch.setattr("api.audit_http_log.HttpLog.note", lambda _: note)
    code, findings = audited(service, tmp_path, capsys)
    assert (code, findings["log"]["code"]) == (10, "fork_proven")
    kept = json.loads((tmp_path / "fork-evidence.json").read_text("utf-8"))["statements"]
    assert kept["signed_note"] == note
    assert kept["anchored"]["root"] == signed.root.hex()
