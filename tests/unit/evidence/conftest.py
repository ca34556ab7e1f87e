"""One honest case for the whole room: making it costs half a second, forging it nothing."""

from __future__ import annotations

import pytest
from evidence_case import Case, build


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return build(tmp_path_factory.mktemp("evidence"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The same again under another authority that bears the same names."""
    return build(tmp_path_factory.mktemp("stranger"))
