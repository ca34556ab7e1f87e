"""Check digits of identity codes: 统一社会信用代码, 组织机构代码, 居民身份证, 户号.

GB 32100-2015, GB 11714, GB 11643 (reference §6.1–6.3). Proves that a code is well
formed, never that it was issued. A resident id or its bare hash goes on no chain.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from kernel.errors import RejectedError

__all__ = [
    "IdentityCodeError",
    "age_on",
    "masked_resident_id",
    "normalised_cust_no",
    "organisation_check",
    "resident_birth",
    "resident_check",
    "uscc_check",
    "verify_organisation_code",
    "verify_resident_id",
    "verify_uscc",
]

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC: Final = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION: Final = re.compile(r"[0-9A-Z]{8}-?[0-9X]")
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"
_RESIDENT: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
_CUST_NO: Final = re.compile(r"[0-9]{10}|[0-9]{13}")


class IdentityCodeError(RejectedError):
    """A code whose form or check digit is wrong.

    Attributes:
        kind: ``uscc``, ``organisation_code``, ``resident_id`` or ``cust_no``.
        expected: What should stand there, where that can be said.
        actual: What does.
    """

    code = "identity_code"

    def __init__(self, *, kind: str, expected: str, actual: str, en: str, zh: str) -> None:
        """Keep both compared values; never the whole resident id."""
        super().__init__(en, zh)
        self.kind = kind
        self.expected = expected
        self.actual = actual


def uscc_check(first17: str) -> str:
    """The 18th character (GB 32100-2015): the outer ``mod 31`` covers remainder 0."""
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(first17, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check(first8: str) -> str:
    """The check character of an organisation code (GB 11714): 10 is X, 11 is 0."""
    values = zip((_ORGANISATION_ALPHABET.index(c) for c in first8), _ORGANISATION_WEIGHTS, strict=True)
    return "0123456789X0"[11 - sum(value * weight for value, weight in values) % 11]


def verify_uscc(text: str) -> None:
    """Prove the form and both check characters of a 统一社会信用代码.

    Raises:
        IdentityCodeError: Another form, or a check character that does not fit.
    """
    if not _USCC.fullmatch(text):
        raise IdentityCodeError(
            kind="uscc",
            expected="18",
            actual=text,
            en=f"{text!r} is not 18 characters of 0-9 and A-Y without I O S V Z; copy it from the licence",
            zh=f"“{text}”不是 18 位统一社会信用代码（不含 I O S V Z）；请按营业执照填写",
        )
    for place, expected in ((16, organisation_check(text[8:16])), (17, uscc_check(text[:17]))):
        if text[place] != expected:
            raise IdentityCodeError(
                kind="uscc",
                expected=expected,
                actual=text[place],
                en=f"character {place + 1} of {text} is {text[place]}, not {expected}; copy it again",
                zh=f"{text} 第 {place + 1} 位为 {text[place]}，校验应为 {expected}；请核对后重填",
            )


def verify_organisation_code(text: str) -> None:
    """Prove form and check character of an organisation code, with or without its hyphen (GB 11714).

    Raises:
        IdentityCodeError: Another form, or a check character that does not fit.
    """
    if not _ORGANISATION.fullmatch(text):
        raise IdentityCodeError(
            kind="organisation_code",
            expected="9",
            actual=text,
            en=f"{text!r} is no organisation code of 9 characters; copy it from the certificate",
            zh=f"“{text}”不是 9 位组织机构代码；请按组织机构代码证填写",
        )
    expected, actual = organisation_check(text[:8]), text[-1]
    if actual != expected:
        raise IdentityCodeError(
            kind="organisation_code",
            expected=expected,
            actual=actual,
            en=f"the check character of {text} is {actual}, not {expected}; copy it again",
            zh=f"组织机构代码 {text} 的校验位为 {actual}，应为 {expected}；请核对后重填",
        )


def resident_check(first17: str) -> str:
    """The 18th character of a resident id (GB 11643)."""
    return _RESIDENT_CHECKS[sum(int(c) * w for c, w in zip(first17, _RESIDENT_WEIGHTS, strict=True)) % 11]


def verify_resident_id(text: str) -> None:
    """Prove form, birth date and check character of a resident id.

    Raises:
        IdentityCodeError: Names the fault without repeating the number.
    """
    if not _RESIDENT.fullmatch(text):
        raise _resident_error("18 characters", "another form", "应为 18 位，末位可为 X")
    expected = resident_check(text[:17])
    if text[17] != expected:
        raise _resident_error(expected, text[17], f"校验位应为 {expected}，现为 {text[17]}")
    resident_birth(text)


def resident_birth(text: str) -> date:
    """The birth date inside a resident id.

    Raises:
        IdentityCodeError: No such day.
    """
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError as problem:
        raise _resident_error("a calendar day", text[6:14], "出生日期不是有效日期") from problem


def age_on(birth: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def masked_resident_id(text: str) -> str:
    """What pages and attachments may show: first six and last four, stars between."""
    return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}" if len(text) > 10 else "*" * len(text)


def normalised_cust_no(text: str, prefix: str) -> str:
    """A 户号 in its 13-digit form.

    Args:
        text: 10 digits, or 13 with the province's prefix.
        prefix: Three digits from the province profile, e.g. ``330``.

    Raises:
        IdentityCodeError: Another form, or another province's prefix.
    """
    if not _CUST_NO.fullmatch(text):
        raise IdentityCodeError(
            kind="cust_no",
            expected="10 or 13 digits",
            actual=text,
            en=f"{text!r} is not a customer number of 10 or 13 digits; take it from the bill",
            zh=f"“{text}”不是 10 位或 13 位户号；请按电费账单填写",
        )
    if len(text) == 10:
        return prefix + text
    if not text.startswith(prefix):
        raise IdentityCodeError(
            kind="cust_no",
            expected=prefix,
            actual=text[:3],
            en=f"{text} begins with {text[:3]}, this province uses {prefix}; check the account",
            zh=f"户号 {text} 前三位为 {text[:3]}，本省应为 {prefix}；请核对",
        )
    return text


def _resident_error(expected: str, actual: str, zh: str) -> IdentityCodeError:
    return IdentityCodeError(
        kind="resident_id",
        expected=expected,
        actual=actual,
        en=f"the resident id is wrong (expected {expected}, found {actual}); copy it from the card",
        zh=f"居民身份证号码有误：{zh}；请按证件重填",
    )
