"""Gives people their part in an agreement, under every id that is known of them.

The database itself keeps a person to one part (``agreement_people``); a deed that would give
a second is refused before anything is committed (审批权与签署权相分离).
"""

from __future__ import annotations

from contracts_chain.agreements.separation import Part, person_of_document, signers_of
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.workflows.acting_party import agent_of
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.ids import PersonId

__all__ = ["bind_identity", "name_signers", "take_part"]


def take_part(work: UnitOfWork, number: str, part: Part, account: str) -> None:
    """Give an account of the staff, and the person behind it, a part.

    Raises:
        SeparationOfDutiesError: They have another one.
    """
    work.people.take(number, part, work.people.known_as({PersonId(account)}))


def name_signers(work: UnitOfWork, number: str, terms: Terms) -> None:
    """Make the people whom the terms name the signers, and their delegates, with every account of theirs.

    Called when the terms are saved, and again before the offer: an account may have been
    bound to its person in between.

    Raises:
        SeparationOfDutiesError: One of them drafted or reviewed the agreement.
    """
    delegates = (agent_of(one).person for one in work.delegations.of_agreement(number))
    persons = {person_of_document(one.id_type, one.id_no) for one in delegates}
    work.people.name_signers(number, work.people.known_as(signers_of(terms) | persons))


def bind_identity(office: Office, *, account: str, id_type: IdType, id_no: str) -> None:
    """Note which person an account is, so that its part counts whichever way the person acts."""
    with office.work() as work:
        work.people.bind(PersonId(account), person_of_document(id_type, id_no))
        work.commit()
