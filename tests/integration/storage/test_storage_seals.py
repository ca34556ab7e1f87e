"""PostgreSQL keeps the seal registry as the fake does, and lets nobody rewrite a ledger or a decision."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from seal_behaviour import MORNING, SealBehaviour, a_request, a_seal, a_use, an_imported, decided, kept
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from kernel.digests import sha256
from kernel.sized_bytes import LeafHash


class TestSqlSeals(SealBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)


@pytest.fixture
def ledger(engine: Engine) -> Engine:
    """One decided request and one use that is noted."""
    kept(lambda: SqlUnitOfWork(engine), a_seal(), a_request(quota=1))
    with SqlUnitOfWork(engine) as work:
        work.seals.decide_request(decided(a_request(quota=1)))
        work.seals.add_imported(an_imported())
        work.seals.add_use(a_use())
        work.seals.note_use(
            a_use(
                noted_utc=MORNING,
                document_sha256=sha256(b"pdf"),
                certificate_sha256=sha256(b"certificate"),
                leaf_hash=LeafHash(sha256(b"record")),
            )
        )
        work.commit()
    return engine


REWRITES = (
    "DELETE FROM seal_uses",
    "TRUNCATE seal_uses",
    "UPDATE seal_uses SET use_no = 7",
    "UPDATE seal_uses SET number = 'N-9'",
    "UPDATE seal_uses SET document_sha256 = '\\x00'",
    "DELETE FROM seal_request_numbers",
    "UPDATE seal_request_numbers SET number = 'N-9'",
    "DELETE FROM seal_requests",
    "UPDATE seal_requests SET state = 'refused'",
    "UPDATE seal_requests SET expires_utc = '2099-01-01Z'",
    "UPDATE seal_requests SET asked_by = 'somebody'",
    "UPDATE seal_requests SET used = 0",
    "DELETE FROM imported_seals",
    "UPDATE imported_seals SET verdict = 'proven'",
)


def test_no_statement_rewrites_a_use_or_a_decision(ledger: Engine) -> None:
    for statement in REWRITES:
        with pytest.raises(DBAPIError, match=r"append-only|once"), ledger.begin() as connection:
            connection.execute(text(statement))


def test_an_agreement_and_field_are_sealed_once_whatever_the_number(ledger: Engine) -> None:
    with SqlUnitOfWork(ledger) as work, pytest.raises(IntegrityError, match="uq_seal_uses_number"):
        work.seals.add_use(a_use(2, number="N-1"))


def test_an_approval_gives_no_more_uses_than_its_quota(ledger: Engine) -> None:
    with SqlUnitOfWork(ledger) as work, pytest.raises(IntegrityError, match="within_quota"):
        work.seals.add_use(a_use(2))


def test_the_database_itself_wants_another_person_to_approve(engine: Engine) -> None:
    kept(lambda: SqlUnitOfWork(engine), a_seal(), a_request(asked_by="seal-custodian"))
    with SqlUnitOfWork(engine) as work, pytest.raises(IntegrityError, match="four_eyes"):
        work.seals.decide_request(decided(a_request()))
