"""Sized bytes, digests, canonical JSON, verdicts, files."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.atomic_file import DiskFullError, UnwritableError, write_atomically
from kernel.canonical_json import canonical_bytes, parse_json
from kernel.clock import beijing_text, parse_utc, utc_text
from kernel.digests import digests_of, sm3
from kernel.sized_bytes import Address, LeafHash
from kernel.verdict import Verdict, overall

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_is_read_back_as_the_same_value(value: object) -> None:
    assert parse_json(canonical_bytes(value)) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [b'{"a":1,"a":2}', b'{"a":1.5}', b'{"a":NaN}', b"[1e3]"])
def test_json_that_two_readers_could_read_differently_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"float|twice"):
        parse_json(text)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'["[{",'])
def test_nesting_that_would_overflow_the_stack_is_refused_before_parsing(opening: bytes) -> None:
    with pytest.raises(ValueError, match="nested deeper"):
        parse_json(opening * 200_000)


def test_brackets_inside_strings_do_not_nest() -> None:
    text = '"' + '[{\\"' * 1000 + '"'
    assert parse_json(text.encode()) == '[{"' * 1000


def test_a_float_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="float"):
        canonical_bytes({"price": [0.1]})  # type: ignore[dict-item]


def test_a_hash_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LeafHash(b"\x00" * 31)
    assert Address.from_hex("0x" + "ab" * 20).hex0x() == "0x" + "ab" * 20


def test_sm3_gives_the_standard_example() -> None:
    # GB/T 32905 annex A.1
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digests_of(b"abc").length == 3


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_moment_is_read_back_to_the_second(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC, microsecond=0)
    assert parse_utc(utc_text(aware)) == aware


def test_people_read_beijing_time() -> None:
    moment = datetime(2026, 11, 20, 16, 32, 5, tzinfo=UTC)
    assert beijing_text(moment) == "2026年11月21日 00:32"
    assert beijing_text(moment, seconds=True) == "2026年11月21日 00:32:05"


@given(st.lists(st.sampled_from(Verdict)))
def test_proven_needs_every_step_proven(verdicts: list[Verdict]) -> None:
    joined = overall(verdicts)
    assert (joined is Verdict.PROVEN) == (bool(verdicts) and set(verdicts) == {Verdict.PROVEN})
    assert (joined is Verdict.REFUTED) == (Verdict.REFUTED in verdicts)


def test_the_exit_codes_are_those_of_the_design() -> None:
    assert [verdict.exit_code for verdict in Verdict] == [0, 10, 20, 30]


def test_a_full_disk_leaves_nothing_under_the_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError, match="free some space"):
        write_atomically(tmp_path / "contract.pdf", b"half")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(UnwritableError, match="check the folder"):
        write_atomically(tmp_path / "out" / "contract.pdf", b"x")
