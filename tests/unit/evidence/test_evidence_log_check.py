"""fsck finds what an operator lost, changed or withheld, and nothing where all is sound."""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.evidence.log_check import StoredCheckpoint, check_log, check_waiting
from contracts_chain.evidence.merkle import hash_leaf, hash_twin_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from kernel.sized_bytes import RootHash

RECORDS = [f"record {number}".encode() for number in range(40)]
LEAVES = [hash_leaf(record) for record in RECORDS]
TWINS = [hash_twin_leaf(record) for record in RECORDS]
LOG = MerkleLog(LEAVES)
CHECKPOINTS = [
    StoredCheckpoint(sequence=number, size=size, root=LOG.root(size))
    for number, size in enumerate((3, 17, 40), start=1)
]


def codes(**changes: object) -> list[tuple[str, int]]:
    arguments: dict[str, object] = {
        "leaves": LEAVES,
        "twins": TWINS,
        "records": RECORDS,
        "stored": CHECKPOINTS,
        "anchored": CHECKPOINTS,
    }
    found = check_log(**{**arguments, **changes})  # type: ignore[arg-type]
    assert all(finding.en and finding.zh for finding in found)
    return [(finding.code, finding.place) for finding in found]


def test_a_sound_log_has_no_finding() -> None:
    assert codes() == []


def test_a_lawfully_erased_record_is_no_finding_while_its_leaf_stays() -> None:
    assert codes(records=[*RECORDS[:5], None, *RECORDS[6:]]) == []


def test_a_changed_record_is_found() -> None:
    assert codes(records=[*RECORDS[:5], b"changed", *RECORDS[6:]]) == [("leaf_changed", 5)]


def test_a_changed_twin_leaf_is_found() -> None:
    assert codes(twins=[*TWINS[:5], TWINS[6], *TWINS[6:]]) == [("twin_changed", 5)]


def test_a_record_changed_while_it_waits_for_its_place_is_found() -> None:
    rows = [(hash_leaf(b"a"), b"a"), (hash_leaf(b"b"), b"changed")]
    assert [(one.code, one.place) for one in check_waiting(rows)] == [("leaf_changed", 1)]
    assert list(check_waiting(rows[:1])) == []


def test_a_record_without_leaf_is_found() -> None:
    assert codes(records=[*RECORDS, b"one more"]) == [("leaf_missing", 40)]


def test_a_record_and_leaf_changed_together_are_found_by_the_chain_s_root() -> None:
    changed = [*RECORDS[:5], b"changed", *RECORDS[6:]]
    leaves = [hash_leaf(record) for record in changed]
    twins = [hash_twin_leaf(record) for record in changed]
    assert codes(records=changed, leaves=leaves, twins=twins)[0] == ("root_changed", 2)


def test_a_log_cut_short_is_found() -> None:
    assert ("size_unknown", 3) in codes(records=RECORDS[:20], leaves=LEAVES[:20], twins=TWINS[:20])


def test_a_checkpoint_withheld_from_the_chain_is_found() -> None:
    found = codes(anchored=[CHECKPOINTS[0], CHECKPOINTS[2]])
    assert ("not_on_chain", 2) in found
    assert ("sequence_gap", 3) in found


def test_a_checkpoint_not_yet_anchored_is_no_finding() -> None:
    assert codes(anchored=CHECKPOINTS[:2]) == []


def test_an_anchor_nobody_stored_is_found() -> None:
    assert ("not_stored", 3) in codes(stored=CHECKPOINTS[:2])


def test_a_stored_root_that_differs_from_the_chain_s_is_found() -> None:
    other = replace(CHECKPOINTS[1], root=RootHash(bytes(32)))
    assert ("root_changed", 2) in codes(stored=[CHECKPOINTS[0], other, CHECKPOINTS[2]])


def test_a_checkpoint_that_does_not_grow_the_log_is_found() -> None:
    again = replace(CHECKPOINTS[2], sequence=4)
    assert ("not_growing", 4) in codes(stored=[*CHECKPOINTS, again], anchored=[*CHECKPOINTS, again])
