"""What a check of identity can come to, in words for the person checked (WEB.md S2).

Decides the sentence for every reason a provider gives, and what to do next. A reason that we do
not know is shown as a plain refusal: no code of a machine reaches a customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kernel.errors import RejectedError

__all__ = [
    "MOST_CHECKS",
    "CheckRefusal",
    "IdentityTriesUsedError",
    "reason_words",
]

MOST_CHECKS: Final = 5
"""Checks that may be begun in one ceremony; after them the hall remains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRefusal:
    """One sentence in both languages."""

    zh: str
    en: str


_PLAIN: Final = CheckRefusal(
    zh="核验没有通过，请核对信息或换一种方式", en="not confirmed; check your details or choose another way"
)
_WORDS: Final[Mapping[str, CheckRefusal]] = MappingProxyType(
    {
        "no_match": CheckRefusal(
            zh="与证照不一致，请核对或换方式", en="no match with the licence: check, or change method"
        ),
        "face_failed": CheckRefusal(
            zh="刷脸未通过，请在光线充足处再试，或换方式",
            en="face not recognised: try in better light, or change method",
        ),
        "amount_wrong": CheckRefusal(
            zh="金额与打款不符，请查看账户后再试", en="not the amount paid: look at the account and try again"
        ),
        "phone_not_owned": CheckRefusal(
            zh="手机号不在您名下，请换方式或到营业厅办理",
            en="the phone number is not in your name: change method or come to a hall",
        ),
        "licence_down": CheckRefusal(
            zh="证照服务无应答，请稍后再试或换方式",
            en="the licence service is down: try later, or change method",
        ),
        "cancelled": CheckRefusal(zh="您取消了核验，可以重新选择", en="you cancelled; choose again"),
        "lost": CheckRefusal(zh="核验已中断，请重新开始", en="the check was interrupted; begin again"),
        "mismatch": CheckRefusal(
            zh="核验的不是合同载明的签署人，请由签署人本人办理",
            en="another person than the contract's signer was checked; the signer must do it",
        ),
        "glare_lower_left": CheckRefusal(zh="照片左下角反光，请重拍", en="glare, lower left: retake"),
        "blurred": CheckRefusal(zh="照片模糊，请重拍", en="blurred: retake"),
        "too_dark": CheckRefusal(zh="光线太暗，请到亮处重拍", en="too dark: retake in better light"),
    }
)


class IdentityTriesUsedError(RejectedError):
    """All checks of this ceremony failed; two people at a hall decide."""

    code = "identity_tries_used"

    def __init__(self) -> None:
        """Name the way that remains."""
        super().__init__(
            f"{MOST_CHECKS} checks failed; bring your document to a business hall, nothing is lost",
            f"已试 {MOST_CHECKS} 次，请携带证件到营业厅办理；已填内容没有丢失",
        )


def reason_words(reason: str) -> CheckRefusal:
    """The sentence for a provider's reason."""
    return _WORDS.get(reason, _PLAIN)
