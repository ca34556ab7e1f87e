"""Records, trails, checkpoints, trust bundles: one encoding each, everything else refused."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from evidence_case import LOG_KEY, NUMBER, ORIGIN, START, Case
from evidence_later import cross_anchored, renewed
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    CheckpointSignatureError,
    log_public_key,
    read_checkpoint,
    sign_checkpoint,
    verify_note,
)
from contracts_chain.evidence.evidence_json import evidence_bytes, read_evidence
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.trail import BrokenTrailError, TrailEventKind
from contracts_chain.evidence.trust_bundle import TrustBundle, UnreadableTrustError
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.digests import digests_of
from kernel.sized_bytes import LeafHash, RootHash, Salt

MOMENTS = st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
DETAILS = st.dictionaries(TEXTS, VALUES, max_size=4)


@st.composite
def records(draw: st.DrawFn) -> Record:
    return Record(
        kind=draw(st.sampled_from(RecordKind)),
        subject=draw(TEXTS),
        document=digests_of(draw(st.binary(max_size=8))),
        occurred_utc=draw(MOMENTS),
        actor=draw(TEXTS),
        previous=draw(st.none() | st.binary(min_size=32, max_size=32).map(LeafHash)),
        details=draw(DETAILS),
        salt=Salt(draw(st.binary(min_size=32, max_size=32))),
    )


@given(records())
def test_a_record_is_read_back_from_its_bytes_with_the_same_leaf(record: Record) -> None:
    again = Record.parse(record.canonical())
    assert again == record
    assert again.leaf() == record.leaf()


@given(records(), st.binary(min_size=32, max_size=32))
def test_another_salt_gives_another_leaf(record: Record, salt: bytes) -> None:
    other = replace(record, salt=Salt(salt))
    assert (other.leaf() == record.leaf()) == (salt == record.salt)


@given(records())
def test_a_record_in_another_encoding_is_refused(record: Record) -> None:
    spaced = json.dumps(record.as_json(), ensure_ascii=False).encode()
    with pytest.raises(MalformedEvidenceError):
        Record.parse(spaced)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema", 2),
        ("schema", True),
        ("kind", "agreement.forgotten"),
        ("subject", 7),
        ("occurred_utc", "2026-11-20 07:32:05"),
        ("occurred_utc", "2026-11-20T07:32:05.5Z"),
        ("previous", "AA" * 32),
        ("previous", "aa" * 31),
        ("salt", "zz" * 32),
        ("details", []),
        ("document", {"length": -1, "sha256": "00" * 32, "sm3": "00" * 32}),
        ("document", {"length": 1, "sha256": "00" * 32}),
        ("extra", 1),
    ],
)
def test_a_record_with_a_wrong_member_is_refused(case: Case, field: str, value: JsonValue) -> None:
    changed = {**case.evidence.records[1].record.as_json(), field: value}
    with pytest.raises(MalformedEvidenceError):
        Record.from_json(changed)


def test_a_record_holds_no_float(case: Case) -> None:
    record = replace(case.evidence.records[0].record, details={"amount": 1.5})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="float"):
        record.canonical()


# ---- trail --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(TrailEventKind), TEXTS, DETAILS), min_size=1, max_size=4))
def test_a_trail_is_read_back_from_its_lines(
    events: list[tuple[TrailEventKind, str, dict[str, JsonValue]]],
) -> None:
    trail: trails.Trail = ()
    for kind, actor, details in events:
        trail = trails.append(trail, kind, occurred_utc=START, actor=actor, details=details)
    assert trails.read_trail(trails.write_trail(trail)) == trail


@given(st.data())
def test_a_trail_with_any_line_gone_or_changed_is_refused(data: st.DataObject) -> None:
    trail: trails.Trail = ()
    for number in range(6):
        trail = trails.append(
            trail, TrailEventKind.SHOWN, occurred_utc=START, actor=f"person:{number}", details={}
        )
    lines = [event.line() for event in trail]
    at = data.draw(st.integers(0, 4))
    if data.draw(st.booleans()):
        del lines[at]
    else:
        lines[at] = replace(trail[at], actor="person:9").line()
    with pytest.raises(BrokenTrailError):
        trails.verify_trail(lines)


def test_a_trail_that_goes_back_in_time_is_refused() -> None:
    trail = trails.append((), TrailEventKind.OFFERED, occurred_utc=START, actor="a", details={})
    earlier = START.replace(year=2025)
    trail = trails.append(trail, TrailEventKind.SHOWN, occurred_utc=earlier, actor="a", details={})
    with pytest.raises(BrokenTrailError):
        trails.read_trail(trails.write_trail(trail))


@pytest.mark.parametrize("content", [b"", b"{}\n", b"\n", b"[]\n", b'{"seq":0}'])
def test_a_trail_that_is_no_trail_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedEvidenceError):
        trails.read_trail(content)


# ---- checkpoint ---------------------------------------------------------------------------------


def test_a_checkpoint_is_the_note_of_its_published_form() -> None:
    root = RootHash(bytes(range(32)))
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=23, root=root), LOG_KEY)
    head, empty, signature, end = note.rsplit("\n", 3)
    assert head == f"{ORIGIN}\n23\n{base64.b64encode(root).decode()}"
    assert (empty, end) == ("", "")
    assert signature.startswith(f"\u2014 {ORIGIN} ")


@given(st.integers(0, 2**40), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_is_read_back_and_believed(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=RootHash(root))
    note = sign_checkpoint(checkpoint, LOG_KEY)
    assert verify_note(note, log_public_key(LOG_KEY), ORIGIN) == checkpoint
    witnessed = note + "\u2014 witness.test AAAAAAAA\n"
    assert verify_note(witnessed, log_public_key(LOG_KEY), ORIGIN) == checkpoint


def test_a_note_with_any_character_of_its_body_changed_is_not_believed() -> None:
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=23, root=RootHash(bytes(32))), LOG_KEY)
    for at in range(note.index("\n\n")):
        changed = note[:at] + ("x" if note[at] != "x" else "y") + note[at + 1 :]
        with pytest.raises((CheckpointSignatureError, MalformedEvidenceError)):
            verify_note(changed, log_public_key(LOG_KEY), ORIGIN)


@pytest.mark.parametrize(
    "text", ["", "a\n\n", "a\n1\n\n", "a\n01\nAAAA\n\n", "a\n-1\nAAAA\n\n", "a\n1\n!!\n\n"]
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedEvidenceError):
        read_checkpoint(text)


# ---- evidence and trust -------------------------------------------------------------------------


def test_evidence_is_read_back_from_its_bytes(case: Case) -> None:
    content = evidence_bytes(case.evidence)
    assert read_evidence(content) == case.evidence
    assert evidence_bytes(read_evidence(content)) == content


def test_evidence_without_status_and_header_is_read_back(case: Case) -> None:
    bare = replace(case.evidence, status=None, not_before_header=None)
    assert read_evidence(evidence_bytes(bare)) == bare


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("kind", "poem"),
        ("number", 1),
        ("slots", {}),
        ("slots", [{"field": "A"}]),
        ("records", [1]),
        ("checkpoint", None),
        ("executed", {}),
        ("not_before_header", "ab"),
        ("not_before_header", "0xzz"),
        ("not_before_header", 1),
    ],
)
def test_evidence_with_a_wrong_member_is_refused(case: Case, member: str, value: JsonValue) -> None:
    changed: dict[str, JsonValue] = {**case.evidence.as_json(), member: value}
    with pytest.raises(MalformedEvidenceError):
        read_evidence(canonical_bytes(changed))


@pytest.mark.parametrize("kind", ["agreement", "seals", "", "Person"])
def test_a_slot_is_a_person_s_or_a_seal_s(case: Case, kind: str) -> None:
    slot = {**case.evidence.slots[0].as_json(), "kind": kind}
    with pytest.raises(MalformedEvidenceError):
        read_evidence(canonical_bytes({**case.evidence.as_json(), "slots": [slot]}))


def test_a_trust_bundle_is_read_back_from_its_directory(case: Case, tmp_path: Path) -> None:
    case.trust.write(tmp_path)
    assert TrustBundle.load(tmp_path) == case.trust
    assert {path.name for path in tmp_path.iterdir()} == {"trust.json", "ca-root-1.pem", "tsa-root-1.pem"}


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("schema", 2),
        ("ca_roots", ["../../etc/passwd"]),
        ("ca_roots", ["missing.pem"]),
        ("log", {"origin": "a", "public_key": "00"}),
        ("clock_skew_seconds", -1),
        ("greatest_status_age_seconds", "1"),
        ("unknown", 1),
    ],
)
def test_a_trust_bundle_of_another_form_is_refused(
    case: Case, tmp_path: Path, member: str, value: JsonValue
) -> None:
    case.trust.write(tmp_path)
    changed: dict[str, JsonValue] = {**case.trust.as_json(), member: value}
    (tmp_path / "trust.json").write_bytes(canonical_bytes(changed))
    with pytest.raises(UnreadableTrustError):
        TrustBundle.load(tmp_path)


def test_a_trust_bundle_with_a_damaged_root_is_refused(case: Case, tmp_path: Path) -> None:
    case.trust.write(tmp_path)
    (tmp_path / "ca-root-1.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(UnreadableTrustError):
        TrustBundle.load(tmp_path)


def test_a_directory_without_trust_json_is_refused_and_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTrustError, match="--trust"):
        TrustBundle.load(tmp_path)


def test_every_record_of_the_case_names_its_agreement(case: Case) -> None:
    assert {logged.record.subject for logged in case.evidence.records} == {NUMBER}


# ---- the published schema -----------------------------------------------------------------------

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/formats/evidence.schema.json").read_text("utf-8"))


def misfits(schema: dict[str, object], value: object, place: str = "evidence") -> list[str]:
    """What the few keywords of our schema object to; a check of the document, not of evidence."""
    if "anyOf" in schema:
        options = [misfits(option, value, place) for option in schema["anyOf"]]  # type: ignore[attr-defined]
        return [] if [] in options else options[0]
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if value in allowed else [place]  # type: ignore[operator]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None)}
    if not isinstance(value, kinds[str(schema["type"])]):
        return [place]
    if isinstance(value, list):
        return [fault for inner in value for fault in misfits(schema["items"], inner, place)]  # type: ignore[arg-type]
    if isinstance(value, dict) and "properties" in schema:
        known: dict[str, dict[str, object]] = schema["properties"]  # type: ignore[assignment]
        due = set(schema.get("required", known))  # type: ignore[call-overload]
        odd = sorted(set(value) - set(known) | due - set(value))
        return odd or [fault for key in value for fault in misfits(known[key], value[key], f"{place}.{key}")]
    if isinstance(value, str) and "pattern" in schema:
        return [] if re.search(str(schema["pattern"]), value) else [place]
    return []


def test_the_published_schema_fits_what_is_written(case: Case) -> None:
    assert misfits(SCHEMA, json.loads(evidence_bytes(case.evidence))) == []
    bare = replace(case.evidence, status=None, not_before_header=None)
    assert misfits(SCHEMA, json.loads(evidence_bytes(bare))) == []


def test_the_published_schema_fits_a_renewed_and_cross_anchored_package(case: Case) -> None:
    later = cross_anchored(renewed(case)).evidence
    assert misfits(SCHEMA, json.loads(evidence_bytes(later))) == []


def test_the_published_schema_objects_to_another_member(case: Case) -> None:
    assert misfits(SCHEMA, {**json.loads(evidence_bytes(case.evidence)), "more": 1}) == ["more"]
