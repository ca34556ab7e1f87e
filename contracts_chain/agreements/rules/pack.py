"""A rule pack: which rules hold from when, how grave, by what source; and their run.

Decides findings, never states: whoever drafts calls ``require_no_errors``. Each
contract records the pack version it was checked against (reference §0), so a pack that
was once released is never changed and stays loadable: code for its rules stays, and a
later pack brings later figures, rules and days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.book import CLASSES, class_of
from contracts_chain.agreements.rules.common_rules import COMMON_CHECKS
from contracts_chain.agreements.rules.document_rules import DOCUMENT_RULES, document_violations
from contracts_chain.agreements.rules.finding import Confidence, Finding, Severity, Violation
from contracts_chain.agreements.rules.ground import Figures, Ground
from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.rules.related_rules import (
    RetailPeriod,
    compact_disagreements,
    disagreements,
    missing,
    of_another_unit,
    references,
    retail_overlaps,
)
from contracts_chain.agreements.rules.substation_rules import pair_violations
from contracts_chain.agreements.rules.value_walk import reading
from contracts_chain.agreements.templates.template import Template
from contracts_chain.agreements.terms import SubstationDispatchTerms, SupplyTerms, Terms
from contracts_chain.agreements.terms.service_compact import ServiceCompactTerms
from contracts_chain.agreements.typed_toml import (
    PackagedFileBrokenError,
    packaged_sha256,
    typed_resource,
)
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32
from pdfgen.document import Document

__all__ = [
    "FORM_RULES",
    "HOUSE_SHELF",
    "LATEST_PACK",
    "RELATED_RULES",
    "PackShelf",
    "PackUnknownError",
    "RuleEntry",
    "RulePack",
    "check",
    "check_compact",
    "check_document",
    "check_pair",
    "check_related",
    "check_retail",
    "load_pack",
    "pack_sha256",
]

PAIR_RULE: Final = "D-PAIR-1"
NAMED_RULE: Final = "R-REL-2"
FOREIGN_RULE: Final = "R-REL-3"
RETAIL_RULE: Final = "R-MKT-1"
RELATED_RULES: Final = frozenset({NAMED_RULE, FOREIGN_RULE})
"""Held against the store when an agreement is drafted, submitted and offered."""
FORM_RULES: Final = frozenset({"R-TEXT-1", "R-TEXT-2", "R-TEXT-3"})
"""Held when a file is read, before there are terms (``typed_json``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """What a pack says about one rule.

    Attributes:
        source: Clause, shown to people unless the confidence is unverified.
        statement_zh: The rule in one sentence.
        statement_en: The same in English.
        effective_from: First day the rule holds; ``None``: always did.
        effective_to: Last day.
    """

    id: str
    severity: Severity
    confidence: Confidence
    source: str
    statement_zh: str
    statement_en: str
    effective_from: date | None = None
    effective_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)

    @property
    def shown_source(self) -> str:
        """The clause, or 待核实: an unverified source is never displayed as law."""
        return "待核实" if self.confidence is Confidence.UNVERIFIED else self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """One version of the rules.

    Attributes:
        effective_from: First day on which an agreement may be signed under it.
        effective_to: Last day; ``None`` until a successor says otherwise.
    """

    version: str
    effective_from: date
    effective_to: date | None = None
    figures: Figures
    rules: tuple[RuleEntry, ...]

    def entry(self, rule: str) -> RuleEntry | None:
        """What the pack says about a rule; ``None`` if it is not part of it."""
        return next((entry for entry in self.rules if entry.id == rule), None)


class PackUnknownError(RejectedError):
    """No such rule pack is installed."""

    code = "rule_pack_unknown"

    def __init__(self, version: str, known: Iterable[str]) -> None:
        """Keep the version asked for."""
        listed = ", ".join(known)
        super().__init__(
            f"no rule pack {version!r}; use one of {listed}, or install the release that has it",
            f"没有规则包“{version}”；请使用 {listed}，或者安装含有该规则包的版本",
        )
        self.version = version


class PackShelf:
    """Rule packs of one package by version, oldest first; each is read once."""

    def __init__(self, package: str, files: Mapping[str, str]) -> None:
        """Take the package that holds the files, and version to file."""
        self._package = package
        self._files = MappingProxyType(dict(files))
        self._loaded: dict[str, RulePack] = {}

    @property
    def versions(self) -> tuple[str, ...]:
        """Oldest first."""
        return tuple(self._files)

    def pack(self, version: str) -> RulePack:
        """The pack of a version.

        Raises:
            PackUnknownError: No such version.
            PackagedFileBrokenError: The file is broken, doubles a rule, or names one without code.
        """
        if version not in self._loaded:
            self._loaded[version] = self._read(version)
        return self._loaded[version]

    def sha256(self, version: str) -> Bytes32:
        """Digest of the pack's file: what an approval records.

        Raises:
            PackUnknownError: No such version.
        """
        return packaged_sha256(self._package, self._file(version))

    def _file(self, version: str) -> str:
        if version not in self._files:
            raise PackUnknownError(version, self._files)
        return self._files[version]

    def _read(self, version: str) -> RulePack:
        name = self._file(version)
        pack = typed_resource(RulePack, self._package, name)
        ids = [entry.id for entry in pack.rules]
        odd = set(ids) - coded_rules()
        if len(ids) != len(set(ids)) or odd or pack.version != version:
            named = ", ".join(sorted(odd)) or f"a doubled id, or version {pack.version}"
            raise PackagedFileBrokenError(name, f"rules and code differ: {named}")
        return pack


HOUSE_SHELF: Final = PackShelf("contracts_chain.agreements.rules", {"2026.1": "pack_2026_1.toml"})
LATEST_PACK: Final = HOUSE_SHELF.versions[-1]


def coded_rules() -> frozenset[str]:
    """Every rule that has code, whichever pack it belongs to."""
    of_classes = {rule for one in CLASSES for rule in one.rule_ids}
    return frozenset({PAIR_RULE, *RELATED_RULES, *FORM_RULES, *DOCUMENT_RULES, *COMMON_CHECKS, *of_classes})


def load_pack(version: str = LATEST_PACK) -> RulePack:
    """The rule pack of a version, old ones included, read once per process.

    Raises:
        PackUnknownError: No such version.
        PackagedFileBrokenError: The file is broken, doubles a rule, or names one without code.
    """
    return HOUSE_SHELF.pack(version)


def pack_sha256(version: str) -> Bytes32:
    """Digest of the file of a version.

    Raises:
        PackUnknownError: No such version.
    """
    return HOUSE_SHELF.sha256(version)


def check(terms: Terms, pack: RulePack, profile: Profile) -> tuple[Finding, ...]:
    """Run every rule of the pack that holds on the terms' last day for signing.

    Returns:
        Findings, errors first, then in the pack's order.
    """
    ground = Ground(
        figures=pack.figures,
        profile=profile,
        pack_version=pack.version,
        pack_from=pack.effective_from,
        pack_to=pack.effective_to,
        reading=reading(terms),
    )
    answers: dict[str, tuple[Violation, ...]] = dict(_common(terms, ground))
    for rule, found in class_of(terms).violations(terms, ground):
        answers[rule] = (*answers.get(rule, ()), *found)
    return _findings(pack, answers, terms.sign_by)


def check_pair(supply: SupplyTerms, dispatch: SubstationDispatchTerms, pack: RulePack) -> tuple[Finding, ...]:
    """Compare the two agreements of one order (reference §8.1 item 12)."""
    return _findings(pack, {PAIR_RULE: tuple(pair_violations(supply, dispatch))}, dispatch.sign_by)


def check_related(terms: Terms, named: Mapping[str, Terms | None], pack: RulePack) -> tuple[Finding, ...]:
    """Compare an agreement with those it names (reference §4.4).

    Args:
        terms: The agreement.
        named: Terms by number; ``None`` where the number is of this unit and nothing live has it.
            A number that is absent is another unit's, or a sister's that is not given yet.
        pack: Rules.
    """
    answers: dict[str, list[Violation]] = {PAIR_RULE: [], NAMED_RULE: [], FOREIGN_RULE: []}
    for reference in references(terms):
        other = named.get(reference.number)
        if (
            other is not None
            and isinstance(terms, SubstationDispatchTerms)
            and isinstance(other, SupplyTerms)
        ):
            answers[PAIR_RULE] += pair_violations(other, terms)
        elif other is not None:
            answers[NAMED_RULE] += disagreements(terms, reference, other)
        elif reference.number in named:
            answers[NAMED_RULE].append(missing(reference))
        elif not reference.awaits_its_number:
            answers[FOREIGN_RULE].append(of_another_unit(reference))
    return _findings(pack, answers, terms.sign_by)


def check_compact(
    compact: ServiceCompactTerms, supply: SupplyTerms, name: str, pack: RulePack
) -> tuple[Finding, ...]:
    """Compare service compact and supply contract of one order; ``name`` stands for the contract."""
    return _findings(pack, {NAMED_RULE: compact_disagreements(compact, supply, name)}, supply.sign_by)


def check_retail(terms: Terms, standing: tuple[RetailPeriod, ...], pack: RulePack) -> tuple[Finding, ...]:
    """Compare the retail periods with those of the account's other agreements."""
    return _findings(pack, {RETAIL_RULE: retail_overlaps(terms, standing)}, terms.sign_by)


def check_document(
    document: Document, terms: Terms, template: Template, pack: RulePack
) -> tuple[Finding, ...]:
    """Prove of a composed document what no terms can show: fixed text unedited, burdens conspicuous."""
    answers = {rule: tuple(found) for rule, found in document_violations(document, terms, template)}
    return _findings(pack, answers, terms.sign_by)


def _common(terms: Terms, ground: Ground) -> Iterator[tuple[str, tuple[Violation, ...]]]:
    for rule, run in COMMON_CHECKS.items():
        yield rule, tuple(run(terms, ground))


def _findings(pack: RulePack, answers: Mapping[str, Iterable[Violation]], day: date) -> tuple[Finding, ...]:
    found = [
        Finding(
            rule=entry.id,
            severity=entry.severity,
            path=violation.path,
            en=violation.en,
            zh=violation.zh,
            source=entry.shown_source,
            confidence=entry.confidence,
        )
        for entry in pack.rules
        if entry.holds_on(day)
        for violation in answers.get(entry.id, ())
    ]
    gravity = list(Severity)
    return tuple(sorted(found, key=lambda finding: gravity.index(finding.severity)))
