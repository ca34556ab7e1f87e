"""The committed chain as readers see it: headers, bodies, transactions, state, sets, proofs.

Decides nothing; shows whole commits only. Safe from any thread. Writes the genesis block
into an empty store and nothing else.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import rlp
from eth.abc import StateAPI
from eth.exceptions import HeaderNotFound, TransactionNotFound
from eth.rlp.accounts import Account
from eth.vm.chain_context import ChainContext
from eth_hash.auto import keccak
from eth_typing import BlockNumber, Hash32
from trie.hexary import HexaryTrie

from devnet.body import Body, body_key
from devnet.genesis import Genesis
from devnet.header import QbftHeader
from devnet.store_lmdb import CommittedDB, LmdbStore, ScratchDB, Table
from devnet.validator_set import SetState
from devnet.vm import QbftChainDB, QbftVM, qbft_header
from kernel.sized_bytes import Address, BlockHash, Bytes32, TransactionHash

__all__ = ["PROPOSAL_NOTE", "AccountProof", "Chain", "place_genesis", "set_entry"]

GENESIS_NOTE = b"genesis"
PROPOSAL_NOTE = b"proposal"
_KEPT_BODIES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProof:
    """An account and some of its slots, with trie nodes from the root down (EIP-1186).

    Attributes:
        account: Nonce, balance, storage root, code hash; the empty account when absent.
        nodes: RLP nodes under the state root; they prove absence when it is absent.
        slots: (slot key, value, RLP nodes under the storage root).
    """

    account: Account
    nodes: tuple[bytes, ...]
    slots: tuple[tuple[Bytes32, int, tuple[bytes, ...]], ...]


class Chain:
    """Read access to everything committed."""

    def __init__(self, store: LmdbStore, genesis: Genesis) -> None:
        """Read this store, which holds this genesis."""
        self.store = store
        self.genesis = genesis
        self._db = CommittedDB(store)
        self._chaindb = QbftChainDB(ScratchDB(self._db).atomic())
        self._kept_body = functools.lru_cache(_KEPT_BODIES)(self._read_body)  # absence is not kept

    def head(self) -> QbftHeader:
        """The newest sealed header."""
        return qbft_header(self._chaindb.get_canonical_head())

    def find_header(self, number: int) -> QbftHeader | None:
        """Header by number."""
        try:
            return qbft_header(self._chaindb.get_canonical_block_header_by_number(BlockNumber(number)))
        except HeaderNotFound:
            return None

    def find_header_by_hash(self, block_hash: BlockHash) -> QbftHeader | None:
        """Header by block hash; trie nodes live in the same table and are told apart."""
        try:
            number = self._chaindb.get_score(Hash32(bytes(block_hash))) - 1
        except HeaderNotFound:
            return None
        header = self.find_header(number)
        return header if header is not None and header.block_hash == block_hash else None

    def body(self, number: int) -> Body:
        """Contents of a committed block; the genesis block is empty. The last ones read are kept."""
        try:
            return self._kept_body(number)
        except KeyError:
            return Body(transactions=(), receipts=(), senders=())

    def _read_body(self, number: int) -> Body:
        encoded = self.store.get(Table.BODIES, body_key(number))
        if encoded is None:
            raise KeyError(number)
        return Body.decode(encoded)

    def set_after(self, number: int) -> SetState:
        """Validators and open votes after the block of this number, 0 or more."""
        encoded = self.store.last_not_after(Table.SETS, number.to_bytes(8))
        if encoded is None:
            raise LookupError(f"the store holds no set for block {number}")
        return SetState.decode(encoded)

    def find_transaction(self, transaction_hash: TransactionHash) -> tuple[int, int] | None:
        """Block number and position of a mined transaction."""
        try:
            number, index = self._chaindb.get_transaction_index(Hash32(bytes(transaction_hash)))
        except TransactionNotFound:
            return None
        return number, index

    def state(self, header: QbftHeader) -> StateAPI:
        """The state after this block; what is executed on it stays in memory."""
        scratch = QbftChainDB(ScratchDB(self._db).atomic())
        return QbftVM.build_state(
            scratch.db,
            header,
            ChainContext(self.genesis.chain_id),
            QbftVM.get_prev_hashes(header.parent_hash, scratch) or (),
        )

    def prove_account(self, header: QbftHeader, address: Address, slots: tuple[Bytes32, ...]) -> AccountProof:
        """Proofs under this block's state root, for absent accounts and slots too."""
        trie = HexaryTrie(self._db, header.state_root)
        key = keccak(address)
        encoded = trie[key]
        account = rlp.decode(encoded, sedes=Account) if encoded else Account()
        return AccountProof(
            account=account,
            nodes=_proof(trie, key),
            slots=tuple(self._prove_slot(account, slot) for slot in slots),
        )

    def _prove_slot(self, account: Account, slot: Bytes32) -> tuple[Bytes32, int, tuple[bytes, ...]]:
        trie = HexaryTrie(self._db, account.storage_root)
        key = keccak(slot)
        encoded = trie[key]
        value = int.from_bytes(rlp.decode(encoded)) if encoded else 0
        return slot, value, _proof(trie, key)


def place_genesis(store: LmdbStore, genesis: Genesis) -> bool:
    """Commit block 0 into an empty store; say whether the store holds this genesis.

    Returns:
        False when the store was begun with another genesis; nothing is written then.
    """
    header = genesis.header()
    held = store.get(Table.NOTES, GENESIS_NOTE)
    if held is not None:
        return held == header.hash
    scratch = ScratchDB(CommittedDB(store))
    QbftChainDB(scratch.atomic()).persist_header(header)
    first_set = set_entry(0, SetState(validators=genesis.validators))
    store.commit(
        {
            Table.CHAIN: scratch.writes,
            Table.SETS: dict([first_set]),
            Table.NOTES: {GENESIS_NOTE: bytes(header.hash)},
        }
    )
    return True


def set_entry(number: int, state: SetState) -> tuple[bytes, bytes]:
    """Key and value in ``Table.SETS``: what holds from this block until the next entry."""
    return number.to_bytes(8), state.encode()


def _proof(trie: HexaryTrie, key: bytes) -> tuple[bytes, ...]:
    """Encoded nodes; py-trie repeats nodes embedded in their parent, which are dropped (§4.6)."""
    encoded = [bytes(rlp.encode(node)) for node in trie.get_proof(key)]  # type: ignore[no-untyped-call]
    return tuple(node for position, node in enumerate(encoded) if position == 0 or len(node) >= 32)
