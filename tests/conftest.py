"""How every test runs: the same examples in every CI run, and one worker for what shares servers.

A house is a PostgreSQL, four validators, witnesses and an activation process. Every worker that
draws a test of a room would start one more of them, so with ``--dist loadscope`` a room's tests
stay on one worker, and what takes longest begins first.
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest.register_assert_rewrite("repository_behaviour")
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
    database=None,
)
settings.load_profile("house")

_LONGEST_FIRST: Final = ("workflows", "served", "api", "demo", "devnet", "signing")
_OF_THE_DEMO: Final = frozenset(
    f"test_e2e_{topic}.py"
    for topic in (
        "bad_data_directory",
        "bad_input",
        "demo",
        "foreign_tools",
        "offline",
        "pipeline_commands",
    )
)


class RoomScheduling(LoadScopeScheduling):
    """Hands a worker a whole room at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return _room(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Rooms for ``--dist loadscope``; the other ways as they are."""
    return RoomScheduling(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest rooms first."""
    items.sort(key=lambda item: _rank(_room(item.nodeid)))


def _room(nodeid: str) -> str:
    """The folder of a test with servers; of the tests from end to end, what they share; else the file."""
    _, stage, *folders, file = PurePosixPath(nodeid.split("::", maxsplit=1)[0]).parts
    if stage == "e2e":
        return "demo" if file in _OF_THE_DEMO else "served"
    return folders[0] if stage == "integration" else file


def _rank(room: str) -> int:
    return _LONGEST_FIRST.index(room) if room in _LONGEST_FIRST else len(_LONGEST_FIRST)
