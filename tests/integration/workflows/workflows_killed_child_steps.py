"""Single deeds of a ceremony, ended by SIGKILL after each of their steps in turn.

A step is whatever outlives the process: a commit, a stored blob, a request that the activation
process or the identity provider answered, a seal's key. Nobody names the gaps: the first kill comes
after the first step, the next one after the second, until a deed runs to its end.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

import pyotp
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from deferred_key import OpensslKey
from soft_passkey import SoftPasskey
from trial_phone import phone_of
from workflows_killed_child_points import die

from api.activation_client import ActivationStamping, HttpActivation
from api.house import House
from api.http_identity_provider import HttpIdentityProvider
from api.seal_keys import StandingSealKeys
from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.seals.life import SealDeed, SealState
from contracts_chain.agreements.seals.seal import SUPPLY_CLASSES, Seal, SealKind
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.will import SignerRef
from contracts_chain.storage.obstore_blobs import ObstoreBlobs
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.acting_party import acting_party, signer_ref, signing_phone
from contracts_chain.workflows.add_timestamp import add_timestamp
from contracts_chain.workflows.attach_evidence import AttachmentKind, attach_evidence
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.delegate import delegate, read_delegation
from contracts_chain.workflows.hall_review import hall_review, sign_hall_review
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.own_key import begin_own_key, finish_own_key
from contracts_chain.workflows.remind import remind_signers
from contracts_chain.workflows.seal_registry import (
    SealApplication,
    apply_seal,
    change_seal,
    destroy_seal,
    make_seal,
)
from contracts_chain.workflows.sign_set import sign_set
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from contracts_chain.workflows.will import send_code
from contracts_chain.workflows.withdraw import RejectionReason, reject, withdraw
from kernel.clock import FixedClock
from kernel.digests import sha256
from signing.archive_timestamps import renew

Deed = Callable[[House, Mapping[str, str]], object]

_STEPS: Final = (
    (SqlUnitOfWork, ("commit",)),
    (ObstoreBlobs, ("put",)),
    (
        HttpActivation,
        (
            "enrol",
            "send_code",
            "release",
            "sign",
            "settled",
            "send_enrolment_code",
            "new_passkey_options",
            "add_passkey",
            "new_totp",
            "confirm_totp",
        ),
    ),
    (HttpIdentityProvider, ("start", "settle")),
    (StandingSealKeys, ("make", "destroy")),
    (ActivationStamping, ("token", "token_over")),
)
LETTER: Final = b"%PDF-1.7\n% letter of the killed\n%%EOF\n"
DELEGATE: Final = {
    "name": "陈立新",
    "post": "财务经理",
    "id_type": "RESIDENT_ID",
    "id_no": "330299198501010019",
    "phone": "13812345678",
}


def die_after(step: int) -> None:
    """Let this process die as soon as its n-th step from now on is done, from 1."""
    count = itertools.count(1)
    for owner, names in _STEPS:
        for name in names:
            _count(owner, name, lambda: next(count) == step and die())


def _count(owner: type, name: str, done: Callable[[], object]) -> None:
    real = getattr(owner, name)

    def call(*arguments: object, **named: object) -> object:
        answer = real(*arguments, **named)
        done()
        return answer

    setattr(owner, name, call)


def _delegated(house: House, told: Mapping[str, str]) -> object:
    office, token = house.office, told["token"]
    with office.work() as work:
        _, dossier = found(work, token)
    letter = {
        "number": "SQ-KILLED",
        "principal": load_terms(dossier.terms).party("consumer").name,
        "kinds": ["HV_SUPPLY"],
        "matters": "签订高压供用电合同",
        "capacity_limit_kva": None,
        "may_delegate": False,
        "delegated_by": None,
        "valid_from": "2026-01-01",
        "valid_to": "2027-12-31",
    }
    described = read_delegation(DELEGATE, letter, letter_sha256=sha256(LETTER).hex())
    return delegate(office, token, described, file=LETTER)


def _attached(house: House, told: Mapping[str, str]) -> object:
    return attach_evidence(
        house.office,
        told["number"],
        told["text"].encode(),
        kind=AttachmentKind.CHAT,
        description="聊天记录",
        by="drafter",
    )


def _signed_with_own_key(house: House, told: Mapping[str, str]) -> object:
    """Begin, sign elsewhere, finish; a signature that counts already is only finished."""
    office, token = house.office, told["token"]
    key, chain = OpensslKey(Path(told["key"])), tuple(map(bytes.fromhex, told["chain"].split()))
    with office.work() as work:
        ceremony, _ = found(work, token)
    to_sign = begin_own_key(office, token, chain) if ceremony.state == "open" else b"sent before"
    return finish_own_key(office, token, key.sign(to_sign), sha256(chain[0]))


def _renewed(house: House, told: Mapping[str, str]) -> object:
    """The archive whose newest revision is the one told; a newer one is renewed already."""
    office, trust = house.office, house.office.trust.signatures
    with office.work() as work:
        current = work.agreements.load(told["number"]).current_sha256
    if current is None or current.hex() != told["base"]:
        return None

    def extended(pdf: bytes) -> bytes:
        return renew(
            pdf,
            authority=office.timestamps,
            revocation=office.ca,
            roots=(*trust.ca_roots, *trust.tsa_roots),
            at=office.clock.now(),
        )

    return add_timestamp(office, told["number"], extended, purpose="renewal")


def _lived_by_a_seal(house: House, told: Mapping[str, str]) -> Seal:
    """Take a seal of this wording from wherever it stands to its destruction."""
    office, keys, name = house.office, house.office.seal_keys, told["seal"]
    seal = _found_seal(office, name) or apply_seal(office, _application(name), by="applicant")
    if seal.state is SealState.APPLIED:
        seal = change_seal(office, seal.id, SealDeed.APPROVE, by="approver")
    if seal.state is SealState.APPROVED:
        seal = make_seal(office, keys, seal.id, by="custodian")
    if seal.state is SealState.MADE:
        seal = change_seal(office, seal.id, SealDeed.FILE, by="custodian", filing_no="TEST-1")
    if seal.state is SealState.FILED:
        seal = change_seal(office, seal.id, SealDeed.BEGIN_USE, by="custodian")
    return destroy_seal(office, keys, seal.id, by="approver", reason="作废")


def _found_seal(office: Office, name: str) -> Seal | None:
    with office.work() as work:
        return next((seal for seal in work.seals.list() if seal.name == name), None)


def _application(name: str) -> SealApplication:
    return SealApplication(
        name=name,
        kind=SealKind.CONTRACT,
        custodian="custodian",
        classes=SUPPLY_CLASSES,
        valid_from=date(2026, 1, 1),
        valid_to=date(2036, 1, 1),
    )


def _reviewed_in_the_hall(house: House, told: Mapping[str, str]) -> object:
    """Both clerks, the first only where it did not sign yet."""
    office, review = house.office, told["review"]
    if not hall_review(office, review).signatures:
        sign_hall_review(office, review, told["first"].encode(), by="clerk-0")
    return sign_hall_review(office, review, told["second"].encode(), by="clerk-1")


def _code_to_enrol(office: Office, token: str) -> tuple[SignerRef, str]:
    """The signer of a link, and the code that its phone was sent to register a factor."""
    with office.work() as work:
        ceremony, dossier = found(work, token)
        party = acting_party(work, dossier, ceremony.role)
    signer = signer_ref(party.signer)
    office.activation.send_enrolment_code(signer)
    return signer, phone_of(office).newest_code(signing_phone(party))


def device_of(told: Mapping[str, str]) -> SoftPasskey:
    """The one device of a signer, the same in every life."""
    key = load_der_private_key(bytes.fromhex(told["device"]), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("a passkey is an EC key")
    identifier = sha256(bytes.fromhex(told["device"]))[:16]
    return SoftPasskey(origin=told["origin"], rp_id=told["rp_id"], key=key, credential_id=identifier)


def _given_a_passkey(house: House, told: Mapping[str, str]) -> object:
    """From the code in the message to the credential; a device makes one only (WebAuthn §5.1.3)."""
    activation, device = house.office.activation, device_of(told)
    signer, code = _code_to_enrol(house.office, told["token"])
    options = activation.new_passkey_options(signer, code)
    held = {str(one["id"]) for one in options["excludeCredentials"]}
    credential = device.create(options)
    return None if credential["id"] in held else activation.add_passkey(signer, credential)


def _given_an_app(house: House, told: Mapping[str, str]) -> object:
    """An authenticator app, from the code in the message to its first digits."""
    office = house.office
    signer, code = _code_to_enrol(office, told["token"])
    address = office.activation.new_totp(signer, code)
    app = pyotp.parse_uri(address)
    assert isinstance(app, pyotp.TOTP)
    return office.activation.confirm_totp(signer, app.now())


def _at(house: House, told: Mapping[str, str]) -> Office:
    return replace(house.office, clock=FixedClock(datetime.fromisoformat(told["now"])))


DEEDS: dict[str, Deed] = {
    "attach": _attached,
    "delegate": _delegated,
    "reject": lambda house, told: reject(house.office, told["token"], reason=RejectionReason.WRONG_FACTS),
    "withdraw": lambda house, told: withdraw(house.office, told["number"], reason="撤回", by="desk"),
    "ask for a code": lambda house, told: send_code(house.office, told["token"]),
    "sign": lambda house, told: sign_with_code(house.office, told["token"], told["code"]),
    "sign a set": lambda house, told: sign_set(house.office, told["token"], CodeFactor(code=told["code"])),
    "sign with an own key": _signed_with_own_key,
    "upgrade": lambda house, told: upgrade_pending(house.office),
    "renew": _renewed,
    "live as a seal": _lived_by_a_seal,
    "review in the hall": _reviewed_in_the_hall,
    "get a passkey": _given_a_passkey,
    "get an app": _given_an_app,
    "remind": lambda house, told: remind_signers(_at(house, told), after_working_days=1),
    "lapse": lambda house, told: lapse_overdue(_at(house, told)),
}
