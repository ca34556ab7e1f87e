"""One devnet a session; every test brings its own registry and operator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devnet.launch import RunningDevnet, start


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDevnet]:
    running = start(Path(tmp_path_factory.mktemp("audited")) / "chain", period=1)
    yield running
    running.stop()
