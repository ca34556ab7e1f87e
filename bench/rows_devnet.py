"""The development chain: transactions a second, the block of one anchor, the opening of a long chain.

``python -m bench.rows_devnet`` runs these rows alone. The same client loop of raw transactions runs
against four validator processes over HTTP, against eth-tester in this process and against anvil over
HTTP, taking turns. What bounds the first: every transaction is executed once by each of four processes
on the machine's cores; the bare cost is py-evm executing the same transactions once, with no block,
no seal, no disk and no HTTP around them.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import lmdb
from eth.chains.base import MiningChain
from eth.db.atomic import AtomicDB
from eth.vm.forks.cancun import CancunVM
from eth_account import Account
from eth_tester import EthereumTester, PyEVMBackend
from web3 import EthereumTesterProvider, HTTPProvider, Web3

from bench.devnet_client import CHAIN_ID, SlotWriter, anvil
from bench.measuring import Row, row, spent
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.ledger.registry_calls import (
    address_of,
    anchor_call,
    created_address,
    creation_code,
    sign_call,
)
from devnet.genesis import agree_genesis, write_genesis
from devnet.keys import draw_key
from devnet.launch import RunningDevnet, start
from devnet.node import Node, NodeSettings, open_node
from devnet.seal_round import Gathered
from devnet.seals import address_of as validator_address
from devnet.vm import GAS_LIMIT
from kernel.clock import SystemClock
from kernel.sized_bytes import Address

__all__ = ["rows"]

SENT, TURNS = 600, 3
ANCHORS = 7
BLOCKS = 10_000
MEMORY_DISK = Path("/dev/shm")  # the chain of 10,000 blocks is written there, without waiting for a disk


def rows() -> list[Row]:
    """All rows of the development chain."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start(Path(folder) / "chain", period=0, validators=4) as running,
    ):
        many, one = throughput_rows(running), anchor_row(running)
    return [*many, one, reopen_row()]


def throughput_rows(running: RunningDevnet) -> list[Row]:
    """Transactions a second, medians of turns: only sent, and sent with every receipt read."""
    with anvil() as theirs:
        over_http = Web3(HTTPProvider(running.rpc_url))
        ours = SlotWriter(over_http, Account.create(), fee=0, chain_id=CHAIN_ID)
        tester = _tester()
        sent: dict[str, list[float]] = {"ours": [], "EthereumTester": [], "anvil": [], "bare": []}
        read: dict[str, list[float]] = {"ours": [], "EthereumTester": [], "anvil": [], "bare": []}
        for _ in range(TURNS):
            raws = ours.sign(SENT)
            sent["bare"].append(_executed(raws))
            sent["ours"].append(ours.send(raws))
            sent["EthereumTester"].append(tester.send(tester.sign(SENT // 3)) * 3)
            sent["anvil"].append(theirs.send(theirs.sign(SENT)))
            read["ours"].append(ours.send_and_read(ours.sign(SENT)))
            read["EthereumTester"].append(tester.send_and_read(tester.sign(SENT // 3)) * 3)
            read["anvil"].append(theirs.send_and_read(theirs.sign(SENT)))
    read["bare"] = sent["bare"]
    what = f"{SENT} raw transactions over HTTP, four validator processes"
    return [
        _throughput("devnet throughput", f"{what}; bare: executed once in memory", sent),
        _throughput("devnet throughput, receipts", f"{what}, every receipt read", read),
    ]


def _throughput(name: str, work: str, times: dict[str, list[float]]) -> Row:
    speeds = {who: SENT / statistics.median(taken) for who, taken in times.items()}
    mine, peer = speeds["ours"], speeds["EthereumTester"]
    peers = {who: speeds[who] for who in ("EthereumTester", "anvil")}
    met = mine >= 100 and mine >= 2 * peer
    return row(name, work, "tx/s", mine, speeds["bare"], goal=max(100, 2 * peer), met=met, peers=peers)


def anchor_row(running: RunningDevnet) -> Row:
    """One checkpoint on an idle chain, from sending it to its receipt; four processes, durable."""
    key = hashlib.sha256(b"bench anchor").digest()
    account = address_of(key)
    w3 = Web3(HTTPProvider(running.rpc_url))
    registry = created_address(account, 0)
    log = MerkleLog()
    _anchored(w3, key, 0, None, creation_code(account, account, account))
    times, bare = [], []
    for sequence in range(1, ANCHORS + 1):
        old = len(range(sequence - 1)) * 100
        log.extend(hashlib.sha256(b"%d" % number).digest() for number in range(old, old + 100))
        proof = log.consistency(old, old + 100) if old else ()
        payload = anchor_call(sequence, old + 100, log.root(), proof)
        _wait_for_the_next_second(w3)
        times.append(1000 * _anchored(w3, key, sequence, registry, payload))
        bare.append(1000 * _answered(w3))
    mine = statistics.median(times)
    work = "sent to receipt, idle chain, four validator processes; bare: one HTTP call"
    return row("devnet anchor", work, "ms", mine, statistics.median(bare), goal=60, met=mine <= 60)


def reopen_row() -> Row:
    """Opening the directory of a chain of 10,000 blocks until its head is known."""
    place = MEMORY_DISK if MEMORY_DISK.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        directory = Path(folder) / "utility"
        _grown(directory)
        ours, bare = [], []
        for _ in range(5):
            bare.append(1000 * spent(lambda: _opened_bare(directory / "chain")))
            ours.append(1000 * spent(lambda: _reopened(directory)))
    mine = statistics.median(ours)
    work = f"{BLOCKS:,} blocks, lock, key, seal record, head; bare: lmdb.open and one read"
    return row("devnet reopen", work, "ms", mine, statistics.median(bare), goal=1000, met=mine <= 1000)


class _Nobody:
    """The colleagues of a chain of one validator."""

    def gather(self, *_: object, **__: object) -> Gathered:
        return Gathered()

    def announce(self, sealed: bytes) -> None:
        """Nobody listens."""


def _grown(directory: Path) -> None:
    """Empty blocks by the producer's own code, one validator."""
    members = [(validator_address(draw_key(directory).public_key), "utility")]
    begun = SystemClock().now() - timedelta(seconds=2 * BLOCKS)
    facts = {"proposer": "utility", "chain_id": CHAIN_ID, "gas_limit": GAS_LIMIT}
    genesis = agree_genesis(members, start_utc=begun, **facts)
    write_genesis(directory / "genesis.json", genesis)
    with _open(directory) as node:
        node.connect(_Nobody())
        for number in range(1, BLOCKS + 1):
            node.producer.produce((), timestamp=int(begun.timestamp()) + number)


@contextmanager
def _open(directory: Path) -> Iterator[Node]:
    with closing(open_node(NodeSettings(directory=directory, map_mib=1024), SystemClock())) as node:
        yield node


def _reopened(directory: Path) -> None:
    with _open(directory) as node:
        if node.chain.head().block_number != BLOCKS:
            raise AssertionError("the chain is not as long as it was")


def _opened_bare(directory: Path) -> None:
    with lmdb.open(str(directory), max_dbs=8, map_size=1 << 30) as store, store.begin() as transaction:
        transaction.get(b"none")


def _tester() -> SlotWriter:
    backend = PyEVMBackend()
    w3 = Web3(EthereumTesterProvider(EthereumTester(backend)))
    account = Account.from_key(backend.account_keys[0].to_bytes())
    return SlotWriter(w3, account, fee=10**10, chain_id=w3.eth.chain_id)


def _executed(raws: list[bytes]) -> float:
    """Seconds of py-evm for the same bytes, each sender's nonce taken as it comes."""
    kind = MiningChain.configure("Bare", vm_configuration=((0, CancunVM),), chain_id=CHAIN_ID)
    first = {"difficulty": 0, "gas_limit": 30_000_000, "timestamp": 1, "base_fee_per_gas": 0}
    machine = kind.from_genesis(AtomicDB(), first).get_vm()
    header = machine.get_header().copy(base_fee_per_gas=0)
    transactions = [machine.get_transaction_builder().decode(raw) for raw in raws]
    machine.state.set_nonce(transactions[0].sender, transactions[0].nonce)
    machine.state.set_code(transactions[0].to, bytes.fromhex("6020356000355560003560006000a100"))
    started = time.perf_counter()
    for transaction in transactions:
        machine.apply_transaction(header, transaction)
    return time.perf_counter() - started


def _anchored(w3: Web3, key: bytes, nonce: int, to: Address | None, payload: bytes) -> float:
    signed = sign_call(key, chain_id=CHAIN_ID, nonce=nonce, to=to, payload=payload, gas_limit=4_000_000)
    started = time.perf_counter()
    w3.eth.send_raw_transaction(signed.raw)
    receipt = w3.eth.wait_for_transaction_receipt(signed.hash, timeout=30, poll_latency=0.002)
    if receipt["status"] != 1:
        raise AssertionError("the registry refused the checkpoint")
    return time.perf_counter() - started


def _answered(w3: Web3) -> float:
    return spent(lambda: w3.eth.block_number)


def _wait_for_the_next_second(w3: Web3) -> None:
    """Block times are whole seconds and rise: a chain is idle once the second of its head is over."""
    head = int(w3.provider.make_request("eth_getBlockByNumber", ["latest", False])["result"]["timestamp"], 16)
    while time.time() < head + 1.05:
        time.sleep(0.01)


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1))
