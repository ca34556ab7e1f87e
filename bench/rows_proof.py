"""``python -m bench.rows_proof``: size and speed of the anchor proof, and an audit of 10,000 blocks.

One proof captured from a real four-validator devnet over a log of 10,000 leaves. Steps 7 to 9 are
timed in the product and in docs/verify_anchor.py, in process and as a whole process; the bare cost
beside them is what no verifier can leave out: three seal recoveries and the hash of the header.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from coincurve import PrivateKey, PublicKey
from trie.hexary import HexaryTrie

from bench.measuring import Row, median_ms, row
from contracts_chain.evidence.audit import Audit
from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    load_log_key,
    log_public_key,
    sign_checkpoint,
    verify_note,
)
from contracts_chain.evidence.merkle import InclusionProof, hash_leaf, verify_inclusion
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.anchor_proof import AnchorProof
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.extra_data import encode_extra
from contracts_chain.ledger.header import QBFT_MIX_HASH, parse_header
from contracts_chain.ledger.index_trie import without_nodes_in_place
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import address_of
from contracts_chain.ledger.trie_proof import EMPTY_TRIE_ROOT
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_block_seals
from contracts_chain.ledger.web3_follow import BlockContents, ChainReader
from contracts_chain.ledger.web3_registry import Web3Registry, deploy
from devnet.launch import RunningDevnet, start
from kernel.canonical_json import canonical_bytes
from kernel.digests import digests_of
from kernel.sized_bytes import Address, Bytes32, RootHash, Salt
from kernel.verdict import Verdict
from signing.model import SignatureTrust
from solidity import RUNTIME_CODE_HASH

PROGRAM = Path(__file__).parents[1] / "docs" / "verify_anchor.py"
ORIGIN = "contracts-chain.bench/log"
LOG_KEY = load_log_key(hashlib.sha256(b"bench log").digest())
KEY = hashlib.sha256(b"bench anchorer").digest()
REGISTRY = Address(b"\x11" * 20)
BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
LEAVES, TURNS, BLOCKS, PART, FETCHES = 10_000, 15, 10_000, 1_000, 100
GOAL_BYTES, GOAL_MS, GOAL_PROGRAM_MS, GOAL_AUDIT_SECONDS = 3_072, 2.0, 60.0, 60


@dataclass(frozen=True)
class Bundle:
    """One record's way to the seals, as a verifier gets it."""

    record: Record
    inclusion: InclusionProof
    note: str
    proof: AnchorProof
    trust: TrustBundle

    def size(self) -> int:
        """Raw bytes of the way: path, header, tries; what CBOR would carry but for a few tags."""
        nodes = (*self.proof.receipt_proof, *self.proof.account_proof, *self.proof.transaction_proof)
        path = sum(len(node) for node in self.inclusion.path)
        return path + len(self.proof.header) + sum(map(len, nodes)) + 20 + 32 + 32 + 5 * 8

    def evidence(self) -> dict[str, object]:
        logged = {
            "record": self.record.as_json(),
            "index": self.inclusion.index,
            "inclusion": [node.hex() for node in self.inclusion.path],
        }
        checkpoint = {
            "note": self.note,
            "size": self.proof.size,
            "root": self.proof.root.hex(),
            "sequence": self.proof.sequence,
        }
        unread = dict.fromkeys(("kind", "number", "slots", "status", "executed", "not_before_header"))
        anchor = self.proof.to_json()
        return {"schema": 1, **unread, "records": [logged], "checkpoint": checkpoint, "anchor": anchor}

    def verify(self) -> None:
        """Steps 7 to 9 of the product."""
        anchored = verify_anchor(self.proof, self.trust.chain)
        verify_inclusion(self.record.leaf(), self.inclusion, anchored.root)
        verify_note(self.note, self.trust.log_key, self.trust.log_origin)
        verify_block_seals(self.proof.header, self.trust.chain)


def rows() -> list[Row]:
    """Rows in the form of bench/results/latest.json."""
    with tempfile.TemporaryDirectory() as folder, start(Path(folder) / "chain", period=0) as running:
        bundle = captured(running)
        audited = audit_row(running, bundle.trust)
    return [size_row(bundle), product_row(bundle), *program_rows(bundle), audited]


def captured(running: RunningDevnet) -> Bundle:
    """Anchor 10,000 leaves and capture the proof of one of them."""
    registry = deploy(running.rpc_url, KEY, running.chain_id, anchorer=address_of(KEY))
    record = a_record()
    log = MerkleLog(hash_leaf(number.to_bytes(4)) for number in range(LEAVES - 1))
    index = log.append(record.leaf())
    root = RootHash(Bytes32(log.root()))
    with closing(Web3Registry(running.rpc_url, running.chain_id, registry, KEY)) as client:
        signed = client.sign_anchor(1, LEAVES, root, (), client.next_nonce())
        client.submit(signed)
        while client.find_mined(signed.hash) is None:
            time.sleep(0.01)
        proof = client.capture(signed.hash)
    chain = ChainTrust(
        chain_id=running.chain_id,
        genesis_hash=running.genesis_hash,
        registry=registry,
        registry_code_hash=RUNTIME_CODE_HASH,
        validator_sets=(ValidatorSet(from_block=1, to_block=None, members=running.validators),),
    )
    trust = TrustBundle(
        label="TEST", signatures=SignatureTrust(ca_roots=(), tsa_roots=()), chain=chain, log_origin=ORIGIN,
        log_key=log_public_key(LOG_KEY), witnesses=(), witness_quorum=0, skew=timedelta(seconds=60),
        greatest_status_age=timedelta(days=1),
        package_sealers=(PackageSealer(organisation="bench", organisation_id="bench"),),
    )  # fmt: skip
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=LEAVES, root=root), LOG_KEY)
    inclusion = log.inclusion(index, LEAVES)
    return Bundle(record=record, inclusion=inclusion, note=note, proof=proof, trust=trust)


def a_record() -> Record:
    return Record(
        kind=RecordKind.AGREEMENT_EXECUTED, subject="SGZJMZ00YXGY2600001", document=digests_of(b"contract"),
        occurred_utc=datetime(2026, 11, 22, tzinfo=UTC), actor="person:01", previous=None, details={},
        salt=Salt(bytes(32)),
    )  # fmt: skip


def size_row(bundle: Bundle) -> Row:
    way = canonical_bytes(bundle.proof.to_json())
    path = sum(len(node) for node in bundle.inclusion.path)
    work = f"one of {LEAVES:,} leaves to 3 seals; as JSON {len(way) + 2 * path} B"
    peers = {"OpenTimestamps .ots without its header": 587.0}
    ours, bare = bundle.size(), len(bundle.proof.header) + path
    return row("anchor bundle", work, "B", ours, bare, goal=GOAL_BYTES, met=ours <= GOAL_BYTES, peers=peers)


def product_row(bundle: Bundle) -> Row:
    ours, floor = median_ms([bundle.verify, lambda: recoveries(bundle.proof.header)], TURNS)
    return timed("steps 7-9, product", "one record, 3 seals, in process", ours, floor, GOAL_MS)


def program_rows(bundle: Bundle) -> Iterator[Row]:
    program, evidence = loaded(), bundle.evidence()
    trust = json.loads(json.dumps(bundle.trust.as_json()))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "evidence.json").write_bytes(json.dumps(evidence).encode())
        (Path(folder) / "trust.json").write_bytes(json.dumps(trust).encode())
        command = [sys.executable, "-I", "-S", str(PROGRAM), "evidence.json", "trust.json"]

        def judge() -> None:
            found = program.verify(evidence, trust)
            if [verdict for _, verdict, _ in found] != ["proven"] * 3:
                raise RuntimeError(str(found))

        def whole() -> None:
            subprocess.run(command, check=True, cwd=folder, capture_output=True)

        def interpreter() -> None:
            subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)

        inside, process, bare, floor = median_ms(
            [judge, whole, interpreter, lambda: recoveries(bundle.proof.header)], TURNS
        )
    name = "steps 7-9, standard library"
    yield timed(name, "one record, 3 seals, in process", inside, floor, GOAL_PROGRAM_MS)
    yield timed(f"{name}, whole process", "start, read, judge, print", process, bare, GOAL_PROGRAM_MS)


def audit_row(running: RunningDevnet, trust: TrustBundle) -> Row:
    """Judging a sealed chain in memory, and fetching headers from the devnet; both linear in blocks."""
    with closing(ChainReader(running.rpc_url)) as reader:
        newest = reader.newest()
        started = time.perf_counter()
        fetched = sum(1 for _ in range(FETCHES) for _ in reader.headers(1, newest))
        fetching = (time.perf_counter() - started) / fetched
    chain = SealedChain(PART)
    judge = Audit(chain.trust(trust), chain)
    started = time.perf_counter()
    report = judge.run(at=BEGIN + timedelta(seconds=PART))
    judging = (time.perf_counter() - started) / PART
    if report.verdict is not Verdict.PROVEN:
        raise RuntimeError(str(report.findings))
    started = time.perf_counter()
    for header in chain.blocks[1:]:
        recoveries(header)
    bare = (time.perf_counter() - started) / PART
    work = f"judged {judging * 1000:.2f} ms and fetched {fetching * 1000:.2f} ms a block, 3 seals each"
    whole = BLOCKS * (judging + fetching)
    goal = GOAL_AUDIT_SECONDS
    return row("audit of 10,000 blocks", work, "s", whole, BLOCKS * bare, goal=goal, met=whole <= goal)


class SealedChain:
    """Empty blocks, linked and sealed by three of four; answers as a node would."""

    def __init__(self, length: int) -> None:
        names = (b"utility", b"notary", b"court", b"ca")
        found = [PrivateKey(hashlib.sha256(name).digest()) for name in names]
        self._keys = sorted(found, key=lambda key: address_of(key.secret))
        self._accounts = HexaryTrie({})
        self._accounts[keccak256(REGISTRY)] = rlp_strict.encode(
            (b"\x01", b"", bytes(EMPTY_TRIE_ROOT), bytes(RUNTIME_CODE_HASH))
        )
        self.blocks: list[bytes] = []
        parent = bytes(32)
        for number in range(length + 1):
            self.blocks.append(self._block(number, parent))
            parent = bytes(parse_header(self.blocks[-1]).block_hash())

    def trust(self, like: TrustBundle) -> TrustBundle:
        members = tuple((address_of(key.secret), "operator") for key in self._keys)
        chain = replace(
            like.chain,
            genesis_hash=parse_header(self.blocks[0]).block_hash(),
            registry=REGISTRY,
            validator_sets=(ValidatorSet(from_block=1, to_block=None, members=members),),
        )
        return replace(like, chain=chain)

    def chain_id(self) -> int:
        return 20261

    def newest(self) -> int:
        return len(self.blocks) - 1

    def headers(self, first: int, last: int) -> Iterator[bytes]:
        yield from self.blocks[first : last + 1]

    def contents(self, number: int) -> BlockContents:
        raise LookupError(number)

    def account_path(self, account: Address, number: int) -> tuple[bytes, ...]:
        del number  # the state never changes here
        nodes = self._accounts.get_proof(keccak256(account))
        return without_nodes_in_place([rlp_strict.encode(tuple(node)) for node in nodes])

    def _block(self, number: int, parent: bytes) -> bytes:
        validators = tuple(address_of(key.secret) for key in self._keys)
        fields = [
            parent, keccak256(b"\xc0"), validators[0], self._accounts.root_hash, EMPTY_TRIE_ROOT,
            EMPTY_TRIE_ROOT, bytes(256), b"\x01", rlp_strict.minimal(number),
            rlp_strict.minimal(30_000_000), b"", rlp_strict.minimal(int(BEGIN.timestamp()) + number), b"",
            QBFT_MIX_HASH, bytes(8), b"", EMPTY_TRIE_ROOT, b"", b"", bytes(32),
        ]  # fmt: skip
        parts = {"vanity": bytes(32), "validators": validators, "vote": None, "round_number": 0}
        fields[12] = encode_extra(**parts, seals=())
        digest = keccak256(rlp_strict.encode(tuple(map(bytes, fields))))
        seals = tuple(key.sign_recoverable(digest, hasher=None) for key in self._keys[:3])
        fields[12] = encode_extra(**parts, seals=seals)
        return rlp_strict.encode(tuple(map(bytes, fields)))


def recoveries(content: bytes) -> None:
    """The floor: one hash of the header, three recoveries, three addresses."""
    header = parse_header(content)
    digest = header.commit_digest()
    for seal in header.extra().seals:
        key = PublicKey.from_signature_and_message(seal, digest, hasher=None)
        keccak256(key.format(compressed=False)[1:])


def timed(name: str, work: str, ours: float, bare: float, goal: float) -> Row:
    return row(name, work, "ms", ours, bare, goal=goal, met=ours <= goal)


def loaded() -> ModuleType:
    spec = spec_from_file_location("verify_anchor_bench", PROGRAM)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(PROGRAM)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    print(json.dumps(rows(), ensure_ascii=False, indent=1))
