"""Rules of every class: parties, authority, dates, text without blanks (reference §3.6, §6).

Each function yields its violations; id, gravity and source stand in the pack file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.identity_codes import (
    IdentityCodeError,
    age_on,
    normalised_cust_no,
    resident_birth,
    verify_resident_id,
    verify_uscc,
)
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import CommonCheck, Ground, Violations
from contracts_chain.agreements.terms import HvSupplyTerms, Terms
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms.party import Party, Person
from contracts_chain.agreements.typed_json import decimal_text, value_json
from kernel.canonical_json import JsonValue

__all__ = ["COMMON_CHECKS", "texts_of"]

_ADULT: Final = 18
_BLANKS: Final = re.compile(r"_{2,}|＿{2,}|…{2,}|（\s*）|\(\s*\)|X{3,}|×{3,}|待定|待填|TBD")
_NOTES: Final = re.compile(r"起草说明|填写说明|使用说明|【注|［注|\[注|（注[：:]|TODO")


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


def identity_codes_hold(terms: Terms, _ground: Ground) -> Violations:
    """R-ID-1: check digits of organisations, tax numbers and persons; signers of age."""
    for role, party in _parties(terms):
        if party.id_type is IdType.USCC:
            yield from _uscc(f"{role}.id_no", party.id_no)
            if party.tax_no != party.id_no:
                yield Violation(
                    path=f"{role}.tax_no",
                    en=f"tax number {party.tax_no} differs from the organisation's code {party.id_no}",
                    zh=f"税号 {party.tax_no} 与统一社会信用代码 {party.id_no} 不一致",
                )
        for path, person in _persons(role, party):
            yield from _resident(path, person, terms.sign_by)


def _uscc(path: str, code: str) -> Violations:
    try:
        verify_uscc(code)
    except IdentityCodeError as problem:
        yield Violation(path=path, en=problem.en, zh=problem.zh)


def _resident(path: str, person: Person, day: date) -> Violations:
    if person.id_type is not IdType.RESIDENT_ID:
        return
    try:
        verify_resident_id(person.id_no)
    except IdentityCodeError as problem:
        yield Violation(path=f"{path}.id_no", en=problem.en, zh=problem.zh)
        return
    age = age_on(resident_birth(person.id_no), day)
    if age < _ADULT:
        yield Violation(
            path=f"{path}.id_no",
            en=f"{person.name} is {age} years old; let an adult act",
            zh=f"{person.name}年龄为 {age} 周岁，未满 {_ADULT} 周岁，请由成年人办理",
        )


def account_number_fits(terms: Terms, ground: Ground) -> Violations:
    """R-ID-2: 户号 of 10 or 13 digits with the province's prefix."""
    try:
        normalised_cust_no(terms.cust_no, ground.profile.cust_no_prefix)
    except IdentityCodeError as problem:
        yield Violation(path="cust_no", en=problem.en, zh=problem.zh)


def supplier_is_licensed(terms: Terms, _ground: Ground) -> Violations:
    """R-LIC-1: the supplier names its 电力业务许可证."""
    if terms.supplier.licence_no is None:
        yield Violation(
            path="supplier.licence_no",
            en="name the supplier's electricity business licence",
            zh="请填写供电人的电力业务许可证编号",
        )


def agents_are_empowered(terms: Terms, _ground: Ground) -> Violations:
    """R-AUTH-1: an agent's letter covers the day of signing and the capacity."""
    for role, party in _parties(terms):
        if party.agent is None:
            continue
        letter = party.agent.letter
        if not letter.valid_from <= terms.sign_by <= letter.valid_to:
            yield Violation(
                path=f"{role}.agent.letter.valid_to",
                en=f"the letter holds {letter.valid_from} to {letter.valid_to}, not on {terms.sign_by}",
                zh=f"授权期限为 {letter.valid_from} 至 {letter.valid_to}，不含签署截止日 {terms.sign_by}",
            )
        limit = letter.capacity_limit_kva
        capacity = _capacity_kva(terms)
        if limit is not None and capacity > limit:
            yield Violation(
                path=f"{role}.agent.letter.capacity_limit_kva",
                en=f"authority ends at {limit} kVA, the contract is for {decimal_text(capacity)} kVA",
                zh=f"授权到 {limit} kVA，合同 {decimal_text(capacity)} kVA，超出授权范围",
            )


def term_is_fixed(terms: Terms, _ground: Ground) -> Violations:
    """R-TERM-1: an end, after the beginning."""
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


def text_has_no_blanks(terms: Terms, _ground: Ground) -> Violations:
    """R-TPL-3: filled, 无 or /; never a blank to fill later."""
    for path, text in texts_of(terms):
        if _BLANKS.search(text):
            yield Violation(
                path=path,
                en=f"{text!r} leaves something open; fill it in, or write 无 or /",
                zh=f"“{text}”留有空白；请填写完整，没有内容的填“无”或“/”",
            )


def text_has_no_drafting_notes(terms: Terms, _ground: Ground) -> Violations:
    """R-TPL-4: drafting notes are gone before review."""
    for path, text in texts_of(terms):
        if _NOTES.search(text):
            yield Violation(
                path=path, en=f"remove the drafting note from {text!r}", zh=f"“{text}”含有起草说明，请删除"
            )


def cover_date_comes_from_signing(terms: Terms, _ground: Ground) -> Violations:
    """R-SIGN-1: an electronic contract is dated by its last signature, not in advance."""
    is_paper = isinstance(terms, HvSupplyTerms) and terms.copies is not None
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


def texts_of(terms: Terms) -> Iterator[tuple[str, str]]:
    """Every free text with its path; what the linting rules read."""
    yield from _texts(value_json(terms), "")


def _texts(value: JsonValue, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]")


def _parties(terms: Terms) -> tuple[tuple[str, Party], tuple[str, Party]]:
    return ("supplier", terms.supplier), ("consumer", terms.consumer)


def _persons(role: str, party: Party) -> Iterator[tuple[str, Person]]:
    yield f"{role}.legal_rep", party.legal_rep
    if party.agent is not None:
        yield f"{role}.agent.person", party.agent.person


def _capacity_kva(terms: Terms) -> Decimal:
    return terms.contract_cap if isinstance(terms, HvSupplyTerms) else terms.installed_mva * 1000


def _years_later(day: date, years: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)


COMMON_CHECKS: Final[Mapping[str, CommonCheck]] = MappingProxyType(
    {
        "R-PACK-1": pack_is_the_one_named,
        "R-ID-1": identity_codes_hold,
        "R-ID-2": account_number_fits,
        "R-LIC-1": supplier_is_licensed,
        "R-AUTH-1": agents_are_empowered,
        "R-TERM-1": term_is_fixed,
        "R-TERM-2": term_is_customary,
        "R-TPL-1": model_number_is_not_borrowed,
        "R-TPL-3": text_has_no_blanks,
        "R-TPL-4": text_has_no_drafting_notes,
        "R-SIGN-1": cover_date_comes_from_signing,
    }
)
