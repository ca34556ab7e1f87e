"""The eight lines of a seal signature's verification (GB/T 38540-2020): each with its own answer.

A line is proven only by the branch that proved it. Whatever a line's work throws ends as refuted,
if the error says so, else undecided; no exception can prove anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kernel.errors import ContractsChainError, RefutedError
from kernel.verdict import Verdict
from signing.judgement import Judgement

__all__ = [
    "LINE_NAMES",
    "SesLine",
    "depends",
    "guarded",
    "line_of",
    "proven_line",
    "refuted_line",
    "undecided_line",
]

LINE_NAMES: Final = {
    1: ("form", "格式"),
    2: ("seal", "印章"),
    3: ("signer's certificate", "签章人证书"),
    4: ("certificate on the seal", "证书与印章对应"),
    5: ("signature value", "签名值"),
    6: ("hash of the original", "原文杂凑"),
    7: ("signing time", "签章时间"),
    8: ("timestamp", "时间戳"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SesLine:
    """One of the eight answers.

    Attributes:
        number: 1 to 8.
        code: Stable word; ``ok`` where proven.
        verdict: Proven, refuted or undecided.
        en: One sentence.
        zh: The same in Chinese.
    """

    number: int
    code: str
    verdict: Verdict
    en: str
    zh: str


def proven_line(number: int, en: str, zh: str) -> SesLine:
    """A line that holds."""
    return SesLine(number=number, code="ok", verdict=Verdict.PROVEN, en=en, zh=zh)


def refuted_line(number: int, code: str, en: str, zh: str) -> SesLine:
    """A line that is false."""
    return SesLine(
        number=number,
        code=code,
        verdict=Verdict.REFUTED,
        en=f"{en}; do not rely on this seal",
        zh=f"{zh}；请勿采信该签章",
    )


def undecided_line(number: int, code: str, en: str, zh: str) -> SesLine:
    """A line for which something is wanting; both sentences end with what to do."""
    return SesLine(number=number, code=code, verdict=Verdict.UNDECIDED, en=en, zh=zh)


def depends(number: int, on: int) -> SesLine:
    """A line that another one leaves open."""
    return undecided_line(
        number,
        "depends_on_line",
        f"not decided, because line {on} is not proven; see that line",
        f"因第 {on} 项未获证实，本项不能判定",
    )


def guarded(number: int, work: Callable[[], SesLine]) -> SesLine:
    """Do one line's work; an exception never proves."""
    try:
        return work()
    except RefutedError as error:
        return SesLine(number=number, code=error.code, verdict=Verdict.REFUTED, en=error.en, zh=error.zh)
    except ContractsChainError as error:
        return undecided_line(number, error.code, error.en, error.zh)
    except Exception as error:  # noqa: BLE001 - the verification boundary of this room's seals: hostile
        # bytes may make a parser raise anything, which must end as a finding
        return undecided_line(
            number,
            "unexpected_content",
            f"the content cannot be examined ({type(error).__name__}); ask for an undamaged seal",
            f"内容无法检验（{type(error).__name__}）；请索取完好的签章",
        )


def line_of(number: int, judgement: Judgement, subject_en: str, subject_zh: str) -> SesLine:
    """A certificate's judgement that is not sound, as a line.

    Args:
        number: The line.
        judgement: Refuted or undecided.
        subject_en: Whose certificate.
        subject_zh: The same.
    """
    zh, remedy_en, remedy_zh = _WORDS.get(
        judgement.code, ("证书不能判定", "supply what is missing", "请补充资料")
    )
    if judgement.verdict is Verdict.REFUTED:
        return refuted_line(
            number, judgement.code, f"{subject_en}: {judgement.detail}", f"{subject_zh}：{zh}"
        )
    return undecided_line(
        number,
        judgement.code,
        f"{subject_en}: {judgement.detail}; {remedy_en} and verify again",
        f"{subject_zh}：{zh}；{remedy_zh}后重新核验",
    )


_WORDS: Final = {
    "unsupported_algorithm": ("证书不是以 SM2 和 SM3 签发", "use a certificate under SM2", "请换用 SM2 证书"),
    "look_alike_ca": ("冒用受信任机构的名称", "", ""),
    "unknown_issuer": (
        "签发机构不在信任包中",
        "add the authority to the trust bundle",
        "请在信任包中补充该机构",
    ),
    "wrong_key_usage": ("证书用途不含数字签名", "", ""),
    "unknown_critical_extension": (
        "证书含有无法识别的关键扩展",
        "ask the authority what it means",
        "请向签发机构核实",
    ),
    "time_unproven": (
        "证书现已不在有效期内，且无时间戳证明此前已使用",
        "supply a timestamp",
        "请补充时间戳",
    ),
    "not_yet_valid": ("使用时证书尚未生效", "", ""),
    "expired_certificate": ("使用时证书已过期", "", ""),
    "no_revocation_data": (
        "缺少签发机构的有效吊销列表",
        "supply the issuer's revocation list",
        "请补充吊销列表",
    ),
    "revoked_certificate": ("使用时证书已被吊销", "", ""),
}
