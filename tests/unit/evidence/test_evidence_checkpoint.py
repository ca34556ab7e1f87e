"""Notes have one form; a witness counts once; nobody else's line counts; a forged one refutes step 8."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from evidence_case import (
    ANCHOR_TIME,
    LOG_KEY,
    NOW,
    ORIGIN,
    WITNESS_KEYS,
    WITNESSES,
    Case,
    cosigned_note,
    inspect_once,
)
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    CheckpointSignatureError,
    CosignatureError,
    TooFewCosignaturesError,
    cosign,
    load_log_key,
    log_public_key,
    read_checkpoint,
    sign_checkpoint,
    verify_cosignatures,
    verify_note,
)
from contracts_chain.evidence.signed_note import NoteSignature, read_note
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.trust_bundle import TrustBundle, UnreadableTrustError
from contracts_chain.evidence.verify import verify_package
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.sized_bytes import Bytes32, RootHash
from kernel.verdict import Check, Verdict

CHECKPOINT = Checkpoint(origin=ORIGIN, size=23, root=RootHash(hashlib.sha256(b"root").digest()))
NOTE = sign_checkpoint(CHECKPOINT, LOG_KEY)
NOTARY, COURT, CA = WITNESS_KEYS
AT = datetime(2026, 11, 20, 7, 39, tzinfo=UTC)
DASH = "\u2014 "


def line_of(name: str, *, at: datetime = AT, checkpoint: Checkpoint = CHECKPOINT) -> str:
    return cosign(checkpoint, name=name, key=WITNESS_KEYS[name], at=at)


def forged(name: str) -> str:
    """A line under the name and key id of a witness, signed by nobody."""
    true = read_note(NOTE + line_of(name)).signatures[-1]
    return replace(true, signature=true.signature[:-1] + bytes([true.signature[-1] ^ 1])).line()


# ---- the form -----------------------------------------------------------------------------------

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
    lambda name: "+" not in name and not any(sign.isspace() or sign < " " for sign in name)
)
SIGNATURES = st.builds(
    NoteSignature,
    name=NAMES,
    key_id=st.binary(min_size=4, max_size=4),
    signature=st.binary(min_size=1, max_size=80),
)


@given(st.lists(SIGNATURES, min_size=1, max_size=8))
def test_signature_lines_are_read_back_from_their_text(signatures: list[NoteSignature]) -> None:
    note = f"{CHECKPOINT.body()}\n" + "".join(one.line() for one in signatures)
    assert read_note(note).signatures == tuple(signatures)
    assert read_note(note).text == CHECKPOINT.body()


@pytest.mark.parametrize(
    "note",
    [
        "",
        CHECKPOINT.body(),
        CHECKPOINT.body() + "\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE + "not a signature\n",
        NOTE + f"{DASH}name\n",
        NOTE + f"{DASH}two names AAAAAAAA\n",
        NOTE + f"{DASH}plus+name AAAAAAAA\n",
        NOTE + f"{DASH}name AAAA\n",
        NOTE + f"{DASH}name AAAAAAAA=\n",
        NOTE + f"{DASH}name AAAAAAB=\n",
        NOTE + f"{DASH}name AAAAAAAA \n",
        NOTE + "- name AAAAAAAA\n",
        NOTE.replace("\n", "\r\n"),
        NOTE + f"{DASH}na\x07me AAAAAAAA\n",
        NOTE + f"{DASH}na\ud800me AAAAAAAA\n",
        NOTE + f"{DASH}name AAAAAAAA\n" * 64,
    ],
)
def test_a_note_of_another_form_is_refused(note: str) -> None:
    with pytest.raises(MalformedEvidenceError):
        verify_note(note, log_public_key(LOG_KEY), ORIGIN)
    with pytest.raises(MalformedEvidenceError):
        verify_cosignatures(note, WITNESSES, 0)


def test_a_note_is_refused_if_one_of_two_lines_of_the_log_key_is_forged() -> None:
    true = read_note(NOTE).signatures[0]
    doubled = NOTE + replace(true, signature=true.signature[::-1]).line()
    with pytest.raises(CheckpointSignatureError):
        verify_note(doubled, log_public_key(LOG_KEY), ORIGIN)


def test_extension_lines_are_read_and_signed_along() -> None:
    extended = replace(CHECKPOINT, extension_lines=("more",))
    assert read_checkpoint(sign_checkpoint(extended, LOG_KEY)) == extended
    with pytest.raises(CosignatureError):
        verify_cosignatures(NOTE + line_of(NOTARY, checkpoint=extended), WITNESSES, 0)


# ---- the quorum ---------------------------------------------------------------------------------


def test_two_of_three_make_a_quorum_of_two() -> None:
    found = verify_cosignatures(NOTE + line_of(COURT) + line_of(NOTARY), WITNESSES, 2)
    assert [one.name for one in found] == [NOTARY, COURT]
    assert {one.time_utc for one in found} == {AT}


def test_a_witness_that_signed_twice_counts_once_and_its_earliest_time_is_told() -> None:
    later = line_of(NOTARY, at=AT + timedelta(seconds=9))
    (found,) = verify_cosignatures(NOTE + later + line_of(NOTARY), WITNESSES, 1)
    assert found.time_utc == AT
    with pytest.raises(TooFewCosignaturesError) as caught:
        verify_cosignatures(NOTE + later + line_of(NOTARY), WITNESSES, 2)
    assert (caught.value.have, caught.value.need) == (1, 2)


def test_a_stranger_s_line_is_passed_over() -> None:
    stranger = cosign(CHECKPOINT, name="stranger.test/witness", key=load_log_key(b"\x07" * 32), at=AT)
    under_a_known_name = cosign(CHECKPOINT, name=CA, key=load_log_key(b"\x07" * 32), at=AT)
    with pytest.raises(TooFewCosignaturesError):
        verify_cosignatures(NOTE + stranger + under_a_known_name + line_of(NOTARY), WITNESSES, 2)


@pytest.mark.parametrize("beside", [(), (NOTARY, COURT), (NOTARY, COURT, CA)])
def test_a_forged_line_of_a_trusted_witness_refutes_the_note_whoever_else_signed(
    beside: tuple[str, ...],
) -> None:
    note = NOTE + "".join(line_of(name) for name in beside) + forged(CA)
    with pytest.raises(CosignatureError) as caught:
        verify_cosignatures(note, WITNESSES, 2)
    assert caught.value.name == CA


def test_a_cosignature_over_another_checkpoint_is_forged_here() -> None:
    elsewhere = line_of(NOTARY, checkpoint=replace(CHECKPOINT, size=24))
    with pytest.raises(CosignatureError):
        verify_cosignatures(NOTE + elsewhere, WITNESSES, 1)


def test_the_time_of_a_cosignature_cannot_be_changed() -> None:
    true = read_note(NOTE + line_of(NOTARY)).signatures[-1]
    for time in (0, int(AT.timestamp()) + 1, 2**63, 2**64 - 1):
        moved = replace(true, signature=time.to_bytes(8) + true.signature[8:])
        with pytest.raises(CosignatureError):
            verify_cosignatures(NOTE + moved.line(), WITNESSES, 1)


def test_a_cosignature_of_another_length_is_forged() -> None:
    true = read_note(NOTE + line_of(NOTARY)).signatures[-1]
    for signature in (true.signature[:-1], true.signature + b"\0", true.signature[8:], b"\0"):
        with pytest.raises(CosignatureError):
            verify_cosignatures(NOTE + replace(true, signature=signature).line(), WITNESSES, 1)


def test_the_log_s_own_signature_is_no_cosignature() -> None:
    with pytest.raises(TooFewCosignaturesError):
        verify_cosignatures(NOTE, [replace(WITNESSES[0], name=ORIGIN, public_key=log_public_key(LOG_KEY))], 1)


def test_no_witnesses_and_no_quorum_ask_for_nothing() -> None:
    assert verify_cosignatures(NOTE + line_of(NOTARY), (), 0) == ()


# ---- step 8 -------------------------------------------------------------------------------------


def step_8(case: Case, note: str, trust: TrustBundle | None = None) -> tuple[Verdict, Check]:
    changed = case.with_evidence(checkpoint=replace(case.evidence.checkpoint, note=note))
    report = verify_package(changed.package(), trust or case.trust, at=NOW, inspect=inspect_once)
    return report.verdict, next(check for check in report.checks if check.step == 8)


def body_of(case: Case) -> Checkpoint:
    checkpoint = case.evidence.checkpoint
    return Checkpoint(origin=ORIGIN, size=checkpoint.size, root=checkpoint.root)


def test_step_8_names_how_many_cosigned_and_who(case: Case) -> None:
    verdict, check = step_8(case, cosigned_note(body_of(case), (NOTARY, CA)))
    assert verdict is Verdict.PROVEN
    assert "2 of 3 trusted witnesses cosigned it, 2 are due" in check.en
    for operator in ("示例公证处 TEST", "示例认证机构 TEST"):
        assert operator in check.en
        assert operator in check.zh
    assert "示例法院 TEST" not in check.zh
    assert "3 个受信见证人中 2 个已联署" in check.zh


@pytest.mark.parametrize("names", [(), (NOTARY,), (NOTARY, NOTARY)])
def test_too_few_witnesses_refute_the_package(case: Case, names: tuple[str, ...]) -> None:
    verdict, check = step_8(case, cosigned_note(body_of(case), names))
    assert (verdict, check.verdict, check.code) == (Verdict.REFUTED, Verdict.REFUTED, "too_few_cosignatures")


def test_a_forged_cosignature_beside_a_quorum_refutes_the_package(case: Case) -> None:
    body = body_of(case)
    true = read_note(NOTE + cosign(body, name=CA, key=WITNESS_KEYS[CA], at=ANCHOR_TIME)).signatures[-1]
    line = replace(true, signature=true.signature[:8] + bytes(64)).line()
    verdict, check = step_8(case, cosigned_note(body) + line)
    assert (verdict, check.code) == (Verdict.REFUTED, "cosignature_forged")


def test_a_stranger_s_line_beside_a_quorum_changes_nothing(case: Case) -> None:
    verdict, _ = step_8(case, cosigned_note(body_of(case)) + f"{DASH}stranger.test/witness AAAAAAAA\n")
    assert verdict is Verdict.PROVEN


def test_a_note_with_an_extension_line_is_unreadable_in_a_package(case: Case) -> None:
    note = cosigned_note(replace(body_of(case), extension_lines=("more",)))
    verdict, check = step_8(case, note)
    assert (verdict, check.verdict) == (Verdict.UNREADABLE, Verdict.UNREADABLE)


def test_a_bundle_without_witnesses_asks_for_none_and_the_step_says_so(case: Case) -> None:
    unwitnessed = replace(case.trust, witnesses=(), witness_quorum=0)
    verdict, check = step_8(case, sign_checkpoint(body_of(case), LOG_KEY), unwitnessed)
    assert verdict is Verdict.PROVEN
    assert "names no witnesses" in check.en
    assert "未列见证人" in check.zh


# ---- the trust bundle ---------------------------------------------------------------------------

NOTARY_JSON: dict[str, JsonValue] = {
    "name": NOTARY,
    "public_key": WITNESSES[0].public_key.hex(),
    "operator": "示例公证处 TEST",
}


def changed(**members: JsonValue) -> dict[str, JsonValue]:
    return {**NOTARY_JSON, **members}


@pytest.mark.parametrize(
    ("witnesses", "quorum"),
    [
        ([], 1),
        ([NOTARY_JSON], 0),
        ([NOTARY_JSON], 2),
        ([NOTARY_JSON, changed(name="other.test/witness")], 1),
        ([NOTARY_JSON, changed(public_key="11" * 32)], 1),
        ([changed(name="two words")], 1),
        ([changed(public_key="11")], 1),
        ([changed(operator=1)], 1),
        ([changed(more=1)], 1),
        (["notary"], 1),
        ({}, 0),
        ([NOTARY_JSON], True),
        ([NOTARY_JSON], -1),
    ],
)
def test_a_bundle_whose_witnesses_do_not_fit_is_refused(
    case: Case, tmp_path: Path, witnesses: JsonValue, quorum: JsonValue
) -> None:
    case.trust.write(tmp_path)
    whole = {**case.trust.as_json(), "witnesses": witnesses, "witness_quorum": quorum}
    (tmp_path / "trust.json").write_bytes(canonical_bytes(whole))
    with pytest.raises(UnreadableTrustError):
        TrustBundle.load(tmp_path)


def test_a_bundle_keeps_its_witnesses(case: Case, tmp_path: Path) -> None:
    case.trust.write(tmp_path)
    again = TrustBundle.load(tmp_path)
    assert (again.witnesses, again.witness_quorum) == (WITNESSES, 2)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 253402300799))
def test_a_cosignature_of_any_key_and_time_is_read_back(seed: bytes, time: int) -> None:
    key = load_log_key(seed)
    witness = replace(WITNESSES[0], public_key=Bytes32(key.public_key().public_bytes_raw()))
    at = datetime.fromtimestamp(time, UTC)
    line = cosign(CHECKPOINT, name=witness.name, key=key, at=at)
    (found,) = verify_cosignatures(NOTE + line, [witness], 1)
    assert found.time_utc == at
    assert len(base64.b64decode(line.split(" ")[2])) == 76
