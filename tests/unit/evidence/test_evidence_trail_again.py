"""A remembered line shortens the reading and changes no judgement, whatever was done to the trail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence import trail_again
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.trail import (
    BrokenTrailError,
    Trail,
    TrailEventKind,
    append,
    read_line,
    verify_trail,
)
from contracts_chain.evidence.trail_again import LONGEST_KEPT, verify_again
from kernel.sized_bytes import Bytes32

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
DEEDS = ("drop", "double", "swap", "reword", "rechain", "backdate", "flip", "shorten")


def trail_of(words: Sequence[str]) -> Trail:
    trail: Trail = ()
    for at, word in enumerate(words):
        trail = append(
            trail,
            TrailEventKind.SHOWN,
            occurred_utc=START + timedelta(seconds=at),
            actor=f"consumer:{word}",
            details={"words": word},
        )
    return trail


def outcome(verify: Callable[[Sequence[bytes]], Trail], lines: Sequence[bytes]) -> object:
    """The events, or what exactly was refused."""
    try:
        return verify(lines)
    except (BrokenTrailError, MalformedEvidenceError) as refused:
        return type(refused), str(refused)


def tampered(lines: list[bytes], trail: Trail, deed: str, at: int, noise: int) -> list[bytes]:
    """One change of somebody who owns the table."""
    own = trail[at]
    match deed:
        case "drop":
            return lines[:at] + lines[at + 1 :]
        case "double":
            return [*lines[: at + 1], *lines[at:]]
        case "swap":
            other = noise % len(lines)
            lines[at], lines[other] = lines[other], lines[at]
        case "reword":
            lines[at] = replace(own, actor="supplier:else").line()
        case "rechain":
            previous = Bytes32(hashlib.sha256(bytes([noise % 256])).digest())
            lines[at] = replace(own, previous=previous).line()
        case "backdate":
            lines[at] = replace(own, occurred_utc=START - timedelta(days=1)).line()
        case "flip":
            place = noise % len(lines[at])
            lines[at] = lines[at][:place] + bytes([lines[at][place] ^ 1]) + lines[at][place + 1 :]
        case "shorten":
            lines[at] = lines[at][: noise % len(lines[at])]
    return lines


@given(
    st.lists(st.text("甲乙abc", min_size=1, max_size=5), min_size=1, max_size=7),
    st.sampled_from(DEEDS),
    st.data(),
)
def test_a_tampered_trail_that_was_sound_before_is_judged_as_if_it_were_read_for_the_first_time(
    words: list[str], deed: str, data: st.DataObject
) -> None:
    trail = trail_of(words)
    lines = [event.line() for event in trail]
    assert verify_again(lines) == verify_trail(lines) == trail
    at, noise = data.draw(st.integers(0, len(words) - 1)), data.draw(st.integers(0, 4000))
    forged = tampered(list(lines), trail, deed, at, noise)
    first = outcome(verify_trail, forged)
    assert outcome(verify_again, forged) == first
    assert outcome(verify_again, forged) == first, "a refusal must not wear off"
    assert verify_again(lines) == trail, "nor may the sound trail suffer from a forged one"


@pytest.mark.parametrize("deed", ["drop", "double", "reword", "rechain", "backdate", "flip", "shorten"])
@pytest.mark.parametrize("at", [0, 2])
def test_a_line_changed_before_the_last_is_refused_though_every_other_is_remembered(
    deed: str, at: int
) -> None:
    trail = trail_of("abcd")
    lines = [event.line() for event in trail]
    verify_again(lines)
    with pytest.raises((BrokenTrailError, MalformedEvidenceError)):
        verify_again(tampered(list(lines), trail, deed, at, 7))


def test_lines_are_not_read_anew_and_long_ones_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(line: bytes, number: int) -> object:
        read.append(number)
        return read_line(line, number)

    monkeypatch.setattr(trail_again, "read_line", counted)
    trail = trail_of(["read once", "x" * LONGEST_KEPT, "read once too"])
    lines = [event.line() for event in trail]
    verify_again(lines)
    assert read == [1, 2, 3]
    verify_again(lines)
    assert read == [1, 2, 3, 2]
