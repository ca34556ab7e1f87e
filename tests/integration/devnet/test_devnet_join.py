"""Four operators begin a chain without a common directory, and vote about who belongs to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from devnet_client import ask, wait_until
from devnet_transfers import signed

OPERATORS = ("utility", "notary", "court", "ca")


class Town:
    """Operators' machines, all here; each has one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.urls: dict[str, str] = {}
        self.addresses = {operator: self.draw(operator) for operator in OPERATORS}
        members = [f"{address}={operator}" for operator, address in self.addresses.items()]
        options = [word for member in members for word in ("--validator", member)]
        command("genesis", *options, "--proposer", "utility", "-o", str(self.genesis))

    @property
    def genesis(self) -> Path:
        return self.directory / "agreed.json"

    def draw(self, operator: str) -> str:
        drawn = command("key", "--dir", str(self.directory / operator), "--operator", operator)
        return str(drawn["address"])

    def join(self, operator: str, *options: str) -> None:
        peers = ["--peers", ",".join(self.urls.values())] if self.urls else []
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "devnet", "join", "--dir", str(self.directory / operator)),
                *("--operator", operator, "--genesis", str(self.genesis), "--period", "0"),
                *(*peers, *options),
            ],
            stdout=subprocess.PIPE,
        )
        self.processes[operator] = process
        assert process.stdout is not None
        self.urls[operator] = json.loads(process.stdout.readline())["rpc"]

    def members(self, operator: str = "utility") -> set[str]:
        listed = ask(self.urls[operator], "qbft_getValidatorsByBlockNumber", "pending")["result"]
        return {name for name, address in self.addresses.items() if address in listed}

    def vote(self, operators: tuple[str, ...], candidate: str, *, add: bool) -> None:
        for operator in operators:
            answer = ask(self.urls[operator], "qbft_proposeValidatorVote", self.addresses[candidate], add)
            assert answer.get("result") is True, answer

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.communicate(timeout=20)


def command(*words: str) -> Any:
    ended = subprocess.run(
        [sys.executable, "-m", "devnet", *words], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(ended.stdout)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    founded = Town(tmp_path)
    yield founded
    founded.end()


def mined(url: str, transaction_hash: str) -> Any:
    return wait_until(lambda: ask(url, "eth_getTransactionReceipt", transaction_hash)["result"], 40)


def test_four_operators_begin_a_chain_each_with_its_own_key_alone(town: Town) -> None:
    for operator in OPERATORS:
        town.join(operator, *(["--propose"] if operator == "utility" else []))
    sent = ask(town.urls["ca"], "eth_sendRawTransaction", signed(0))["result"]
    hashes = {mined(url, sent)["blockHash"] for url in town.urls.values()}
    assert len(hashes) == 1
    hello = {path.name for path in town.directory.rglob("key")}
    assert hello == {"key"}


def test_an_observer_is_voted_in_seals_and_another_is_voted_out(town: Town) -> None:
    for operator in OPERATORS:
        town.join(operator)
    town.addresses["tax"] = town.draw("tax")
    listed = [{"address": address, "operator": name} for name, address in town.addresses.items()]
    for operator in (*OPERATORS, "tax"):
        (town.directory / operator / "nodes.json").write_text(json.dumps(listed), "utf-8")
    town.join("tax")
    mined(town.urls["tax"], ask(town.urls["utility"], "eth_sendRawTransaction", signed(0))["result"])
    town.vote(("utility", "notary", "court"), "tax", add=True)
    wait_until(lambda: town.members() == {*OPERATORS, "tax"}, 40)
    town.vote(("utility", "notary", "tax"), "ca", add=False)
    wait_until(lambda: town.members() == {"utility", "notary", "court", "tax"}, 40)
    town.processes["notary"].kill()
    town.processes["notary"].wait()
    sent = ask(town.urls["utility"], "eth_sendRawTransaction", signed(1))["result"]
    mined(town.urls["tax"], sent)  # three of four, the newcomer among them
    assert ask(town.urls["court"], "qbft_getPendingVotes")["result"] == {town.addresses["tax"]: True}
    wait_until(lambda: ask(town.urls["ca"], "eth_getTransactionReceipt", sent)["result"], 40)


def test_a_node_with_another_genesis_is_not_heard(town: Town) -> None:
    for operator in OPERATORS[:3]:
        town.join(operator)
    other = json.loads(town.genesis.read_text("utf-8"))
    town.genesis.write_text(json.dumps({**other, "start_utc": "2026-01-01T00:00:00Z"}), "utf-8")
    town.join("ca")
    sent = ask(town.urls["utility"], "eth_sendRawTransaction", signed(0))["result"]
    mined(town.urls["utility"], sent)
    assert ask(town.urls["ca"], "eth_blockNumber")["result"] == "0x0"
    assert ask(town.urls["ca"], "net_peerCount")["result"] == "0x0"


def test_a_vote_that_changes_nothing_is_refused_in_words(town: Town) -> None:
    town.join("utility")
    for candidate, add in (("ca", True), ("utility", False)):
        answer = ask(town.urls["utility"], "qbft_proposeValidatorVote", town.addresses[candidate], add)
        assert "ballot refused" in answer["error"]["message"]
    assert ask(town.urls["utility"], "qbft_discardValidatorVote", town.addresses["ca"])["result"] is True


def test_a_node_that_listens_beyond_this_machine_without_a_token_offers_no_votes(town: Town) -> None:
    town.join("utility", "--host", "0.0.0.0")
    url = town.urls["utility"].replace("0.0.0.0", "127.0.0.1")
    answer = ask(url, "qbft_proposeValidatorVote", town.addresses["ca"], False)
    assert answer["error"]["code"] == -32601
    assert len(ask(url, "qbft_getValidatorsByBlockNumber", "latest")["result"]) == 4


def test_only_the_named_operator_may_propose(town: Town) -> None:
    directory = str(town.directory / "court")
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "devnet", "join", "--dir", directory),
            *("--genesis", str(town.genesis), "--propose"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "utility" in ended.stderr
