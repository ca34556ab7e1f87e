"""PostgreSQL keeps the first revocation of a letter, and nobody changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.authority_ports import LetterRevocation
from kernel.digests import sha256

REVOKED = LetterRevocation(
    letter_sha256=sha256(b"letter"),
    number="MZGD-SQ-2026-017",
    principal="浙东电网有限公司明州供电公司（示例）",
    revoked_on=date(2026, 11, 21),
    reason="岗位调整",
    recorded_by="legal",
    recorded_utc=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
)


def kept(engine: Engine, revocation: LetterRevocation) -> LetterRevocation:
    with SqlUnitOfWork(engine) as work:
        standing = work.revocations.add(revocation)
        work.commit()
    return standing


def test_a_revocation_is_found_by_the_digest_of_its_letter(engine: Engine) -> None:
    assert kept(engine, REVOKED) == REVOKED
    with SqlUnitOfWork(engine) as work:
        assert work.revocations.find(REVOKED.letter_sha256) == REVOKED
        assert work.revocations.find(sha256(b"another letter")) is None


def test_the_first_revocation_stands(engine: Engine) -> None:
    kept(engine, REVOKED)
    assert kept(engine, replace(REVOKED, revoked_on=date(2027, 1, 1), reason="另一事由")) == REVOKED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE letter_revocations SET revoked_on = '2030-01-01'",
        "DELETE FROM letter_revocations",
        "TRUNCATE letter_revocations",
    ],
)
def test_no_statement_takes_a_revocation_back(engine: Engine, statement: str) -> None:
    kept(engine, REVOKED)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
