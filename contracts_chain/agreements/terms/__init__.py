"""Typed terms of every contract class; ``Terms`` is any of them."""

from __future__ import annotations

from typing import TypeAlias

from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.agreements.terms.dispatch import DispatchTerms
from contracts_chain.agreements.terms.dispatch_substation import SubstationDispatchTerms
from contracts_chain.agreements.terms.hv_supply import HvSupplyTerms
from contracts_chain.agreements.terms.supply_terms import SupplyTerms

__all__ = [
    "AgreementKind",
    "AgreementTerms",
    "DispatchTerms",
    "HvSupplyTerms",
    "SubstationDispatchTerms",
    "SupplyTerms",
    "Terms",
]

Terms: TypeAlias = AgreementTerms
