"""References from one agreement to another: a number of our pattern, or a sister not yet numbered.

Whether the agreement referred to exists is the desk's question; here only the form is decided.
"""

from __future__ import annotations

from contracts_chain.agreements.numbering import ContractNumberError, parse_contract_number
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Violations
from contracts_chain.agreements.terms.agreement_terms import ORDER_REFERENCE

__all__ = ["list_reference_violations", "reference_violations"]


def reference_violations(path: str, number: str) -> Violations:
    """One number of another agreement."""
    if number.startswith(ORDER_REFERENCE):
        return
    try:
        parse_contract_number(number)
    except ContractNumberError as problem:
        yield Violation(path=path, en=problem.en, zh=problem.zh)


def list_reference_violations(path: str, numbers: tuple[str, ...]) -> Violations:
    """At least one number, each of our pattern."""
    if not numbers:
        yield Violation(path=path, en="name the supply contract", zh="请填写对应的供用电合同编号")
    for index, number in enumerate(numbers):
        yield from reference_violations(f"{path}[{index}]", number)
