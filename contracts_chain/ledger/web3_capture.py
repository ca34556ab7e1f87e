"""Collect anchor, twin and status proofs from a node while it still serves the state.

Besu's default storage answers ``eth_getProof`` for about 512 blocks only, so this runs
as soon as the anchor is mined. What is collected is verified at once (all but the
seals, which anvil does not have): a lying node is found here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts_chain.ledger.anchor_proof import AnchorProof, EventProof, StatusProof, TwinProof
from contracts_chain.ledger.block_rlp import header_rlp, receipt_rlp, transaction_rlp
from contracts_chain.ledger.chain_trust import ChainTrust
from contracts_chain.ledger.errors import AnchorRevertedError, ChainUnavailableError
from contracts_chain.ledger.header import BlockHeader, parse_header
from contracts_chain.ledger.index_trie import index_path, without_nodes_in_place
from contracts_chain.ledger.receipt import (
    AnchoredEvent,
    Receipt,
    TwinEvent,
    anchored_event,
    twin_event,
    verify_receipt,
)
from contracts_chain.ledger.rpc_json import hex_bytes, items, members, no_answer, quantity
from contracts_chain.ledger.state_proof import verify_account, verify_slot
from contracts_chain.ledger.status_word import status_slot
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_twin
from contracts_chain.ledger.web3_endpoint import RpcRefusedError, Web3Endpoint
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address, BlockHash, Bytes32, LeafHash, TransactionHash
from solidity import RUNTIME_CODE_HASH

__all__ = [
    "FetchedBlock",
    "capture_anchor",
    "capture_status",
    "capture_twin",
    "fetch_block",
    "fetch_receipt",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedBlock:
    """A block whose rebuilt header hashes to what the node says.

    Attributes:
        header: Parsed from ``header_bytes``.
        header_bytes: Exact RLP, seals included.
        answer: The node's JSON, with whole transactions if they were asked for.
    """

    header: BlockHeader
    header_bytes: bytes
    answer: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where one mined transaction stands, and what its receipt says, proven under the header."""

    transaction_hash: TransactionHash
    index: int
    tag: str
    block: FetchedBlock
    receipt_path: tuple[bytes, ...]
    receipt: Receipt


def fetch_block(endpoint: Web3Endpoint, tag: str, *, with_transactions: bool = False) -> FetchedBlock:
    """Fetch a block by tag or ``0x`` number and rebuild its header bytes.

    Raises:
        ChainUnavailableError: No such block, or no form of its header hashes as stated.
    """
    answer = members(endpoint.ask("eth_getBlockByNumber", [tag, with_transactions]), f"block {tag}")
    stated = hex_bytes(answer.get("hash"), "hash")
    content = header_rlp(answer)
    header = parse_header(content)
    if header.block_hash() != stated:
        # a fork later than ours shows fields we do not know; the node may give the bytes
        content = _raw_header(endpoint, tag)
        header = parse_header(content)
    if header.block_hash() != stated:
        raise no_answer(f"the header of block {tag} does not hash to {stated.hex()}")
    return FetchedBlock(header=header, header_bytes=content, answer=answer)


def fetch_receipt(
    endpoint: Web3Endpoint, transaction_hash: TransactionHash
) -> Mapping[str, JsonValue] | None:
    """Fetch the receipt of a mined and successful transaction; ``None`` if not mined.

    Raises:
        AnchorRevertedError: It was mined and failed.
    """
    answer = endpoint.ask("eth_getTransactionReceipt", [transaction_hash.hex0x()])
    if answer is None:
        return None
    receipt = members(answer, "receipt")
    if quantity(receipt.get("status"), "status") != 1:
        number = quantity(receipt.get("blockNumber"), "blockNumber")
        raise AnchorRevertedError(
            "the registry refused the transaction; reconcile the log with the chain",
            "登记合约拒绝了该交易；请核对日志与链上记录",
            expected="status 1",
            actual=f"status 0 in block {number}, {transaction_hash.hex0x()}",
        )
    return receipt


def capture_anchor(
    endpoint: Web3Endpoint, registry: Address, transaction_hash: TransactionHash
) -> AnchorProof:
    """Collect and verify the proof of one mined anchor.

    Raises:
        AnchorRevertedError: The transaction failed.
        ChainUnavailableError: Not mined yet, or the node no longer serves the state.
        LedgerRefutedError: What the node gave does not hold together.
    """
    place = _find_place(endpoint, transaction_hash)
    event = anchored_event(place.receipt, registry)
    proof = AnchorProof.of(_collect(endpoint, registry, place, event))
    verify_anchor(proof, _own_view(endpoint, registry))
    return proof


def capture_twin(endpoint: Web3Endpoint, registry: Address, transaction_hash: TransactionHash) -> TwinProof:
    """Collect and verify the proof of one mined twin.

    Raises:
        AnchorRevertedError: The transaction failed.
        ChainUnavailableError: Not mined yet, or the node no longer serves the state.
        LedgerRefutedError: What the node gave does not hold together.
    """
    place = _find_place(endpoint, transaction_hash)
    event = twin_event(place.receipt, registry)
    collected = _collect(endpoint, registry, place, event)
    proof = TwinProof.of(collected, algorithm="sm3", twin_root=event.twin_root)
    verify_twin(proof, _own_view(endpoint, registry))
    return proof


def capture_status(endpoint: Web3Endpoint, registry: Address, key: LeafHash) -> StatusProof:
    """Collect and verify the status word, or its absence, at the newest block.

    Raises:
        ChainUnavailableError: The node does not serve the state.
        LedgerRefutedError: What the node gave does not hold together.
    """
    block = fetch_block(endpoint, "latest")
    tag = hex(block.header.number)
    account_path, storage_path, word = _fetch_state(endpoint, registry, status_slot(key), tag)
    storage_root = verify_account(
        block.header.state_root, registry, account_path, code_hash=RUNTIME_CODE_HASH
    )
    verify_slot(storage_root, status_slot(key), storage_path, claimed=word)
    return StatusProof(
        header=block.header_bytes, account_proof=account_path, storage_proof=storage_path, key=key, word=word
    )


def _find_place(endpoint: Web3Endpoint, transaction_hash: TransactionHash) -> _Place:
    stated = fetch_receipt(endpoint, transaction_hash)
    if stated is None:
        raise no_answer(f"{transaction_hash.hex0x()} is not mined")
    index = quantity(stated.get("transactionIndex"), "transactionIndex")
    tag = hex(quantity(stated.get("blockNumber"), "blockNumber"))
    block = fetch_block(endpoint, tag, with_transactions=True)
    path = _receipt_path(endpoint, tag, block, index)
    return _Place(
        transaction_hash=transaction_hash,
        index=index,
        tag=tag,
        block=block,
        receipt_path=path,
        receipt=verify_receipt(block.header.receipts_root, index, path),
    )


def _collect(
    endpoint: Web3Endpoint, registry: Address, place: _Place, event: AnchoredEvent | TwinEvent
) -> EventProof:
    account_path, _, _ = _fetch_state(endpoint, registry, None, place.tag)
    return EventProof(
        chain_id=endpoint.chain_id,
        registry=registry,
        sequence=event.sequence,
        size=event.size,
        root=event.root,
        transaction_hash=place.transaction_hash,
        transaction_index=place.index,
        header=place.block.header_bytes,
        receipt_proof=place.receipt_path,
        receipt_index=place.index,
        account_proof=account_path,
        transaction_proof=_transaction_path(place.block, place.index),
    )


def _receipt_path(endpoint: Web3Endpoint, tag: str, block: FetchedBlock, index: int) -> tuple[bytes, ...]:
    receipts = [receipt_rlp(members(one, "receipt")) for one in _all_receipts(endpoint, tag, block)]
    root, path = index_path(receipts, index)
    if root != block.header.receipts_root:
        raise no_answer(f"the receipts of block {tag} do not give its receiptsRoot")
    return path


def _all_receipts(endpoint: Web3Endpoint, tag: str, block: FetchedBlock) -> list[JsonValue]:
    try:
        return list(items(endpoint.ask("eth_getBlockReceipts", [tag]), "receipts"))
    except RpcRefusedError:  # older nodes lack the method
        hashes = [members(one, "transaction").get("hash") for one in _transactions(block)]
        return [endpoint.ask("eth_getTransactionReceipt", [one]) for one in hashes]


def _transaction_path(block: FetchedBlock, index: int) -> tuple[bytes, ...]:
    """Path of the transaction; empty where the block holds a kind that cannot be rebuilt."""
    try:
        values = [transaction_rlp(members(one, "transaction")) for one in _transactions(block)]
    except ChainUnavailableError:
        return ()
    root, path = index_path(values, index)
    return path if root == block.header.transactions_root else ()


def _transactions(block: FetchedBlock) -> list[JsonValue]:
    return list(items(block.answer.get("transactions"), "transactions"))


def _fetch_state(
    endpoint: Web3Endpoint, registry: Address, slot: Bytes32 | None, tag: str
) -> tuple[tuple[bytes, ...], tuple[bytes, ...], Bytes32]:
    slots: list[JsonValue] = [] if slot is None else [slot.hex0x()]
    try:
        answer = members(endpoint.ask("eth_getProof", [registry.hex0x(), slots, tag]), "proof")
    except RpcRefusedError as refusal:
        raise no_answer(f"no state proof of block {tag}: {refusal.reason}") from refusal
    account = _nodes(answer.get("accountProof"))
    if slot is None:
        return account, (), Bytes32(bytes(32))
    (entry,) = items(answer.get("storageProof"), "storageProof")
    found = members(entry, "storageProof")
    word = Bytes32(quantity(found.get("value"), "value").to_bytes(32))
    return account, _nodes(found.get("proof")), word


def _nodes(value: JsonValue) -> tuple[bytes, ...]:
    return without_nodes_in_place([hex_bytes(node, "node") for node in items(value, "proof")])


def _raw_header(endpoint: Web3Endpoint, tag: str) -> bytes:
    try:
        return hex_bytes(endpoint.ask("debug_getRawHeader", [tag]), "header")
    except RpcRefusedError as refusal:
        raise no_answer(f"the header of block {tag} has unknown fields: {refusal.reason}") from refusal


def _own_view(endpoint: Web3Endpoint, registry: Address) -> ChainTrust:
    return ChainTrust(
        chain_id=endpoint.chain_id,
        genesis_hash=BlockHash(bytes(32)),  # read by no step of verify_anchor
        registry=registry,
        registry_code_hash=RUNTIME_CODE_HASH,
        validator_sets=(),
    )
