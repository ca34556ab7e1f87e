"""What makes a class of agreement: its terms, text, tables, wording, rules and cover.

One value per class; ``book`` lists them all. A class is data and pure functions of its
own terms: whoever works with terms of any class goes through the methods here, which
refuse terms of another class. Must never hold what is common to all classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, Protocol, TypeAlias, TypeVar

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.table_rows import TableBlock
from contracts_chain.agreements.terms import AgreementKind, AgreementTerms

__all__ = ["AgreementClass", "AnyClass", "Choice", "RuleAnswer"]

RuleAnswer: TypeAlias = tuple[str, tuple[Violation, ...]]
_T = TypeVar("_T", bound=AgreementTerms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which terms of a kind with several texts belong to a class: words of one field."""

    field: str
    words: frozenset[str]


class AnyClass(Protocol):
    """A class of agreement, whatever its terms."""

    @property
    def id(self) -> str:
        """Stable id: the kind, with a variant where the kind has several texts."""
        ...

    @property
    def kind(self) -> AgreementKind:
        """The kind in files, numbers and records."""
        ...

    @property
    def terms(self) -> type[AgreementTerms]:
        """The dataclass of its terms."""
        ...

    @property
    def choice(self) -> Choice | None:
        """How its terms are told from others of the kind; ``None`` where there is one text."""
        ...

    @property
    def templates(self) -> tuple[str, ...]:
        """Files of its texts, oldest first."""
        ...

    @property
    def conspicuous(self) -> frozenset[str]:
        """Clauses that must exist and stand out (R-STD-1)."""
        ...

    @property
    def needs_heads(self) -> bool:
        """Whether the seven heads of 条例 art. 33 are mandatory."""
        ...

    @property
    def is_short(self) -> bool:
        """Whether the text is set without cover, drawing and page of its own for signatures."""
        ...

    @property
    def unruled(self) -> Mapping[str, str]:
        """Field path to the reason why no rule looks at it."""
        ...

    @property
    def table_names(self) -> frozenset[str]:
        """Tables that its texts may call for."""
        ...

    @property
    def phrase_names(self) -> frozenset[str]:
        """Phrases that its texts may call for."""
        ...

    @property
    def condition_names(self) -> frozenset[str]:
        """Conditions that its clauses may depend on."""
        ...

    @property
    def rule_ids(self) -> frozenset[str]:
        """Rules that it is held against, besides those of every class."""
        ...

    def table(self, name: str, terms: AgreementTerms) -> TableBlock:
        """One table of these terms."""
        ...

    def phrase(self, name: str, terms: AgreementTerms) -> str:
        """Wording that depends on the terms."""
        ...

    def holds(self, condition: str, terms: AgreementTerms) -> bool:
        """Whether a conditional clause is part of this agreement."""
        ...

    def cover_rows(self, terms: AgreementTerms) -> tuple[tuple[str, str], ...]:
        """Rows of the cover that this class adds."""
        ...

    def violations(
        self, terms: AgreementTerms, ground: Ground
    ) -> Iterator[tuple[str, tuple[Violation, ...]]]:
        """What each rule of the class finds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementClass(Generic[_T]):
    """A class of agreement.

    Attributes:
        id: The kind's code; with a variant where the kind has several texts.
        kind: The kind in files, numbers and records.
        terms: Dataclass of the terms.
        templates: Files in ``templates/``, oldest first.
        tables: Name in a text to the table.
        phrases: Name in a text to finished Chinese.
        conditions: Name in a text to whether the clause is part of the agreement.
        checks: Rule id to the check, besides the rules of every class.
        conspicuous: Clauses that burden the customer and must stand out (民法典 art. 496).
        needs_heads: The seven heads of 条例 art. 33 are mandatory.
        cover: Rows of the cover between the parties and the place of signing.
        is_short: Set without cover, drawing and page of its own for signatures.
        unruled: Field path to the reason why no rule looks at it.
        choice: How terms of this class are told from others of its kind.
    """

    id: str
    kind: AgreementKind
    terms: type[_T]
    templates: tuple[str, ...]
    tables: Mapping[str, Callable[[_T], TableBlock]]
    phrases: Mapping[str, Callable[[_T], str]]
    conditions: Mapping[str, Callable[[_T], bool]] = field(default_factory=lambda: MappingProxyType({}))
    checks: Mapping[str, Callable[[_T, Ground], Violations]]
    conspicuous: frozenset[str]
    needs_heads: bool = False
    cover: Callable[[_T], Iterator[tuple[str, str]]]
    is_short: bool = False
    unruled: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    choice: Choice | None = None

    @property
    def table_names(self) -> frozenset[str]:
        """As ``AnyClass.table_names``."""
        return frozenset(self.tables)

    @property
    def phrase_names(self) -> frozenset[str]:
        """As ``AnyClass.phrase_names``."""
        return frozenset(self.phrases)

    @property
    def condition_names(self) -> frozenset[str]:
        """As ``AnyClass.condition_names``."""
        return frozenset(self.conditions)

    @property
    def rule_ids(self) -> frozenset[str]:
        """As ``AnyClass.rule_ids``."""
        return frozenset(self.checks)

    def table(self, name: str, terms: AgreementTerms) -> TableBlock:
        """As ``AnyClass.table``."""
        return self.tables[name](self._own(terms))

    def phrase(self, name: str, terms: AgreementTerms) -> str:
        """As ``AnyClass.phrase``."""
        return self.phrases[name](self._own(terms))

    def holds(self, condition: str, terms: AgreementTerms) -> bool:
        """As ``AnyClass.holds``."""
        return self.conditions[condition](self._own(terms))

    def cover_rows(self, terms: AgreementTerms) -> tuple[tuple[str, str], ...]:
        """As ``AnyClass.cover_rows``."""
        return tuple(self.cover(self._own(terms)))

    def violations(
        self, terms: AgreementTerms, ground: Ground
    ) -> Iterator[tuple[str, tuple[Violation, ...]]]:
        """As ``AnyClass.violations``."""
        own = self._own(terms)
        for rule, run in self.checks.items():
            yield rule, tuple(run(own, ground))

    def _own(self, terms: AgreementTerms) -> _T:
        if type(terms) is not self.terms:
            raise TypeError(f"{type(terms).__name__} are no terms of {self.id}")
        return terms
