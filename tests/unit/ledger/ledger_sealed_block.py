"""A sealed block built from nothing: tries, header, commit seals. Each part can be forged by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import rlp
from coincurve import PrivateKey
from trie.hexary import HexaryTrie

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.anchor_proof import AnchorProof, EventProof, StatusProof, TwinProof
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.extra_data import encode_extra
from contracts_chain.ledger.header import QBFT_MIX_HASH, parse_header
from contracts_chain.ledger.index_trie import index_path, without_nodes_in_place
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import ANCHORED_TOPIC, TWIN_TOPIC
from contracts_chain.ledger.registry_calls import TWIN_SM3, address_of, anchor_call, sign_call
from contracts_chain.ledger.status_word import status_slot
from kernel.sized_bytes import Address, BlockHash, Bytes32, LeafHash, RootHash
from solidity import RUNTIME_CODE_HASH

CHAIN_ID = 20261
REGISTRY = Address(b"\x11" * 20)
OPERATORS = ("utility", "notary", "court", "ca")
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
TIME = 1_795_160_000


def secret(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


VALIDATORS = tuple((address_of(secret(name)), name) for name in OPERATORS)
TRUST = ChainTrust(
    chain_id=CHAIN_ID,
    genesis_hash=BlockHash(b"\x22" * 32),
    registry=REGISTRY,
    registry_code_hash=RUNTIME_CODE_HASH,
    validator_sets=(ValidatorSet(from_block=1, to_block=None, members=VALIDATORS),),
)
ROOT = RootHash(hashlib.sha256(b"a log").digest())
TWIN = Bytes32(hashlib.sha256(b"its twin").digest())
KEY = LeafHash(hashlib.sha256(b"an execution record").digest())


def sign_seal(name: str, digest: bytes) -> bytes:
    return PrivateKey(secret(name)).sign_recoverable(digest, hasher=None)


def malleate(seal: bytes) -> bytes:
    s = CURVE_ORDER - int.from_bytes(seal[32:64])
    return seal[:32] + s.to_bytes(32) + bytes([1 - seal[64]])


@dataclass(kw_only=True)
class Forge:
    """All ingredients of one block; the defaults are honest."""

    sequence: int = 3
    size: int = 7
    root: RootHash = ROOT
    emitter: Address = REGISTRY
    topic: Bytes32 | None = None
    twin: Bytes32 | None = None
    algorithm: int = TWIN_SM3
    receipt_status: bytes = b"\x01"
    events: int = 1
    other_receipts: int = 2
    code_hash: Bytes32 = RUNTIME_CODE_HASH
    words: Mapping[LeafHash, bytes] = field(default_factory=dict)
    transaction_chain_id: int = CHAIN_ID
    transaction_to: Address = REGISTRY
    number: int = 35
    timestamp: int = TIME
    difficulty: int = 1
    mix_hash: bytes = QBFT_MIX_HASH
    nonce: bytes = bytes(8)
    listed: Sequence[str] = OPERATORS
    sealers: Sequence[str] = OPERATORS[:3]
    round_number: int = 0
    sealed_round: int | None = None
    seals: Sequence[bytes] | None = None

    def receipts(self) -> list[bytes]:
        log = (bytes(self.emitter), self._topics(), self._event_words())
        ours = b"\x02" + rlp_strict.encode(
            (self.receipt_status, rlp_strict.minimal(50_000), bytes(256), (log,) * self.events)
        )
        other = b"\x02" + rlp_strict.encode((b"\x01", rlp_strict.minimal(99_000), bytes(256), ()))
        return [ours] + [other] * self.other_receipts

    def _topics(self) -> tuple[bytes, ...]:
        sequence = self.sequence.to_bytes(32)
        if self.twin is None:
            return (bytes(self.topic or ANCHORED_TOPIC), sequence)
        return (bytes(self.topic or TWIN_TOPIC), sequence, self.algorithm.to_bytes(32))

    def _event_words(self) -> bytes:
        return self.size.to_bytes(32) + self.root + (self.twin or b"")

    def transactions(self) -> list[bytes]:
        payload = anchor_call(self.sequence, self.size, self.root, [])
        return [
            sign_call(
                secret("anchorer"),
                chain_id=self.transaction_chain_id,
                nonce=nonce,
                to=self.transaction_to,
                payload=payload,
                gas_limit=400_000,
            ).raw
            for nonce in range(1 + self.other_receipts)
        ]

    def storage(self) -> HexaryTrie:
        trie = HexaryTrie({})
        for key, word in self.words.items():
            trie[keccak256(status_slot(key))] = rlp_strict.encode(word.lstrip(b"\x00"))
        return trie

    def state(self) -> HexaryTrie:
        trie = HexaryTrie({})
        account = (b"\x01", b"", bytes(self.storage().root_hash), bytes(self.code_hash))
        trie[keccak256(REGISTRY)] = rlp_strict.encode(account)
        for one in range(0xA0, 0xB4):
            plain = (b"", b"\x01", bytes(HexaryTrie({}).root_hash), keccak256(b""))
            trie[keccak256(bytes([one]) * 20)] = rlp_strict.encode(plain)
        return trie

    def header(self) -> bytes:
        fields = self._fields()
        extra = {
            "vanity": bytes(32),
            "validators": tuple(sorted(address_of(secret(name)) for name in self.listed)),
            "vote": None,
        }
        sealed_round = self.round_number if self.sealed_round is None else self.sealed_round
        fields[12] = encode_extra(**extra, round_number=sealed_round, seals=())
        digest = keccak256(rlp_strict.encode(tuple(fields)))
        seals = self.seals
        if seals is None:
            seals = [sign_seal(name, digest) for name in self.sealers]
        fields[12] = encode_extra(**extra, round_number=self.round_number, seals=tuple(seals))
        return rlp_strict.encode(tuple(fields))

    def digest(self) -> bytes:
        return parse_header(self.header()).commit_digest()

    def _fields(self) -> list[bytes]:
        ommers = keccak256(b"\xc0")
        empty = Bytes32(HexaryTrie({}).root_hash)
        return [
            *(b"\x33" * 32, bytes(ommers), bytes(VALIDATORS[0][0]), bytes(self.state().root_hash)),
            *(bytes(index_path(self.transactions(), 0)[0]), bytes(index_path(self.receipts(), 0)[0])),
            *(bytes(256), rlp_strict.minimal(self.difficulty), rlp_strict.minimal(self.number)),
            *(rlp_strict.minimal(30_000_000), rlp_strict.minimal(99_000), rlp_strict.minimal(self.timestamp)),
            *(b"", self.mix_hash, self.nonce, b"", bytes(empty), b"", b"", bytes(32)),
        ]

    def anchor(self) -> AnchorProof:
        return AnchorProof.of(self._event())

    def twin_proof(self) -> TwinProof:
        assert self.twin is not None
        return TwinProof.of(self._event(), algorithm="sm3", twin_root=self.twin)

    def _event(self) -> EventProof:
        transaction = self.transactions()[0]
        return EventProof(
            chain_id=CHAIN_ID,
            registry=REGISTRY,
            sequence=self.sequence,
            size=self.size,
            root=self.root,
            transaction_hash=keccak256(transaction),
            transaction_index=0,
            header=self.header(),
            receipt_proof=index_path(self.receipts(), 0)[1],
            receipt_index=0,
            account_proof=path_of(self.state(), keccak256(REGISTRY)),
            transaction_proof=index_path(self.transactions(), 0)[1],
        )

    def status(self, key: LeafHash = KEY) -> StatusProof:
        return StatusProof(
            header=self.header(),
            account_proof=path_of(self.state(), keccak256(REGISTRY)),
            storage_proof=path_of(self.storage(), keccak256(status_slot(key))),
            key=key,
            word=Bytes32(self.words.get(key, bytes(32))),
        )


def path_of(trie: HexaryTrie, key: bytes) -> tuple[bytes, ...]:
    return without_nodes_in_place([rlp.encode(node) for node in trie.get_proof(key)])
