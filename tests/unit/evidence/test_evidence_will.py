"""The evidence of a release proves exactly what was agreed to, at exactly the level shown."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from activation_people import document_to_sign, new_signer, request_for
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from soft_passkey import SoftPasskey

from contracts_chain.activation.person import Person
from contracts_chain.activation.releases import new_release, public_key_of
from contracts_chain.evidence.webauthn_assertion import AssertionRefutedError, PasskeyAssertion
from contracts_chain.evidence.will import RELEASE_DOMAIN, WillRefutedError, WillRequest, verify_release
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.digests import sha256
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32
from signing.model import SoleControl

NOW = datetime(2026, 11, 20, 7, 45, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = Bytes32(public_key_of(KEY))
ZHANG = new_signer("张三")
PERSON = Person(
    signer=ZHANG,
    phone="13800001234",
    attested_utc=NOW,
    method="carrier_three_elements",
    attestation_sha256=sha256(b"attestation"),
)
REQUEST = request_for(ZHANG, b"%PDF agreed")


def bytes_of(text: object) -> bytes:
    return base64.urlsafe_b64decode(f"{text}==")


def asserted(passkey: SoftPasskey, challenge: Bytes32) -> PasskeyAssertion:
    response = passkey.get({"challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()})[
        "response"
    ]
    assert isinstance(response, dict)
    return PasskeyAssertion(
        rp_id="sign.example",
        credential_id=passkey.credential_id,
        public_key=passkey.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        authenticator_data=bytes_of(response["authenticatorData"]),
        client_data=bytes_of(response["clientDataJSON"]),
        signature=bytes_of(response["signature"]),
    )


def evidence(
    level: SoleControl = SoleControl.ONE_TIME_CODE,
    assertion: PasskeyAssertion | None = None,
    request: WillRequest = REQUEST,
) -> dict[str, object]:
    return dict(new_release(request, PERSON, level, assertion, now=NOW, key=KEY).evidence)


def signed_again(told: dict[str, object], key: Ed25519PrivateKey = KEY) -> JsonObject:
    """What a dishonest activation process could sign."""
    rest = {name: value for name, value in told.items() if name != "signature"}
    signature = key.sign(RELEASE_DOMAIN + canonical_bytes(rest))  # type: ignore[arg-type]
    return {**rest, "signature": signature.hex()}  # type: ignore[dict-item]


def test_a_code_proves_documents_level_and_identity() -> None:
    will = verify_release(evidence(), PUBLIC)  # type: ignore[arg-type]
    assert will.level is SoleControl.ONE_TIME_CODE
    assert (will.signer, will.released_utc, will.root) == ("张三", NOW, REQUEST.root)
    assert will.document(REQUEST.documents[0].number) == REQUEST.documents[0]
    assert (will.identity_method, will.attestation_sha256) == (PERSON.method, PERSON.attestation_sha256)
    with pytest.raises(WillRefutedError):
        will.document("another")


def test_the_statement_holds_no_document_number_and_the_challenge_is_its_digest() -> None:
    assert ZHANG.id_no.encode() not in REQUEST.statement()
    assert REQUEST.challenge == sha256(REQUEST.statement())
    assert replace(REQUEST, ceremony="other").challenge != REQUEST.challenge


def test_a_passkey_proves_the_higher_level() -> None:
    told = evidence(SoleControl.PASSKEY, asserted(SoftPasskey(), REQUEST.challenge))
    assert verify_release(told, PUBLIC).level is SoleControl.PASSKEY  # type: ignore[arg-type]


def test_a_level_is_what_was_shown() -> None:
    assertion = asserted(SoftPasskey(), REQUEST.challenge)
    for level, shown in (
        (SoleControl.PASSKEY, None),
        (SoleControl.TOTP, assertion),
        (SoleControl.OWN_KEY, None),
    ):
        with pytest.raises(WillRefutedError):
            verify_release(evidence(level, shown), PUBLIC)  # type: ignore[arg-type]


def test_another_process_proves_nothing() -> None:
    stranger = Ed25519PrivateKey.generate()
    with pytest.raises(WillRefutedError):
        verify_release(signed_again(evidence(), stranger), PUBLIC)
    renamed = evidence() | {"activation_key": public_key_of(stranger).hex()}
    with pytest.raises(WillRefutedError):
        verify_release(signed_again(renamed), PUBLIC)


@given(st.sampled_from(sorted(evidence())), st.booleans())
def test_any_changed_or_missing_member_is_refuted(name: str, missing: bool) -> None:
    told = evidence(SoleControl.PASSKEY, asserted(SoftPasskey(), REQUEST.challenge))
    if missing:
        del told[name]
    else:
        told[name] = {"schema": 2, "assertion": None}.get(name, f"{told[name]}0")
    with pytest.raises(RefutedError):
        verify_release(told, PUBLIC)  # type: ignore[arg-type]


def test_a_root_that_does_not_follow_from_the_documents_is_refuted_even_if_signed() -> None:
    documents = tuple(document_to_sign(bytes([n]), number=f"N-{n}", fields=("P",)) for n in range(3))
    request = replace(REQUEST, documents=documents)
    statement = json.loads(request.statement())
    for changed in (
        statement | {"root": sha256(b"else").hex()},
        statement | {"documents": statement["documents"][:2]},
        statement | {"documents": []},
        statement | {"note": "more"},
    ):
        told = evidence(request=request) | {"statement": canonical_bytes(changed).decode()}
        with pytest.raises(WillRefutedError):
            verify_release(signed_again(told), PUBLIC)
    spaced = evidence(request=request) | {"statement": json.dumps(statement)}
    with pytest.raises(WillRefutedError):
        verify_release(signed_again(spaced), PUBLIC)


def test_an_assertion_by_another_hand_or_over_something_else_is_refuted() -> None:
    passkey = SoftPasskey()
    good = asserted(passkey, REQUEST.challenge)
    strangers = (
        asserted(passkey, sha256(b"another statement")),
        asserted(replace(passkey, verified=False), REQUEST.challenge),
        asserted(replace(passkey, origin="https://evil.example"), REQUEST.challenge),
        asserted(replace(passkey, origin="https://evilsign.example"), REQUEST.challenge),
        asserted(replace(passkey, rp_id="evil.example"), REQUEST.challenge),
        replace(good, public_key=asserted(SoftPasskey(), REQUEST.challenge).public_key),
        replace(good, public_key=b"no key"),
        replace(good, rp_id="example"),
        replace(good, signature=good.signature[:-1]),
        replace(good, authenticator_data=good.authenticator_data[:36]),
        replace(good, client_data=good.client_data.replace(b"webauthn.get", b"webauthn.create")),
        replace(good, client_data=good.client_data.replace(b"false", b"true")),
        replace(good, client_data=b"[" * 200),
    )
    good.verify(REQUEST.challenge)
    for stranger in strangers:
        with pytest.raises(AssertionRefutedError):
            verify_release(evidence(SoleControl.PASSKEY, stranger), PUBLIC)  # type: ignore[arg-type]
