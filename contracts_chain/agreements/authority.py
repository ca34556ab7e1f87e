"""What an agent may sign: the test of a 授权委托书 against one agreement on one day.

(民法典 arts 165, 169, 171) Decides only whether a letter covers an agreement. Whoever drafts
asks for the last day for signing, whoever signs for the day of signing and for letters
revoked since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.agreements.terms.party import AuthorizationLetter, Party
from contracts_chain.agreements.typed_json import decimal_text
from kernel.errors import RejectedError

__all__ = ["Act", "AuthorityExceededError", "Shortfall", "act_of", "shortfalls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is to be signed, and when.

    Attributes:
        capacity_kva: ``None`` where the agreement is about no capacity.
        day: Day of signing, in Beijing time.
    """

    kind: AgreementKind
    capacity_kva: Decimal | None
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """One respect in which a letter does not cover an act; ``field`` is the letter's."""

    field: str
    en: str
    zh: str


class AuthorityExceededError(RejectedError):
    """The signer's letter does not cover this agreement today: nothing was signed."""

    code = "authority_exceeded"

    def __init__(self, *, signer: str, letter: str, found: tuple[Shortfall, ...]) -> None:
        """Keep every shortfall."""
        super().__init__(
            f"{signer} may not sign by letter {letter}: {'; '.join(one.en for one in found)}; "
            "bring a letter that covers this agreement, or let the legal representative sign",
            f"{'；'.join(one.zh for one in found)}。{signer}不能凭授权委托书 {letter} 签署；"
            "请提交覆盖本合同的授权委托书，或者由法定代表人（负责人）签署",
        )
        self.signer = signer
        self.letter = letter
        self.found = found


def act_of(terms: Terms, day: date) -> Act:
    """Signing these terms on a day."""
    return Act(kind=terms.KIND, capacity_kva=terms.capacity_kva, day=day)


def shortfalls(party: Party, act: Act) -> Iterator[Shortfall]:
    """Where the letter of a party's agent falls short; nothing where the party acts itself."""
    if party.agent is None:
        return
    letter = party.agent.letter
    yield from _origin(party, letter)
    yield from _scope(letter, act)
    if not letter.valid_from <= act.day <= letter.valid_to:
        yield Shortfall(
            field="valid_to",
            en=f"the letter holds {letter.valid_from} to {letter.valid_to}, not on {act.day}",
            zh=f"授权期限为 {letter.valid_from} 至 {letter.valid_to}，不含 {act.day}",
        )


def _origin(party: Party, letter: AuthorizationLetter) -> Iterator[Shortfall]:
    if letter.principal != party.name:
        yield Shortfall(
            field="principal",
            en=f"the letter is given by {letter.principal}, the party is {party.name}",
            zh=f"授权委托书的委托人为“{letter.principal}”，本合同当事人为“{party.name}”",
        )
    if letter.delegated_by is not None and not letter.may_delegate:
        yield Shortfall(
            field="may_delegate",
            en=f"delegated from {letter.delegated_by}, which does not allow it",
            zh=f"本授权由 {letter.delegated_by} 转委托而来，而委托人未同意转委托",
        )


def _scope(letter: AuthorizationLetter, act: Act) -> Iterator[Shortfall]:
    if act.kind not in letter.kinds:
        named = "、".join(kind.zh for kind in letter.kinds) or "（未写明）"
        words = ", ".join(str(kind.value) for kind in letter.kinds) or "nothing"
        yield Shortfall(
            field="kinds",
            en=f"authority covers {words}, not {act.kind.value}",
            zh=f"授权签订的合同类别为{named}，不含{act.kind.zh}",
        )
    limit, capacity = letter.capacity_limit_kva, act.capacity_kva
    if limit is not None and capacity is not None and capacity > limit:
        most, found = decimal_text(limit), decimal_text(capacity)
        yield Shortfall(
            field="capacity_limit_kva",
            en=f"authority ends at {most} kVA, the contract is for {found} kVA",
            zh=f"授权到 {most} kVA，合同 {found} kVA",
        )
