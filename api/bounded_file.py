"""Reads a file somebody named on the command line: ordinary files only, and no more than a limit.

A pipe without writer would wait for ever and a device never ends; both are refused by name.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kernel.errors import RejectedError
from kernel.os_reason import reason_en, reason_zh

__all__ = ["FileTooLargeError", "FileUnopenedError", "printable", "read_bounded"]


class FileUnopenedError(RejectedError):
    """The name leads to no ordinary file that can be read."""

    code = "file_unreadable"


class FileTooLargeError(RejectedError):
    """The file is beyond the limit."""

    code = "too_large"

    def __init__(self, greatest: int) -> None:
        """Name the limit, given in bytes."""
        limit = greatest // 1_000_000
        super().__init__(
            f"the file is larger than {limit} MB; give the PDF, invoice or package itself, nothing around it",
            f"文件超过 {limit} MB；请仅提供 PDF、发票或证据包本身",
        )


def printable(path: Path) -> str:
    """The path as it may stand on a terminal or in JSON: no control characters, no broken UTF-8."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def read_bounded(path: Path, greatest: int) -> bytes:
    """The bytes of an ordinary file.

    Args:
        path: As the user gave it.
        greatest: Most bytes allowed.

    Raises:
        FileUnopenedError: It cannot be opened, or is a folder, pipe or device.
        FileTooLargeError: More bytes than allowed.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise _unopened(path, "it is a pipe or a device", "是管道或设备")
        with path.open("rb") as stream:
            content = stream.read(greatest + 1)
    except (OSError, ValueError) as problem:  # ValueError: a NUL within the name
        if isinstance(problem, OSError):
            raise _unopened(path, reason_en(problem), reason_zh(problem)) from problem
        raise _unopened(path, str(problem), "文件名无效") from problem
    if len(content) > greatest:
        raise FileTooLargeError(greatest)
    return content


def _unopened(path: Path, en: str, zh: str) -> FileUnopenedError:
    name = printable(path)
    return FileUnopenedError(
        f"cannot open {name} ({en}); check the path and the rights",
        f"无法打开 {name}（{zh}）；请检查路径和权限",
    )
