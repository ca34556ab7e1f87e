"""One real house for the whole session: PostgreSQL, devnet, TEST CA and TSA, registry, blobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trial_settings import trial_settings
from workflows_desk import executed

from api.house import House, open_house
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data_dir = tmp_path_factory.mktemp("workflows") / "house"
    with open_house(trial_settings(data_dir)) as running:
        yield running


@pytest.fixture
def office(house: House) -> Office:
    return house.office


@pytest.fixture(scope="session")
def signed(house: House) -> AgreementDossier:
    """One executed agreement for every test that only looks at it or bills under it."""
    return executed(house.office)
