"""Supply is cut on a notice served on paper, after its period and a last call; on nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from workflows_desk import anchor_all, drafted, kinds_of, reloaded, words_of
from workflows_life import in_force, later, newest_status

from contracts_chain.agreements.lifecycle import AgreementState, TransitionRefusedError
from contracts_chain.agreements.notices import (
    Arrears,
    NoticeKind,
    NoticeRefusedError,
    PaperServiceRequiredError,
    Reminder,
    ServiceManner,
)
from contracts_chain.agreements.separation import SeparationOfDutiesError
from contracts_chain.evidence.record import RecordKind
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.workflows.dispute import hold_for_dispute
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.life_errors import DisputeHoldError, NoticeStepError, UnknownNoticeError
from contracts_chain.workflows.notices import (
    NoticeWish,
    Service,
    call_last,
    draft_notice,
    pass_notice,
    record_service,
)
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.standing import beijing_day
from contracts_chain.workflows.status import StatusDeed, change_status
from kernel.digests import sha256
from kernel.money import Fen
from kernel.verdict import Verdict

DAY = timedelta(days=1)
SCAN = sha256(b"scanned slip")


def wish(office: Office) -> NoticeWish:
    today = beijing_day(office.clock.now())
    return NoticeWish(
        kind=NoticeKind.CUT_OFF,
        arrears=(
            Arrears(bill_no="ZD1", period="2026年9月", amount=Fen(31_258_430), due_on=today - 40 * DAY),
        ),
        reminders=(Reminder(sent_on=today - 30 * DAY, manner="短信", reference="CC-1"),),
        ground="",
        planned_on=today + 7 * DAY,
    )


def service(office: Office, manner: ServiceManner = ServiceManner.HAND, *, ago: int = 0) -> Service:
    return Service(
        served_on=beijing_day(office.clock.now()) - ago * DAY,
        manner=manner,
        recipient="李思芳",
        served_by="王师傅、赵师傅",
        receipt_sha256=SCAN,
    )


def suspend(office: Office, number: str, notice: str | None) -> None:
    change_status(office, number, StatusDeed.SUSPEND, reason="欠费", by="desk", notice=notice)


def test_from_the_draft_to_the_cut_each_step_waits_for_the_one_before(office: Office) -> None:
    number = in_force(office).number
    with pytest.raises(PaperServiceRequiredError):
        suspend(office, number, None)
    notice = draft_notice(office, number, wish(office), by="desk").number
    with pytest.raises(SeparationOfDutiesError):
        pass_notice(office, notice, by="desk")
    with pytest.raises(NoticeStepError, match="lawyer"):
        record_service(office, notice, service(office), by="desk")
    pass_notice(office, notice, by="legal")
    with pytest.raises(PaperServiceRequiredError):
        record_service(office, notice, service(office, ServiceManner.ELECTRONIC), by="desk")
    with pytest.raises(PaperServiceRequiredError):
        suspend(office, number, notice)
    with pytest.raises(NoticeStepError):
        call_last(office, notice, by="desk")
    for impossible in (service(office, ago=1), service(office, ago=-1)):
        with pytest.raises(NoticeStepError, match="slip"):
            record_service(office, notice, impossible, by="desk")
    served = record_service(office, notice, service(office), by="desk")
    assert served.receipt_sha256 == SCAN
    with pytest.raises(NoticeStepError, match="already"):
        record_service(office, notice, service(office), by="desk")
    with pytest.raises(NoticeRefusedError, match="period"):
        suspend(office, number, notice)
    week = later(office, days=7)
    with pytest.raises(NoticeRefusedError, match="once more"):
        suspend(week, number, notice)
    call_last(week, notice, by="desk")
    with pytest.raises(NoticeRefusedError):
        suspend(later(week, minutes=59), number, notice)
    assert reloaded(office, number).state is AgreementState.IN_FORCE
    suspend(later(week, minutes=61), number, notice)
    assert reloaded(office, number).state is AgreementState.SUSPENDED
    assert newest_status(office, number)["notice"] == notice
    assert words_of(office, number)[-1][0] is RegistryStatus.SUSPENDED
    change_status(later(week, days=1), number, StatusDeed.RESUME, reason="已付清", by="desk")
    with pytest.raises(NoticeStepError, match="used already"):
        suspend(later(week, days=2), number, notice)


def test_the_service_is_on_record_for_the_notice_and_for_its_contract(office: Office) -> None:
    number = in_force(office, ceremony=True).number
    notice = draft_notice(office, number, wish(office), by="desk")
    pass_notice(office, notice.number, by="legal")
    record_service(office, notice.number, service(office, ServiceManner.POST), by="desk")
    assert kinds_of(office, notice.number) == [RecordKind.NOTICE_DRAFTED, RecordKind.NOTICE_SERVED]
    told = newest_status(office, number)
    assert (told["status"], told["notice"], told["manner"]) == ("notice_served", notice.number, "POST")
    assert told["receipt_sha256"] == SCAN.hex()
    assert office.blobs.get(notice.pdf_sha256).startswith(b"%PDF")
    anchor_all(office)
    assert build_package(office, number).report.verdict is Verdict.PROVEN
    assert check_everything(office).findings == ()


def test_notices_are_numbered_without_gaps_and_a_refused_one_takes_no_number(office: Office) -> None:
    number = in_force(office).number
    first = draft_notice(office, number, wish(office), by="desk").number
    with pytest.raises(NoticeRefusedError):
        draft_notice(office, number, replace(wish(office), reminders=()), by="desk")
    second = draft_notice(office, number, wish(office), by="desk").number
    assert int(second[-5:]) == int(first[-5:]) + 1
    assert second[:-5] == first[:-5]


def test_a_notice_is_for_its_own_contract_and_act_only(office: Office) -> None:
    one, other = in_force(office).number, in_force(office).number
    notice = draft_notice(office, one, wish(office), by="desk").number
    with pytest.raises(UnknownNoticeError):
        suspend(office, other, notice)
    with pytest.raises(UnknownNoticeError):
        suspend(office, one, "TZ0")
    with pytest.raises(NoticeStepError):
        change_status(office, one, StatusDeed.TERMINATE, reason="r", by="desk", notice=notice)


def test_an_ending_is_announced_and_then_done_by_its_own_notice(office: Office) -> None:
    number = in_force(office).number
    ending = replace(wish(office), kind=NoticeKind.ENDING, arrears=(), reminders=(), ground="用电人依法注销")
    notice = draft_notice(office, number, ending, by="desk").number
    pass_notice(office, notice, by="legal")
    record_service(office, notice, service(office), by="desk")
    end = later(office, days=8)
    call_last(end, notice, by="desk")
    done = later(end, hours=2)
    change_status(done, number, StatusDeed.TERMINATE, reason="注销", by="desk", notice=notice)
    assert reloaded(office, number).state is AgreementState.TERMINATED


def test_no_notice_is_written_to_whom_none_may_be(office: Office) -> None:
    with pytest.raises(TransitionRefusedError):
        draft_notice(office, drafted(office).number, wish(office), by="desk")
    number = in_force(office).number
    hold_for_dispute(office, number, reason="电费争议", case_no="", by="legal")
    with pytest.raises(DisputeHoldError):
        draft_notice(office, number, wish(office), by="desk")
