"""The registry's account and one of its storage slots under a header's state root.

The account must carry the pinned code: the same address with other code would say
whatever its author likes (yellow paper §4.1: nonce, balance, storageRoot, codeHash).
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import CodeHashMismatchError, TrieProofError
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.trie_proof import verify_absence, verify_presence
from kernel.sized_bytes import Address, Bytes32

__all__ = ["verify_account", "verify_slot"]


def verify_account(
    state_root: Bytes32, address: Address, nodes: Sequence[bytes], *, code_hash: Bytes32
) -> Bytes32:
    """Prove the account with its code and return its storage root.

    Raises:
        TrieProofError: The path does not hold or the value is no account.
        NonCanonicalRlpError: A node is not canonical.
        CodeHashMismatchError: Other code stands at the address.
    """
    item = rlp_strict.decode(verify_presence(state_root, keccak256(address), nodes))
    parts = [part for part in item if isinstance(part, bytes)] if isinstance(item, tuple) else []
    if len(item) != 4 or len(parts) != 4 or len(parts[2]) != 32 or len(parts[3]) != 32:
        raise TrieProofError(
            "the proven value is no account",
            "所证明的内容不是账户",
            expected="four fields",
            actual="another shape",
        )
    if parts[3] != code_hash:
        raise CodeHashMismatchError(
            "other code stands at the registry's address",
            "登记合约地址上的代码与信任包不符",
            expected=code_hash.hex(),
            actual=parts[3].hex(),
        )
    return Bytes32(parts[2])


def verify_slot(storage_root: Bytes32, slot: Bytes32, nodes: Sequence[bytes], *, claimed: Bytes32) -> None:
    """Prove that a slot holds ``claimed``, or was never written if ``claimed`` is zero.

    Raises:
        TrieProofError: The path does not hold, leads to another word, or proves absence
            where a word is claimed.
        NonCanonicalRlpError: A node or the value is not canonical.
    """
    key = keccak256(slot)
    if claimed == bytes(32):
        verify_absence(storage_root, key, nodes)
        return
    held = rlp_strict.decode(verify_presence(storage_root, key, nodes))
    if held != claimed.lstrip(b"\x00"):
        raise TrieProofError(
            "the slot holds another word",
            "存储槽的内容与声明不符",
            expected=claimed.hex(),
            actual=held.hex() if isinstance(held, bytes) else "a list",
        )
