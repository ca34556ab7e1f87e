"""A whole chain in memory as a node would show it: linked, sealed, with votes and registry events.

Built with rlp, trie and coincurve alone. Every block is sealed by the set in force; what a
test wants forged it forges in ``blocks`` or gives to ``add``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import rlp
from coincurve import PrivateKey
from eth_hash.auto import keccak
from evidence_case import LOG_KEY, ORIGIN
from evidence_fake_chain import CODE_HASH, EMPTY_ROOT, MIX_HASH, NO_OMMERS, REGISTRY, minimal, prove
from evidence_headers import address_of, keys
from trie import HexaryTrie

from contracts_chain.evidence.checkpoint import log_public_key
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.registry_calls import anchor_call, sign_call
from kernel.sized_bytes import Address, BlockHash, Bytes32, RootHash
from signing.model import SignatureTrust

CHAIN_ID = 20261
BEGIN = datetime(2026, 11, 20, 8, tzinfo=UTC)
ANCHORER = hashlib.sha256(b"anchorer").digest()
ANCHORED = keccak(b"Anchored(uint64,uint64,bytes32)")
TWIN = keccak(b"TwinAnchored(uint64,uint8,uint64,bytes32,bytes32)")
GRANTED = keccak(b"RoleGranted(uint8,address)")


@dataclass(frozen=True, kw_only=True)
class Shown:
    transactions: tuple[bytes, ...] = ()
    receipts: tuple[bytes, ...] = ()


@dataclass(kw_only=True)
class ChainInMemory:
    """Blocks from the genesis on; ``validators`` is the set that seals the next one."""

    validators: list[PrivateKey] = field(default_factory=lambda: keys(4))
    blocks: list[bytes] = field(default_factory=list)
    shown: dict[int, Shown] = field(default_factory=dict)
    chain: int = CHAIN_ID

    def __post_init__(self) -> None:
        if not self.blocks:
            self.add(sealers=())

    def add(
        self,
        shown: Shown = Shown(),
        *,
        vote: tuple[bytes, bool] | None = None,
        coinbase: bytes | None = None,
        sealers: Sequence[PrivateKey] | None = None,
        seconds: int | None = None,
        parent: bytes | None = None,
    ) -> None:
        """Seal one more block; the genesis is the first and carries no seals."""
        number = len(self.blocks)
        ballot: list[bytes] = [] if vote is None else [vote[0], b"\xff" if vote[1] else b""]
        extra: list[Any] = [bytes(32), [address_of(key) for key in self.validators], ballot, b"", []]
        when = int(BEGIN.timestamp()) + (number if seconds is None else seconds)
        fields = [
            self.hash_of(number - 1) if parent is None else parent, NO_OMMERS,
            coinbase or address_of(self.validators[0]), self._state().root_hash,
            _root(shown.transactions), _root(shown.receipts), _bloom(shown.receipts), b"\x01",
            minimal(number), minimal(30_000_000), minimal(0), minimal(when), b"", MIX_HASH, bytes(8), b"",
            EMPTY_ROOT, b"", b"", bytes(32),
        ]  # fmt: skip
        fields[12] = rlp.encode(extra)
        digest = keccak(rlp.encode(fields))
        signing = self.validators[:3] if sealers is None else sealers
        extra[4] = [key.sign_recoverable(digest, hasher=None) for key in signing]
        fields[12] = rlp.encode(extra)
        self.blocks.append(bytes(rlp.encode(fields)))
        if shown.receipts:
            self.shown[number] = shown

    def hash_of(self, number: int) -> bytes:
        if number < 0:
            return bytes(32)
        fields = rlp.decode(self.blocks[number])
        extra = rlp.decode(fields[12])
        fields[12] = fields[12] if number == 0 else rlp.encode([*extra[:3], b"", []])
        return bytes(keccak(rlp.encode(fields)))

    def trust(self, **changes: object) -> TrustBundle:
        members = tuple((Address(address_of(key)), f"operator {n}") for n, key in enumerate(keys(4)))
        values: dict[str, Any] = {
            "chain_id": CHAIN_ID,
            "genesis_hash": BlockHash(self.hash_of(0)),
            "registry": REGISTRY,
            "registry_code_hash": Bytes32(CODE_HASH),
            "validator_sets": (ValidatorSet(from_block=1, to_block=None, members=members),),
        }
        return TrustBundle(
            label="TEST",
            signatures=SignatureTrust(ca_roots=(), tsa_roots=()),
            package_sealers=(
                PackageSealer(organisation="示例供电公司", organisation_id="91330200MA2AGG5H2T"),
            ),
            chain=ChainTrust(**{**values, **changes}),
            log_origin=ORIGIN,
            log_key=log_public_key(LOG_KEY),
            witnesses=(),
            witness_quorum=0,
            skew=timedelta(seconds=60),
            greatest_status_age=timedelta(days=1),
        )

    # what a node answers: the ShownChain port

    def chain_id(self) -> int:
        return self.chain

    def newest(self) -> int:
        return len(self.blocks) - 1

    def headers(self, first: int, last: int) -> Iterator[bytes]:
        yield from self.blocks[first : last + 1]

    def contents(self, number: int) -> Shown:
        return self.shown[number]

    def account_path(self, account: Address, number: int) -> tuple[bytes, ...]:
        return prove(self._state(), keccak(account))

    @staticmethod
    def _state() -> HexaryTrie:
        accounts = HexaryTrie({})
        for other in range(4):
            accounts[keccak(bytes([other]) * 20)] = rlp.encode([b"", b"\x01", EMPTY_ROOT, keccak(b"")])
        accounts[keccak(REGISTRY)] = rlp.encode([b"\x01", b"", EMPTY_ROOT, CODE_HASH])
        return accounts


def event(topics: list[bytes], content: bytes, *, address: bytes = REGISTRY) -> list[Any]:
    return [address, topics, content]


def shown(logs: list[list[Any]], transaction: bytes) -> Shown:
    receipt = b"\x02" + rlp.encode([b"\x01", minimal(75_000), _bloom_of(logs), logs])
    return Shown(transactions=(transaction,), receipts=(receipt,))


def anchoring(
    log: MerkleLog, sequence: int, old: int, new: int, *, registry: Address = REGISTRY, **changes: Any
) -> Shown:
    """A block that anchors the log at ``new`` after ``old``; ``changes`` forge root, size or path."""
    path = changes.get("path", log.consistency(old, new) if old else ())
    size, root = changes.get("size", new), RootHash(changes.get("root", log.root(new)))
    sent = sign_call(
        ANCHORER,
        chain_id=CHAIN_ID,
        nonce=sequence,
        to=registry,
        payload=anchor_call(sequence, size, root, path),
        gas_limit=400_000,
    )
    told = event([ANCHORED, sequence.to_bytes(32)], size.to_bytes(32) + root, address=registry)
    return shown([told], sent.raw)


def granting(account: Address) -> Shown:
    sent = sign_call(ANCHORER, chain_id=CHAIN_ID, nonce=0, to=REGISTRY, payload=b"", gas_limit=21_000)
    return shown([event([GRANTED, (1).to_bytes(32), bytes(12) + account], b"")], sent.raw)


def twin(sequence: int, size: int, root: bytes, twin_root: bytes) -> Shown:
    sent = sign_call(ANCHORER, chain_id=CHAIN_ID, nonce=9, to=REGISTRY, payload=b"", gas_limit=21_000)
    topics = [TWIN, sequence.to_bytes(32), (1).to_bytes(32)]
    return shown([event(topics, size.to_bytes(32) + root + twin_root)], sent.raw)


def _root(values: Sequence[bytes]) -> bytes:
    trie = HexaryTrie({})
    for place, value in enumerate(values):
        trie[rlp.encode(minimal(place))] = value
    return bytes(trie.root_hash)


def _bloom(receipts: Sequence[bytes]) -> bytes:
    bits = 0
    for receipt in receipts:
        bits |= int.from_bytes(rlp.decode(receipt[1:])[2])
    return bits.to_bytes(256)


def _bloom_of(logs: list[list[Any]]) -> bytes:
    bits = 0
    for address, topics, _ in logs:
        for item in (address, *topics):
            digest = keccak(item)
            for at in (0, 2, 4):
                bits |= 1 << (int.from_bytes(digest[at : at + 2]) & 0x7FF)
    return bits.to_bytes(256)
