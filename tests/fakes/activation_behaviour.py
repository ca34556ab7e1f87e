"""What every ``Activation`` does, whether it sits in this process or behind its socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyotp
import pytest
from activation_people import Vouchers, document_to_sign, new_phone, new_signer, request_for
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from soft_passkey import SoftPasskey

from contracts_chain.activation.errors import (
    AssertionRefusedError,
    AttestationRefusedError,
    CodeExpiredError,
    CodesLockedError,
    CodesUsedUpError,
    DocumentChangedError,
    NotEnrolledError,
    NotReleasedError,
    TotpRefusedError,
    WrongCodeError,
)
from contracts_chain.activation.own_keys import own_key_request
from contracts_chain.activation.port import (
    Activation,
    CodeFactor,
    OwnKeyProof,
    PasskeyFactor,
    SignatureOrder,
    TotpFactor,
)
from contracts_chain.evidence.will import SignerRef, WillRequest, verify_release
from kernel.ids import new_id
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.certificates import identity_of
from signing.inspection import inspect_pdf
from signing.model import SignatureTrust, SoleControl
from signing.signature_mechanism import WrongSignatureError
from tests.unit.signing.signed_samples import draft, one_page, with_fields

__all__ = ["ActivationBehaviour", "Trial", "order_for", "wrong"]

DOCUMENT = with_fields(draft())
MARK = one_page(119, 57, b"0.8 0 0 RG 4 w 6 6 107 45 re S")


@dataclass
class Trial:
    """An activation, who vouches for people, and a phone that can be read."""

    activation: Activation
    vouchers: Vouchers
    newest_code: Callable[[str], str]
    now: Callable[[], datetime]
    public_key: Bytes32
    trust: SignatureTrust
    zhang: SignerRef = field(default_factory=lambda: new_signer("张三"))
    li: SignerRef = field(default_factory=lambda: new_signer("李四"))
    phone: str = field(default_factory=new_phone)

    @property
    def masked(self) -> str:
        return f"{self.phone[:3]}****{self.phone[-4:]}"

    def enrol(self, signer: SignerRef | None = None) -> None:
        self.activation.enrol(self.vouchers.attest(signer or self.zhang, self.now(), phone=self.phone))

    def released(self, request: WillRequest) -> None:
        self.activation.send_code(request)
        self.activation.release(request, CodeFactor(code=self.newest_code(self.phone)))

    def passkey(self) -> SoftPasskey:
        """A passkey of Zhang's, registered with a code to the phone."""
        self.activation.send_enrolment_code(self.zhang)
        options = self.activation.new_passkey_options(self.zhang, self.newest_code(self.phone))
        passkey = SoftPasskey()
        self.activation.add_passkey(self.zhang, passkey.create(options))
        return passkey


def wrong(code: str) -> str:
    """Six digits that are not these."""
    return f"{(int(code) + 1) % 10**6:06d}"


def own_key() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """A key of a holder's own and its SubjectPublicKeyInfo."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key, key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def own_key_proof(key: ec.EllipticCurvePrivateKey, public: bytes, name: str, code: str) -> OwnKeyProof:
    request = own_key_request(name, public, code)
    return OwnKeyProof(code=code, signature=key.sign(request, ec.ECDSA(hashes.SHA256())))


def order_for(
    request: WillRequest, base: bytes = DOCUMENT, *, field_name: str = "ConsumerPerson"
) -> SignatureOrder:
    return SignatureOrder(
        ceremony=request.ceremony,
        number=request.documents[0].number,
        field=field_name,
        base=base,
        appearance=MARK,
        seams=(),
        reason="签订合同",
        location="线上签署",
        certify=base == DOCUMENT,
    )


class ActivationBehaviour:
    """Mixed into a test class that has a fixture ``trial``."""

    def test_a_stranger_has_no_standing(self, trial: Trial) -> None:
        assert trial.activation.standing(trial.zhang).attested_utc is None

    def test_an_attested_person_stands_with_a_masked_phone(self, trial: Trial) -> None:
        trial.enrol()
        standing = trial.activation.standing(trial.zhang)
        assert standing.attested_utc is not None
        assert (standing.phone, standing.method) == (trial.masked, "carrier_three_elements")
        assert trial.activation.standing(replace(trial.zhang, name="张四")).attested_utc is None

    def test_the_very_same_attestation_twice_changes_nothing(self, trial: Trial) -> None:
        attestation = trial.vouchers.attest(trial.zhang, trial.now())
        assert trial.activation.enrol(attestation) == trial.activation.enrol(attestation)

    def test_two_clerks_of_a_hall_enrol_and_one_twice_does_not(self, trial: Trial) -> None:
        with pytest.raises(AttestationRefusedError):
            trial.activation.enrol(trial.vouchers.attest_at_hall(trial.zhang, trial.now(), clerks=(0, 0)))
        trial.activation.enrol(trial.vouchers.attest_at_hall(trial.zhang, trial.now()))
        assert trial.activation.standing(trial.zhang).method == "hall_review"

    def test_a_code_releases_once_and_the_release_verifies(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        issued = trial.activation.send_code(request)
        assert (issued.attempts_left, issued.phone) == (5, trial.masked)
        code = CodeFactor(code=trial.newest_code(trial.phone))
        release = trial.activation.release(request, code)
        will = verify_release(release.evidence, trial.public_key)
        assert (will.level, will.signer, will.root) == (SoleControl.ONE_TIME_CODE, "张三", request.root)
        assert trial.activation.released(request.ceremony) == release
        assert trial.activation.release(request, code) == release

    def test_a_wrong_code_counts_down_and_the_fifth_voids_it(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.activation.send_code(request)
        right = trial.newest_code(trial.phone)
        for left in (4, 3, 2, 1, 0):
            with pytest.raises(WrongCodeError) as problem:
                trial.activation.release(request, CodeFactor(code=wrong(right)))
            assert problem.value.attempts_left == left
        with pytest.raises(CodeExpiredError):
            trial.activation.release(request, CodeFactor(code=right))
        assert trial.activation.released(request.ceremony) is None

    def test_a_code_fits_no_other_document_and_no_other_person(self, trial: Trial) -> None:
        trial.enrol()
        trial.enrol(trial.li)
        request = request_for(trial.zhang, DOCUMENT)
        trial.activation.send_code(request)
        code = CodeFactor(code=trial.newest_code(trial.phone))
        others = (
            request_for(trial.zhang, DOCUMENT + b"\n", ceremony=request.ceremony),
            request_for(trial.li, DOCUMENT, ceremony=request.ceremony),
            request_for(trial.zhang, DOCUMENT, fields=("ConsumerPerson",), ceremony=request.ceremony),
            request_for(trial.zhang, DOCUMENT),
        )
        for other in others:
            with pytest.raises(CodeExpiredError):
                trial.activation.release(other, code)
        assert trial.activation.release(request, code).level is SoleControl.ONE_TIME_CODE

    def test_one_ceremony_has_one_will(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        other = request_for(trial.zhang, DOCUMENT + b"\n", ceremony=request.ceremony)
        trial.activation.send_code(other)
        with pytest.raises(CodeExpiredError):
            trial.activation.release(other, CodeFactor(code=trial.newest_code(trial.phone)))

    def test_a_ceremony_gets_ten_codes_and_no_more(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        for _ in range(10):
            trial.activation.send_code(request)
        with pytest.raises(CodesUsedUpError) as problem:
            trial.activation.send_code(request)
        assert problem.value.retry_after is None

    def test_a_person_gets_twelve_codes_an_hour_over_all_ceremonies(self, trial: Trial) -> None:
        trial.enrol()
        for _ in range(12):
            trial.activation.send_code(request_for(trial.zhang, DOCUMENT))
        with pytest.raises(CodesUsedUpError) as problem:
            trial.activation.send_code(request_for(trial.zhang, DOCUMENT))
        assert problem.value.retry_after is not None

    def test_thirty_wrong_tries_lock_until_the_identity_is_verified_anew(self, trial: Trial) -> None:
        trial.enrol()
        for _ in range(6):
            request = request_for(trial.zhang, DOCUMENT)
            trial.activation.send_code(request)
            code = CodeFactor(code=wrong(trial.newest_code(trial.phone)))
            for _ in range(5):
                with pytest.raises(WrongCodeError):
                    trial.activation.release(request, code)
        with pytest.raises(CodesLockedError):
            trial.activation.send_code(request_for(trial.zhang, DOCUMENT))
        trial.enrol()
        trial.released(request_for(trial.zhang, DOCUMENT))

    def test_what_the_service_has_stored_is_told_again_as_long_as_it_is_kept(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        made = trial.activation.sign(order_for(request))
        for _ in range(2):
            trial.activation.settled(request.ceremony, request.documents[0].number)
            trial.activation.settled("nobody", "nothing")
        assert trial.activation.sign(order_for(request)) == made
        seal = order_for(request, made.pdf, field_name="ConsumerSeal")
        assert trial.activation.sign(seal).pdf.startswith(made.pdf)

    def test_a_passkey_releases_at_the_higher_level(self, trial: Trial) -> None:
        trial.enrol()
        passkey = trial.passkey()
        assert trial.activation.standing(trial.zhang).passkeys == 1
        request = request_for(trial.zhang, DOCUMENT)
        assertion = passkey.get(trial.activation.passkey_options(request))
        release = trial.activation.release(request, PasskeyFactor(assertion=assertion))
        assert verify_release(release.evidence, trial.public_key).level is SoleControl.PASSKEY

    def test_an_assertion_over_another_document_is_refused(self, trial: Trial) -> None:
        trial.enrol()
        passkey = trial.passkey()
        shown = request_for(trial.zhang, DOCUMENT)
        assertion = PasskeyFactor(assertion=passkey.get(trial.activation.passkey_options(shown)))
        with pytest.raises(AssertionRefusedError):
            trial.activation.release(
                request_for(trial.zhang, DOCUMENT + b"\n", ceremony=shown.ceremony), assertion
            )
        with pytest.raises(AssertionRefusedError):
            trial.activation.release(request_for(trial.zhang, DOCUMENT), assertion)

    def test_a_passkey_of_another_person_page_or_unverified_hand_is_refused(self, trial: Trial) -> None:
        trial.enrol()
        trial.enrol(trial.li)
        passkey, request = trial.passkey(), request_for(trial.zhang, DOCUMENT)
        options = trial.activation.passkey_options(request)
        strangers = (
            SoftPasskey(),
            replace(passkey, origin="https://evil.example"),
            replace(passkey, rp_id="evil.example"),
            replace(passkey, verified=False),
            replace(passkey, key=SoftPasskey().key),
        )
        for stranger in strangers:
            with pytest.raises(AssertionRefusedError):
                trial.activation.release(request, PasskeyFactor(assertion=stranger.get(options)))
        for_li = replace(request, signer=trial.li)
        with pytest.raises(NotEnrolledError):
            trial.activation.release(for_li, PasskeyFactor(assertion=passkey.get(options)))

    def test_a_passkey_needs_its_own_enrolment_code(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.activation.send_code(request)
        signing_code = trial.newest_code(trial.phone)
        with pytest.raises(CodeExpiredError):
            trial.activation.new_passkey_options(trial.zhang, signing_code)
        trial.activation.send_enrolment_code(trial.zhang)
        with pytest.raises(WrongCodeError):
            trial.activation.new_passkey_options(trial.zhang, wrong(trial.newest_code(trial.phone)))
        with pytest.raises(AssertionRefusedError):
            trial.activation.add_passkey(trial.zhang, SoftPasskey().create({"challenge": "AAAA"}))

    def test_the_very_same_passkey_twice_is_one_and_a_look_alike_is_none(self, trial: Trial) -> None:
        """A caller that got no answer asks again."""
        trial.enrol()
        trial.activation.send_enrolment_code(trial.zhang)
        options = trial.activation.new_passkey_options(trial.zhang, trial.newest_code(trial.phone))
        passkey = SoftPasskey()
        credential = passkey.create(options)
        standing = trial.activation.add_passkey(trial.zhang, credential)
        assert trial.activation.add_passkey(trial.zhang, credential) == standing
        assert standing.passkeys == 1
        look_alike = replace(passkey, key=SoftPasskey().key)
        with pytest.raises(AssertionRefusedError):
            trial.activation.add_passkey(trial.zhang, look_alike.create(options))

    def test_an_authenticator_app_releases_each_step_once(self, trial: Trial) -> None:
        trial.enrol()
        trial.activation.send_enrolment_code(trial.zhang)
        code = trial.newest_code(trial.phone)
        address = trial.activation.new_totp(trial.zhang, code)
        with pytest.raises(CodeExpiredError):
            trial.activation.new_passkey_options(trial.zhang, code)
        app = pyotp.parse_uri(address)
        assert isinstance(app, pyotp.TOTP)
        assert not trial.activation.standing(trial.zhang).has_totp
        digits = app.at(trial.now(), counter_offset=1)
        trial.activation.confirm_totp(trial.zhang, digits)
        assert trial.activation.standing(trial.zhang).has_totp
        with pytest.raises(TotpRefusedError):
            trial.activation.release(request_for(trial.zhang, DOCUMENT), TotpFactor(code=digits))

    def test_a_key_of_ones_own_is_certified_on_a_code_in_ones_own_name(self, trial: Trial) -> None:
        trial.enrol()
        assert trial.activation.certifies_own_keys
        key, public = own_key()
        trial.activation.send_enrolment_code(trial.zhang)
        proof = own_key_proof(key, public, "张三", trial.newest_code(trial.phone))
        leaf, *above = trial.activation.certify_own_key(trial.zhang, public, proof)
        holder = identity_of(Certificate.load(leaf))
        assert (holder.common_name, holder.organisation) == ("张三", None)
        assert holder.sole_control is SoleControl.OWN_KEY
        assert above[-1] in trial.trust.ca_roots
        with pytest.raises(CodeExpiredError):
            trial.activation.certify_own_key(trial.zhang, public, proof)

    def test_nobody_without_the_code_has_a_key_certified_in_a_customers_name(self, trial: Trial) -> None:
        """The operator knows names, documents and this interface, and not the phone."""
        key, public = own_key()
        with pytest.raises(NotEnrolledError):
            trial.activation.certify_own_key(trial.li, public, own_key_proof(key, public, "李四", "000000"))
        trial.enrol()
        guess = own_key_proof(key, public, "张三", "000000")
        with pytest.raises(CodeExpiredError):
            trial.activation.certify_own_key(trial.zhang, public, guess)
        trial.released(request_for(trial.zhang, DOCUMENT))
        with pytest.raises(CodeExpiredError):
            trial.activation.certify_own_key(trial.zhang, public, guess)
        trial.activation.send_enrolment_code(trial.zhang)
        code = wrong(trial.newest_code(trial.phone))
        with pytest.raises(WrongCodeError):
            trial.activation.certify_own_key(trial.zhang, public, own_key_proof(key, public, "张三", code))

    def test_a_key_that_did_not_sign_the_request_is_not_certified(self, trial: Trial) -> None:
        trial.enrol()
        (key, public), (_, other) = own_key(), own_key()
        trial.activation.send_enrolment_code(trial.zhang)
        code = trial.newest_code(trial.phone)
        for proof in (
            own_key_proof(key, other, "张三", code),
            replace(own_key_proof(key, public, "张三", wrong(code)), code=code),
            own_key_proof(key, public, "李四", code),
        ):
            with pytest.raises(WrongSignatureError):
                trial.activation.certify_own_key(trial.zhang, public, proof)
        right = own_key_proof(key, public, "张三", code)
        assert trial.activation.certify_own_key(trial.zhang, public, right)

    def test_one_will_covers_many_documents_and_their_root(self, trial: Trial) -> None:
        trial.enrol()
        documents = tuple(
            document_to_sign(DOCUMENT + bytes([place]), number=f"N-{place}", fields=("ConsumerPerson",))
            for place in range(37)
        )
        request = WillRequest(ceremony=new_id(), signer=trial.zhang, documents=documents)
        trial.released(request)
        release = trial.activation.released(request.ceremony)
        assert release is not None
        will = verify_release(release.evidence, trial.public_key)
        assert len(will.documents) == 37
        assert will.document("N-36").document_sha256 == documents[36].document_sha256

    def test_person_and_seal_are_signed_and_proven(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        first = trial.activation.sign(order_for(request))
        second = trial.activation.sign(order_for(request, first.pdf, field_name="ConsumerSeal"))
        findings = inspect_pdf(second.pdf, trial.trust)
        assert [(one.integrity, one.chain, one.timestamp) for one in findings.signatures] == [
            (Verdict.PROVEN, Verdict.PROVEN, Verdict.PROVEN)
        ] * 2
        signers = [one.signer for one in findings.signatures if one.signer is not None]
        assert [one.sole_control for one in signers] == [SoleControl.ONE_TIME_CODE] * 2
        assert signers[0].common_name == "张三"
        assert (first.pending, second.pending) == (False, False)

    def test_the_same_order_gives_the_very_same_bytes(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        assert trial.activation.sign(order_for(request)) == trial.activation.sign(order_for(request))

    def test_nothing_is_signed_without_a_release(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        with pytest.raises(NotReleasedError):
            trial.activation.sign(order_for(request))
        trial.released(request)
        with pytest.raises(NotReleasedError):
            trial.activation.sign(order_for(request, field_name="SupplierPerson"))
        with pytest.raises(NotReleasedError):
            trial.activation.sign(replace(order_for(request), number="other"))

    def test_other_bytes_are_not_signed(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        flipped = DOCUMENT[:12] + bytes([DOCUMENT[12] ^ 1]) + DOCUMENT[13:]  # a comment: the file stays sound
        others = (flipped, with_fields(draft(title="另一份合同")), DOCUMENT[:-1], DOCUMENT + b"\n%", b"")
        for other in others:
            with pytest.raises(DocumentChangedError):
                trial.activation.sign(replace(order_for(request, other), certify=True))
