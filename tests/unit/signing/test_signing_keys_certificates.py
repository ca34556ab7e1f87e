"""What certificates say about control, where they point, and what the authority answers about them."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.digests import sha256
from signing.ca_directory import RegisterUnwritableError
from signing.certificates import identity_of
from signing.control_policies import LEVEL_ARC, level_policy
from signing.findings_json import findings_as_json, findings_from_json
from signing.issuing_ca import OUTAGE_LIFETIME, TestCa, UnknownAuthorityError
from signing.model import SoleControl
from signing.signature_mechanism import UnsuitableKeyError
from signing.software_key import SoftwareKey
from tests.unit.signing.signed_samples import COMPANY, KEK, PARTIES, USCC, Office

BASE = "http://pki.example"


def _loaded(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


@pytest.fixture
def published(tmp_path: Path) -> Office:
    office = Office.founded(tmp_path / "unpublished")
    office.ca = TestCa.open(tmp_path / "published", KEK, office.clock, base_url=BASE)
    return office


def _person(office: Office, level: SoleControl | None, lifetime: timedelta | None = None) -> bytes:
    more = {} if lifetime is None else {"lifetime": lifetime}
    return office.ca.issue_person(
        name="张三", organisation=None, organisation_id=None, sole_control=level, **more
    ).certificate


@pytest.mark.parametrize("level", list(SoleControl))
def test_the_level_of_control_comes_back_from_the_certificate(office: Office, level: SoleControl) -> None:
    assert identity_of(asn1.Certificate.load(_person(office, level))).sole_control is level


def test_a_certificate_that_names_no_level_has_none(office: Office) -> None:
    assert identity_of(asn1.Certificate.load(_person(office, None))).sole_control is None


@pytest.mark.parametrize("level", list(SoleControl))
def test_lower_levels_and_only_they_say_so_in_both_languages(level: SoleControl) -> None:
    (notice,) = level_policy(level).policy_qualifiers or []
    assert isinstance(notice, x509.UserNotice)
    text = notice.explicit_text or ""
    assert ("较低等级" in text, "LOWER LEVEL" in text) == (level.is_lower, level.is_lower)
    assert 0 < len(text) <= 200


def test_the_notice_stands_in_the_certificate_as_utf8(office: Office) -> None:
    policies = (
        _loaded(_person(office, SoleControl.ONE_TIME_CODE))
        .extensions.get_extension_for_class(x509.CertificatePolicies)
        .value
    )
    assert level_policy(SoleControl.ONE_TIME_CODE) in list(policies)
    assert f"{LEVEL_ARC}.3" in {one.policy_identifier.dotted_string for one in policies}


def test_a_certificate_of_two_levels_has_none(office: Office) -> None:
    certificate = asn1.Certificate.load(_person(office, SoleControl.PASSKEY))
    policies = certificate.certificate_policies_value
    policies.append(asn1.PolicyInformation({"policy_identifier": f"{LEVEL_ARC}.3"}))
    again = asn1.Certificate.load(certificate.dump(force=True))
    again._certificate_policies_value = policies  # as if the extension had been issued so
    assert identity_of(again).sole_control is None


def test_the_level_survives_the_way_through_json(office: Office, prepared: bytes) -> None:
    credential = office.ca.issue_person(
        name="张三", organisation=COMPANY, organisation_id=USCC, sole_control=SoleControl.TOTP
    )
    findings = office.inspect(office.sign(prepared, PARTIES[0], certify=True, credential=credential))
    signer = findings_from_json(findings_as_json(findings)).signatures[0].signer
    assert signer is not None
    assert signer.sole_control is SoleControl.TOTP


def test_an_outage_certificate_outlives_days(office: Office) -> None:
    certificate = _loaded(_person(office, SoleControl.PASSKEY, OUTAGE_LIFETIME))
    assert certificate.not_valid_after_utc - office.clock.now() > timedelta(days=6)


def test_a_key_elsewhere_is_certified_without_being_seen(office: Office) -> None:
    key = SoftwareKey.generate()
    chain = office.ca.certify_seal(
        key.public_key_der, organisation=COMPANY, organisation_id=USCC, seal_name="公章"
    )
    leaf = _loaded(chain[0])
    public = leaf.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert public == key.public_key_der
    assert identity_of(asn1.Certificate.load(chain[0])).sole_control is SoleControl.CUSTODIAN
    leaf.verify_directly_issued_by(_loaded(chain[1]))
    assert chain[-1:] == office.ca.roots
    assert "TEST" in identity_of(asn1.Certificate.load(chain[0])).common_name


def _spki(key: object) -> bytes:
    public = key.public_key()  # type: ignore[attr-defined]
    made: bytes = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made


@pytest.mark.parametrize(
    "public_key_der",
    [
        _spki(rsa.generate_private_key(65537, 1024)),
        _spki(ec.generate_private_key(ec.SECP384R1())),
        _spki(ed25519.Ed25519PrivateKey.generate()),
        b"no key",
    ],
    ids=["rsa-1024", "p-384", "ed25519", "garbage"],
)
def test_a_key_that_does_not_sign_here_is_not_certified(office: Office, public_key_der: bytes) -> None:
    with pytest.raises(UnsuitableKeyError):
        office.ca.certify_person(public_key_der, name="张三", organisation=None, organisation_id=None)


def test_without_an_address_certificates_name_none(office: Office) -> None:
    for der in office.person().chain:
        kinds = {type(one.value) for one in _loaded(der).extensions}
        assert not kinds & {x509.AuthorityInformationAccess, x509.CRLDistributionPoints}


def test_leaf_and_issuing_ca_name_responder_issuer_and_list(published: Office) -> None:
    leaf, issuing, root = (_loaded(der) for der in published.person().chain)
    tsa = _loaded(published.ca.tsa_credential.certificate)
    for certificate, issuer in ((leaf, "issuing"), (issuing, "root"), (tsa, "tsa-root")):
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        found = {one.access_method: one.access_location.value for one in access}
        assert found == {
            AuthorityInformationAccessOID.OCSP: f"{BASE}/ocsp",
            AuthorityInformationAccessOID.CA_ISSUERS: f"{BASE}/ca/{issuer}.cer",
        }
        (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        assert [one.value for one in point.full_name or []] == [f"{BASE}/crl/{issuer}.crl"]
    assert not any(isinstance(one.value, x509.AuthorityInformationAccess) for one in root.extensions)


@pytest.mark.parametrize("name", ["root", "issuing", "tsa-root"])
def test_each_authority_gives_its_certificate_and_a_list_it_signed(office: Office, name: str) -> None:
    authority = _loaded(office.ca.authority_certificate(name))
    assert x509.load_der_x509_crl(office.ca.crl(name)).is_signature_valid(authority.public_key())


@pytest.mark.parametrize("name", ["tsa", "ocsp", "nobody", "../root", ""])
def test_who_is_no_authority_has_neither_certificate_nor_list(office: Office, name: str) -> None:
    for ask in (office.ca.authority_certificate, office.ca.crl):
        with pytest.raises(UnknownAuthorityError):
            ask(name)


def _request(certificate: bytes, issuer: bytes, nonce: bytes | None = None) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        _loaded(certificate), _loaded(issuer), hashes.SHA256()
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(serialization.Encoding.DER)


def _answer(office: Office, request: bytes) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(office.ca.ocsp_response(request))


def test_a_certificate_of_ours_is_good_until_it_is_revoked(tmp_path: Path) -> None:
    office = Office.founded(tmp_path / "ca")
    person = office.person()
    request = _request(person.certificate, person.chain[1], b"n" * 16)
    before = _answer(office, request)
    assert before.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert before.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 16
    office.ca.revoke(person.certificate)
    after = _answer(office, request)
    assert after.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert after.revocation_time_utc == office.clock.now().replace(microsecond=0).astimezone(UTC)


def test_the_answer_is_signed_by_a_delegate_that_needs_no_check_itself(office: Office) -> None:
    person = office.person()
    answer = _answer(office, _request(person.certificate, person.chain[1]))
    (delegate,) = answer.certificates
    delegate.verify_directly_issued_by(_loaded(person.chain[1]))
    usage = delegate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert delegate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    key = delegate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))


def test_a_serial_number_we_never_issued_is_unknown(office: Office, forger: Office) -> None:
    stranger = forger.person().certificate
    answer = _answer(office, _request(stranger, office.person().chain[1]))
    assert answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_a_certificate_of_another_authority_is_not_answered_for(office: Office, forger: Office) -> None:
    stranger = forger.person()
    answer = _answer(office, _request(stranger.certificate, stranger.chain[1]))
    assert answer.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def test_issuing_ca_and_tsa_are_good_by_their_roots(office: Office) -> None:
    _, issuing, root = office.person().chain
    tsa, tsa_root = office.ca.tsa_credential.chain
    for certificate, issuer in ((issuing, root), (tsa, tsa_root)):
        answer = _answer(office, _request(certificate, issuer))
        assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD


def test_what_another_process_issued_is_good_here_too(tmp_path: Path) -> None:
    office = Office.founded(tmp_path / "ca")
    assert _answer(office, _request(office.person().certificate, office.person().chain[1]))
    other = TestCa.open(tmp_path / "ca", KEK, office.clock)
    person = other.issue_person(name="李四", organisation=None, organisation_id=None)
    answer = _answer(office, _request(person.certificate, person.chain[1]))
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD


@pytest.mark.parametrize("serial", [0, -5])
def test_a_serial_number_that_no_certificate_has_is_a_malformed_request(office: Office, serial: int) -> None:
    person = office.person()
    request = asn1_ocsp.OCSPRequest.load(_request(person.certificate, person.chain[1]))
    request["tbs_request"]["request_list"][0]["req_cert"]["serial_number"] = serial
    answer = _answer(office, request.dump(force=True))
    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_garbage_is_a_malformed_request(office: Office, garbage: bytes) -> None:
    answer = _answer(office, garbage)
    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.fixture(scope="module")
def sound_request(office: Office) -> bytes:
    person = office.person()
    return _request(person.certificate, person.chain[1], b"n" * 16)


@settings(max_examples=400, deadline=None)
@given(place=st.integers(0, 400), change=st.integers(1, 255))
def test_a_request_with_one_changed_byte_never_breaks_the_responder(
    office: Office, sound_request: bytes, place: int, change: int
) -> None:
    request = bytearray(sound_request)
    request[place % len(request)] ^= change
    assert _answer(office, bytes(request)).response_status in set(ocsp.OCSPResponseStatus)


def test_a_certificate_that_cannot_be_registered_is_not_handed_out(tmp_path: Path) -> None:
    office = Office.founded(tmp_path / "ca")
    (tmp_path / "ca" / "issued.txt").mkdir()
    with pytest.raises(RegisterUnwritableError):
        office.person()


def test_every_issued_certificate_stands_in_the_register_with_its_digest(tmp_path: Path) -> None:
    office = Office.founded(tmp_path / "ca")
    made = [office.person().certificate for _ in range(3)]
    lines = (tmp_path / "ca" / "issued.txt").read_text().splitlines()
    serials = [format(_loaded(der).serial_number, "x") for der in made]
    assert [line.split(" ")[0] for line in lines] == serials
    assert [line.split(" ")[2] for line in lines] == [sha256(der).hex() for der in made]


def test_a_line_that_a_full_disk_cut_takes_no_other_with_it(tmp_path: Path) -> None:
    office = Office.founded(tmp_path / "ca")
    first = office.person()
    with (tmp_path / "ca" / "issued.txt").open("ab") as register:
        register.write(b"3f9a cut")
    second = office.person()
    for person in (first, second):
        answer = _answer(office, _request(person.certificate, person.chain[1]))
        assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
