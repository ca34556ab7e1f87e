"""The anchoring transaction itself: the only bytes in a block that name the chain.

A type-2 transaction (EIP-1559) starts with its chain id. Proving it under
``transactionsRoot`` ties the anchor to the configured chain and registry, and makes the
transaction hash in a report more than a claim.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import TransactionMismatchError
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.trie_proof import verify_presence
from kernel.sized_bytes import Address, Bytes32, TransactionHash

__all__ = ["verify_transaction"]

_CHAIN_ID, _TO, _FIELDS = 0, 5, 12


def verify_transaction(
    transactions_root: Bytes32,
    index: int,
    nodes: Sequence[bytes],
    *,
    claimed: TransactionHash,
    chain_id: int,
    registry: Address,
) -> None:
    """Prove that the claimed transaction is in the block and was sent to this registry.

    Raises:
        TrieProofError: The path does not hold.
        NonCanonicalRlpError: A node or the transaction is not canonical.
        TransactionMismatchError: Another hash, type, chain id or recipient.
    """
    content = verify_presence(transactions_root, rlp_strict.encode_scalar(index), nodes)
    if keccak256(content) != claimed:
        raise _mismatch("transaction hash", "交易哈希", claimed.hex0x(), keccak256(content).hex0x())
    if content[0] != 2:
        raise _mismatch("transaction type", "交易类型", "2", str(content[0]))
    item = rlp_strict.decode(content[1:])
    if isinstance(item, bytes) or len(item) != _FIELDS:
        raise _mismatch("transaction shape", "交易结构", f"{_FIELDS} fields", "another shape")
    if item[_CHAIN_ID] != rlp_strict.minimal(chain_id):
        found = item[_CHAIN_ID]
        shown = str(int.from_bytes(found)) if isinstance(found, bytes) else "a list"
        raise _mismatch("chain id", "链标识", str(chain_id), shown)
    if item[_TO] != registry:
        found = item[_TO]
        raise _mismatch(
            "recipient", "交易接收方", registry.hex0x(), found.hex() if isinstance(found, bytes) else "a list"
        )


def _mismatch(en: str, zh: str, expected: str, actual: str) -> TransactionMismatchError:
    return TransactionMismatchError(
        f"{en} is not the one claimed", f"{zh}与声明不符", expected=expected, actual=actual
    )
