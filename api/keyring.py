"""The installation's own secrets: one sealed file each, made on first use.

``log`` is the Ed25519 seed of the log; ``anchor`` and ``admin`` are accounts of the registry; the
secrets of callbacks follow from ``callbacks``. A ``Keyring`` seals them under the key-encryption key
of the settings (docs/formats/sealed.md) and holds a shared lock on its directory, so that no rotation
runs beside it. ``secret_bytes`` is the plain form for stand-ins of other organisations, which run
without a key of ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

from kernel.errors import FaultError
from signing.kek_source import open_kek
from signing.key_encryption import EnvelopeDamagedError, KeyEncryptionKey, OtherKeyEncryptionKeyError

__all__ = ["KEYRING_LOCK", "Keyring", "SecretUnreadableError", "secret_bytes"]

KEYRING_LOCK = "lock"
SECRET_BYTES = 32


class SecretUnreadableError(FaultError):
    """A secret file is damaged or not ours to read."""

    code = "secret_unreadable"


class Keyring:
    """Secrets under one key-encryption key; close it to let a rotation run."""

    def __init__(self, directory: Path, kek: KeyEncryptionKey) -> None:
        """Take the directory, making it on first use; many processes may share it.

        Raises:
            SecretUnreadableError: The directory cannot be used, or its keys are being rotated.
        """
        self._directory = directory
        self.kek = kek
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(directory / KEYRING_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise _unreadable(directory) from problem
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as problem:
            os.close(self._lock)
            raise SecretUnreadableError(
                f"the keys in {directory} are being rotated; start again when that has ended",
                f"{directory} 中的密钥正在轮换；请在轮换结束后重新启动",
            ) from problem

    @classmethod
    def open(cls, directory: Path, setting: str | None) -> Keyring:
        """With the key that a setting names; without one, ``kek.secret`` of the directory itself.

        Raises:
            KekSettingError: The setting has none of the three forms.
            KekUnavailableError: The key is missing.
            SecretUnreadableError: The directory cannot be used.
        """
        if setting is not None:
            return cls(directory, open_kek(setting))
        return cls(directory, open_kek(f"file:{directory / 'kek.secret'}", make=True))

    def secret(self, name: str) -> bytes:
        """The 32 secret bytes of this name, made at the first call.

        Raises:
            SecretUnreadableError: The file cannot be read, was changed, or is sealed under another key.
        """
        path = self._directory / f"{name}.sealed"
        try:
            with contextlib.suppress(FileExistsError):
                _create(path, self.kek.seal(path.name, secrets.token_bytes(SECRET_BYTES)))
            return self.kek.unseal(path.name, path.read_bytes())
        except (OSError, EnvelopeDamagedError, OtherKeyEncryptionKeyError) as problem:
            raise _unreadable(path) from problem

    def close(self) -> None:
        """Let go of the directory."""
        os.close(self._lock)


def secret_bytes(directory: Path, name: str) -> bytes:
    """The 32 secret bytes of this name in a plain file of mode 0600, made at the first call.

    Raises:
        SecretUnreadableError: The file cannot be read or has another length.
    """
    path = directory / f"{name}.secret"
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            _create(path, secrets.token_bytes(SECRET_BYTES))
        content = path.read_bytes()
    except OSError as problem:
        raise _unreadable(path) from problem
    if len(content) != SECRET_BYTES:
        raise _unreadable(path)
    return content


def _create(path: Path, content: bytes) -> None:
    """The file whole under its name, unless there is one: a reader never sees half of it."""
    neighbour = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(neighbour, path)
    finally:
        neighbour.unlink()


def _unreadable(path: Path) -> SecretUnreadableError:
    return SecretUnreadableError(
        f"the secret file {path} cannot be used; restore it from backup, never make another",
        f"密钥文件 {path} 无法使用；请从备份恢复，切勿在旧数据旁另建",
    )
