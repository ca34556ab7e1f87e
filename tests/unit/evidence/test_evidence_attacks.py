"""One named test for each way to forge an evidence package; each names the step that must object.

Unless a test says otherwise the forger is the worst there is: the operator himself, who
closes and signs the forged package again, so that step 0 has nothing to object to.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
import rlp
from evidence_case import (
    ANCHOR_TIME,
    BLOCK,
    LOG_KEY,
    NOW,
    ORIGIN,
    SEQUENCE,
    START,
    Case,
    anchor,
    inspect_once,
    one_page,
)
from evidence_fake_chain import FakeChain

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.asice import (
    MANIFEST_NAME,
    MIMETYPE,
    MIMETYPE_NAME,
    SIGNATURE_NAME,
    manifest_xml,
)
from contracts_chain.evidence.checkpoint import Checkpoint, load_log_key, sign_checkpoint
from contracts_chain.evidence.evidence_json import LoggedRecord
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.evidence.verify import verify_package
from contracts_chain.evidence.zip_container import write_zip
from kernel.digests import digests_of
from kernel.sized_bytes import Address, Bytes32, LeafHash, Salt
from kernel.verdict import Verdict

PROVEN, REFUTED, UNDECIDED, UNREADABLE = (
    Verdict.PROVEN,
    Verdict.REFUTED,
    Verdict.UNDECIDED,
    Verdict.UNREADABLE,
)
Faults = dict[int, tuple[Verdict, str]]


def judge(case: Case, package: bytes | None = None) -> tuple[Verdict, Faults]:
    """Verdict of the file, and of every step that is not proven."""
    report = verify_package(package or case.package(), case.trust, at=NOW, inspect=inspect_once)
    assert [check.step for check in report.checks] == list(range(12))
    faults = {c.step: (c.verdict, c.code) for c in report.checks if c.verdict is not PROVEN}
    return report.verdict, faults


def records_of(case: Case) -> list[Record]:
    return [logged.record for logged in case.evidence.records]


def rechain(records: list[Record]) -> list[Record]:
    """Make the links true again after a change."""
    chained: list[Record] = []
    for record in records:
        chained.append(replace(record, previous=chained[-1].leaf() if chained else None))
    return chained


def rewrite(trail: trails.Trail, drop: int) -> trails.Trail:
    kept: trails.Trail = ()
    for event in trail:
        if event.seq != drop:
            kept = trails.append(
                kept, event.event, occurred_utc=event.occurred_utc, actor=event.actor, details=event.details
            )
    return kept


# ---- the container ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["agreement.pdf", "trail.jsonl", "evidence.json", "report.pdf"])
def test_a_flipped_byte_in_any_part_is_refuted_by_the_signed_manifest(case: Case, name: str) -> None:
    files = case.contents().files()
    signature = case.sign(manifest_xml(files))
    changed = bytearray(files[name])
    changed[len(changed) // 2] ^= 1
    envelope = {MANIFEST_NAME: manifest_xml(files), SIGNATURE_NAME: signature}
    package = write_zip({MIMETYPE_NAME: MIMETYPE, **files, name: bytes(changed), **envelope})
    verdict, faults = judge(case, package)
    assert verdict is REFUTED
    assert faults[0] == (REFUTED, "manifest_mismatch")


def test_a_manifest_rewritten_without_its_signature_is_refuted(case: Case) -> None:
    signature = case.sign(manifest_xml(case.contents().files()))
    files = {**case.contents().files(), "report.pdf": b"%PDF-1.7 another report"}
    envelope = {MANIFEST_NAME: manifest_xml(files), SIGNATURE_NAME: signature}
    verdict, faults = judge(case, write_zip({MIMETYPE_NAME: MIMETYPE, **files, **envelope}))
    assert (verdict, faults[0][0]) == (REFUTED, REFUTED)


def test_a_stripped_package_signature_is_never_proven(case: Case) -> None:
    files = case.contents().files()
    package = write_zip({MIMETYPE_NAME: MIMETYPE, **files, MANIFEST_NAME: manifest_xml(files)})
    verdict, faults = judge(case, package)
    assert (verdict, faults[0]) == (UNREADABLE, (UNREADABLE, "package_member_missing"))


def test_a_package_signed_by_a_look_alike_authority_is_not_proven(case: Case, stranger: Case) -> None:
    package = stranger.close(case.contents())
    verdict, faults = judge(case, package)
    assert verdict is not PROVEN
    assert list(faults) == [0]


def test_a_truncated_package_is_unreadable(case: Case) -> None:
    package = case.package()
    for length in (10, 100, len(package) // 2, len(package) - 1):
        assert judge(case, package[:length])[0] is UNREADABLE


# ---- the document -------------------------------------------------------------------------------


def test_a_flipped_byte_in_the_pdf_of_a_repacked_package_is_refuted(case: Case) -> None:
    changed = bytearray(case.pdf)
    changed[len(changed) // 2] ^= 1
    verdict, faults = judge(replace(case, pdf=bytes(changed)))
    assert verdict is REFUTED
    assert faults[1] == (REFUTED, "document_mismatch")


def test_an_unsigned_copy_in_place_of_the_executed_document_is_refuted(case: Case) -> None:
    verdict, faults = judge(replace(case, pdf=one_page()))
    assert verdict is REFUTED
    assert faults[1] == (REFUTED, "document_mismatch")
    assert faults[2] == (REFUTED, "signature_missing")


def test_a_document_cut_back_before_its_last_signature_is_refuted(case: Case) -> None:
    earlier = case.evidence.records[4].record.document.length
    verdict, faults = judge(replace(case, pdf=case.pdf[:earlier]))
    assert verdict is REFUTED
    assert faults[2] == (REFUTED, "signature_missing")


def test_bytes_appended_after_the_archive_timestamp_are_refuted(case: Case) -> None:
    verdict, faults = judge(replace(case, pdf=case.pdf + b"\n% a word more\n"))
    assert verdict is REFUTED
    assert faults[1][0] is REFUTED


def test_executed_digests_that_are_not_the_recorded_ones_are_refuted(case: Case) -> None:
    verdict, faults = judge(case.with_evidence(executed=digests_of(b"another document")))
    assert verdict is REFUTED
    assert faults[1] == (REFUTED, "document_mismatch")


def test_a_record_made_for_another_document_is_refuted_though_it_is_logged(case: Case) -> None:
    records = records_of(case)
    records[1] = replace(records[1], document=digests_of(b"another draft"))
    verdict, faults = judge(case.relogged(rechain(records)))
    assert verdict is REFUTED
    assert faults[1] == (REFUTED, "document_mismatch")


# ---- parties ------------------------------------------------------------------------------------


def test_a_slot_given_to_someone_else_after_the_offer_is_refuted(case: Case) -> None:
    slots = (replace(case.evidence.slots[0], signer_name="赵某"), *case.evidence.slots[1:])
    verdict, faults = judge(case.with_evidence(slots=slots))
    assert verdict is REFUTED
    assert faults[5] == (REFUTED, "evidence_mismatch")


def test_an_offer_that_named_another_signer_is_refuted(case: Case) -> None:
    slots = (replace(case.evidence.slots[0], signer_name="赵某"), *case.evidence.slots[1:])
    records = records_of(case)
    details = {**records[1].details, "slots": [slot.identity_json() for slot in slots]}
    records[1] = replace(records[1], details=details)
    verdict, faults = judge(case.relogged(rechain(records)).with_evidence(slots=slots))
    assert verdict is REFUTED
    assert faults[5] == (REFUTED, "party_mismatch")


def test_an_organisations_signature_passed_off_as_a_natural_persons_is_refuted(case: Case) -> None:
    slots = (replace(case.evidence.slots[0], organisation_id=""), *case.evidence.slots[1:])
    records = records_of(case)
    details = {**records[1].details, "slots": [slot.identity_json() for slot in slots]}
    records[1] = replace(records[1], details=details)
    verdict, faults = judge(case.relogged(rechain(records)).with_evidence(slots=slots))
    assert verdict is REFUTED
    assert faults[5] == (REFUTED, "party_mismatch")


def test_a_signing_record_that_names_another_certificate_is_refuted(case: Case) -> None:
    records = records_of(case)
    records[2] = replace(
        records[2], details={**records[2].details, "certificate_sha256": hashlib.sha256(b"x").hexdigest()}
    )
    verdict, faults = judge(case.relogged(rechain(records)))
    assert verdict is REFUTED
    assert faults[5] == (REFUTED, "party_mismatch")


def test_a_slot_left_out_of_the_evidence_is_refuted(case: Case) -> None:
    verdict, faults = judge(case.with_evidence(slots=case.evidence.slots[:3]))
    assert verdict is REFUTED
    assert faults[2] == (REFUTED, "evidence_mismatch")


def test_a_missing_offer_record_is_never_proven(case: Case) -> None:
    records = records_of(case)
    del records[1]
    verdict, faults = judge(case.relogged(rechain(records)))
    assert verdict is not PROVEN
    assert faults[2] == (UNREADABLE, "malformed_evidence")


# ---- process ------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [0, 3, 5, -1])
def test_a_trail_line_removed_is_refuted(case: Case, line: int) -> None:
    lines = trails.write_trail(case.trail).splitlines(keepends=True)
    del lines[line]
    contents = replace(case.contents(), trail=b"".join(lines))
    verdict, faults = judge(case, case.close(contents))
    assert verdict is REFUTED
    assert list(faults) == [6]


def test_trail_lines_exchanged_are_refuted(case: Case) -> None:
    lines = trails.write_trail(case.trail).splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    verdict, faults = judge(case, case.close(replace(case.contents(), trail=b"".join(lines))))
    assert (verdict, faults) == (REFUTED, {6: (REFUTED, "trail_broken")})


def test_a_trail_chained_anew_without_one_event_is_not_the_recorded_one(case: Case) -> None:
    verdict, faults = judge(replace(case, trail=rewrite(case.trail, drop=3)))
    assert (verdict, faults) == (REFUTED, {6: (REFUTED, "process_incomplete")})


@pytest.mark.parametrize(
    "kind",
    [
        TrailEventKind.APPROVED,
        TrailEventKind.OFFERED,
        TrailEventKind.IDENTIFIED,
        TrailEventKind.SHOWN,
        TrailEventKind.CONSENTED,
        TrailEventKind.WILL_CONFIRMED,
        TrailEventKind.SIGNED,
        TrailEventKind.SEALED,
    ],
)
def test_a_ceremony_that_never_had_an_event_is_refuted_though_it_is_recorded(
    case: Case, kind: TrailEventKind
) -> None:
    drop = next(event.seq for event in case.trail if event.event is kind)
    trail = rewrite(case.trail, drop=drop)
    records = records_of(case)
    records[-1] = replace(records[-1], details={"trail": trails.final_hash(trail).hex()})
    forged = replace(case, trail=trail).relogged(rechain(records))
    verdict, faults = judge(forged)
    assert verdict is REFUTED
    assert faults[6] == (REFUTED, "process_incomplete")


def test_a_record_left_out_of_the_chain_of_records_is_refuted(case: Case) -> None:
    kept = tuple(logged for number, logged in enumerate(case.evidence.records) if number != 3)
    verdict, faults = judge(case.with_evidence(records=kept))
    assert verdict is REFUTED
    assert faults[6] == (REFUTED, "process_incomplete")


def test_the_records_of_another_agreement_are_refuted(case: Case) -> None:
    verdict, faults = judge(case.with_evidence(number="ZD-YX-GY-2026-000018"))
    assert verdict is REFUTED
    assert faults[6] == (REFUTED, "process_incomplete")


# ---- log and anchor -----------------------------------------------------------------------------


def test_a_package_that_brings_its_own_root_is_refuted(case: Case) -> None:
    records = records_of(case)
    records[0] = replace(records[0], actor="person:99")
    forged, _ = anchor(rechain(records), case.evidence, case.chain)
    honest = case.evidence
    verdict, faults = judge(
        replace(case, evidence=replace(forged, anchor=honest.anchor, status=honest.status))
    )
    assert verdict is REFUTED
    assert faults[7] == (REFUTED, "root_mismatch")
    assert faults[8] == (REFUTED, "root_mismatch")


def test_an_anchor_proof_that_claims_another_root_is_refuted(case: Case) -> None:
    proof = replace(case.evidence.anchor, root=MerkleLog().root())
    verdict, faults = judge(case.with_evidence(anchor=proof))
    assert verdict is REFUTED
    assert faults[8] == (REFUTED, "checkpoint_mismatch")
    assert faults[7] == (UNDECIDED, "depends_on_step")


def test_an_interior_node_offered_as_leaf_is_refuted(case: Case) -> None:
    first = case.evidence.records[0]
    shorter = LoggedRecord(record=first.record, index=first.index >> 1, inclusion=first.inclusion[1:])
    verdict, faults = judge(case.with_evidence(records=(shorter, *case.evidence.records[1:])))
    assert verdict is REFUTED
    assert faults[7][0] is REFUTED


@pytest.mark.parametrize("change", ["longer", "shorter", "moved"])
def test_a_path_of_another_shape_or_place_is_refuted(case: Case, change: str) -> None:
    last = case.evidence.records[-1]
    path, index = last.inclusion, last.index
    changed = {
        "longer": LoggedRecord(record=last.record, index=index, inclusion=(*path, Bytes32(bytes(32)))),
        "shorter": LoggedRecord(record=last.record, index=index, inclusion=path[:-1]),
        "moved": LoggedRecord(record=last.record, index=index - 1, inclusion=path),
    }[change]
    verdict, faults = judge(case.with_evidence(records=(*case.evidence.records[:-1], changed)))
    assert verdict is REFUTED
    assert faults[7][0] is REFUTED


def test_a_size_other_than_the_chain_s_is_refuted(case: Case) -> None:
    checkpoint = case.evidence.checkpoint
    size = checkpoint.size + 1
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=checkpoint.root), LOG_KEY)
    verdict, faults = judge(case.with_evidence(checkpoint=replace(checkpoint, size=size, note=note)))
    assert verdict is REFUTED
    assert faults == {8: (REFUTED, "evidence_mismatch")}


def test_a_checkpoint_signed_by_another_key_is_refuted(case: Case) -> None:
    checkpoint = case.evidence.checkpoint
    body = Checkpoint(origin=ORIGIN, size=checkpoint.size, root=checkpoint.root)
    note = sign_checkpoint(body, load_log_key(hashlib.sha256(b"another key").digest()))
    verdict, faults = judge(case.with_evidence(checkpoint=replace(checkpoint, note=note)))
    assert (verdict, faults) == (REFUTED, {8: (REFUTED, "checkpoint_signature")})


def test_evidence_without_any_record_is_never_proven(case: Case) -> None:
    verdict, faults = judge(case.with_evidence(records=()))
    assert verdict is REFUTED
    assert faults[7] == (REFUTED, "evidence_mismatch")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": 0}, "receipt_failed"),
        ({"emitter": Address(bytes(20))}, "event_missing"),
        ({"topic": bytes(32)}, "event_missing"),
        ({"code_hash": bytes(32)}, "registry_code"),
        ({"registry": Address(b"\x07" * 20)}, "foreign_proof"),
        ({"chain_id": 1}, "foreign_proof"),
    ],
)
def test_an_anchor_that_is_not_the_trusted_registry_s_word_is_refuted(
    case: Case, changes: dict[str, object], code: str
) -> None:
    chain = replace(case.chain, **changes)  # type: ignore[arg-type]
    verdict, faults = judge(case.relogged(records_of(case), chain))
    assert verdict is REFUTED
    assert faults[8] == (REFUTED, code)


def test_a_swapped_registry_address_beside_an_honest_proof_is_refuted(case: Case) -> None:
    proof = replace(case.evidence.anchor, registry=Address(b"\x07" * 20))
    verdict, faults = judge(case.with_evidence(anchor=proof))
    assert (verdict, faults[8]) == (REFUTED, (REFUTED, "foreign_proof"))


# ---- seals --------------------------------------------------------------------------------------


def test_the_header_of_another_chain_is_refuted_by_its_seals(case: Case) -> None:
    foreign = replace(case.chain, secret=b"another chain")
    verdict, faults = judge(case.relogged(records_of(case), foreign))
    assert verdict is REFUTED
    assert faults[9][0] is REFUTED
    assert faults[10] == (UNDECIDED, "depends_on_step")


def test_two_seals_of_four_are_refuted(case: Case) -> None:
    verdict, faults = judge(case.relogged(records_of(case), replace(case.chain, sealers=2)))
    assert verdict is REFUTED
    assert faults[9] == (REFUTED, "quorum_missed")


def test_a_round_above_zero_with_its_true_seals_is_proven(case: Case) -> None:
    verdict, _ = judge(case.relogged(records_of(case), replace(case.chain, round_number=2)))
    assert verdict is PROVEN


@pytest.mark.parametrize("field", [3, 5, 8, 11, 13])
def test_a_changed_header_field_is_refuted(case: Case, field: int) -> None:
    fields = rlp.decode(case.evidence.anchor.header)
    changed = bytearray(fields[field])
    changed[-1] ^= 1
    fields[field] = bytes(changed)
    proof = replace(case.evidence.anchor, header=rlp.encode(fields))
    verdict, faults = judge(case.with_evidence(anchor=proof))
    assert verdict is REFUTED
    assert faults[9][0] is REFUTED


@pytest.mark.parametrize("forgery", ["doubled", "six_items", "malleated", "stranger"])
def test_seals_that_are_not_one_each_of_the_trusted_validators_are_refuted(case: Case, forgery: str) -> None:
    fields = rlp.decode(case.evidence.anchor.header)
    extra = rlp.decode(fields[12])
    seals = extra[4]
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    twin = (order - int.from_bytes(seals[0][32:64])).to_bytes(32)
    match forgery:
        case "doubled":
            extra[4] = [seals[0], seals[1], seals[1]]
        case "six_items":
            extra = [*extra, b""]
        case "malleated":
            extra[4] = [*seals, seals[0][:32] + twin + bytes([seals[0][64] ^ 1])]
        case _:
            extra[4] = [*seals, FakeChain(secret=b"x").keys[0].sign_recoverable(b"\x01" * 32, hasher=None)]
    fields[12] = rlp.encode(extra)
    verdict, faults = judge(
        case.with_evidence(anchor=replace(case.evidence.anchor, header=rlp.encode(fields)))
    )
    assert verdict is REFUTED
    assert faults[9][0] is REFUTED


def test_a_block_outside_every_trusted_validator_set_is_undecided(case: Case) -> None:
    known = replace(case.trust.chain.validator_sets[0], to_block=BLOCK - 1)
    chain = replace(case.trust.chain, validator_sets=(known,))
    verdict, faults = judge(replace(case, trust=replace(case.trust, chain=chain)))
    assert verdict is UNDECIDED
    assert faults[9] == (UNDECIDED, "validator_set_unknown")


# ---- order and status ---------------------------------------------------------------------------


def reanchored_at(case: Case, minutes: int) -> Case:
    checkpoint = case.evidence.checkpoint
    proof = case.chain.anchor(
        SEQUENCE, checkpoint.size, checkpoint.root, number=BLOCK, at=START + timedelta(minutes=minutes)
    )
    return case.with_evidence(anchor=proof)


def test_a_block_older_than_the_signatures_is_refuted(case: Case) -> None:
    verdict, faults = judge(reanchored_at(case, -30))
    assert (verdict, faults) == (REFUTED, {10: (REFUTED, "order_violated")})


def test_a_block_from_the_future_is_never_proven(case: Case) -> None:
    verdict, faults = judge(reanchored_at(case, 60))
    assert (verdict, faults) == (REFUTED, {10: (REFUTED, "block_from_future")})


def test_a_not_before_block_other_than_the_offered_one_is_refuted(case: Case) -> None:
    header = case.chain.header(number=381, at=START - timedelta(minutes=5))
    verdict, faults = judge(case.with_evidence(not_before_header=header))
    assert (verdict, faults) == (REFUTED, {10: (REFUTED, "evidence_mismatch")})


def test_a_not_before_block_later_than_the_signatures_is_refuted(case: Case) -> None:
    header = case.chain.header(number=381, at=START + timedelta(minutes=9))
    records = records_of(case)
    named = {"number": 381, "hash": case.chain.hash_of(header).hex0x(), "time_utc": "2026-11-20T07:39:00Z"}
    records[1] = replace(records[1], details={**records[1].details, "not_before": named})
    verdict, faults = judge(case.relogged(rechain(records)).with_evidence(not_before_header=header))
    assert verdict is REFUTED
    assert faults[10] == (REFUTED, "order_violated")


def test_a_record_back_dated_before_the_one_it_follows_is_refuted(case: Case) -> None:
    records = records_of(case)
    records[-1] = replace(records[-1], occurred_utc=START - timedelta(days=1))
    verdict, faults = judge(case.relogged(rechain(records)))
    assert verdict is REFUTED
    assert faults[10] == (REFUTED, "order_violated")


def test_a_status_proof_too_old_is_undecided(case: Case) -> None:
    key = case.evidence.records[-1].record.leaf()
    old = case.chain.status_proof(key, number=5, at=NOW - timedelta(days=2))
    verdict, faults = judge(case.with_evidence(status=old))
    assert (verdict, faults) == (UNDECIDED, {11: (UNDECIDED, "status_too_old")})


def test_a_missing_status_proof_is_undecided(case: Case) -> None:
    verdict, faults = judge(case.with_evidence(status=None))
    assert (verdict, faults) == (UNDECIDED, {11: (UNDECIDED, "status_missing")})


def test_the_status_proof_of_another_contract_is_refuted(case: Case) -> None:
    key = LeafHash(hashlib.sha256(b"another contract").digest())
    chain = replace(case.chain, words={key: b"\x01"})
    status = chain.status_proof(key, number=500, at=ANCHOR_TIME)
    verdict, faults = judge(case.with_evidence(status=status))
    assert (verdict, faults) == (REFUTED, {11: (REFUTED, "evidence_mismatch")})


def test_a_status_word_changed_in_the_package_is_refuted(case: Case) -> None:
    key = case.evidence.records[-1].record.leaf()
    ended = replace(case.chain, words={key: b"\x03"}).status_proof(key, number=500, at=ANCHOR_TIME)
    embellished = replace(ended, word=Bytes32((1).to_bytes(32)))
    verdict, faults = judge(case.with_evidence(status=embellished))
    assert verdict is REFUTED
    assert list(faults) == [11]


def test_a_status_proof_under_an_unsealed_header_is_refuted(case: Case) -> None:
    key = case.evidence.records[-1].record.leaf()
    chain = replace(case.chain, secret=b"another chain")
    verdict, faults = judge(case.with_evidence(status=chain.status_proof(key, number=500, at=ANCHOR_TIME)))
    assert verdict is REFUTED
    assert list(faults) == [11]


# ---- the evidence as text -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"schema": 1, "schema": 1}',
        b'{"schema": 1.0}',
        b"[" * 100_000,
    ],
)
def test_evidence_that_is_not_evidence_is_unreadable_and_nothing_is_proven_by_it(
    case: Case, content: bytes
) -> None:
    package = case.close(replace(case.contents(), evidence=content))
    verdict, faults = judge(case, package)
    assert verdict is UNREADABLE
    assert set(faults) == set(range(12)) - {3, 4}


def test_an_unknown_member_in_the_evidence_is_unreadable(case: Case) -> None:
    content = case.contents().evidence[:-1] + b',"zz":1}'
    verdict, faults = judge(case, case.close(replace(case.contents(), evidence=content)))
    assert verdict is UNREADABLE
    assert faults[0] == (UNREADABLE, "malformed_evidence")


def test_a_record_with_another_salt_is_refuted(case: Case) -> None:
    first = case.evidence.records[0]
    changed = replace(first, record=replace(first.record, salt=Salt(bytes(32))))
    verdict, faults = judge(case.with_evidence(records=(changed, *case.evidence.records[1:])))
    assert verdict is REFUTED
    assert faults[7] == (REFUTED, "root_mismatch")
    assert faults[6] == (REFUTED, "process_incomplete")


def test_a_second_execution_record_is_never_proven(case: Case) -> None:
    records = records_of(case)
    again = [*records, replace(records[-1], salt=Salt(b"\x01" * 32))]
    verdict, _ = judge(case.relogged(rechain(again)))
    assert verdict is not PROVEN


def test_a_package_of_someone_else_s_contract_under_this_trust_is_not_proven(
    case: Case, stranger: Case
) -> None:
    foreign = replace(stranger, chain=replace(stranger.chain, secret=b"other"))
    package = foreign.relogged(records_of(stranger), foreign.chain).package()
    verdict, faults = judge(case, package)
    assert verdict is REFUTED
    assert faults[9][0] is REFUTED
    assert faults[3][0] is not PROVEN
