"""Identity at a hall needs two clerks, delegation needs proof, attached papers become leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from agreement_ways import events_of
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from identity_desk import IdentityDesk, identity_desk
from memory_office import paperless

from contracts_chain.agreements.authority import AuthorityExceededError
from contracts_chain.agreements.identity.attestation import (
    AttestationClaims,
    sign_hall_claims,
    verify_hall_attestation,
)
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.separation import SeparationOfDutiesError
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.acting_party import acting_party, signer_ref
from contracts_chain.workflows.annexes import AnnexKindError
from contracts_chain.workflows.attach_evidence import (
    AttachmentKind,
    AttachmentRefusedError,
    AttachmentUnknownError,
    attach_evidence,
    attachments_of,
    read_attachment,
)
from contracts_chain.workflows.authority_check import revoke_letter, verify_authority
from contracts_chain.workflows.delegate import (
    DelegationRefusedError,
    NotIdentifiedError,
    delegate,
    read_delegation,
)
from contracts_chain.workflows.errors import SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.hall_review import (
    HallReviewClosedError,
    HallSignatureRefusedError,
    UnknownReviewError,
    open_hall_review,
    sign_hall_review,
)
from contracts_chain.workflows.identify import identify_standing, identity_view
from contracts_chain.workflows.offer import Offer
from contracts_chain.workflows.people import bind_identity
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

SCAN = b"%PDF-1.7\n% scan of this test\n%%EOF\n"
LETTER = b"%PDF-1.7\n% letter of this test\n%%EOF\n"
CLERKS = (Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())
PERSON = {
    "name": "陈立新",
    "post": "财务经理",
    "id_type": "RESIDENT_ID",
    "id_no": "330299198501010019",
    "phone": "13812345678",
}


HALL_CLAIMS = AttestationClaims(
    issuer="hall",
    method="hall_review",
    name="王海明",
    id_type="RESIDENT_ID",
    id_no="330299197809230152",
    phone="19900000002",
    session="s",
    nonce="n" * 32,
    issued_utc=datetime(2026, 11, 20, tzinfo=UTC),
    sandbox=False,
).canonical()


def member(claims: bytes, clerk: int) -> bytes:
    return sign_hall_claims(claims, f"clerk-{clerk}", CLERKS[clerk].private_bytes_raw())


@pytest.fixture
def desk() -> Iterator[IdentityDesk]:
    clerks = {f"clerk-{at}": Bytes32(one.public_key().public_bytes_raw()) for at, one in enumerate(CLERKS)}
    with paperless():
        yield identity_desk(clerks)


def letter(sent: Offer, **changed: Any) -> dict[str, Any]:
    party = load_terms(sent.dossier.terms).party("consumer")
    return {
        "number": "SQ-2026-8",
        "principal": party.name,
        "kinds": ["HV_SUPPLY"],
        "matters": "签订高压供用电合同",
        "capacity_limit_kva": "100000",
        "may_delegate": False,
        "delegated_by": None,
        "valid_from": "2026-01-01",
        "valid_to": "2027-12-31",
        **changed,
    }


def known(desk: IdentityDesk, sent: Offer, role: str = "consumer") -> str:
    """The link of a signer who has been identified on it."""
    desk.activation.attest(desk.signer(sent, role))
    assert identify_standing(desk.office, sent.tokens[role])
    return sent.tokens[role]


def passed_on(desk: IdentityDesk, sent: Offer, person: dict[str, Any] = PERSON, **changed: Any) -> str:
    described = read_delegation(person, letter(sent, **changed), letter_sha256=sha256(LETTER).hex())
    return delegate(desk.office, sent.tokens["consumer"], described, file=LETTER).token


def test_two_clerks_identify_a_person_together_and_the_scan_is_named(desk: IdentityDesk) -> None:
    sent = desk.offered()
    review = open_hall_review(desk.office, sent.dossier.number, "consumer", scan=SCAN, by="supplier-desk")
    sign_hall_review(desk.office, review.id, member(review.claims, 0), by="supplier-desk")
    assert desk.activation.enrolled == []
    done = sign_hall_review(desk.office, review.id, member(review.claims, 1), by="reviewer")
    (attestation,) = desk.activation.enrolled
    keys = {f"clerk-{n}": key.public_key().public_bytes_raw() for n, key in enumerate(CLERKS)}
    now = desk.office.clock.now()
    claims = verify_hall_attestation(attestation, keys, now=now, greatest_age=timedelta(minutes=15))
    assert claims.name == desk.signer(sent).name
    assert done.attestation_sha256 == sha256(attestation)
    record = desk.records()[-1]
    assert record.kind is RecordKind.IDENTITY_VERIFIED
    assert record.details["method"] == "hall_review"
    assert record.details["scan_sha256"] == sha256(SCAN).hex()
    assert desk.office.blobs.get(sha256(SCAN)) == SCAN
    with pytest.raises(HallReviewClosedError):
        sign_hall_review(desk.office, review.id, member(review.claims, 1), by="reviewer")


@pytest.mark.parametrize(("clerk", "account"), [(0, "reviewer"), (1, "supplier-desk")])
def test_one_clerk_cannot_be_both(desk: IdentityDesk, clerk: int, account: str) -> None:
    sent = desk.offered()
    review = open_hall_review(desk.office, sent.dossier.number, "consumer", scan=SCAN, by="supplier-desk")
    sign_hall_review(desk.office, review.id, member(review.claims, 0), by="supplier-desk")
    with pytest.raises(HallSignatureRefusedError):
        sign_hall_review(desk.office, review.id, member(review.claims, clerk), by=account)
    assert desk.activation.enrolled == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"protected":"x","signature":"y"}'])
def test_what_is_no_signature_is_refused(desk: IdentityDesk, content: bytes) -> None:
    sent = desk.offered()
    review = open_hall_review(desk.office, sent.dossier.number, "consumer", scan=SCAN, by="supplier-desk")
    with pytest.raises(HallSignatureRefusedError):
        sign_hall_review(desk.office, review.id, content, by="reviewer")


def test_a_review_needs_an_open_link_and_a_whole_scan(desk: IdentityDesk) -> None:
    number = desk.offered().dossier.number
    with pytest.raises(AnnexKindError):
        open_hall_review(desk.office, number, "consumer", scan=b"%PDF-1.7 cut", by="supplier-desk")
    with pytest.raises(UnknownNumberError):
        open_hall_review(desk.office, number, "nobody", scan=SCAN, by="supplier-desk")
    with pytest.raises(UnknownReviewError):
        sign_hall_review(desk.office, "f" * 32, member(HALL_CLAIMS, 0), by="reviewer")


def test_a_delegate_gets_a_link_a_record_and_the_signature(desk: IdentityDesk) -> None:
    sent = desk.offered()
    known(desk, sent)
    token = passed_on(desk, sent)
    with desk.office.work() as work:
        party = acting_party(work, sent.dossier, "consumer")
    assert party.signer.name == PERSON["name"]
    view = identity_view(desk.office, token)
    assert (view.signer_name, view.newest) == (PERSON["name"], None)
    with pytest.raises(SignatureTurnError):
        identify_standing(desk.office, sent.tokens["consumer"])
    record = desk.records()[-1]
    assert record.kind is RecordKind.AUTHORITY_DELEGATED
    assert record.document.sha256 == sha256(LETTER)
    assert record.details["delegate"] == PERSON["name"]
    assert desk.trail(sent.dossier.number)[-1].event is TrailEventKind.DELEGATED
    for secret in (PERSON["id_no"], PERSON["phone"]):
        assert secret.encode() not in record.canonical()
    message = json.loads(list(desk.world.tables.drafts.outbox.values())[-1].payload)
    assert message["phone"] == PERSON["phone"]
    assert token in message["text"]
    told = events_of(desk.world, sent.dossier.number)[-1]
    assert (told.kind, told.change["role"]) == (ProcessEventKind.TRANSFERRED, "consumer")
    assert PERSON["name"] not in str(told.change)


def test_the_delegate_must_be_identified_anew(desk: IdentityDesk) -> None:
    sent = desk.offered()
    known(desk, sent)
    token = passed_on(desk, sent)
    assert identify_standing(desk.office, token) is False
    described = read_delegation(
        {**PERSON, "id_no": "330299198601010016", "name": "周新"},
        letter(sent, delegated_by="SQ-2026-8", may_delegate=True),
        letter_sha256=sha256(LETTER).hex(),
    )
    with pytest.raises(NotIdentifiedError):
        delegate(desk.office, token, described, file=LETTER)
    with desk.office.work() as work:
        desk.activation.attest(signer_ref(acting_party(work, sent.dossier, "consumer").signer))
    assert identify_standing(desk.office, token)
    with pytest.raises(AuthorityExceededError, match="does not allow"):
        delegate(desk.office, token, described, file=LETTER)


def test_who_merely_holds_the_link_cannot_delegate(desk: IdentityDesk) -> None:
    sent = desk.offered()
    with pytest.raises(NotIdentifiedError):
        passed_on(desk, sent)
    assert desk.world.tables.identity.delegations == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kinds": ["SERVICE_COMPACT"]}, "kinds"),
        ({"capacity_limit_kva": "100"}, "capacity_limit_kva"),
        ({"valid_to": "2026-11-19"}, "valid_to"),
        ({"principal": "另一家公司"}, "principal"),
        ({"delegated_by": "SQ-1", "may_delegate": True}, "delegated_by"),
    ],
)
def test_a_letter_that_falls_short_passes_nothing_on(
    desk: IdentityDesk, changed: dict[str, Any], field: str
) -> None:
    sent = desk.offered()
    known(desk, sent)
    with pytest.raises(AuthorityExceededError) as caught:
        passed_on(desk, sent, **changed)
    assert field in {one.field for one in caught.value.found}
    assert desk.world.tables.identity.delegations == []


def test_the_letters_file_must_be_whole_and_the_one_described(desk: IdentityDesk) -> None:
    sent = desk.offered()
    token = known(desk, sent)
    described = read_delegation(PERSON, letter(sent), letter_sha256="ab" * 32)
    with pytest.raises(DelegationRefusedError):
        delegate(desk.office, token, described, file=LETTER)
    with pytest.raises(AnnexKindError):
        delegate(desk.office, token, described, file=b"no paper")


def test_every_fault_of_a_delegation_form_is_told_at_once(desk: IdentityDesk) -> None:
    sent = desk.offered()
    person = {**PERSON, "phone": "0574-12345678"}
    with pytest.raises(DelegationRefusedError) as caught:
        read_delegation(person, letter(sent, valid_to="tomorrow"), letter_sha256="ab" * 32)
    assert {one.path for one in caught.value.problems} == {"letter.valid_to", "person.phone"}


def test_who_drafted_cannot_be_the_delegate(desk: IdentityDesk) -> None:
    sent = desk.offered()
    known(desk, sent)
    bind_identity(desk.office, account="li", id_type=IdType.RESIDENT_ID, id_no=PERSON["id_no"])
    with pytest.raises(SeparationOfDutiesError):
        passed_on(desk, sent)
    assert desk.world.tables.identity.delegations == []


def test_a_revoked_letter_of_the_delegate_stops_the_signing(desk: IdentityDesk) -> None:
    sent = desk.offered()
    known(desk, sent)
    passed_on(desk, sent)
    now, number = desk.office.clock.now(), sent.dossier.number
    with desk.office.work() as work:
        dossier = work.agreements.load(number)
        verify_authority(work, dossier, "consumer", now)
        revoke_letter(work, number, "SQ-2026-8", on=date(2026, 11, 20), reason="撤销", by="desk", at=now)
        with pytest.raises(AuthorityExceededError):
            verify_authority(work, dossier, "consumer", now)


def agented(desk: IdentityDesk, **changed: Any) -> Offer:
    """The sample whose consumer acts by an agent's letter of its own."""
    from memory_office import sample

    terms = sample()
    agent = terms.supplier.agent
    assert agent is not None
    held = replace(agent.letter, number="SQ-1", principal=terms.consumer.name, **changed)
    person = replace(agent.person, name="林原", id_no="330299198401010011", phone="13700000000")
    consumer = replace(terms.consumer, agent=replace(agent, person=person, letter=held))
    return desk.offered(replace(terms, consumer=consumer))


def test_an_agent_passes_on_only_with_the_principals_consent_and_no_more_than_it_has(
    desk: IdentityDesk,
) -> None:
    sent = agented(desk, may_delegate=True, capacity_limit_kva=Decimal(90_000))
    known(desk, sent)
    onward = {"delegated_by": "SQ-1", "may_delegate": True}
    with pytest.raises(AuthorityExceededError) as caught:
        passed_on(desk, sent, **onward)
    assert {one.field for one in caught.value.found} == {"capacity_limit_kva"}
    with pytest.raises(AuthorityExceededError) as caught:
        passed_on(desk, sent, capacity_limit_kva="80000")
    assert {one.field for one in caught.value.found} == {"delegated_by"}
    assert passed_on(desk, sent, capacity_limit_kva="80000", **onward)


def test_attached_papers_are_listed_kept_and_leaves_and_the_same_bytes_once(desk: IdentityDesk) -> None:
    number = desk.world.draft()
    chat = "王：请问容量？\r\n李：6300 kVA。".encode()
    first = attach_evidence(
        desk.office, number, chat, kind=AttachmentKind.CHAT, description=" 与客户的聊天 ", by="li"
    )
    again = attach_evidence(
        desk.office, number, chat, kind=AttachmentKind.OTHER, description="再附一次", by="wang"
    )
    scan = attach_evidence(
        desk.office, number, SCAN, kind=AttachmentKind.INSPECTION, description="竣工检验", by="li"
    )
    assert again == first
    assert (first.description, first.media_type) == ("与客户的聊天", "text/plain")
    assert attachments_of(desk.office, number) == (first, scan)
    assert read_attachment(desk.office, number, first.sha256) == (first, chat)
    leaves = [one for one in desk.records() if one.kind is RecordKind.EVIDENCE_ATTACHED]
    assert [one.document.sha256 for one in leaves] == [sha256(chat), sha256(SCAN)]
    assert [one.event for one in desk.trail(number)][-2:] == [TrailEventKind.ATTACHED] * 2
    assert leaves[-1].details["trail"] == desk.trail(number)[-1].hash().hex()


@pytest.mark.parametrize(
    "content", [b"", b"   ", b"PK\x03\x04 sheet", b"\xff\xfe", b"a\x00b", b"%PDF-1.7 cut"]
)
def test_what_is_neither_paper_nor_text_is_not_attached(desk: IdentityDesk, content: bytes) -> None:
    number = desk.world.draft()
    with pytest.raises(AttachmentRefusedError):
        attach_evidence(desk.office, number, content, kind=AttachmentKind.CHAT, description="x", by="li")
    assert attachments_of(desk.office, number) == ()


@pytest.mark.parametrize("description", ["", "  ", "长" * 201, "两\n行"])
def test_a_paper_without_a_description_is_not_attached(desk: IdentityDesk, description: str) -> None:
    number = desk.world.draft()
    with pytest.raises(AttachmentRefusedError):
        attach_evidence(
            desk.office, number, b"text", kind=AttachmentKind.CHAT, description=description, by="li"
        )


def test_a_paper_of_another_agreement_is_not_found(desk: IdentityDesk) -> None:
    number = desk.world.draft()
    with pytest.raises(AttachmentUnknownError):
        read_attachment(desk.office, number, sha256(b"other"))
    with pytest.raises(UnknownNumberError):
        attachments_of(desk.office, "nothing")
