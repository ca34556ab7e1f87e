"""Rules of every class: pack, term, model number, date of signing; and the list of them all.

Each function yields its violations; id, gravity and source stand in the pack file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import CommonCheck, Ground, Violations
from contracts_chain.agreements.rules.party_rules import PARTY_CHECKS
from contracts_chain.agreements.rules.text_rules import TEXT_CHECKS
from contracts_chain.agreements.rules.value_rules import VALUE_CHECKS
from contracts_chain.agreements.terms import AgreementKind, Terms

__all__ = ["COMMON_CHECKS"]


def pack_is_the_one_named(terms: Terms, ground: Ground) -> Violations:
    """R-PACK-1: the contract records the pack and province it is checked against."""
    if terms.rule_pack_version != ground.pack_version:
        yield Violation(
            path="rule_pack_version",
            en=f"the terms name pack {terms.rule_pack_version}, this is {ground.pack_version}",
            zh=f"条款写明规则包 {terms.rule_pack_version}，当前规则包为 {ground.pack_version}",
        )
    if terms.province != ground.profile.province:
        yield Violation(
            path="province",
            en=f"the terms belong to {terms.province}, the profile to {ground.profile.province}",
            zh=f"条款所属省级单位为 {terms.province}，参数文件为 {ground.profile.province}",
        )

    ends = ground.pack_to
    if terms.sign_by < ground.pack_from or (ends is not None and terms.sign_by > ends):
        until = "今" if ends is None else str(ends)
        yield Violation(
            path="rule_pack_version",
            en=f"the pack holds from {ground.pack_from} to {ends or 'now'}, not on {terms.sign_by}",
            zh=f"规则包自 {ground.pack_from} 至{until}有效，不含签署截止日 {terms.sign_by}",
        )


def term_is_fixed(terms: Terms, _ground: Ground) -> Violations:
    """R-TERM-1: an end, after the beginning; a termination record has no term."""
    if terms.KIND is AgreementKind.TERMINATION:
        if terms.valid_to is not None:
            yield Violation(
                path="valid_to", en="a termination has no term; remove it", zh="终止协议没有有效期，请删除"
            )
        return
    if terms.valid_to is None:
        yield Violation(path="valid_to", en="write the last day of the term", zh="请填写有效期截止日")
    elif terms.valid_to <= terms.valid_from:
        yield Violation(
            path="valid_to",
            en=f"the term ends {terms.valid_to}, before or when it begins {terms.valid_from}",
            zh=f"有效期截止日 {terms.valid_to} 应晚于起始日 {terms.valid_from}",
        )


def term_is_customary(terms: Terms, ground: Ground) -> Violations:
    """R-TERM-2: not longer than the province's configured term; no law fixes it."""
    years = ground.profile.max_term_years(terms.KIND)
    if years is None or terms.valid_to is None:
        return
    latest = _years_later(terms.valid_from, years)
    if terms.valid_to > latest:
        yield Violation(
            path="valid_to",
            en=f"the term ends {terms.valid_to}; {years} years would end {latest}",
            zh=f"有效期至 {terms.valid_to}，超过配置的 {years} 年（至 {latest}）",
        )


def model_number_is_not_borrowed(terms: Terms, _ground: Ground) -> Violations:
    """R-TPL-1: our own wording may not carry a model text's number."""
    if terms.model_text_no is not None:
        yield Violation(
            path="model_text_no",
            en=f"this text is not {terms.model_text_no}; remove the number",
            zh=f"本文本不是 {terms.model_text_no} 原文，不得使用其编号，请删除",
        )


def cover_date_comes_from_signing(terms: Terms, _ground: Ground) -> Violations:
    """R-SIGN-1: an electronic contract is dated by its last signature, not in advance."""
    is_paper = terms.copies is not None
    if terms.signed_on is not None and not is_paper:
        yield Violation(
            path="signed_on",
            en=f"leave out {terms.signed_on}: the date is that of the last signature",
            zh=f"请删除预填的签订日期 {terms.signed_on}：电子合同以最后一方签署之日为准",
        )
    if terms.signed_on is not None and terms.signed_on > terms.sign_by:
        yield Violation(
            path="signed_on",
            en=f"signed {terms.signed_on}, after the last day for signing {terms.sign_by}",
            zh=f"签订日期 {terms.signed_on} 晚于签署截止日 {terms.sign_by}",
        )


def _years_later(day: date, years: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)


COMMON_CHECKS: Final[Mapping[str, CommonCheck]] = MappingProxyType(
    {
        "R-PACK-1": pack_is_the_one_named,
        **PARTY_CHECKS,
        "R-TERM-1": term_is_fixed,
        "R-TERM-2": term_is_customary,
        "R-TPL-1": model_number_is_not_borrowed,
        "R-SIGN-1": cover_date_comes_from_signing,
        **VALUE_CHECKS,
        **TEXT_CHECKS,
    }
)
