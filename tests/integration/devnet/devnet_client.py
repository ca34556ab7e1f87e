"""Talk to a devnet process in tests: web3 as users have it, plain JSON-RPC, waiting."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware, SignAndSendRawMiddlewareBuilder

from devnet.launch import RunningDevnet

CONTRACT = json.loads((Path(__file__).parent / "Ledgerlet.json").read_text("utf-8"))
Starter = Callable[..., RunningDevnet]


def connected(devnet: RunningDevnet, account: LocalAccount) -> Web3:
    """web3.py as users have it: the PoA middleware and a local key, nothing patched."""
    w3 = Web3(Web3.HTTPProvider(devnet.rpc_url))
    w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    w3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
    w3.eth.default_account = account.address
    return w3


def ask(url: str, name: str, *params: Any, **headers: str) -> Any:
    """One JSON-RPC call without web3; returns the whole answer."""
    content = json.dumps({"jsonrpc": "2.0", "id": 1, "method": name, "params": params}).encode()
    request = urllib.request.Request(url, content, {"content-type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def ask_many(url: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Several calls in one batch; returns their results in order, and fails on the first error."""
    batch = [
        {"jsonrpc": "2.0", "id": position, "method": name, "params": params}
        for position, (name, *params) in enumerate(calls)
    ]
    request = urllib.request.Request(url, json.dumps(batch).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return [item["result"] for item in json.loads(answer.read())]


def wait_until(holds: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Poll a condition; the test fails when it never comes true."""
    patience = time.monotonic() + seconds
    while time.monotonic() < patience:
        if found := holds():
            return found
    raise AssertionError("the condition did not come true in time")
