"""Renewals and outside statements strengthen a package; wrong ones refute it, unknown ones add nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_case import BLOCK, NOW, SEQUENCE, START, Case, inspect_once
from evidence_fake_chain import FakeChain
from evidence_later import DEPOSITED_AT, RENEWED_AT, cross_anchored, later_block, receipt, renewed
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence.cross_anchor import CrossAnchor, CrossAnchorKind
from contracts_chain.evidence.evidence_json import evidence_bytes, read_evidence
from contracts_chain.evidence.file_report import FileReport
from contracts_chain.evidence.renewal import Renewal, TwinPath
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.verify import verify_package
from contracts_chain.ledger.errors import ProofFormError
from contracts_chain.ledger.header import parse_header
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.clock import FixedClock
from kernel.sized_bytes import BlockHash, Bytes32
from kernel.verdict import Check, Verdict
from signing.rfc3161_authority import TestTsa
from signing.token_proof import TokenRefutedError, TokenUndecidedError, keep_token, verify_token


def judged(case: Case, *, at_later: timedelta = timedelta(0)) -> FileReport:
    return verify_package(case.package(), case.trust, at=NOW + at_later, inspect=inspect_once)


def step(case: Case, number: int, *, at_later: timedelta = timedelta(0)) -> Check:
    return judged(case, at_later=at_later).checks[number]


def with_renewal(case: Case, **changes: object) -> Case:
    renewal = case.evidence.renewal
    assert renewal is not None
    return case.with_evidence(renewal=replace(renewal, **changes))  # type: ignore[arg-type]


def with_anchor(case: Case, number: int, **changes: object) -> Case:
    anchors = list(case.evidence.cross_anchors)
    anchors[number] = replace(anchors[number], **changes)  # type: ignore[arg-type]
    return case.with_evidence(cross_anchors=tuple(anchors))


@pytest.fixture(scope="module")
def twin(case: Case) -> Case:
    return renewed(case)


@pytest.fixture(scope="module")
def whole(twin: Case) -> Case:
    return cross_anchored(twin)


# ---- renewal ------------------------------------------------------------------------------------


def test_renewal_breaks_no_old_proof(case: Case, twin: Case) -> None:
    assert judged(case).verdict is Verdict.PROVEN
    assert "SM3" not in step(case, 7).en
    assert judged(twin).verdict is Verdict.PROVEN
    assert f"under SM3 since block {BLOCK + 2}" in step(twin, 7).en


@pytest.mark.parametrize("number", range(7))
def test_a_record_whose_sm3_path_is_wrong_is_refuted(twin: Case, number: int) -> None:
    renewal = twin.evidence.renewal
    assert renewal is not None
    paths = list(renewal.inclusion)
    node = bytearray(paths[number].path[0])
    node[0] ^= 1
    paths[number] = replace(paths[number], path=(Bytes32(bytes(node)), *paths[number].path[1:]))
    found = step(with_renewal(twin, inclusion=tuple(paths)), 7)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "root_mismatch")


def test_a_renewal_that_leaves_a_record_out_is_refuted(twin: Case) -> None:
    renewal = twin.evidence.renewal
    assert renewal is not None
    found = step(with_renewal(twin, inclusion=renewal.inclusion[:-1]), 7)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "evidence_mismatch")


def test_a_renewal_of_another_log_at_the_same_checkpoint_is_refuted(twin: Case) -> None:
    renewal, checkpoint = twin.evidence.renewal, twin.evidence.checkpoint
    assert renewal is not None
    other = twin.chain.twin(
        SEQUENCE, checkpoint.size + 1, checkpoint.root, renewal.anchor.twin_root, number=BLOCK, at=RENEWED_AT
    )
    found = step(with_renewal(twin, anchor=other), 7)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "evidence_mismatch")


def test_a_twin_root_that_the_package_brings_itself_is_refuted(twin: Case) -> None:
    renewal = twin.evidence.renewal
    assert renewal is not None
    own = replace(renewal.anchor, twin_root=Bytes32(bytes(32)))
    found = step(with_renewal(twin, anchor=own), 7)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "checkpoint_mismatch")


def test_a_twin_in_a_block_that_too_few_sealed_is_refuted(twin: Case) -> None:
    renewal, checkpoint = twin.evidence.renewal, twin.evidence.checkpoint
    assert renewal is not None
    weak = replace(twin.chain, sealers=2)
    twin_root = renewal.anchor.twin_root
    proof = weak.twin(SEQUENCE, checkpoint.size, checkpoint.root, twin_root, number=BLOCK + 2, at=RENEWED_AT)
    assert step(with_renewal(twin, anchor=proof), 7).verdict is Verdict.REFUTED


def test_a_renewal_by_validators_the_bundle_does_not_know_takes_nothing_away(twin: Case) -> None:
    (known,) = twin.trust.chain.validator_sets
    short = replace(twin.trust.chain, validator_sets=(replace(known, to_block=BLOCK + 1),))
    found = step(replace(twin, trust=replace(twin.trust, chain=short)), 7)
    assert found.verdict is Verdict.PROVEN
    assert "the SM3 renewal is not judged" in found.en


def test_after_sha256_is_distrusted_only_a_renewed_package_proves_inclusion(case: Case, twin: Case) -> None:
    distrusted = (("sha256", RENEWED_AT + timedelta(minutes=1)),)
    old = replace(case, trust=replace(case.trust, distrusted_digests=distrusted))
    new = replace(twin, trust=replace(twin.trust, distrusted_digests=distrusted))
    assert (step(old, 7).verdict, step(old, 7).code) == (Verdict.UNDECIDED, "digest_distrusted")
    assert step(new, 7).verdict is Verdict.PROVEN
    before = timedelta(minutes=-3)
    assert step(old, 7, at_later=before).verdict is Verdict.PROVEN


def test_a_renewal_that_came_after_sha256_was_distrusted_proves_nothing(twin: Case) -> None:
    late = replace(twin, trust=replace(twin.trust, distrusted_digests=(("sha256", RENEWED_AT),)))
    assert step(late, 7).code == "digest_distrusted"


def test_once_sm3_is_distrusted_as_well_nothing_is_proven(twin: Case) -> None:
    both = (("sha256", RENEWED_AT + timedelta(minutes=1)), ("sm3", NOW))
    found = step(replace(twin, trust=replace(twin.trust, distrusted_digests=both)), 7)
    assert (found.verdict, found.code) == (Verdict.UNDECIDED, "digest_distrusted")


# ---- cross-anchors ------------------------------------------------------------------------------


def test_every_outside_place_is_named_with_its_time(whole: Case) -> None:
    report = judged(whole)
    assert report.verdict is Verdict.PROVEN
    for one in whole.evidence.cross_anchors:
        assert one.place in report.checks[10].zh
        assert one.place in report.checks[10].en


def test_a_token_over_another_header_refutes(whole: Case) -> None:
    tsa = TestTsa(whole.ca.tsa_credential, FixedClock(DEPOSITED_AT))
    found = step(with_anchor(whole, 0, proof=keep_token(tsa.token(b"another header"), whole.ca)), 10)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "token_refuted")


def test_a_token_older_than_the_block_it_is_about_refutes(whole: Case) -> None:
    tsa = TestTsa(whole.ca.tsa_credential, FixedClock(START))
    block = bytes(parse_header(whole.evidence.anchor.header).block_hash())
    found = step(with_anchor(whole, 0, proof=keep_token(tsa.token(block), whole.ca)), 10)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "cross_anchor_refuted")


def test_a_token_by_a_look_alike_of_a_trusted_authority_refutes(whole: Case, stranger: Case) -> None:
    tsa = TestTsa(stranger.ca.tsa_credential, FixedClock(DEPOSITED_AT))
    block = bytes(parse_header(whole.evidence.anchor.header).block_hash())
    found = step(with_anchor(whole, 0, proof=keep_token(tsa.token(block), stranger.ca)), 10)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "token_refuted")


def test_a_token_by_an_authority_the_roots_do_not_know_is_undecided(whole: Case) -> None:
    anchor = whole.evidence.cross_anchors[0]
    assert isinstance(anchor.proof, bytes)
    trust = replace(whole.trust.signatures, tsa_roots=())
    with pytest.raises(TokenUndecidedError):
        verify_token(bytes(anchor.header_hash), anchor.proof, trust)


def test_a_court_chain_the_bundle_does_not_know_is_left_unjudged(whole: Case) -> None:
    unknown = replace(whole, trust=replace(whole.trust, judicial_chains=()))
    report = judged(unknown)
    assert report.verdict is Verdict.PROVEN
    assert "1 cross-anchors of places unknown to the bundle, not judged" in report.checks[10].en


def test_a_receipt_signed_by_a_stranger_refutes(whole: Case) -> None:
    number, block, link = later_block(whole)
    forged = receipt(number, block, link, Ed25519PrivateKey.generate())
    found = step(with_anchor(whole, 2, proof=forged.proof), 10)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "cross_anchor_refuted")


def test_a_line_of_the_file_with_a_member_that_no_such_line_has_is_unreadable(whole: Case) -> None:
    line = whole.evidence.cross_anchors[1].proof
    assert isinstance(line, Mapping)
    found = step(with_anchor(whole, 1, proof={**line, "remark": "seen by nobody"}), 10)
    assert (found.verdict, found.code) == (Verdict.UNREADABLE, "malformed_evidence")


def test_a_statement_about_a_block_the_evidence_does_not_reach_refutes(whole: Case) -> None:
    found = step(with_anchor(whole, 1, link=None), 10)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "cross_anchor_refuted")


def test_a_later_block_whose_log_does_not_extend_ours_refutes(whole: Case) -> None:
    link = whole.evidence.cross_anchors[1].link
    assert link is not None
    broken = replace(link, consistency=(Bytes32(bytes(32)), *link.consistency[1:]))
    found = step(with_anchor(whole, 1, link=broken), 10)
    assert (found.verdict, found.code) == (Verdict.REFUTED, "root_mismatch")


def test_a_later_block_of_another_chain_refutes(whole: Case) -> None:
    link = whole.evidence.cross_anchors[1].link
    assert link is not None
    other = FakeChain(secret=b"another devnet").anchor(
        link.anchor.sequence, link.anchor.size, link.anchor.root, number=BLOCK + 5, at=RENEWED_AT
    )
    header = parse_header(other.header)
    moved = with_anchor(
        whole,
        1,
        link=replace(link, anchor=other),
        header_number=header.number,
        header_hash=header.block_hash(),
    )
    assert step(moved, 10).verdict is Verdict.REFUTED


@given(st.data())
def test_a_token_with_any_byte_changed_is_never_believed(whole: Case, data: st.DataObject) -> None:
    anchor = whole.evidence.cross_anchors[0]
    token = bytearray(anchor.proof)  # type: ignore[arg-type]
    at = data.draw(st.integers(0, len(token) - 1))
    token[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        moment = verify_token(bytes(anchor.header_hash), bytes(token), whole.trust.signatures)
    except (TokenRefutedError, TokenUndecidedError):
        return
    assert moment == DEPOSITED_AT, "only what nobody signed may change, and then nothing is told anew"


# ---- the form -----------------------------------------------------------------------------------


def test_evidence_with_all_optional_members_is_read_back(whole: Case) -> None:
    content = evidence_bytes(whole.evidence)
    assert read_evidence(content) == whole.evidence
    assert evidence_bytes(read_evidence(content)) == content
    assert set(json.loads(content)) - {"renewal", "cross_anchors"} == set(
        json.loads(evidence_bytes(replace(whole.evidence, renewal=None, cross_anchors=())))
    )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("renewal", None),
        ("renewal", {}),
        ("renewal", {"algorithm": "md5", "anchor": {}, "inclusion": []}),
        ("renewal", {"algorithm": "sm3", "anchor": {}, "inclusion": []}),
        ("cross_anchors", []),
        ("cross_anchors", [{}]),
        ("cross_anchors", {}),
        ("cross_anchors", [{}] * 33),
    ],
)
def test_an_optional_member_of_another_form_is_refused(whole: Case, member: str, value: JsonValue) -> None:
    changed: dict[str, JsonValue] = {**whole.evidence.as_json(), member: value}
    with pytest.raises((MalformedEvidenceError, ProofFormError)):
        read_evidence(canonical_bytes(changed))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("kind", "newspaper"),
        ("header_hash", "00" * 32),
        ("header_hash", "0x00"),
        ("header_number", -1),
        ("proof", "!!!"),
        ("proof", {}),
        ("proof", "A" * 200_000),
        ("link", {}),
        ("more", 1),
    ],
)
def test_a_cross_anchor_of_another_form_is_refused(whole: Case, member: str, value: JsonValue) -> None:
    changed = {**whole.evidence.cross_anchors[0].as_json(), member: value}
    with pytest.raises(MalformedEvidenceError):
        CrossAnchor.from_json(changed)


@given(
    st.sampled_from(CrossAnchorKind),
    st.text(st.characters(codec="utf-8"), max_size=10),
    st.integers(0, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_a_cross_anchor_is_read_back(kind: CrossAnchorKind, place: str, number: int, block: bytes) -> None:
    proof = b"token" if kind is CrossAnchorKind.RFC3161 else {"line": "text"}
    one = CrossAnchor(place=place, kind=kind, header_number=number, header_hash=BlockHash(block), proof=proof)
    assert CrossAnchor.from_json(one.as_json()) == one


def test_a_renewal_is_read_back(twin: Case) -> None:
    renewal = twin.evidence.renewal
    assert renewal is not None
    assert Renewal.from_json(renewal.as_json()) == renewal
    assert isinstance(renewal.inclusion[0], TwinPath)
