"""One engine per process, and the migrations that bring a database up to date."""

from __future__ import annotations

from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from kernel.errors import FaultError

__all__ = ["DatabaseUnreachableError", "migrate", "open_engine"]

_MIGRATION_LOCK = 0x636F6E74  # any fixed number: one migration at a time


class DatabaseUnreachableError(FaultError):
    """PostgreSQL does not answer under the configured URL."""

    code = "database_unreachable"


def open_engine(url: str) -> Engine:
    """An engine for ``postgresql+psycopg://…``; connections are checked before use."""
    return create_engine(url, pool_pre_ping=True, pool_size=10)


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest version; safe to call from several processes at once.

    Raises:
        DatabaseUnreachableError: No connection.
    """
    config = Config()
    config.set_main_option("script_location", str(files("contracts_chain.storage") / "migrations"))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as problem:
        raise DatabaseUnreachableError(
            "PostgreSQL does not answer; check that it runs and that the URL in the settings is right",
            "无法连接 PostgreSQL；请确认数据库已启动、设置中的地址正确",
        ) from problem
