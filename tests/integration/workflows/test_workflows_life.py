"""An agreement after its execution: its first day, its end, disputes, ratings; each once, none forgotten."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from workflows_desk import anchor_all, completed, drafted, kinds_of, passed, reloaded, trail_words, words_of
from workflows_life import ending, in_force, later, newest_status, planted, sent, told

from contracts_chain.agreements.lifecycle import AgreementState, TransitionRefusedError
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.workflows.anchor import advance_anchors
from contracts_chain.workflows.deliver import deliver_outbox
from contracts_chain.workflows.dispute import hold_for_dispute, release_hold
from contracts_chain.workflows.errors import NotExecutedError
from contracts_chain.workflows.expire import archive_agreement, expire_when_due, remind_of_expiry
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.life_errors import (
    DisputeHoldError,
    LinkUsedError,
    NoTermError,
    NotHeldError,
    RatingError,
)
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.process_events import tell_events
from contracts_chain.workflows.rating import invite_ratings, rate
from contracts_chain.workflows.renew_agreement import object_to_renewal
from contracts_chain.workflows.standing import beijing_day
from contracts_chain.workflows.status import StatusDeed, change_status, enter_into_force
from kernel.verdict import Verdict

DAY = timedelta(days=1)
EXPIRING = ProcessEventKind.EXPIRING


def today(office: Office) -> date:
    return beijing_day(office.clock.now())


class Silent:
    """A gateway that takes everything."""

    def send(self, phone: str, text: str) -> None:
        """Take it."""


def test_a_contract_binds_when_it_is_signed_and_is_in_force_from_its_first_day(office: Office) -> None:
    first = today(office) + 10 * DAY
    number = completed(office, passed(office, drafted(office, valid_from=first, valid_to=first + DAY))).number
    anchor_all(office)
    assert reloaded(office, number).state is AgreementState.EXECUTED
    assert words_of(office, number) == [(RegistryStatus.IN_FORCE, "final")]
    with pytest.raises(TransitionRefusedError):
        change_status(office, number, StatusDeed.SUSPEND, reason="r", by="desk")
    enter_into_force(later(office, days=9))
    assert reloaded(office, number).state is AgreementState.EXECUTED
    assert enter_into_force(later(office, days=10)) >= 1
    assert enter_into_force(later(office, days=10)) == 0
    assert reloaded(office, number).state is AgreementState.IN_FORCE
    assert build_package(office, number).report.verdict is Verdict.PROVEN


def test_a_contract_may_end_before_its_first_day(office: Office) -> None:
    first = today(office) + 10 * DAY
    dossier = planted(office, valid_from=first, valid_to=first + DAY)
    change_status(office, dossier.number, StatusDeed.TERMINATE, reason="双方协商一致", by="desk")
    anchor_all(office)
    assert words_of(office, dossier.number) == [
        (RegistryStatus.IN_FORCE, "final"),
        (RegistryStatus.TERMINATED, "final"),
    ]


def test_each_reminder_of_an_end_goes_out_once_and_a_late_start_sends_the_nearest_only(
    office: Office,
) -> None:
    number, late = ending(office, 91), ending(office, 20)
    assert remind_of_expiry(office) >= 1
    assert [one["days"] for one in told(office, EXPIRING, late)] == [30]
    assert told(office, EXPIRING, number) == []
    for days in (1, 1, 20, 31, 40, 61, 80):
        remind_of_expiry(later(office, days=days))
    assert [one["days"] for one in told(office, EXPIRING, number)] == [90, 60, 30]
    assert len(told(office, EXPIRING, late)) == 1


def test_a_term_continues_once_for_as_long_and_then_expires(office: Office) -> None:
    number = ending(office, 0)
    start = load_terms(reloaded(office, number).terms).valid_from
    assert expire_when_due(office) == 0
    with office.work() as work:
        first = work.life.find_span(number)
    expire_when_due(later(office, days=1))
    expire_when_due(later(office, days=1))
    assert reloaded(office, number).state is AgreementState.IN_FORCE
    assert newest_status(office, number)["status"] == "extended"
    with office.work() as work:
        span = work.life.find_span(number)
    assert first is not None
    assert span is not None
    assert span.renewals == 1
    assert span.ends_on is not None
    assert abs((span.ends_on - today(office)) - (today(office) + DAY - start)) <= DAY
    expire_when_due(later(office, days=(span.ends_on - today(office)).days + 1))
    assert reloaded(office, number).state is AgreementState.EXPIRED
    assert newest_status(office, number)["status"] == "expired"
    assert kinds_of(office, number).count(RecordKind.AGREEMENT_STATUS) == 2


def test_an_objection_on_record_ends_the_term_and_a_late_one_is_marked(office: Office) -> None:
    number = ending(office, 10)
    object_to_renewal(office, number, party="consumer", objection="来函：不再续期", by="desk")
    object_to_renewal(office, number, party="supplier", objection="第二份", by="desk")
    assert newest_status(office, number) | {"trail": ""} == {
        "late": True,
        "party": "consumer",
        "reason": "来函：不再续期",
        "status": "objected",
        "trail": "",
    }
    expire_when_due(later(office, days=11))
    assert reloaded(office, number).state is AgreementState.EXPIRED
    with pytest.raises(NoTermError):
        object_to_renewal(later(office, days=12), number, party="consumer", objection="再来", by="desk")


def test_a_dispute_holds_everything_and_says_who_and_why(office: Office) -> None:
    number = ending(office, 1)
    held = hold_for_dispute(
        office, number, reason="计量误差争议", case_no="（2026）浙0299民初1号", by="legal"
    )
    assert held.state is AgreementState.DISPUTED
    for refused in (
        lambda: change_status(office, number, StatusDeed.TERMINATE, reason="r", by="desk"),
        lambda: change_status(office, number, StatusDeed.RESUME, reason="r", by="desk"),
        lambda: archive_agreement(office, number, by="desk"),
        lambda: object_to_renewal(office, number, party="consumer", objection="o", by="desk"),
        lambda: hold_for_dispute(office, number, reason="再次", case_no="", by="desk"),
    ):
        with pytest.raises(DisputeHoldError, match=r"legal.*计量误差争议.*民初1号"):
            refused()
    assert expire_when_due(later(office, days=5)) == 0
    released = release_hold(office, number, outcome="双方和解", by="legal")
    assert released.state is AgreementState.IN_FORCE
    with pytest.raises(NotHeldError):
        release_hold(office, number, outcome="再次", by="legal")
    assert trail_words(office, number)[-2:] == ["status_changed", "status_changed"]


def test_an_ended_contract_under_dispute_is_not_archived_until_it_is_released(office: Office) -> None:
    number = in_force(office).number
    change_status(office, number, StatusDeed.TERMINATE, reason="销户", by="desk")
    assert hold_for_dispute(office, number, reason="退费争议", case_no="", by="legal").state is (
        AgreementState.TERMINATED
    )
    with pytest.raises(DisputeHoldError):
        archive_agreement(office, number, by="desk")
    release_hold(office, number, outcome="已退费", by="legal")
    assert archive_agreement(office, number, by="desk").state is AgreementState.ARCHIVED
    with pytest.raises(TransitionRefusedError):
        hold_for_dispute(office, number, reason="再次", case_no="", by="legal")


def test_what_was_never_executed_is_neither_held_nor_archived(office: Office) -> None:
    number = drafted(office).number
    with pytest.raises(NotExecutedError):
        hold_for_dispute(office, number, reason="r", case_no="", by="legal")
    with pytest.raises(TransitionRefusedError):
        archive_agreement(office, number, by="desk")


def test_a_customer_is_asked_once_after_signing_and_answers_once(office: Office) -> None:
    unsigned = drafted(office).number
    number = planted(office).number
    before = kinds_of(office, number)
    invite_ratings(office, "https://example.cn/")
    invite_ratings(office, "https://example.cn/")
    assert sent(office, unsigned) == []
    (invitation,) = sent(office, number)
    assert invitation["phone"] == load_terms(reloaded(office, number).terms).consumer.signer.phone
    token = invitation["text"].partition("https://example.cn/api/v1/ratings/")[2].split()[0]
    tell_events(office)
    with office.work() as work:
        events = work.callbacks.events_of(number)
    assert events
    assert token not in str(events)
    for stars, text in ((0, ""), (6, ""), (5, "长" * 501)):
        with pytest.raises(RatingError):
            rate(office, token, stars=stars, text=text)
    outcomes: list[str] = []

    def answer() -> None:
        try:
            rate(office, token, stars=5, text="很快")
        except LinkUsedError:
            outcomes.append("refused")
        else:
            outcomes.append("kept")

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "refused", "refused", "refused"]
    with pytest.raises(LinkUsedError):
        rate(office, "guess", stars=1, text="")
    with office.work() as work:
        assert [one.stars for one in work.ratings.all() if one.number == number] == [5]
    assert kinds_of(office, number) == before
    deliver_outbox(office, Silent())
    with office.work() as work:
        assert all(token.encode() not in one.payload for one in work.outbox.waiting(10_000))


def test_the_installation_is_sound_after_a_whole_life(office: Office) -> None:
    anchor_all(office)
    assert advance_anchors(office)
    assert check_everything(office).findings == ()
