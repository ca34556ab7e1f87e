"""Drafts on a real PostgreSQL: the database itself keeps versions, approved bytes and parts apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Barrier, Thread

import pytest
from draft_behaviour import LI, NUMBER, DraftBehaviour, a_version
from repository_behaviour import a_dossier
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.separation import Part, SeparationOfDutiesError
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from kernel.digests import sha256

PDF = sha256(b"pdf")


class TestSqlDrafts(DraftBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return partial(SqlUnitOfWork, engine)


@pytest.fixture
def drafted(engine: Engine) -> Callable[[], SqlUnitOfWork]:
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(replace(a_dossier(), current_sha256=PDF))
        work.drafts.add(replace(a_version(), document_sha256=PDF))
        work.commit()
    return partial(SqlUnitOfWork, engine)


def moved(open_work: Callable[[], SqlUnitOfWork], **changes: object) -> None:
    with open_work() as work:
        held = work.agreements.load(NUMBER)
        work.agreements.save(replace(held, **changes))
        work.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE draft_versions SET terms = 'x'",
        "UPDATE draft_versions SET saved_by = 'x'",
        "UPDATE draft_versions SET document_sha256 = 'x'",
        "DELETE FROM draft_versions",
        "TRUNCATE draft_versions",
    ],
)
def test_a_kept_version_is_never_changed(
    engine: Engine, drafted: Callable[[], SqlUnitOfWork], statement: str
) -> None:
    with pytest.raises(DBAPIError, match=r"kept as it is|append-only"), engine.begin() as connection:
        connection.execute(text(statement))


def test_bytes_are_pinned_by_approval_alone_and_only_the_current_ones(
    drafted: Callable[[], SqlUnitOfWork],
) -> None:
    with pytest.raises(DBAPIError, match="approved bytes"):
        moved(drafted, approved_sha256=PDF)
    moved(drafted, state=AgreementState.IN_REVIEW)
    with pytest.raises(DBAPIError, match="approved bytes"):
        moved(drafted, state=AgreementState.APPROVED, approved_sha256=sha256(b"other"))
    moved(drafted, state=AgreementState.APPROVED, approved_sha256=PDF)
    with pytest.raises(DBAPIError, match="approved bytes"):
        moved(drafted, state=AgreementState.OFFERED, approved_sha256=sha256(b"other"))
    with pytest.raises(DBAPIError, match="approved bytes"):
        moved(drafted, state=AgreementState.OFFERED, approved_sha256=None)
    moved(drafted, state=AgreementState.DRAFT, approved_sha256=None)


@pytest.mark.parametrize("state", [AgreementState.IN_REVIEW, AgreementState.APPROVED])
def test_a_text_under_review_or_later_does_not_change_in_place(
    drafted: Callable[[], SqlUnitOfWork], state: AgreementState
) -> None:
    moved(drafted, state=state)
    with pytest.raises(DBAPIError, match="only on the way back to draft"):
        moved(drafted, terms=b"{other}")


def test_what_is_offered_are_the_approved_bytes_and_stays_so(
    drafted: Callable[[], SqlUnitOfWork],
) -> None:
    with pytest.raises(DBAPIError, match="are the approved bytes"):
        moved(drafted, state=AgreementState.OFFERED)
    moved(drafted, state=AgreementState.IN_REVIEW)
    moved(drafted, state=AgreementState.APPROVED, approved_sha256=PDF)
    moved(drafted, state=AgreementState.OFFERED)
    with pytest.raises(DBAPIError, match="are the approved bytes"):
        moved(drafted, current_sha256=sha256(b"other"))
    with pytest.raises(DBAPIError, match="only on the way back to draft"):
        moved(drafted, state=AgreementState.DRAFT, terms=b"{other}")


def test_of_two_who_take_different_parts_at_once_one_is_refused(
    drafted: Callable[[], SqlUnitOfWork],
) -> None:
    start, refused = Barrier(2), []

    def take(part: Part) -> None:
        with drafted() as work:
            start.wait()
            try:
                work.people.take(NUMBER, part, {LI})
                work.commit()
            except SeparationOfDutiesError as problem:
                refused.append(problem)

    clerks = [Thread(target=take, args=(part,)) for part in (Part.DRAFTER, Part.REVIEWER)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert len(refused) == 1
    with drafted() as work:
        assert work.people.parts(NUMBER) == {LI: refused[0].held}
