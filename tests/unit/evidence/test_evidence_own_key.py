"""A will shown by the signer's own key: what proves it, and what is only called so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from evidence_case import ATTESTATION, NOW, Case, will_of
from test_evidence_ceremony_attacks import at, step_six, with_details

from contracts_chain.evidence.own_key_will import own_key_evidence, verify_own_key
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.evidence.will import WillRefutedError, WillRequest
from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.model import SignerIdentity, SoleControl

OWN = sha256(b"the holder's certificate")
HOLDER = SignerIdentity(
    common_name="李示例",
    organisation=None,
    organisation_id=None,
    serial_number="1",
    issuer="TEST CA",
    certificate_sha256=OWN,
    not_before_utc=NOW - timedelta(days=1),
    not_after_utc=NOW + timedelta(days=1),
    sole_control=SoleControl.OWN_KEY,
)


def request_of(case: Case) -> WillRequest:
    slot = case.evidence.slots[0]
    request = will_of(slot, "ceremony-consumer", b"")
    shown = case.trail[at(case.trail, TrailEventKind.CONSENTED)].details["document_sha256"]
    document = replace(request.documents[0], document_sha256=Bytes32.from_hex(str(shown)))
    return replace(request, documents=(document,))


def evidence_of(case: Case, certificate: Bytes32 = OWN) -> JsonObject:
    return own_key_evidence(
        request_of(case),
        certificate_sha256=certificate,
        attestation_sha256=ATTESTATION.hex(),
        identity_method="hall_review",
        signed_utc=NOW,
    )


def test_the_holders_own_certificate_proves_the_will(case: Case) -> None:
    will = verify_own_key(evidence_of(case), HOLDER)
    assert (will.level, will.signer, will.root) == (SoleControl.OWN_KEY, "李示例", request_of(case).root)
    assert will.attestation_sha256 == ATTESTATION


@pytest.mark.parametrize("level", [None, *(one for one in SoleControl if one is not SoleControl.OWN_KEY)])
def test_a_certificate_of_any_other_level_proves_no_own_key(case: Case, level: SoleControl | None) -> None:
    with pytest.raises(WillRefutedError, match="holder keeps the key"):
        verify_own_key(evidence_of(case), replace(HOLDER, sole_control=level))


def test_another_certificate_than_the_named_one_proves_nothing(case: Case) -> None:
    for signer in (None, replace(HOLDER, certificate_sha256=sha256(b"another"))):
        with pytest.raises(WillRefutedError, match="was named"):
            verify_own_key(evidence_of(case), signer)


@pytest.mark.parametrize("name", ["statement", "level", "schema", "certificate_sha256", "attestation_sha256"])
def test_evidence_without_one_of_its_members_is_refuted(case: Case, name: str) -> None:
    told = {key: value for key, value in evidence_of(case).items() if key != name}
    with pytest.raises(WillRefutedError):
        verify_own_key(told, HOLDER)


def test_evidence_with_a_member_too_many_or_a_statement_in_other_words_is_refuted(case: Case) -> None:
    told = evidence_of(case)
    for changed in ({"note": "x"}, {"statement": f" {told['statement']}"}, {"level": "passkey"}):
        with pytest.raises(WillRefutedError):
            verify_own_key({**told, **changed}, HOLDER)


def relabelled(case: Case, evidence: JsonObject) -> Case:
    seq = at(case.trail, TrailEventKind.WILL_CONFIRMED)
    return with_details(case, seq, {"level": "own_key", "release": evidence})


def test_a_signature_released_by_a_code_and_relabelled_own_key_is_refuted(case: Case) -> None:
    certificate = case.evidence.slots[0].certificate_sha256
    assert step_six(relabelled(case, evidence_of(case, certificate))) == (Verdict.REFUTED, "will_refuted")


def test_a_release_of_a_code_under_the_name_own_key_is_refuted(case: Case) -> None:
    release = case.trail[at(case.trail, TrailEventKind.WILL_CONFIRMED)].details["release"]
    assert isinstance(release, dict)
    for evidence in (release, {**release, "level": "own_key"}):
        assert step_six(relabelled(case, evidence)) == (Verdict.REFUTED, "will_refuted")


def test_own_key_evidence_under_the_name_of_a_code_is_refuted(case: Case) -> None:
    seq = at(case.trail, TrailEventKind.WILL_CONFIRMED)
    forged = with_details(case, seq, {"release": evidence_of(case)})
    assert step_six(forged) == (Verdict.REFUTED, "will_refuted")
