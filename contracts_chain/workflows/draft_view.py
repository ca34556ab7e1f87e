"""A draft as clerks and reviewers see it: terms, findings by field, versions, reviews, what may be done.

Decides nothing; every finding comes from the rule pack, and from the fonts for characters
that nothing installed can print, so that they are named before approval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from contracts_chain.agreements.lifecycle import Deed, allowed_deeds
from contracts_chain.agreements.rules.finding import Finding, Severity
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.rules.text_rules import texts_of
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.evidence.trail_again import verify_again
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft_changes import field_label, parse_path
from contracts_chain.workflows.draft_errors import VersionUnknownError
from contracts_chain.workflows.draft_ports import DraftVersion, ReviewNote
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.related import related_findings
from pdfgen.glyphs import MissingGlyphError, require_glyphs

__all__ = ["DraftView", "FieldFinding", "draft_view", "find_version", "findings_of", "label_at"]

GLYPH_RULE: Final = "FONT"
_ASKED: Final = {TrailEventKind.QUESTION_ASKED, TrailEventKind.QUESTION_ANSWERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFinding:
    """One finding as a form shows it, at its field.

    Attributes:
        rule: Rule id, or ``FONT`` for a character no installed font prints.
        label: The field's name on Chinese screens; empty where the path names none.
        source: Clause, 待核实 if unverified; empty for ``FONT``.
    """

    rule: str
    severity: Severity
    path: str
    label: str
    en: str
    zh: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a party asked or was answered, as the trail has it."""

    event: TrailEventKind
    role: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """Everything a draft or review page shows."""

    dossier: AgreementDossier
    terms: Terms
    findings: tuple[FieldFinding, ...]
    versions: tuple[DraftVersion, ...]
    reviews: tuple[ReviewNote, ...]
    questions: tuple[Question, ...]
    allowed: tuple[Deed, ...]

    @property
    def errors(self) -> int:
        """Findings that keep the draft from being submitted."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def standing(self) -> DraftVersion:
        """The newest version."""
        return self.versions[-1]

    @property
    def returned(self) -> ReviewNote | None:
        """The review that sent the draft back, while nobody has passed it since."""
        last = self.reviews[-1] if self.reviews else None
        return last if last is not None and last.verdict == "returned" else None


def draft_view(office: Office, number: str) -> DraftView:
    """Read a draft with everything about it.

    Raises:
        UnknownNumberError: No such agreement.
    """
    with office.work() as work:
        dossier = work.agreements.load(number)
        versions = tuple(work.drafts.versions(number))
        reviews = tuple(work.drafts.reviews(number))
        trail = verify_again(work.trails.lines(number))
        terms = load_terms(dossier.terms)
        related = related_findings(office, work, terms, order_no=dossier.order_no, number=number)
    return DraftView(
        dossier=dossier,
        terms=terms,
        findings=(*findings_of(terms), *(_of_rule(terms, one) for one in related)),
        versions=versions,
        reviews=reviews,
        questions=tuple(
            Question(
                event=event.event,
                role=str(event.details.get("role", "")),
                words=str(event.details.get("words", "")),
            )
            for event in trail
            if event.event in _ASKED
        ),
        allowed=allowed_deeds(dossier.state),
    )


def find_version(office: Office, number: str, version: int) -> DraftVersion:
    """One version of a draft.

    Raises:
        UnknownNumberError: No such agreement.
        VersionUnknownError: It has no such version.
    """
    with office.work() as work:
        newest = work.agreements.load(number).draft_version
        found = work.drafts.find(number, version)
    if found is None:
        raise VersionUnknownError(number, version, newest)
    return found


def findings_of(terms: Terms) -> tuple[FieldFinding, ...]:
    """What the current rules and the installed fonts say of terms, errors first.

    Raises:
        ProfileUnknownError: No profile of their province is installed.
    """
    ruled = (_of_rule(terms, one) for one in check(terms, load_pack(), load_profile(terms.province)))
    return (*_of_fonts(terms), *ruled)


def _of_rule(terms: Terms, finding: Finding) -> FieldFinding:
    return FieldFinding(
        rule=finding.rule,
        severity=finding.severity,
        path=finding.path,
        label=label_at(type(terms), finding.path),
        en=finding.en,
        zh=finding.zh,
        source=finding.source,
    )


def _of_fonts(terms: Terms) -> Iterator[FieldFinding]:
    for path, text in texts_of(terms):
        try:
            require_glyphs([text])
        except MissingGlyphError as problem:
            yield FieldFinding(
                rule=GLYPH_RULE,
                severity=Severity.ERROR,
                path=path,
                label=label_at(type(terms), path),
                en=problem.en,
                zh=problem.zh,
            )


def label_at(kind: type[object], path: str) -> str:
    """The field's name on Chinese screens; empty where a path names a whole that is no field."""
    try:
        return field_label(kind, parse_path(path))
    except (KeyError, ValueError):
        return ""
