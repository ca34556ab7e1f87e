"""The database of an installation without its chain, for commands that only look something up.

They work while ``serve`` runs, through the server it started, and while it does not, through
one started for the moment. Makes no installation where none is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import psycopg

from api.settings import Settings
from contracts_chain.storage.embedded_postgres import DataDirectoryLockedError, EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.ports import UnitOfWorkFactory
from kernel.errors import FaultError

__all__ = ["NoInstallationError", "libpq_url", "open_database", "require_installation", "schema_at"]

_PATIENCE_SECONDS = 5


class NoInstallationError(FaultError):
    """Nothing was ever set up in the data directory."""

    code = "no_installation"


def require_installation(settings: Settings) -> None:
    """Pass where an installation is, so that a misspelt directory does not become a new one.

    Raises:
        NoInstallationError: Neither a database by URL nor one in the data directory.
    """
    directory = settings.data_dir
    if settings.database_url is None and not (directory / "postgres" / "cluster").exists():
        raise NoInstallationError(
            f"nothing is set up in {directory}; set CONTRACTS_CHAIN_DATA_DIR to your installation, "
            "or begin one with contracts-chain serve",
            f"{directory} 中没有已建立的系统；请用 CONTRACTS_CHAIN_DATA_DIR 指向已有数据目录，"
            "或运行 contracts-chain serve 新建",
        )


@contextmanager
def open_database(settings: Settings) -> Iterator[UnitOfWorkFactory]:
    """Connect to the configured database, or to the embedded one, whoever runs it.

    Raises:
        NoInstallationError: There is none.
        DatabaseUnreachableError: It does not answer.
        FaultError: The embedded server cannot start.
    """
    require_installation(settings)
    with ExitStack() as stack:
        url, beside_another = _url(settings, stack)
        engine = open_engine(url)
        stack.callback(engine.dispose)
        if not beside_another:  # the schema belongs to the process that serves it
            migrate(engine)
        yield partial(SqlUnitOfWork, engine)


def schema_at(settings: Settings) -> str | None:
    """URL of a database that answers now and has our tables; starts and changes nothing."""
    url = settings.database_url or EmbeddedPostgres.url_for(settings.data_dir / "postgres")
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=_PATIENCE_SECONDS) as connection:
            found = connection.execute("SELECT to_regclass('alarms') IS NOT NULL").fetchone()
    except psycopg.OperationalError:
        return None
    return url if found is not None and found[0] else None


def libpq_url(database_url: str) -> str:
    """SQLAlchemy's URL as libpq reads it."""
    scheme, _, rest = database_url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


def _url(settings: Settings, stack: ExitStack) -> tuple[str, bool]:
    """The URL, and whether another process of ours serves it."""
    if settings.database_url is not None:
        return settings.database_url, False
    directory = settings.data_dir / "postgres"
    try:
        return stack.enter_context(EmbeddedPostgres.start(directory)).url, False
    except DataDirectoryLockedError:
        return EmbeddedPostgres.url_for(directory), True
