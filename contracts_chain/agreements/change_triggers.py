"""Every way a supply contract comes to change, what it does to the contract, and on what conditions.

Decides only what reference §7.2 says, row by row, as data: the kinds of 变更用电 (1996 Rules
art. 22, 2024 text to confirm) and those that come from policy, the calendar or an end. The
effect on the contract is our own reading and unverified, so it is printed 待核实 and a
clerk may not present it as law. Whether conditions hold is ``change_plan``'s question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Confidence
from contracts_chain.agreements.terms.codes import Coded

__all__ = [
    "CHANGE_ROWS",
    "ChangeEffect",
    "ChangeRow",
    "ChangeTrigger",
    "Condition",
    "Judged",
    "row_of",
    "trigger_named",
]

_KINDS: Final = "1996 Rules art. 22, 2024 text to confirm"
_OURS: Final = "本系统设计（reference §7.2）"


class ChangeEffect(Coded):
    """What a change does to the contract."""

    NEW_CONTRACT = ("NEW_CONTRACT", "签订新合同")
    SUPPLEMENT = ("SUPPLEMENT", "签订补充协议")
    NOTICE = ("NOTICE", "以通知附件记载，不另签合同")
    TERMINATE_AND_NEW = ("TERMINATE_AND_NEW", "终止原合同并签订新合同")
    TERMINATION = ("TERMINATION", "终止合同并结清电费")
    REMINDER = ("REMINDER", "到期前提醒，按约定续期或终止")


class ChangeTrigger(Coded):
    """The business that changes a contract."""

    NEW = ("NEW", "新装")
    CAPACITY_INCREASE = ("CAPACITY_INCREASE", "增容")
    CAPACITY_REDUCE = ("CAPACITY_REDUCE", "减容")
    SUSPEND = ("SUSPEND", "暂停")
    RESUME = ("RESUME", "暂停恢复")
    TEMP_SWAP = ("TEMP_SWAP", "暂换")
    METER_MOVE = ("METER_MOVE", "移表")
    TEMP_REMOVE = ("TEMP_REMOVE", "暂拆")
    RELOCATE = ("RELOCATE", "迁址")
    TRANSFER = ("TRANSFER", "过户")
    RENAME = ("RENAME", "更名")
    SPLIT = ("SPLIT", "分户")
    MERGE = ("MERGE", "并户")
    CATEGORY_CHANGE = ("CATEGORY_CHANGE", "改类")
    VOLTAGE_CHANGE = ("VOLTAGE_CHANGE", "改压")
    DEMAND_CHANGE = ("DEMAND_CHANGE", "合同最大需量核定值变更")
    BASIC_FEE_MODE_CHANGE = ("BASIC_FEE_MODE_CHANGE", "基本电费计收方式变更")
    POLICY_CHANGE = ("POLICY_CHANGE", "法律政策变化")
    EXPIRY = ("EXPIRY", "合同到期")
    CLOSE = ("CLOSE", "销户")


class Judged(Enum):
    """Who answers whether a condition holds."""

    COMPUTED = "computed"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a change.

    Attributes:
        id: Stable, e.g. ``CH-SUSPEND-1``; in findings, records and documents.
        zh: The condition in Chinese.
        en: The condition in English.
        judged: By the system from dates and figures, or by a clerk as a declared fact on record.
        source: Where it comes from, as shown to people.
        confidence: How that source is known.
    """

    id: str
    zh: str
    en: str
    judged: Judged
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One row of the table.

    Attributes:
        trigger: The business.
        effect: What it does to the contract.
        conditions: All must hold.
        basis: Source of the kind and of its effect, as shown to people.
        confidence: How sure the effect is; ``UNVERIFIED`` prints 待核实.
    """

    trigger: ChangeTrigger
    effect: ChangeEffect
    conditions: tuple[Condition, ...] = ()
    basis: str = _OURS
    confidence: Confidence = Confidence.UNVERIFIED


def _computed(id_: str, zh: str, en: str, source: str = _KINDS) -> Condition:
    known = Confidence.UNVERIFIED if source == _OURS else Confidence.SECONDARY
    return Condition(id=id_, zh=zh, en=en, judged=Judged.COMPUTED, source=source, confidence=known)


def _declared(
    id_: str, zh: str, en: str, *, source: str = _KINDS, confidence: Confidence = Confidence.SECONDARY
) -> Condition:
    return Condition(id=id_, zh=zh, en=en, judged=Judged.DECLARED, source=source, confidence=confidence)


_FIVE_DAYS_ZH: Final = "提前 5 个工作日申请"
_FIVE_DAYS_EN: Final = "applied for at least 5 working days before"
_DEMAND: Final = "发改办价格〔2016〕1583号（R-DEM-4）"

CHANGE_ROWS: Final[tuple[ChangeRow, ...]] = (
    ChangeRow(trigger=ChangeTrigger.NEW, effect=ChangeEffect.NEW_CONTRACT),
    ChangeRow(
        trigger=ChangeTrigger.CAPACITY_INCREASE,
        effect=ChangeEffect.NEW_CONTRACT,
        conditions=(
            _computed(
                "CH-INCREASE-1",
                "增容后容量大于原合同容量",
                "the new capacity exceeds the contract capacity",
                source=_OURS,
            ),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.CAPACITY_REDUCE,
        effect=ChangeEffect.SUPPLEMENT,
        conditions=(
            _computed("CH-REDUCE-1", _FIVE_DAYS_ZH, _FIVE_DAYS_EN),
            _declared(
                "CH-REDUCE-2",
                "整台或整组变压器停止运行，或更换为小容量变压器",
                "a whole transformer or set is taken out, or a smaller one is put in",
            ),
            _computed(
                "CH-REDUCE-3",
                "减容后容量小于原合同容量",
                "the new capacity is below the contract capacity",
                source=_OURS,
            ),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.SUSPEND,
        effect=ChangeEffect.NOTICE,
        conditions=(
            _computed("CH-SUSPEND-1", _FIVE_DAYS_ZH, _FIVE_DAYS_EN),
            _computed("CH-SUSPEND-2", "每次暂停不少于 15 日", "each suspension lasts at least 15 days"),
            _computed(
                "CH-SUSPEND-3",
                "同一日历年内累计不超过 6 个月，超过的应办理减容",
                "no more than 6 months in one calendar year; a longer one is a capacity reduction",
            ),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.RESUME,
        effect=ChangeEffect.NOTICE,
        conditions=(
            _computed("CH-RESUME-1", _FIVE_DAYS_ZH, _FIVE_DAYS_EN),
            _computed(
                "CH-RESUME-2", "恢复前已暂停满 15 日", "at least 15 days of suspension have passed by then"
            ),
        ),
    ),
    ChangeRow(trigger=ChangeTrigger.TEMP_SWAP, effect=ChangeEffect.NOTICE),
    ChangeRow(trigger=ChangeTrigger.METER_MOVE, effect=ChangeEffect.NOTICE),
    ChangeRow(trigger=ChangeTrigger.TEMP_REMOVE, effect=ChangeEffect.NOTICE),
    ChangeRow(
        trigger=ChangeTrigger.RELOCATE,
        effect=ChangeEffect.TERMINATE_AND_NEW,
        conditions=(
            _declared(
                "CH-RELOCATE-1",
                "新址按新装办理，原址办理终止",
                "the new site is applied for as a new connection and the old one ended",
            ),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.TRANSFER,
        effect=ChangeEffect.TERMINATE_AND_NEW,
        conditions=(
            _declared("CH-TRANSFER-1", "原用电人已结清电费", "the old customer has settled all fees"),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.RENAME,
        effect=ChangeEffect.SUPPLEMENT,
        conditions=(
            _declared(
                "CH-RENAME-1",
                "用电人为同一主体，仅名称变更（有登记机关证明）",
                "the customer is the same person under a new name (registrar's proof)",
                source=_OURS,
                confidence=Confidence.UNVERIFIED,
            ),
        ),
    ),
    ChangeRow(trigger=ChangeTrigger.SPLIT, effect=ChangeEffect.NEW_CONTRACT),
    ChangeRow(
        trigger=ChangeTrigger.MERGE,
        effect=ChangeEffect.NEW_CONTRACT,
        conditions=(
            _declared("CH-MERGE-1", "各户由同一供电点供电", "all accounts hang on the same supply point"),
            _declared("CH-MERGE-2", "各户用电地址相邻", "the addresses adjoin"),
            _declared("CH-MERGE-3", "各户均已结清电费", "all accounts have paid their debts"),
            _computed(
                "CH-MERGE-4",
                "并户后容量不超过各户容量之和",
                "the merged capacity is no more than the sum of the accounts'",
            ),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.CATEGORY_CHANGE,
        effect=ChangeEffect.SUPPLEMENT,
        conditions=(
            _declared(
                "CH-CATEGORY-1",
                "仅限同一受电装置内用电类别变化",
                "the category changes on the same receiving device only",
            ),
        ),
    ),
    ChangeRow(trigger=ChangeTrigger.VOLTAGE_CHANGE, effect=ChangeEffect.NEW_CONTRACT),
    ChangeRow(
        trigger=ChangeTrigger.DEMAND_CHANGE,
        effect=ChangeEffect.SUPPLEMENT,
        conditions=(
            _computed(
                "CH-DEMAND-1",
                "按月变更，自月初执行，提前 5 个工作日申请",
                "by month, from its first day, applied for at least 5 working days before",
                source=_DEMAND,
            ),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.BASIC_FEE_MODE_CHANGE,
        effect=ChangeEffect.SUPPLEMENT,
        conditions=(
            _computed(
                "CH-FEE-MODE-1",
                "提前 15 个工作日申请，自月初执行",
                "applied for at least 15 working days before, from the first day of a month",
                source=_DEMAND,
            ),
            _computed(
                "CH-FEE-MODE-2",
                "距上次变更满 3 个月（按季变更）",
                "three months have passed since the last change (quarterly)",
                source=_DEMAND,
            ),
        ),
    ),
    ChangeRow(
        trigger=ChangeTrigger.POLICY_CHANGE,
        effect=ChangeEffect.NOTICE,
        basis="供电营业规则（2024）第九十六条",
        confidence=Confidence.SECONDARY,
    ),
    ChangeRow(trigger=ChangeTrigger.EXPIRY, effect=ChangeEffect.REMINDER),
    ChangeRow(
        trigger=ChangeTrigger.CLOSE,
        effect=ChangeEffect.TERMINATION,
        conditions=(
            _declared(
                "CH-CLOSE-1",
                "已抄录止码并结清电费",
                "final readings are taken and all fees settled",
                source=_OURS,
                confidence=Confidence.UNVERIFIED,
            ),
        ),
    ),
)

_BY_TRIGGER: Final[Mapping[ChangeTrigger, ChangeRow]] = MappingProxyType(
    {row.trigger: row for row in CHANGE_ROWS}
)


def row_of(trigger: ChangeTrigger) -> ChangeRow:
    """The row of a business; every trigger has exactly one."""
    return _BY_TRIGGER[trigger]


def trigger_named(code: str) -> ChangeTrigger:
    """The business of a code.

    Raises:
        KeyError: No such code.
    """
    return {trigger.value: trigger for trigger in ChangeTrigger}[code]
