"""Kept seal signatures are judged as they were, and a seal written by hand is read as the standard says."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing.model import SignatureTrust
from signing.ses.judging import judge_ses
from signing.ses.reading import read_seal

FOLDER = Path(__file__).parents[2] / "vectors" / "ses"
VECTORS = json.loads((FOLDER / "house_b.json").read_text())


def _ders(key: str) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(der) for der in VECTORS[key])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_each_kept_seal_signature_is_judged_as_recorded(case: dict[str, object]) -> None:
    trust = SignatureTrust(
        ca_roots=(),
        tsa_roots=_ders("tsa_roots"),
        sm2_roots=_ders("sm2_roots"),
        seal_maker_roots=_ders("seal_maker_roots"),
    )
    lines = judge_ses(
        base64.b64decode(str(case["ses"])),
        base64.b64decode(VECTORS["content"]),
        trust,
        at=datetime.fromisoformat(VECTORS["at_utc"]),
    )
    assert [line.code for line in lines] == case["codes"]


def test_every_line_has_a_kept_case_that_is_not_proven() -> None:
    faulty = {
        number for case in VECTORS["cases"] for number, code in enumerate(case["codes"], 1) if code != "ok"
    }
    assert faulty == set(range(1, 9))
    assert sum(set(case["codes"]) == {"ok"} for case in VECTORS["cases"]) == 2


def _encoded(lines: list[str]) -> bytes:
    """A TLV a line, children below it one space deeper; short and one- or two-byte long lengths."""
    depth = len(lines[0]) - len(lines[0].lstrip())
    starts = [n for n, line in enumerate(lines) if len(line) - len(line.lstrip()) == depth]
    content = b""
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        tag, _, value = lines[start].strip().partition(" ")
        if value.startswith("…"):
            body = value[1:].encode()
        else:
            body = bytes.fromhex(value) + (_encoded(lines[start + 1 : end]) if end > start + 1 else b"")
        size = len(body)
        length = (
            bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + size.to_bytes(2)
        )
        content += bytes.fromhex(tag) + length + body
    return content


def test_a_seal_written_by_hand_from_the_standard_is_read_field_by_field() -> None:
    seal = read_seal(_encoded((FOLDER / "seal_by_hand.txt").read_text().rstrip("\n").split("\n")))
    assert (seal.vendor, seal.seal_id, seal.kind, seal.name) == ("HAND", "esl-0001", 1, "示例公司 合同专用章")
    assert (seal.certificates, seal.digests) == ((), (bytes(range(32)),))
    assert seal.created_utc == datetime(2026, 1, 1, tzinfo=UTC)
    assert (seal.valid_from_utc.day, seal.valid_to_utc.year) == (2, 2027)
    assert (seal.picture.kind, seal.picture.width_mm, seal.picture.height_mm) == ("BMP", 40, 41)
    assert (seal.maker_certificate, seal.algorithm) == (b"\x30\x00", "1.2.156.10197.1.501")
    assert seal.signature == b"\x01\x02"
