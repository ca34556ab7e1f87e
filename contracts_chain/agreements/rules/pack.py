"""A rule pack: which rules hold from when, how grave, by what source; and their run.

Decides findings, never states: whoever drafts calls ``require_no_errors``. Each
contract records the pack version it was checked against (reference §0), so old packs
stay loadable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, assert_never

from contracts_chain.agreements.rules.common_rules import COMMON_CHECKS
from contracts_chain.agreements.rules.dispatch_rules import DISPATCH_CHECKS, pair_violations
from contracts_chain.agreements.rules.finding import Confidence, Finding, Severity, Violation
from contracts_chain.agreements.rules.ground import Figures, Ground
from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.rules.supply_price import PRICE_CHECKS
from contracts_chain.agreements.rules.supply_procedure import PROCEDURE_CHECKS
from contracts_chain.agreements.rules.supply_technical import TECHNICAL_CHECKS
from contracts_chain.agreements.terms import DispatchTerms, HvSupplyTerms, Terms
from contracts_chain.agreements.typed_toml import PackagedFileBrokenError, typed_resource
from kernel.errors import RejectedError

__all__ = ["LATEST_PACK", "PackUnknownError", "RuleEntry", "RulePack", "check", "check_pair", "load_pack"]

_PACKAGE: Final = "contracts_chain.agreements.rules"
_PACKS: Final[Mapping[str, str]] = {"2026.1": "pack_2026_1.toml"}
LATEST_PACK: Final = "2026.1"
_PAIR_RULE: Final = "D-PAIR-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """What a pack says about one rule.

    Attributes:
        source: Clause, shown to people unless the confidence is unverified.
        effective_from: First day the rule holds; ``None``: always did.
        effective_to: Last day.
    """

    id: str
    severity: Severity
    confidence: Confidence
    source: str
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
    """One version of the rules."""

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

    def __init__(self, version: str) -> None:
        """Keep the version asked for."""
        known = ", ".join(_PACKS)
        super().__init__(
            f"no rule pack {version!r}; use one of {known}", f"没有规则包“{version}”；请使用 {known}"
        )
        self.version = version


@cache
def load_pack(version: str = LATEST_PACK) -> RulePack:
    """The rule pack of a version, read once per process.

    Raises:
        PackUnknownError: No such version.
        PackagedFileBrokenError: The file is broken, doubles a rule, or names one without code.
    """
    if version not in _PACKS:
        raise PackUnknownError(version)
    name = _PACKS[version]
    pack = typed_resource(RulePack, _PACKAGE, name)
    ids = [entry.id for entry in pack.rules]
    coded = {
        *COMMON_CHECKS,
        *TECHNICAL_CHECKS,
        *PROCEDURE_CHECKS,
        *PRICE_CHECKS,
        *DISPATCH_CHECKS,
        _PAIR_RULE,
    }
    if len(ids) != len(set(ids)) or set(ids) != coded:
        odd = ", ".join(sorted(set(ids) ^ coded)) or "a doubled id"
        raise PackagedFileBrokenError(name, f"rules and code differ: {odd}")
    return pack


def check(terms: Terms, pack: RulePack, profile: Profile) -> tuple[Finding, ...]:
    """Run every rule of the pack that holds on the terms' last day for signing.

    Returns:
        Findings, errors first, then in the pack's order.
    """
    ground = Ground(figures=pack.figures, profile=profile, pack_version=pack.version)
    answers = dict(_common(terms, ground))
    if isinstance(terms, HvSupplyTerms):
        answers.update(_supply(terms, ground))
    elif isinstance(terms, DispatchTerms):
        answers.update((rule, tuple(run(terms, ground))) for rule, run in DISPATCH_CHECKS.items())
    else:
        assert_never(terms)
    return _findings(pack, answers, terms.sign_by)


def check_pair(supply: HvSupplyTerms, dispatch: DispatchTerms, pack: RulePack) -> tuple[Finding, ...]:
    """Compare the two agreements of one order (reference §8.1 item 12)."""
    return _findings(pack, {_PAIR_RULE: tuple(pair_violations(supply, dispatch))}, dispatch.sign_by)


def _common(terms: Terms, ground: Ground) -> Iterator[tuple[str, tuple[Violation, ...]]]:
    for rule, run in COMMON_CHECKS.items():
        yield rule, tuple(run(terms, ground))


def _supply(terms: HvSupplyTerms, ground: Ground) -> Iterator[tuple[str, tuple[Violation, ...]]]:
    for rule, run in (*TECHNICAL_CHECKS.items(), *PROCEDURE_CHECKS.items(), *PRICE_CHECKS.items()):
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
