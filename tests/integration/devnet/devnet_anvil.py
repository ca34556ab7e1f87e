"""anvil beside the devnet: the same chain id, the same fees, another EVM and another trie."""

from __future__ import annotations

import socket
import subprocess
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devnet_client import ask, wait_until

CHAIN_ID = 20261
ANVIL = (
    Path(__file__).parents[3] / "tools/node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
).resolve()


@contextmanager
def anvil() -> Iterator[str]:
    """A fresh anvil on a free port, one block a transaction."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--hardfork", "cancun", "--port", str(port), "--chain-id", str(CHAIN_ID), "--base-fee", "0"]
    process = subprocess.Popen([ANVIL, *options, "--gas-price", "0"], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url))
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return "result" in ask(url, "eth_blockNumber")
    except urllib.error.URLError:
        return False
