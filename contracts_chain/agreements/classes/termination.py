"""TERMINATION 终止协议 (reference §7.2, §7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.rules.supplement_rules import TERMINATION_CHECKS
from contracts_chain.agreements.shown import day_text
from contracts_chain.agreements.supplement_tables import TERMINATION_PHRASES, TERMINATION_TABLES
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.termination import TerminationTerms

__all__ = ["TERMINATION"]


def _cover(terms: TerminationTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "原合同编号", terms.main_contract_no
    yield "终止业务", terms.trigger.zh
    yield "业务单号", terms.change_order_no
    yield "终止日期", day_text(terms.valid_from)


TERMINATION: Final = AgreementClass(
    id="TERMINATION",
    kind=AgreementKind.TERMINATION,
    terms=TerminationTerms,
    templates=("termination.toml",),
    tables=TERMINATION_TABLES,
    phrases=TERMINATION_PHRASES,
    checks=TERMINATION_CHECKS,
    conspicuous=frozenset({"ending", "esign", "evidence"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            "change_order_no": "the business system numbers its orders; any number of it will do",
            "reason": "in the parties' own words",
            "readings[].meter_no": "whatever the main contract calls the metering point",
            "settlement.deposit": "what the parties agree about advance payments, in words",
            "settlement.equipment": "what the parties agree about taking out the meter, in words",
        }
    ),
)
