"""web3.py 8, unpatched, against a real process."""

from __future__ import annotations

import time

import pytest
import rlp
from devnet_client import ask
from eth_hash.auto import keccak
from trie import HexaryTrie
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import ContractCustomError, ContractLogicError
from web3.types import TxReceipt

from devnet.header import QbftHeader
from devnet.launch import RunningDevnet
from devnet.seals import verify_seals
from kernel.sized_bytes import Address


def write(w3: Web3, contract: Contract, key: int, value: int) -> TxReceipt:
    sent = contract.functions.write(key, value).transact()
    return w3.eth.wait_for_transaction_receipt(sent, poll_latency=0.02)


def test_a_transaction_changes_state_and_reports_its_event(w3: Web3, contract: Contract) -> None:
    receipt = write(w3, contract, 7, 42)
    (event,) = contract.events.Written().process_receipt(receipt)
    assert (receipt["status"], event["args"]["key"], event["args"]["value"]) == (1, 7, 42)
    assert contract.functions.read(7).call() == 42
    assert contract.functions.read(7).call(block_identifier=receipt["blockNumber"] - 1) == 0


def test_a_transaction_is_mined_within_about_a_second(w3: Web3, contract: Contract) -> None:
    begun = time.monotonic()
    write(w3, contract, 8, 1)
    write(w3, contract, 8, 2)
    assert time.monotonic() - begun < 6  # two seconds expected; the rest is for a busy machine


def test_no_block_runs_ahead_of_the_clock_and_times_increase(w3: Web3, contract: Contract) -> None:
    for value in (1, 2, 3):
        write(w3, contract, 9, value)
    times = [w3.eth.get_block(number)["timestamp"] for number in range(w3.eth.block_number + 1)]
    assert times == sorted(set(times))
    assert times[-1] <= time.time()


def test_reverts_reach_web3_as_its_own_exceptions(contract: Contract) -> None:
    with pytest.raises(ContractLogicError, match="zero is nothing"):
        contract.functions.write(1, 0).call()
    with pytest.raises(ContractCustomError) as caught:
        contract.functions.write(1, 2_000_000).transact()
    assert str(caught.value.data).endswith((1_000_000).to_bytes(32).hex())


def test_logs_and_filters_find_the_same_events(w3: Web3, contract: Contract) -> None:
    watching = contract.events.Written.create_filter(from_block=0)
    receipt = write(w3, contract, 10, 5)
    listed = contract.events.Written.get_logs(from_block=0)
    assert listed[-1]["transactionHash"] == receipt["transactionHash"]
    assert [event["blockNumber"] for event in watching.get_all_entries()] == [
        event["blockNumber"] for event in listed
    ]


def test_the_raw_header_is_sealed_by_the_validators_and_carries_the_receipts(
    w3: Web3, contract: Contract, devnet: RunningDevnet
) -> None:
    receipt = write(w3, contract, 11, 6)
    tag = hex(receipt["blockNumber"])
    raw = bytes.fromhex(ask(devnet.rpc_url, "debug_getRawHeader", tag)["result"][2:])
    header = rlp.decode(raw, sedes=QbftHeader)
    verify_seals(header, [address for address, _ in devnet.validators])
    assert header.block_hash == receipt["blockHash"]
    trie = HexaryTrie({})
    for index, encoded in enumerate(ask(devnet.rpc_url, "debug_getRawReceipts", tag)["result"]):
        trie[rlp.encode(index)] = bytes.fromhex(encoded[2:])
    assert trie.root_hash == header.receipt_root


def test_a_storage_proof_verifies_against_the_state_root(w3: Web3, contract: Contract) -> None:
    receipt = write(w3, contract, 12, 77)
    slot = keccak((12).to_bytes(32) + bytes(32))
    proof = w3.eth.get_proof(contract.address, [int.from_bytes(slot)], receipt["blockNumber"])
    root = w3.eth.get_block(receipt["blockNumber"])["stateRoot"]
    nodes = [rlp.decode(bytes(node)) for node in proof["accountProof"]]
    account = HexaryTrie.get_from_proof(bytes(root), keccak(Address.from_hex(contract.address)), nodes)
    storage_root = rlp.decode(account)[2]
    slots = [rlp.decode(bytes(node)) for node in proof["storageProof"][0]["proof"]]
    assert HexaryTrie.get_from_proof(storage_root, keccak(slot), slots) == rlp.encode(77)


def test_block_hashes_known_to_contracts_are_the_chains(w3: Web3, contract: Contract) -> None:
    write(w3, contract, 13, 1)
    assert contract.functions.ancestor(1).call() == w3.eth.get_block(1)["hash"]


def test_a_batch_of_requests_is_answered_in_order(w3: Web3) -> None:
    with w3.batch_requests() as batch:
        batch.add(w3.eth.get_block(1))
        batch.add(w3.eth.get_block(0))
        answers = batch.execute()
    assert [block["number"] for block in answers] == [1, 0]
