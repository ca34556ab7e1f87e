"""Write a file whole or not at all.

An artefact appears under its final name only when every byte is on disk: a
temporary neighbour is written, flushed, and renamed over the name.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from kernel.errors import FaultError
from kernel.os_reason import reason_en, reason_zh

__all__ = ["DiskFullError", "UnwritableError", "write_atomically"]


class DiskFullError(FaultError):
    """No space left; nothing stands under the final name."""

    code = "disk_full"


class UnwritableError(FaultError):
    """The folder cannot be written; nothing stands under the final name."""

    code = "unwritable"


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` under ``path``, replacing what stood there only at the end.

    Raises:
        DiskFullError: The device has no space left.
        UnwritableError: Any other refusal of the file system, or a device or folder has this name.
    """
    if path.exists() and not path.is_file():  # a rename would replace even a device node
        raise UnwritableError(
            f"{path} is a folder or a device; choose the name of a file", f"{path} 是目录或设备；请改用文件名"
        )
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with neighbour.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        neighbour.replace(path)
        _flush_folder(path.parent)
    except OSError as problem:
        with contextlib.suppress(OSError):
            neighbour.unlink(missing_ok=True)
        raise _fault(path, problem) from problem


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable: a name is an entry of its folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fault(path: Path, problem: OSError) -> FaultError:
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFullError(
            f"no space left to write {path}; free some space and run the command again",
            f"磁盘空间不足，未写入 {path}；请清理空间后重试",
        )
    if problem.errno == errno.EFBIG:
        return UnwritableError(
            f"no file of this size is allowed at {path}; raise the limit (ulimit -f) or choose another disk",
            f"此处不允许写入这么大的文件：{path}；请提高限额（ulimit -f）或换一块磁盘",
        )
    return UnwritableError(
        f"cannot write {path} ({reason_en(problem)}); check the folder and its permissions",
        f"无法写入 {path}（{reason_zh(problem)}）；请检查目录和权限",
    )
