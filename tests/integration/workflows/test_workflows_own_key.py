"""A household signs with a key that only openssl ever reads, on a real house, from certificate to package."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from deferred_key import OpensslKey
from workflows_desk import (
    TERM,
    anchor_all,
    fresh_code,
    fresh_order_no,
    kinds_of,
    offered,
    passed,
    phone_of,
    ready_to_sign,
    reloaded,
    sign_as,
    trail_words,
)

from api.house import House
from contracts_chain.activation.own_keys import own_key_request
from contracts_chain.activation.port import OwnKeyProof
from contracts_chain.agreements.terms.lv_res import LvResTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.verify import verify_package
from contracts_chain.workflows import own_key, sign
from contracts_chain.workflows.acting_party import acting_party, signer_ref, signing_phone
from contracts_chain.workflows.ceremony import consent, sign_with_code
from contracts_chain.workflows.ceremony_errors import ConsentMissingError
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.own_key import begin_own_key, finish_own_key
from contracts_chain.workflows.own_key_errors import OwnKeyUnfitError, PreparationOverError
from contracts_chain.workflows.package import build_package
from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.holder_certificate import HolderCertificateError
from signing.inspection import inspect_pdf
from signing.issuing_ca import TestCa
from signing.model import SoleControl
from signing.rfc3161_authority import TimestampUnavailableError
from signing.signature_mechanism import WrongSignatureError
from tests.unit.signing.signed_samples import Office as StrangersOffice


@dataclass(frozen=True)
class Household:
    """A contract that waits for its resident, who is ready to sign and holds a certified key."""

    number: str
    token: str
    supplier: str
    key: OpensslKey
    chain: tuple[bytes, ...]

    @property
    def certificate(self) -> Bytes32:
        return sha256(self.chain[0])


def _offered(office: Office) -> tuple[str, dict[str, str]]:
    terms = load_terms((files("contracts_chain.agreements.samples") / "lv_res_supply.json").read_bytes())
    assert isinstance(terms, LvResTerms)
    dated = replace(terms, valid_from=TERM[0], valid_to=TERM[1])
    drafted = draft_agreement(office, dated, order_no=fresh_order_no(), drafted_by="drafter")
    sent = offer(office, passed(office, drafted).number, by="reviewer")
    return drafted.number, dict(sent.tokens)


def _certified(office: Office, token: str, key: OpensslKey) -> tuple[bytes, ...]:
    with office.work() as work:
        ceremony, dossier = found(work, token)
        party = acting_party(work, dossier, ceremony.role)
    signer = signer_ref(party.signer)
    office.activation.send_enrolment_code(signer)
    code = phone_of(office).newest_code(signing_phone(party))
    request = own_key_request(signer.name, key.public_key_der, code)
    proof = OwnKeyProof(code=code, signature=key.sign(request))
    return office.activation.certify_own_key(signer, key.public_key_der, proof)


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> OpensslKey:
    return OpensslKey.made(tmp_path_factory.mktemp("token"))


@pytest.fixture(scope="module")
def chain(house: House, holder: OpensslKey) -> tuple[bytes, ...]:
    _, tokens = _offered(house.office)
    ready_to_sign(house.office, tokens["consumer"])
    return _certified(house.office, tokens["consumer"], holder)


def _household(office: Office, holder: OpensslKey, chain: tuple[bytes, ...]) -> Household:
    number, tokens = _offered(office)
    ready_to_sign(office, tokens["consumer"])
    return Household(number, tokens["consumer"], tokens["supplier"], holder, chain)


@pytest.fixture
def household(office: Office, holder: OpensslKey, chain: tuple[bytes, ...]) -> Household:
    return _household(office, holder, chain)


@pytest.fixture(scope="module")
def waiting(house: House, holder: OpensslKey, chain: tuple[bytes, ...]) -> Household:
    """For the tests that leave it unsigned."""
    return _household(house.office, holder, chain)


def _unsigned(office: Office, household: Household) -> bool:
    words = trail_words(office, household.number)
    return not reloaded(office, household.number).slots[0].signed and "will_confirmed" not in words


def test_the_package_of_a_contract_signed_with_an_own_key_is_proven(
    office: Office, household: Household
) -> None:
    to_sign = begin_own_key(office, household.token, household.chain)
    assert finish_confirmed(office, left_alone=timedelta(0)) == 0
    assert _unsigned(office, household)
    signature = household.key.sign(to_sign)
    done = finish_own_key(office, household.token, signature, household.certificate)
    assert [slot.signed for slot in done.slots] == [True, False, False]
    assert finish_own_key(office, household.token, signature, household.certificate) == done
    assert kinds_of(office, household.number).count(RecordKind.AGREEMENT_SIGNED) == 1
    sign_as(office, household.supplier)
    anchor_all(office)
    handed = build_package(office, household.number)
    report = verify_package(handed.package, office.trust, at=office.clock.now(), inspect=inspect_pdf)
    assert report.verdict is Verdict.PROVEN, [(one.step, one.code, one.en) for one in report.checks]
    dossier = reloaded(office, household.number)
    assert dossier.current_sha256 is not None
    first = inspect_pdf(office.blobs.get(dossier.current_sha256), office.trust.signatures).signatures[0]
    assert first.signer is not None
    assert (first.signer.common_name, first.signer.sole_control) == ("林晓棠", SoleControl.OWN_KEY)
    assert first.signer.certificate_sha256 == household.certificate
    with zipfile.ZipFile(BytesIO(handed.package)) as package:
        assert any(b'"level":"own_key"' in package.read(name) for name in package.namelist())
    assert household.number not in str(check_everything(office))


def test_what_is_to_be_signed_is_the_same_when_asked_again(office: Office, waiting: Household) -> None:
    once = begin_own_key(office, waiting.token, waiting.chain)
    assert begin_own_key(office, waiting.token, waiting.chain) == once


def test_a_signature_by_another_key_signs_nothing_and_the_right_one_still_does(
    office: Office, household: Household, tmp_path: Path
) -> None:
    to_sign = begin_own_key(office, household.token, household.chain)
    with pytest.raises(WrongSignatureError):
        finish_own_key(
            office, household.token, OpensslKey.made(tmp_path).sign(to_sign), household.certificate
        )
    assert _unsigned(office, household)
    signature = household.key.sign(to_sign)
    assert finish_own_key(office, household.token, signature, household.certificate).slots[0].signed


def test_a_crash_before_the_signature_counts_leaves_neither_will_nor_signature(
    office: Office, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = household.key.sign(begin_own_key(office, household.token, household.chain))
    with monkeypatch.context() as patched:
        patched.setattr(sign, "_record_signature", _power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            finish_own_key(office, household.token, signature, household.certificate)
    assert _unsigned(office, household)
    assert finish_own_key(office, household.token, signature, household.certificate).slots[0].signed


def test_a_crash_after_the_signature_counted_leaves_a_ceremony_that_the_sweep_closes(
    office: Office, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = household.key.sign(begin_own_key(office, household.token, household.chain))
    with monkeypatch.context() as patched:
        patched.setattr(own_key, "finish", _power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            finish_own_key(office, household.token, signature, household.certificate)
    assert finish_confirmed(office, left_alone=timedelta(0)) == 1
    assert [slot.signed for slot in reloaded(office, household.number).slots] == [True, False, False]
    assert trail_words(office, household.number).count("will_confirmed") == 1


def _power_cut(*_: object, **__: object) -> object:
    raise RuntimeError("power cut")


def test_a_consent_that_was_given_anew_needs_a_new_preparation(office: Office, household: Household) -> None:
    signature = household.key.sign(begin_own_key(office, household.token, household.chain))
    choose_mark(office, household.token, TypedMark(name="林晓棠"))
    with pytest.raises(ConsentMissingError):
        finish_own_key(office, household.token, signature, household.certificate)
    consent(office, household.token)
    with pytest.raises(PreparationOverError):
        finish_own_key(office, household.token, signature, household.certificate)
    assert _unsigned(office, household)


class _NoAuthority:
    def token(self, message: bytes) -> bytes:
        raise TimestampUnavailableError("out")

    def token_over(self, digest: Bytes32) -> bytes:
        raise TimestampUnavailableError("out")


def test_without_a_token_the_signature_counts_and_its_timestamp_is_pending(
    office: Office, household: Household
) -> None:
    signature = household.key.sign(begin_own_key(office, household.token, household.chain))
    outage = replace(office, timestamps=_NoAuthority())
    slot = finish_own_key(outage, household.token, signature, household.certificate).slots[0]
    assert (slot.signed, slot.timestamp_utc) == (True, None)


def test_nothing_is_finished_that_was_not_begun(office: Office, waiting: Household) -> None:
    with pytest.raises(PreparationOverError):
        finish_own_key(office, waiting.token, bytes(64), sha256(b"another"))


def test_nobody_signs_unread_with_a_key_of_its_own(office: Office, chain: tuple[bytes, ...]) -> None:
    _, tokens = _offered(office)
    with pytest.raises(RejectedError) as refused:
        begin_own_key(office, tokens["consumer"], chain)
    assert not isinstance(refused.value, HolderCertificateError)


def test_a_party_with_a_seal_is_told_to_sign_the_other_way(office: Office, chain: tuple[bytes, ...]) -> None:
    token = offered(office).tokens["consumer"]
    with pytest.raises(OwnKeyUnfitError):
        begin_own_key(office, token, chain)


def test_who_confirmed_by_a_code_has_signed_once(office: Office, household: Household) -> None:
    signature = household.key.sign(begin_own_key(office, household.token, household.chain))
    by_code = sign_with_code(office, household.token, fresh_code(office, household.token))
    after = finish_own_key(office, household.token, signature, household.certificate)
    assert after.slots[0].certificate_sha256 == by_code.slots[0].certificate_sha256 != household.certificate


@contextmanager
def _refused(office: Office, household: Household, why: str) -> Iterator[None]:
    with pytest.raises(HolderCertificateError, match=why):
        yield
    assert _unsigned(office, household)


def test_a_certificate_that_does_not_fit_is_refused_in_words(
    office: Office, waiting: Household, tmp_path: Path
) -> None:
    """The operator's own authority, and another person's certificate, sign for nobody."""
    ca: TestCa = StrangersOffice.founded(tmp_path / "ca").ca
    strangers = ca.certify_person(
        waiting.key.public_key_der,
        name="林晓棠",
        organisation=None,
        organisation_id=None,
        sole_control=SoleControl.OWN_KEY,
    )
    for chain, why in (
        ((), "one to six"),
        ((b"no certificate",), "cannot be read"),
        (strangers, "no trusted root"),
        ((waiting.chain[0],), "no trusted root"),
        ((strangers[0], *waiting.chain[1:]), "no trusted root"),
    ):
        with _refused(office, waiting, why):
            begin_own_key(office, waiting.token, chain)
