"""The process itself: start, stop, crash, refusals."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
from pathlib import Path
from typing import Any

import pytest
from devnet_client import CONTRACT, Starter, ask, wait_until
from eth_account import Account
from eth_account.signers.local import LocalAccount

from devnet.errors import (
    DirectoryLockedError,
    ForeignChainError,
    PortInUseError,
    ValidatorCountError,
)
from devnet.launch import RunningDevnet, start
from kernel.atomic_file import UnwritableError

SENDER: LocalAccount = Account.from_key("0x" + "5a" * 32)


def signed(nonce: int, **fields: Any) -> str:
    transaction = {"type": 2, "chainId": 20261, "nonce": nonce, "gas": 100_000, "value": 0}
    transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "to": "0x" + "11" * 20, **fields}
    return "0x" + bytes(SENDER.sign_transaction(transaction).raw_transaction).hex()


def command(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devnet", "up", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def mined(url: str, transaction_hash: str) -> Any:
    return wait_until(lambda: ask(url, "eth_getTransactionReceipt", transaction_hash)["result"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(launched: Starter, number: signal.Signals) -> None:
    running = launched()
    os.kill(running.pid, number)
    assert running._process.wait(20) == 0


def test_the_process_ends_when_its_parent_is_gone(launched: Starter) -> None:
    running = launched()
    assert running._process.stdin is not None
    running._process.stdin.close()
    assert running._process.wait(20) == 0


def test_a_restart_goes_on_from_the_same_head(launched: Starter, tmp_path: Path) -> None:
    first = launched()
    sent = ask(first.rpc_url, "eth_sendRawTransaction", signed(0))["result"]
    receipt = mined(first.rpc_url, sent)
    first.stop()
    second = launched()
    assert second.genesis_hash == first.genesis_hash
    assert second.validators == first.validators
    assert ask(second.rpc_url, "eth_getTransactionReceipt", sent)["result"] == receipt
    again = ask(second.rpc_url, "eth_sendRawTransaction", signed(0))
    assert "nonce too low" in again["error"]["message"]
    mined(second.rpc_url, ask(second.rpc_url, "eth_sendRawTransaction", signed(1))["result"])


def test_kill_9_while_sending_loses_no_reported_receipt(launched: Starter) -> None:
    reported: dict[str, Any] = {}
    for crash in range(3):
        running = launched()
        for transaction_hash, receipt in reported.items():
            assert ask(running.rpc_url, "eth_getTransactionReceipt", transaction_hash)["result"] == receipt
        killer = threading.Timer(1.2 + 0.37 * crash, kill_all, (running,))
        killer.start()
        reported |= send_until_the_end(running.rpc_url)
        killer.join()
        running.kill()
    last = launched()
    head = int(ask(last.rpc_url, "eth_blockNumber")["result"], 16)
    blocks = [ask(last.rpc_url, "eth_getBlockByNumber", hex(n), False)["result"] for n in range(head + 1)]
    assert all(child["parentHash"] == parent["hash"] for parent, child in itertools.pairwise(blocks))
    assert len({receipt["blockNumber"] for receipt in reported.values()}) >= 3
    for transaction_hash, receipt in reported.items():
        assert ask(last.rpc_url, "eth_getTransactionReceipt", transaction_hash)["result"] == receipt


def kill_all(running: RunningDevnet) -> None:
    for pid in (running.pid, *running.pids.values()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def send_until_the_end(url: str) -> dict[str, Any]:
    """Send and collect receipts until the process dies; returns the receipts that were told."""
    told: dict[str, Any] = {}
    waiting: list[str] = []
    try:
        nonce = int(ask(url, "eth_getTransactionCount", SENDER.address, "latest")["result"], 16)
        while True:
            for _ in range(5):
                answer = ask(url, "eth_sendRawTransaction", signed(nonce))
                if "result" in answer:
                    waiting.append(answer["result"])
                nonce += 1  # refused: a block left half done by the last kill has it already
            for transaction_hash in waiting:
                if receipt := ask(url, "eth_getTransactionReceipt", transaction_hash)["result"]:
                    told[transaction_hash] = receipt
            waiting = [item for item in waiting if item not in told]
    except (OSError, http.client.HTTPException):
        return told


def test_an_empty_block_comes_each_period(launched: Starter) -> None:
    running = launched(period=1)
    wait_until(lambda: int(ask(running.rpc_url, "eth_blockNumber")["result"], 16) >= 2)


def test_a_taken_port_is_named_in_both_languages(launched: Starter, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUseError) as caught:
        launched(http_port=taken.getsockname()[1])
    assert "--http-port" in caught.value.en
    assert "--http-port" in caught.value.zh


def test_a_directory_in_use_is_refused_and_free_again_after_kill_9(launched: Starter) -> None:
    running = launched()
    with pytest.raises(DirectoryLockedError):
        launched()
    running.kill()
    assert launched().genesis_hash == running.genesis_hash


def test_a_foreign_genesis_and_a_wrong_count_are_refused(launched: Starter, tmp_path: Path) -> None:
    launched().stop()
    with pytest.raises(ValidatorCountError):
        launched(validators=3)
    path = tmp_path / "chain/genesis.json"
    path.write_text(path.read_text("utf-8").replace("20261", "20262"), "utf-8")
    with pytest.raises(ForeignChainError, match="20262"):
        launched()


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UnwritableError):
        start(tmp_path / "file/chain")


def test_a_full_store_ends_its_node_with_one_sentence_and_keeps_its_blocks(tmp_path: Path) -> None:
    options = ["--dir", str(tmp_path), "--period", "0", "--validators", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "devnet", "up", *options, "--map-mib", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["rpc"]
    last = -1
    try:
        for nonce in range(1000):
            bulk = {"data": os.urandom(20_000), "gas": 900_000}
            ask(url, "eth_sendRawTransaction", signed(nonce, **bulk))
            last = int(ask(url, "eth_blockNumber")["result"], 16)
    except (OSError, http.client.HTTPException):
        pass
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in complaint
    assert "--map-mib" in complaint
    assert "区块库" in complaint
    with start(tmp_path, period=0) as again:
        assert int(ask(again.rpc_url, "eth_blockNumber")["result"], 16) >= last


def test_a_fault_prints_one_sentence_in_each_language_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "genesis.json").write_text("{}", "utf-8")
    ended = command("--dir", str(tmp_path))
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 2
    assert "genesis.json" in ended.stderr
    assert json.loads(ended.stdout)["error"]["code"] == "foreign_chain"


def test_wrong_arguments_exit_with_2() -> None:
    assert command("--dir", "x", "--validators", "99").returncode == 2
    assert command("--dir", "x", "--period", "0.1").returncode == 2


def test_only_listed_senders_may_send(launched: Starter, tmp_path: Path) -> None:
    (tmp_path / "chain").mkdir()
    (tmp_path / "chain/allowlist.json").write_text(json.dumps(["0x" + "77" * 20]), "utf-8")
    running = launched()
    answer = ask(running.rpc_url, "eth_sendRawTransaction", signed(0))
    assert "allowlist" in answer["error"]["message"]


def test_the_bearer_token_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n", "ascii")
    options = ["--dir", str(tmp_path / "chain"), "--token-file", str(tmp_path / "token")]
    process = subprocess.Popen(
        [sys.executable, "-m", "devnet", "up", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["rpc"]
    try:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            ask(url, "eth_chainId")
        assert ask(url, "eth_chainId", authorization="Bearer s3cret")["result"] == "0x4f25"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("headers", "status"), [({"host": "evil.example"}, 403), ({"content-type": "text/plain"}, 415)]
)
def test_web_pages_cannot_reach_the_chain(launched: Starter, headers: dict[str, str], status: int) -> None:
    running = launched()
    with pytest.raises(urllib.error.HTTPError, match=str(status)):
        ask(running.rpc_url, "eth_chainId", **headers)


def test_a_request_beyond_the_size_limit_is_refused(launched: Starter) -> None:
    running = launched()
    with pytest.raises(urllib.error.URLError):
        ask(running.rpc_url, "eth_chainId", "0" * (9 * 1024 * 1024))
    assert ask(running.rpc_url, "eth_chainId")["result"] == "0x4f25"


def test_a_deployment_and_a_hundred_calls_go_through_in_one_batch(launched: Starter) -> None:
    running = launched()
    deployed = ask(
        running.rpc_url, "eth_sendRawTransaction", signed(0, to=None, data=CONTRACT["bytecode"], gas=900_000)
    )
    target = mined(running.rpc_url, deployed["result"])["contractAddress"]
    assert target is not None
    last = ""
    for nonce in range(1, 101):
        last = ask(running.rpc_url, "eth_sendRawTransaction", signed(nonce))["result"]
    assert mined(running.rpc_url, last)["status"] == "0x1"
