"""Peers' contracts, deployed from their own packages' bytecode beside our registry on one chain.

TradeTrust document store 4.1.1, OpenAttestation's document store (as its successor
publishes it, 1.0.3) and EAS 1.9.0. Only compiled artefacts are read; nothing of theirs is
copied here.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from eth_abi.abi import encode

from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import address_of, created_address, sign_call
from contracts_chain.ledger.rpc_json import quantity
from contracts_chain.ledger.web3_capture import fetch_receipt
from contracts_chain.ledger.web3_endpoint import Web3Endpoint
from kernel.sized_bytes import Address
from solidity.compile import SOLC

__all__ = ["Peers", "Sandbox", "call", "sandbox"]

PACKAGES = SOLC.parents[1]
ANVIL = PACKAGES / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
CHAIN_ID = 20269
KEY = keccak256(b"bench of gas")
GAS = 29_000_000
_PATIENCE_SECONDS = 20.0
_ATTEST = "(bytes32,(address,uint64,bool,bytes32,bytes,uint256))"
_ATTEST_MANY = "(bytes32,(address,uint64,bool,bytes32,bytes,uint256)[])[]"


def call(signature: str, *values: object) -> bytes:
    """Selector and arguments; ``signature`` names plain types only."""
    types = signature[signature.index("(") + 1 : -1].split(",")
    return keccak256(signature.encode())[:4] + encode(types, values)


class Sandbox:
    """One account on a fresh chain; every call waits for its receipt and gives its gas."""

    def __init__(self, url: str) -> None:
        """Remember the endpoint."""
        self._endpoint = Web3Endpoint(url, CHAIN_ID)
        self._nonce = 0
        self.account = address_of(KEY)

    def await_answer(self) -> None:
        """Wait until the chain answers."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                self._endpoint.ask("eth_blockNumber", [])
            except ChainUnavailableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def deploy(self, code: bytes) -> Address:
        """Create a contract and say where it stands."""
        address = created_address(self.account, self._nonce)
        self._spend(None, code)
        return address

    def gas(self, to: Address, payload: bytes) -> int:
        """Send one successful call."""
        return self._spend(to, payload)

    def close(self) -> None:
        """Close the connection."""
        self._endpoint.close()

    def _spend(self, to: Address | None, payload: bytes) -> int:
        signed = sign_call(KEY, chain_id=CHAIN_ID, nonce=self._nonce, to=to, payload=payload, gas_limit=GAS)
        self._nonce += 1
        self._endpoint.ask("eth_sendRawTransaction", ["0x" + signed.raw.hex()])
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (receipt := fetch_receipt(self._endpoint, signed.hash)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{signed.hash.hex0x()} is not mined")
            time.sleep(0.005)
        return quantity(receipt.get("gasUsed"), "gasUsed")


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A fresh anvil without fees."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    limits = ["--base-fee", "0", "--gas-price", "0", "--gas-limit", str(GAS + 1_000_000)]
    command = [str(ANVIL), "--hardfork", "cancun", "--port", str(port), "--chain-id", str(CHAIN_ID), *limits]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    chain = Sandbox(f"http://127.0.0.1:{port}")
    try:
        chain.await_answer()
        yield chain
    finally:
        chain.close()
        process.terminate()
        process.wait()


@dataclass(frozen=True, kw_only=True)
class Peers:
    """Three stores with our one account as issuer; each ``gas`` is of the peer's own way to do it."""

    chain: Sandbox
    tradetrust: Address
    openattestation: Address
    eas: Address
    schema: bytes

    @classmethod
    def deploy(cls, chain: Sandbox) -> Peers:
        """Deploy all of them."""
        owner = encode(["string", "address"], ["TEST", chain.account])
        registry = chain.deploy(_eas("SchemaRegistry"))
        schema = "bytes32 digest"
        chain.gas(registry, call("register(string,address,bool)", schema, bytes(20), True))
        return cls(
            chain=chain,
            tradetrust=chain.deploy(_tradetrust() + owner),
            openattestation=chain.deploy(_openattestation() + owner),
            eas=chain.deploy(_eas("EAS") + encode(["address"], [registry])),
            schema=keccak256(schema.encode() + bytes(20) + b"\x01"),
        )

    def issue(self, roots: Sequence[bytes]) -> dict[str, int]:
        """Put some roots on record in one transaction: gas by peer."""
        if len(roots) == 1:
            plain = call("issue(bytes32)", roots[0])
            store, batch = plain, plain
        else:
            store = call("bulkIssue(bytes32[])", roots)
            batch = call("multicall(bytes[])", [call("issue(bytes32)", one) for one in roots])
        return {
            "TradeTrust": self.chain.gas(self.tradetrust, store),
            "OpenAttestation": self.chain.gas(self.openattestation, batch),
            "EAS": self.chain.gas(self.eas, self._attest(roots)),
        }

    def revoke_proven(self, changes: Sequence[tuple[bytes, bytes, Sequence[bytes]]]) -> int:
        """Revoke documents of issued roots with their proofs, which OpenAttestation alone can."""
        calls = [call("revoke(bytes32,bytes32,bytes32[])", *one) for one in changes]
        payload = calls[0] if len(calls) == 1 else call("multicall(bytes[])", calls)
        return self.chain.gas(self.openattestation, payload)

    def _attest(self, roots: Sequence[bytes]) -> bytes:
        bodies = [(bytes(20), 0, True, bytes(32), root, 0) for root in roots]
        if len(bodies) == 1:
            return _call_tuple("attest", _ATTEST, (self.schema, bodies[0]))
        return _call_tuple("multiAttest", _ATTEST_MANY, [(self.schema, bodies)])


def _call_tuple(name: str, kind: str, value: object) -> bytes:
    return keccak256(f"{name}({kind})".encode())[:4] + encode([kind], [value])


def _tradetrust() -> bytes:
    folder = PACKAGES / "@tradetrust-tt" / "document-store" / "dist" / "contracts" / "factories"
    return _longest_hex((folder / "DocumentStore__factory.js").read_text("utf-8"))


def _openattestation() -> bytes:
    text = (PACKAGES / "@trustvc" / "document-store" / "index.js").read_text("utf-8")
    factory = text.index("class DocumentStore__factory ")
    name = re.compile(r"super\(\S+, (_bytecode\S*?),").search(text, factory)
    if name is None:
        raise LookupError("the OpenAttestation package has another form; pin the version of its lock file")
    place = text.index(f"const {name[1]} = ")
    return _longest_hex(text[place : text.index(";", place)])


def _eas(name: str) -> bytes:
    folder = PACKAGES / "@ethereum-attestation-service" / "eas-contracts" / "artifacts" / "contracts"
    return bytes.fromhex(json.loads((folder / f"{name}.sol" / f"{name}.json").read_text())["bytecode"][2:])


def _longest_hex(text: str) -> bytes:
    return bytes.fromhex(max(re.findall(r'"0x([0-9a-f]+)"', text), key=len))
