"""An append-only file as a second place for header hashes, on another disk or another machine's mount.

One canonical JSON line a header; each names SHA-256 of the line before it, so a line cannot
be changed or dropped without changing all that follow. A line is on disk before anybody is
told of it, so an unfinished last line was told to nobody and is taken back. Any other line
that does not follow stops the file: nothing is built on it.
The file binds only who holds a copy of it: hand it to somebody.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Literal

from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from kernel.atomic_file import DiskFullError
from kernel.canonical_json import canonical_bytes
from kernel.clock import Clock, utc_text
from kernel.digests import sha256
from kernel.errors import FaultError
from kernel.os_reason import reason_en, reason_zh
from kernel.sized_bytes import BlockHash

__all__ = ["CrossAnchorFileBrokenError", "CrossAnchorFileUnwritableError", "FilePlace"]


class CrossAnchorFileBrokenError(FaultError):
    """The file does not hold what we wrote."""

    code = "cross_anchor_file_broken"

    def __init__(self, path: Path, line: int) -> None:
        """Name the first line that does not follow."""
        super().__init__(
            f"line {line} of {path} does not follow from the one before; restore the file from a copy",
            f"{path} 第 {line} 行与上一行不衔接；请用副本恢复该文件",
        )


class CrossAnchorFileUnwritableError(FaultError):
    """The file cannot be opened or written."""

    code = "cross_anchor_file_unwritable"


class FilePlace:
    """``CrossAnchorPlace`` over one file."""

    def __init__(self, name: str, path: Path, clock: Clock) -> None:
        """Touch nothing yet."""
        self._name, self._path, self._clock = name, path, clock

    @property
    def name(self) -> str:
        """As reports print it."""
        return self._name

    @property
    def kind(self) -> Literal["file"]:
        """The proof is one line."""
        return "file"

    def deposit(self, header_number: int, header_hash: BlockHash) -> bytes:
        """Append the line, or give the one that names this hash already.

        Raises:
            CrossAnchorFileBrokenError: A line does not follow; nothing is appended to a broken file.
            CrossAnchorFileUnwritableError: The file system refuses.
            DiskFullError: No space left; what was written of the line is taken back.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as problem:
            raise _unwritable(self._path, problem) from problem
        with os.fdopen(descriptor, "r+b", buffering=0) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            whole, _, unfinished = stream.read().rpartition(b"\n")
            lines = _verified(self._path, whole.split(b"\n") if whole else [])
            for line in lines:
                if _named(line) == header_hash.hex0x():
                    return line
            line = self._line(lines, header_number, header_hash)
            os.ftruncate(stream.fileno(), os.fstat(stream.fileno()).st_size - len(unfinished))
            self._append(stream.fileno(), line)
        return line

    def _line(self, lines: list[bytes], header_number: int, header_hash: BlockHash) -> bytes:
        return canonical_bytes(
            {
                "header_hash": header_hash.hex0x(),
                "header_number": header_number,
                "previous": sha256(lines[-1]).hex() if lines else None,
                "seq": len(lines),
                "written_utc": utc_text(self._clock.now()),
            }
        )

    def _append(self, descriptor: int, line: bytes) -> None:
        before = os.fstat(descriptor).st_size
        try:
            written = os.write(descriptor, line + b"\n")
            os.fsync(descriptor)
        except OSError as problem:
            os.ftruncate(descriptor, before)
            raise _unwritable(self._path, problem) from problem
        if written != len(line) + 1:
            os.ftruncate(descriptor, before)
            raise DiskFullError(
                f"no space left to write {self._path}; free some space, it is tried again",
                f"磁盘空间不足，未写入 {self._path}；请清理空间，系统会重试",
            )


def _verified(path: Path, lines: list[bytes]) -> list[bytes]:
    """The lines, each proven to follow from the one before."""
    previous: bytes | None = None
    for number, line in enumerate(lines, start=1):
        expected = None if previous is None else sha256(previous).hex()
        try:
            fields = Fields(parse_object(line, f"line {number}"), f"line {number}")
            follows = fields.take("previous") == expected and fields.natural("seq") == number - 1
        except MalformedEvidenceError as problem:
            raise CrossAnchorFileBrokenError(path, number) from problem
        if not follows:
            raise CrossAnchorFileBrokenError(path, number)
        previous = line
    return lines


def _named(line: bytes) -> str:
    return Fields(parse_object(line, "line"), "line").text("header_hash")


def _unwritable(path: Path, problem: OSError) -> CrossAnchorFileUnwritableError:
    return CrossAnchorFileUnwritableError(
        f"cannot write {path} ({reason_en(problem)}); check the folder and its permissions",
        f"无法写入 {path}（{reason_zh(problem)}）；请检查目录和权限",
    )
