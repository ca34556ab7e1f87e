"""``contracts-chain activation-set``: one member of a founded ``activation.json`` changed, or nothing.

Decides that it is changed only by who may write there, and only while the process is stopped: the
command takes the process's lock, and the file keeps its owner. What it writes is what the process will
read: formed anew, its roots opened, a new key-encryption key tried on the store. Whatever is refused
leaves the file as it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from api.activation_authorities import open_roots
from api.activation_directory import CONFIGURATION, PRIVATE, ActivationDirectoryLockedError
from api.directory_lock import take_lock
from api.file_replacement import replacing
from api.kek_command import LOCK
from contracts_chain.activation.changed_setting import SettingRefusedError, changed_setting
from contracts_chain.activation.configuration import ActivationConfiguration, ConfigurationError
from contracts_chain.activation.lmdb_vault import LmdbVault
from contracts_chain.activation.vault import Book, VaultError
from kernel.atomic_file import UnwritableError
from kernel.canonical_json import canonical_bytes
from kernel.errors import RejectedError
from kernel.os_reason import reason_en, reason_zh
from signing.kek_source import open_kek

__all__ = ["NotFoundedError", "configure_activation"]


class NotFoundedError(RejectedError):
    """There is no activation process's directory here yet; nothing was changed."""

    code = "activation_not_founded"

    def __init__(self, directory: Path) -> None:
        """Keep the directory."""
        super().__init__(
            f"{directory} is not the directory of an activation process; name another one, or start the "
            "service once: it founds the directory with its own settings",
            f"{directory} 不是签署激活服务的目录；请指定其他目录，或先启动一次服务，由其按当前设置建立",
        )


def configure_activation(directory: Path, name: str, value: str | None) -> int:
    """Run the command.

    Args:
        directory: The activation process's own.
        name: As ``changed_setting``.
        value: As ``changed_setting``; ``None`` takes away.

    Returns:
        Exit code 0.

    Raises:
        NotFoundedError: No activation process was ever started there.
        ActivationDirectoryLockedError: Its process runs.
        UnwritableError: Somebody else's directory, or the file system refuses.
        ConfigurationError: The file as it stands cannot be read.
        SettingUnknownError: No such member.
        SettingRefusedError: The process would not start with it.
        FaultError: The new key-encryption key is not there.
    """
    directory = directory.resolve()
    _verify_founded(directory)
    with _process_locked_out(directory), chdir(directory / PRIVATE):
        kept = ActivationConfiguration.parse(CONFIGURATION.read_bytes())
        changed = changed_setting(kept, name, value)
        _verify_usable(kept, changed, name)
        with replacing(CONFIGURATION) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as stream:
            stream.write(canonical_bytes(changed.as_json()))
    print(
        f"已更改 {name}；请在服务的设置中作相同更改，然后重新启动。 "
        f"Changed {name}; set the same in the service's settings, then start it again."
    )
    return 0


@contextmanager
def _process_locked_out(directory: Path) -> Iterator[None]:
    try:
        lock = take_lock(directory / PRIVATE / LOCK, worth_waiting=lambda _: False)
        if lock is None:
            raise ActivationDirectoryLockedError(directory)
        try:
            yield
        finally:
            os.close(lock)
    except OSError as problem:
        raise _unwritable(directory, problem) from problem


def _verify_founded(directory: Path) -> None:
    try:
        founded = (directory / PRIVATE / CONFIGURATION).is_file()
    except OSError as problem:
        raise _unwritable(directory, problem) from problem
    if not founded:
        raise NotFoundedError(directory)


def _unwritable(directory: Path, problem: OSError) -> UnwritableError:
    return UnwritableError(
        f"cannot change {directory} ({reason_en(problem)}); it is as it was, run this as its owner or root",
        f"无法更改 {directory}（{reason_zh(problem)}），未作任何更改；请以该目录的所有者或 root 身份运行",
    )


def _verify_usable(kept: ActivationConfiguration, changed: ActivationConfiguration, name: str) -> None:
    """As the next start will: roots can be read, and the key opens what is kept."""
    try:
        open_roots(changed.issuing)
        if changed.kek != kept.kek:
            vault = LmdbVault(Path("vault"), open_kek(changed.kek))
            try:
                vault.get(Book.OWN, "release-key")
            finally:
                vault.close()
    except (ConfigurationError, VaultError) as problem:
        raise SettingRefusedError(name, problem.reason) from problem
