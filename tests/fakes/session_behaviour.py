"""What every store of staff sessions must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts_chain.workflows.session_ports import StaffSession
from kernel.digests import sha256
from kernel.ids import PersonId

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
SESSION = StaffSession(
    token_sha256=sha256(b"cookie"),
    account=PersonId("drafter"),
    credential_sha256=sha256(b"token"),
    began_utc=MORNING,
    seen_utc=MORNING,
)


class SessionBehaviour:
    def test_a_session_is_found_by_the_digest_of_its_cookie(self, open_work: Any) -> None:
        self._keep(open_work, SESSION)
        with open_work() as work:
            assert work.sessions.find(SESSION.token_sha256) == SESSION
            assert work.sessions.find(sha256(b"another")) is None

    def test_a_request_moves_a_session_only_forward(self, open_work: Any) -> None:
        self._keep(open_work, SESSION)
        later = MORNING + timedelta(minutes=5)
        with open_work() as work:
            for moment in (later, MORNING):
                work.sessions.touch(SESSION.token_sha256, moment)
            work.sessions.touch(sha256(b"another"), later)
            work.commit()
        with open_work() as work:
            assert work.sessions.find(SESSION.token_sha256) == replace(SESSION, seen_utc=later)

    def test_a_removed_session_is_gone_and_removing_it_again_changes_nothing(self, open_work: Any) -> None:
        self._keep(open_work, SESSION)
        for _ in range(2):
            with open_work() as work:
                work.sessions.remove(SESSION.token_sha256)
                work.commit()
        with open_work() as work:
            assert work.sessions.find(SESSION.token_sha256) is None

    def test_only_sessions_whose_time_is_over_are_removed_as_stale(self, open_work: Any) -> None:
        second = timedelta(seconds=1)
        idle = replace(SESSION, token_sha256=sha256(b"idle"), seen_utc=MORNING - second)
        old = replace(SESSION, token_sha256=sha256(b"old"), began_utc=MORNING - second)
        self._keep(open_work, SESSION, idle, old)
        with open_work() as work:
            assert work.sessions.remove_stale(began_before=MORNING, seen_before=MORNING) == 2
            work.commit()
        with open_work() as work:
            assert work.sessions.find(SESSION.token_sha256) == SESSION
            assert work.sessions.find(idle.token_sha256) is None
            assert work.sessions.find(old.token_sha256) is None

    @staticmethod
    def _keep(open_work: Any, *sessions: StaffSession) -> None:
        with open_work() as work:
            for session in sessions:
                work.sessions.add(session)
            work.commit()
