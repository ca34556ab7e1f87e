"""Before and beside serving: bring the schema up to date, and say what is missing before it is missed.

``examine`` starts nothing and changes nothing but one probe file; every finding says in
Chinese and English what to do.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from api.activation_channel import ActivationChannel
from api.activation_client import HttpActivation
from api.activation_directory import SOCKET
from api.database_alone import schema_at
from api.house_signing import activation_directory
from api.listening import bound_socket
from api.seal_expiry import verify_seals_last
from api.settings import Settings
from contracts_chain.activation.errors import ActivationUnavailableError
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine
from contracts_chain.storage.postgres_installation import wheel_programs
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.ports import UnitOfWork
from kernel.clock import SystemClock
from kernel.errors import ContractsChainError, FaultError
from pdfgen.fonts import SANS, SANS_BOLD, SERIF, SERIF_BOLD, typeface
from pdfgen.glyphs import require_glyphs

__all__ = ["examine", "migrate_database"]

_LEAST_FREE_BYTES = 1_000_000_000
_BEFORE_ACTIVATION = "unknown until serve runs; 服务启动后可知"
_SEPARATION = {
    "own_user": "runs under an OS user of its own; 以专用系统用户运行",
    "none": "WARNING: shares the service's OS user, so whoever holds the service can reach signers' keys; "
    "start the service as root in production. "
    "警告：与服务共用系统用户，掌控服务者即可接触签署人密钥；生产环境请以 root 启动",
}
"""What the process's word on its separation means (ADR 19)."""


class DiskAlmostFullError(FaultError):
    """Less than a gigabyte is free."""

    code = "disk_almost_full"


class DirectoryUnwritableError(FaultError):
    """The data directory cannot be written."""

    code = "data_directory_unwritable"


class SetUpElsewhereError(FaultError):
    """Only one of database and keys of an installation is there."""

    code = "installation_incomplete"


class ActivationConfiguredOtherwiseError(FaultError):
    """The activation process believes other keys or addresses than the settings name."""

    code = "activation_configuration_differs"


class AlarmsStandingError(FaultError):
    """The reconciliation with the chain raised what nobody cleared up yet."""

    code = "alarms_standing"


def migrate_database() -> int:
    """Bring the configured or embedded database to the newest schema; 0 when done.

    Raises:
        DatabaseUnreachableError: PostgreSQL does not answer.
        DataDirectoryLockedError: The embedded server runs in another process.
    """
    settings = Settings()
    with ExitStack() as stack:
        url = settings.database_url
        if url is None:
            url = stack.enter_context(EmbeddedPostgres.start(settings.data_dir / "postgres")).url
        engine = open_engine(url)
        stack.callback(engine.dispose)
        migrate(engine)
    return 0


def examine(settings: Settings | None = None) -> list[dict[str, object]]:
    """Check fonts, glyphs, disk, server programs, port, keys, activation, seals, alarms; one finding each."""
    settings = settings or Settings()
    return [_finding(name, probe) for name, probe in _probes(settings)]


def _probes(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "fonts", _fonts
    yield "glyphs", lambda: _glyphs(settings)
    yield "disk", lambda: _disk(settings.data_dir)
    yield "data_directory", lambda: _writable(settings.data_dir)
    yield "postgres", lambda: _postgres(settings)
    yield "port", lambda: _port(settings)
    yield "keys", lambda: _keys(settings.data_dir)
    yield "activation", lambda: _activation(settings)
    yield "seals", lambda: _seals(settings)
    yield "alarms", lambda: _alarms(settings)


def _finding(name: str, probe: Callable[[], str]) -> dict[str, object]:
    try:
        found = probe()
    except ContractsChainError as problem:
        return {"name": name, "ok": False, "code": problem.code, "en": problem.en, "zh": problem.zh}
    return {"name": name, "ok": True, "found": found}


def _fonts() -> str:
    faces = (SERIF, SERIF_BOLD, SANS, SANS_BOLD)
    for face in faces:
        typeface(face)
    return f"{len(faces)} faces"


def _glyphs(settings: Settings) -> str:
    texts = (settings.mark, settings.utility_name, settings.drawer)
    require_glyphs(texts)
    return f"{sum(map(len, texts))} characters of the settings"


def _disk(directory: Path) -> str:
    free = shutil.disk_usage(_existing(directory)).free
    if free < _LEAST_FREE_BYTES:
        raise DiskAlmostFullError(
            f"only {free // 1_000_000} MB are free at {directory}; make room for 1 GB",
            f"{directory} 仅剩 {free // 1_000_000} MB；请清理出 1 GB 以上空间",
        )
    return f"{free // 1_000_000} MB free"


def _writable(directory: Path) -> str:
    nearest = _existing(directory)
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return str(directory)
    except OSError as problem:
        raise DirectoryUnwritableError(
            f"cannot write below {nearest} ({problem.strerror}); "
            "set CONTRACTS_CHAIN_DATA_DIR or mend the rights",
            f"无法写入 {nearest}（{problem.strerror}）；请设置 CONTRACTS_CHAIN_DATA_DIR 或修正权限",
        ) from problem


def _postgres(settings: Settings) -> str:
    if settings.database_url is None:
        return f"embedded, {wheel_programs()}"
    with _looking_into(settings.database_url):
        return "configured, answers"


def _alarms(settings: Settings) -> str:
    """Only a database that answers already is asked: the doctor starts none."""
    url = schema_at(settings)
    if url is None:
        return "unknown until serve runs; 服务启动后可知"
    with _looking_into(url) as work:
        standing = work.alarms.all()
    if standing:
        names = ", ".join(f"{alarm.code}:{alarm.subject}" for alarm in standing)
        raise AlarmsStandingError(
            f"alarms stand: {names}; contracts-chain alarms says what to do",
            f"有未清除的警报：{names}；处理办法见 contracts-chain alarms",
        )
    return "none stands"


def _seals(settings: Settings) -> str:
    """Only a database that answers already is asked."""
    url = schema_at(settings)
    if url is None:
        return "unknown until serve runs; 服务启动后可知"
    with _looking_into(url) as work:
        return f"{verify_seals_last(work.seals.list(), SystemClock().now())} seals with certificates"


def _activation(settings: Settings) -> str:
    """Only a process that answers already is asked: the doctor starts none."""
    socket = activation_directory(settings) / SOCKET
    if not socket.exists():
        return _BEFORE_ACTIVATION
    channel = ActivationChannel(socket)
    try:
        activation = HttpActivation(channel)
        separation, differs = activation.separation, activation.configuration_differs
    except ActivationUnavailableError:
        return _BEFORE_ACTIVATION
    finally:
        channel.close()
    if differs:
        names = ", ".join(differs)
        raise ActivationConfiguredOtherwiseError(
            "the activation process keeps to a configuration of its own, which differs from the settings in: "
            f"{names}; mend the settings, or stop it, run `contracts-chain activation-set NAME VALUE` "
            "as its directory's owner, and start again",
            f"签署激活服务以自有配置为准，其下列各项与当前设置不一致：{names}；请更正设置，"
            "或停止该服务，以其目录所有者的身份运行 contracts-chain activation-set 配置项 值，再启动",
        )
    return _SEPARATION.get(separation, separation)


@contextmanager
def _looking_into(url: str) -> Iterator[UnitOfWork]:
    engine = open_engine(url)
    try:
        with SqlUnitOfWork(engine) as work:
            yield work
    finally:
        engine.dispose()


def _port(settings: Settings) -> str:
    with bound_socket(settings.host, settings.port):
        return f"{settings.host}:{settings.port} is free"


def _keys(directory: Path) -> str:
    keys, database = (directory / "keys").exists(), (directory / "postgres" / "cluster").exists()
    if keys != database:
        lacking = "keys" if database else "postgres"
        raise SetUpElsewhereError(
            f"{directory / lacking} is missing while the rest of the installation is there; "
            "restore it from backup",
            f"缺少 {directory / lacking}，而其余数据仍在；请从备份恢复",
        )
    return "all there" if keys else "made at the first start"


def _existing(directory: Path) -> Path:
    directory = directory.absolute()
    return next(folder for folder in (directory, *directory.parents) if folder.exists())
