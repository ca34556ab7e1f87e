"""The installation's own secrets: one file each, mode 0600, made on first use.

``kek`` encrypts the TEST CA's keys; ``log`` is the Ed25519 seed of the log; ``anchor``
and ``admin`` are accounts of the registry.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from kernel.errors import FaultError

__all__ = ["SecretUnreadableError", "secret_bytes"]


class SecretUnreadableError(FaultError):
    """A secret file is damaged or not ours to read."""

    code = "secret_unreadable"


def secret_bytes(directory: Path, name: str) -> bytes:
    """The 32 secret bytes of this name, made at the first call.

    Raises:
        SecretUnreadableError: The file cannot be read or has another length.
    """
    path = directory / f"{name}.secret"
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            _create(path)
        content = path.read_bytes()
    except OSError as problem:
        raise _unreadable(path) from problem
    if len(content) != 32:
        raise _unreadable(path)
    return content


def _create(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(32))
        stream.flush()
        os.fsync(stream.fileno())


def _unreadable(path: Path) -> SecretUnreadableError:
    return SecretUnreadableError(
        f"the secret file {path} cannot be used; restore it from backup, never make another",
        f"密钥文件 {path} 无法使用；请从备份恢复，切勿在旧数据旁另建",
    )
