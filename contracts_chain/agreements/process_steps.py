"""The steps of a connection order, from the application to the power on, and the order's class.

Decides the words: which steps staff record (milestones), which come from the agreements
themselves and are never typed in twice (reference I8), and which step presupposes which.
A step is dated by the server's clock; what the caller says of the day is kept beside it and
decides nothing (reference C7: no back-dating).

Pure: no storage, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.terms.codes import Coded
from kernel.clock import BEIJING

__all__ = [
    "JOURNEY",
    "MILESTONES",
    "PRESUPPOSED",
    "GridProjectType",
    "ProcessStep",
    "Step",
    "VoltageGroup",
    "group_of_kind",
]


class GridProjectType(Coded):
    """Kind of the utility's supporting works, which decides their duration (reference C18, §5.1)."""

    PRE_METER_LINE = ("PRE_METER_LINE", "架设表前线")
    LV_BRANCH = ("LV_BRANCH", "延伸低压分支线")
    TRANSFORMER_AREA_UPRATE = ("TRANSFORMER_AREA_UPRATE", "增容台区")
    TRANSFORMER_AREA_NEW = ("TRANSFORMER_AREA_NEW", "新建台区")
    KV10 = ("KV10", "10千伏配套工程（无土建）")
    KV10_CIVIL = ("KV10_CIVIL", "10千伏配套工程（有土建）")
    KV35_110 = ("KV35_110", "35千伏、110千伏配套工程")


class VoltageGroup(Coded):
    """High or low voltage: the two groups whose figures the papers promise (reference K1–K4)."""

    HV = ("HV", "高压")
    LV = ("LV", "低压")


class ProcessStep(Coded):
    """What can happen to an order; the code is the word in table, API and data files."""

    APPLICATION_RECEIVED = ("application_received", "受理用电申请")
    SCHEME_REPLIED = ("scheme_replied", "答复供电方案")
    ADMIN_APPROVED = ("admin_approved", "取得行政审批")
    GRID_WORKS_STARTED = ("grid_works_started", "配套电网工程开工")
    GRID_WORKS_COMPLETED = ("grid_works_completed", "配套电网工程完工")
    DESIGN_RECEIVED = ("design_received", "受理设计文件")
    MID_INSPECTION = ("mid_inspection", "中间检查")
    COMPLETION_INSPECTION_ASKED = ("completion_inspection_asked", "竣工报验")
    COMPLETION_INSPECTION_PASSED = ("completion_inspection_passed", "竣工检验合格")
    ACCEPTANCE_ASKED = ("acceptance_asked", "受理验收申请")
    ACCEPTED = ("accepted", "验收完成")
    ENERGISED = ("energised", "送电")
    WAITING_FOR_CUSTOMER = ("waiting_for_customer", "等待客户答复")
    CUSTOMER_ANSWERED = ("customer_answered", "客户已答复")
    OFF_SYSTEM_FOUND = ("off_system_found", "发现体外流转")
    ORDER_CLOSED = ("order_closed", "业务单终止")
    CONTRACT_DRAFTED = ("contract_drafted", "合同起草")
    CONTRACT_SUBMITTED = ("contract_submitted", "合同送审")
    CONTRACT_APPROVED = ("contract_approved", "合同审批通过")
    CONTRACT_OFFERED = ("contract_offered", "合同发送签署")
    QUESTION_ASKED = ("question_asked", "客户就合同提问")
    QUESTION_ANSWERED = ("question_answered", "已答复客户提问")
    OTHERS_SIGNED = ("others_signed", "客户方签署完成")
    UTILITY_SIGNED = ("utility_signed", "供电方签署完成")
    CONTRACT_EXECUTED = ("contract_executed", "合同成立")
    CONTRACT_ANCHORED = ("contract_anchored", "合同存证上链")
    CONTRACT_ENDED = ("contract_ended", "合同未签成或已撤回")


_S = ProcessStep
MILESTONES: Final = frozenset(
    {
        _S.APPLICATION_RECEIVED,
        _S.SCHEME_REPLIED,
        _S.ADMIN_APPROVED,
        _S.GRID_WORKS_STARTED,
        _S.GRID_WORKS_COMPLETED,
        _S.DESIGN_RECEIVED,
        _S.MID_INSPECTION,
        _S.COMPLETION_INSPECTION_ASKED,
        _S.COMPLETION_INSPECTION_PASSED,
        _S.ACCEPTANCE_ASKED,
        _S.ACCEPTED,
        _S.ENERGISED,
        _S.WAITING_FOR_CUSTOMER,
        _S.CUSTOMER_ANSWERED,
        _S.OFF_SYSTEM_FOUND,
        _S.ORDER_CLOSED,
    }
)
"""What staff and the marketing system record; the others come from the agreements."""

PRESUPPOSED: Final[Mapping[ProcessStep, ProcessStep]] = MappingProxyType(
    {
        _S.SCHEME_REPLIED: _S.APPLICATION_RECEIVED,
        _S.GRID_WORKS_STARTED: _S.ADMIN_APPROVED,
        _S.GRID_WORKS_COMPLETED: _S.GRID_WORKS_STARTED,
        _S.COMPLETION_INSPECTION_PASSED: _S.COMPLETION_INSPECTION_ASKED,
        _S.ACCEPTED: _S.ACCEPTANCE_ASKED,
        _S.CUSTOMER_ANSWERED: _S.WAITING_FOR_CUSTOMER,
        _S.CONTRACT_DRAFTED: _S.APPLICATION_RECEIVED,
        _S.ENERGISED: _S.CONTRACT_EXECUTED,
    }
)
"""A step recorded before the one it presupposes was taken outside the system (reference K6)."""


JOURNEY: Final = (
    _S.APPLICATION_RECEIVED,
    _S.SCHEME_REPLIED,
    _S.CONTRACT_DRAFTED,
    _S.CONTRACT_APPROVED,
    _S.CONTRACT_OFFERED,
    _S.CONTRACT_EXECUTED,
    _S.ACCEPTED,
    _S.ENERGISED,
)
"""The usual way, in its order; whoever took a later step is past the earlier ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to an order.

    Attributes:
        kind: What.
        at: Moment by the server's clock, UTC.
        subject: The order's number for milestones, the agreement's for contract events.
        actor: Who did or recorded it.
        channel: Code of the channel, empty where none applies.
        happened_on: The day the caller names for it; shown, never counted.
    """

    kind: ProcessStep
    at: datetime
    subject: str
    actor: str
    channel: str = ""
    happened_on: date | None = None

    @property
    def day(self) -> date:
        """The day in Beijing by the server's clock: the one that clocks count from."""
        return self.at.astimezone(BEIJING).date()


def group_of_kind(kind: str) -> VoltageGroup | None:
    """High or low voltage by the kind of the agreement; ``None`` where the kind does not tell."""
    if kind == "HV_SUPPLY":
        return VoltageGroup.HV
    return VoltageGroup.LV if kind.startswith("LV_") else None
