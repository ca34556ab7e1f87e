"""Notices of cutting or ending supply: when one may be written, how it is served, what it then allows.

电子签名法 art. 3(3) keeps papers on stopping 供水、供热、供气等公用事业服务 away from electronic form.
Whether 等 covers electricity is not settled (待核实: for counsel), so these notices are always
served on paper, with a receipt slip, after a lawyer has looked at them (reference L2, §7.3).
Conditions: 条例 art. 39 (more than 30 days overdue, after reminder), 民法典 art. 654 (reasonable
period, prior notice) and the contract's own terms, whichever is stricter (R-CUT-1).
Must never let supply be cut on a notice that was not served, or not long enough ago.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from contracts_chain.agreements.change_request import Unmet
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.terms.commercial import CutOff
from kernel.clock import BEIJING
from kernel.errors import RejectedError
from kernel.money import Fen

__all__ = [
    "Arrears",
    "NoticeFacts",
    "NoticeKind",
    "NoticeRefusedError",
    "PaperServiceRequiredError",
    "Reminder",
    "ServiceManner",
    "earliest_day",
    "manner_named",
    "notice_kind_named",
    "verify_facts",
    "verify_on_paper",
    "verify_period",
]

LEAST_OVERDUE_DAYS: Final = 30
"""条例 art. 39: more than this many days after the due day."""
RESIDENT_NOTICE_DAYS: Final = 7
OTHER_NOTICE_DAYS: Final = 3
FINAL_NOTICE_HOURS: Final = 1
REASONABLE_DAYS: Final = 15
"""合理期限 after the reminder (民法典 art. 654): no rule gives a number, so this is our own, 待核实."""


class NoticeKind(Coded):
    """What the notice announces."""

    CUT_OFF = ("CUT_OFF", "中止供电通知书")
    ENDING = ("ENDING", "终止供用电合同通知书")


def notice_kind_named(code: str) -> NoticeKind:
    """The kind of a code.

    Raises:
        KeyError: No such code.
    """
    return {kind.value: kind for kind in NoticeKind}[code]


class ServiceManner(Coded):
    """How a paper reaches the customer."""

    HAND = ("HAND", "直接送达")
    POST = ("POST", "邮寄送达（附签收回执）")
    LEFT = ("LEFT", "留置送达（附见证）")
    ELECTRONIC = ("ELECTRONIC", "仅电子送达")


def manner_named(code: str) -> ServiceManner:
    """The manner of a code.

    Raises:
        KeyError: No such code.
    """
    return {manner.value: manner for manner in ServiceManner}[code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One reminder to pay."""

    sent_on: date
    manner: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrears:
    """What is owed under one bill, in integer fen."""

    bill_no: str
    period: str
    amount: Fen
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """What a notice rests on, every item on record.

    Attributes:
        resident: Whether the customer is a resident household: a longer notice is due.
        ground: Why the contract is to end, for ``ENDING``; empty for ``CUT_OFF``.
        planned_on: First day on which supply may be cut or the contract ended.
    """

    kind: NoticeKind
    agreement_number: str
    customer: str
    account_no: str
    supply_addr: str
    resident: bool
    arrears: tuple[Arrears, ...]
    reminders: tuple[Reminder, ...]
    ground: str
    planned_on: date


class NoticeRefusedError(RejectedError):
    """The facts do not allow this notice, or the notice does not allow this act; all reasons are listed."""

    code = "notice_refused"

    def __init__(self, number: str, unmet: tuple[Unmet, ...]) -> None:
        """Keep every condition that fails."""
        super().__init__(
            f"{number}: " + "; ".join(f"{one.en} ({one.condition})" for one in unmet),
            f"{number}：" + "；".join(f"{one.zh}（{one.condition}）" for one in unmet),
        )
        self.number = number
        self.unmet = unmet


class PaperServiceRequiredError(RejectedError):
    """A notice of cutting or ending supply was to be served electronically only, or not at all."""

    code = "paper_service_required"

    def __init__(self, number: str) -> None:
        """Say what to do instead; an electronic copy may go along."""
        super().__init__(
            f"{number}: papers that cut or end supply are served on paper; print the notice, have it handed "
            "over or posted with a receipt slip and record that, an electronic copy may only go along",
            f"{number}：涉及中止或终止供电的文书须以纸质送达，不得仅以电子方式送达；"
            "请打印通知书，直接或邮寄送达并取得送达回证后登记，电子副本只能作为补充",
        )
        self.number = number


def verify_facts(facts: NoticeFacts, agreed: CutOff, *, today: date) -> None:
    """Prove that the notice may be written today.

    Raises:
        NoticeRefusedError: A condition of 条例 art. 39, 民法典 art. 654 or the contract does not hold.
    """
    unmet = (*_grounds(facts), *_overdue(facts, agreed, today), *_reminded(facts, today))
    planned = (*unmet, *_planned(facts, agreed, today))
    if planned:
        raise NoticeRefusedError(facts.agreement_number, planned)


def verify_on_paper(number: str, manner: ServiceManner) -> None:
    """Prove that a notice is served on paper.

    Raises:
        PaperServiceRequiredError: It is not.
    """
    if manner is ServiceManner.ELECTRONIC:
        raise PaperServiceRequiredError(number)


def earliest_day(served_on: date, planned_on: date, notice_days: int, *, resident: bool) -> date:
    """First day on which the announced act is allowed, counted from the service."""
    least = RESIDENT_NOTICE_DAYS if resident else OTHER_NOTICE_DAYS
    return max(planned_on, served_on + timedelta(days=max(notice_days, least)))


def verify_period(number: str, *, earliest: date, final_notice: datetime | None, now: datetime) -> None:
    """Prove that the announced act may be done now.

    Args:
        number: Of the notice.
        earliest: From ``earliest_day``.
        final_notice: When the last call was made; ``None`` if none was.
        now: The present moment.

    Raises:
        NoticeRefusedError: Too early, or no last call an hour before.
    """
    unmet: list[Unmet] = []
    if now.astimezone(BEIJING).date() < earliest:
        unmet.append(
            Unmet(
                condition="R-CUT-1",
                en=f"the period of notice runs; {earliest} is the first day",
                zh=f"通知期未满，最早可于 {earliest} 执行",
            )
        )
    if final_notice is None or now - final_notice < timedelta(hours=FINAL_NOTICE_HOURS):
        unmet.append(
            Unmet(
                condition="R-CUT-1",
                en="the customer is called once more at least an hour before; make the call and record it",
                zh="停电前至少 1 小时须再通知一次；请通知并登记后再办理",
            )
        )
    if unmet:
        raise NoticeRefusedError(number, tuple(unmet))


def _grounds(facts: NoticeFacts) -> Iterator[Unmet]:
    if facts.kind is NoticeKind.ENDING and not facts.ground.strip():
        yield Unmet(
            condition="NOTICE-GROUND",
            en="say on which clause or rule the contract ends",
            zh="请写明终止合同的约定或法定事由",
        )
    if facts.kind is NoticeKind.CUT_OFF and not facts.arrears:
        yield Unmet(
            condition="R-CUT-1", en="name at least one unpaid bill", zh="请列明至少一笔逾期未付的电费"
        )


def _overdue(facts: NoticeFacts, agreed: CutOff, today: date) -> Iterator[Unmet]:
    limit = max(agreed.overdue_days, LEAST_OVERDUE_DAYS)
    for bill in facts.arrears:
        days = (today - bill.due_on).days
        if bill.amount <= 0 or days <= limit:
            first = bill.due_on + timedelta(days=limit + 1)
            yield Unmet(
                condition="R-CUT-1",
                en=f"bill {bill.bill_no} is {max(days, 0)} days overdue; more than {limit} days are due "
                f"(条例 art. 39), so {first} is the first day",
                zh=f"账单 {bill.bill_no} 逾期 {max(days, 0)} 日，须超过 {limit} 日（条例第三十九条），"
                f"最早 {first} 可发出通知",
            )


def _reminded(facts: NoticeFacts, today: date) -> Iterator[Unmet]:
    if facts.kind is not NoticeKind.CUT_OFF or not facts.arrears:
        return
    due = max(bill.due_on for bill in facts.arrears)
    after = [one.sent_on for one in facts.reminders if due < one.sent_on <= today]
    if not after:
        yield Unmet(
            condition="R-CUT-1",
            en=f"no reminder after the due day {due} is on record; remind the customer and record it",
            zh=f"没有 {due} 应付日之后的催交记录；请先催交并登记",
        )
    elif (today - min(after)).days < REASONABLE_DAYS:
        first = min(after) + timedelta(days=REASONABLE_DAYS)
        yield Unmet(
            condition="R-CUT-1",
            en=f"the reasonable period after the reminder runs until {first} (民法典 art. 654)",
            zh=f"催交后的合理期限尚未届满，至 {first} 止（民法典第六百五十四条）",
        )


def _planned(facts: NoticeFacts, agreed: CutOff, today: date) -> Iterator[Unmet]:
    earliest = earliest_day(today, today, agreed.notice_days, resident=facts.resident)
    if facts.planned_on < earliest:
        yield Unmet(
            condition="R-CUT-1",
            en=f"planned for {facts.planned_on}; served today it allows {earliest} at the earliest",
            zh=f"拟定 {facts.planned_on} 执行；即使今日送达，最早亦为 {earliest}，请改期",
        )
