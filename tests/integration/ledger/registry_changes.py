"""Calldata of ``setStatuses`` by its bare signature, so that what our own code refuses can be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from eth_abi.abi import encode
from ledger_rfc9162 import inclusion

from contracts_chain.ledger.keccak import keccak256
from kernel.sized_bytes import Bytes32

NONE, IN_FORCE, SUPERSEDED, TERMINATED, SUSPENDED = range(5)
ALLOWED = {
    (NONE, IN_FORCE),
    *((IN_FORCE, to) for to in (SUPERSEDED, TERMINATED, SUSPENDED)),
    *((SUSPENDED, to) for to in (IN_FORCE, SUPERSEDED, TERMINATED)),
    (SUPERSEDED, TERMINATED),
}
CHANGE = "(bytes32,uint8,bytes32,uint64,bytes32[],uint64,bytes32[])"


@dataclass(frozen=True, kw_only=True)
class Change:
    """The members of ``StatusChange`` in Solidity's order."""

    key: bytes
    status: int
    successor: bytes = bytes(32)
    index: int = 0
    path: Sequence[Bytes32] = ()
    successor_index: int = 0
    successor_path: Sequence[Bytes32] = ()


def change(leaves: Sequence[bytes], index: int, status: int, successor: int | None = None) -> Change:
    """A change of the leaf at ``index``, proven; superseded by the leaf at ``successor``."""
    given = successor is not None
    return Change(
        key=leaves[index],
        status=status,
        index=index,
        path=inclusion(index, leaves),
        successor=leaves[successor] if given else bytes(32),
        successor_index=successor if given else 0,
        successor_path=inclusion(successor, leaves) if given else (),
    )


def set_statuses(*changes: Change) -> bytes:
    selector = keccak256(f"setStatuses({CHANGE}[])".encode())[:4]
    return selector + encode([f"{CHANGE}[]"], [[astuple(one) for one in changes]])
