"""A signer is identified by a provider: intent first, evidence kept, nothing doubled, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from identity_desk import IdentityDesk, identity_desk
from memory_office import paperless

from contracts_chain.activation.errors import AttestationRefusedError
from contracts_chain.agreements.identity.face_consent import FaceConsentMissingError, face_consent_sha256
from contracts_chain.agreements.identity.methods import IdentityMethod, MethodNotAllowedError
from contracts_chain.agreements.identity.outcomes import MOST_CHECKS, IdentityTriesUsedError
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows import settle_identity as workflows_settle_identity
from contracts_chain.workflows.ceremony import begin
from contracts_chain.workflows.errors import SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.fsck_papers import StoredPapers, check_stored_papers
from contracts_chain.workflows.identify import identify, identify_standing, identity_view
from contracts_chain.workflows.identity_files import CheckState, IdentityCheck
from contracts_chain.workflows.identity_ports import CallbackRefusedError, IdentityProviderDownError
from contracts_chain.workflows.offer import renew_link
from contracts_chain.workflows.settle_identity import (
    settle_check,
    settle_identity,
    sweep_checks,
    take_callback,
)
from kernel.digests import sha256

CARRIER, FACE = IdentityMethod.CARRIER_THREE_ELEMENTS, IdentityMethod.E_LICENCE_FACE


@pytest.fixture
def desk() -> Iterator[IdentityDesk]:
    with paperless():
        yield identity_desk()


def begun(desk: IdentityDesk) -> tuple[str, IdentityCheck]:
    token = desk.offered().tokens["consumer"]
    return token, identify(desk.office, token, CARRIER)


def identified(desk: IdentityDesk, number: str) -> int:
    return sum(one.event is TrailEventKind.IDENTIFIED for one in desk.trail(number))


def verified_records(desk: IdentityDesk) -> int:
    return sum(one.kind is RecordKind.IDENTITY_VERIFIED for one in desk.records())


def test_a_passed_check_is_enrolled_kept_noted_and_recorded_without_number_or_phone(
    desk: IdentityDesk,
) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "pass")
    settled = settle_identity(desk.office, token)
    assert settled is not None
    assert settled.state is CheckState.PASSED
    (attestation,) = desk.activation.enrolled
    assert settled.attestation_sha256 == sha256(attestation)
    assert desk.office.blobs.get(sha256(attestation)) == attestation
    record = desk.records()[-1]
    assert record.kind is RecordKind.IDENTITY_VERIFIED
    assert record.details["sandbox"] is True
    assert record.details["attestation_sha256"] == sha256(attestation).hex()
    last = desk.trail(check.number)[-1]
    assert last.event is TrailEventKind.IDENTIFIED
    assert last.details["ceremony"] == check.ceremony
    request = desk.provider.requests[check.session]
    for secret in (request.id_no, request.phone):
        assert secret.encode() not in record.canonical() + last.line()


def test_the_intent_stands_before_the_provider_hears_of_it(desk: IdentityDesk) -> None:
    token = desk.offered().tokens["consumer"]
    desk.provider.down = True
    with pytest.raises(IdentityProviderDownError):
        identify(desk.office, token, CARRIER)
    view = identity_view(desk.office, token)
    assert view.newest is not None
    assert view.newest.state is CheckState.ASKED
    desk.provider.down = False
    again = identify(desk.office, token, CARRIER)
    assert (again.key, again.state) == (view.newest.key, CheckState.STARTED)
    assert len(desk.provider.requests) == 1


def test_a_check_that_a_crash_left_asked_is_taken_up_by_the_sweep(desk: IdentityDesk) -> None:
    token = desk.offered().tokens["consumer"]
    desk.provider.down = True
    with pytest.raises(IdentityProviderDownError):
        identify(desk.office, token, CARRIER)
    desk.provider.down = False
    desk.world.clock.advance(timedelta(minutes=1))
    assert sweep_checks(desk.office) == 0
    view = identity_view(desk.office, token)
    assert view.newest is not None
    desk.provider.act(view.newest.session, "pass")
    assert sweep_checks(desk.office) == 1
    assert identified(desk, view.number) == 1


def test_callbacks_doubled_replayed_or_about_nobody_change_nothing(desk: IdentityDesk) -> None:
    _, check = begun(desk)
    desk.provider.act(check.session, "pass")
    body = desk.provider.callback(check.session)
    for _ in range(3):
        take_callback(desk.office, body)
    assert (identified(desk, check.number), verified_records(desk)) == (1, 1)
    assert len(desk.activation.enrolled) == 1
    strange = replace(desk.provider.requests[check.session], key="f" * 32)
    desk.provider.requests["nobody"] = strange
    take_callback(desk.office, desk.provider.callback("nobody"))


def test_a_callback_that_the_provider_did_not_sign_is_refused(desk: IdentityDesk) -> None:
    _, check = begun(desk)
    desk.provider.act(check.session, "pass")
    body = desk.provider.callback(check.session)
    with pytest.raises(CallbackRefusedError):
        take_callback(desk.office, body[:-4] + b"AAAA")
    assert identified(desk, check.number) == 0


def test_a_callback_alone_passes_nobody(desk: IdentityDesk) -> None:
    _, check = begun(desk)
    take_callback(desk.office, desk.provider.callback(check.session))
    assert identified(desk, check.number) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"name": "另一人"},
        {"id_no": "330299199001010015"},
        {"phone": "13912345678"},
        {"nonce": "0" * 32},
        {"method": "bank_account"},
        {"session": "another"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_attestation_of_anything_but_the_request_is_no_identity(
    desk: IdentityDesk, other: dict[str, str]
) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "pass", **other)
    settled = settle_identity(desk.office, token)
    assert settled is not None
    assert (settled.state, settled.reason) == (CheckState.REFUSED, "mismatch")
    assert desk.activation.enrolled == []
    assert identified(desk, check.number) == 0


def test_a_stale_attestation_is_no_identity(desk: IdentityDesk) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "pass")
    desk.world.clock.advance(timedelta(minutes=16))
    settled = settle_identity(desk.office, token)
    assert settled is not None
    assert settled.state is CheckState.OVER
    assert desk.activation.enrolled == []


def test_what_the_activation_process_refuses_is_not_recorded(desk: IdentityDesk) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "pass")
    desk.activation.refusing = True
    with pytest.raises(AttestationRefusedError):
        settle_identity(desk.office, token)
    assert (identified(desk, check.number), verified_records(desk)) == (0, 0)
    desk.activation.refusing = False
    settled = settle_check(desk.office, check.key)
    assert settled is not None
    assert settled.state is CheckState.PASSED


def test_a_crash_between_enrolment_and_record_ends_in_one_record(desk: IdentityDesk) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "pass")
    attestation = desk.provider.settle(check.session).attestation
    assert attestation is not None
    desk.activation.enrol(attestation)  # and then the service died
    settle_identity(desk.office, token)
    settle_identity(desk.office, token)
    assert (identified(desk, check.number), verified_records(desk)) == (1, 1)
    assert set(desk.activation.enrolled) == {attestation}


@pytest.mark.parametrize("who", ["sweep", "signer"])
def test_what_was_enrolled_before_a_crash_is_recorded_though_the_provider_forgot_it(
    desk: IdentityDesk, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "pass")
    with monkeypatch.context() as patched:
        patched.setattr(workflows_settle_identity, "_recorded", _power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            settle_identity(desk.office, token)
    (attestation,) = desk.activation.enrolled
    del desk.provider.outcomes[check.session]
    desk.world.clock.advance(timedelta(minutes=20))
    assert sweep_checks(desk.office) == 1 if who == "sweep" else begin(desk.office, token).progress.identified
    assert (identified(desk, check.number), verified_records(desk)) == (1, 1)
    assert desk.records()[-1].details["attestation_sha256"] == sha256(attestation).hex()
    with desk.office.work() as work:
        assert work.intents.pending() == ()


def _power_cut(*_: object) -> IdentityCheck:
    raise RuntimeError("power cut")


def test_a_refusal_and_a_retake_are_told_with_their_reason(desk: IdentityDesk) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "retake:glare_lower_left")
    again = settle_identity(desk.office, token)
    assert again is not None
    assert (again.state, again.reason, again.tries_left) == (CheckState.STARTED, "glare_lower_left", 2)
    desk.provider.act(check.session, "refuse:no_match")
    refused = settle_identity(desk.office, token)
    assert refused is not None
    assert (refused.state, refused.reason) == (CheckState.REFUSED, "no_match")
    assert identify(desk.office, token, CARRIER).key != check.key


def test_a_session_that_the_provider_forgot_is_over(desk: IdentityDesk) -> None:
    token, check = begun(desk)
    del desk.provider.outcomes[check.session]
    settled = settle_identity(desk.office, token)
    assert settled is not None
    assert (settled.state, settled.reason) == (CheckState.OVER, "lost")


def test_a_check_nobody_finishes_is_given_up_after_a_day(desk: IdentityDesk) -> None:
    begun(desk)
    desk.world.clock.advance(timedelta(hours=25))
    assert sweep_checks(desk.office) == 1
    assert sweep_checks(desk.office) == 0


def test_no_face_is_used_without_a_separate_consent_and_either_answer_is_logged(desk: IdentityDesk) -> None:
    token = desk.offered().tokens["consumer"]
    with pytest.raises(FaceConsentMissingError):
        identify(desk.office, token, FACE)
    with pytest.raises(FaceConsentMissingError):
        identify(desk.office, token, FACE, face_consent=False)
    assert desk.provider.requests == {}
    refused = identity_view(desk.office, token).consent
    assert refused is not None
    assert refused.given is False
    check = identify(desk.office, token, FACE, face_consent=True)
    assert [one.given for one in desk.world.tables.identity.consents] == [False, True]
    desk.provider.act(check.session, "pass")
    settle_identity(desk.office, token)
    assert desk.records()[-1].details["face_consent_sha256"] == face_consent_sha256().hex()


def test_a_refused_consent_leaves_the_other_ways(desk: IdentityDesk) -> None:
    token = desk.offered().tokens["consumer"]
    with pytest.raises(FaceConsentMissingError):
        identify(desk.office, token, FACE, face_consent=False)
    assert identify(desk.office, token, CARRIER).state is CheckState.STARTED


def test_after_five_checks_only_the_hall_remains(desk: IdentityDesk) -> None:
    token = desk.offered().tokens["consumer"]
    for _ in range(MOST_CHECKS):
        check = identify(desk.office, token, CARRIER)
        desk.provider.act(check.session, "refuse:no_match")
        settle_identity(desk.office, token)
    with pytest.raises(IdentityTriesUsedError):
        identify(desk.office, token, CARRIER)
    assert identity_view(desk.office, token).checks_left == 0


def test_the_halls_review_cannot_be_begun_from_a_link(desk: IdentityDesk) -> None:
    token = desk.offered().tokens["consumer"]
    with pytest.raises(MethodNotAllowedError):
        identify(desk.office, token, IdentityMethod.HALL_REVIEW)


def test_a_signer_known_from_before_is_identified_by_the_earlier_attestation(desk: IdentityDesk) -> None:
    sent = desk.offered()
    token = sent.tokens["consumer"]
    assert identify_standing(desk.office, token) is False
    earlier = desk.activation.attest(desk.signer(sent))
    assert identify_standing(desk.office, token) is True
    last = desk.trail(sent.dossier.number)[-1]
    assert last.details["method"] == "standing"
    assert last.details["attestation_sha256"] == sha256(earlier).hex()
    assert verified_records(desk) == 0


def test_nobody_is_identified_by_a_link_that_is_unknown_replaced_or_not_at_turn(desk: IdentityDesk) -> None:
    sent = desk.offered()
    with pytest.raises(UnknownNumberError):
        identify(desk.office, "x" * 43, CARRIER)
    with pytest.raises(SignatureTurnError):
        identify(desk.office, sent.tokens["supplier"], CARRIER)
    check = identify(desk.office, sent.tokens["consumer"], CARRIER)
    renew_link(desk.office, sent.dossier.number, "consumer", by="desk")
    desk.provider.act(check.session, "pass")
    settled = settle_check(desk.office, check.key)
    assert settled is not None
    assert settled.state is CheckState.OVER
    assert identified(desk, check.number) == 0
    with pytest.raises(SignatureTurnError):
        identify(desk.office, sent.tokens["consumer"], CARRIER)


def test_an_organisation_is_attested_with_its_name_and_code(desk: IdentityDesk) -> None:
    sent = desk.offered()
    check = identify(desk.office, sent.tokens["consumer"], IdentityMethod.BANK_ACCOUNT)
    organisation = desk.provider.requests[check.session].organisation
    assert organisation is not None
    assert organisation.uscc == sent.dossier.slots[0].organisation_id


def test_fsck_takes_no_attestation_for_the_agreement_itself(desk: IdentityDesk) -> None:
    token, check = begun(desk)
    desk.provider.act(check.session, "pass")
    settle_identity(desk.office, token)
    with desk.office.work() as work:
        rows, dossiers = work.log.waiting(), tuple(work.agreements.list())
        trails = {check.number: work.trails.lines(check.number)}
    papers = StoredPapers(agreements=dossiers, annexes=(), invoices=(), seals=(), trails=trails, untimed=0)
    assert list(check_stored_papers(papers, rows, desk.world.blobs)) == []
    forged = [replace(one, current_sha256=sha256(b"x")) for one in papers.agreements]
    desk.world.blobs.kept[sha256(b"x")] = b"x"
    found = check_stored_papers(replace(papers, agreements=tuple(forged)), rows, desk.world.blobs)
    assert [one.code for one in found] == ["document_replaced"]
