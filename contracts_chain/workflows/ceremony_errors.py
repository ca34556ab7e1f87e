"""Why a ceremony does not go on, and what the signer does next."""

from __future__ import annotations

from kernel.errors import FaultError, RejectedError

__all__ = [
    "ClausesUnreadError",
    "ConsentMissingError",
    "IdentityMissingError",
    "MarkMissingError",
    "MarkUnsoundError",
    "NotSameSignerError",
    "NothingChosenError",
    "QuestionEmptyError",
    "QuestionOpenError",
    "ReadingPlanLostError",
    "TooEarlyError",
    "UnknownClauseError",
    "UnknownQuestionError",
]


class IdentityMissingError(RejectedError):
    """Nobody vouched for the person who is to sign."""

    code = "identity_missing"

    def __init__(self) -> None:
        """Send them to the check of identity."""
        super().__init__(
            "your identity is not verified yet; choose a way to confirm who you are, then go on",
            "尚未核验您的身份；请先选择一种方式确认身份，再继续",
        )


class UnknownClauseError(RejectedError):
    """The document has no such key clause."""

    code = "unknown_clause"

    def __init__(self, position: int, total: int) -> None:
        """Say how many there are."""
        super().__init__(
            f"there is no key clause {position}; open one of 1 to {total}",
            f"没有第 {position} 条重点条款；请打开第 1 至 {total} 条",
        )
        self.position = position


class TooEarlyError(RejectedError):
    """The clause has not stood before its reader long enough, by our clock."""

    code = "too_early"

    def __init__(self, seconds: int) -> None:
        """Say how many seconds are left."""
        super().__init__(f"please read {seconds} more seconds, then confirm", f"请再读 {seconds} 秒，再确认")
        self.seconds = seconds


class ClausesUnreadError(RejectedError):
    """Conspicuous clauses are not confirmed one by one."""

    code = "clauses_unread"

    def __init__(self, positions: tuple[int, ...]) -> None:
        """Name them by position."""
        listed = ", ".join(str(position) for position in positions)
        super().__init__(
            f"{len(positions)} key clauses are still to be confirmed ({listed}); read them, then go on",
            f"还有 {len(positions)} 条重点条款没确认（第 {listed} 条）；请逐条阅读确认后再继续",
        )
        self.positions = positions


class QuestionEmptyError(RejectedError):
    """A question or an answer without words, or too long."""

    code = "question_empty"

    def __init__(self, most: int) -> None:
        """Say how long it may be."""
        super().__init__(
            f"write between 1 and {most} characters, then send", f"请填写 1 至 {most} 个字，再提交"
        )


class QuestionOpenError(RejectedError):
    """A question waits for its answer, or an answer for 「清楚了」; signing waits too."""

    code = "question_open"

    def __init__(self, *, unanswered: tuple[int, ...], unclear: tuple[int, ...]) -> None:
        """Name the clauses by position."""
        if unanswered:
            en = "your question is not answered yet; signing and the deadline wait for the answer"
            zh = "您的问题还没有答复；答复前不签署，截止日顺延"
        else:
            en = "an answer is there; read it and press Clear, or ask again"
            zh = "您的问题已有答复；请阅读后点“清楚了”，或继续提问"
        super().__init__(en, zh)
        self.positions = (*unanswered, *unclear)


class UnknownQuestionError(RejectedError):
    """No such question, or it is not in a state for this deed."""

    code = "unknown_question"

    def __init__(self) -> None:
        """Ask to look again."""
        super().__init__(
            "this question is answered already, or there is none; open the list again",
            "该问题已有答复，或不存在；请刷新后再看",
        )


class MarkMissingError(RejectedError):
    """The look of the signature is not chosen."""

    code = "mark_missing"

    def __init__(self) -> None:
        """Send them to the pad."""
        super().__init__(
            "nothing is written yet; draw, type or upload your signature, then go on",
            "还没有签名；请手写、键入或上传签名后再继续",
        )


class MarkUnsoundError(RejectedError):
    """What was drawn, typed or uploaded cannot be used as a signature."""

    code = "mark_unsound"

    def __init__(self, en: str, zh: str) -> None:
        """Say what is wrong with it."""
        super().__init__(f"{en}; try again", f"{zh}；请重试")


class ConsentMissingError(RejectedError):
    """The consent was not given, or something changed since."""

    code = "consent_missing"

    def __init__(self) -> None:
        """Send them to the check page."""
        super().__init__(
            "check the contract and agree first; nothing was signed",
            "请先核对合同并同意签署；目前没有签署任何内容",
        )


class NotSameSignerError(RejectedError):
    """A set is signed by one person only."""

    code = "not_same_signer"

    def __init__(self, numbers: tuple[str, ...]) -> None:
        """Name the contracts that somebody else signs, or that cannot be signed now."""
        listed = ", ".join(numbers)
        super().__init__(
            f"these contracts are not open for this person to sign: {listed}; leave them out",
            f"以下合同不由同一签署人签署，或当前不能签署：{listed}；请移出后重试",
        )
        self.numbers = numbers


class NothingChosenError(RejectedError):
    """No document of the set is chosen."""

    code = "nothing_chosen"

    def __init__(self) -> None:
        """Ask for one at least."""
        super().__init__(
            "no contract is chosen; choose at least one to sign, or leave the page",
            "没有选择任何合同；请至少选一份签署，或离开本页",
        )


class ReadingPlanLostError(FaultError):
    """What the offer demanded of the reader is gone, or the composed text is another."""

    code = "reading_plan_lost"

    def __init__(self, number: str) -> None:
        """Name the agreement."""
        super().__init__(
            f"the clauses of {number} are not those that were offered; withdraw it and offer it anew",
            f"合同 {number} 的重点条款与发出时不一致；请撤回后重新发出",
        )
        self.number = number
