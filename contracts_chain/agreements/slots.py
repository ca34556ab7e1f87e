"""Who signs where, and in which order.

Both a personal signature and the organisation's seal of each party are collected,
because the contract makes both a condition of formation (合同编通则解释 art. 22;
reference §6.4). The customer signs first, then the supplier, person before seal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.party import Party

__all__ = ["SlotSpec", "signature_slots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSpec:
    """One signature the agreement needs.

    Attributes:
        name: PDF field name, e.g. ``ConsumerSeal``.
        party_role: Whose signature.
        kind: ``person`` or ``seal``.
        signer_name: The person who signs, or who uses the seal.
        organisation: Registered name of the party.
        organisation_id: Its 统一社会信用代码.
        seal_name: Wording of the seal, e.g. ``供用电合同专用章``.
    """

    name: str
    party_role: Literal["supplier", "consumer"]
    kind: Literal["person", "seal"]
    signer_name: str
    organisation: str
    organisation_id: str
    seal_name: str


def signature_slots(terms: Terms) -> tuple[SlotSpec, ...]:
    """Signatures in the order they are to be made: consumer person, seal; supplier person, seal."""
    return (*_slots_of(terms.consumer, "consumer"), *_slots_of(terms.supplier, "supplier"))


def _slots_of(party: Party, role: Literal["supplier", "consumer"]) -> tuple[SlotSpec, SlotSpec]:
    prefix = role.capitalize()
    person = SlotSpec(
        name=f"{prefix}Person",
        party_role=role,
        kind="person",
        signer_name=party.signer.name,
        organisation=party.name,
        organisation_id=party.id_no,
        seal_name=party.seal_name,
    )
    seal = SlotSpec(
        name=f"{prefix}Seal",
        party_role=role,
        kind="seal",
        signer_name=party.signer.name,
        organisation=party.name,
        organisation_id=party.id_no,
        seal_name=party.seal_name,
    )
    return person, seal
