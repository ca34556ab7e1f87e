"""Rules about the parties of every class: identity, licence, completeness, authority (§3.2, §6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.authority import act_of, shortfalls
from contracts_chain.agreements.identity_codes import (
    IdentityCodeError,
    age_on,
    normalised_cust_no,
    resident_birth,
    verify_organisation_code,
    verify_resident_id,
    verify_uscc,
)
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import CommonCheck, Ground, Violations
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms.party import Party, Person
from contracts_chain.agreements.typed_json import label_of

__all__ = ["PARTY_CHECKS"]

_ADULT: Final = 18
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_CERTIFICATE: Final = re.compile(r"组织机构代码证?[:：]?\s*([0-9A-Za-z-]+)")
_USUAL: Final = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{17}[0-9A-Z](?![0-9A-Z])")


def identity_codes_hold(terms: Terms, _ground: Ground) -> Violations:
    """R-ID-1: check digits of organisations, tax numbers and persons; signers of age."""
    for role, party in _parties(terms):
        if party.id_type is IdType.USCC:
            yield from _coded(f"{role}.id_no", verify_uscc, party.id_no)
            if party.tax_no not in {None, party.id_no}:
                yield Violation(
                    path=f"{role}.tax_no",
                    en=f"tax number {party.tax_no} differs from the organisation's code {party.id_no}",
                    zh=f"税号 {party.tax_no} 与统一社会信用代码 {party.id_no} 不一致",
                )
        for path, person in _persons(role, party):
            yield from _resident(path, person)
            if not (path == role and party.has_guardian):
                yield from _of_age(path, person, terms.sign_by)
    yield from _disguised(terms)


def _coded(path: str, verify: Callable[[str], None], code: str) -> Violations:
    try:
        verify(code)
    except IdentityCodeError as problem:
        yield Violation(path=path, en=problem.en, zh=problem.zh)


def _resident(path: str, person: Person) -> Violations:
    if person.id_type is not IdType.RESIDENT_ID:
        return
    try:
        verify_resident_id(person.id_no)
    except IdentityCodeError as problem:
        yield Violation(path=f"{path}.id_no", en=problem.en, zh=problem.zh)


def _of_age(path: str, person: Person, day: date) -> Violations:
    if person.id_type is not IdType.RESIDENT_ID or tuple(_resident(path, person)):
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
        if terms.account_no is not None:
            normalised_cust_no(terms.account_no, ground.profile.cust_no_prefix)
    except IdentityCodeError as problem:
        yield Violation(path="cust_no", en=problem.en, zh=problem.zh)


def supplier_is_licensed(terms: Terms, _ground: Ground) -> Violations:
    """R-LIC-1: the supplier names its 电力业务许可证."""
    utility = terms.parties()[0]
    if utility.party.licence_no is None:
        yield Violation(
            path=f"{utility.role}.licence_no",
            en="name the utility's electricity business licence",
            zh=f"请填写{utility.title}的电力业务许可证编号",
        )


def organisations_are_complete(terms: Terms, _ground: Ground) -> Violations:
    """R-PARTY-1: an organisation names its representative, bank, tax number and seal (民法典 art. 61)."""
    for role, party in _parties(terms):
        if not party.is_organisation:
            continue
        for name in ("legal_rep", "bank_name", "bank_acct", "acct_name", "tax_no", "seal_name"):
            if getattr(party, name) is None:
                label = label_of(Party, name).zh
                yield Violation(
                    path=f"{role}.{name}",
                    en=f"an organisation writes its {name}",
                    zh=f"{party.name}为单位，请填写{label}",
                )


def natural_persons_sign_by_hand(terms: Terms, _ground: Ground) -> Violations:
    """R-PARTY-2: a natural person has no legal representative and no seal of an organisation."""
    for role, party in _parties(terms):
        if party.is_organisation:
            continue
        for name in ("legal_rep", "seal_name"):
            if getattr(party, name) is not None:
                label = label_of(Party, name).zh
                yield Violation(
                    path=f"{role}.{name}",
                    en=f"a natural person has no {name}; remove it",
                    zh=f"{party.name}为自然人，没有{label}，请删除",
                )


def other_documents_are_named(terms: Terms, _ground: Ground) -> Violations:
    """R-ID-3: a document other than the two usual ones says what it is: 护照E12345678."""
    for path, id_type, id_no in _documents(terms):
        if id_type is IdType.OTHER and not _CHINESE.search(id_no):
            yield Violation(
                path=f"{path}.id_no",
                en="write the document's name before its number, e.g. 护照E12345678",
                zh=f"其他证件“{id_no}”未写明证件名称；请填写，如“护照E12345678”",
            )


def _disguised(terms: Terms) -> Violations:
    """A resident id or organisation code is entered as what it is, so that it is checked."""
    for path, id_type, id_no in _documents(terms):
        if id_type is IdType.OTHER and _USUAL.search(id_no):
            yield Violation(
                path=f"{path}.id_type",
                en="this looks like a resident id or an organisation's code; choose that type",
                zh="证件号码为 18 位，应为居民身份证或者统一社会信用代码；请改选证件类型",
            )
        elif id_type is IdType.OTHER and (certificate := _CERTIFICATE.fullmatch(id_no)):
            yield from _coded(f"{path}.id_no", verify_organisation_code, certificate[1])


def _documents(terms: Terms) -> Iterator[tuple[str, IdType, str]]:
    for role, party in _parties(terms):
        yield role, party.id_type, party.id_no
        for path, person in _persons(role, party):
            if path != role:
                yield path, person.id_type, person.id_no


def agents_are_empowered(terms: Terms, _ground: Ground) -> Violations:
    """R-AUTH-1: an agent's letter covers party, kind, capacity and the last day for signing."""
    act = act_of(terms, terms.sign_by)
    for role, party in _parties(terms):
        for found in shortfalls(party, act):
            yield Violation(path=f"{role}.agent.letter.{found.field}", en=found.en, zh=found.zh)


def _parties(terms: Terms) -> tuple[tuple[str, Party], ...]:
    return tuple((held.role, held.party) for held in terms.parties())


def _persons(role: str, party: Party) -> Iterator[tuple[str, Person]]:
    if party.legal_rep is not None:
        yield f"{role}.legal_rep", party.legal_rep
    elif not party.is_organisation:
        yield role, party.itself
    if party.agent is not None:
        yield f"{role}.agent.person", party.agent.person


PARTY_CHECKS: Final[Mapping[str, CommonCheck]] = MappingProxyType(
    {
        "R-ID-1": identity_codes_hold,
        "R-ID-2": account_number_fits,
        "R-ID-3": other_documents_are_named,
        "R-LIC-1": supplier_is_licensed,
        "R-PARTY-1": organisations_are_complete,
        "R-PARTY-2": natural_persons_sign_by_hand,
        "R-AUTH-1": agents_are_empowered,
    }
)
