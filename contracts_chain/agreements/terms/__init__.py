"""Typed terms of every contract class; ``Terms`` is any of them."""

from __future__ import annotations

from typing import TypeAlias

from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.agreements.terms.dispatch import DispatchTerms
from contracts_chain.agreements.terms.hv_supply import HvSupplyTerms

__all__ = ["AgreementKind", "DispatchTerms", "HvSupplyTerms", "Terms"]

Terms: TypeAlias = HvSupplyTerms | DispatchTerms
