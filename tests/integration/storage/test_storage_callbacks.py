"""PostgreSQL keeps events for other systems as the fake does, and refuses to have them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from callback_behaviour import LEASE, NOON, CallbackBehaviour, addressed, an_endpoint, an_event, claimed, ids
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.callback_files import CallbackAttempt

_EMPTIED = """
ALTER TABLE callback_attempts DISABLE TRIGGER USER; ALTER TABLE process_events DISABLE TRIGGER USER;
TRUNCATE callback_attempts, callback_deliveries, callback_endpoints, process_events RESTART IDENTITY;
ALTER TABLE callback_attempts ENABLE TRIGGER USER; ALTER TABLE process_events ENABLE TRIGGER USER;
"""


@pytest.fixture(scope="module")
def migrated(server: EmbeddedPostgres) -> Iterator[Engine]:
    """One schema for the whole module: to migrate takes longer than any test here."""
    engine = open_engine(server.url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(migrated: Engine) -> Iterator[Engine]:
    yield migrated
    with migrated.begin() as owner:
        owner.execute(text(_EMPTIED))


class TestSqlCallbacks(CallbackBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)


def test_one_teller_at_a_time_and_the_next_goes_on_where_the_first_ended(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.callbacks.note([an_event(1), an_event(2)])
        work.commit()
    with SqlUnitOfWork(engine) as first, SqlUnitOfWork(engine) as second:
        assert first.callbacks.hold_telling()
        assert not second.callbacks.hold_telling()
        assert [one.sequence for one in first.callbacks.tell(1)] == [1]
        first.commit()
        assert second.callbacks.hold_telling()
        assert [(one.event_id, one.sequence) for one in second.callbacks.tell(9)] == [(ids(2)[0], 2)]


def test_an_endpoint_is_not_closed_while_somebody_tells(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.callbacks.add_endpoint(an_endpoint("a"))
        work.commit()
    with SqlUnitOfWork(engine) as teller, engine.connect() as closer:
        teller.callbacks.endpoints(keep=True)
        closer.execute(text("SET lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            closer.execute(text("UPDATE callback_endpoints SET closed_utc = now()"))


def test_a_second_taker_waits_and_counts_what_the_first_has_begun(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.callbacks.add_endpoint(an_endpoint("a"))
        addressed(work, an_endpoint("a"), *(an_event(at, subject=f"C-{at}") for at in (1, 2, 3)))
        work.commit()
    with SqlUnitOfWork(engine) as first, engine.connect() as second:
        assert claimed(first, each=2) == ids(1, 2)
        second.execute(text("SET lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            second.execute(text("SELECT pg_advisory_xact_lock(1667329132)"))
        first.commit()
    with SqlUnitOfWork(engine) as next_taker:
        assert claimed(next_taker, each=2) == []
        assert claimed(next_taker, each=3) == ids(3)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE process_events SET change = 'x'",
        "UPDATE process_events SET sequence = 7",
        "UPDATE process_events SET sequence = NULL",
        "DELETE FROM process_events",
        "TRUNCATE process_events CASCADE",
        "UPDATE callback_attempts SET outcome = 'HTTP 200'",
        "DELETE FROM callback_attempts",
        "UPDATE callback_deliveries SET state = 'lost'",
        "INSERT INTO outbox (topic, subject, payload, created_utc) VALUES ('rating', 'C-1', '', now())",
    ],
)
def test_neither_events_nor_the_log_of_attempts_are_rewritten(engine: Engine, change: str) -> None:
    with SqlUnitOfWork(engine) as work:
        work.callbacks.add_endpoint(an_endpoint("a"))
        (made,) = addressed(work, an_endpoint("a"), an_event(1))
        assert claimed(work) == ids(1)
        over = CallbackAttempt(delivery_id=made.id, number=1, started_utc=NOON, finished_utc=NOON + LEASE)
        work.callbacks.finish(replace(over, outcome="HTTP 500"))
        work.commit()
    with (
        engine.connect() as owner,
        pytest.raises(DBAPIError, match=r"is fixed|on record|append|violates"),
    ):
        owner.execute(text(change))
