"""The registry's calls as signed bytes: pure, so that they can be stored before they are sent.

Type-2 transactions (EIP-1559) with both fees 0, as permissioned Besu and the devnet
take them, a fixed gas limit and the chain id inside. Same inputs give the same bytes
(RFC 6979 nonces), so signing again after a crash signs nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import encode
from eth_account import Account

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.anchor_port import SignedTransaction
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.status_word import StatusChange
from kernel.sized_bytes import Address, Bytes32, RootHash, TransactionHash
from solidity import BYTECODE

__all__ = [
    "ANCHOR_GAS_LIMIT",
    "DEPLOY_GAS_LIMIT",
    "HEAD_CALL",
    "TWIN_GAS_LIMIT",
    "TWIN_SM3",
    "address_of",
    "anchor_call",
    "created_address",
    "creation_code",
    "sign_call",
    "status_gas_limit",
    "statuses_call",
    "twin_call",
]

ANCHOR_GAS_LIMIT = 400_000  # a log of 2**32 leaves needs under 100,000
TWIN_GAS_LIMIT = 100_000
DEPLOY_GAS_LIMIT = 4_000_000

HEAD_CALL = keccak256(b"head()")[:4]
_ANCHOR = keccak256(b"anchor(uint64,uint64,bytes32,bytes32[])")[:4]
_CHANGE = "(bytes32,uint8,bytes32,uint64,bytes32[],uint64,bytes32[])"
_SET_STATUSES = keccak256(f"setStatuses({_CHANGE}[])".encode())[:4]
_ANCHOR_TWIN = keccak256(b"anchorTwin(uint64,uint8,bytes32)")[:4]
TWIN_SM3 = 1
"""The registry's number of the SM3 twin."""


def address_of(key: bytes) -> Address:
    """Account of a 32-byte secp256k1 key."""
    return Address.from_hex(Account.from_key(key).address)


def created_address(sender: Address, nonce: int) -> Address:
    """Where a contract lands that this account creates with this nonce (yellow paper §7)."""
    return Address(keccak256(rlp_strict.encode((sender, rlp_strict.minimal(nonce))))[12:])


def anchor_call(sequence: int, size: int, root: RootHash, consistency_proof: Sequence[Bytes32]) -> bytes:
    """Calldata of ``anchor``; the proof is empty for the first checkpoint."""
    types = ["uint64", "uint64", "bytes32", "bytes32[]"]
    return _ANCHOR + encode(types, [sequence, size, root, list(consistency_proof)])


def twin_call(sequence: int, twin_root: Bytes32) -> bytes:
    """Calldata of ``anchorTwin`` for the SM3 tree."""
    return _ANCHOR_TWIN + encode(["uint64", "uint8", "bytes32"], [sequence, TWIN_SM3, twin_root])


def statuses_call(changes: Sequence[StatusChange]) -> bytes:
    """Calldata of ``setStatuses``; the changes count in their order.

    Raises:
        ValueError: No changes; the contract would revert.
    """
    if not changes:
        raise ValueError("a batch of status changes has at least one")
    return _SET_STATUSES + encode([_CHANGE + "[]"], [[_change_words(change) for change in changes]])


def status_gas_limit(changes: Sequence[StatusChange]) -> int:
    """Enough for the batch whatever the slots hold: measured cost and a half again.

    A change costs at most 33,000 gas (new slot, event, words) and 900 a path element.
    """
    steps = sum(len(change.path) + len(change.successor_path) for change in changes)
    return 60_000 + 50_000 * len(changes) + 1_350 * steps


def _change_words(change: StatusChange) -> tuple[bytes, int, bytes, int, list[Bytes32], int, list[Bytes32]]:
    return (
        change.key,
        change.status.value,
        change.successor or bytes(32),
        change.index,
        list(change.path),
        change.successor_index,
        list(change.successor_path),
    )


def creation_code(admin: Address, anchorer: Address, status_keeper: Address) -> bytes:
    """Bytecode with the constructor's arguments."""
    return BYTECODE + encode(["address"] * 3, [admin, anchorer, status_keeper])


def sign_call(
    key: bytes, *, chain_id: int, nonce: int, to: Address | None, payload: bytes, gas_limit: int
) -> SignedTransaction:
    """Sign one call; ``to`` is ``None`` for a deployment."""
    signed = Account.sign_transaction(
        {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "gas": gas_limit,
            "to": "" if to is None else bytes(to),
            "value": 0,
            "data": payload,
        },
        key,
    )
    raw = bytes(signed.raw_transaction)
    return SignedTransaction(raw=raw, hash=TransactionHash(bytes(signed.hash)), nonce=nonce)
