"""Signers' certificates from an authority elsewhere, over the CSC API, as ``activation.json`` names it.

The remote service is ``certomancer-csc-dummy`` in a process of its own; the authority's lists are
served over HTTP; the activation process is the real one. The TEST CA must certify nobody then.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from activation_behaviour import DOCUMENT, Trial, order_for, own_key, own_key_proof
from activation_people import CUSTOMER, CUSTOMER_USCC, UTILITY, Vouchers, new_signer, request_for
from activation_trial import RunningActivation, running_activation
from cryptography import x509
from licensed_ca import LicensedCa, licensed_ca
from remote_signing_service import RemoteCredential, csc_service, free_port

from api.activation_client import ActivationAuthority, HttpActivation
from api.activation_configure import configure_activation
from api.activation_launch import ActivationProcess, ActivationStartError
from contracts_chain.activation.configuration import Issuing
from contracts_chain.activation.errors import (
    CredentialMismatchError,
    NotReleasedError,
    OwnKeyNotCertifiedError,
)
from contracts_chain.activation.event_authority import CscAuthority, signer_digest
from contracts_chain.evidence.will import SignerRef, WillRequest
from kernel.verdict import Verdict
from signing.http_csc_key import CscUnavailableError
from signing.inspection import inspect_pdf
from signing.model import SignatureTrust
from signing.refusals import RevocationUnavailableError

ZHANG, LI = new_signer("张三"), new_signer("李四")


@dataclass(frozen=True, slots=True, kw_only=True)
class Licensed:
    """An activation process under an authority elsewhere, and that authority."""

    running: RunningActivation
    ca: LicensedCa
    said: Path

    def trial(self, signer: SignerRef = ZHANG) -> Trial:
        trial = replace(self.running.trial(), zhang=signer)
        trial.enrol()
        return trial

    def calls(self) -> int:
        """How often the remote service was asked anything."""
        return self.said.read_text("utf-8").count("POST /csc/v1/")


def credentials(ca: LicensedCa) -> dict[str, RemoteCredential]:
    """Zhang's is Zhang's; Li's was given to somebody else by mistake."""
    return {
        f"person-{signer_digest(ZHANG)}": ca.credential("张三", CUSTOMER, CUSTOMER_USCC),
        f"person-{signer_digest(LI)}": ca.credential("王五", CUSTOMER, CUSTOMER_USCC),
        f"seal-{CUSTOMER_USCC}": ca.credential(CUSTOMER, CUSTOMER, CUSTOMER_USCC),
    }


def authority_at(url: str) -> CscAuthority:
    return CscAuthority(
        url=url,
        token="file:csc-token",
        person_credential="remote/person-{signer}",
        seal_credential="remote/seal-{organisation_id}",
        roots=("licensed-root.pem",),
    )


def issued_here(running: RunningActivation) -> str:
    """The register of the TEST CA: a line for each certificate it ever gave."""
    register = running.private / "test-ca" / "issued.txt"
    return register.read_text("utf-8") if register.exists() else ""


@contextmanager
def open_room() -> Iterator[Path]:
    """Where every user may pass."""
    with tempfile.TemporaryDirectory(prefix="licensed-") as room:
        Path(room).chmod(0o755)
        yield Path(room)


def lay_files(private: Path, ca: LicensedCa) -> None:
    """What the owner puts there before the start: root certificates and the access token."""
    private.mkdir(parents=True, exist_ok=True)
    (private / "licensed-root.pem").write_bytes(ca.root_pem)
    (private / "csc-token").write_text("secret-token\n")


@pytest.fixture(scope="module")
def licensed() -> Iterator[Licensed]:
    with open_room() as room, licensed_ca() as ca, csc_service(room / "csc", credentials(ca)) as url:
        lay_files(room / "activation" / "private", ca)
        issuing = Issuing(utility_uscc=UTILITY, authority=authority_at(url))
        with running_activation(room / "activation", Vouchers(), issuing=issuing) as running:
            yield Licensed(running=running, ca=ca, said=room / "csc" / "said")


def released(trial: Trial) -> WillRequest:
    request = request_for(trial.zhang, DOCUMENT)
    trial.released(request)
    return request


def test_person_and_seal_are_certified_by_the_configured_authority_and_never_by_the_test_ca(
    licensed: Licensed,
) -> None:
    trial, before = licensed.trial(), issued_here(licensed.running)
    request = released(trial)
    hand = trial.activation.sign(order_for(request))
    seal = trial.activation.sign(order_for(request, hand.pdf, field_name="ConsumerSeal"))
    findings = inspect_pdf(seal.pdf, trial.trust)
    person, organisation = findings.signatures
    assert {one.integrity for one in findings.signatures} == {Verdict.PROVEN}
    assert {one.chain for one in findings.signatures} == {Verdict.PROVEN}
    assert {one.timestamp for one in findings.signatures} == {Verdict.PROVEN}
    assert person.signer is not None
    assert organisation.signer is not None
    assert (person.signer.common_name, person.signer.organisation_id) == ("张三", CUSTOMER_USCC)
    assert person.signer.issuer == organisation.signer.issuer == f"{licensed.ca.name} ISSUING"
    assert person.signer.sole_control is organisation.signer.sole_control is None
    assert organisation.signer.common_name == CUSTOMER
    assert (hand.ses, seal.ses, seal.pending) == (None, None, False)
    assert issued_here(licensed.running) == before


def test_under_other_roots_the_same_file_is_not_proven(licensed: Licensed) -> None:
    trial = licensed.trial()
    made = trial.activation.sign(order_for(released(trial))).pdf
    test_root = trial.trust.ca_roots[-1]
    assert test_root != licensed.ca.root_der
    with licensed_ca() as look_alike:
        for roots in ((test_root,), (look_alike.root_der,), (test_root, look_alike.root_der)):
            trust = SignatureTrust(ca_roots=roots, tsa_roots=trial.trust.tsa_roots)
            assert inspect_pdf(made, trust).signatures[0].chain in {Verdict.UNDECIDED, Verdict.REFUTED}


def test_the_trust_bundle_gets_the_configured_root_under_its_own_name(licensed: Licensed) -> None:
    authority = ActivationAuthority(licensed.running.channel)
    names = [x509.load_der_x509_certificate(root).subject.rfc4514_string() for root in authority.roots]
    assert authority.roots[0] == licensed.ca.root_der
    assert ["TEST" in name for name in names] == [False, True]
    theirs = authority.seal_common_name(
        organisation=CUSTOMER, organisation_id=CUSTOMER_USCC, seal_name="公章"
    )
    ours = authority.seal_common_name(organisation="供电", organisation_id=UTILITY, seal_name="公章")
    assert (theirs, ours) == (CUSTOMER, "供电 公章 TEST")


def test_without_a_release_the_authority_is_not_even_asked(licensed: Licensed) -> None:
    trial, before = licensed.trial(), licensed.calls()
    with pytest.raises(NotReleasedError):
        trial.activation.sign(order_for(request_for(trial.zhang, DOCUMENT)))
    assert licensed.calls() == before


def test_a_credential_that_is_anothers_signs_nothing(licensed: Licensed) -> None:
    trial = licensed.trial(LI)
    request = released(trial)
    before = licensed.calls()
    with pytest.raises(CredentialMismatchError) as problem:
        trial.activation.sign(order_for(request))
    assert (problem.value.expected, problem.value.found) == ("李四", "王五")
    assert licensed.calls() == before + 1  # its certificate was looked at, its key never used


def test_a_revoked_certificate_or_silent_lists_sign_nothing_and_the_deed_can_be_repeated(
    licensed: Licensed,
) -> None:
    trial = licensed.trial()
    order = order_for(released(trial))
    licensed.ca.lists_down = True
    with pytest.raises(RevocationUnavailableError):
        trial.activation.sign(order)
    licensed.ca.lists_down = False
    zhangs = trial.activation.sign(order_for(released(trial))).pdf
    serial = inspect_pdf(zhangs, trial.trust).signatures[0].signer
    assert serial is not None
    licensed.ca.revoked.add(int(serial.serial_number, 16))
    with pytest.raises(RevocationUnavailableError):
        trial.activation.sign(order)
    licensed.ca.revoked.clear()
    assert inspect_pdf(trial.activation.sign(order).pdf, trial.trust).signatures[0].chain is Verdict.PROVEN


def test_lists_are_fetched_for_chains_of_the_configured_roots_alone(licensed: Licensed) -> None:
    """Whoever holds the socket cannot make the process ask an address of his own."""
    with licensed_ca() as stranger:
        chain = stranger.credential("张三").chain
        assert ActivationAuthority(licensed.running.channel).crls_for(chain) == ()
        assert stranger.asked == []


def test_a_holders_key_is_not_certified_and_its_code_is_not_spent(licensed: Licensed) -> None:
    trial, before = licensed.trial(), issued_here(licensed.running)
    assert not trial.activation.certifies_own_keys
    key, public = own_key()
    trial.activation.send_enrolment_code(trial.zhang)
    code = trial.newest_code(trial.phone)
    proof = own_key_proof(key, public, "张三", code)
    with pytest.raises(OwnKeyNotCertifiedError):
        trial.activation.certify_own_key(trial.zhang, public, proof)
    assert trial.activation.new_passkey_options(trial.zhang, code)
    assert issued_here(licensed.running) == before


def test_the_owner_changes_the_authority_and_an_outage_never_falls_back(tmp_path: Path) -> None:
    """docs/runbooks/keys.md: stop, lay the files, name the authority, start."""
    vouchers, port = Vouchers(), free_port()
    with open_room() as room, licensed_ca() as ca:
        with running_activation(room / "activation", vouchers) as running:
            trial = replace(running.trial(), zhang=ZHANG)
            trial.enrol()
            old_key, old_root = trial.public_key, trial.trust.ca_roots[0]
            first = trial.activation.sign(order_for(released(trial))).pdf
        lay_files(running.private, ca)
        authority = authority_at(f"http://127.0.0.1:{port}").as_json()
        configure_activation(room / "activation", "authority", json.dumps(authority))
        with running_activation(room / "activation", vouchers) as running:
            trial = replace(running.trial(), zhang=ZHANG, phone=trial.phone)
            assert HttpActivation(running.channel).configuration_differs == ("authority",)
            assert (trial.public_key, trial.trust.ca_roots) == (old_key, (ca.root_der, old_root))
            order, before = order_for(released(trial)), issued_here(running)
            with pytest.raises(CscUnavailableError) as outage:
                trial.activation.sign(order)
            assert "远程签名服务暂无响应" in outage.value.zh
            with csc_service(tmp_path / "csc", credentials(ca), port=port):
                made = trial.activation.sign(order).pdf
            assert issued_here(running) == before
            for pdf, issuer in ((made, f"{ca.name} ISSUING"), (first, "TEST ISSUING CA")):
                finding = inspect_pdf(pdf, trial.trust).signatures[0]
                assert finding.signer is not None
                assert (finding.chain, issuer in finding.signer.issuer) == (Verdict.PROVEN, True)


def test_without_a_readable_root_the_process_does_not_start() -> None:
    issuing = Issuing(utility_uscc=UTILITY, authority=authority_at("http://127.0.0.1:9"))
    with open_room() as room:
        process = ActivationProcess(room / "activation", Vouchers().configuration(issuing=issuing))
        process.begin()
        try:
            with pytest.raises(ActivationStartError, match=r"licensed-root\.pem"):
                process.ready()
        finally:
            process.stop()
