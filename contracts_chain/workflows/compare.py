"""Two texts side by side, and the reading for those who cannot see the page; nothing is changed.

A version's document is composed again from what is stored with it: terms, text, number, block and
time. The digest shown beside it is that of the PDF that was drawn then, so a reader can tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.agreements.clause_diff import ClauseDiff, clause_diff
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.diff_document import ComparedTexts, diff_document
from contracts_chain.agreements.html_twin import TwinFacts
from contracts_chain.agreements.template_diff import TemplateDiff, template_diff
from contracts_chain.agreements.templates.template import template_named
from contracts_chain.agreements.terms_json import attached_bytes, load_terms
from contracts_chain.workflows.draft import qr_text
from contracts_chain.workflows.draft_errors import DraftUndrawnError, VersionUnknownError
from contracts_chain.workflows.draft_ports import DraftVersion
from contracts_chain.workflows.office import Office
from kernel.digests import sha256
from pdfgen.document import Document
from pdfgen.render import render

__all__ = [
    "Comparison",
    "Twin",
    "compare_agreements",
    "compare_versions",
    "compare_with_template",
    "comparison_pdf",
    "document_of",
    "the_version",
    "twin_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was compared and what differs."""

    texts: ComparedTexts
    diff: ClauseDiff


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A document to be read, and what ties it to its PDF."""

    document: Document
    facts: TwinFacts


def the_version(office: Office, number: str, version: int | None = None) -> DraftVersion:
    """One version of an agreement, by default the newest.

    Raises:
        UnknownNumberError: No such agreement.
        VersionUnknownError: It has no such version.
    """
    with office.work() as work:
        newest = work.agreements.load(number).draft_version
        found = work.drafts.find(number, newest if version is None else version)
    if found is None:
        raise VersionUnknownError(number, newest if version is None else version, newest)
    return found


def document_of(office: Office, version: DraftVersion) -> Document:
    """The document of a version, composed from what was stored with it.

    Raises:
        TemplateUnknownError: Its text is not installed here.
    """
    terms = load_terms(version.terms)
    return compose(
        terms,
        template_named(version.template),
        number=version.number,
        not_before=version.not_before_hash.hex0x(),
        qr_text=qr_text(terms, version.number, office.utility.verify_url),
        created_utc=version.saved_utc,
        mark=office.utility.mark,
    )


def twin_of(office: Office, number: str) -> Twin:
    """The newest version to be read.

    Raises:
        UnknownNumberError: No such agreement.
        DraftUndrawnError: It has no PDF yet that the reading could belong to.
    """
    version = the_version(office, number)
    if version.document_sha256 is None:
        raise DraftUndrawnError(number)
    facts = TwinFacts(
        pdf_sha256=version.document_sha256.hex(),
        pages=version.pages,
        terms_sha256=sha256(attached_bytes(load_terms(version.terms))).hex(),
    )
    return Twin(document=document_of(office, version), facts=facts)


def compare_versions(office: Office, number: str, old: int, new: int | None = None) -> Comparison:
    """Two versions of one agreement, by default an old one and the newest.

    Raises:
        UnknownNumberError: No such agreement.
        VersionUnknownError: It has no such version.
    """
    return _compared(office, the_version(office, number, old), the_version(office, number, new))


def compare_agreements(office: Office, number: str, other: str) -> Comparison:
    """The newest versions of two agreements; ``other`` is the earlier one.

    Raises:
        UnknownNumberError: No such agreement.
    """
    return _compared(office, the_version(office, other), the_version(office, number))


def compare_with_template(office: Office, number: str) -> TemplateDiff:
    """The newest version against the registered text it was composed from.

    Raises:
        UnknownNumberError: No such agreement.
    """
    version = the_version(office, number)
    return template_diff(document_of(office, version), template_named(version.template))


def comparison_pdf(office: Office, comparison: Comparison) -> bytes:
    """The comparison as a PDF."""
    now = office.clock.now().replace(microsecond=0)
    return render(
        diff_document(comparison.diff, comparison.texts, created_utc=now, mark=office.utility.mark)
    ).pdf


def _compared(office: Office, old: DraftVersion, new: DraftVersion) -> Comparison:
    before, after = document_of(office, old), document_of(office, new)
    diff = clause_diff(before, after, pages=render(after).block_pages)
    texts = ComparedTexts(
        number=new.number,
        old=_called(old),
        new=_called(new),
        old_digest=old.document_sha256.hex() if old.document_sha256 else "",
        new_digest=new.document_sha256.hex() if new.document_sha256 else "",
    )
    return Comparison(texts=texts, diff=diff)


def _called(version: DraftVersion) -> str:
    return f"{version.number} 第 {version.version} 版"
