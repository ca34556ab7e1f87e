"""What every store of an agreement's life must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dossiers import a_dossier
from repository_behaviour import slots

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.readiness import OrderFactKind
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_files import (
    ChangeFile,
    DisputeHold,
    LifeSpan,
    NoticeFile,
    OrderFact,
    RatingFile,
    RatingLink,
)
from kernel.digests import sha256

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def agreement(number: str, state: AgreementState, **changes: Any) -> AgreementDossier:
    return a_dossier(number=number, order_no=f"ORDER-{number}", state=state, slots=slots(), **changes)


def span(number: str, starts_on: date, ends_on: date | None) -> LifeSpan:
    return LifeSpan(number=number, starts_on=starts_on, ends_on=ends_on, auto_renew=True)


def change(number: str, order_no: str = "BG-1") -> ChangeFile:
    return ChangeFile(
        number=number,
        order_no=order_no,
        kind="supplement",
        trigger="RENAME",
        plan=b"{}",
        opened_by="desk",
        opened_utc=NOW,
    )


def hold(number: str) -> DisputeHold:
    return DisputeHold(
        number=number,
        reason="计量争议",
        case_no="",
        state_before=AgreementState.IN_FORCE,
        held_by="legal",
        held_utc=NOW,
    )


def fact(order_no: str, reference: str = "JY-1", at: datetime = NOW) -> OrderFact:
    return OrderFact(
        order_no=order_no,
        kind=OrderFactKind.INSPECTION_REPORT,
        reference=reference,
        document_sha256=sha256(reference.encode()),
        recorded_by="desk",
        recorded_utc=at,
    )


def notice(number: str, agreement_number: str) -> NoticeFile:
    return NoticeFile(
        number=number,
        agreement_number=agreement_number,
        kind="CUT_OFF",
        facts=b"{}",
        pdf_sha256=sha256(b"pdf"),
        planned_on=TODAY,
        drafted_by="desk",
        drafted_utc=NOW,
    )


class LifeBehaviour:
    """Every test takes ``open_work``; its type differs between the fake and PostgreSQL."""

    def test_an_agreement_enters_on_its_first_day_and_expires_after_its_last(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.EXECUTED))
            work.agreements.add(agreement("B", AgreementState.IN_FORCE))
            work.agreements.add(agreement("C", AgreementState.IN_FORCE))
            work.life.add_span(span("A", TODAY, None))
            work.life.add_span(span("B", TODAY - DAY, TODAY))
            work.life.add_span(span("B", TODAY, TODAY - DAY))  # the first one stands
            work.life.add_span(span("C", TODAY - DAY, TODAY))
            assert work.life.due_to_enter(TODAY - DAY, 9) == ()
            assert work.life.due_to_enter(TODAY, 9) == ("A",)
            assert work.life.due_to_expire(TODAY, 9) == ()
            assert work.life.due_to_expire(TODAY + DAY, 9) == ("B", "C")
            assert work.life.due_to_expire(TODAY + DAY, 1) == ("B",)
            work.life.add_hold(hold("B"))
            assert work.life.due_to_expire(TODAY + DAY, 9) == ("C",)
            work.commit()

    def test_a_span_keeps_its_renewal_and_objection(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.IN_FORCE))
            work.life.add_span(span("A", TODAY, TODAY))
            assert work.life.find_span("nobody") is None
            changed = replace(
                span("A", TODAY, TODAY + DAY),
                renewals=1,
                objected_by="consumer",
                objection="不再续",
                objected_utc=NOW,
            )
            work.life.save_span(changed)
            work.commit()
        with open_work() as work:
            assert work.life.find_span("A") == changed
            assert work.life.unreminded(TODAY, TODAY, 30, 9) == ()
            assert work.life.unreminded(TODAY, TODAY + DAY, 30, 9) == (changed,)
            assert work.life.unreminded(TODAY + 2 * DAY, TODAY + 3 * DAY, 30, 9) == ()
            assert work.life.remind_once("A", TODAY + DAY, 30, NOW)
            assert work.life.unreminded(TODAY, TODAY + DAY, 30, 9) == ()
            assert work.life.unreminded(TODAY, TODAY + DAY, 60, 9) == (changed,)

    def test_a_scheduled_contract_is_not_executed_anew(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(
                agreement("A", AgreementState.EXECUTED, evidence_state=EvidenceState.FINAL, executed_utc=NOW)
            )
            assert work.status_changes.executed(final=True, most=9) == ("A",)
            work.life.add_span(span("A", TODAY + DAY, None))
            assert work.status_changes.executed(final=True, most=9) == ()
            work.commit()

    def test_a_reminder_is_sent_once_for_an_end(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.IN_FORCE))
            assert work.life.remind_once("A", TODAY, 90, NOW)
            assert not work.life.remind_once("A", TODAY, 90, NOW + DAY)
            assert work.life.remind_once("A", TODAY, 60, NOW)
            assert work.life.remind_once("A", TODAY + DAY, 90, NOW)
            work.commit()

    def test_a_change_is_opened_once_by_its_order_number_and_closed(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.AMENDING))
            work.agreements.add(agreement("A(B1)", AgreementState.DRAFT))
            opened = work.life.open_change(change("A"))
            assert work.life.open_change(replace(change("A"), opened_by="other")) == opened
            assert work.life.open_changes(9) == (opened,)
            done = replace(opened, follower="A(B1)", state="done", closed_utc=NOW + DAY)
            work.life.save_change(done)
            second = work.life.open_change(change("A", "BG-2"))
            work.commit()
        with open_work() as work:
            assert work.life.changes_of("A") == (done, second)
            assert work.life.open_changes(9) == (second,)
            assert work.life.open_changes(9, after=second.id) == ()

    def test_one_hold_stands_until_it_is_released(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.DISPUTED))
            work.life.add_hold(hold("A"))
            standing = work.life.hold_of("A")
            assert standing is not None
            released = replace(standing, released_by="legal", released_utc=NOW + DAY, outcome="调解")
            work.life.release_hold(released)
            assert work.life.hold_of("A") is None
            work.life.add_hold(hold("A"))
            assert work.life.holds_of("A")[0] == released
            assert len(work.life.holds_of("A")) == 2
            work.commit()

    def test_an_order_is_looked_at_again_only_when_something_happened(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.EXECUTED, executed_utc=NOW))
            work.orders.record(fact("ORDER-B", at=NOW + DAY))
            assert work.orders.to_look_at(9) == ("ORDER-A", "ORDER-B")
            assert work.orders.to_look_at(1) == ("ORDER-A",)
            assert work.orders.agreements_of("ORDER-A") == ("A",)
            work.orders.note_look("ORDER-A", NOW)
            assert work.orders.to_look_at(9) == ("ORDER-B",)
            work.orders.record(fact("ORDER-A", at=NOW + DAY))
            assert work.orders.to_look_at(9) == ("ORDER-A", "ORDER-B")
            work.commit()

    def test_what_was_committed_after_a_look_counts_though_its_moment_lies_before(
        self, open_work: Any
    ) -> None:
        with open_work() as work:
            first = agreement("A", AgreementState.EXECUTED, executed_utc=NOW)
            second = replace(
                agreement("B", AgreementState.PARTLY_SIGNED), order_no="ORDER-A", kind="GRID_DISPATCH"
            )
            work.agreements.add(first)
            work.agreements.add(second)
            work.orders.note_look("ORDER-A", NOW + DAY)
            assert work.orders.to_look_at(9) == ()
            work.agreements.save(replace(second, state=AgreementState.EXECUTED, executed_utc=NOW))
            assert work.orders.to_look_at(9) == ("ORDER-A",)
            work.orders.note_look("ORDER-A", NOW + DAY)
            work.orders.record(fact("ORDER-A", at=NOW))
            assert work.orders.to_look_at(9) == ("ORDER-A",)
            work.commit()

    def test_an_order_becomes_ready_once(self, open_work: Any) -> None:
        with open_work() as work:
            work.orders.note_look("ORDER-A", NOW)
            assert work.orders.ready_since("ORDER-A") is None
            assert work.orders.mark_ready("ORDER-A", NOW)
            assert not work.orders.mark_ready("ORDER-A", NOW + DAY)
            assert work.orders.ready_since("ORDER-A") == NOW
            work.orders.record(fact("ORDER-A", at=NOW + DAY))
            assert work.orders.to_look_at(9) == ()
            work.commit()

    def test_a_newer_paper_takes_the_place_of_a_fact(self, open_work: Any) -> None:
        with open_work() as work:
            work.orders.record(fact("ORDER-A"))
            newer = fact("ORDER-A", reference="JY-2", at=NOW + DAY)
            work.orders.record(newer)
            work.commit()
        with open_work() as work:
            assert work.orders.facts_of("ORDER-A") == (newer,)

    def test_a_notice_moves_on_and_its_text_stays(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.IN_FORCE))
            work.notices.add(notice("TZ-1", "A"))
            served = replace(
                notice("TZ-1", "A"),
                reviewed_by="legal",
                reviewed_utc=NOW,
                served_on=TODAY,
                manner="HAND",
                recipient="李思芳",
                served_by="王师傅",
                receipt_sha256=sha256(b"scan"),
                service_recorded_by="desk",
                service_recorded_utc=NOW,
                final_notice_by="desk",
                final_notice_utc=NOW,
                used_utc=NOW,
            )
            work.notices.save(served)
            work.commit()
        with open_work() as work:
            assert work.notices.find("TZ-1", lock=True) == served
            assert work.notices.find("TZ-2") is None
            assert work.notices.of_agreement("A") == (served,)

    def test_a_party_is_invited_once_and_rates_once(self, open_work: Any) -> None:
        link = RatingLink(token_sha256=sha256(b"token"), number="A", role="consumer", issued_utc=NOW)
        rating = RatingFile(number="A", role="consumer", stars=5, text="很快", rated_utc=NOW)
        with open_work() as work:
            work.agreements.add(agreement("A", AgreementState.EXECUTED, executed_utc=NOW))
            work.agreements.add(agreement("B", AgreementState.OFFERED))
            assert work.ratings.uninvited(9) == ("A",)
            assert work.ratings.uninvited(9, after="A") == ()
            assert work.ratings.invite(link)
            assert not work.ratings.invite(replace(link, token_sha256=sha256(b"second")))
            assert work.ratings.uninvited(9) == ()
            used = replace(link, used_utc=NOW)
            work.ratings.keep(used, rating)
            work.commit()
        with open_work() as work:
            assert work.ratings.find(sha256(b"token"), lock=True) == used
            assert work.ratings.find(sha256(b"other")) is None
            assert work.ratings.all() == (rating,)
