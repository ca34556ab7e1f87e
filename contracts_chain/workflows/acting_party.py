"""A party as it acts now: with the agent of the approved text, or with whom it passed authority on to.

The approved bytes name a signer for good; a delegation after the approval is a record of its own
(``workflows.delegate``). Whoever asks who signs, and by which letter, asks here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from contracts_chain.agreements.terms.party import Agent, AuthorizationLetter, Party, Person
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.typed_json import Problem, typed_from
from contracts_chain.evidence.will import SignerRef
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.identity_files import DelegationFile
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import parse_json
from kernel.errors import RejectedError

__all__ = ["PhoneMissingError", "acting_party", "agent_of", "is_mobile", "signer_ref", "signing_phone"]

_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")


class PhoneMissingError(RejectedError):
    """The approved text names no mobile phone that a code could be sent to."""

    code = "signing_phone_missing"

    def __init__(self, party: str) -> None:
        """Name the party."""
        super().__init__(
            f"no mobile phone of {party} is agreed, so no code can be sent; have the contract corrected",
            f"合同未载明{party}的手机号，无法发送签署码；请联系供电方更正合同",
        )
        self.party = party


def acting_party(work: UnitOfWork, dossier: AgreementDossier, role: str) -> Party:
    """The party of a role; its ``signer`` is who must sign now."""
    party = load_terms(dossier.terms).party(role)
    delegation = work.delegations.newest(dossier.number, role)
    return party if delegation is None else replace(party, agent=agent_of(delegation))


def agent_of(delegation: DelegationFile) -> Agent:
    """The delegate with its letter.

    Raises:
        ValueError: The stored row is not one that ``delegate`` writes.
    """
    problems: list[Problem] = []
    person = typed_from(Person, parse_json(delegation.person), "person", problems)
    letter = typed_from(AuthorizationLetter, parse_json(delegation.letter), "letter", problems)
    if person is None or letter is None:
        raise ValueError(f"delegation {delegation.id} cannot be read: {problems}")
    return Agent(person=person, letter=letter)


def signer_ref(person: Person) -> SignerRef:
    """A person as the activation process knows it."""
    return SignerRef(name=person.name, id_type=str(person.id_type.value), id_no=person.id_no.strip().upper())


def signing_phone(party: Party) -> str:
    """The mobile that identity is attested with: the signer's own where it is one, else the party's.

    Raises:
        PhoneMissingError: The text names neither.
    """
    for phone in (party.signer.phone, party.mobile):
        if is_mobile(phone):
            return phone
    raise PhoneMissingError(party.name)


def is_mobile(phone: str) -> bool:
    """Whether it is a mobile number of the mainland, 11 digits."""
    return _MOBILE.fullmatch(phone) is not None
