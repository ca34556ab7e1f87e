"""What PostgreSQL does to transactions at once: locks in one order, and words for what it gives up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from psycopg.errors import DiskFull
from repository_behaviour import NOW, a_ceremony, a_dossier
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.storage.database_errors import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseWentAwayError,
    said_of,
)
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.ceremony_ports import SigningSetFile, SigningSetMember
from contracts_chain.workflows.withdraw import hold_all_with_links
from kernel.digests import sha256
from kernel.ids import AgreementId

FIRST, SECOND = "SGA", "SGB"
PATIENCE = 60.0


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def two_agreements(engine: Engine) -> None:
    """Logged, each with a link; the later number lies first in the table, as after an update."""
    with SqlUnitOfWork(engine) as work:
        for number in (SECOND, FIRST):
            plain = a_dossier(number=number, order_no=f"ORDER-{number}")
            dossier = replace(plain, id=AgreementId(number), evidence_state=EvidenceState.LOGGED)
            work.agreements.add(dossier)
            work.ceremonies.add(
                replace(a_ceremony(), id=number, number=number, token_sha256=sha256(number.encode()))
            )
            work.log.append(number, hash_leaf(number.encode()), number.encode(), NOW)
        work.log.sequence_pending(10)
        work.commit()


def is_waiting(engine: Engine, done: Future[object]) -> None:
    """Return once somebody waits for a lock of another, or has ended."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _ in range(int(PATIENCE / 0.01)):
        with engine.connect() as connection:
            if done.done() or connection.execute(waiting).scalar_one():
                return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def covered(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.checkpoints.mark_covered(0, 2, EvidenceState.FINAL)
        work.commit()


def stands(engine: Engine, number: str) -> EvidenceState:
    with SqlUnitOfWork(engine) as work:
        return work.agreements.load(number).evidence_state


def test_an_anchor_does_not_cover_what_a_deed_adds_while_it_waits_for_it(
    engine: Engine, beside: ThreadPoolExecutor
) -> None:
    two_agreements(engine)
    with SqlUnitOfWork(engine) as deed:
        dossier = deed.agreements.load(FIRST, lock=True)
        deed.log.append(FIRST, hash_leaf(b"later"), b"later", NOW)
        deed.agreements.save(dossier)
        anchor: Future[object] = beside.submit(covered, engine)
        is_waiting(engine, anchor)
        deed.commit()
    anchor.result(PATIENCE)
    assert (stands(engine, FIRST), stands(engine, SECOND)) == (EvidenceState.LOGGED, EvidenceState.FINAL)


def test_an_anchor_and_a_deed_on_the_same_two_agreements_wait_in_one_order(
    engine: Engine, beside: ThreadPoolExecutor
) -> None:
    two_agreements(engine)
    with SqlUnitOfWork(engine) as deed:
        deed.agreements.load(FIRST, lock=True)
        anchor: Future[object] = beside.submit(covered, engine)
        is_waiting(engine, anchor)
        deed.agreements.load(SECOND, lock=True)
        deed.commit()
    anchor.result(PATIENCE)
    assert stands(engine, FIRST) is stands(engine, SECOND) is EvidenceState.FINAL


def a_set(engine: Engine) -> str:
    """Both agreements in one set, the later number first."""
    made = SigningSetFile(id="set", token_sha256=sha256(b"set"), signer="p", opened_utc=NOW)
    listed = tuple(
        SigningSetMember(set_id="set", position=at, number=number, role="consumer", ceremony=number)
        for at, number in enumerate((SECOND, FIRST), start=1)
    )
    with SqlUnitOfWork(engine) as work:
        work.signing_sets.add(made, listed)
        work.commit()
    return made.id


def held(engine: Engine, set_id: str) -> list[str]:
    with SqlUnitOfWork(engine) as work:
        return [one.number for one in work.signing_sets.hold(set_id)]


def test_a_set_is_held_in_the_order_of_numbers_and_told_in_its_own(
    engine: Engine, beside: ThreadPoolExecutor
) -> None:
    two_agreements(engine)
    set_id = a_set(engine)
    with SqlUnitOfWork(engine) as deed:
        hold_all_with_links(deed, (FIRST,))
        signer: Future[list[str]] = beside.submit(held, engine, set_id)
        is_waiting(engine, signer)  # type: ignore[arg-type]
        hold_all_with_links(deed, (SECOND,))
    assert signer.result(PATIENCE) == [SECOND, FIRST]
    assert held(engine, "another") == []


def test_of_two_that_wait_for_each_other_one_is_told_to_try_again(
    engine: Engine, beside: ThreadPoolExecutor
) -> None:
    two_agreements(engine)
    both = threading.Barrier(2)

    def crossing(*numbers: str) -> str:
        try:
            with SqlUnitOfWork(engine) as work:
                work.agreements.load(numbers[0], lock=True)
                both.wait(PATIENCE)
                work.agreements.load(numbers[1], lock=True)
        except DatabaseBusyError as problem:
            return problem.code
        return "done"

    other = beside.submit(crossing, SECOND, FIRST)
    assert sorted([crossing(FIRST, SECOND), other.result(PATIENCE)]) == ["database_busy", "done"]
    left = text("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
    with engine.connect() as connection:
        assert connection.execute(left).scalar_one() == 0


def ended_by_the_server(url: str) -> None:
    """What a restart of the server does to every connection of ours."""
    ours = "usename = current_user AND pid <> pg_backend_pid()"
    others = create_engine(url, poolclass=NullPool)
    with others.begin() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"))


def interrupted(engine: Engine, url: str, act: Callable[[SqlUnitOfWork], object]) -> None:
    with SqlUnitOfWork(engine) as work:
        work.agreements.load(FIRST, lock=True)
        ended_by_the_server(url)
        act(work)


def test_a_restarted_server_is_said_in_words_and_the_next_request_works(
    engine: Engine, server: EmbeddedPostgres
) -> None:
    two_agreements(engine)
    with pytest.raises(DatabaseWentAwayError):
        interrupted(engine, server.url, lambda work: work.agreements.load(SECOND))
    with SqlUnitOfWork(engine) as work:
        assert work.agreements.load(FIRST).number == FIRST
    ended_by_the_server(server.url)
    with SqlUnitOfWork(engine) as work:
        assert work.agreements.load(SECOND).number == SECOND


def test_a_commit_without_an_answer_is_not_called_undone(engine: Engine, server: EmbeddedPostgres) -> None:
    two_agreements(engine)
    with pytest.raises(DatabaseWentAwayError, match="look whether"):
        interrupted(engine, server.url, lambda work: work.commit())


def test_a_used_up_pool_is_said_in_words(server: EmbeddedPostgres) -> None:
    small = create_engine(server.url, pool_size=1, max_overflow=0, pool_timeout=0)
    with SqlUnitOfWork(small), pytest.raises(DatabaseBusyError), SqlUnitOfWork(small):
        pass
    small.dispose()


def test_a_full_disk_is_a_fault_of_the_surroundings_and_our_own_faults_stay_ours() -> None:
    full = DBAPIError("INSERT", {}, DiskFull("no space"))
    assert isinstance(said_of(full), DatabaseFullError)
    assert said_of(DBAPIError("INSERT", {}, ValueError("ours"))) is None
    assert said_of(KeyError("ours")) is None
    assert said_of(None) is None
