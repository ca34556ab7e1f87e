"""Signing on a real house: in turn, once, on the approved bytes, and not at all without a timestamp."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from workflows_desk import (
    ceremony_of,
    fresh_code,
    kinds_of,
    offered,
    read_every_page,
    records_of,
    reloaded,
    trail_words,
)
from workflows_outages import DeadTsa, OvertakenTsa

from contracts_chain.agreements.lifecycle import AgreementState, TransitionRefusedError
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import final_hash, verify_trail
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import SignatureTurnError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.sign import sign_slot
from kernel.digests import digests_of
from kernel.errors import ContractsChainError
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.rfc3161_authority import TimestampUnavailableError

WHOLE_LIFE = [
    RecordKind.AGREEMENT_APPROVED,
    RecordKind.AGREEMENT_OFFERED,
    RecordKind.AGREEMENT_SIGNED,
    RecordKind.AGREEMENT_SEALED,
    RecordKind.AGREEMENT_SIGNED,
    RecordKind.AGREEMENT_SEALED,
    RecordKind.AGREEMENT_EXECUTED,
]


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
    assert [record.kind for record in records] == WHOLE_LIFE
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
    number = offered(office).dossier.number
    first = sign(office, number, "ConsumerPerson")
    before = kinds_of(office, number), trail_words(office, number)
    assert sign(office, number, "ConsumerPerson") == first
    assert (kinds_of(office, number), trail_words(office, number)) == before


def test_without_a_timestamp_nothing_is_signed_and_the_same_ceremony_goes_on_later(office: Office) -> None:
    token = offered(office).tokens["consumer"]
    read_every_page(office, token)
    code, number = fresh_code(office, token), ceremony_of(office, token).number
    before, words = reloaded(office, number), trail_words(office, number)
    with pytest.raises(TimestampUnavailableError):
        sign_with_code(replace(office, timestamps=DeadTsa()), token, code)
    assert reloaded(office, number) == before
    assert trail_words(office, number) == [*words, "code_confirmed"]
    with office.work() as work:
        intent = work.intents.find(f"sign:{number}:ConsumerPerson")
    assert intent is not None
    assert not intent.done
    signed = sign_with_code(office, token, code)
    assert [slot.signed for slot in signed.slots] == [True, True, False, False]
    with office.work() as work:
        assert not [one for one in work.intents.pending() if one.subject == number]


def test_who_is_overtaken_while_signing_gets_the_signature_that_stands(office: Office) -> None:
    number, standing = offered(office).dossier.number, []
    slow = replace(
        office,
        timestamps=OvertakenTsa(
            office.timestamps, lambda: standing.append(sign(office, number, "ConsumerPerson"))
        ),
    )
    assert [sign(slow, number, "ConsumerPerson")] == standing
    assert kinds_of(office, number).count(RecordKind.AGREEMENT_SIGNED) == 1
    assert trail_words(office, number).count("signed") == 1


def test_one_field_signed_by_two_requests_at_once_is_signed_once(office: Office) -> None:
    number, start = offered(office).dossier.number, threading.Barrier(2)
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
