"""The test CA, its keys on disk, and the time-stamping authority."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.digests import sha256
from signing.certificate_profile import NameTooLongError
from signing.issuing_ca import DamagedTestCaError, TestCa
from signing.key_encryption import KeyEncryptionKey, is_envelope
from signing.rfc3161_authority import (
    POLICY,
    TimestampResponse,
    TimestampUnavailableError,
    granted_token,
    timestamp_request,
)
from signing.software_key import KeyDestroyedError, SoftwareKey, UnreadableKeyError
from tests.unit.signing.signed_samples import COMPANY, KEK, USCC, Office


def _certificate(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def test_a_second_opening_finds_the_same_authority(tmp_path: Path) -> None:
    first = Office.founded(tmp_path / "ca")
    second = TestCa.open(tmp_path / "ca", KEK, first.clock)
    assert (second.roots, second.tsa_roots) == (first.ca.roots, first.ca.tsa_roots)


def test_another_key_encryption_key_opens_nothing(tmp_path: Path) -> None:
    office = Office.founded(tmp_path / "ca")
    with pytest.raises(UnreadableKeyError):
        TestCa.open(tmp_path / "ca", KeyEncryptionKey.of(b"another" + bytes(25)), office.clock)


def test_private_keys_are_encrypted_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    Office.founded(tmp_path / "ca")
    keys = list((tmp_path / "ca").glob("*.key"))
    assert len(keys) == 5
    for key in keys:
        assert key.stat().st_mode & 0o777 == 0o600
        assert is_envelope(key.read_bytes())
        with pytest.raises(ValueError, match="deserialize"):
            load_der_private_key(key.read_bytes(), password=None)


def test_a_directory_with_something_else_in_it_is_left_alone(tmp_path: Path, office: Office) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(DamagedTestCaError):
        TestCa.open(tmp_path, KEK, office.clock)
    assert (tmp_path / "note.txt").read_text() == "mine"


def test_an_incomplete_directory_is_damaged(tmp_path: Path) -> None:
    office = Office.founded(tmp_path / "ca")
    (tmp_path / "ca" / "tsa.pem").unlink()
    with pytest.raises(DamagedTestCaError):
        TestCa.open(tmp_path / "ca", KEK, office.clock)


def test_every_subject_says_test(office: Office) -> None:
    for der in (*office.person().chain, *office.seal().chain, *office.ca.tsa_credential.chain):
        assert "TEST" in asn1.Certificate.load(der).subject.human_friendly


def test_a_person_gets_a_key_of_his_own_for_each_event(office: Office) -> None:
    first, second = office.person(), office.person()
    assert _certificate(first.certificate).public_key() != _certificate(second.certificate).public_key()


def test_a_persons_certificate_lives_for_minutes_around_now(office: Office) -> None:
    certificate = _certificate(office.person().certificate)
    now = office.clock.now()
    assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc
    assert certificate.not_valid_after_utc - now <= timedelta(minutes=10)


def test_company_and_code_stand_in_the_certificate_as_utf8(office: Office) -> None:
    subject = asn1.Certificate.load(office.seal().certificate).subject
    values = {part["type"].native: part["value"] for rdn in subject.chosen for part in rdn}
    assert values["organization_name"].native == COMPANY
    assert values["organization_name"].chosen.tag == 12
    assert values["organization_identifier"].native == f"USCCCN-{USCC}"
    assert values["common_name"].native == f"{COMPANY} 供用电合同专用章 TEST"


def test_a_name_of_sixty_four_chinese_characters_fits_and_one_more_does_not(office: Office) -> None:
    assert office.person("电" * 64).certificate
    with pytest.raises(NameTooLongError):
        office.person("电" * 65)


def test_the_lists_cover_the_chain_but_the_root(office: Office) -> None:
    chain = office.person().chain
    lists = [x509.load_der_x509_crl(der) for der in office.ca.crls_for(chain)]
    assert {one.issuer for one in lists} == {_certificate(der).issuer for der in chain}


def test_a_revocation_survives_a_restart(office: Office, tmp_path: Path) -> None:
    own = Office.founded(tmp_path / "ca")
    person = own.person()
    own.ca.revoke(person.certificate)
    again = TestCa.open(tmp_path / "ca", KEK, own.clock)
    serial = _certificate(person.certificate).serial_number
    lists = [x509.load_der_x509_crl(der) for der in again.crls_for(person.chain)]
    assert any(one.get_revoked_certificate_by_serial_number(serial) for one in lists)


def test_a_destroyed_key_signs_no_more(tmp_path: Path) -> None:
    key = SoftwareKey.generate()
    public = key.public_key_der
    key.destroy()
    with pytest.raises(KeyDestroyedError):
        key.sign(b"message")
    with pytest.raises(KeyDestroyedError):
        key.save(tmp_path / "one.key", KEK)
    assert key.public_key_der == public


def test_a_saved_key_is_the_same_key(tmp_path: Path) -> None:
    key = SoftwareKey.generate()
    key.save(tmp_path / "one.key", KEK)
    assert SoftwareKey.load(tmp_path / "one.key", KEK).public_key_der == key.public_key_der


def _statement(token: bytes) -> tsp.TSTInfo:
    return cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed


@settings(max_examples=20, deadline=None)
@given(message=st.binary(max_size=200))
def test_a_token_is_over_the_message_at_the_clocks_second(office: Office, message: bytes) -> None:
    statement = _statement(office.tsa.token(message))
    assert statement["message_imprint"]["hashed_message"].native == sha256(message)
    assert statement["gen_time"].native == office.clock.now().replace(microsecond=0)
    assert statement["policy"].native == POLICY


def test_two_tokens_have_different_serial_numbers(office: Office) -> None:
    first, second = (_statement(office.tsa.token(b"m"))["serial_number"].native for _ in range(2))
    assert first != second


def test_a_nonce_comes_back(office: Office) -> None:
    digest = sha256(b"m")
    response = office.tsa.respond(timestamp_request(digest, nonce=77))
    assert _statement(granted_token(response, digest, 77))["nonce"].native == 77
    with pytest.raises(TimestampUnavailableError):
        granted_token(response, digest, 78)


def test_a_token_over_something_else_is_not_taken(office: Office) -> None:
    response = office.tsa.respond(timestamp_request(sha256(b"m")))
    with pytest.raises(TimestampUnavailableError):
        granted_token(response, sha256(b"n"))


@settings(max_examples=30, deadline=None)
@given(garbage=st.binary(max_size=60))
def test_garbage_is_answered_with_a_rejection(office: Office, garbage: bytes) -> None:
    response = TimestampResponse.load(office.tsa.respond(garbage))
    assert response["status"]["status"].native == "rejection"


def test_an_unknown_digest_or_policy_is_rejected(office: Office) -> None:
    for change, failure in (
        (lambda request: request["message_imprint"].__setitem__("hashed_message", b"short"), "bad_alg"),
        (lambda request: request.__setitem__("req_policy", "1.2.3"), "unaccepted_policy"),
    ):
        request = tsp.TimeStampReq.load(timestamp_request(sha256(b"m")))
        change(request)
        response = office.tsa.respond(request.dump(force=True))
        assert TimestampResponse.load(response)["status"]["fail_info"].native == {failure}
        with pytest.raises(TimestampUnavailableError):
            granted_token(response, sha256(b"m"))
