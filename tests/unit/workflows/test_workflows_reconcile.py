"""Reconciliation: what the chain and we do not agree on is told, whichever side lacks it."""

from __future__ import annotations

from dataclasses import replace

from chain_behaviour import NOW, a_checkpoint
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from contracts_chain.workflows.dossier import CheckpointFile
from contracts_chain.workflows.reconcile import compare
from kernel.digests import sha256
from kernel.sized_bytes import BlockHash, RootHash


def an_event(row: CheckpointFile) -> AnchoredCheckpoint:
    return AnchoredCheckpoint(
        sequence=row.sequence,
        size=row.size,
        root=row.root,
        block_number=row.sequence,
        block_hash=BlockHash(bytes(32)),
        block_time_utc=NOW,
        transaction_hash=None,
    )


ROWS = {sequence: a_checkpoint(sequence, 10 * sequence) for sequence in range(4, 9)}


@given(st.integers(4, 8), st.integers(4, 8))
def test_rows_under_way_are_no_difference_however_far_the_chain_has_come(newest: int, seen: int) -> None:
    rows = {sequence: row for sequence, row in ROWS.items() if sequence <= newest}
    events = [an_event(row) for sequence, row in rows.items() if sequence <= seen]
    assert list(compare(ROWS[4], rows, events)) == []


def test_an_anchor_without_our_row_is_unknown() -> None:
    found = list(compare(None, {}, [an_event(ROWS[4])]))
    assert [(one.code, one.sequence) for one in found] == [("anchor_unknown", 4)]


def test_an_anchor_with_another_size_or_root_contradicts_ours() -> None:
    for forged in (replace(ROWS[5], size=51), replace(ROWS[5], root=RootHash(sha256(b"fork")))):
        found = list(compare(ROWS[4], ROWS, [an_event(ROWS[4]), an_event(forged)]))
        assert [(one.code, one.sequence) for one in found] == [("anchor_contradicted", 5)]


def test_a_final_row_that_the_chain_no_longer_shows_is_missing() -> None:
    found = list(compare(ROWS[4], ROWS, []))
    assert [(one.code, one.sequence) for one in found] == [("anchor_missing", 4)]
    assert list(compare(None, ROWS, [])) == []
