"""The registry's gas beside three peers' and the least an EVM asks, all on one chain.

``python -m bench.rows_registry`` runs these rows alone. Gas is exact, so that each call is
made once. The bare cost is a contract written by hand that rewrites one slot and logs one
topic, with no role, no sequence and no proof.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from bench.measuring import Row, row
from bench.peer_contracts import Peers, Sandbox, sandbox
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import anchor_call, creation_code, statuses_call, twin_call
from contracts_chain.ledger.status_word import RegistryStatus, StatusChange
from kernel.sized_bytes import Address, Bytes32

__all__ = ["rows"]

MILLION, BATCH, MANY = 2**20, 10_000, 100
HELD = MILLION - 1
"""The dearest head near 2^20: every level of its right edge asks for two hashes."""
REVOKED_OF = 1_024
BARE = bytes.fromhex("685f35805f555f5fa1005f5260096017f3")
"""PUSH0 CALLDATALOAD DUP1 PUSH0 SSTORE PUSH0 PUSH0 LOG1 STOP, and what deploys it."""


def rows() -> list[Row]:
    """All rows of the registry, on a chain of their own."""
    log = MerkleLog(hashlib.sha256(b"\x00%d" % number).digest() for number in range(HELD + BATCH))
    with sandbox() as chain:
        registry = chain.deploy(creation_code(chain.account, chain.account, chain.account))
        peers = Peers.deploy(chain)
        anchored = anchor_gas(chain, registry, log)
        floor = bare_gas(chain)
        one, many = peers.issue([_hash("one")]), peers.issue([_hash(f"of many {n}") for n in range(MANY)])
        each = {name: round(gas / MANY, 1) for name, gas in many.items()}
        shares = (round(anchored / BATCH, 3), round(floor / BATCH, 3))
        batch = f"batch of {BATCH:,}; peers' own batches of {MANY}"
        twin = chain.gas(registry, twin_call(2, Bytes32(_hash("twin"))))
        return [
            _row("anchor", "2^20-1 to 2^20+9,999 leaves, proof checked", anchored, floor, one, goal=65_000),
            _row("anchor a document", batch, *shares, each, goal=6.5),
            _row("anchor a twin", "SM3 root of the head", twin, floor, {}, goal=35_000),
            *status_rows(chain, registry, log, peers, floor),
        ]


def anchor_gas(chain: Sandbox, registry: Address, log: MerkleLog) -> int:
    """The dearest step near 2^20, after the first checkpoint."""
    chain.gas(registry, anchor_call(1, HELD, log.root(HELD), []))
    size = HELD + BATCH
    return chain.gas(registry, anchor_call(2, size, log.root(size), log.consistency(HELD, size)))


def bare_gas(chain: Sandbox) -> int:
    """The second rewriting of the hand-written contract's slot."""
    bare = chain.deploy(BARE)
    chain.gas(bare, _hash("first"))
    return chain.gas(bare, _hash("second"))


def status_rows(chain: Sandbox, registry: Address, log: MerkleLog, peers: Peers, floor: int) -> list[Row]:
    """Termination of contracts in force, proven included; the peer's revocation is proven too."""
    places = [(number * 7_919) % MILLION for number in range(MANY + 1)]
    for batch in (places[:1], places[1:]):
        chain.gas(registry, statuses_call([_change(log, place, RegistryStatus.IN_FORCE) for place in batch]))
    ended = [
        chain.gas(
            registry, statuses_call([_change(log, place, RegistryStatus.TERMINATED) for place in batch])
        )
        for batch in (places[:1], places[1:])
    ]
    one, many = (peers.revoke_proven(issued_changes(peers, count)) for count in (1, MANY))
    shares = (ended[1] / MANY, floor / MANY)
    work = f"termination, {MANY} at once, depth 20"
    return [
        _row("status", "one termination, depth 20", ended[0], floor, {"OpenAttestation": one}, goal=one),
        _row("status in a batch", work, *shares, {"OpenAttestation": many / MANY}, goal=many / MANY),
    ]


def _change(log: MerkleLog, place: int, status: RegistryStatus) -> StatusChange:
    proof = log.inclusion(place, len(log))
    return StatusChange(key=log.leaf(place), status=status, successor=None, index=place, path=proof.path)


def issued_changes(peers: Peers, count: int) -> list[tuple[bytes, bytes, list[bytes]]]:
    """A root of 1,024 documents issued to OpenAttestation, and the proofs of the first ``count``."""
    levels = [[_hash(f"{count} {number}") for number in range(REVOKED_OF)]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=True)
        levels.append([keccak256(min(pair) + max(pair)) for pair in pairs])
    root = levels[-1][0]
    peers.issue([root])
    return [
        (root, levels[0][place], [level[place >> height ^ 1] for height, level in enumerate(levels[:-1])])
        for place in range(count)
    ]


def _row(name: str, work: str, ours: float, bare: float, peers: Mapping[str, float], *, goal: float) -> Row:
    return row(name, work, "gas", ours, bare, peers=peers, goal=goal, met=ours <= goal)


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1))
