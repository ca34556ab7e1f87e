"""What a deed may refuse, whatever store stands behind its ports."""

from __future__ import annotations

from kernel.errors import FaultError, RejectedError, UndecidedError

__all__ = [
    "AlreadyDraftedError",
    "AnchoredElsewhereError",
    "ClockWentBackError",
    "CodeExpiredError",
    "CodesUsedUpError",
    "InstallationMismatchError",
    "NotExecutedError",
    "NotFlushedError",
    "NotInvoiceableError",
    "NotYetFinalError",
    "NothingToRenewError",
    "PagesUnreadError",
    "SignatureTurnError",
    "StaleDossierError",
    "SuccessorMissingError",
    "UnknownNumberError",
    "UnsoundSignatureError",
    "WrongCodeError",
]


class UnknownNumberError(RejectedError):
    """No document has this number, or it is not yours to see."""

    code = "unknown_number"

    def __init__(self, number: str) -> None:
        """Say which number was asked for."""
        super().__init__(
            f"no document with the number {number} is found, or you may not see it; check the number",
            f"找不到编号 {number}，或您无权查看；请核对编号",
        )
        self.number = number


class AlreadyDraftedError(RejectedError):
    """An order gives one agreement of each kind."""

    code = "already_drafted"

    def __init__(self, order_no: str, kind: str) -> None:
        """Say which order and kind."""
        super().__init__(
            f"order {order_no} already has a {kind}; open that draft instead of making a second",
            f"业务单 {order_no} 已起草 {kind}；请打开已有草稿，不要重复起草",
        )


class StaleDossierError(RejectedError):
    """Somebody changed the agreement since it was read."""

    code = "stale_dossier"

    def __init__(self, number: str) -> None:
        """Say which agreement."""
        super().__init__(
            f"agreement {number} was changed by somebody else; read it again and repeat your change",
            f"合同 {number} 已被他人修改；请重新读取后再改",
        )


class SignatureTurnError(RejectedError):
    """Signatures come in the agreed order, each once."""

    code = "not_your_turn"

    def __init__(self, field: str, expected: str | None) -> None:
        """Name the field asked for and the one whose turn it is."""
        turn = expected or "nobody's: all have signed"
        super().__init__(
            f"{field} cannot be signed now; the turn is {turn}",
            f"现在还轮不到 {field} 签署；当前应签：{expected or '无，各方均已签署'}",
        )
        self.field = field
        self.expected = expected


class WrongCodeError(RejectedError):
    """The one-time code does not fit this person and document."""

    code = "wrong_code"

    def __init__(self, attempts_left: int) -> None:
        """Say how many tries are left."""
        super().__init__(
            f"the signing code is wrong; {attempts_left} tries left, nothing was signed",
            f"签署码不对，还可试 {attempts_left} 次；没有签署任何内容",
        )
        self.attempts_left = attempts_left


class NotYetFinalError(UndecidedError):
    """The evidence is on its way to the chain; the contract itself is valid already."""

    code = "not_yet_final"

    def __init__(self, number: str) -> None:
        """Say which document; a few seconds suffice as a rule."""
        super().__init__(
            f"the evidence of {number} is not final on the chain yet; try again in a few seconds",
            f"{number} 的存证尚未最终确认，不影响合同效力；请几秒后重试",
            retry_after=5,
        )


class ClockWentBackError(UndecidedError):
    """The clock stands before the newest event of the trail; a line written now would break it."""

    code = "clock_went_back"

    def __init__(self, number: str, seconds: float) -> None:
        """Say by how much; nothing was stored."""
        super().__init__(
            f"the clock stands {seconds:.0f} s before the newest event of {number}; nothing was stored, "
            "check the clock of this machine and try again",
            f"本机时钟比 {number} 的最新过程记录早 {seconds:.0f} 秒；未保存任何内容，请校时后重试",
            retry_after=seconds,
        )


class InstallationMismatchError(FaultError):
    """The data directory belongs to another chain or registry."""

    code = "installation_mismatch"

    def __init__(self, name: str, fixed: str, found: str) -> None:
        """Keep both values."""
        super().__init__(
            f"this data directory is bound to {name} {fixed}, but {found} answers; "
            "start the chain it belongs to, or use an empty data directory",
            f"本数据目录绑定的 {name} 为 {fixed}，现连接到 {found}；请启动原来的链，或改用空的数据目录",
        )
        self.fixed = fixed
        self.found = found


class UnsoundSignatureError(UndecidedError):
    """The freshly signed file did not pass its own verification; it was thrown away."""

    code = "unsound_signature"

    def __init__(self, number: str, field: str, reason: str) -> None:
        """Keep field and reason for the log."""
        super().__init__(
            f"the signature {field} on {number} did not pass the re-check ({reason}); "
            "nothing was changed, try again",
            f"合同 {number} 的签名 {field} 未通过复核（{reason}）；合同未变，请重试",
            retry_after=5,
        )
        self.field = field
        self.reason = reason


class NotInvoiceableError(RejectedError):
    """No invoice can be issued under this agreement, or the key stands for another bill."""

    code = "not_invoiceable"

    def __init__(self, number: str, *, key: str | None = None) -> None:
        """Tell the two cases apart."""
        if key is None:
            super().__init__(
                f"{number} is no executed supply contract; an invoice needs one that all parties have signed",
                f"{number} 不是各方均已签署的供用电合同，不能据以开票",
            )
        else:
            super().__init__(
                f"the idempotency key {key} already stands for another bill; use a new key for a new bill",
                f"幂等键 {key} 已用于另一笔账单；新账单请用新键",
            )
        self.number = number
        self.key = key


class CodeExpiredError(RejectedError):
    """No valid code is outstanding for this ceremony."""

    code = "code_expired"

    def __init__(self) -> None:
        """Ask for a new one."""
        super().__init__(
            "the signing code has expired or all tries are used; nothing was signed, ask for a new code",
            "签署码已过期或已用完次数，没有签署任何内容；请重新获取签署码",
        )


class CodesUsedUpError(RejectedError):
    """One link gets a handful of codes; guessing must not go on for ever."""

    code = "codes_used_up"

    def __init__(self) -> None:
        """Send them to the supplier."""
        super().__init__(
            "this link has had all its codes; nothing was signed, ask the supplier for a new link",
            "本链接的签署码次数已用完，没有签署任何内容；请联系供电方重新发送链接",
        )


class PagesUnreadError(RejectedError):
    """The service has not served every page yet."""

    code = "pages_unread"

    def __init__(self, missing: tuple[int, ...]) -> None:
        """Name the pages."""
        listed = ", ".join(str(page) for page in missing)
        super().__init__(
            f"{len(missing)} pages are still to be read ({listed}); open them, then ask for the code",
            f"还有 {len(missing)} 页没读（第 {listed} 页）；请先阅读，再获取签署码",
        )
        self.missing = missing


class NotExecutedError(RejectedError):
    """The contract was never signed by all parties, so it has no standing to change."""

    code = "not_executed"

    def __init__(self, number: str) -> None:
        """Say which."""
        super().__init__(
            f"{number} is not signed by all parties yet; withdraw or reject it instead",
            f"{number} 尚未由各方全部签署，没有可变更的效力状态；请改为撤回或拒签",
        )
        self.number = number


class SuccessorMissingError(RejectedError):
    """Supersession names the contract that takes the place; nothing else does."""

    code = "successor_missing"

    def __init__(self, number: str) -> None:
        """Say what is due."""
        super().__init__(
            f"to supersede {number} name another, executed contract as its successor; "
            "to terminate, suspend or resume it name none",
            f"以新合同取代 {number} 时须指明另一份已签署的合同；终止、中止、恢复时不得指明",
        )
        self.number = number


class NothingToRenewError(UndecidedError):
    """No checkpoint is final yet, so there is no evidence to renew."""

    code = "nothing_to_renew"

    def __init__(self) -> None:
        """Anchor something first."""
        super().__init__(
            "nothing is anchored yet; renew after the first checkpoint is final",
            "尚无已上链的检查点；请在首个检查点最终确认后再续期",
        )


class AnchoredElsewhereError(FaultError):
    """The registry holds our next sequence by a transaction that this installation did not store."""

    code = "anchored_elsewhere"

    def __init__(self, sequence: int) -> None:
        """Never adopt it: another copy of this installation, or a thief of the key, anchored it."""
        super().__init__(
            f"checkpoint {sequence} stands in the registry by a transaction that is not ours; "
            "stop anchoring, find out who uses the key, and compare with a backup",
            f"检查点 {sequence} 已由非本系统的交易上链；请停止锚定，查明谁在使用该密钥，并与备份比对",
        )
        self.sequence = sequence


class NotFlushedError(UndecidedError):
    """Not everything is final within the time given; the service goes on with it."""

    code = "not_flushed"

    def __init__(self) -> None:
        """A few seconds suffice as a rule."""
        super().__init__(
            "not every leaf is final yet; nothing is lost, ask again in a few seconds",
            "仍有存证未最终确认；数据均在，请几秒后再查",
            retry_after=5,
        )
