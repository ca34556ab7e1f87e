"""One activation process for the tests that leave it as it was; others start their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from activation_people import Vouchers
from activation_trial import RunningActivation, running_activation


@pytest.fixture(scope="session")
def running() -> Iterator[RunningActivation]:
    """Where every user may pass: only the process's own permissions keep others out."""
    with tempfile.TemporaryDirectory(prefix="activation-") as room:
        Path(room).chmod(0o755)
        with running_activation(Path(room) / "activation", Vouchers()) as one:
            yield one
