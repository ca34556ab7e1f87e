"""A moment has one text, and a text has whole characters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kernel.canonical_json import parse_json
from kernel.clock import parse_utc, utc_text

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_moment_is_read_as_it_is_written() -> None:
    assert parse_utc(utc_text(MOMENT)) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "2026-1-2T3:4:5Z",
        "2026-01-02t03:04:05z",
        "2026-01-02T03:04:05+00:00",
        "2026-01-02 03:04:05Z",
        "２０２６-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z\n",
        "2026-01-02T03:04:60Z",
        "2026-02-29T03:04:05Z",
    ],
)
def test_any_other_writing_of_a_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_utc(text)


@pytest.mark.parametrize("text", [rb'"\ud83d\ude00"', rb'"\\ud800"', '"😀"'.encode()])
def test_whole_characters_are_read(text: bytes) -> None:
    assert parse_json(text)


@pytest.mark.parametrize("text", [rb'"\ud800"', rb'{"\uDFFF":1}', rb'["a",{"b":"\ude00\ud83d"}]'])
def test_half_a_character_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        parse_json(text)
