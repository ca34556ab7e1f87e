"""Nodes for the ledger's integration tests, one of each kind a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from registry_backends import Backend, EvmBackend, RpcBackend, anvil

from devnet.launch import RunningDevnet, start


@pytest.fixture(scope="session")
def anvil_url() -> Iterator[str]:
    with anvil() as url:
        yield url


@pytest.fixture(scope="session")
def running_devnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDevnet]:
    running = start(Path(tmp_path_factory.mktemp("ledger-devnet")) / "chain")
    yield running
    running.stop()


@pytest.fixture(params=["py-evm", "anvil"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "py-evm":
        evm = EvmBackend()
        evm.deploy()
        yield evm
        return
    node = RpcBackend(request.getfixturevalue("anvil_url"))
    node.deploy()
    yield node
    node.endpoint.close()
