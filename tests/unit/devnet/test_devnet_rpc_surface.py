"""The methods that explorers, cast-style clients and evidence need beside web3.py's own."""

from __future__ import annotations

from typing import Any

import pytest
import rlp
from devnet_ask import Client
from devnet_trade import CONTRACT, SENDER, Sign, write_call
from eth_hash.auto import keccak
from trie import HexaryTrie

from devnet.header import hash_header_fields
from devnet.node import Node
from devnet.pool import Pool
from devnet.rpc_methods import Methods


@pytest.fixture
def client(node: Node) -> Client:
    return Client(node)


@pytest.fixture
def filled(client: Client, sign: Sign) -> list[str]:
    """A deployment and three writes in blocks 1 and 2; hashes of the writes."""
    client.send(sign(0, data=bytes.fromhex(CONTRACT["bytecode"][2:])))
    client.seal()
    target = client.result("eth_getBlockReceipts", "latest")[0]["contractAddress"]
    hashes = [client.send(sign(nonce, to=target, data=write_call(nonce, 9))) for nonce in (1, 2, 3)]
    client.seal()
    return hashes


def raw(client: Client, name: str, *params: Any) -> bytes:
    return bytes.fromhex(client.result(name, *params)[2:])


def test_a_transaction_is_the_same_by_hash_and_by_place(client: Client, filled: list[str]) -> None:
    block = client.result("eth_getBlockByNumber", "latest", False)
    for index, name in enumerate(filled):
        found = client.result("eth_getTransactionByHash", name)
        by_number = client.result("eth_getTransactionByBlockNumberAndIndex", "latest", hex(index))
        by_hash = client.result("eth_getTransactionByBlockHashAndIndex", block["hash"], hex(index))
        assert found == by_number == by_hash
    assert client.result("eth_getTransactionByBlockNumberAndIndex", "latest", "0x3") is None


def test_counts_agree_with_the_block(client: Client, filled: list[str]) -> None:
    block = client.result("eth_getBlockByNumber", "latest", False)
    assert client.result("eth_getBlockTransactionCountByNumber", "latest") == "0x3"
    assert client.result("eth_getBlockTransactionCountByHash", block["hash"]) == "0x3"
    assert client.result("eth_getUncleCountByBlockNumber", "latest") == "0x0"
    assert client.result("eth_getUncleCountByBlockHash", block["hash"]) == "0x0"


def test_the_raw_block_holds_the_raw_header_and_transactions_and_has_the_reported_size(
    client: Client, filled: list[str]
) -> None:
    encoded = raw(client, "debug_getRawBlock", "latest")
    block = client.result("eth_getBlockByNumber", "latest", False)
    header, transactions, ommers, withdrawals = rlp.decode(encoded)
    assert int(block["size"], 16) == len(encoded)
    assert rlp.encode(header) == raw(client, "debug_getRawHeader", "latest")
    assert transactions == [raw(client, "debug_getRawTransaction", name) for name in filled]
    assert ["0x" + bytes(keccak(item)).hex() for item in transactions] == filled
    assert (ommers, withdrawals) == ([], [])
    assert "0x" + hash_header_fields(header, round_=0).hex() == block["hash"]
    trie = HexaryTrie({})
    for index, item in enumerate(transactions):
        trie[rlp.encode(index)] = item
    assert "0x" + bytes(trie.root_hash).hex() == block["transactionsRoot"]


def test_a_waiting_transaction_can_be_read_back_raw(client: Client, sign: Sign) -> None:
    signed = sign(0, to="0x" + "11" * 20)
    name = client.send(signed)
    assert raw(client, "eth_getRawTransactionByHash", name) == signed


def test_the_pool_tells_what_can_run_from_what_waits_for_a_nonce(client: Client, sign: Sign) -> None:
    for nonce in (0, 1, 5):
        client.send(sign(nonce, to="0x" + "11" * 20))
    assert client.result("txpool_status") == {"pending": "0x2", "queued": "0x1"}


def test_fee_history_says_that_fees_are_zero_and_how_full_blocks_were(
    client: Client, filled: list[str]
) -> None:
    history = client.result("eth_feeHistory", "0x2", "latest", [20.0, 50])
    assert history["oldestBlock"] == "0x1"
    assert history["baseFeePerGas"] == ["0x0"] * 3
    assert history["reward"] == [["0x0", "0x0"]] * 2
    used = [int(client.result("eth_getBlockByNumber", tag, False)["gasUsed"], 16) for tag in ("0x1", "0x2")]
    assert history["gasUsedRatio"] == [gas / 30_000_000 for gas in used]
    assert client.result("eth_feeHistory", "0x400", "0x1", [])["oldestBlock"] == "0x0"


def test_sha3_is_keccak(client: Client) -> None:
    assert client.result("web3_sha3", "0x") == "0x" + bytes(keccak(b"")).hex()


def test_a_block_can_be_named_as_eip_1898_does(client: Client, filled: list[str]) -> None:
    block = client.result("eth_getBlockByNumber", "0x1", False)
    for tag in ({"blockNumber": "0x1"}, {"blockHash": block["hash"], "requireCanonical": True}):
        assert client.result("eth_getTransactionCount", SENDER.address, tag) == "0x1"


def test_a_pending_filter_reports_each_transaction_once(client: Client, sign: Sign) -> None:
    name = client.result("eth_newPendingTransactionFilter")
    sent = [client.send(sign(nonce, to="0x" + "11" * 20)) for nonce in (0, 1)]
    assert [client.result("eth_getFilterChanges", name) for _ in range(2)] == [sent, []]


def test_the_filter_polled_longest_ago_gives_way(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devnet.rpc_filters.MOST_FILTERS", 2)
    old, polled = client.result("eth_newBlockFilter"), client.result("eth_newBlockFilter")
    client.result("eth_getFilterChanges", old)
    client.result("eth_newBlockFilter")
    assert client.result("eth_getFilterChanges", old) == []
    assert client.ask("eth_getFilterChanges", polled)["error"]["message"] == "filter not found"


class Behind:
    """Two peers, one of them seven blocks ahead."""

    def peer_count(self) -> int:
        return 2

    def highest_block(self) -> int:
        return 7


def test_a_node_behind_says_how_far(node: Node) -> None:
    pool = Pool(chain_id=node.genesis.chain_id, facts=lambda _: pytest.fail("no transaction is sent"))
    quick = Methods(node.chain, pool, wake=lambda: None, neighbours=Behind()).quick()
    assert quick["net_peerCount"]([]) == "0x2"
    syncing = {"startingBlock": "0x0", "currentBlock": "0x0", "highestBlock": "0x7"}
    assert quick["eth_syncing"]([]) == syncing
