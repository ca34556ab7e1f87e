"""JSON shapes of blocks, transactions, receipts and logs as Ethereum clients expect them.

Decides names and encodings of fields only; values come from headers and bodies.
Clause: execution-apis schemas; reference chain.md §4.7.
"""

from __future__ import annotations

from collections.abc import Iterator

import rlp
from eth._utils.address import generate_contract_address
from eth.abc import LogAPI, ReceiptAPI, SignedTransactionAPI
from eth.vm.forks.london.constants import DYNAMIC_FEE_TRANSACTION_TYPE
from eth_typing import Address as EvmAddress

from devnet.body import Body
from devnet.chain import AccountProof
from devnet.header import QbftHeader
from devnet.rpc_params import hex_bytes, quantity
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address

__all__ = [
    "block_json",
    "header_json",
    "log_jsons",
    "proof_json",
    "raw_block",
    "receipt_json",
    "transaction_json",
    "waiting_transaction_json",
]


def block_json(header: QbftHeader, body: Body, *, full: bool) -> JsonValue:
    """A block with transaction hashes, or with whole transactions."""
    transactions = [
        transaction_json(body, index, header) if full else hex_bytes(body.transaction(index).hash)
        for index in range(len(body.transactions))
    ]
    return {
        **header_json(header),
        "totalDifficulty": quantity(header.block_number + 1),
        "size": quantity(len(raw_block(header, body))),
        "transactions": transactions,
        "uncles": [],
        "withdrawals": [],
    }


def raw_block(header: QbftHeader, body: Body) -> bytes:
    """The block as peers exchange it: RLP of header, transactions, ommers, withdrawals.

    A typed transaction is a byte string in the list, a legacy one a list (EIP-2718).
    """
    items = [rlp.decode(raw) if raw[0] >= 0xC0 else raw for raw in body.transactions]
    return bytes(rlp.encode([rlp.decode(rlp.encode(header)), items, [], []]))


def transaction_json(body: Body, index: int, header: QbftHeader) -> JsonValue:
    """A mined transaction."""
    place: dict[str, JsonValue] = {
        "blockHash": hex_bytes(header.hash),
        "blockNumber": quantity(header.block_number),
        "transactionIndex": quantity(index),
    }
    return {**_signed_json(body.transaction(index), body.senders[index]), **place}


def waiting_transaction_json(transaction: SignedTransactionAPI) -> JsonValue:
    """A transaction in the pool."""
    place = dict.fromkeys(("blockHash", "blockNumber", "transactionIndex"))
    return {**_signed_json(transaction, Address(transaction.sender)), **place}


def receipt_json(body: Body, index: int, header: QbftHeader) -> JsonValue:
    """The receipt of a mined transaction, logs included."""
    transaction, receipt, sender = body.transaction(index), body.receipt(index), body.senders[index]
    created = (
        None
        if transaction.to
        else hex_bytes(generate_contract_address(EvmAddress(sender), transaction.nonce))
    )
    return {
        "transactionHash": hex_bytes(transaction.hash),
        "transactionIndex": quantity(index),
        "blockHash": hex_bytes(header.hash),
        "blockNumber": quantity(header.block_number),
        "from": hex_bytes(sender),
        "to": hex_bytes(transaction.to) if transaction.to else None,
        "contractAddress": created,
        "cumulativeGasUsed": quantity(receipt.gas_used),
        "gasUsed": quantity(body.gas_used(index)),
        "effectiveGasPrice": quantity(_effective_price(transaction)),
        "type": quantity(transaction.type_id or 0),
        "status": quantity(int.from_bytes(receipt.state_root)),
        "logsBloom": hex_bytes(int(receipt.bloom).to_bytes(256)),
        "logs": [shape for _, _, shape in _logs_of(body, header, index)],
    }


def log_jsons(body: Body, header: QbftHeader) -> Iterator[tuple[int, LogAPI, JsonValue]]:
    """Every log of a block with its transaction's position; logIndex counts through the block."""
    for index in range(len(body.receipts)):
        yield from _logs_of(body, header, index)


def _logs_of(body: Body, header: QbftHeader, index: int) -> Iterator[tuple[int, LogAPI, JsonValue]]:
    receipt: ReceiptAPI = body.receipt(index)
    transaction_hash = hex_bytes(body.transaction(index).hash) if receipt.logs else ""
    for position, log in enumerate(receipt.logs, body.log_starts[index]):
        yield index, log, _log_json(log, header, index, position, transaction_hash)


def proof_json(address: Address, proof: AccountProof) -> JsonValue:
    """EIP-1186 answer."""
    account = proof.account
    return {
        "address": hex_bytes(address),
        "balance": quantity(account.balance),
        "nonce": quantity(account.nonce),
        "codeHash": hex_bytes(account.code_hash),
        "storageHash": hex_bytes(account.storage_root),
        "accountProof": [hex_bytes(node) for node in proof.nodes],
        "storageProof": [
            {"key": hex_bytes(key), "value": quantity(value), "proof": [hex_bytes(node) for node in nodes]}
            for key, value, nodes in proof.slots
        ],
    }


def header_json(header: QbftHeader) -> dict[str, JsonValue]:
    """The header's fields, hash included."""
    return {
        "number": quantity(header.block_number),
        "hash": hex_bytes(header.hash),
        "parentHash": hex_bytes(header.parent_hash),
        "sha3Uncles": hex_bytes(header.uncles_hash),
        "miner": hex_bytes(header.coinbase),
        "stateRoot": hex_bytes(header.state_root),
        "transactionsRoot": hex_bytes(header.transaction_root),
        "receiptsRoot": hex_bytes(header.receipt_root),
        "logsBloom": hex_bytes(int(header.bloom).to_bytes(256)),
        "difficulty": quantity(header.difficulty),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": hex_bytes(header.extra_data),
        "mixHash": hex_bytes(header.mix_hash),
        "nonce": hex_bytes(header.nonce),
        "baseFeePerGas": quantity(header.base_fee_per_gas or 0),
        "withdrawalsRoot": hex_bytes(header.withdrawals_root or b""),
        "blobGasUsed": quantity(header.blob_gas_used),
        "excessBlobGas": quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": hex_bytes(header.parent_beacon_block_root or b""),
    }


def _signed_json(transaction: SignedTransactionAPI, sender: Address) -> dict[str, JsonValue]:
    shape: dict[str, JsonValue] = {
        "hash": hex_bytes(transaction.hash),
        "nonce": quantity(transaction.nonce),
        "from": hex_bytes(sender),
        "to": hex_bytes(transaction.to) if transaction.to else None,
        "value": quantity(transaction.value),
        "gas": quantity(transaction.gas),
        "gasPrice": quantity(_effective_price(transaction)),
        "input": hex_bytes(transaction.data),
        "type": quantity(transaction.type_id or 0),
        "chainId": quantity(transaction.chain_id or 0),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
    }
    if transaction.type_id is None:
        return {**shape, "v": quantity(transaction.y_parity + 35 + 2 * (transaction.chain_id or 0))}
    shape["v"] = shape["yParity"] = quantity(transaction.y_parity)
    shape["accessList"] = [
        {"address": hex_bytes(address), "storageKeys": [hex_bytes(slot.to_bytes(32)) for slot in slots]}
        for address, slots in transaction.access_list
    ]
    if transaction.type_id == DYNAMIC_FEE_TRANSACTION_TYPE:
        shape["maxFeePerGas"] = quantity(transaction.max_fee_per_gas)
        shape["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee_per_gas)
    return shape


def _log_json(log: LogAPI, header: QbftHeader, index: int, position: int, transaction_hash: str) -> JsonValue:
    return {
        "address": hex_bytes(log.address),
        "topics": [hex_bytes(int(topic).to_bytes(32)) for topic in log.topics],
        "data": hex_bytes(log.data),
        "blockNumber": quantity(header.block_number),
        "blockHash": hex_bytes(header.hash),
        "transactionHash": transaction_hash,
        "transactionIndex": quantity(index),
        "logIndex": quantity(position),
        "removed": False,
    }


def _effective_price(transaction: SignedTransactionAPI) -> int:
    """Base fee is 0, so the price is the tip, never above the cap."""
    return int(min(transaction.max_fee_per_gas, transaction.max_priority_fee_per_gas))
