"""A file is written only where a file may stand; the limits of the system are told apart from its rights."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from kernel.atomic_file import UnwritableError, write_atomically


def test_a_pipe_or_a_folder_is_never_replaced(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for place in (pipe, folder):
        with pytest.raises(UnwritableError, match="folder or a device"):
            write_atomically(place, b"x")
    assert pipe.is_fifo()
    assert folder.is_dir()


def test_a_limit_on_the_size_of_files_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        with pytest.raises(UnwritableError, match="ulimit"):
            write_atomically(tmp_path / "contract.pdf", bytes(4096))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
