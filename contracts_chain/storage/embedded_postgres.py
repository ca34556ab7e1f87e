"""The PostgreSQL server of a default run, started and stopped by us (ADR 0003).

One directory holds everything: ``cluster/`` (the database), ``lock`` (held while
somebody runs it) and ``postgres.log``. The server listens on a Unix socket only, in
a 0700 directory with a short name (the kernel allows 107 bytes); clients are
recognised by their OS account (peer authentication). The application connects as a
role that is no superuser.

Invariants:
    * fsync stays on; a commit that returned survives a power cut.
    * One live owner a directory: a second start is refused, a dead owner's server is ended first.
    * The server ends with its owner, however the owner ends: it is watched through a pipe.
    * The cluster is addressed by an open descriptor, so that an unprivileged server works below
      directories it may not enter; no ancestor's permissions are touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from contracts_chain.storage.postgres_installation import (
    Account,
    account_for,
    failure_of,
    identity,
    programs_usable_by,
    run_as,
    wheel_programs,
)
from contracts_chain.storage.postgres_leftovers import STOP_SECONDS, end_servers
from kernel.atomic_file import DiskFullError, write_atomically
from kernel.errors import FaultError

__all__ = ["DataDirectoryLockedError", "EmbeddedPostgres", "PostgresStartError", "SocketDirectoryError"]

_ROLE = "contracts_chain"
_OWNER = "postgres"
_START_SECONDS = 60.0
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# The shell becomes the server, so that its process id is ours to wait for. The watcher, a
# grandchild, outlives it: a byte or the end of the pipe means that the owner is done.
_RUN_WATCHED = """
( exec 9<&0; ( read -r _ <&9; [ /proc/$$/cwd -ef /proc/self/fd/{fd} ] && kill -INT $$ ) & )
exec "$0" "$@" </dev/null
"""


class DataDirectoryLockedError(FaultError):
    """A live process runs the server of this directory."""

    code = "data_directory_locked"


class PostgresStartError(FaultError):
    """The server did not come up; its last log lines are in the message."""

    code = "postgres_start"


class SocketDirectoryError(FaultError):
    """The socket's directory cannot be made, or somebody else made it."""

    code = "socket_directory"


class EmbeddedPostgres:
    """A running server; ``stop`` it, or use it as a context."""

    def __init__(self, data_directory: Path, account: Account, lock: int, descriptor: int) -> None:
        """Use ``start`` instead."""
        self.data_directory = data_directory
        self._account = account
        self._lock = lock
        self._descriptor = descriptor
        self._log = data_directory / "postgres.log"
        self._server: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, data_directory: Path) -> Self:
        """Bring up the server of ``data_directory``, creating the database on first use.

        Takes about a second the first time and a fifth of it later. A server left over by a
        killed owner is shut down first; what it had committed is there.

        Raises:
            DataDirectoryLockedError: Another live process, or this one, runs it already.
            LeftoverServerError: A server that lost its owner cannot be ended.
            PostgresStartError: The server refused to start; the reason is in its log.
            ServerAccountError: The directory is another account's.
            ServerProgramsError: The server programs are absent or not executable.
            SocketDirectoryError: The socket's directory is not ours.
        """
        data_directory = data_directory.resolve()
        data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _locked(data_directory)
        try:
            account = account_for(data_directory / "cluster")
            programs = programs_usable_by(account, wheel_programs())
            _ensure_cluster(data_directory, account, programs)
            server = cls(data_directory, account, lock, _opened(data_directory / "cluster"))
        except BaseException:
            os.close(lock)
            raise
        try:
            server._launch(programs)
        except BaseException:
            server.stop()
            raise
        return server

    @classmethod
    def url_for(cls, data_directory: Path) -> str:
        """The URL a second process of the same OS account uses while the server is up."""
        socket_directory = _socket_directory(data_directory.resolve())
        return URL.create(
            "postgresql+psycopg", username=_ROLE, database=_ROLE, query={"host": str(socket_directory)}
        ).render_as_string()

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the application's database and role; the same after every start."""
        return self.url_for(self.data_directory)

    @property
    def conninfo(self) -> str:
        """The same as a libpq connection string."""
        return self._conninfo(_ROLE, _ROLE)

    @property
    def server_pid(self) -> int | None:
        """Process id of the running postmaster, or nothing once it has ended."""
        running = self._server is not None and self._server.poll() is None
        return self._server.pid if self._server is not None and running else None

    def stop(self) -> None:
        """Shut down fast: open transactions are rolled back, nothing committed is lost. Idempotent."""
        if self._descriptor < 0:
            return
        if self._server is not None and self._server.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._server.stdin.write(b"\n")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(STOP_SECONDS)
        end_servers(self._account, self._descriptor)
        if self._server is not None and self._server.stdin is not None:
            self._server.wait()
            self._server.stdin.close()
        with contextlib.suppress(OSError):  # absent, or somebody else's: not ours to report now
            _socket_directory(self.data_directory).rmdir()
        os.close(self._descriptor)
        os.close(self._lock)
        self._descriptor = -1

    def __enter__(self) -> Self:
        """The server is up already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _launch(self, programs: Path) -> None:
        end_servers(self._account, self._descriptor)
        # No server is left, so this names a dead process, or a stranger who got its number since
        # (after a container's restart as a rule) and for whose sake PostgreSQL would not start.
        (self.data_directory / "cluster" / "postmaster.pid").unlink(missing_ok=True)
        _write_access_rules(self.data_directory / "cluster", self._account)
        sockets = _ready_socket_directory(self.data_directory, self._account)
        settings = {**_SETTINGS, "unix_socket_directories": str(sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        postgres = [str(programs / "bin" / "postgres"), "-D", f"/proc/self/fd/{self._descriptor}", *options]
        with open(self._log, "ab", opener=_private) as log:
            self._server = subprocess.Popen(
                ["/bin/sh", "-c", _RUN_WATCHED.replace("{fd}", str(self._descriptor)), *postgres],
                cwd="/",
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(self._descriptor,),
                start_new_session=True,  # Ctrl-C in a terminal is for us, who then stop the server
                env={"PATH": os.defpath, "LC_ALL": "C"},
                **identity(self._account),
            )
        self._create_database()

    def _create_database(self) -> None:
        with self._connected() as connection:
            role, database = sql.Identifier(_ROLE), sql.Identifier(_ROLE)
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def _connected(self) -> psycopg.Connection:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                return psycopg.connect(self._conninfo(_OWNER, _OWNER), autocommit=True)
            except psycopg.OperationalError as problem:
                if self.server_pid is None or time.monotonic() > deadline:
                    raise self._start_error() from problem
            time.sleep(0.01)

    def _conninfo(self, role: str, database: str) -> str:
        return make_conninfo(host=str(_socket_directory(self.data_directory)), user=role, dbname=database)

    def _start_error(self) -> FaultError:
        lines = self._log.read_text("utf-8", "replace").splitlines()[-5:]
        fault = failure_of("postgres", "\n".join(lines))
        if isinstance(fault, DiskFullError):
            return fault
        words = " / ".join(lines)
        return PostgresStartError(
            f"the database server did not start; see {self._log}: {words}",
            f"数据库未能启动；请查看 {self._log}：{words}",
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _locked(data_directory: Path) -> int:
    lock = os.open(data_directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(lock)
        raise DataDirectoryLockedError(
            f"the database in {data_directory} is in use by another process; ask that service instead, "
            "stop it first, or use another folder",
            f"数据目录 {data_directory} 正被另一个进程使用；请改向该服务办理、先停止它，或改用其他目录",
        ) from problem
    return lock


def _opened(cluster: Path) -> int:
    """Open the cluster's directory under a number of two digits: the shell script uses 0 and 9 itself."""
    first = os.open(cluster, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return fcntl.fcntl(first, fcntl.F_DUPFD_CLOEXEC, 10)
    finally:
        os.close(first)


def _ensure_cluster(data_directory: Path, account: Account, programs: Path) -> None:
    cluster, scratch = data_directory / "cluster", data_directory / "cluster.part"
    if cluster.exists():
        if cluster.stat().st_uid != account.uid:
            _give(cluster, account)  # root restored it from a copy
        return
    if scratch.exists():  # a first start was killed half-way; nobody has used this
        shutil.rmtree(scratch)
    scratch.mkdir(mode=0o700)
    os.chown(scratch, account.uid, account.gid)
    descriptor = _opened(scratch)
    try:
        run_as(account, _initdb(programs, descriptor), descriptor=descriptor)
    finally:
        os.close(descriptor)
    scratch.rename(cluster)
    parent = os.open(data_directory, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(parent)
    os.close(parent)


def _initdb(programs: Path, descriptor: int) -> list[str | Path]:
    return [
        programs / "bin" / "initdb",
        f"--pgdata=/proc/self/fd/{descriptor}",
        f"--username={_OWNER}",
        "--auth=peer",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]


def _write_access_rules(cluster: Path, account: Account) -> None:
    """Let exactly one OS account in, by peer authentication: the one we run as."""
    client = pwd.getpwuid(os.geteuid()).pw_name
    rules = {
        "pg_hba.conf": "local all all peer map=installation\n",
        "pg_ident.conf": "".join(f'installation "{client}" {role}\n' for role in (_OWNER, _ROLE)),
    }
    for name, text in rules.items():
        write_atomically(cluster / name, text.encode())
        os.chown(cluster / name, account.uid, account.gid)


def _socket_directory(data_directory: Path) -> Path:
    """A short name that follows from the data directory, so that a second process finds the server."""
    digest = hashlib.sha256(os.fsencode(data_directory)).hexdigest()
    return Path("/tmp") / f"contracts-chain-{os.geteuid()}-{digest[:16]}"  # noqa: S108  # owner and mode are checked


def _ready_socket_directory(data_directory: Path, account: Account) -> Path:
    directory = _socket_directory(data_directory)
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account.uid}:
        raise SocketDirectoryError(
            f"{directory} was made by user id {found.st_uid}, not by us; remove it and start again",
            f"{directory} 由用户 ID {found.st_uid} 创建，不可信；请删除后重新启动",
        )
    os.chown(directory, account.uid, account.gid)
    directory.chmod(0o700)
    for leftover in directory.iterdir():
        leftover.unlink()
    return directory


def _give(directory: Path, account: Account) -> None:
    for path in (directory, *directory.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
