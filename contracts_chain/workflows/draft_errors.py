"""What the deeds before signing may refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "DraftUndrawnError",
    "FieldChange",
    "KindFixedError",
    "OfferOverError",
    "ReasonMissingError",
    "StaleDraftError",
    "UnseenBytesError",
    "VersionUnknownError",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that somebody else changed since a draft was read.

    Attributes:
        path: Field path in the terms.
        label: The field's name on Chinese screens, outer parts first.
        base: The value both started from, as shown to people; 无 where there was none.
        theirs: The value that stands now.
        mine: The value of the refused change, equal to ``base`` where I left it alone.
        by: Who changed it last.
        at: When.
        collides: Whether my change gives the same field another value.
    """

    path: str
    label: str
    base: str
    theirs: str
    mine: str
    by: str
    at: datetime
    collides: bool


class StaleDraftError(RejectedError):
    """Somebody changed the draft since it was read; nothing was saved and everything is told."""

    code = "stale_draft"

    def __init__(self, *, number: str, base: int, current: int, changes: tuple[FieldChange, ...]) -> None:
        """Keep both versions and every field the other changed."""
        clashes = sum(change.collides for change in changes)
        super().__init__(
            f"draft {number} is now version {current}, yours began from {base}: {len(changes)} fields "
            f"changed, {clashes} of them differ from yours; take theirs or yours for each, then save again",
            f"草稿 {number} 已是第 {current} 版，您从第 {base} 版改起：他人改了 {len(changes)} 处，"
            f"其中 {clashes} 处与您的不同；请逐处选用后再保存，您的修改没有丢失",
        )
        self.number = number
        self.base = base
        self.current = current
        self.changes = changes


class VersionUnknownError(RejectedError):
    """The draft has no version of this number."""

    code = "draft_version_unknown"

    def __init__(self, number: str, version: int, newest: int) -> None:
        """Say which versions there are."""
        super().__init__(
            f"draft {number} has versions 1 to {newest}, not {version}; read it again",
            f"草稿 {number} 只有第 1 至第 {newest} 版，没有第 {version} 版；请重新读取",
        )
        self.version = version
        self.newest = newest


class KindFixedError(RejectedError):
    """A revision keeps the class of contract: the number and the text depend on it."""

    code = "kind_fixed"

    def __init__(self, number: str, standing: str, wanted: str) -> None:
        """Name both classes."""
        super().__init__(
            f"{number} is a {standing} and cannot become a {wanted}; withdraw it and draft another",
            f"{number} 为 {standing}，不能改为 {wanted}；请撤回后另行起草",
        )
        self.standing = standing
        self.wanted = wanted


class DraftUndrawnError(RejectedError):
    """The agreement has no PDF that could be reviewed or offered."""

    code = "draft_undrawn"

    def __init__(self, number: str) -> None:
        """Say how to get one."""
        super().__init__(
            f"the PDF of {number} is not drawn yet; correct the findings and save the draft again",
            f"合同 {number} 尚未生成 PDF；请改正检查结果中的错误后重新保存草稿",
        )
        self.number = number


class UnseenBytesError(RejectedError):
    """The reviewer saw another document than the one that stands now."""

    code = "unseen_bytes"

    def __init__(self, *, seen: Bytes32, standing: Bytes32) -> None:
        """Keep both digests."""
        super().__init__(
            "the document changed while you were reading; nothing was approved, read the new one",
            "审阅期间文件已变更，没有审批通过任何内容；请阅读新文件后再办理",
        )
        self.seen = seen
        self.standing = standing


class ReasonMissingError(RejectedError):
    """Returning, withdrawing and rejecting need a reason that others can act on."""

    code = "reason_missing"

    def __init__(self) -> None:
        """Ask for it."""
        super().__init__("write the reason, so that others can act on it", "请填写理由，以便对方处理")


class OfferOverError(RejectedError):
    """The last day for signing has passed."""

    code = "offer_over"

    def __init__(self, number: str, last_day: date) -> None:
        """Say since when."""
        super().__init__(
            f"{number} could be signed until {last_day}; nothing was signed, ask for a new offer",
            f"合同 {number} 的签署截止日为 {last_day.year}年{last_day.month}月{last_day.day}日，现已超过，"
            "没有签署任何内容；请联系供电方重新发起",
        )
        self.last_day = last_day
