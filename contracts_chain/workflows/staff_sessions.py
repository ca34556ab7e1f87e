"""Sessions of the staff's browsers: begin with a staff token, end by logging out or by time.

Decides how long one lives: half an hour without a request, a working day at most. The cookie's
value is handed out once and kept nowhere but in the browser; the store has its digest.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.workflows.office import Office
from contracts_chain.workflows.session_ports import StaffSession
from kernel.digests import sha256
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32

__all__ = ["IDLE", "LONGEST", "begin_session", "end_session", "resume_session"]

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=8)
_SEEN_TO: Final = timedelta(minutes=1)
_TOKEN_BYTES: Final = 32


def begin_session(office: Office, account: PersonId, credential_sha256: Bytes32) -> str:
    """Open a session; sessions whose time is over are forgotten on the way.

    Returns:
        The cookie's value: 256 random bits, base64url.
    """
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), office.clock.now()
    session = StaffSession(
        token_sha256=_digest(token),
        account=account,
        credential_sha256=credential_sha256,
        began_utc=now,
        seen_utc=now,
    )
    with office.work() as work:
        work.sessions.remove_stale(began_before=now - LONGEST, seen_before=now - IDLE)
        work.sessions.add(session)
        work.commit()
    return token


def resume_session(office: Office, token: str) -> StaffSession | None:
    """The session behind a cookie, and its half hour begins anew; ``None`` if there is none any more.

    Requests are noted to the minute, so a session may end up to a minute before its half hour.
    """
    now = office.clock.now()
    with office.work() as work:
        session = work.sessions.find(_digest(token))
        if session is None or _is_over(session, now):
            return None
        if now - session.seen_utc >= _SEEN_TO:
            work.sessions.touch(session.token_sha256, now)
            work.commit()
    return session


def end_session(office: Office, token: str) -> None:
    """Log out; an unknown cookie is none of ours and changes nothing."""
    with office.work() as work:
        work.sessions.remove(_digest(token))
        work.commit()


def _is_over(session: StaffSession, now: datetime) -> bool:
    return now - session.seen_utc >= IDLE or now - session.began_utc >= LONGEST


def _digest(token: str) -> Bytes32:
    return sha256(token.encode("utf-8", "surrogatepass"))
