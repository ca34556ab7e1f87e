"""Signing on a real house: in turn, once, on the approved bytes, and not at all without a timestamp."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from workflows_desk import (
    anchor_all,
    fresh_code,
    kinds_of,
    offered,
    ready_to_sign,
    records_of,
    reloaded,
    sign_as,
    trail_words,
)
from workflows_outages import DeadTsa, OvertakenTsa

from api.trial_people import let_seals_be_used
from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState, TransitionRefusedError
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import final_hash, verify_trail
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import SignatureTurnError
from contracts_chain.workflows.offer import Offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.sign import sign_slot
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from contracts_chain.workflows.will import confirm_will
from kernel.digests import digests_of
from kernel.errors import ContractsChainError
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf

WHOLE_LIFE = [
    RecordKind.AGREEMENT_APPROVED,
    RecordKind.AGREEMENT_OFFERED,
    RecordKind.AGREEMENT_SIGNED,
    RecordKind.AGREEMENT_SEALED,
    RecordKind.AGREEMENT_SIGNED,
    RecordKind.AGREEMENT_SEALED,
    RecordKind.AGREEMENT_EXECUTED,
]


def willed(office: Office, sent: Offer, role: str = "consumer") -> str:
    """Have a party confirm its will and sign nothing yet; gives the contract's number."""
    token = sent.tokens[role]
    ready_to_sign(office, token)
    confirm_will(office, token, CodeFactor(code=fresh_code(office, token)))
    return sent.dossier.number


def sign(office: Office, number: str, field: str) -> AgreementDossier:
    return sign_slot(office, number, field, actor="tester")


def test_an_executed_agreement_has_four_sound_signatures_on_the_approved_bytes(
    office: Office, signed: AgreementDossier
) -> None:
    assert signed.state is AgreementState.EXECUTED
    assert signed.approved_sha256 is not None
    assert signed.current_sha256 is not None
    approved, pdf = office.blobs.get(signed.approved_sha256), office.blobs.get(signed.current_sha256)
    assert pdf.startswith(approved)
    findings = inspect_pdf(pdf, office.trust.signatures)
    assert [one.field for one in findings.signatures] == [slot.field for slot in signed.slots]
    assert {one.integrity for one in findings.signatures} == {Verdict.PROVEN}


def test_every_step_of_an_executed_agreement_is_one_leaf_chained_to_the_last(
    office: Office, signed: AgreementDossier
) -> None:
    records = records_of(office, signed.number)
    steps = [record.kind for record in records if record.kind is not RecordKind.IDENTITY_VERIFIED]
    assert steps == WHOLE_LIFE
    assert [record.previous for record in records] == [None, *(record.leaf() for record in records[:-1])]


def test_the_execution_record_names_the_last_revision_and_the_whole_trail(
    office: Office, signed: AgreementDossier
) -> None:
    record = records_of(office, signed.number)[-1]
    assert signed.current_sha256 is not None
    pdf = office.blobs.get(signed.current_sha256)
    with office.work() as work:
        trail = verify_trail(work.trails.lines(signed.number))
    assert record.document == digests_of(pdf[: record.document.length])
    assert record.details["trail"] == final_hash(trail).hex()


def test_a_field_out_of_turn_is_refused_and_leaves_no_intent(office: Office) -> None:
    number = offered(office).dossier.number
    with pytest.raises(SignatureTurnError) as caught:
        sign(office, number, "SupplierSeal")
    assert caught.value.expected == "ConsumerPerson"
    with office.work() as work:
        assert work.intents.find(f"sign:{number}:SupplierSeal") is None


def test_what_is_not_offered_cannot_be_signed(office: Office) -> None:
    from workflows_desk import approved

    dossier = approved(office)
    with pytest.raises(TransitionRefusedError):
        sign(office, dossier.number, "ConsumerPerson")
    assert reloaded(office, dossier.number) == dossier


def test_signing_a_field_twice_changes_nothing(office: Office) -> None:
    number = willed(office, offered(office))
    first = sign(office, number, "ConsumerPerson")
    before = kinds_of(office, number), trail_words(office, number)
    assert sign(office, number, "ConsumerPerson") == first
    assert (kinds_of(office, number), trail_words(office, number)) == before


def test_nobodys_field_is_signed_before_its_will_is_confirmed(office: Office) -> None:
    number = offered(office).dossier.number
    with pytest.raises(SignatureTurnError):
        sign(office, number, "ConsumerPerson")
    assert kinds_of(office, number).count(RecordKind.AGREEMENT_SIGNED) == 0


def test_without_a_timestamp_our_seal_stands_and_its_time_is_pending_until_it_comes(office: Office) -> None:
    sent = offered(office)
    let_seals_be_used(office, sent.dossier, by="desk")
    sign_as(office, sent.tokens["consumer"])
    token = sent.tokens["supplier"]
    ready_to_sign(office, token)
    code = fresh_code(office, token)
    executed = sign_with_code(replace(office, timestamps=DeadTsa()), token, code)
    assert executed.state is AgreementState.EXECUTED  # formation waits for no authority
    assert [slot.timestamp_utc is None for slot in executed.slots] == [False, False, False, True]
    assert executed.evidence_state is EvidenceState.PENDING
    assert executed.number in upgrade_pending(office)
    upgraded = reloaded(office, executed.number)
    assert all(slot.timestamp_utc is not None for slot in upgraded.slots)
    anchor_all(office)
    assert build_package(office, executed.number).report.verdict is Verdict.PROVEN


def test_who_is_overtaken_while_sealing_gets_the_seal_that_stands(office: Office) -> None:
    sent, standing = offered(office), []
    let_seals_be_used(office, sent.dossier, by="desk")
    sign_as(office, sent.tokens["consumer"])
    number = willed(office, sent, "supplier")
    sign(office, number, "SupplierPerson")
    slow = replace(
        office,
        timestamps=OvertakenTsa(
            office.timestamps, lambda: standing.append(sign(office, number, "SupplierSeal"))
        ),
    )
    assert [sign(slow, number, "SupplierSeal")] == standing
    assert kinds_of(office, number).count(RecordKind.AGREEMENT_SEALED) == 2
    assert trail_words(office, number).count("sealed") == 2


def test_one_field_signed_by_two_requests_at_once_is_signed_once(office: Office) -> None:
    number, start = willed(office, offered(office)), threading.Barrier(2)
    results: list[AgreementDossier] = []
    problems: list[ContractsChainError] = []

    def request() -> None:
        start.wait()
        try:
            results.append(sign(office, number, "ConsumerPerson"))
        except ContractsChainError as problem:
            problems.append(problem)

    requests = [threading.Thread(target=request) for _ in range(2)]
    for one in requests:
        one.start()
    for one in requests:
        one.join()
    assert problems == []
    assert results[0] == results[1] == reloaded(office, number)
    assert kinds_of(office, number).count(RecordKind.AGREEMENT_SIGNED) == 1
