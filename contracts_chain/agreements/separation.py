"""Drafter, reviewer and signer are different people (审批权与签署权相分离, reference §7.1).

Decides who is one person: an account of the staff, and the identity document somebody
signs with, on whichever side. Whoever saved any version of a draft is its drafter, whoever
passed or returned it its reviewer, for good. Must never compare role names, and never let
a document number leave in the clear: only its digest is compared, and it stays in the
database beside terms that hold the number anyway (never on trail, log or chain).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.codes import IdType
from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.ids import PersonId

__all__ = [
    "Part",
    "SeparationOfDutiesError",
    "person_of_document",
    "signers_of",
    "verify_part",
]

_DOMAIN: Final = "contracts-chain/person/v1"


class Part(StrEnum):
    """What a person is to one agreement; nobody is two of them."""

    DRAFTER = "drafter"
    REVIEWER = "reviewer"
    SIGNER = "signer"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return {Part.DRAFTER: "起草人", Part.REVIEWER: "审核人", Part.SIGNER: "签署人"}[self]


class SeparationOfDutiesError(RejectedError):
    """One person holds two of the three parts: drafter, reviewer, signer."""

    code = "separation_of_duties"

    def __init__(self, *, person: PersonId, held: Part, wanted: Part) -> None:
        """Keep who, the part they have and the part they may not have; a digest is not shown."""
        named, shown = ("this person", "该人员") if person.startswith("doc:") else (person, person)
        super().__init__(
            f"{named} is {held} of this agreement and may not also be {wanted}; let another person act",
            f"{shown}已是本合同{held.zh}，不得再担任{wanted.zh}；请换人办理",
        )
        self.person = person
        self.held = held
        self.wanted = wanted


def person_of_document(id_type: IdType, id_no: str) -> PersonId:
    """The person behind an identity document: ``doc:`` and 32 hex digits."""
    text = "\n".join((_DOMAIN, id_type.value, id_no.strip().upper()))
    return PersonId(f"doc:{sha256(text.encode()).hex()[:32]}")


def signers_of(terms: Terms) -> frozenset[PersonId]:
    """Everyone who is to sign, of every party."""
    signers = (held.party.signer for held in terms.parties())
    return frozenset(person_of_document(signer.id_type, signer.id_no) for signer in signers)


def verify_part(held: Mapping[PersonId, Part], wanted: Part, persons: Iterable[PersonId]) -> None:
    """Prove that none of the persons has another part than the one wanted.

    Args:
        held: Everybody's part in the agreement so far.
        wanted: The part to take.
        persons: One actor under every id known of them, or all signers.

    Raises:
        SeparationOfDutiesError: One of them has another part.
    """
    for person in persons:
        part = held.get(person, wanted)
        if part is not wanted:
            raise SeparationOfDutiesError(person=person, held=part, wanted=wanted)
