"""``contracts-chain archive``: one document's archive package, as a folder or a ZIP, read back after writing.

The folder must not exist, so that nothing foreign can lie in it, and appears whole or not at all; a
file is replaced as a whole.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from api.house import reopen_house
from api.settings import Settings
from contracts_chain.evidence.archive import read_archive, verify_archive
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.workflows.archive import Archived, build_archive
from kernel.atomic_file import write_atomically
from kernel.errors import RejectedError

__all__ = ["ArchiveFolderTakenError", "archive_document", "write_verified"]


class ArchiveFolderTakenError(RejectedError):
    """The folder to write is there already."""

    code = "archive_folder_taken"

    def __init__(self, path: Path) -> None:
        """Name it."""
        super().__init__(
            f"{path} exists already; name a folder that does not, or a .zip file",
            f"{path} 已存在；请指定不存在的目录，或 .zip 文件",
        )


def archive_document(number: str, output: Path, by: str) -> int:
    """Export one agreement or invoice; exit 0 once what was written is verified.

    Raises:
        ContractsChainError: Unknown number, evidence not final, path taken, disk full and the like.
    """
    if output.suffix != ".zip" and output.exists():
        raise ArchiveFolderTakenError(output)  # before anything is started
    with reopen_house(Settings()) as house:
        archived = build_archive(house.office, number, by=by)
        write_verified(archived, output, house.office.trust, at=house.office.clock.now())
    files = len(archived.files)
    told = Text.assemble(("✓", "green"), f" {output}\n  {files} 个文件，已核验 {files} files, verified")
    Console(highlight=False).print(told, soft_wrap=True)
    return 0


def write_verified(archived: Archived, output: Path, trust: TrustBundle, *, at: datetime) -> None:
    """Write a folder, or one file if the name ends in ``.zip``; read it back and verify it.

    Raises:
        ArchiveFolderTakenError: The folder exists.
        DiskFullError: No space.
        UnwritableError: The file system refuses.
        ArchiveRefutedError: What is on the disk is not what was written: an alarm.
    """
    if output.suffix == ".zip":
        write_atomically(output, archived.as_zip())
        verify_archive(read_archive(output.read_bytes()), trust, at=at)
        return
    if output.exists():
        raise ArchiveFolderTakenError(output)
    unfinished = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        for name, body in archived.files.items():
            write_atomically(unfinished / name, body)
        verify_archive(_files_below(unfinished), trust, at=at)
        unfinished.rename(output)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _files_below(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
