"""What PostgreSQL may do to a transaction under way, said to people; the driver's own words stay inside.

Decides which failures pass: two transactions that waited for each other, a server that was restarted,
a pool that is used up. Must never call a commit undone whose answer was lost: nobody knows.
"""

from __future__ import annotations

from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError

from kernel.errors import ContractsChainError, FaultError, UndecidedError

__all__ = ["DatabaseBusyError", "DatabaseFullError", "DatabaseWentAwayError", "said_of"]

_SOON = 1.0
"""Seconds after which a transaction that was given up may be tried again."""
_GIVEN_UP = (postgres.DeadlockDetected, postgres.SerializationFailure, postgres.LockNotAvailable)
_FULL = (postgres.DiskFull, postgres.OutOfMemory)


class DatabaseBusyError(UndecidedError):
    """The transaction was given up for another's sake, or no connection was free; nothing was stored."""

    code = "database_busy"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "too much happened at once; nothing was stored, try again in a second",
            "操作过于集中，未保存任何内容；请稍后一秒重试",
            retry_after=_SOON,
        )


class DatabaseWentAwayError(UndecidedError):
    """The server ended the connection in the midst of it; whether a commit got through, nobody knows."""

    code = "database_went_away"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "the database went away meanwhile; look whether your change stands, and repeat it if it does not",
            "数据库连接中断；请刷新查看操作是否已生效，未生效则请重试",
            retry_after=_SOON,
        )


class DatabaseFullError(FaultError):
    """The server has no space or memory left; nothing was stored."""

    code = "database_full"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "the database has no space left; nothing was stored, free some space on its disk, then try again",
            "数据库空间不足，未保存任何内容；请清理其磁盘空间后重试",
        )


def said_of(problem: BaseException | None) -> ContractsChainError | None:
    """What a failure of the driver means to the reader; ``None`` for any other, above all for our faults."""
    if not isinstance(problem, DBAPIError):
        return None
    if isinstance(problem.orig, _GIVEN_UP):
        return DatabaseBusyError()
    if isinstance(problem.orig, _FULL):
        return DatabaseFullError()
    return DatabaseWentAwayError() if problem.connection_invalidated else None
