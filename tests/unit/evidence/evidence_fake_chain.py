"""A chain in memory: QBFT headers sealed with fixed keys, receipt, state and storage tries.

It shares nothing with the ledger room but the types it has to fill, so that a mistake in the
verifier cannot hide in the fixture.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

import rlp
from coincurve import PrivateKey
from eth_hash.auto import keccak
from trie import HexaryTrie

from contracts_chain.ledger.anchor_proof import AnchorProof, EventProof, StatusProof, TwinProof
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from kernel.sized_bytes import Address, BlockHash, Bytes32, LeafHash, RootHash, TransactionHash

CHAIN_ID = 20261
OPERATORS = ("示例电网公司 TEST", "示例公证处 TEST", "示例法院 TEST", "示例认证机构 TEST")
MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
NO_OMMERS = keccak(rlp.encode([]))
EMPTY_ROOT = keccak(rlp.encode(b""))
CODE_HASH = keccak(b"registry code")
REGISTRY = Address(keccak(b"registry")[12:])
TOPIC = keccak(b"Anchored(uint64,uint64,bytes32)")
TWIN_TOPIC = keccak(b"TwinAnchored(uint64,uint8,uint64,bytes32,bytes32)")


def minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def address_of(key: PrivateKey) -> Address:
    return Address(keccak(key.public_key.format(compressed=False)[1:])[12:])


def prove(trie: HexaryTrie, key: bytes) -> tuple[bytes, ...]:
    """RLP of the nodes on the path, those in place left out."""
    nodes = [rlp.encode(node) for node in trie.get_proof(key) if node]
    return tuple(node for number, node in enumerate(nodes) if number == 0 or len(node) >= 32)


@dataclass
class FakeChain:
    """Four validators and one registry.

    Attributes:
        secret: Decides the validators' keys; another secret is another chain.
        registry: Where the registry stands.
        code_hash: Of the code that stands there.
        words: Status words by key.
        status: Receipt status, 1 for success.
        sealers: How many validators seal.
        round_number: Round of every block.
    """

    secret: bytes = b"devnet"
    registry: Address = REGISTRY
    code_hash: bytes = CODE_HASH
    words: dict[bytes, bytes] = field(default_factory=dict)
    status: int = 1
    sealers: int = 3
    round_number: int = 0
    topic: bytes = TOPIC
    emitter: Address | None = None
    chain_id: int = CHAIN_ID

    @property
    def keys(self) -> list[PrivateKey]:
        found = [PrivateKey(hashlib.sha256(self.secret + bytes([n])).digest()) for n in range(4)]
        return sorted(found, key=address_of)

    def trust(self) -> ChainTrust:
        members = tuple((address_of(key), name) for key, name in zip(self.keys, OPERATORS, strict=True))
        return ChainTrust(
            chain_id=CHAIN_ID,
            genesis_hash=BlockHash(keccak(self.secret)),
            registry=REGISTRY,
            registry_code_hash=Bytes32(CODE_HASH),
            validator_sets=(ValidatorSet(from_block=1, to_block=None, members=members),),
        )

    def anchor(self, sequence: int, size: int, root: RootHash, *, number: int, at: datetime) -> AnchorProof:
        log = [self.emitter or self.registry, [self.topic, sequence.to_bytes(32)], size.to_bytes(32) + root]
        return AnchorProof.of(self._event(sequence, size, root, log, number=number, at=at))

    def twin(
        self, sequence: int, size: int, root: RootHash, twin_root: Bytes32, *, number: int, at: datetime
    ) -> TwinProof:
        topics = [TWIN_TOPIC, sequence.to_bytes(32), (1).to_bytes(32)]
        log = [self.emitter or self.registry, topics, size.to_bytes(32) + root + twin_root]
        event = self._event(sequence, size, root, log, number=number, at=at)
        return TwinProof.of(event, algorithm="sm3", twin_root=twin_root)

    def _event(
        self, sequence: int, size: int, root: RootHash, log: list[object], *, number: int, at: datetime
    ) -> EventProof:
        transactions, receipts, index = HexaryTrie({}), HexaryTrie({}), 1
        own = self._transaction()
        for place in range(3):
            key = rlp.encode(minimal(place))
            transactions[key] = (
                own if place == index else b"\x02" + rlp.encode([b"filler", bytes([place])] * 20)
            )
            receipts[key] = self._receipt(log) if place == index else self._filler(place)
        accounts, _ = self._state()
        header = self._seal(number, at, accounts.root_hash, transactions.root_hash, receipts.root_hash)
        return EventProof(
            chain_id=self.chain_id,
            registry=self.registry,
            sequence=sequence,
            size=size,
            root=root,
            transaction_hash=TransactionHash(keccak(own)),
            transaction_index=index,
            header=header,
            receipt_proof=prove(receipts, rlp.encode(minimal(index))),
            receipt_index=index,
            account_proof=prove(accounts, keccak(self.registry)),
            transaction_proof=prove(transactions, rlp.encode(minimal(index))),
        )

    def status_proof(self, key: LeafHash, *, number: int, at: datetime) -> StatusProof:
        accounts, storage = self._state()
        slot = keccak(keccak(key + bytes(32)))
        header = self._seal(number, at, accounts.root_hash, EMPTY_ROOT, EMPTY_ROOT)
        return StatusProof(
            header=header,
            account_proof=prove(accounts, keccak(self.registry)),
            storage_proof=prove(storage, slot) if self.words else (),
            key=key,
            word=Bytes32(self.words.get(key, b"").rjust(32, b"\x00")),
        )

    def header(self, *, number: int, at: datetime) -> bytes:
        return self._seal(number, at, EMPTY_ROOT, EMPTY_ROOT, EMPTY_ROOT)

    def hash_of(self, header: bytes) -> BlockHash:
        fields = rlp.decode(header)
        vanity, validators, vote, _, _ = rlp.decode(fields[12])
        return BlockHash(_hash(fields, [vanity, validators, vote, b"", []]))

    def _transaction(self) -> bytes:
        signature = [b"\x01", b"\x11" * 32, b"\x22" * 32]
        body = [
            minimal(self.chain_id),
            b"\x07",
            b"",
            b"",
            minimal(200_000),
            self.registry,
            b"",
            b"\xab" * 100,
        ]
        return b"\x02" + rlp.encode([*body, [], *signature])

    def _receipt(self, log: list[object]) -> bytes:
        return b"\x02" + rlp.encode([minimal(self.status), minimal(75_000), bytes(256), [log]])

    @staticmethod
    def _filler(place: int) -> bytes:
        return b"\x02" + rlp.encode([b"\x01", minimal(21_000 * (place + 1)), bytes(256), []])

    def _state(self) -> tuple[HexaryTrie, HexaryTrie]:
        storage, accounts = HexaryTrie({}), HexaryTrie({})
        for key, word in self.words.items():
            storage[keccak(keccak(key + bytes(32)))] = rlp.encode(word.lstrip(b"\x00"))
        for other in range(5):
            neighbour = [b"", minimal(10**18), EMPTY_ROOT, keccak(b"")]
            accounts[keccak(bytes([other]) * 20)] = rlp.encode(neighbour)
        account = [b"\x01", b"", storage.root_hash, self.code_hash]
        accounts[keccak(self.registry)] = rlp.encode(account)
        return accounts, storage

    def _seal(self, number: int, at: datetime, state: bytes, transactions: bytes, receipts: bytes) -> bytes:
        keys = self.keys
        extra = [bytes(32), [address_of(key) for key in keys], [], minimal(self.round_number), []]
        fields = [
            keccak(b"parent"), NO_OMMERS, address_of(keys[0]), state, transactions, receipts, bytes(256),
            b"\x01", minimal(number), minimal(30_000_000), minimal(75_000), minimal(int(at.timestamp())),
            b"", MIX_HASH, bytes(8), b"", EMPTY_ROOT, b"", b"", bytes(32),
        ]  # fmt: skip
        digest = _hash(fields, extra)
        extra[4] = [key.sign_recoverable(digest, hasher=None) for key in keys[: self.sealers]]
        fields[12] = rlp.encode(extra)
        return bytes(rlp.encode(fields))


def _hash(fields: list[bytes], extra: list[object]) -> bytes:
    return bytes(keccak(rlp.encode([*fields[:12], rlp.encode(extra), *fields[13:]])))
