"""Holds an agreement against others in the store: those it names, its order's, its account's.

Asked when an agreement is drafted, handed in, shown and offered, since others change
meanwhile. Numbers of this unit must stand here; another unit's are a remark, for this store
cannot know them. Changes nothing but the retail periods that ``keep_retail`` stores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.numbering import ContractNumberError, parse_contract_number
from contracts_chain.agreements.rules.finding import Finding, require_no_errors
from contracts_chain.agreements.rules.pack import (
    check_compact,
    check_pair,
    check_related,
    check_retail,
    load_pack,
)
from contracts_chain.agreements.rules.related_rules import references, retail_periods
from contracts_chain.agreements.terms import AgreementKind, SubstationDispatchTerms, SupplyTerms, Terms
from contracts_chain.agreements.terms.agreement_terms import ORDER_REFERENCE
from contracts_chain.agreements.terms.service_compact import ServiceCompactTerms
from contracts_chain.agreements.terms_json import Order, load_terms
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork

__all__ = ["keep_retail", "related_findings", "require_agreeing", "sister_findings"]


def require_agreeing(
    office: Office, work: UnitOfWork, terms: Terms, *, order_no: str, number: str | None = None
) -> None:
    """Refuse terms that disagree with what stands in the store.

    Args:
        office: Whose numbers must stand here.
        work: The open unit of work.
        terms: What is drafted, handed in or offered.
        order_no: Its order.
        number: Its own number, once it has one.

    Raises:
        RulesViolatedError: R-REL-2, D-PAIR-1 or R-MKT-1, with the other agreement's number.
    """
    require_no_errors(related_findings(office, work, terms, order_no=order_no, number=number))


def related_findings(
    office: Office, work: UnitOfWork, terms: Terms, *, order_no: str, number: str | None = None
) -> tuple[Finding, ...]:
    """Everything that comparing with the store finds, remarks included; arguments as above."""
    pack = load_pack()
    return (
        *check_related(terms, _named(office, work, terms), pack),
        *_of_order(work, terms, order_no),
        *_of_account(work, terms, number),
    )


def sister_findings(order: Order) -> Iterator[Finding]:
    """Where the agreements of one order file disagree among themselves (reference §8.1 item 12)."""
    supplies = [terms for terms in order.agreements if isinstance(terms, SupplyTerms)]
    sisters = {f"{ORDER_REFERENCE}{terms.KIND.value}": terms for terms in order.agreements}
    for supply, terms in product(supplies, order.agreements):
        if isinstance(terms, SubstationDispatchTerms):
            yield from check_pair(supply, terms, load_pack())
        elif isinstance(terms, ServiceCompactTerms):
            yield from check_compact(terms, supply, supply.KIND.zh, load_pack())
    for terms in order.agreements:
        if not isinstance(terms, SubstationDispatchTerms):
            yield from check_related(terms, sisters, load_pack())


def keep_retail(work: UnitOfWork, number: str, terms: Terms) -> None:
    """Store the retail periods of a draft by its account, in place of those of its last version."""
    account = terms.account_no
    if account is not None:
        work.retail.keep(number, account, retail_periods(terms, number))


def _named(office: Office, work: UnitOfWork, terms: Terms) -> Mapping[str, Terms | None]:
    numbers = {reference.number for reference in references(terms)}
    return {number: _standing(work, number) for number in sorted(numbers) if _is_ours(office, number)}


def _is_ours(office: Office, number: str) -> bool:
    try:
        return parse_contract_number(number).unit == office.utility.unit
    except ContractNumberError:
        return False  # a sister not numbered yet, or refused for its form already


def _standing(work: UnitOfWork, number: str) -> Terms | None:
    try:
        dossier = work.agreements.load(number)
    except UnknownNumberError:
        return None
    return None if dossier.came_to_nothing else load_terms(dossier.terms)


def _of_order(work: UnitOfWork, terms: Terms, order_no: str) -> Iterator[Finding]:
    """Service compact and supply contracts of one order."""
    if isinstance(terms, ServiceCompactTerms):
        for kind in _SUPPLY_KINDS:
            dossier = work.agreements.find_by_order(order_no, kind.value)
            supply = None if dossier is None else load_terms(dossier.terms)
            if dossier is not None and isinstance(supply, SupplyTerms):
                yield from check_compact(terms, supply, dossier.number, load_pack())
    elif isinstance(terms, SupplyTerms):
        dossier = work.agreements.find_by_order(order_no, AgreementKind.SERVICE_COMPACT.value)
        compact = None if dossier is None else load_terms(dossier.terms)
        if dossier is not None and isinstance(compact, ServiceCompactTerms):
            yield from check_compact(compact, terms, dossier.number, load_pack())


_SUPPLY_KINDS = tuple(dict.fromkeys(one.terms.KIND for one in CLASSES if issubclass(one.terms, SupplyTerms)))


def _of_account(work: UnitOfWork, terms: Terms, number: str | None) -> tuple[Finding, ...]:
    """The account's retail periods elsewhere; nothing is asked where these terms have none."""
    account = terms.account_no
    if account is None or not retail_periods(terms, ""):
        return ()
    return check_retail(terms, work.retail.binding(account, besides=number), load_pack())
