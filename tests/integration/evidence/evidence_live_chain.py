"""A real devnet with a registry and a log on it, and the trust bundle an outsider would hold."""

from __future__ import annotations

import hashlib
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta

from contracts_chain.evidence.checkpoint import Checkpoint, load_log_key, log_public_key, sign_checkpoint
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.anchor_port import SignedTransaction
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.registry_calls import address_of
from contracts_chain.ledger.web3_registry import Web3Registry, deploy
from devnet.launch import RunningDevnet
from kernel.sized_bytes import Address, LeafHash, TransactionHash
from signing.model import SignatureTrust
from solidity import RUNTIME_CODE_HASH

ORIGIN = "contracts-chain.test/log"
LOG_KEY = load_log_key(hashlib.sha256(b"audited log").digest())
_PATIENCE_SECONDS = 30.0


def leaf(number: int) -> LeafHash:
    return LeafHash(hashlib.sha256(f"audited leaf {number}".encode()).digest())


def trust_of(running: RunningDevnet, registry: Address) -> TrustBundle:
    chain = ChainTrust(
        chain_id=running.chain_id,
        genesis_hash=running.genesis_hash,
        registry=registry,
        registry_code_hash=RUNTIME_CODE_HASH,
        validator_sets=(ValidatorSet(from_block=1, to_block=None, members=running.validators),),
    )
    return TrustBundle(
        label="TEST",
        signatures=SignatureTrust(ca_roots=(), tsa_roots=()),
        package_sealers=(PackageSealer(organisation="示例供电公司", organisation_id="91330200MA2AGG5H2T"),),
        chain=chain,
        log_origin=ORIGIN,
        log_key=log_public_key(LOG_KEY),
        witnesses=(),
        witness_quorum=0,
        skew=timedelta(seconds=60),
        greatest_status_age=timedelta(days=1),
    )


@dataclass(kw_only=True)
class LiveLog:
    """A log whose checkpoints go to a registry."""

    url: str
    chain_id: int
    registry: Address
    key: bytes
    log: MerkleLog = field(default_factory=MerkleLog)
    sequence: int = 0
    anchored: list[TransactionHash] = field(default_factory=list)

    @classmethod
    def on(cls, running: RunningDevnet, operator: str) -> LiveLog:
        """A registry of its own; other operators' histories on the chain are not ours."""
        key = hashlib.sha256(operator.encode()).digest()
        registry = deploy(running.rpc_url, key, running.chain_id, anchorer=address_of(key))
        return cls(url=running.rpc_url, chain_id=running.chain_id, registry=registry, key=key)

    def client(self, url: str | None = None) -> Web3Registry:
        return Web3Registry(url or self.url, self.chain_id, self.registry, self.key)

    def grow(self, leaves: list[LeafHash]) -> None:
        """Append and anchor one checkpoint; returns when it is mined."""
        old = len(self.log)
        for one in leaves:
            self.log.append(one)
        path = self.log.consistency(old, len(self.log)) if old else ()
        self.sequence += 1
        with closing(self.client()) as client:
            nonce = client.next_nonce()
            signed = client.sign_anchor(self.sequence, len(self.log), self.log.root(), path, nonce)
            self.mine(client, signed)
        self.anchored.append(signed.hash)

    @staticmethod
    def mine(client: Web3Registry, signed: SignedTransaction) -> None:
        """Send and wait until it is mined."""
        client.submit(signed)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while client.find_mined(signed.hash) is None:
            assert time.monotonic() < deadline, "not mined"
            time.sleep(0.02)

    def note(self) -> str:
        return sign_checkpoint(Checkpoint(origin=ORIGIN, size=len(self.log), root=self.log.root()), LOG_KEY)

    def beside(self, url: str) -> LiveLog:
        """The same log as far as it goes, to be grown through another node."""
        return replace(self, url=url, log=MerkleLog(self.leaves()), anchored=[])

    def leaves(self) -> list[LeafHash]:
        return [self.log.leaf(at) for at in range(len(self.log))]
