"""Who may prove identity how, and which attestations are believed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.asked_documents import AskedDocument, CustomerKind
from contracts_chain.agreements.identity.attestation import (
    AttestationClaims,
    AttestedOrganisation,
    join_hall_signatures,
    read_claims,
    sign_attestation,
    sign_hall_claims,
    verify_hall_attestation,
    verify_provider_attestation,
)
from contracts_chain.agreements.identity.face_consent import FACE_CONSENT_EN, FACE_CONSENT_ZH
from contracts_chain.agreements.identity.methods import (
    DeviceOnlyError,
    IdentityFactor,
    IdentityMethod,
    MethodNotAllowedError,
    customer_kind,
    find_method,
    methods_for,
    papers_for,
    verify_factors,
    verify_method,
)
from contracts_chain.agreements.identity.outcomes import reason_words
from contracts_chain.agreements.identity.signed_message import AttestationUnsoundError, sign_compact
from contracts_chain.agreements.terms.codes import AgreementKind, IdType
from contracts_chain.agreements.terms_json import load_order

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
AGE = timedelta(minutes=15)
PROVIDER, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
KEYS = {"provider": PROVIDER.public_key().public_bytes_raw()}
CLERKS = {"one": OTHER.public_key().public_bytes_raw(), "two": KEYS["provider"]}
CLAIMS = AttestationClaims(
    issuer="provider",
    method="e_licence_face",
    name="王海明",
    id_type="RESIDENT_ID",
    id_no="330299197809230152",
    phone="19900000002",
    session="s-1",
    nonce="0" * 32,
    issued_utc=NOW,
    sandbox=True,
    organisation=AttestedOrganisation(name="示例公司", uscc="91330200MA23AMP15X"),
)
HALL = replace(CLAIMS, issuer="hall", method="hall_review", organisation=None)
SOUND = sign_attestation(CLAIMS, PROVIDER.private_bytes_raw())


def provider_says(content: bytes, now: datetime = NOW) -> AttestationClaims:
    return verify_provider_attestation(content, KEYS, now=now, greatest_age=AGE)


def hall_says(content: bytes) -> AttestationClaims:
    return verify_hall_attestation(content, CLERKS, now=NOW, greatest_age=AGE)


def by_clerks(*clerks: tuple[str, Ed25519PrivateKey], claims: AttestationClaims = HALL) -> bytes:
    payload = claims.canonical()
    first, second = (sign_hall_claims(payload, name, key.private_bytes_raw()) for name, key in clerks)
    return join_hall_signatures(payload, (first, second))


def test_a_providers_attestation_is_believed_for_a_quarter_of_an_hour_either_way() -> None:
    assert provider_says(SOUND) == CLAIMS
    assert provider_says(SOUND, NOW + AGE) == CLAIMS
    for moment in (NOW + AGE + timedelta(seconds=1), NOW - AGE - timedelta(seconds=1)):
        with pytest.raises(AttestationUnsoundError, match="not of this time"):
            provider_says(SOUND, moment)


@given(st.data())
def test_an_attestation_with_one_changed_byte_is_never_believed(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(SOUND) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != SOUND[index]))
    forged = SOUND[:index] + bytes([byte]) + SOUND[index + 1 :]
    try:
        believed = provider_says(forged)
    except AttestationUnsoundError:
        return
    assert believed == CLAIMS  # another spelling of the same base64 text changes nothing that is claimed


@given(st.binary(max_size=300))
def test_no_other_bytes_are_an_attestation(content: bytes) -> None:
    for reader in (provider_says, hall_says):
        with pytest.raises(AttestationUnsoundError):
            reader(content)
    with pytest.raises(AttestationUnsoundError):
        read_claims(content)


@pytest.mark.parametrize(
    "claims",
    [
        replace(CLAIMS, issuer="somebody"),
        replace(CLAIMS, method="hall_review"),
        replace(CLAIMS, method="device_face"),
        replace(CLAIMS, name=""),
        replace(CLAIMS, name="长" * 201),
    ],
    ids=["unknown issuer", "hall's method", "no method", "nobody", "too long"],
)
def test_claims_that_the_provider_may_not_make_are_not_believed(claims: AttestationClaims) -> None:
    with pytest.raises(AttestationUnsoundError):
        provider_says(sign_attestation(claims, PROVIDER.private_bytes_raw()))


def test_a_provider_cannot_speak_for_another() -> None:
    content = sign_compact(CLAIMS.canonical(), "provider", OTHER.private_bytes_raw())
    with pytest.raises(AttestationUnsoundError, match="does not hold"):
        provider_says(content)
    two = KEYS | {"second": OTHER.public_key().public_bytes_raw()}
    content = sign_compact(CLAIMS.canonical(), "second", OTHER.private_bytes_raw())
    with pytest.raises(AttestationUnsoundError, match="another than it names"):
        verify_provider_attestation(content, two, now=NOW, greatest_age=AGE)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "provider"},
        {"alg": "EdDSA", "kid": "provider"},
        {"alg": "HS256", "kid": "provider"},
        {"alg": "Ed25519", "kid": "provider", "jwk": {"kty": "OKP"}},
        {"alg": "Ed25519", "kid": "provider", "crit": ["x"], "x": 1},
        {"alg": "Ed25519"},
        {"alg": "Ed25519", "kid": 7},
        [],
    ],
    ids=str,
)
def test_a_header_that_says_more_or_else_is_refused(header: object) -> None:
    protected = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    _, payload, signature = SOUND.split(b".")
    with pytest.raises(AttestationUnsoundError):
        provider_says(b".".join((protected, payload, signature)))


@pytest.mark.parametrize(
    "change",
    [
        {"iat": True},
        {"iat": "1"},
        {"iat": 10**30},
        {"schema": 2},
        {"sandbox": "no"},
        {"extra": 1},
        {"organisation": {}},
    ],
    ids=str,
)
def test_a_payload_of_another_form_is_refused(change: dict[str, object]) -> None:
    payload = json.dumps({**json.loads(CLAIMS.canonical()), **change}).encode()
    with pytest.raises(AttestationUnsoundError):
        provider_says(sign_compact(payload, "provider", PROVIDER.private_bytes_raw()))


def test_two_clerks_together_are_believed() -> None:
    assert hall_says(by_clerks(("one", OTHER), ("two", PROVIDER))) == HALL


@pytest.mark.parametrize(
    "clerks",
    [
        (("one", OTHER), ("one", OTHER)),
        (("one", OTHER), ("two", OTHER)),
        (("one", OTHER), ("three", PROVIDER)),
    ],
    ids=["one clerk twice", "one key under two names", "a stranger"],
)
def test_anything_less_than_two_known_clerks_is_not_believed(
    clerks: tuple[tuple[str, Ed25519PrivateKey], tuple[str, Ed25519PrivateKey]],
) -> None:
    with pytest.raises(AttestationUnsoundError):
        hall_says(by_clerks(*clerks))


def test_two_names_of_one_key_are_one_clerk() -> None:
    same = {"one": CLERKS["one"], "two": CLERKS["one"]}
    content = by_clerks(("one", OTHER), ("two", OTHER))
    with pytest.raises(AttestationUnsoundError, match="two different clerks"):
        verify_hall_attestation(content, same, now=NOW, greatest_age=AGE)


def test_a_third_signature_or_clerks_over_different_claims_are_not_believed() -> None:
    whole = json.loads(by_clerks(("one", OTHER), ("two", PROVIDER)))
    whole["signatures"].append(whole["signatures"][0])
    with pytest.raises(AttestationUnsoundError):
        hall_says(json.dumps(whole).encode())
    mixed = json.loads(by_clerks(("one", OTHER), ("two", PROVIDER)))
    mixed["signatures"][1] = json.loads(
        sign_hall_claims(replace(HALL, phone="13800000000").canonical(), "two", PROVIDER.private_bytes_raw())
    )
    with pytest.raises(AttestationUnsoundError):
        hall_says(json.dumps(mixed).encode())


def test_a_clerk_signs_no_providers_claims() -> None:
    with pytest.raises(AttestationUnsoundError):
        sign_hall_claims(CLAIMS.canonical(), "one", OTHER.private_bytes_raw())


@pytest.mark.parametrize("kind", CustomerKind)
@pytest.mark.parametrize("agreement", AgreementKind)
def test_everybody_has_a_way_without_a_face_and_the_hall(
    kind: CustomerKind, agreement: AgreementKind
) -> None:
    methods = methods_for(kind, agreement)
    assert IdentityMethod.HALL_REVIEW in methods
    assert any(not method.uses_face for method in methods)
    for method in IdentityMethod:
        if method in methods:
            verify_method(method, kind, agreement)
        else:
            with pytest.raises(MethodNotAllowedError) as caught:
                verify_method(method, kind, agreement)
            assert caught.value.allowed == methods


def test_a_sim_card_alone_signs_no_dispatch_agreement_and_a_resident_has_no_bank_check() -> None:
    carrier, bank = IdentityMethod.CARRIER_THREE_ELEMENTS, IdentityMethod.BANK_ACCOUNT
    assert carrier not in methods_for(CustomerKind.ENTERPRISE, AgreementKind.GRID_DISPATCH)
    assert carrier in methods_for(CustomerKind.ENTERPRISE, AgreementKind.HV_SUPPLY)
    assert bank not in methods_for(CustomerKind.RESIDENT, AgreementKind.LV_RES_SUPPLY)


def test_a_device_is_never_the_only_factor() -> None:
    devices = [factor for factor in IdentityFactor if factor.is_device]
    for alone in ([], devices, devices[:1]):
        with pytest.raises(DeviceOnlyError):
            verify_factors(alone)
    verify_factors([*devices, IdentityFactor.CARRIER])


@pytest.mark.parametrize("kind", CustomerKind)
@pytest.mark.parametrize("method", IdentityMethod)
def test_a_method_asks_for_one_paper_at_most_and_online_for_none(
    kind: CustomerKind, method: IdentityMethod
) -> None:
    papers = papers_for(kind, method)
    if kind is CustomerKind.OTHER_ORGANISATION:
        assert papers == (AskedDocument.LICENCE_OR_ORG_CERTIFICATE,)
    else:
        assert len(papers) == (0 if method.by_provider else 1)


def test_the_kind_of_customer_follows_the_code() -> None:
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    party = load_order(content).agreements[0].party("consumer")
    assert customer_kind(party) is CustomerKind.ENTERPRISE
    assert customer_kind(replace(party, id_no="12330000470051768T")) is CustomerKind.OTHER_ORGANISATION
    assert customer_kind(replace(party, id_type=IdType.RESIDENT_ID)) is CustomerKind.RESIDENT


def test_codes_of_methods_are_found_and_others_are_not() -> None:
    assert find_method("bank_account") is IdentityMethod.BANK_ACCOUNT
    assert find_method("standing") is None


def test_no_machines_code_reaches_a_customer() -> None:
    assert "E_4711" not in reason_words("E_4711").zh + reason_words("E_4711").en
    assert reason_words("glare_lower_left").zh == "照片左下角反光，请重拍"


def test_the_consent_is_separate_names_its_purpose_and_can_be_refused() -> None:
    assert "我单独同意使用人脸信息" in FACE_CONSENT_ZH
    assert "不影响签约" in FACE_CONSENT_ZH
    assert "I separately agree to face data" in FACE_CONSENT_EN
