"""Two ways to run the registry: py-evm in this process, and any JSON-RPC node (anvil, devnet)."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eth.chains.base import MiningChain
from eth.db.atomic import AtomicDB
from eth.exceptions import Revert
from eth.vm.forks.cancun import CancunVM
from eth.vm.spoof import SpoofTransaction
from eth_abi.abi import encode

from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import address_of, created_address, creation_code, sign_call
from contracts_chain.ledger.rpc_json import hex_bytes, members, quantity
from contracts_chain.ledger.web3_endpoint import RpcRefusedError, Web3Endpoint
from kernel.sized_bytes import Address

CHAIN_ID = 20261
MOST_GAS = 15_000_000
SHA256 = (2).to_bytes(20)
ANVIL = (
    Path(__file__)
    .parents[3]
    .joinpath("tools", "node", "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil")
)


def key(name: str) -> bytes:
    return hashlib.sha256(f"ledger test {name}".encode()).digest()


def account(name: str) -> Address:
    return address_of(key(name))


def call(signature: str, *values: object) -> bytes:
    """Selector and arguments of a call, or of a custom error."""
    inner = signature[signature.index("(") + 1 : -1]
    return keccak256(signature.encode())[:4] + encode(inner.split(",") if inner else [], values)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    succeeded: bool
    gas: int
    revert: bytes
    topics: tuple[bytes, ...] = ()


class Backend(Protocol):
    def deploy(self) -> Address: ...

    def send(self, name: str, payload: bytes) -> Outcome: ...

    def read(self, payload: bytes) -> bytes:
        """What a view answers, or how it reverts."""

    def slot(self, place: bytes) -> bytes:
        """One word of the registry's storage."""


class EvmBackend:
    """py-evm's Cancun VM, one transaction at a time, no blocks in between."""

    def __init__(self) -> None:
        chain_class = MiningChain.configure(
            "RegistryBench", vm_configuration=((0, CancunVM),), chain_id=CHAIN_ID
        )
        genesis = {"difficulty": 0, "gas_limit": 30_000_000, "timestamp": 1, "base_fee_per_gas": 0}
        self._vm = chain_class.from_genesis(AtomicDB(), genesis).get_vm()
        self._header = self._vm.get_header().copy(base_fee_per_gas=0)
        self._nonces: dict[str, int] = {}
        self.registry = Address(bytes(20))

    def break_sha256(self) -> None:
        """From now on the precompile at 2 fails and gives its gas back: the worst a chain could do."""

        def fail(_: object) -> None:
            raise Revert("no SHA-256 here")

        computation = self._vm.state.computation_class
        broken = {**computation.get_precompiles(), SHA256: fail}
        self._vm.state.computation_class = computation.configure(_precompiles=broken)

    def deploy(self) -> Address:
        code = creation_code(account("admin"), account("anchorer"), account("keeper"))
        outcome = self._apply("deployer", None, code)
        assert outcome.succeeded
        self.registry = created_address(account("deployer"), self._nonces["deployer"] - 1)
        return self.registry

    def send(self, name: str, payload: bytes, gas_limit: int = MOST_GAS) -> Outcome:
        return self._apply(name, self.registry, payload, gas_limit)

    def read(self, payload: bytes, name: str = "reader") -> bytes:
        spoof = SpoofTransaction(
            self._vm.create_unsigned_transaction(
                nonce=self._nonces.get(name, 0),
                gas_price=0,
                gas=1_000_000,
                to=self.registry,
                value=0,
                data=payload,
            ),
            from_=account(name),
        )
        mark = self._vm.state.snapshot()
        output = self._vm.state.costless_execute_transaction(spoof).output
        self._vm.state.revert(mark)
        return output

    def slot(self, place: bytes) -> bytes:
        return self._vm.state.get_storage(self.registry, int.from_bytes(place)).to_bytes(32)

    def _apply(self, name: str, to: Address | None, payload: bytes, gas_limit: int = MOST_GAS) -> Outcome:
        nonce = self._nonces.get(name, 0)
        signed = sign_call(
            key(name), chain_id=CHAIN_ID, nonce=nonce, to=to, payload=payload, gas_limit=gas_limit
        )
        transaction = self._vm.get_transaction_builder().decode(signed.raw)
        receipt, computation = self._vm.apply_transaction(self._header, transaction)
        self._nonces[name] = nonce + 1
        return Outcome(
            succeeded=computation.is_success,
            gas=receipt.gas_used,
            revert=b"" if computation.is_success else computation.output,
            topics=tuple(topic.to_bytes(32) for log in receipt.logs for topic in log.topics),
        )


class RpcBackend:
    """A node over JSON-RPC; every send waits for its receipt."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.endpoint = Web3Endpoint(url, CHAIN_ID)
        self.registry = Address(bytes(20))

    def deploy(self) -> Address:
        code = creation_code(account("admin"), account("anchorer"), account("keeper"))
        nonce = self._nonce("deployer")
        assert self._apply("deployer", None, code).succeeded
        self.registry = created_address(account("deployer"), nonce)
        return self.registry

    def send(self, name: str, payload: bytes) -> Outcome:
        return self._apply(name, self.registry, payload)

    def read(self, payload: bytes) -> bytes:
        asked = {"to": self.registry.hex0x(), "data": "0x" + payload.hex()}
        reply = self.endpoint._provider.make_request("eth_call", [asked, "latest"])
        return hex_bytes(reply["error"]["data"] if "error" in reply else reply["result"], "call")

    def slot(self, place: bytes) -> bytes:
        asked = [self.registry.hex0x(), "0x" + place.hex(), "latest"]
        return hex_bytes(self.endpoint.ask("eth_getStorageAt", asked), "slot")

    def _apply(self, name: str, to: Address | None, payload: bytes) -> Outcome:
        signed = sign_call(
            key(name), chain_id=CHAIN_ID, nonce=self._nonce(name), to=to, payload=payload, gas_limit=MOST_GAS
        )
        revert = b"" if to is None else self._revert(name, payload)
        self.endpoint.ask("eth_sendRawTransaction", ["0x" + signed.raw.hex()])
        receipt = until(lambda: self.endpoint.ask("eth_getTransactionReceipt", [signed.hash.hex0x()]))
        found = members(receipt, "receipt")
        return Outcome(
            succeeded=found["status"] == "0x1",
            gas=quantity(found["gasUsed"], "gasUsed"),
            revert=revert,
            topics=tuple(hex_bytes(topic, "topic") for log in found["logs"] for topic in log["topics"]),
        )

    def _revert(self, name: str, payload: bytes) -> bytes:
        asked = {
            "from": account(name).hex0x(),
            "to": self.registry.hex0x(),
            "data": "0x" + payload.hex(),
        }
        reply = self.endpoint._provider.make_request("eth_call", [asked, "latest"])
        return hex_bytes(reply["error"]["data"], "data") if "error" in reply else b""

    def _nonce(self, name: str) -> int:
        answer = self.endpoint.ask("eth_getTransactionCount", [account(name).hex0x(), "latest"])
        return quantity(answer, "nonce")


def until(found: object, *, seconds: float = 20.0) -> object:
    """Ask until there is an answer."""
    deadline = time.monotonic() + seconds
    pause = 0.001
    while True:
        try:
            if (answer := found()) is not None:
                return answer
        except (ChainUnavailableError, RpcRefusedError):
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, "no answer in time"
        time.sleep(pause)
        pause = min(pause * 2, 0.05)


@contextmanager
def anvil() -> Iterator[str]:
    """A fresh anvil with fee 0 on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    fees = ["--base-fee", "0", "--gas-price", "0"]
    command = [ANVIL, "--hardfork", "cancun", "--port", str(port), "--chain-id", str(CHAIN_ID), *fees]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    endpoint = Web3Endpoint(url, CHAIN_ID)
    try:
        until(lambda: endpoint.ask("eth_blockNumber", []))
        yield url
    finally:
        endpoint.close()
        process.terminate()
        process.wait()
