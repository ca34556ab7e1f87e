"""``contracts-chain rotate-kek``: everything sealed in a directory goes over to another key.

Decides the order: the owner is locked out first, then each file and each store is rewritten whole or not
at all, then all of it is read again. Kill it anywhere: every file opens with the old key or with the new
one, and the same command run again finishes the work. The contents are never opened.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.file_replacement import PART, replacing
from api.lmdb_rewrap import LMDB_FILE, rewrap_store
from kernel.errors import FaultError, RejectedError
from kernel.os_reason import reason_en, reason_zh
from signing.kek_source import open_kek
from signing.key_encryption import KeyEncryptionKey, is_envelope

__all__ = [
    "DirectoryInUseError",
    "NothingSealedError",
    "Rotated",
    "RotationFaultError",
    "SameKeyError",
    "rotate",
    "rotate_kek",
]

LOCK = "lock"
"""Whoever uses sealed files holds a lock on this file of their directory."""


class DirectoryInUseError(RejectedError):
    """Its owner runs; nothing was changed."""

    code = "directory_in_use"

    def __init__(self, directory: Path) -> None:
        """Keep the directory."""
        super().__init__(
            f"{directory} is in use; stop its process, then rotate",
            f"{directory} 正在使用中；请先停止相关进程再轮换密钥",
        )


class SameKeyError(RejectedError):
    """Old and new are one key; nothing was changed."""

    code = "same_key"

    def __init__(self) -> None:
        """One sentence."""
        super().__init__(
            "old and new name the same key-encryption key; make a new one first",
            "新旧密钥加密密钥相同；请先生成新的密钥",
        )


class NothingSealedError(RejectedError):
    """The directory is not there, or nothing in it is sealed."""

    code = "nothing_sealed"

    def __init__(self, directory: Path) -> None:
        """Keep the directory."""
        super().__init__(
            f"nothing in {directory} is sealed; name the directory of the keys",
            f"{directory} 中没有加密的内容；请指定密钥所在目录",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """How much is sealed under the new key now."""

    files: int
    values: int


def rotate_kek(directory: Path, old: str, new: str) -> int:
    """Run the command.

    Args:
        directory: Everything sealed below it is rewrapped.
        old: Setting of the key until now: ``file:…``, ``env:…`` or ``pkcs11:…``.
        new: Setting of the key from now on; it must exist.

    Returns:
        Exit code 0.

    Raises:
        ContractsChainError: As ``rotate`` and ``open_kek``.
    """
    done = rotate(directory, open_kek(old), open_kek(new))
    print(
        f"已改由新密钥加密：{done.files} 个文件，{done.values} 条记录。 "
        f"Sealed under the new key now: {done.files} files, {done.values} values."
    )
    return 0


def rotate(directory: Path, old: KeyEncryptionKey, new: KeyEncryptionKey) -> Rotated:
    """Rewrap every sealed file and value below ``directory``.

    Raises:
        SameKeyError: Nothing to do.
        NothingSealedError: Not a directory of ours.
        DirectoryInUseError: Its owner runs.
        OtherKeyEncryptionKeyError: Something is sealed under neither key.
        RotationFaultError: The file system refuses; run the command again after mending it.
    """
    if old.key_id == new.key_id:
        raise SameKeyError
    with _owners_locked_out(directory):
        try:
            for left in directory.rglob(f".*{PART}"):
                left.unlink()  # half-written by a rotation that was killed
            stores = sorted(path.parent for path in directory.rglob(LMDB_FILE))
            files = [path for path in sorted(directory.rglob("*")) if _is_sealed(path)]
            values = sum(rewrap_store(store, old, new) for store in stores)
            for path in files:
                _replace(path, old.rewrapped(path.name, path.read_bytes(), new))
        except OSError as problem:
            raise RotationFaultError(problem) from problem
    if not files and not values:
        raise NothingSealedError(directory)
    return Rotated(files=len(files), values=values)


class RotationFaultError(FaultError):
    """The file system refuses; part of the files may be under the new key already."""

    code = "rotation_fault"

    def __init__(self, problem: OSError) -> None:
        """Keep the reason."""
        super().__init__(
            f"the rotation stopped ({reason_en(problem)}); mend that and run the same command again",
            f"轮换中断（{reason_zh(problem)}）；请排除故障后重新执行同一命令",
        )


@contextmanager
def _owners_locked_out(directory: Path) -> Iterator[None]:
    with ExitStack() as stack:
        for path in sorted(directory.rglob(LOCK)):
            descriptor = os.open(path, os.O_RDWR)
            stack.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as problem:
                raise DirectoryInUseError(path.parent) from problem
        yield


def _is_sealed(path: Path) -> bool:
    if path.is_symlink() or not path.is_file() or path.name == LMDB_FILE:
        return False
    with path.open("rb") as stream:
        return is_envelope(stream.read(64))


def _replace(path: Path, content: bytes) -> None:
    with replacing(path) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as stream:
        stream.write(content)
