"""``verifyInclusion`` and ``anchor`` against the RFC's own recursion and our verifier, every small size."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from eth_abi.abi import decode, encode
from ledger_rfc9162 import consistency, inclusion, log, root
from registry_backends import Backend, EvmBackend, call

from contracts_chain.evidence.merkle import (
    InclusionProof,
    ProofShapeError,
    RootMismatchError,
    verify_consistency,
    verify_inclusion,
)
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import anchor_call
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

MOST = 40
LOG = log("leaf", MOST)


@pytest.fixture(scope="module")
def evm() -> EvmBackend:
    return EvmBackend()


def ask(leaf: bytes, index: int, path: Sequence[bytes]) -> bytes:
    selector = keccak256(b"verifyInclusion(bytes32,uint64,bytes32[])")[:4]
    return selector + encode(["bytes32", "uint64", "bytes32[]"], [leaf, index, list(path)])


def _holds(backend: Backend, leaf: bytes, index: int, path: Sequence[bytes], size: int) -> bool:
    answer = backend.read(ask(leaf, index, path))
    if answer == call("InclusionError(bytes32,uint64,uint64)", leaf, index, size):
        return False
    return decode(["uint64", "uint64"], answer) == (1, size)


def _ours(leaf: bytes, index: int, path: Sequence[Bytes32], size: int, held: RootHash) -> bool:
    try:
        proof = InclusionProof(index=index, size=size, path=tuple(path))
        verify_inclusion(LeafHash(leaf), proof, held)
    except (ProofShapeError, RootMismatchError):
        return False
    return True


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_leaf_of_every_small_log_is_shown_and_nothing_beside_it(evm: EvmBackend, size: int) -> None:
    leaves = LOG[:size]
    held = root(leaves)
    evm.deploy()
    evm.send("anchorer", anchor_call(1, size, held, []))
    for index, leaf in enumerate(leaves):
        path = inclusion(index, leaves)
        assert _holds(evm, leaf, index, path, size)
        beside = (index + 1) % (size + 1)
        for one, place, steps in (
            (leaf, beside, path),
            (leaves[index - 1], index, path),
            (leaf, index, path[:-1]),
            (leaf, index, [*path, held]),
            (leaf, index, path[::-1]),
        ):
            assert _holds(evm, one, place, steps, size) == _ours(one, place, steps, size, held)


@pytest.mark.parametrize("first", range(1, MOST))
def test_every_step_between_small_logs_is_taken_as_our_verifier_takes_it(evm: EvmBackend, first: int) -> None:
    evm.deploy()
    evm.send("anchorer", anchor_call(1, first, root(LOG[:first]), []))
    for second in range(first + 1, MOST + 1):
        path = consistency(first, LOG[:second])
        flipped = [Bytes32(bytes([step[0] ^ 1]) + step[1:]) for step in path]
        for steps, size in ((path, second), (flipped, second), (path[:-1], second), (path, second + 1)):
            payload = anchor_call(2, size, root(LOG[:second]), steps)
            is_taken = evm.read(payload, "anchorer") == b""
            assert is_taken == _extends(first, size, second, steps)


def _extends(first: int, size: int, second: int, path: Sequence[Bytes32]) -> bool:
    try:
        verify_consistency(
            old_size=first,
            old_root=root(LOG[:first]),
            new_size=size,
            new_root=root(LOG[:second]),
            path=path,
        )
    except (ProofShapeError, RootMismatchError):
        return False
    return True


def test_nothing_is_in_an_empty_log(backend: Backend) -> None:
    assert not _holds(backend, LOG[0], 0, [], 0)


def test_both_chains_show_a_leaf_and_refuse_its_neighbour(backend: Backend) -> None:
    backend.send("anchorer", anchor_call(1, 29, root(LOG[:29]), []))
    path = inclusion(11, LOG[:29])
    assert _holds(backend, LOG[11], 11, path, 29)
    assert not _holds(backend, LOG[12], 11, path, 29)
