"""Draws up an agreement from checked terms: number, not-before block, PDF with empty fields.

Order of acts: rules first (nothing is stored if one is broken); then number and row in
one transaction; then the PDF; then its digest in a second transaction. A crash in
between leaves a row without PDF that the same call finishes under the same number,
so numbers have no gaps. ``open_draft``, ``draw_up`` and ``keep_drawing`` are these three
acts for whoever drafts many at once: numbers in one place, drawing anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from contracts_chain.agreements.classes.book import class_named, class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.numbering import check_code
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.rules.finding import require_no_errors
from contracts_chain.agreements.rules.pack import (
    LATEST_PACK,
    RulePack,
    check,
    check_document,
    load_pack,
)
from contracts_chain.agreements.rules.profile import Profile, load_profile
from contracts_chain.agreements.rules.text_rules import texts_of
from contracts_chain.agreements.separation import Part
from contracts_chain.agreements.slots import signature_slots
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import AgreementKind, Terms
from contracts_chain.agreements.terms_json import Order, attached_bytes, load_terms, terms_bytes
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.ledger.anchor_port import BlockRef
from contracts_chain.workflows.chronicle import note_event
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.draft_ports import DraftVersion
from contracts_chain.workflows.errors import AlreadyDraftedError
from contracts_chain.workflows.numbers import Series, main_numbers
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.people import name_signers, take_part
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import evidence_move, note_process_event, state_move
from contracts_chain.workflows.related import keep_retail, require_agreeing, sister_findings
from kernel.canonical_json import JsonObject, JsonValue
from kernel.digests import sha256
from kernel.ids import AgreementId, new_id
from kernel.sized_bytes import Bytes32
from pdfgen.document import RenderedDocument
from pdfgen.glyphs import require_glyphs
from pdfgen.house_style import PAGE_HEIGHT, PAGE_WIDTH
from pdfgen.render import render
from signing.model import SignatureField
from signing.seam_drawing import SeamField, place_seams
from signing.signature_fields import add_signature_fields

__all__ = [
    "DrawnUp",
    "RegisteredText",
    "check_terms",
    "draft_agreement",
    "draft_order",
    "draw_up",
    "draw_version",
    "keep_drawing",
    "open_draft",
    "qr_text",
    "registered_text",
    "slot_files",
    "text_facts",
    "version_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnUp:
    """A finished draft: the PDF with empty signature fields, and its number of pages."""

    pdf: bytes
    pages: int


def check_terms(terms: Terms) -> tuple[RulePack, Profile]:
    """Hold terms against the current rule pack and their province's profile.

    Raises:
        RulesViolatedError: Every violated rule, with field and reason.
    """
    pack, profile = load_pack(), load_profile(terms.province)
    require_no_errors(check(terms, pack, profile))
    return pack, profile


def draw_up(
    terms: Terms, *, number: str, not_before: str | None, created_utc: datetime, mark: str, verify_url: str
) -> DrawnUp:
    """Turn terms into PDF bytes; the same inputs give the same bytes.

    Args:
        terms: Checked terms.
        number: Contract number, printed on every page.
        not_before: Newest final block as printed at the foot, or ``None``.
        created_utc: Creation time for the metadata.
        mark: TEST wording for every page, or empty.
        verify_url: Where the QR code leads.

    Raises:
        MissingGlyphError: A character no installed font can show.
        RulesViolatedError: The document does not say what its text says: a fault of this program.
    """
    template = load_template(class_of(terms))
    document = compose(
        terms,
        template,
        number=number,
        not_before=not_before,
        qr_text=qr_text(terms, number, verify_url),
        created_utc=created_utc,
        mark=mark,
    )
    require_no_errors(check_document(document, terms, template, load_pack()))
    rendered = render(document)
    pdf = add_signature_fields(rendered.pdf, _fields(rendered), _seams(rendered))
    return DrawnUp(pdf=pdf, pages=rendered.pages)


def qr_text(terms: Terms, number: str, verify_url: str) -> str:
    """Content of the QR code on every page: the look-up address of this number."""
    return f"{verify_url}/q/{number}-{check_code(number, sha256(attached_bytes(terms)))}"


def _fields(rendered: RenderedDocument) -> tuple[SignatureField, ...]:
    return tuple(SignatureField(name=slot.name, page=slot.page, box=slot.box) for slot in rendered.slots)


def _seams(rendered: RenderedDocument) -> tuple[SeamField, ...]:
    """A seam (骑缝章) for every seal on every page."""
    seals = [slot.name for slot in rendered.slots if slot.kind == "seal"]
    return place_seams(seals, rendered.pages, page_width=PAGE_WIDTH, page_height=PAGE_HEIGHT)


def draft_order(office: Office, order: Order, *, drafted_by: str) -> tuple[AgreementDossier, ...]:
    """Draft every agreement of an order, supply contracts before what refers to them.

    All rules of all agreements are checked before anything is stored.

    Raises:
        RulesViolatedError: The terms of any agreement break rules.
        MissingGlyphError: A name holds a character no installed font can show.
        ChainUnavailableError: No final block can be named now.
    """
    for terms in order.agreements:
        check_terms(terms)
    require_no_errors(sister_findings(order))
    with office.work() as work:
        for terms in order.agreements:
            if _known_kind(work, order.order_no, terms) is None:
                require_agreeing(office, work, terms, order_no=order.order_no)
    numbers: dict[AgreementKind, str] = {}
    drafted: list[AgreementDossier] = []
    for terms in sorted(order.agreements, key=lambda one: bool(one.related_numbers())):
        settled = terms.with_numbers(numbers)
        dossier = draft_agreement(office, settled, order_no=order.order_no, drafted_by=drafted_by)
        numbers[terms.KIND] = dossier.number
        drafted.append(dossier)
    return tuple(drafted)


def draft_agreement(
    office: Office, terms: Terms, *, order_no: str, drafted_by: str, series: Series | None = None
) -> AgreementDossier:
    """Draft one agreement of an order; a second call with the same terms returns the same draft.

    Args:
        office: Where numbers, blocks and records come from.
        terms: Terms of any class.
        order_no: The order it belongs to; an order has one live agreement of a kind.
        drafted_by: Account of the drafter.
        series: Where its number comes from; by default the main contracts of its kind.

    Raises:
        RulesViolatedError: The terms break rules; nothing was stored.
        AlreadyDraftedError: The order has an agreement of this kind with other terms.
        MissingGlyphError: A text holds a character no installed font can show; nothing was stored.
        SeparationOfDutiesError: The drafter is to sign it.
        ChainUnavailableError: No final block can be named now.
    """
    check_terms(terms)
    require_glyphs(text for _, text in texts_of(terms))
    block = office.chain.latest_block()
    with office.work() as work:
        dossier = open_draft(
            office, work, terms, order_no=order_no, drafted_by=drafted_by, block=block, series=series
        )
        work.commit()
    if dossier.current_sha256 is not None:
        return dossier
    drawn = draw_version(office, version_of(dossier, by=drafted_by, at=dossier.drafted_utc))
    digest = office.blobs.put(drawn.pdf)
    with office.work() as work:
        drafted = keep_drawing(office, work, dossier.number, digest, drawn.pages, by=drafted_by)
        work.commit()
    return drafted


def open_draft(
    office: Office,
    work: UnitOfWork,
    terms: Terms,
    *,
    order_no: str,
    drafted_by: str,
    block: BlockRef,
    series: Series | None = None,
) -> AgreementDossier:
    """Take the number and store the row, without PDF yet; the caller checked the terms and commits.

    Raises:
        AlreadyDraftedError: The order has an agreement of this kind with other terms.
        RulesViolatedError: The terms disagree with other agreements in the store.
        SeparationOfDutiesError: The drafter is to sign it.
    """
    known = _known(work, order_no, terms)
    if known is not None:
        return known
    require_agreeing(office, work, terms, order_no=order_no)
    now = office.clock.now().replace(microsecond=0)
    type_code = load_profile(terms.province).type_code(terms.KIND)
    numbers = series or main_numbers(office.utility, type_code, now)
    numbers.hold(work)
    known = _known(work, order_no, terms)  # drafted by somebody else while we waited for the series
    if known is not None:
        return known
    dossier = _first_version(terms, numbers.take(work), order_no, drafted_by, now, block)
    work.agreements.add(dossier)
    _tell_draft(work, dossier)
    work.drafts.add(version_of(dossier, by=drafted_by, at=now))
    keep_retail(work, dossier.number, terms)
    take_part(work, dossier.number, Part.DRAFTER, drafted_by)
    name_signers(work, dossier.number, terms)
    return dossier


def _tell_draft(work: UnitOfWork, dossier: AgreementDossier) -> None:
    change: JsonObject = {
        "kind": dossier.kind,
        "order_no": dossier.order_no,
        **state_move(None, dossier.state),
        **evidence_move(None, dossier.evidence_state),
    }
    note_process_event(work, dossier.number, ProcessEventKind.DRAFTED, at=dossier.drafted_utc, change=change)


def draw_version(office: Office, version: DraftVersion) -> DrawnUp:
    """The PDF of a version, with the number, block and time that are stored with it.

    Raises:
        MissingGlyphError: A character no installed font can show.
    """
    return draw_up(
        load_terms(version.terms),
        number=version.number,
        not_before=version.not_before_hash.hex0x(),
        created_utc=version.saved_utc,
        mark=office.utility.mark,
        verify_url=office.utility.verify_url,
    )


def keep_drawing(
    office: Office, work: UnitOfWork, number: str, digest: Bytes32, pages: int, *, by: str
) -> AgreementDossier:
    """Store which PDF was drawn for the first version, unless somebody has; the caller commits.

    Raises:
        UnknownNumberError: No such agreement.
    """
    standing = work.agreements.load(number, lock=True)
    if standing.current_sha256 is not None:
        return standing
    dossier = work.agreements.save(replace(standing, pages=pages, current_sha256=digest))
    work.drafts.draw(number, dossier.draft_version, digest, pages)
    details = text_facts(dossier)
    note_event(work, number, TrailEventKind.DRAFTED, at=office.clock.now(), actor=by, details=details)
    return dossier


def text_facts(dossier: AgreementDossier) -> dict[str, JsonValue]:
    """What a trail line says of the text as it stands: version, PDF, and by what it was made."""
    return {
        "document_sha256": dossier.current_sha256.hex() if dossier.current_sha256 else "",
        "draft_version": dossier.draft_version,
        "profile": dossier.profile,
        "rule_pack": dossier.rule_pack,
        "template": dossier.template,
        "template_sha256": dossier.template_sha256.hex(),
    }


def version_of(dossier: AgreementDossier, *, by: str, at: datetime) -> DraftVersion:
    """The version that the dossier's text is."""
    return DraftVersion(
        number=dossier.number,
        version=dossier.draft_version,
        terms=dossier.terms,
        rule_pack=dossier.rule_pack,
        profile=dossier.profile,
        template=dossier.template,
        template_sha256=dossier.template_sha256,
        not_before_number=dossier.not_before_number,
        not_before_hash=dossier.not_before_hash,
        saved_by=by,
        saved_utc=at,
        document_sha256=dossier.current_sha256,
        pages=dossier.pages,
    )


def _first_version(
    terms: Terms, number: str, order_no: str, drafted_by: str, now: datetime, block: BlockRef
) -> AgreementDossier:
    text = registered_text(terms)
    return AgreementDossier(
        id=AgreementId(new_id()),
        number=number,
        kind=terms.KIND.value,
        order_no=order_no,
        state=AgreementState.DRAFT,
        evidence_state=EvidenceState.PENDING,
        version=1,
        terms=terms_bytes(terms),
        rule_pack=LATEST_PACK,
        profile=terms.province,
        template=text.name,
        template_sha256=text.sha256,
        drafted_by=drafted_by,
        drafted_utc=now,
        not_before_number=block.number,
        not_before_hash=block.hash,
        slots=slot_files(terms),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredText:
    """The text that terms are composed with: its name, and the digest of its fixed words."""

    name: str
    sha256: Bytes32


def registered_text(terms: Terms) -> RegisteredText:
    """The newest text of the terms' class; texts do not change while the program runs."""
    return _registered_text(class_of(terms).id)


@cache
def _registered_text(class_id: str) -> RegisteredText:
    template = load_template(class_named(class_id))
    return RegisteredText(name=template.name, sha256=template.fixed_text_sha256())


def _known_kind(work: UnitOfWork, order_no: str, terms: Terms) -> AgreementDossier | None:
    return work.agreements.find_by_order(order_no, terms.KIND.value)


def _known(work: UnitOfWork, order_no: str, terms: Terms) -> AgreementDossier | None:
    known = _known_kind(work, order_no, terms)
    if known is not None and known.terms != terms_bytes(terms):
        raise AlreadyDraftedError(order_no, terms.KIND.value)
    return known


def slot_files(terms: Terms) -> tuple[SlotFile, ...]:
    """Every signature the terms call for, in order, none made yet."""
    return tuple(
        SlotFile(
            ordinal=ordinal,
            field=spec.name,
            role=spec.party_role,
            kind=spec.kind,
            signer_name=spec.signer_name,
            organisation=spec.organisation,
            organisation_id=spec.organisation_id,
            seal_name=spec.seal_name,
        )
        for ordinal, spec in enumerate(signature_slots(terms))
    )
