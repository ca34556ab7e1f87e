"""What every store of identity files and every provider must do; run over fake and real alike.

Subclasses of ``IdentityStoreBehaviour`` give ``open_work``: units of work on a store that holds the
agreement ``NUMBER``. Subclasses of ``ProviderBehaviour`` give ``provider`` and ``play``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dossiers import a_dossier

from contracts_chain.agreements.identity.attestation import AttestedOrganisation
from contracts_chain.workflows.identity_files import (
    AttachmentFile,
    CheckState,
    DelegationFile,
    FaceConsent,
    HallReview,
    HallSignature,
    IdentityCheck,
)
from contracts_chain.workflows.identity_ports import (
    CallbackRefusedError,
    IdentityOutcome,
    IdentityRequest,
    IdentityVerifier,
)
from kernel.digests import sha256
from kernel.ids import new_id

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NUMBER = a_dossier().number
CHECK = IdentityCheck(
    key="a" * 32,
    nonce="b" * 32,
    ceremony="c" * 32,
    number=NUMBER,
    role="consumer",
    method="bank_account",
    state=CheckState.ASKED,
    asked_utc=MORNING,
)
REVIEW = HallReview(
    id="d" * 32,
    ceremony="c" * 32,
    number=NUMBER,
    role="consumer",
    claims=b"{}",
    scan_sha256=sha256(b"scan"),
    opened_by="supplier-desk",
    opened_utc=MORNING,
)
DELEGATION = DelegationFile(
    id="e" * 32,
    number=NUMBER,
    role="consumer",
    from_name="王海明",
    person=b"{}",
    letter=b"{}",
    letter_sha256=sha256(b"letter"),
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    delegated_utc=MORNING,
)
ATTACHED = AttachmentFile(
    number=NUMBER,
    sha256=sha256(b"chat"),
    kind="chat",
    description="聊天",
    media_type="text/plain",
    length=4,
    attached_by="drafter",
    attached_utc=MORNING,
)


class IdentityStoreBehaviour:
    def test_a_check_is_found_by_key_session_and_ceremony_as_it_was_saved_last(self, open_work: Any) -> None:
        started = replace(CHECK, state=CheckState.STARTED, session="s-1", redirect_url="https://p/s-1")
        later = replace(CHECK, key="f" * 32, nonce="0" * 32, asked_utc=MORNING + timedelta(minutes=1))
        with open_work() as work:
            work.identity_checks.add(later)
            work.identity_checks.add(CHECK)
            assert work.identity_checks.find_session("") is None
            work.identity_checks.save(started)
            work.commit()
        with open_work() as work:
            assert work.identity_checks.find(CHECK.key, lock=True) == started
            assert work.identity_checks.find("0" * 32) is None
            assert work.identity_checks.find_session("s-1") == started
            assert work.identity_checks.of_ceremony(CHECK.ceremony) == (started, later)

    def test_only_checks_without_an_end_are_unsettled_and_only_old_ones(self, open_work: Any) -> None:
        passed = replace(
            CHECK,
            key="f" * 32,
            nonce="0" * 32,
            state=CheckState.PASSED,
            attestation_sha256=sha256(b"attestation"),
            settled_utc=MORNING,
        )
        with open_work() as work:
            work.identity_checks.add(CHECK)
            work.identity_checks.add(passed)
            work.commit()
        with open_work() as work:
            assert work.identity_checks.unsettled(MORNING) == ()
            assert work.identity_checks.unsettled(MORNING + timedelta(seconds=1)) == (CHECK,)
            assert work.identity_checks.find(passed.key) == passed

    def test_the_newest_answer_about_face_data_counts(self, open_work: Any) -> None:
        consent = FaceConsent(
            ceremony=CHECK.ceremony, given=False, text_sha256=sha256(b"text"), answered_utc=MORNING
        )
        with open_work() as work:
            assert work.identity_checks.consent_of(CHECK.ceremony) is None
            work.identity_checks.answer_consent(consent)
            work.identity_checks.answer_consent(replace(consent, given=True))
            work.commit()
        with open_work() as work:
            assert work.identity_checks.consent_of(CHECK.ceremony) == replace(consent, given=True)
            assert work.identity_checks.consent_of("0" * 32) is None

    def test_a_review_keeps_its_signatures_in_order_and_its_attestation(self, open_work: Any) -> None:
        signatures = tuple(
            HallSignature(account=f"a{n}", clerk=f"k{n}", member=b"{}", signed_utc=MORNING) for n in (1, 2)
        )
        with open_work() as work:
            work.hall_reviews.add(REVIEW)
            for signature in signatures:
                work.hall_reviews.sign(REVIEW.id, signature)
            work.hall_reviews.close(REVIEW.id, sha256(b"attestation"))
            work.commit()
        whole = replace(REVIEW, signatures=signatures, attestation_sha256=sha256(b"attestation"))
        with open_work() as work:
            assert work.hall_reviews.find(REVIEW.id, lock=True) == whole
            assert work.hall_reviews.of_agreement(NUMBER) == (whole,)
            assert work.hall_reviews.find("0" * 32) is None

    def test_the_newest_delegation_of_a_role_counts_and_all_are_kept(self, open_work: Any) -> None:
        again = replace(DELEGATION, id="f" * 32, from_name="陈立新")
        other = replace(DELEGATION, id="0" * 32, role="supplier")
        with open_work() as work:
            assert work.delegations.newest(NUMBER, "consumer") is None
            for one in (DELEGATION, again, other):
                work.delegations.add(one)
            work.commit()
        with open_work() as work:
            assert work.delegations.newest(NUMBER, "consumer") == again
            assert work.delegations.of_agreement(NUMBER) == (DELEGATION, again, other)

    def test_the_first_attachment_of_the_same_bytes_stands(self, open_work: Any) -> None:
        second = replace(ATTACHED, sha256=sha256(b"report"), kind="inspection")
        with open_work() as work:
            assert work.attachments.add(ATTACHED) == ATTACHED
            assert work.attachments.add(replace(ATTACHED, attached_by="reviewer")) == ATTACHED
            work.attachments.add(second)
            work.commit()
        with open_work() as work:
            assert tuple(work.attachments.of_agreement(NUMBER)) == (ATTACHED, second)
            assert work.attachments.find(NUMBER, second.sha256) == second
            assert work.attachments.find("nothing", second.sha256) is None
            assert work.attachments.digests() == tuple(sorted((ATTACHED.sha256, second.sha256)))


def a_request(**changed: Any) -> IdentityRequest:
    members: dict[str, Any] = {
        "key": new_id(),
        "nonce": new_id(),
        "method": "bank_account",
        "name": "王海明",
        "id_type": "RESIDENT_ID",
        "id_no": "330299197809230152",
        "phone": "19900000002",
        "organisation": AttestedOrganisation(name="示例公司", uscc="91330200MA23AMP15X"),
        "return_url": "https://ours.example.test/identity/return?check=1",
        "callback_url": "http://127.0.0.1:9/identity/callback",
    }
    return IdentityRequest(**(members | changed))


class ProviderBehaviour:
    """``play(session, do)`` is the person at the provider's page; ``callback(session)`` its signed news."""

    def test_the_same_key_opens_the_same_session(self, provider: IdentityVerifier) -> None:
        request = a_request()
        session = provider.start(request)
        assert provider.start(request) == session
        assert provider.start(a_request()).id != session.id
        assert session.id in session.redirect_url

    def test_nobody_passes_before_acting(self, provider: IdentityVerifier) -> None:
        session = provider.start(a_request())
        assert provider.settle(session.id).state == "pending"

    def test_who_passes_is_attested_as_asked(
        self, provider: IdentityVerifier, play: Callable[[str, str], None], now: Callable[[], datetime]
    ) -> None:
        request = a_request()
        session = provider.start(request)
        play(session.id, "pass")
        outcome = provider.settle(session.id)
        assert outcome.attestation is not None
        assert provider.settle(session.id) == outcome
        claims = provider.verify_attestation(outcome.attestation, now=now())
        for member in ("method", "name", "id_type", "id_no", "phone", "nonce", "organisation"):
            assert getattr(claims, member) == getattr(request, member)
        assert (claims.session, claims.issuer, claims.sandbox) == (session.id, provider.name, True)

    def test_a_refusal_names_its_reason_and_stands(
        self, provider: IdentityVerifier, play: Callable[[str, str], None]
    ) -> None:
        session = provider.start(a_request())
        play(session.id, "refuse:no_match")
        assert provider.settle(session.id) == IdentityOutcome(state="refused", reason="no_match")

    def test_a_retake_leaves_tries_and_may_still_pass(
        self, provider: IdentityVerifier, play: Callable[[str, str], None]
    ) -> None:
        session = provider.start(a_request())
        play(session.id, "retake:blurred")
        outcome = provider.settle(session.id)
        assert (outcome.state, outcome.reason, outcome.tries_left) == ("retake", "blurred", 2)
        play(session.id, "pass")
        assert provider.settle(session.id).state == "passed"

    def test_a_session_nobody_opened_is_lost(self, provider: IdentityVerifier) -> None:
        assert provider.settle("nobody").state == "lost"

    @pytest.mark.parametrize("body", [b"", b"{}", b"a.b.c", b"\xff", b'{"session":"x"}'])
    def test_a_message_without_the_providers_signature_is_refused(
        self, provider: IdentityVerifier, body: bytes
    ) -> None:
        with pytest.raises(CallbackRefusedError):
            provider.verify_callback(body)
