"""Whether a signer may pass authority on to another person by a letter (民法典 arts 165, 169).

A party that acts itself gives a first letter; an agent passes its own on only with the principal's
consent, and never more than it has. What the letter covers of one agreement is ``authority``'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from contracts_chain.agreements.authority import Act, Shortfall, shortfalls
from contracts_chain.agreements.identity_codes import IdentityCodeError, verify_resident_id
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Agent, AuthorizationLetter, Party, Person

__all__ = ["Delegation", "delegation_shortfalls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Who is to sign instead, and by which letter."""

    person: Annotated[Person, Label("受托人")]
    letter: Annotated[AuthorizationLetter, Label("授权委托书")]

    @property
    def agent(self) -> Agent:
        """As a party names it."""
        return Agent(person=self.person, letter=self.letter)


def delegation_shortfalls(acting: Party, delegated: Party, act: Act) -> Iterator[Shortfall]:
    """Where a delegation falls short; nothing where it holds.

    Args:
        acting: The party as it acts now.
        delegated: The same with the delegate as its agent.
        act: The agreement on the day of signing.
    """
    yield from shortfalls(delegated, act)
    if delegated.agent is None:
        return
    person, letter = delegated.agent.person, delegated.agent.letter
    yield from _person(acting.signer, person)
    if acting.agent is None:
        if letter.delegated_by is not None:
            yield Shortfall(
                field="delegated_by",
                en="the party acts itself, so the letter is passed on from no other",
                zh="当事人由本人签署，授权委托书不应写明转委托所依据的授权委托书",
            )
        return
    yield from _passed_on(acting.agent.letter, letter)


def _person(signer: Person, person: Person) -> Iterator[Shortfall]:
    if (person.id_type, person.id_no.upper()) == (signer.id_type, signer.id_no.upper()):
        yield Shortfall(
            field="person.id_no", en="this is the signer already", zh="受托人就是现在的签署人，请填写另一人"
        )
    if person.id_type is IdType.USCC:
        yield Shortfall(
            field="person.id_type", en="a natural person must sign", zh="受托人应为自然人，请填写个人证件"
        )
    if person.id_type is IdType.RESIDENT_ID:
        try:
            verify_resident_id(person.id_no)
        except IdentityCodeError as problem:
            yield Shortfall(field="person.id_no", en=problem.en, zh=problem.zh)


def _passed_on(held: AuthorizationLetter, letter: AuthorizationLetter) -> Iterator[Shortfall]:
    if not held.may_delegate:
        yield Shortfall(
            field="may_delegate",
            en=f"letter {held.number} does not allow to pass authority on; the principal must give a letter",
            zh=f"授权委托书 {held.number} 未同意转委托；请由委托人另行出具授权委托书",
        )
    if letter.delegated_by != held.number:
        yield Shortfall(
            field="delegated_by",
            en=f"the letter must name {held.number}, which it is passed on from",
            zh=f"授权委托书应写明转委托所依据的 {held.number}",
        )
    if not set(letter.kinds) <= set(held.kinds):
        yield Shortfall(
            field="kinds", en="more kinds than the agent's own letter", zh="授权类别超出原授权委托书"
        )
    if letter.valid_from < held.valid_from or letter.valid_to > held.valid_to:
        yield Shortfall(
            field="valid_to", en="a longer period than the agent's own letter", zh="授权期限超出原授权委托书"
        )
    limit, most = letter.capacity_limit_kva, held.capacity_limit_kva
    if most is not None and (limit is None or limit > most):
        yield Shortfall(
            field="capacity_limit_kva",
            en="a higher limit than the agent's own letter",
            zh="授权容量超出原授权委托书",
        )
