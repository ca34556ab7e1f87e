from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devnet.errors import DoubleSealError
from devnet.seal_record import SealRecord
from kernel.sized_bytes import Bytes32

A, B = Bytes32(b"\xaa" * 32), Bytes32(b"\xbb" * 32)


def test_another_block_at_a_sealed_height_is_refused_after_reopening(tmp_path: Path) -> None:
    SealRecord(tmp_path / "sealed").permit(height=9, round_=0, digest=A)
    with pytest.raises(DoubleSealError):
        SealRecord(tmp_path / "sealed").permit(height=9, round_=0, digest=B)


def test_another_block_in_a_later_round_is_refused_for_want_of_a_round_change(tmp_path: Path) -> None:
    record = SealRecord(tmp_path / "sealed")
    record.permit(height=9, round_=0, digest=A)
    with pytest.raises(DoubleSealError):
        record.permit(height=9, round_=1, digest=B)


def test_the_same_block_may_be_sealed_again(tmp_path: Path) -> None:
    record = SealRecord(tmp_path / "sealed")
    record.permit(height=9, round_=0, digest=A)
    record.permit(height=9, round_=0, digest=A)
    assert record.last is not None
    assert record.last.sequence == 0


def test_a_passed_height_is_refused(tmp_path: Path) -> None:
    record = SealRecord(tmp_path / "sealed")
    record.permit(height=9, round_=0, digest=A)
    with pytest.raises(DoubleSealError):
        record.permit(height=8, round_=0, digest=B)


@given(st.lists(st.integers(1, 3), min_size=2, max_size=6), st.integers(0, 83), st.integers(1, 255))
def test_a_torn_write_costs_the_newest_seal_and_never_more(steps: list[int], at: int, flip: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "sealed"
        record = SealRecord(path)
        heights = [sum(steps[: position + 1]) for position in range(len(steps))]
        for height in heights:
            record.permit(height=height, round_=0, digest=A)
        record.close()
        content = bytearray(path.read_bytes())
        content[(len(heights) - 1) % 2 * 84 + at] ^= flip
        path.write_bytes(bytes(content))
        survivor = SealRecord(path)
        assert survivor.last is not None
        assert survivor.last.height == heights[-2]
        survivor.close()
