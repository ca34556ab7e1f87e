"""The same signed bytes and the same calls to anvil and to the devnet: the same answers.

What may differ is named: hashes that depend on the header's form and on the genesis state,
times, and the validators' own header fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from devnet_anvil import CHAIN_ID, anvil
from devnet_client import CONTRACT, ask, wait_until
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak
from eth_utils import to_checksum_address

from contracts_chain.ledger.state_proof import verify_account, verify_slot
from contracts_chain.ledger.trie_proof import verify_absence
from devnet.launch import RunningDevnet
from kernel.sized_bytes import Address, Bytes32

SENDER: LocalAccount = Account.from_key("0x" + "5b" * 32)
NOBODY = "0x" + "77" * 20
ONLY_THEIRS = {"blockTimestamp", "blobGasPrice", "blobGasUsed", "authorizationList"}
"""Fields anvil adds to transactions, receipts or logs; execution-apis asks for none of them here."""
OF_THE_HEADER = {
    "blockHash",
    "hash",
    "parentHash",
    "miner",
    "stateRoot",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
    "difficulty",
    "totalDifficulty",
    "size",
}


@dataclass(kw_only=True)
class Node:
    """One node after the scenario: what was sent and what it became."""

    url: str
    hashes: list[str] = field(default_factory=list)
    target: str = ""

    def result(self, name: str, *params: Any) -> Any:
        answer = ask(self.url, name, *params)
        assert "error" not in answer, answer
        return answer["result"]

    def send(self, **fields: Any) -> Any:
        transaction = {"type": 2, "chainId": CHAIN_ID, "nonce": len(self.hashes), "gas": 900_000, "value": 0}
        transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, **fields}
        raw = bytes(SENDER.sign_transaction(transaction).raw_transaction)
        self.hashes.append(self.result("eth_sendRawTransaction", "0x" + raw.hex()))
        return wait_until(lambda: self.result("eth_getTransactionReceipt", self.hashes[-1]))

    def play(self) -> None:
        """A deployment, two writes, a write that reverts, a legacy and an access-list transaction."""
        self.target = self.send(data=CONTRACT["bytecode"])["contractAddress"]
        target = to_checksum_address(self.target)
        for value in (42, 43, 2_000_000):
            self.send(to=target, data=write_call(7, value))
        legacy = {"chainId": CHAIN_ID, "nonce": 4, "gas": 900_000, "value": 0, "gasPrice": 0, "to": target}
        raw = bytes(SENDER.sign_transaction({**legacy, "data": write_call(8, 1)}).raw_transaction)
        self.hashes.append(self.result("eth_sendRawTransaction", "0x" + raw.hex()))
        wait_until(lambda: self.result("eth_getTransactionReceipt", self.hashes[-1]))
        slots = [{"address": target, "storageKeys": ["0x" + (1).to_bytes(32).hex()]}]
        self.send(to=target, data=write_call(9, 1), accessList=slots)


def write_call(key: int, value: int) -> str:
    return "0x" + (keccak(b"write(uint256,uint256)")[:4] + key.to_bytes(32) + value.to_bytes(32)).hex()


def read_call(key: int) -> str:
    return "0x" + (keccak(b"read(uint256)")[:4] + key.to_bytes(32)).hex()


@pytest.fixture(scope="module")
def theirs() -> Iterator[Node]:
    with anvil() as url:
        node = Node(url=url)
        node.play()
        yield node


@pytest.fixture(scope="module")
def ours(devnet: RunningDevnet) -> Node:
    node = Node(url=devnet.rpc_url)
    node.play()
    return node


def shared(value: Any) -> Any:
    """The answer without what may differ."""
    if isinstance(value, Mapping):
        left_out = ONLY_THEIRS | ({"blockHash"} if "stateRoot" not in value else OF_THE_HEADER)
        return {name: shared(item) for name, item in value.items() if name not in left_out}
    return [shared(item) for item in value] if isinstance(value, list) else value


def block(node: Node, tag: str) -> Any:
    return node.result("eth_getBlockByNumber", tag, False)["hash"]


Ask = Callable[[Node], Any]
SLOT_COUNT = "0x" + (1).to_bytes(32).hex()
TOPIC = "0x" + bytes(keccak(b"Written(address,uint256,uint256)")).hex()
CALLS: dict[str, Ask] = {
    "hashes of what was sent": lambda node: node.hashes,
    "chain id": lambda node: [node.result("eth_chainId"), node.result("net_version")],
    "blob fee": lambda node: node.result("eth_blobBaseFee"),
    "syncing": lambda node: [node.result("eth_syncing"), node.result("net_listening")],
    "sha3": lambda node: node.result("web3_sha3", "0x68656c6c6f"),
    "head": lambda node: node.result("eth_blockNumber"),
    "pool": lambda node: node.result("txpool_status"),
    "receipts": lambda node: [node.result("eth_getTransactionReceipt", name) for name in node.hashes],
    "block receipts": lambda node: [node.result("eth_getBlockReceipts", hex(n)) for n in range(7)],
    "transactions": lambda node: [node.result("eth_getTransactionByHash", name) for name in node.hashes],
    "raw transactions": lambda node: [node.result("debug_getRawTransaction", name) for name in node.hashes],
    "by number and index": lambda node: node.result("eth_getTransactionByBlockNumberAndIndex", "0x2", "0x0"),
    "by hash and index": lambda node: node.result(
        "eth_getTransactionByBlockHashAndIndex", block(node, "0x2"), "0x0"
    ),
    "blocks": lambda node: [node.result("eth_getBlockByNumber", hex(n), False) for n in range(1, 7)],
    "full blocks": lambda node: [node.result("eth_getBlockByNumber", hex(n), True) for n in range(1, 7)],
    "block by hash": lambda node: node.result("eth_getBlockByHash", block(node, "0x3"), False),
    "counts": lambda node: [
        node.result("eth_getBlockTransactionCountByNumber", "0x1"),
        node.result("eth_getBlockTransactionCountByHash", block(node, "0x1")),
        node.result("eth_getUncleCountByBlockNumber", "0x1"),
        node.result("eth_getUncleCountByBlockHash", block(node, "0x1")),
        node.result("eth_getUncleByBlockNumberAndIndex", "0x1", "0x0"),
    ],
    "nothing there": lambda node: [
        node.result("eth_getTransactionByHash", "0x" + "00" * 32),
        node.result("eth_getTransactionReceipt", "0x" + "00" * 32),
        node.result("eth_getBlockByNumber", "0x99", False),
        node.result("eth_getBlockByHash", "0x" + "00" * 32, False),
        node.result("eth_getBlockReceipts", "0x99"),
        node.result("eth_getTransactionByBlockNumberAndIndex", "0x1", "0x5"),
    ],
    "nonces": lambda node: [
        node.result("eth_getTransactionCount", SENDER.address, tag)
        for tag in ("0x0", "0x3", "latest", "pending")
    ],
    "balance": lambda node: node.result("eth_getBalance", SENDER.address, "latest"),
    "code": lambda node: [node.result("eth_getCode", node.target, tag) for tag in ("0x0", "0x1", "latest")],
    "storage": lambda node: [
        node.result("eth_getStorageAt", node.target, slot, "latest") for slot in ("0x0", "0x1", SLOT_COUNT)
    ],
    "calls": lambda node: [
        node.result("eth_call", {"to": node.target, "data": read_call(7)}, tag)
        for tag in ("0x1", "0x2", "0x3", "latest")
    ],
    "a call that sends": lambda node: node.result(
        "eth_call",
        {"from": SENDER.address, "to": node.target, "input": write_call(1, 1), "gas": "0x30000"},
        "latest",
    ),
    "logs": lambda node: node.result("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"}),
    "logs by address": lambda node: node.result(
        "eth_getLogs", {"fromBlock": "0x0", "address": [node.target, NOBODY]}
    ),
    "logs by topic": lambda node: node.result(
        "eth_getLogs", {"fromBlock": "0x0", "topics": [TOPIC, None, ["0x" + (8).to_bytes(32).hex(), TOPIC]]}
    ),
    "logs in a range": lambda node: node.result("eth_getLogs", {"fromBlock": "0x3", "toBlock": "0x5"}),
    "logs of a block": lambda node: node.result("eth_getLogs", {"blockHash": block(node, "0x3")}),
    "no logs": lambda node: node.result("eth_getLogs", {"fromBlock": "0x0", "address": NOBODY}),
    "fee history": lambda node: node.result("eth_feeHistory", "0x3", "latest", [20.5, 50]),
    "proofs of slots": lambda node: [
        {name: item[name] for name in ("nonce", "balance", "codeHash", "storageHash", "storageProof")}
        for item in [node.result("eth_getProof", node.target, [SLOT_COUNT, "0x" + "ff" * 32], "latest")]
    ],
    "proof of a slot in the past": lambda node: node.result("eth_getProof", node.target, [SLOT_COUNT], "0x2")[
        "storageProof"
    ],
}


@pytest.mark.parametrize("call", CALLS)
def test_both_answer_alike(ours: Node, theirs: Node, call: str) -> None:
    assert shared(CALLS[call](ours)) == shared(CALLS[call](theirs))


def call_error(node: Node, data: str) -> Any:
    return ask(node.url, "eth_estimateGas", {"from": SENDER.address, "to": node.target, "data": data})


def resent(node: Node) -> Any:
    raw = node.result("debug_getRawTransaction", node.hashes[0])
    return ask(node.url, "eth_sendRawTransaction", raw)


def foreign(node: Node) -> Any:
    transaction = {"type": 2, "chainId": 1, "nonce": 6, "gas": 21_000, "value": 0, "to": NOBODY}
    transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    raw = bytes(SENDER.sign_transaction(transaction).raw_transaction)
    return ask(node.url, "eth_sendRawTransaction", "0x" + raw.hex())


REFUSED: dict[str, Ask] = {
    "a revert with a reason": lambda node: call_error(node, write_call(1, 0)),
    "a custom error": lambda node: call_error(node, write_call(1, 2_000_000)),
    "a block that is not there": lambda node: ask(node.url, "eth_getBalance", NOBODY, "0x99"),
    "a call on a block that is not there": lambda node: ask(node.url, "eth_call", {"to": NOBODY}, "0x99"),
    "an unknown method": lambda node: ask(node.url, "eth_nothing"),
    "too few parameters": lambda node: ask(node.url, "eth_getBalance"),
    "a short address": lambda node: ask(node.url, "eth_getBalance", "0x12", "latest"),
    "no transaction": lambda node: ask(node.url, "eth_sendRawTransaction", "0x02"),
    "the same bytes again": resent,
    "another chain's transaction": foreign,
}
SAME_CODE = {"a revert with a reason", "a custom error", "an unknown method", "too few parameters"}


@pytest.mark.parametrize("call", REFUSED)
def test_both_refuse_alike(ours: Node, theirs: Node, call: str) -> None:
    mine, other = REFUSED[call](ours), REFUSED[call](theirs)
    assert "result" not in mine
    assert "result" not in other
    if call in SAME_CODE:
        assert mine["error"]["code"] == other["error"]["code"]
    assert mine["error"].get("data") == other["error"].get("data") or other["error"].get("data") is None


@pytest.mark.parametrize("kind", ["ours", "theirs"])
def test_proofs_of_both_pass_the_evidence_verifier(kind: str, request: pytest.FixtureRequest) -> None:
    """Accounts and slots, present and absent, by the code that a court's copy runs."""
    node: Node = request.getfixturevalue(kind)
    root = Bytes32.from_hex(node.result("eth_getBlockByNumber", "latest", False)["stateRoot"])
    absent = "0x" + "ff" * 32
    proof = node.result("eth_getProof", node.target, [SLOT_COUNT, absent], "latest")
    code_hash = Bytes32.from_hex(proof["codeHash"])
    storage = verify_account(
        root, Address.from_hex(node.target), nodes_of(proof["accountProof"]), code_hash=code_hash
    )
    assert storage.hex0x() == proof["storageHash"]
    for slot, held in zip((SLOT_COUNT, absent), (4, 0), strict=True):
        (found,) = (item for item in proof["storageProof"] if int(item["key"], 16) == int(slot, 16))
        claimed = Bytes32(held.to_bytes(32))
        verify_slot(storage, Bytes32.from_hex(slot), nodes_of(found["proof"]), claimed=claimed)
    nobody = node.result("eth_getProof", NOBODY, [], "latest")
    verify_absence(root, keccak(bytes.fromhex(NOBODY[2:])), nodes_of(nobody["accountProof"]))


def nodes_of(listed: list[str]) -> list[bytes]:
    return [bytes.fromhex(item[2:]) for item in listed]
