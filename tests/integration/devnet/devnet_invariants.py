"""What must hold on a chain after any number of faults, and the check of it.

``observe`` reads every node over RPC and every durable seal record; ``violations`` judges what was
read and does no I/O, so that a test can plant a fork and see it caught.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devnet_client import ask, ask_many

from contracts_chain.ledger.header import parse_header
from contracts_chain.ledger.seals import quorum, recover_sealer, verify_seals
from devnet.seal_record import LastSeal, SealRecord
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Address, Bytes32

MOST_IN_A_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class NodeHistory:
    """What one operator's node holds.

    Attributes:
        operator: Its name.
        address: Its validator's address.
        headers: Exact header bytes from block 0 on.
        receipts: Its answer for each transaction that a client was told of.
        numbers: The number of every event of the test contract, in chain order.
        last_seal: The newest entry of the durable seal record.
    """

    operator: str
    address: Address
    headers: tuple[bytes, ...]
    receipts: Mapping[str, Any]
    numbers: tuple[int, ...]
    last_seal: LastSeal | None


@dataclass(frozen=True, kw_only=True)
class Observation:
    """All nodes after the faults, and what clients were told by any of them."""

    validators: tuple[Address, ...]
    nodes: tuple[NodeHistory, ...]
    told: Mapping[str, Any]
    numbers: frozenset[int]


def observe(
    places: Mapping[str, tuple[str, Path]],
    *,
    members: Mapping[str, Address],
    told: Mapping[str, Any],
    numbers: Sequence[int],
    contract: str,
) -> Observation:
    """Read everything.

    Args:
        places: RPC URL and directory by operator; the nodes answer.
        members: Validator addresses by operator.
        told: Receipts that clients were given, by transaction hash.
        numbers: Numbers whose transaction a client was told of.
        contract: Address of the test contract.
    """
    nodes = tuple(
        NodeHistory(
            operator=operator,
            address=members[operator],
            headers=_headers(url),
            receipts=_receipts(url, tuple(told)),
            numbers=_numbers(url, contract),
            last_seal=_last_seal(directory),
        )
        for operator, (url, directory) in places.items()
    )
    validators = tuple(sorted(members.values()))
    return Observation(validators=validators, nodes=nodes, told=told, numbers=frozenset(numbers))


def violations(seen: Observation) -> tuple[str, ...]:
    """Every broken invariant as a sentence; none when all hold."""
    rules = (
        *(_unequal_heads, _broken_headers, _forks),
        *(_unrecorded_seals, _lost_receipts, _wrong_numbers),
    )
    return tuple(sentence for rule in rules for sentence in rule(seen))


def _unequal_heads(seen: Observation) -> Iterator[str]:
    heads = {node.operator: (len(node.headers) - 1, _hash(node.headers[-1])) for node in seen.nodes}
    if len(set(heads.values())) != 1:
        yield f"heads differ: {heads}"


def _broken_headers(seen: Observation) -> Iterator[str]:
    for node in seen.nodes:
        parsed = [parse_header(encoded) for encoded in node.headers]
        for parent, child in itertools.pairwise(parsed):
            if child.number != parent.number + 1 or child.fields[0] != parent.block_hash():
                yield f"{node.operator}: block {child.number} does not follow its parent"
            if child.time_utc <= parent.time_utc:
                yield f"{node.operator}: the time of block {child.number} is not above its parent's"
            try:
                verify_seals(child, seen.validators)
            except ContractsChainError as problem:
                yield f"{node.operator}: block {child.number}: {problem.code}"


def _forks(seen: Observation) -> Iterator[str]:
    """Seals of all headers and all durable records, by height and digest."""
    sealed: defaultdict[int, defaultdict[Bytes32, set[Address]]] = defaultdict(lambda: defaultdict(set))
    for node in seen.nodes:
        for number, digest, sealers in map(_sealers, node.headers[1:]):
            sealed[number][digest] |= sealers
        if node.last_seal is not None:
            sealed[node.last_seal.height][node.last_seal.digest].add(node.address)
    for height, by_digest in sealed.items():
        carried = [
            digest for digest, sealers in by_digest.items() if len(sealers) >= quorum(len(seen.validators))
        ]
        if len(carried) > 1:
            yield f"fork: height {height} has {len(carried)} blocks sealed by a quorum"
        twice = Counter(address for sealers in by_digest.values() for address in sealers)
        for address, count in twice.items():
            if count > 1:
                yield f"{address.hex0x()} sealed {count} blocks of height {height}"


def _unrecorded_seals(seen: Observation) -> Iterator[str]:
    """The newest seal of each node in anybody's headers stands in that node's durable record."""
    newest: dict[Address, int] = {}
    for node in seen.nodes:
        for number, _, sealers in map(_sealers, node.headers[1:]):
            newest |= {address: max(number, newest.get(address, 0)) for address in sealers}
    for node in seen.nodes:
        height, recorded = newest.get(node.address, 0), node.last_seal.height if node.last_seal else 0
        if height > recorded:
            yield f"{node.operator} sealed block {height}, its record ends at {recorded}"


def _lost_receipts(seen: Observation) -> Iterator[str]:
    for node in seen.nodes:
        for name, receipt in seen.told.items():
            if node.receipts.get(name) != receipt:
                yield f"{node.operator} holds another receipt of {name}, or none"


def _wrong_numbers(seen: Observation) -> Iterator[str]:
    for node in seen.nodes:
        counted = Counter(node.numbers)
        doubled = sorted(number for number, count in counted.items() if count > 1)
        missing = sorted(seen.numbers - set(counted))
        if doubled or missing:
            yield f"{node.operator}: numbers doubled {doubled}, missing {missing}"


@functools.cache
def _sealers(encoded: bytes) -> tuple[int, Bytes32, frozenset[Address]]:
    """Height, commit digest and sealers of a header; nodes hold the same bytes."""
    header = parse_header(encoded)
    digest = header.commit_digest()
    return header.number, digest, frozenset(recover_sealer(digest, seal) for seal in header.extra().seals)


def _hash(encoded: bytes) -> str:
    return parse_header(encoded).block_hash().hex0x()


def _headers(url: str) -> tuple[bytes, ...]:
    head = int(ask(url, "eth_blockNumber")["result"], 16)
    answers = _in_batches(url, "debug_getRawHeader", [hex(number) for number in range(head + 1)])
    return tuple(bytes.fromhex(answer[2:]) for answer in answers)


def _receipts(url: str, names: Sequence[str]) -> dict[str, Any]:
    return dict(zip(names, _in_batches(url, "eth_getTransactionReceipt", names), strict=True))


def _numbers(url: str, contract: str) -> tuple[int, ...]:
    logs = ask(url, "eth_getLogs", {"fromBlock": "0x0", "address": contract})["result"]
    return tuple(int(log["topics"][2], 16) for log in logs)


def _in_batches(url: str, name: str, params: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for first in range(0, len(params), MOST_IN_A_BATCH):
        found += ask_many(url, [(name, item) for item in params[first : first + MOST_IN_A_BATCH]])
    return found


def _last_seal(directory: Path) -> LastSeal | None:
    record = SealRecord(directory / "sealed")
    record.close()
    return record.last
