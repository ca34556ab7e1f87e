"""The fakes are shared with tests/integration/storage, which runs the same behaviour suite."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.register_assert_rewrite("repository_behaviour")
sys.path.insert(0, str(Path(__file__).parents[2] / "fakes"))
