"""kill -9 while a seal is used: its number is not lost, not doubled, and leaves no gap."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from seal_behaviour import MORNING, a_request, a_seal, decided, kept
from sqlalchemy import Engine
from storage_seal_child import take

from contracts_chain.agreements.seals.life import SealState
from contracts_chain.evidence.trail import verify_trail
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.seal_use import note_use
from kernel.digests import digests_of, sha256

CHILD = Path(__file__).with_name("storage_seal_child.py")


@pytest.fixture
def approved(engine: Engine) -> Engine:
    kept(lambda: SqlUnitOfWork(engine), a_seal(state=SealState.IN_USE), a_request())
    with SqlUnitOfWork(engine) as work:
        work.seals.decide_request(decided(a_request()))
        work.commit()
    return engine


def killed(server: EmbeddedPostgres, number: str, moment: str) -> int:
    """Let a child take the number and kill it there; returns what it was given."""
    paths = os.pathsep.join(path for path in sys.path if path)
    child = subprocess.Popen(
        [sys.executable, str(CHILD), server.url, number, moment],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )
    with child:
        assert child.stdout is not None
        given = int(child.stdout.readline())
        child.kill()
    return given


def sealed(engine: Engine, number: str) -> int:
    """Take the number again and note what was sealed, as the retry does."""
    with SqlUnitOfWork(engine) as work:
        use = take(work, number)
        work.commit()
    with SqlUnitOfWork(engine) as work:
        for _ in range(2):
            note_use(
                work,
                use,
                document=digests_of(number.encode()),
                certificate_sha256=sha256(b"certificate"),
                at=MORNING,
                actor="supplier-desk",
            )
        work.commit()
    return use.use_no


def test_killed_after_the_number_was_taken_the_retry_seals_under_the_same_number(
    server: EmbeddedPostgres, approved: Engine
) -> None:
    assert killed(server, "N-1", "after") == 1
    assert sealed(approved, "N-2") == 2
    assert sealed(approved, "N-1") == 1
    with SqlUnitOfWork(approved) as work:
        ledger = work.seals.ledger("seal-a", after=0, most=9)
        assert [(line.use.use_no, line.use.number) for line in ledger] == [(1, "N-1"), (2, "N-2")]
        assert len(work.log.waiting()) == 2
        assert len(verify_trail(work.trails.lines("N-1"))) == 1
        assert work.seals.load_request("request-r").used == 2


def test_killed_before_the_number_was_committed_it_goes_to_the_next_use(
    server: EmbeddedPostgres, approved: Engine
) -> None:
    assert killed(server, "N-1", "before") == 1
    assert sealed(approved, "N-2") == 1
    assert sealed(approved, "N-1") == 2
    with SqlUnitOfWork(approved) as work:
        assert [line.use.use_no for line in work.seals.ledger("seal-a", after=0, most=9)] == [1, 2]
        assert work.seals.load_request("request-r").used == 2
