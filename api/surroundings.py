"""Tells the machine's faults from our own when an exception reaches the command line unnamed.

Whatever library met it first: no space left, a file that refuses, a database that went
away, a setting that cannot be read. Anything else is a bug and stays one.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from kernel.atomic_file import DiskFullError
from kernel.errors import FaultError
from kernel.os_reason import reason_en, reason_zh

__all__ = ["DatabaseLostError", "SettingError", "SystemRefusedError", "as_fault"]


class SettingError(FaultError):
    """A setting of the environment or of ``.env`` cannot be read."""

    code = "setting_invalid"


class SystemRefusedError(FaultError):
    """The operating system refuses a file or folder."""

    code = "system_refused"


class DatabaseLostError(FaultError):
    """The database failed or went away while it was used."""

    code = "database_lost"


def as_fault(problem: Exception) -> FaultError | None:
    """The fault behind an exception, looked for in its causes too; ``None`` for a bug of ours."""
    causes = tuple(_causes(problem))
    return _no_space(causes) or _database(causes) or _setting(causes) or _refused(causes)


def _causes(problem: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = problem
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or each.__context__


def _no_space(causes: tuple[BaseException, ...]) -> FaultError | None:
    from psycopg.errors import DiskFull

    for each in causes:
        full = isinstance(each, OSError) and each.errno in {errno.ENOSPC, errno.EDQUOT}
        if full or isinstance(each, DiskFull):
            name = getattr(each, "filename", None)
            return DiskFullError(
                f"no space left{f' at {name}' if name else ''}; free some space and run the command again",
                f"磁盘空间不足{f'（{name}）' if name else ''}；请清理空间后重试",
            )
    return None


def _database(causes: tuple[BaseException, ...]) -> FaultError | None:
    from psycopg import OperationalError

    found = next((each for each in causes if isinstance(each, OperationalError)), None)
    if found is None:
        return None
    words = str(found).strip().partition("\n")[0]
    return DatabaseLostError(
        f"the database failed ({words}); see postgres.log in the data directory, then run the command again",
        f"数据库出错（{words}）；请查看数据目录中的 postgres.log，排除后重试",
    )


def _setting(causes: tuple[BaseException, ...]) -> FaultError | None:
    from pydantic import ValidationError

    found = next((each for each in causes if isinstance(each, ValidationError)), None)
    if found is None or found.title != "Settings":
        return None
    wrong = "; ".join(
        ": ".join(
            part for part in (_variable(error["loc"]), error["msg"].removeprefix("Value error, ")) if part
        )
        for error in found.errors()
    )
    return SettingError(
        f"a setting cannot be used ({wrong}); correct the environment or .env",
        f"设置无效（{wrong}）；请更正环境变量或 .env",
    )


def _variable(place: tuple[int | str, ...]) -> str:
    """Name in the environment; empty where several settings do not fit each other and the words name them."""
    return f"CONTRACTS_CHAIN_{'_'.join(map(str, place)).upper()}" if place else ""


def _refused(causes: tuple[BaseException, ...]) -> FaultError | None:
    found = next((each for each in causes if isinstance(each, OSError) and each.filename is not None), None)
    if not isinstance(found, OSError):
        return None
    return SystemRefusedError(
        f"cannot use {found.filename} ({reason_en(found)}); check the path, the rights and the disk",
        f"无法使用 {found.filename}（{reason_zh(found)}）；请检查路径、权限和磁盘",
    )
