"""Four operators, four processes: one key each, alone in trouble, together in a quorum."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import rlp
from devnet_client import Starter, ask, wait_until
from devnet_transfers import signed

from devnet.header import QbftHeader
from devnet.launch import RunningDevnet
from devnet.seals import verify_seals


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Any]:
    """Start one operator's node again, alone; ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def join(operator: str) -> None:
        directory = str(tmp_path / "chain" / operator)
        process = subprocess.Popen(
            [sys.executable, "-m", "devnet", "join", "--dir", directory, "--period", "0"],
            stdout=subprocess.PIPE,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b'{"rpc"')

    yield join
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


def head(url: str) -> int:
    return int(ask(url, "eth_blockNumber")["result"], 16)


def receipt(url: str, transaction_hash: str) -> Any:
    return wait_until(lambda: ask(url, "eth_getTransactionReceipt", transaction_hash)["result"], 30)


def send(url: str, nonce: int) -> str:
    return str(ask(url, "eth_sendRawTransaction", signed(nonce))["result"])


def kill(running: RunningDevnet, *operators: str) -> None:
    for operator in operators:
        os.kill(running.pids[operator], signal.SIGKILL)


def test_no_directory_holds_two_keys_and_the_supervisor_holds_none(launched: Starter, tmp_path: Path) -> None:
    running = launched()
    keys = sorted(path.relative_to(tmp_path / "chain") for path in (tmp_path / "chain").rglob("key"))
    assert keys == [Path(name) / "key" for name in sorted(("utility", "notary", "court", "ca"))]
    assert len({path.read_text("ascii") for path in (tmp_path / "chain").rglob("key")}) == 4
    held = [path.resolve() for path in Path(f"/proc/{running.pid}/fd").iterdir()]
    assert not any("data.mdb" in str(path) or "sealed" in str(path) for path in held)
    assert len({running.pid, *running.pids.values()}) == 5


def test_every_node_answers_the_same_and_the_seals_are_a_quorums(launched: Starter) -> None:
    running = launched()
    sent = send(running.rpc_url, 0)
    blocks = {receipt(url, sent)["blockHash"] for url in running.rpc_urls.values()}
    assert len(blocks) == 1
    raw = ask(running.rpc_urls["court"], "debug_getRawHeader", "0x1")["result"]
    header = rlp.decode(bytes.fromhex(raw[2:]), sedes=QbftHeader)
    verify_seals(header, [address for address, _ in running.validators])
    assert len(header.extra.seals) >= 3


def test_a_transaction_sent_to_any_node_is_mined(launched: Starter) -> None:
    running = launched()
    for nonce, url in enumerate(running.rpc_urls.values()):
        assert receipt(running.rpc_url, send(url, nonce))["status"] == "0x1"


def test_with_one_node_dead_the_chain_goes_on_and_it_catches_up_when_it_joins_again(
    launched: Starter, joined: Any
) -> None:
    running = launched()
    kill(running, "notary")
    sent = [send(running.rpc_url, nonce) for nonce in range(2)]
    receipt(running.rpc_url, sent[-1])
    joined("notary")
    url = f"http://127.0.0.1:{running.rpc_urls['notary'].rpartition(':')[2]}"
    wait_until(lambda: head(url) == head(running.rpc_url), 30)


def test_with_two_dead_the_block_waits_and_nothing_is_lost(launched: Starter, joined: Any) -> None:
    running = launched()
    kill(running, "court", "ca")
    sent = send(running.rpc_url, 0)
    wait_until(lambda: ask(running.rpc_url, "net_peerCount")["result"])
    assert ask(running.rpc_url, "eth_getTransactionReceipt", sent)["result"] is None
    assert head(running.rpc_url) == 0
    joined("ca")
    assert receipt(running.rpc_url, sent)["blockNumber"] == "0x1"


def test_with_the_proposer_dead_the_chain_waits_and_takes_the_transaction_when_it_is_back(
    launched: Starter, joined: Any
) -> None:
    running = launched()
    first = receipt(running.rpc_url, send(running.rpc_url, 0))
    wait_until(lambda: head(running.rpc_urls["court"]) == 1)
    kill(running, "utility")
    sent = send(running.rpc_urls["court"], 1)
    assert ask(running.rpc_urls["court"], "eth_getTransactionReceipt", sent)["result"] is None
    joined("utility")
    assert receipt(running.rpc_urls["court"], sent)["blockNumber"] == "0x2"
    again = ask(running.rpc_url, "eth_getTransactionReceipt", first["transactionHash"])["result"]
    assert again == first


def test_the_children_end_when_the_supervisor_is_killed(launched: Starter) -> None:
    running = launched()
    os.kill(running.pid, signal.SIGKILL)
    running._process.wait(10)
    wait_until(lambda: not any(is_alive(pid) for pid in running.pids.values()), 15)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    return False


def test_the_supervisor_names_the_node_that_ended_and_how_to_start_it_again(tmp_path: Path) -> None:
    options = ["--dir", str(tmp_path), "--period", "0", "--validators", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "devnet", "up", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    pids = json.loads(process.stdout.readline())["pids"]
    os.kill(pids["notary"], signal.SIGKILL)
    told = process.stderr.readline() + process.stderr.readline()
    assert "notary ended (-9)" in told
    assert "join --dir" in told
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_paused_validator_costs_the_others_no_block(launched: Starter) -> None:
    running = launched()
    os.kill(running.pids["court"], signal.SIGSTOP)
    begun = time.monotonic()
    for nonce in range(3):
        receipt(running.rpc_url, send(running.rpc_url, nonce))
    assert time.monotonic() - begun < 15
    os.kill(running.pids["court"], signal.SIGCONT)
    wait_until(lambda: head(running.rpc_urls["court"]) == head(running.rpc_url), 30)


def test_a_stranger_on_the_peer_path_is_refused_with_a_reason(launched: Starter) -> None:
    running = launched()
    request = Request(
        running.rpc_url + "/peer/propose", b"\xc0", {"content-type": "application/octet-stream"}
    )
    with pytest.raises(HTTPError, match="403") as caught:
        urlopen(request, timeout=10)
    assert b"decoded" in caught.value.read()
