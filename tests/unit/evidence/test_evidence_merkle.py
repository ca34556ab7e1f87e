"""The log is the tree of RFC 9162: other people's roots, another library's proofs, every forgery refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from contracts_chain.evidence.merkle import (
    EMPTY_ROOT,
    InclusionProof,
    ProofShapeError,
    RootMismatchError,
    hash_leaf,
    verify_consistency,
    verify_inclusion,
)
from contracts_chain.evidence.merkle_log import MerkleLog, root_of
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/log/merkle.json").read_text("utf-8"))
CONTENTS = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def log_of(contents: list[bytes]) -> MerkleLog:
    return MerkleLog(hash_leaf(content) for content in contents)


def test_the_roots_of_the_transparency_vectors_are_ours() -> None:
    log = log_of([bytes.fromhex(leaf) for leaf in VECTORS["leaves"]])
    assert [log.root(size).hex() for size in range(len(log) + 1)] == VECTORS["roots"]


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda v: f"{v['index']}of{v['size']}")
def test_an_inclusion_vector_is_what_the_log_gives_and_verifies(vector: dict[str, object]) -> None:
    log = log_of([bytes.fromhex(leaf) for leaf in VECTORS["leaves"]])
    proof = log.inclusion(int(str(vector["index"])), int(str(vector["size"])))
    assert [node.hex() for node in proof.path] == vector["path"]
    verify_inclusion(log.leaf(proof.index), proof, log.root(proof.size))


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda v: f"{v['old']}to{v['new']}")
def test_a_consistency_vector_is_what_the_log_gives(vector: dict[str, object]) -> None:
    log = log_of([bytes.fromhex(leaf) for leaf in VECTORS["leaves"]])
    path = log.consistency(int(str(vector["old"])), int(str(vector["new"])))
    assert [node.hex() for node in path] == vector["path"]


@given(CONTENTS, st.data())
def test_pymerkle_gives_the_same_root_and_the_same_inclusion_path(
    contents: list[bytes], data: st.DataObject
) -> None:
    theirs = InmemoryTree(algorithm="sha256")
    for content in contents:
        theirs.append_entry(content)
    log = log_of(contents)
    size = data.draw(st.integers(1, len(contents)))
    index = data.draw(st.integers(0, size - 1))
    assert log.root(size) == theirs.get_root(size)
    found = theirs.prove_inclusion(index + 1, size).serialize()["path"]
    assert [node.hex() for node in log.inclusion(index, size).path] == found[1:]


@given(CONTENTS, st.data())
def test_every_leaf_is_proven_in_every_size_that_holds_it(contents: list[bytes], data: st.DataObject) -> None:
    log = log_of(contents)
    size = data.draw(st.integers(1, len(contents)))
    index = data.draw(st.integers(0, size - 1))
    verify_inclusion(log.leaf(index), log.inclusion(index, size), log.root(size))


@given(CONTENTS, st.data())
def test_every_older_log_is_proven_a_beginning_of_every_newer_one(
    contents: list[bytes], data: st.DataObject
) -> None:
    log = log_of(contents)
    new = data.draw(st.integers(1, len(contents)))
    old = data.draw(st.integers(1, new))
    path = log.consistency(old, new)
    verify_consistency(old_size=old, old_root=log.root(old), new_size=new, new_root=log.root(new), path=path)


@given(CONTENTS, st.data())
def test_a_leaf_with_one_flipped_bit_is_refuted(contents: list[bytes], data: st.DataObject) -> None:
    log = log_of(contents)
    index = data.draw(st.integers(0, len(contents) - 1))
    bit = data.draw(st.integers(0, 255))
    forged = LeafHash((int.from_bytes(log.leaf(index)) ^ 1 << bit).to_bytes(32))
    with pytest.raises(RootMismatchError):
        verify_inclusion(forged, log.inclusion(index, len(log)), log.root())


@given(CONTENTS, st.data())
def test_a_path_with_a_node_more_or_less_is_refuted(contents: list[bytes], data: st.DataObject) -> None:
    log = log_of(contents)
    index = data.draw(st.integers(0, len(contents) - 1))
    proof = log.inclusion(index, len(log))
    longer = InclusionProof(index=index, size=len(log), path=(*proof.path, Bytes32(bytes(32))))
    with pytest.raises(ProofShapeError):
        verify_inclusion(log.leaf(index), longer, log.root())
    assume(proof.path)
    with pytest.raises(RefutedError):
        verify_inclusion(
            log.leaf(index), InclusionProof(index=index, size=len(log), path=proof.path[:-1]), log.root()
        )


@given(CONTENTS, CONTENTS, st.data())
def test_a_rewritten_history_is_never_consistent(
    contents: list[bytes], others: list[bytes], data: st.DataObject
) -> None:
    log, rewritten = log_of(contents), log_of(others)
    old = data.draw(st.integers(1, len(contents)))
    assume(len(others) >= old)
    assume(log.root(old) != rewritten.root(old))
    with pytest.raises(RefutedError):
        verify_consistency(
            old_size=old,
            old_root=log.root(old),
            new_size=len(others),
            new_root=rewritten.root(),
            path=rewritten.consistency(old, len(others)),
        )


@given(CONTENTS, st.data())
def test_a_consistency_path_with_a_changed_node_is_refuted(
    contents: list[bytes], data: st.DataObject
) -> None:
    log = log_of(contents)
    old = data.draw(st.integers(1, len(contents)))
    path = list(log.consistency(old, len(contents)))
    assume(path)
    at = data.draw(st.integers(0, len(path) - 1))
    path[at] = Bytes32(bytes(byte ^ 1 for byte in path[at]))
    with pytest.raises(RefutedError):
        verify_consistency(
            old_size=old, old_root=log.root(old), new_size=len(contents), new_root=log.root(), path=path
        )


def test_an_interior_node_is_not_a_leaf() -> None:
    log = log_of([b"a", b"b", b"c", b"d"])
    node = LeafHash(log.inclusion(2, 4).path[1])
    with pytest.raises(RefutedError):
        verify_inclusion(node, InclusionProof(index=0, size=4, path=log.inclusion(0, 4).path[1:]), log.root())


@pytest.mark.parametrize(("old", "new", "path"), [(0, 1, 0), (3, 2, 0), (2, 3, 0), (2, 2, 1)])
def test_impossible_sizes_are_refuted(old: int, new: int, path: int) -> None:
    root = RootHash(bytes(32))
    with pytest.raises(ProofShapeError):
        verify_consistency(
            old_size=old, old_root=root, new_size=new, new_root=root, path=[Bytes32(bytes(32))] * path
        )


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0)])
def test_an_index_outside_the_log_is_refuted(index: int, size: int) -> None:
    with pytest.raises(ProofShapeError):
        verify_inclusion(LeafHash(bytes(32)), InclusionProof(index=index, size=size, path=()), EMPTY_ROOT)


def test_an_old_root_stays_what_it_was_while_the_log_grows() -> None:
    log, roots = MerkleLog(), []
    for number in range(200):
        log.append(hash_leaf(number.to_bytes(2)))
        roots.append(log.root())
    assert [log.root(size) for size in range(1, 201)] == roots
    assert root_of(log.leaf(index) for index in range(200)) == roots[-1]


def test_a_size_the_log_never_had_is_a_fault_of_the_caller() -> None:
    log = log_of([b"a"])
    with pytest.raises(ValueError, match="never 2"):
        log.root(2)
    with pytest.raises(ValueError, match="no leaf 1"):
        log.inclusion(1, 1)
    with pytest.raises(ValueError, match="cannot extend"):
        log.consistency(2, 1)
