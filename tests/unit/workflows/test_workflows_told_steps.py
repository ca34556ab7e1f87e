"""Every step of a signing is told to other systems, with where its evidence stands and nothing personal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from agreement_ways import WAYS, approved, events_of, executed, offered
from ceremony_reader import read_everything
from chain_behaviour import a_checkpoint, a_transaction
from memory_office import MemoryOffice, memory_office, paperless, sample
from seal_desk import added_agreement, approved_use, with_seals
from telling_watch import moves_of, watched

from contracts_chain.activation.errors import AssertionRefusedError, WrongCodeError
from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.process_event_kind import ProcessEventKind as K
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows import sign
from contracts_chain.workflows.callback_files import ProcessEvent
from contracts_chain.workflows.checkpoints import AnchorCourse
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.offer import renew_link
from contracts_chain.workflows.paper import PaperWay, choose_paper
from contracts_chain.workflows.process_events import note_covered
from contracts_chain.workflows.reading import page_image
from contracts_chain.workflows.remind import remind_signers
from contracts_chain.workflows.revise import revise
from contracts_chain.workflows.seal_use import refuse_use, request_use, take_use
from contracts_chain.workflows.sign import sign_slot
from contracts_chain.workflows.status import StatusDeed, change_status
from contracts_chain.workflows.trail_telling import KEPT_INSIDE, telling_of
from contracts_chain.workflows.will import confirm_will
from kernel.verdict import Verdict
from signing.model import PdfFindings

WAY_TO_A_CONTRACT = [
    K.DRAFTED, K.SUBMITTED, K.APPROVED, K.SENT, K.YOUR_TURN,
    K.IDENTIFIED, K.VIEWED, K.READ_COMPLETE, K.WILL_PASSED,
    K.SIGNED, K.TIMESTAMPED, K.SEALING_STEP, K.TIMESTAMPED, K.YOUR_TURN,
    K.IDENTIFIED, K.VIEWED, K.READ_COMPLETE, K.WILL_PASSED,
    K.SIGNED, K.TIMESTAMPED, K.SEALING_STEP, K.TIMESTAMPED, K.SEALED,
]  # fmt: skip


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield watched(memory_office())


def kinds(world: MemoryOffice, number: str) -> list[K]:
    return [event.kind for event in events_of(world, number)]


def only(world: MemoryOffice, number: str, kind: K) -> list[Mapping[str, Any]]:
    return [event.change for event in events_of(world, number) if event.kind is kind]


def test_a_whole_signing_tells_each_step_once_and_in_order(world: MemoryOffice) -> None:
    number = executed(world)
    told = events_of(world, number)
    assert [event.kind for event in told] == WAY_TO_A_CONTRACT
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    assert [one["role"] for one in only(world, number, K.YOUR_TURN)] == ["consumer", "supplier"]
    (formed,) = only(world, number, K.SEALED)
    dossier = world.tables.agreements[number]
    assert dossier.current_sha256 is not None
    assert formed["document_sha256"] == dossier.current_sha256.hex()
    assert formed["state"] == {"before": "partly_signed", "after": "executed"}


def test_nothing_personal_and_no_free_words_leave_the_house(world: MemoryOffice) -> None:
    told: list[ProcessEvent] = []
    for state in (AgreementState.SUPERSEDED, AgreementState.DISPUTED, AgreementState.REJECTED):
        with paperless():
            own = watched(memory_office())
            WAYS[state](own)
            for number in own.tables.agreements:
                told += events_of(own, number)
    said = str([event.change for event in told])
    for party in sample().parties():
        person = party.party.signer
        for private in (person.name, person.phone, person.id_no, party.party.name):
            assert private
            assert private not in said
    for words in ("张三", "计量误差", "重新签订", "另有安排"):
        assert words not in said


def test_every_kind_of_trail_line_is_told_or_kept_inside_on_purpose() -> None:
    for kind in TrailEventKind:
        assert (telling_of(kind) is None) == (kind in KEPT_INSIDE), kind


def test_reading_is_told_at_its_first_page_and_after_its_last_clause(world: MemoryOffice) -> None:
    made = offered(world)
    number, token = made.dossier.number, made.tokens["consumer"]
    read_everything(world.office, token, world.wait)
    assert kinds(world, number)[-2:] == [K.VIEWED, K.READ_COMPLETE]
    read_everything(world.office, token, world.wait)
    with patch("contracts_chain.workflows.reading.page_png", return_value=b""):
        page_image(world.office, token, 1, 390)  # an item that was not served yet, after all was read
    assert kinds(world, number)[-2:] == [K.VIEWED, K.READ_COMPLETE]
    again = renew_link(world.office, number, "consumer", by="desk")
    read_everything(world.office, again, world.wait)
    assert kinds(world, number)[-4:] == [K.SENT, K.IDENTIFIED, K.VIEWED, K.READ_COMPLETE]


def test_a_wrong_code_and_a_strange_passkey_are_told_as_a_will_that_failed(world: MemoryOffice) -> None:
    made = offered(world)
    number, token = made.dossier.number, made.tokens["consumer"]
    code = world.code(token)
    with pytest.raises(WrongCodeError):
        confirm_will(world.office, token, CodeFactor(code=f"{(int(code) + 1) % 10**6:06d}"))
    refusal = AssertionRefusedError("challenge")
    with (
        patch.object(type(world.activation), "release", side_effect=refusal),
        pytest.raises(AssertionRefusedError),
    ):
        confirm_will(world.office, token, CodeFactor(code=code))
    failed = only(world, number, K.WILL_FAILED)
    assert [(one["role"], one.get("factor"), one.get("attempts_left", 0) > 0) for one in failed] == [
        ("consumer", None, True),
        ("consumer", "passkey", False),
    ]


def pending(found: PdfFindings) -> PdfFindings:
    """As of an outage: the newest signature has no time yet."""
    *others, newest = found.signatures
    timeless = replace(newest, code="timestamp_pending", timestamp=Verdict.UNDECIDED, timestamp_utc=None)
    return replace(found, signatures=(*others, timeless))


def test_a_signature_without_its_time_is_told_as_degraded(world: MemoryOffice) -> None:
    made = offered(world)
    number, honest = made.dossier.number, sign.inspect_pdf
    with patch.object(sign, "inspect_pdf", lambda pdf, trust: pending(honest(pdf, trust))):
        world.sign(made.tokens["consumer"])
    first, second = only(world, number, K.DEGRADED)
    assert first["evidence"] == {"before": "logged", "after": "pending"}
    assert (first["field"], second["field"]) == ("ConsumerPerson", "ConsumerSeal")
    assert "evidence" not in second
    assert K.TIMESTAMPED not in kinds(world, number)


def forged(found: PdfFindings) -> PdfFindings:
    *others, newest = found.signatures
    return replace(
        found, signatures=(*others, replace(newest, integrity=Verdict.REFUTED, code="signature_forged"))
    )


def test_a_revision_that_does_not_pass_is_told_once_however_often_it_is_tried(world: MemoryOffice) -> None:
    made = offered(world)
    number, honest = made.dossier.number, sign.inspect_pdf
    world.release(made.tokens["consumer"])
    with patch.object(sign, "inspect_pdf", lambda pdf, trust: forged(honest(pdf, trust))):
        for _ in range(2):
            with pytest.raises(UnsoundSignatureError):
                sign_slot(world.office, number, "ConsumerPerson", actor="tester")
    (failed,) = only(world, number, K.FAILED)
    assert failed == {
        "code": "unsound_signature",
        "document_sha256": made.dossier.current_sha256.hex() if made.dossier.current_sha256 else "",
        "field": "ConsumerPerson",
        "reason": "signature_forged",
        "role": "consumer",
    }


def test_the_steps_of_a_seal_are_told_from_the_request_to_the_use(world: MemoryOffice) -> None:
    office = with_seals(world.office, world.office.seal_keys)
    number = added_agreement(office)
    first = approved_use(office, number)
    assert first is not None
    other = request_use(office, first.seal_id, [number], by="supplier-desk", reason="补盖")
    refuse_use(office, other.id, by="seal-custodian")
    with office.work() as work:
        dossier = work.agreements.load(number)
        take_use(office, work, dossier, dossier.slot("SupplierSeal"), office.clock.now())
        work.commit()
    steps = only(world, number, K.SEALING_STEP)
    assert [one["step"] for one in steps] == ["asked", "approved", "asked", "refused", "numbered"]
    assert {one["seal_id"] for one in steps} == {first.seal_id}


def test_revising_transferring_to_paper_and_reminding_are_told(world: MemoryOffice) -> None:
    number = approved(world)
    revise(world.office, number, replace(sample(), cust_no="3300000000009"), by="li", base_version=1)
    (revised,) = only(world, number, K.REVISED)
    assert revised["state"] == {"before": "approved", "after": "draft"}
    made = offered(world, "ORDER-2")
    world.wait(20 * 86400)
    assert remind_signers(world.office, after_working_days=1) == 1
    choose_paper(world.office, made.tokens["consumer"], PaperWay.POST)
    assert kinds(world, made.dossier.number)[-2:] == [K.REMINDED, K.PAPER_CHOSEN]


def covered(world: MemoryOffice, state: EvidenceState) -> str:
    """An agreement whose newest leaf was anchored so far, by the course of the transaction itself."""
    number = approved(world)
    with world.office.work() as work:
        work.log.sequence_pending(9)
        work.checkpoints.add(a_checkpoint(1, 1))
        work.transactions.add(a_transaction(0))
        for reached in ("mined", "final"):
            moved = replace(a_transaction(0), state=reached)
            AnchorCourse().moved(work, moved, b"{}", world.clock.now())
            if state is EvidenceState.ANCHORED:
                break
        if state is EvidenceState.CROSS_ANCHORED:
            crossed = work.checkpoints.mark_covered(0, 1, state)
            note_covered(work, crossed, state, at=world.clock.now(), change={"place": "tsa"})
        work.commit()
    return number


def test_a_deed_after_the_anchor_tells_that_the_evidence_waits_again(world: MemoryOffice) -> None:
    number = WAYS[AgreementState.IN_FORCE](world)
    with world.office.work() as work:
        work.log.sequence_pending(99)
        anchored = work.checkpoints.mark_covered(0, len(world.tables.log_rows), EvidenceState.FINAL)
        note_covered(work, anchored, EvidenceState.FINAL, at=world.clock.now(), change={})
        work.commit()
    change_status(world.office, number, StatusDeed.TERMINATE, reason="协商一致", by="desk")
    last = events_of(world, number)[-1]
    assert last.kind is K.STATUS_CHANGED
    assert last.change == {
        "evidence": {"before": "final", "after": "logged"},
        "state": {"before": "in_force", "after": "terminated"},
        "status": "terminated",
    }


@pytest.mark.parametrize("state", EvidenceState)
def test_every_state_of_the_evidence_is_told_when_it_is_entered(
    world: MemoryOffice, state: EvidenceState
) -> None:
    match state:
        case EvidenceState.PENDING:
            number = world.draft()
        case EvidenceState.LOGGED:
            number = approved(world)
        case EvidenceState.TIMESTAMPED:  # no row stands there: the time and the leaf come in one commit
            number = executed(world)
            assert len(only(world, number, K.TIMESTAMPED)) == 4
            return
        case _:
            number = covered(world, state)
    assert world.tables.agreements[number].evidence_state is state
    assert list(moves_of(events_of(world, number), "evidence"))[-1]["after"] == state.value


def test_the_codes_are_those_of_the_format_and_each_has_its_words() -> None:
    assert len({kind.zh for kind in K}) == len(K)
    assert all(kind.value.replace("_", "").isalpha() and kind.value.islower() for kind in K)
