"""What deeds after execution may refuse."""

from __future__ import annotations

from contracts_chain.workflows.life_files import ChangeFile, DisputeHold
from kernel.clock import beijing_text
from kernel.errors import RejectedError

__all__ = [
    "ChangeOpenError",
    "DisputeHoldError",
    "LinkUsedError",
    "NoChangeError",
    "NoTermError",
    "NotHeldError",
    "NoticeStepError",
    "RatingError",
    "UnknownNoticeError",
]


class DisputeHoldError(RejectedError):
    """A dispute is pending: nothing is done to the agreement, archived or deleted."""

    code = "dispute_hold"

    def __init__(self, hold: DisputeHold) -> None:
        """Say who holds it, since when and why."""
        since, case = beijing_text(hold.held_utc), hold.case_no or "–"
        super().__init__(
            f"{hold.number} is held by {hold.held_by} since {since} for a dispute "
            f"({hold.reason}; case {case}); "
            "nothing is done until they release it",
            f"合同 {hold.number} 因争议由 {hold.held_by} 自 {since} 起锁定（{hold.reason}；案号 {case}）；"
            "解除锁定前不得办理任何操作，请联系锁定人",
        )
        self.hold = hold


class NotHeldError(RejectedError):
    """There is no hold to release."""

    code = "not_held"

    def __init__(self, number: str) -> None:
        """Say which agreement."""
        super().__init__(
            f"{number} is under no dispute hold; there is nothing to release",
            f"合同 {number} 没有争议锁定，无需解除",
        )


class ChangeOpenError(RejectedError):
    """One change at a time: another is under way."""

    code = "change_open"

    def __init__(self, change: ChangeFile) -> None:
        """Name the change under way."""
        follower = change.follower or "–"
        super().__init__(
            f"{change.number} is being changed already (order {change.order_no}, {change.trigger}, "
            f"paper {follower}); "
            "finish it, or withdraw its paper, first",
            f"合同 {change.number} 正在办理变更（业务单 {change.order_no}，{change.trigger}，"
            f"文本 {follower}）；"
            "请先办结，或撤回该文本",
        )
        self.change = change


class NoChangeError(RejectedError):
    """No change of this order number waits for a paper of this kind."""

    code = "no_change"

    def __init__(self, number: str, order_no: str) -> None:
        """Say which."""
        super().__init__(
            f"no change of order {order_no} waits for this paper at {number}; begin the change first",
            f"合同 {number} 没有业务单 {order_no} 的待办变更，或文本类别不符；请先登记变更",
        )


class NoTermError(RejectedError):
    """The agreement has no term that could end or be objected to now."""

    code = "no_term"

    def __init__(self, number: str) -> None:
        """Say which."""
        super().__init__(
            f"{number} has no running term that continues by itself; nothing is to be objected to or renewed",
            f"合同 {number} 没有正在执行且到期自动续期的期限，无需提出异议或续签",
        )


class UnknownNoticeError(RejectedError):
    """No notice has this number."""

    code = "unknown_notice"

    def __init__(self, number: str) -> None:
        """Say which was asked for."""
        super().__init__(
            f"there is no notice {number}; check the number", f"没有编号为 {number} 的通知书；请核对编号"
        )


class NoticeStepError(RejectedError):
    """The notice has not come to this step, or is past it."""

    code = "notice_step"

    def __init__(self, number: str, en: str, zh: str) -> None:
        """Say what is due."""
        super().__init__(f"{number}: {en}", f"{number}：{zh}")


class RatingError(RejectedError):
    """A rating is one to five stars and a short text."""

    code = "rating"

    def __init__(self) -> None:
        """Say the form."""
        super().__init__(
            'send {"stars": 1 to 5, "text": up to 500 characters}; nothing was stored',
            "请提供 1 至 5 分和不超过 500 字的评价；没有保存任何内容",
        )


class LinkUsedError(RejectedError):
    """The link was used, or is none of ours."""

    code = "rating_link_used"

    def __init__(self) -> None:
        """The two cases look alike on purpose."""
        super().__init__(
            "this link to rate is used up or unknown; your contract is not affected",
            "评价链接已使用或不存在；不影响您的合同",
        )
