"""Request bodies in, answers out: the JSON-RPC surface without a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import rlp
from devnet_ask import Client, call_body
from devnet_trade import CONTRACT, NOON, SENDER, Sign, write_call
from eth_hash.auto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devnet.node import Node

START = int(NOON.timestamp())
TOPIC = "0x" + bytes(keccak(b"Written(address,uint256,uint256)")).hex()
READ = "0x" + bytes(keccak(b"read(uint256)"))[:4].hex()
COUNT_SLOT = "0x" + (1).to_bytes(32).hex()


@pytest.fixture
def client(node: Node) -> Client:
    return Client(node)


@pytest.fixture
def contract(client: Client, sign: Sign) -> str:
    deployed = client.send(sign(0, data=bytes.fromhex(CONTRACT["bytecode"][2:])))
    client.seal()
    return str(client.result("eth_getTransactionReceipt", deployed)["contractAddress"])


def test_a_transaction_waits_then_is_mined_then_resending_it_says_so(client: Client, sign: Sign) -> None:
    raw = sign(0, to="0x" + "11" * 20)
    sent = client.send(raw)
    assert client.woken == 1
    assert client.result("eth_getTransactionReceipt", sent) is None
    assert client.result("eth_getTransactionByHash", sent)["blockNumber"] is None
    assert "already known" in client.ask("eth_sendRawTransaction", "0x" + raw.hex())["error"]["message"]
    client.seal()
    assert client.result("eth_getTransactionByHash", sent)["blockNumber"] == "0x1"
    assert client.result("eth_getTransactionReceipt", sent)["status"] == "0x1"
    assert "nonce too low" in client.ask("eth_sendRawTransaction", "0x" + raw.hex())["error"]["message"]


def test_the_pending_nonce_counts_what_waits(client: Client, sign: Sign) -> None:
    client.send(sign(0, to="0x" + "11" * 20))
    client.send(sign(1, to="0x" + "11" * 20))
    counts = [client.result("eth_getTransactionCount", SENDER.address, tag) for tag in ("latest", "pending")]
    assert counts == ["0x0", "0x2"]


def test_a_receipt_names_its_place_its_gas_and_its_logs(client: Client, contract: str, sign: Sign) -> None:
    sent = client.send(sign(1, to=contract, data=write_call(7, 42)))
    client.seal()
    receipt = client.result("eth_getTransactionReceipt", sent)
    block = client.result("eth_getBlockByNumber", "latest", True)
    assert receipt["blockHash"] == block["hash"]
    assert receipt["gasUsed"] == receipt["cumulativeGasUsed"] == block["gasUsed"]
    assert [log["topics"][0] for log in receipt["logs"]] == [TOPIC]
    assert receipt["logs"][0]["data"] == "0x" + (42).to_bytes(32).hex()
    assert block["transactions"][0]["hash"] == sent
    assert client.result("eth_getBlockReceipts", "latest") == [receipt]


def test_the_raw_header_hashes_to_the_reported_root_fields(client: Client, contract: str) -> None:
    raw = rlp.decode(bytes.fromhex(client.result("debug_getRawHeader", "latest")[2:]))
    block = client.result("eth_getBlockByNumber", "latest", False)
    assert "0x" + raw[3].hex() == block["stateRoot"]
    assert "0x" + raw[12].hex() == block["extraData"]
    assert rlp.decode(raw[12])[4] != []
    assert client.result("eth_getBlockByHash", block["hash"], False) == block


def test_calls_run_on_the_block_they_name(client: Client, contract: str, sign: Sign) -> None:
    for value in (42, 43):
        client.send(sign(value - 41, to=contract, data=write_call(7, value)))
        client.seal()
    ask = {"to": contract, "data": READ + (7).to_bytes(32).hex()}
    found = [int(client.result("eth_call", ask, tag), 16) for tag in ("0x1", "0x2", "0x3", "latest")]
    assert found == [0, 42, 43, 43]
    assert client.ask("eth_call", ask, "0x99")["error"]["message"] == "header not found"


def test_a_custom_error_comes_back_as_code_3_with_its_bytes(client: Client, contract: str) -> None:
    ask = {"to": contract, "data": "0x" + write_call(1, 2_000_000).hex()}
    for name in ("eth_call", "eth_estimateGas"):
        error = client.ask(name, ask)["error"]
        assert (error["code"], error["message"]) == (3, "execution reverted")
        assert error["data"].endswith((2_000_000).to_bytes(32).hex() + (1_000_000).to_bytes(32).hex())


def test_a_revert_string_is_part_of_the_message(client: Client, contract: str) -> None:
    error = client.ask("eth_call", {"to": contract, "data": "0x" + write_call(1, 0).hex()})["error"]
    assert error["message"] == "execution reverted: zero is nothing"


def test_an_estimate_is_enough_and_no_more_than_two_percent_too_much(
    client: Client, contract: str, sign: Sign
) -> None:
    ask = {"from": SENDER.address, "to": contract, "data": "0x" + write_call(7, 42).hex()}
    estimate = int(client.result("eth_estimateGas", ask), 16)
    sent = client.send(sign(1, to=contract, data=write_call(7, 42), gas=estimate))
    client.seal()
    receipt = client.result("eth_getTransactionReceipt", sent)
    assert receipt["status"] == "0x1"
    assert int(receipt["gasUsed"], 16) <= estimate <= int(receipt["gasUsed"], 16) * 1.02


def test_running_out_of_gas_is_no_revert(client: Client, contract: str) -> None:
    spin = "0x" + bytes(keccak(b"spin()"))[:4].hex()
    error = client.ask("eth_call", {"to": contract, "data": spin, "gas": "0x186a0"})["error"]
    assert (error["code"], error["message"]) == (-32000, "out of gas")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 1),
        ({"fromBlock": "earliest"}, 3),
        ({"fromBlock": "0x0", "toBlock": "0x2"}, 1),
        ({"fromBlock": "0x0", "topics": [TOPIC]}, 3),
        ({"fromBlock": "0x0", "topics": [[TOPIC, "0x" + "00" * 32]]}, 3),
        ({"fromBlock": "0x0", "topics": [None, None, "0x" + (8).to_bytes(32).hex()]}, 1),
        ({"fromBlock": "0x0", "topics": ["0x" + "00" * 32]}, 0),
        ({"fromBlock": "0x0", "topics": [None, None, None, None]}, 0),
        ({"fromBlock": "0x9"}, 0),
    ],
)
def test_logs_are_found_by_range_address_and_topics(
    client: Client, contract: str, sign: Sign, query: dict[str, Any], found: int
) -> None:
    for key in (7, 8, 9):
        client.send(sign(key - 6, to=contract, data=write_call(key, 1)))
        client.seal()
    for address in ({}, {"address": contract}, {"address": [contract, "0x" + "22" * 20]}):
        assert len(client.result("eth_getLogs", query | address)) == found
    assert client.result("eth_getLogs", query | {"address": "0x" + "22" * 20}) == []


def test_log_positions_count_through_the_block(client: Client, contract: str, sign: Sign) -> None:
    for nonce in (1, 2, 3):
        client.send(sign(nonce, to=contract, data=write_call(nonce, 1)))
    client.seal()
    logs = client.result(
        "eth_getLogs", {"blockHash": client.result("eth_getBlockByNumber", "0x2", False)["hash"]}
    )
    assert [(log["transactionIndex"], log["logIndex"]) for log in logs] == [
        (hex(n), hex(n)) for n in range(3)
    ]


def test_a_filter_reports_each_log_once(client: Client, contract: str, sign: Sign) -> None:
    name = client.result("eth_newFilter", {"fromBlock": "0x0", "address": contract})
    blocks = client.result("eth_newBlockFilter")
    client.send(sign(1, to=contract, data=write_call(7, 42)))
    client.seal()
    assert [len(client.result("eth_getFilterChanges", name)) for _ in range(2)] == [1, 0]
    assert len(client.result("eth_getFilterLogs", name)) == 1
    head = client.result("eth_getBlockByNumber", "latest", False)["hash"]
    assert client.result("eth_getFilterChanges", blocks) == [head]
    assert [client.result("eth_uninstallFilter", name) for _ in range(2)] == [True, False]
    assert client.ask("eth_getFilterChanges", name)["error"]["message"] == "filter not found"


def test_a_proof_holds_account_and_slots_present_and_absent(
    client: Client, contract: str, sign: Sign
) -> None:
    client.send(sign(1, to=contract, data=write_call(7, 42)))
    client.seal()
    proof = client.result("eth_getProof", contract, [COUNT_SLOT, "0x7"], "latest")
    assert [int(slot["value"], 16) for slot in proof["storageProof"]] == [1, 0]
    root = client.result("eth_getBlockByNumber", "latest", False)["stateRoot"]
    assert "0x" + bytes(keccak(bytes.fromhex(proof["accountProof"][0][2:]))).hex() == root
    nobody = client.result("eth_getProof", "0x" + "77" * 20, [COUNT_SLOT], "earliest")
    assert (nobody["nonce"], nobody["accountProof"]) == ("0x0", [])


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("eth_getBlockByNumber", ["0x99", False]),
        ("eth_getBlockByHash", ["0x" + "00" * 32, False]),
        ("eth_getTransactionByHash", ["0x" + "00" * 32]),
        ("eth_getTransactionReceipt", ["0x" + "00" * 32]),
        ("eth_getBlockReceipts", ["0x99"]),
        ("debug_getRawHeader", ["0x99"]),
        ("debug_getRawReceipts", ["0x99"]),
        ("debug_getRawBlock", ["0x99"]),
        ("debug_getRawTransaction", ["0x" + "00" * 32]),
        ("eth_getRawTransactionByHash", ["0x" + "00" * 32]),
        ("eth_getBlockTransactionCountByNumber", ["0x99"]),
        ("eth_getBlockTransactionCountByHash", ["0x" + "00" * 32]),
        ("eth_getUncleCountByBlockNumber", ["0x99"]),
        ("eth_getUncleByBlockNumberAndIndex", ["latest", "0x0"]),
        ("eth_getTransactionByBlockNumberAndIndex", ["latest", "0x5"]),
        ("eth_getTransactionByBlockHashAndIndex", ["0x" + "00" * 32, "0x0"]),
    ],
)
def test_what_does_not_exist_is_null_and_not_an_error(client: Client, name: str, params: list[Any]) -> None:
    assert client.ask(name, *params) == {"jsonrpc": "2.0", "id": 1, "result": None}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eth_chainId", "0x4f25"),
        ("net_version", "20261"),
        ("eth_gasPrice", "0x0"),
        ("eth_maxPriorityFeePerGas", "0x0"),
        ("eth_syncing", False),
        ("eth_accounts", []),
        ("eth_blockNumber", "0x0"),
        ("eth_blobBaseFee", "0x1"),
        ("net_peerCount", "0x0"),
        ("net_listening", True),
        ("txpool_status", {"pending": "0x0", "queued": "0x0"}),
        ("rpc_modules", dict.fromkeys(["debug", "eth", "net", "rpc", "txpool", "web3"], "1.0")),
    ],
)
def test_constant_answers_have_the_shape_clients_expect(client: Client, name: str, expected: Any) -> None:
    assert client.result(name) == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b'{"a": 1.5}', -32600),
        (b'{"a": NaN}', -32700),
        (b"[" * 20_000, -32700),
        (b"[]", -32600),
        (b"1", -32600),
        (b'{"id": 1, "method": "eth_chainId"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": {}}', -32600),
        (call_body("eth_nothing"), -32601),
        (call_body("eth_sendTransaction", {}), -32601),
        (call_body("eth_getBalance"), -32602),
        (call_body("eth_getBalance", "0x12", "latest"), -32602),
        (call_body("eth_getBalance", "0x" + "11" * 20, "soon"), -32602),
        (call_body("eth_getBlockByNumber", "0x", True), -32602),
        (call_body("eth_getBlockByNumber", 7, True), -32602),
        (call_body("eth_sendRawTransaction", "0x123"), -32602),
        (call_body("eth_call", []), -32602),
        (call_body("eth_call", {}, "latest", {}), -32602),
        (call_body("eth_estimateGas", {}, "latest", {"0x" + "11" * 20: {}}), -32602),
        (call_body("eth_getBalance", "0x" + "11" * 20, {}), -32602),
        (call_body("eth_feeHistory", "0x1", "latest", [1] * 101), -32602),
        (call_body("eth_subscribe", "newHeads"), -32601),
        (call_body("eth_getLogs", {"blockHash": "0x" + "00" * 32, "fromBlock": "0x0"}), -32602),
        (call_body("eth_getLogs", {"address": ["0x" + "11" * 20] * 1_001}), -32005),
        (call_body("eth_getProof", "0x" + "11" * 20, "0x0", "latest"), -32602),
        (call_body("eth_getLogs", {"topics": "0x00"}), -32602),
        (call_body("eth_sendRawTransaction", "0x02"), -32000),
    ],
)
def test_a_malformed_request_has_the_code_json_rpc_gives_it(
    client: Client, content: bytes, code: int
) -> None:
    answer = client.send_body(content)
    assert answer["error"]["code"] == code
    assert "result" not in answer


def test_a_batch_is_answered_in_order_without_its_notifications(client: Client) -> None:
    batch = [json.loads(call_body("eth_chainId", call_id=number)) for number in range(3)]
    del batch[1]["id"]
    assert [answer["id"] for answer in client.send_body(json.dumps(batch).encode())] == [0, 2]


def test_a_batch_of_a_thousand_and_one_is_refused(client: Client) -> None:
    batch = [json.loads(call_body("eth_chainId"))] * 1001
    assert client.send_body(json.dumps(batch).encode())["error"]["code"] == -32600


def test_a_slow_call_too_many_is_told_to_come_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devnet.rpc_dispatch.MOST_SLOW_CALLS_WAITING", 0)
    assert client.ask("eth_getLogs", {})["error"]["code"] == -32005


words = st.sampled_from(["0x0", "latest", "0x" + "11" * 20, "0x" + "22" * 32, "x"])
fields = st.sampled_from(["to", "data", "address", "topics", "fromBlock", "blockHash", "gas"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**70) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data(), st.lists(json_values, max_size=3))
def test_no_parameters_make_a_method_fail_inside(
    client: Client, data: st.DataObject, params: list[Any]
) -> None:
    methods: dict[str, Callable[..., Any]] = client.methods.quick() | client.methods.slow()
    answer = client.ask(data.draw(st.sampled_from(sorted(methods))), *params)
    assert answer.get("error", {}).get("code") != -32603
