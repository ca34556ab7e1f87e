"""Who signs where, and in which order.

Both a personal signature and the organisation's seal of each organisation are collected,
because the contract makes both a condition of formation (合同编通则解释 art. 22;
reference §6.4); a natural person signs by hand alone. The others sign first, then the
utility, person before seal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.party import PartyInRole

__all__ = ["SlotSpec", "signature_slots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSpec:
    """One signature the agreement needs.

    Attributes:
        name: PDF field name, e.g. ``ConsumerSeal``.
        party_role: Whose signature: the party's field in the terms.
        kind: ``person`` or ``seal``.
        signer_name: The person who signs, or who uses the seal.
        organisation: Registered name of the party; of a natural person its name.
        organisation_id: Its 统一社会信用代码; empty for a natural person, whose number, even
            masked, is in no slot, certificate or record.
        seal_name: Wording of the seal, e.g. ``供用电合同专用章``; empty where there is none.
    """

    name: str
    party_role: str
    kind: Literal["person", "seal"]
    signer_name: str
    organisation: str
    organisation_id: str
    seal_name: str


def signature_slots(terms: Terms) -> tuple[SlotSpec, ...]:
    """Signatures in the order they are to be made: the others, then the utility; person, then seal."""
    return tuple(slot for held in terms.signing_order() for slot in _slots_of(held))


def _slots_of(held: PartyInRole) -> Iterator[SlotSpec]:
    yield _slot(held, "person")
    if held.party.seal_name is not None:
        yield _slot(held, "seal")


def _slot(held: PartyInRole, kind: Literal["person", "seal"]) -> SlotSpec:
    party = held.party
    prefix = "".join(word.capitalize() for word in held.role.split("_"))
    return SlotSpec(
        name=f"{prefix}{kind.capitalize()}",
        party_role=held.role,
        kind=kind,
        signer_name=party.signer.name,
        organisation=party.name,
        organisation_id=party.id_no if party.is_organisation else "",
        seal_name=party.seal_name or "",
    )
