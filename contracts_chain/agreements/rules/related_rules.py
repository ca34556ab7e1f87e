"""Rules between agreements: what one names exists and agrees with it.

Reference §4.4, §8.1 item 12 and R-MKT-1. Decides on terms that are handed in; which agreements
stand in the store is the desk's question.
Identity numbers are compared and never printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.terms import AgreementTerms, DispatchTerms, HvSupplyTerms, SupplyTerms
from contracts_chain.agreements.terms.agreement_terms import ORDER_REFERENCE
from contracts_chain.agreements.terms.gen_use import GenUseTerms
from contracts_chain.agreements.terms.lv_nonres import LvNonresTerms
from contracts_chain.agreements.terms.party import Party
from contracts_chain.agreements.terms.relay import RelayTerms
from contracts_chain.agreements.terms.service_compact import ServiceCompactTerms
from contracts_chain.agreements.terms.supplement import SupplementTerms
from contracts_chain.agreements.terms.termination import TerminationTerms
from contracts_chain.agreements.terms.wholesale import WholesaleTerms

__all__ = [
    "Reference",
    "RetailPeriod",
    "compact_disagreements",
    "disagreements",
    "missing",
    "names_others",
    "of_another_unit",
    "references",
    "retail_overlaps",
    "retail_periods",
]

_DUE: Final[Mapping[type[AgreementTerms], type[AgreementTerms]]] = MappingProxyType(
    {WholesaleTerms: DispatchTerms, SupplementTerms: AgreementTerms, TerminationTerms: AgreementTerms}
)
"""What a class refers to; every other class to a supply contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One number of another agreement, and who and which account it is to be about.

    Attributes:
        path: Field that holds the number.
        customer_path: Field of the party that is the other agreement's customer, empty if none is.
        account: 户号, where these terms name one for it.
    """

    path: str
    number: str
    due: type[AgreementTerms]
    customer_path: str
    customer: Party | None
    account_path: str
    account: str | None

    @property
    def awaits_its_number(self) -> bool:
        """Whether a sister agreement is meant that has no number yet."""
        return self.number.startswith(ORDER_REFERENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetailPeriod:
    """When an account buys from a retailer, by which retail contract, as an agreement says."""

    number: str
    retailer_uscc: str
    retail_contract_no: str
    retail_from: date
    retail_to: date

    def rivals(self, other: RetailPeriod) -> bool:
        """Whether both run on one day, under different retail contracts."""
        same = (self.retailer_uscc, self.retail_contract_no) == (
            other.retailer_uscc,
            other.retail_contract_no,
        )
        return not same and self.retail_from <= other.retail_to and other.retail_from <= self.retail_to


def references(terms: AgreementTerms) -> Iterator[Reference]:
    """Every number of another agreement that the terms hold."""
    due = _DUE.get(type(terms), SupplyTerms)
    for path, number in _numbers(terms):
        customer_path, account_path = _subject(terms, path)
        customer = getattr(terms, customer_path, None) if customer_path else None
        yield Reference(
            path=path,
            number=number,
            due=due,
            customer_path=customer_path,
            customer=customer if isinstance(customer, Party) else None,
            account_path=account_path,
            account=getattr(terms, account_path, None) if account_path else None,
        )


def names_others(kind: type[AgreementTerms]) -> bool:
    """Whether terms of a class are compared with other agreements."""
    by_main = issubclass(kind, SupplementTerms | TerminationTerms | ServiceCompactTerms)
    return by_main or bool(kind.REFERENCES)


def missing(reference: Reference) -> Violation:
    """R-REL-2: a number of this unit that no agreement has, or one that came to nothing."""
    return Violation(
        path=reference.path,
        en=f"no agreement {reference.number} stands here; correct the number, or draft that agreement first",
        zh=f"没有编号为 {reference.number} 的有效合同或者草稿；请改正编号，或者先起草该合同",
    )


def of_another_unit(reference: Reference) -> Violation:
    """R-REL-3: numbered by another unit, so that nothing was compared."""
    return Violation(
        path=reference.path,
        en=f"{reference.number} is another unit's; compare parties and account by hand",
        zh=f"{reference.number} 由其他单位编号，未能自动比对；请人工核对当事人和户号",
    )


def disagreements(terms: AgreementTerms, reference: Reference, other: AgreementTerms) -> Iterator[Violation]:
    """R-REL-2: the named agreement is of the kind due, between the same parties, about the same account."""
    number = reference.number
    if not isinstance(other, reference.due):
        yield Violation(
            path=reference.path,
            en=f"{number} is a {other.KIND.value}; name the agreement that is meant",
            zh=f"{number} 是{other.KIND.zh}，不是应当对应的合同；请改正编号",
        )
        return
    yield from _other_parties(terms, reference, other)
    account = other.account_no if isinstance(other, SupplyTerms | DispatchTerms) else None
    if reference.account and account and reference.account != account:
        yield Violation(
            path=reference.account_path,
            en=f"account {reference.account} here, {account} in {number}; they must be the same",
            zh=f"此处户号为 {reference.account}，{number} 为 {account}，两者应一致",
        )


def compact_disagreements(
    compact: ServiceCompactTerms, supply: SupplyTerms, name: str
) -> Iterator[Violation]:
    """R-REL-2: compact and supply contract of one order are between the same parties, about one account.

    Args:
        compact: Names no contract: it is signed before there is one.
        supply: Supply contract of the same order.
        name: What to call the supply contract in messages.
    """
    reference = Reference(
        path="consumer",
        number=name,
        due=SupplyTerms,
        customer_path="consumer",
        customer=compact.consumer,
        account_path="cust_no",
        account=compact.cust_no,
    )
    return disagreements(compact, reference, supply)


def retail_periods(terms: AgreementTerms, number: str) -> tuple[RetailPeriod, ...]:
    """The retail periods that terms name, in their order."""
    if not isinstance(terms, HvSupplyTerms | LvNonresTerms):
        return ()
    return tuple(
        RetailPeriod(
            number=number,
            retailer_uscc=one.retailer_uscc,
            retail_contract_no=one.retail_contract_no,
            retail_from=one.retail_from,
            retail_to=one.retail_to,
        )
        for one in terms.retail
    )


def retail_overlaps(terms: AgreementTerms, standing: tuple[RetailPeriod, ...]) -> Iterator[Violation]:
    """R-MKT-1: no other agreement of the account names another retail contract for the same days."""
    for index, mine in enumerate(retail_periods(terms, "")):
        for other in standing:
            if mine.rivals(other):
                yield Violation(
                    path=f"retail[{index}]",
                    en=f"agreement {other.number} has retail contract {other.retail_contract_no} for "
                    f"{other.retail_from} – {other.retail_to}; "
                    "end it first, or correct the period",
                    zh=f"合同 {other.number} 已载明零售合同 {other.retail_contract_no}"
                    f"（{other.retail_from} 至 {other.retail_to}），同一户号同期"
                    "只能有一家售电公司；请先解除该零售关系，或者改正期限",
                )


def _numbers(terms: AgreementTerms) -> Iterator[tuple[str, str]]:
    if isinstance(terms, SupplementTerms | TerminationTerms):
        yield "main_contract_no", terms.main_contract_no
    for name in terms.REFERENCES:
        value = getattr(terms, name)
        if isinstance(value, tuple):
            yield from ((f"{name}[{index}]", number) for index, number in enumerate(value))
        elif isinstance(value, str):
            yield name, value


def _subject(terms: AgreementTerms, path: str) -> tuple[str, str]:
    """Fields of the customer and the account that the agreement named at ``path`` is about."""
    if isinstance(terms, RelayTerms):
        relayer = path == "relayer_contract_no"
        return ("relayer", "relayer_cust_no") if relayer else ("relayed", "cust_no")
    if isinstance(terms, GenUseTerms):
        return ("owner" if terms.roof_is_owners else "roof_user"), "cust_no"
    return terms.parties()[1].role, "cust_no"


def _other_parties(terms: AgreementTerms, reference: Reference, other: AgreementTerms) -> Iterator[Violation]:
    utility, *customers = other.parties()
    if terms.parties()[0].party.id_no != utility.party.id_no:
        yield _another(terms.parties()[0].role, terms.parties()[0].title, reference.number)
    if isinstance(other, SupplyTerms):
        customers = customers[:1]
    known = {held.party.id_no for held in customers}
    if reference.customer is not None and reference.customer.id_no not in known:
        title = type(terms).ROLES[reference.customer_path]
        yield _another(reference.customer_path, title, reference.number)


def _another(path: str, title: str, number: str) -> Violation:
    return Violation(
        path=path,
        en=f"not the party of {number}: the identity numbers differ; correct the party or the number",
        zh=f"{title}与 {number} 的当事人不是同一主体（统一社会信用代码或者证件号码不同）；请改正"
        "当事人或者编号",
    )
