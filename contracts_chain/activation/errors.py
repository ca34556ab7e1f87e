"""What the activation process refuses, and when nobody can tell.

Every class goes over the wire by its ``code`` and the attributes that its constructor takes
(api/activation_errors.py), so that both sides raise the very same error.
"""

from __future__ import annotations

from kernel.errors import FaultError, RejectedError, UndecidedError

__all__ = [
    "ActivationFaultError",
    "ActivationUnavailableError",
    "AssertionRefusedError",
    "AttestationRefusedError",
    "CertificateRefusedError",
    "CodeExpiredError",
    "CodesLockedError",
    "CodesUsedUpError",
    "CredentialMismatchError",
    "DocumentChangedError",
    "HandedOverError",
    "MalformedOrderError",
    "MessageNotSentError",
    "NotEnrolledError",
    "NotReleasedError",
    "OwnKeyNotCertifiedError",
    "RevocationRefusedError",
    "TotpRefusedError",
    "WrongCodeError",
]


class ActivationUnavailableError(UndecidedError):
    """The activation process does not answer: whether it acted is unknown; asking again is safe."""

    code = "activation_unavailable"

    def __init__(self, reason: str) -> None:
        """Keep what the connection said."""
        super().__init__(
            f"the activation process does not answer ({reason}); nothing is lost, try again in a moment",
            f"签署激活服务暂无应答（{reason}）；进度已保存，请稍后重试",
            retry_after=2.0,
        )
        self.reason = reason


class ActivationFaultError(FaultError):
    """The activation process failed in a way its table of errors does not know."""

    code = "activation_fault"

    def __init__(self, reason: str) -> None:
        """Keep the code of what failed over there; its log has the rest."""
        super().__init__(
            f"the activation process failed ({reason}); look into its log, then try again",
            f"签署激活服务发生故障（{reason}）；请查看其日志后重试",
        )
        self.reason = reason


class MessageNotSentError(UndecidedError):
    """The text-message gateway did not take the message: the code in it is void."""

    code = "message_not_sent"

    def __init__(self, reason: str) -> None:
        """Keep the gateway's reason."""
        super().__init__(
            f"the text message could not be handed over ({reason}); ask for a new code in a moment",
            f"短信未能发出（{reason}）；请稍后重新获取",
            retry_after=30.0,
        )
        self.reason = reason


class AttestationRefusedError(RejectedError):
    """The attestation proves no identity here; nothing was stored."""

    code = "attestation_refused"

    def __init__(self, reason: str) -> None:
        """Keep a short reason for the log; it holds nothing personal."""
        super().__init__(
            f"the identity attestation is not accepted ({reason}); have the identity verified again",
            f"身份核验结果未被采信（{reason}）；请重新核验身份",
        )
        self.reason = reason


class NotEnrolledError(RejectedError):
    """Nobody vouched for this person, not for a year, or for another name; or it has no such factor."""

    code = "not_enrolled"

    def __init__(self, lacking: str = "identity") -> None:
        """``identity``, ``passkey`` or ``totp``."""
        zh = {"identity": "身份核验", "passkey": "通行密钥", "totp": "验证器"}[lacking]
        super().__init__(
            f"this person has no {lacking} on file with the activation process; register it first",
            f"该签署人尚未完成{zh}登记；请先办理",
        )
        self.lacking = lacking


class WrongCodeError(RejectedError):
    """The digits do not fit this person and these documents."""

    code = "wrong_code"

    def __init__(self, attempts_left: int) -> None:
        """Say how many tries are left."""
        super().__init__(
            f"the signing code is wrong; {attempts_left} tries left, nothing was signed",
            f"签署码不对，还可试 {attempts_left} 次；没有签署任何内容",
        )
        self.attempts_left = attempts_left


class CodeExpiredError(RejectedError):
    """No valid code is outstanding for this person and these very documents."""

    code = "code_expired"

    def __init__(self) -> None:
        """Ask for a new one."""
        super().__init__(
            "no valid signing code is outstanding for these documents (expired, used, tries used up, or the "
            "documents changed); nothing was signed, ask for a new code",
            "没有对应这些文件的有效签署码（已过期、已使用、次数用完或文件有变），没有签署任何内容；请重新获取签署码",
        )


class CodesUsedUpError(RejectedError):
    """Enough codes were sent for this ceremony, or to this person within the hour."""

    code = "codes_used_up"

    def __init__(self, retry_after: int | None = None) -> None:
        """Seconds until the next code, or ``None`` if this ceremony gets no more."""
        en, zh = (
            "use another way to confirm, or ask the supplier for a new link",
            "请改用其他验证方式，或联系供电方重新发送链接",
        )
        if retry_after is not None:
            minutes = max(1, round(retry_after / 60))
            en, zh = f"try again in {minutes} minutes", f"请 {minutes} 分钟后再试，进度已保存"
        super().__init__(
            f"no more signing codes are sent now, nothing was signed; {en}",
            f"签署码发送次数已达上限，没有签署任何内容；{zh}",
        )
        self.retry_after = retry_after


class CodesLockedError(RejectedError):
    """Too many wrong digits since the identity was last verified: somebody may be guessing."""

    code = "codes_locked"

    def __init__(self) -> None:
        """Only a fresh verification of identity unlocks."""
        super().__init__(
            "too many wrong codes were entered for this person, nothing was signed; verify identity again",
            "该签署人的签署码累计错误次数过多，已锁定，没有签署任何内容；请重新核验身份",
        )


class TotpRefusedError(RejectedError):
    """Digits of another moment, used already, or of another authenticator."""

    code = "totp_refused"

    def __init__(self) -> None:
        """Wait for the next digits."""
        super().__init__(
            "the digits of the authenticator app do not fit or were used already; wait for the next ones",
            "验证器动态码不对或已使用过；请等待下一组数字后重试",
        )


class AssertionRefusedError(RejectedError):
    """Not this person's passkey, or not over this request."""

    code = "assertion_refused"

    def __init__(self, reason: str) -> None:
        """Keep the library's reason."""
        super().__init__(
            f"the passkey was not accepted ({reason}); nothing was signed, try again or use a code",
            f"通行密钥未通过验证（{reason}），没有签署任何内容；请重试或改用签署码",
        )
        self.reason = reason


class NotReleasedError(RejectedError):
    """The signer never agreed to this field of this document."""

    code = "not_released"

    def __init__(self, number: str, field: str) -> None:
        """Name what was asked for."""
        super().__init__(
            f"the signer has not agreed to field {field} of {number}; nothing is signed without that",
            f"签署人未同意签署 {number} 的 {field}；未经其确认不予签署",
        )
        self.number = number
        self.field = field


class HandedOverError(FaultError):
    """A signature was made, stored by the service and given up here; it is not made a second time."""

    code = "handed_over"

    def __init__(self, number: str, field: str, handed_over_utc: str) -> None:
        """Keep which, and when the service confirmed it."""
        super().__init__(
            f"field {field} of {number} was signed, and the service confirmed at {handed_over_utc} that it "
            "stored it; it is not signed twice, restore the service's store from a backup that holds it",
            f"{number} 的 {field} 已经签署，服务已于 {handed_over_utc} 确认保存；不会再次签署，"
            "请从包含该签名的备份恢复服务的存储",
        )
        self.number = number
        self.field = field
        self.handed_over_utc = handed_over_utc


class DocumentChangedError(RejectedError):
    """The file to be signed is not the agreed one with nothing but signatures after it."""

    code = "document_changed"

    def __init__(self, reason: str) -> None:
        """Say what differs."""
        super().__init__(
            f"this is not the document the signer agreed to ({reason}); nothing was signed, offer it anew",
            f"这不是签署人同意的文件（{reason}），没有签署；请重新提交签署",
        )
        self.reason = reason


class CertificateRefusedError(RejectedError):
    """A certificate in somebody else's name was asked for."""

    code = "certificate_refused"

    def __init__(self, organisation_id: str) -> None:
        """Name whose."""
        super().__init__(
            f"only seals of this utility are certified here, not of {organisation_id}; "
            "its own signer has to agree",
            f"此处只为本供电企业的印章签发证书，不为 {organisation_id} 签发；须由其签署人本人确认",
        )
        self.organisation_id = organisation_id


class CredentialMismatchError(FaultError):
    """The configured authority's certificate is not of the signer who agreed; nothing was signed."""

    code = "credential_mismatch"

    def __init__(self, what: str, expected: str, found: str) -> None:
        """Keep what differs, and both."""
        super().__init__(
            f"the certification authority gave a certificate of another {what} ({found}, due is {expected}); "
            "nothing was signed, correct the rule of its credentials",
            f"认证机构返回的证书与签署人不符（{what}：应为 {expected}，实为 {found}），没有签署任何内容；"
            "请更正凭证规则",
        )
        self.what = what
        self.expected = expected
        self.found = found


class OwnKeyNotCertifiedError(RejectedError):
    """The configured authority certifies no key that its holder keeps."""

    code = "own_key_not_certified"

    def __init__(self) -> None:
        """Another way is named."""
        super().__init__(
            "the configured certification authority certifies no key that you keep yourself; sign with a "
            "passkey or a code instead",
            "当前认证机构不为自持密钥签发证书；请改用通行密钥或签署码签署",
        )


class RevocationRefusedError(RejectedError):
    """A certificate was to be revoked that is none of a seal of the utility, issued here."""

    code = "revocation_refused"

    def __init__(self, subject: str) -> None:
        """Name whose certificate, or what was given instead of one."""
        super().__init__(
            "only certificates issued here for this utility's seals are revoked here, "
            f"not that of {subject}; ask the authority that issued it",
            f"此处只吊销由本机构为本供电企业印章签发的证书，不吊销 {subject} 的证书；请联系其签发机构",
        )
        self.subject = subject


class MalformedOrderError(RejectedError):
    """A request that no deed of the service makes."""

    code = "malformed_order"

    def __init__(self, reason: str) -> None:
        """Say what is wrong with it."""
        super().__init__(
            f"the activation process does not understand this request ({reason}); correct the caller",
            f"签署激活服务无法理解该请求（{reason}）；请更正调用方",
        )
        self.reason = reason
