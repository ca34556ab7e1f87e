"""The process behind its socket keeps to the behaviour of every activation, and seals by SM2 besides."""

from __future__ import annotations

import re

import pytest
from activation_behaviour import DOCUMENT, MARK, ActivationBehaviour, Trial, order_for
from activation_people import UTILITY, request_for
from activation_trial import RunningActivation
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from api.activation_client import ActivationAuthority, ActivationStamping
from contracts_chain.activation.errors import CertificateRefusedError, RevocationRefusedError
from kernel.clock import SystemClock
from kernel.digests import sha256
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.issuing_ca import UnknownAuthorityError
from signing.model import Credential, SignatureTrust
from signing.rfc3161_authority import granted_token, timestamp_request
from signing.ses.judging import judge_ses
from signing.ses.making import SealOrder, make_ses


@pytest.fixture
def trial(running: RunningActivation) -> Trial:
    return running.trial()


@pytest.fixture
def authority(running: RunningActivation) -> ActivationAuthority:
    return ActivationAuthority(running.channel)


def domestic_trust(trial: Trial, authority: ActivationAuthority) -> SignatureTrust:
    return SignatureTrust(
        ca_roots=trial.trust.ca_roots,
        tsa_roots=trial.trust.tsa_roots,
        sm2_roots=authority.sm2_roots,
        seal_maker_roots=authority.seal_maker_roots,
    )


def status(authority: ActivationAuthority, seal: Credential) -> ocsp.OCSPCertStatus:
    """What the responder says of the seal's certificate."""
    leaf, issuing = (x509.load_der_x509_certificate(der) for der in seal.chain[:2])
    request = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, hashes.SHA1()).build()
    answer = authority.ocsp_response(request.public_bytes(Encoding.DER))
    return ocsp.load_der_ocsp_response(answer).certificate_status


def certificates_in(pdf: bytes) -> list[bytes]:
    """Certificates of the first signature of a file, DER."""
    found = re.search(rb"/Contents <([0-9A-Fa-f]+)>", pdf)
    assert found is not None
    message = cms.ContentInfo.load(bytes.fromhex(found[1].decode()), strict=False)
    return [one.dump() for one in message["content"]["certificates"]]


def forged_like(certificate: bytes) -> bytes:
    """The same words and serial number under a key of the forger's."""
    model, key = x509.load_der_x509_certificate(certificate), ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=model.issuer,
        subject_name=model.subject,
        public_key=key.public_key(),
        serial_number=model.serial_number,
        not_valid_before=model.not_valid_before_utc,
        not_valid_after=model.not_valid_after_utc,
        extensions=list(model.extensions),
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


class TestTheProcess(ActivationBehaviour):
    def test_a_seal_has_a_domestic_twin_over_the_same_revision(
        self, trial: Trial, authority: ActivationAuthority
    ) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        hand = trial.activation.sign(order_for(request))
        seal = trial.activation.sign(order_for(request, hand.pdf, field_name="ConsumerSeal"))
        assert hand.ses is None
        assert seal.ses is not None
        [_, sealed] = inspect_pdf(seal.pdf, trial.trust).signatures
        revision = seal.pdf[: sealed.covered_length]
        lines = judge_ses(seal.ses, revision, domestic_trust(trial, authority), at=SystemClock().now())
        assert [line.verdict for line in lines] == [Verdict.PROVEN] * 8


class TestTheAuthorities:
    def test_the_utility_seals_by_sm2_with_a_key_of_the_service(
        self, running: RunningActivation, trial: Trial, authority: ActivationAuthority
    ) -> None:
        order = SealOrder.of_drawing(
            MARK, organisation="示例供电公司", organisation_id=UTILITY, seal_name="供用电合同专用章"
        )
        now, stamping = SystemClock().now(), ActivationStamping(running.channel)
        ses = make_ses(authority, order, b"revision", at=now, timestamps=stamping, revocation=authority)
        lines = judge_ses(ses, b"revision", domestic_trust(trial, authority), at=now)
        assert [line.verdict for line in lines] == [Verdict.PROVEN] * 8
        theirs = SealOrder.of_drawing(
            MARK, organisation="客户", organisation_id="91330200MA2AGG5H2T", seal_name="公章"
        )
        with pytest.raises(CertificateRefusedError):
            make_ses(authority, theirs, b"revision", at=now, timestamps=None, revocation=authority)

    def test_the_certificate_of_a_destroyed_seal_is_revoked_and_the_responder_says_so(
        self, authority: ActivationAuthority
    ) -> None:
        seal, other = (
            authority.issue_seal(organisation="示例供电公司", organisation_id=UTILITY, seal_name=name)
            for name in ("供用电合同专用章", "公章")
        )
        assert status(authority, seal) is ocsp.OCSPCertStatus.GOOD
        for _ in range(2):
            authority.revoke(seal.certificate)
        assert status(authority, seal) is ocsp.OCSPCertStatus.REVOKED
        assert status(authority, other) is ocsp.OCSPCertStatus.GOOD
        listed = x509.load_der_x509_crl(authority.crls_for(seal.chain)[0])
        serial = x509.load_der_x509_certificate(seal.certificate).serial_number
        assert listed.get_revoked_certificate_by_serial_number(serial) is not None

    def test_nobody_elses_certificate_is_revoked_for_the_service(
        self, trial: Trial, authority: ActivationAuthority
    ) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        hand = trial.activation.sign(order_for(request))
        theirs = certificates_in(hand.pdf)
        assert len(theirs) > 1
        for certificate in (*theirs, authority.authority_certificate("issuing"), b"\x30\x03nix"):
            with pytest.raises(RevocationRefusedError):
                authority.revoke(certificate)
        seal = authority.issue_seal(organisation="供电", organisation_id=UTILITY, seal_name="公章")
        with pytest.raises(RevocationRefusedError):
            authority.revoke(forged_like(seal.certificate))
        assert status(authority, seal) is ocsp.OCSPCertStatus.GOOD

    def test_lists_and_certificates_are_those_of_the_authorities(
        self, authority: ActivationAuthority
    ) -> None:
        assert authority.authority_certificate("root") == authority.roots[0]
        assert authority.crl("issuing") != authority.crl("root")
        with pytest.raises(UnknownAuthorityError):
            authority.crl("person")

    def test_a_request_from_outside_gets_its_token(self, running: RunningActivation) -> None:
        digest = sha256(b"anything")
        answer = ActivationStamping(running.channel).respond(timestamp_request(digest, 7))
        assert granted_token(answer, digest, 7)
