"""What the terms of every contract class have in common (reference §3.2).

Decides who the parties are and in which order they stand and sign. The utility stands
first in the document and signs last: its signature answers the customer's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar, Self

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.commercial import Annex
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party, PartyInRole

__all__ = ["ORDER_REFERENCE", "AgreementTerms"]

ORDER_REFERENCE = "order:"
"""Before the kind of a sister agreement in one order file whose number does not exist yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTerms:
    """Terms of one agreement of any class.

    Attributes:
        KIND: The class of agreement.
        REFERENCES: Fields that hold numbers of other agreements.
        ROLES: Field of each party to the title the agreement gives it, in the document's
            order, the utility first.
        signed_on: Only on paper contracts; an electronic one takes the day of its last signature.
        sign_by: Latest day for signing.
        model_text_no: Number of a State model text; only an unmodified model may carry it (R-TPL-1).
        copies: Paper copies; ``None`` for an electronic contract.
    """

    KIND: ClassVar[codes.AgreementKind]
    REFERENCES: ClassVar[tuple[str, ...]] = ()
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType({"supplier": "供电人", "consumer": "用电人"})

    province: Annotated[str, Label("省级单位")]
    channel: Annotated[codes.Channel, Label("受理渠道")]
    rule_pack_version: Annotated[str, Label("规则包版本")]
    model_text_no: Annotated[str | None, Label("统一合同文本编号")] = None
    signed_on: Annotated[date | None, Label("签订日期")] = None
    sign_by: Annotated[date, Label("签署截止日")]
    signed_at: Annotated[str, Label("签订地点")]
    valid_from: Annotated[date, Label("合同起始日")]
    valid_to: Annotated[date | None, Label("合同截止日")] = None
    special_terms: Annotated[str, Label("特别约定")]
    copies: Annotated[int | None, Label("份数")] = None
    annexes: Annotated[tuple[Annex, ...], Label("附件")] = ()

    def parties(self) -> tuple[PartyInRole, ...]:
        """Everyone who signs, in the document's order; an optional party may be absent."""
        found = ((role, title, getattr(self, role)) for role, title in self.ROLES.items())
        return tuple(
            PartyInRole(role=role, title=title, party=party)
            for role, title, party in found
            if isinstance(party, Party)
        )

    def signing_order(self) -> tuple[PartyInRole, ...]:
        """The same parties with the utility last."""
        first, *others = self.parties()
        return (*others, first)

    def party(self, role: str) -> Party:
        """The party of a role.

        Raises:
            KeyError: Nobody plays it here; a fault of the caller.
        """
        for held in self.parties():
            if held.role == role:
                return held.party
        raise KeyError(role)

    @property
    def account_no(self) -> str | None:
        """户号 of the customer, where the class has one."""
        number = getattr(self, "cust_no", None)
        return number if isinstance(number, str) else None

    @property
    def capacity_kva(self) -> Decimal | None:
        """Capacity that the agreement is about, against which authority is measured."""
        return None

    def related_numbers(self) -> tuple[str, ...]:
        """Numbers of the agreements it refers to; ``order:KIND`` while a sister has none yet."""
        return tuple(number for name in self.REFERENCES for number in _numbers(getattr(self, name)))

    def with_numbers(self, numbers: Mapping[codes.AgreementKind, str]) -> Self:
        """The terms with the numbers of sister agreements of one order that are known by now."""
        known = {f"{ORDER_REFERENCE}{kind.value}": number for kind, number in numbers.items()}
        held = {name: getattr(self, name) for name in self.REFERENCES}
        return self._with({name: _renumbered(value, known) for name, value in held.items()})

    def with_parties(self, parties: Mapping[str, Party]) -> Self:
        """The terms with other parties in these roles."""
        return self._with(parties)

    def _with(self, changes: Mapping[str, object]) -> Self:
        changed: Callable[..., Self] = replace  # the names are fields of this class, known at run time only
        return changed(self, **changes)


def _numbers(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(number for number in value if isinstance(number, str))
    return (value,) if isinstance(value, str) else ()


def _renumbered(value: object, known: Mapping[str, str]) -> object:
    if isinstance(value, tuple):
        return tuple(known.get(number, number) for number in value)
    return known.get(value, value) if isinstance(value, str) else value
