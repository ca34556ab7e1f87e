"""Draws up an agreement from checked terms: number, not-before block, PDF with empty fields.

Order of acts: rules first (nothing is stored if one is broken); then number and row in
one transaction; then the PDF; then its digest in a second transaction. A crash in
between leaves a row without PDF that the same call finishes under the same number,
so numbers have no gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.numbering import check_code, contract_number
from contracts_chain.agreements.rules.finding import require_no_errors
from contracts_chain.agreements.rules.pack import RulePack, check, load_pack
from contracts_chain.agreements.rules.profile import Profile, load_profile
from contracts_chain.agreements.slots import signature_slots
from contracts_chain.agreements.templates.template import Template, load_template
from contracts_chain.agreements.terms import AgreementKind, DispatchTerms, Terms
from contracts_chain.agreements.terms_json import Order, attached_bytes, resolve_related, terms_bytes
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.chronicle import note_event
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.errors import AlreadyDraftedError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonObject
from kernel.clock import BEIJING
from kernel.digests import sha256
from kernel.ids import AgreementId, new_id
from pdfgen.document import RenderedDocument
from pdfgen.render import render
from signing.model import SignatureField
from signing.pades import add_signature_fields

__all__ = ["DrawnUp", "check_terms", "draft_agreement", "draft_order", "draw_up", "qr_text"]


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
    """
    document = compose(
        terms,
        load_template(terms.KIND),
        number=number,
        not_before=not_before,
        qr_text=qr_text(terms, number, verify_url),
        created_utc=created_utc,
        mark=mark,
    )
    rendered = render(document)
    return DrawnUp(pdf=add_signature_fields(rendered.pdf, _fields(rendered)), pages=rendered.pages)


def qr_text(terms: Terms, number: str, verify_url: str) -> str:
    """Content of the QR code on every page: the look-up address of this number."""
    return f"{verify_url}/q/{number}-{check_code(number, sha256(attached_bytes(terms)))}"


def _fields(rendered: RenderedDocument) -> tuple[SignatureField, ...]:
    return tuple(SignatureField(name=slot.name, page=slot.page, box=slot.box) for slot in rendered.slots)


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
    numbers: dict[AgreementKind, str] = {}
    drafted: list[AgreementDossier] = []
    for terms in sorted(order.agreements, key=lambda one: isinstance(one, DispatchTerms)):
        settled = resolve_related(terms, numbers) if isinstance(terms, DispatchTerms) else terms
        dossier = draft_agreement(office, settled, order_no=order.order_no, drafted_by=drafted_by)
        numbers[terms.KIND] = dossier.number
        drafted.append(dossier)
    return tuple(drafted)


def draft_agreement(office: Office, terms: Terms, *, order_no: str, drafted_by: str) -> AgreementDossier:
    """Draft one agreement of an order; a second call with the same terms returns the same draft.

    Raises:
        RulesViolatedError: The terms break rules; nothing was stored.
        AlreadyDraftedError: The order has an agreement of this kind with other terms.
        MissingGlyphError: A name holds a character no installed font can show.
        ChainUnavailableError: No final block can be named now.
    """
    pack, profile = check_terms(terms)
    dossier = _opened(office, terms, pack, profile, order_no, drafted_by)
    if dossier.current_sha256 is not None:
        return dossier
    drawn = draw_up(
        terms,
        number=dossier.number,
        not_before=dossier.not_before_hash.hex0x(),
        created_utc=dossier.drafted_utc,
        mark=office.utility.mark,
        verify_url=office.utility.verify_url,
    )
    digest = office.blobs.put(drawn.pdf)
    with office.work() as work:
        standing = work.agreements.load(dossier.number, lock=True)
        if standing.current_sha256 is not None:
            return standing
        dossier = work.agreements.save(replace(standing, pages=drawn.pages, current_sha256=digest))
        _note_drafted(office, work, dossier, drafted_by)
        work.commit()
    return dossier


def _note_drafted(office: Office, work: UnitOfWork, dossier: AgreementDossier, drafted_by: str) -> None:
    details: JsonObject = {
        "document_sha256": dossier.current_sha256.hex() if dossier.current_sha256 else "",
        "profile": dossier.profile,
        "rule_pack": dossier.rule_pack,
        "template": dossier.template,
        "template_sha256": dossier.template_sha256.hex(),
    }
    now = office.clock.now()
    note_event(work, dossier.number, TrailEventKind.DRAFTED, at=now, actor=drafted_by, details=details)


def _opened(
    office: Office, terms: Terms, pack: RulePack, profile: Profile, order_no: str, drafted_by: str
) -> AgreementDossier:
    block = office.chain.latest_block()
    with office.work() as work:
        known = _known(work, order_no, terms)
        if known is not None:
            return known
        now = office.clock.now().replace(microsecond=0)
        number = _next_number(work, office, profile, terms, now)
        known = _known(work, order_no, terms)  # drafted by somebody else while we waited for the number
        if known is not None:
            return known
        template = load_template(terms.KIND)
        dossier = AgreementDossier(
            id=AgreementId(new_id()),
            number=number,
            kind=terms.KIND.value,
            order_no=order_no,
            state=AgreementState.DRAFT,
            evidence_state=EvidenceState.PENDING,
            version=1,
            terms=terms_bytes(terms),
            rule_pack=pack.version,
            profile=profile.province,
            template=_template_name(template),
            template_sha256=template.fixed_text_sha256(),
            drafted_by=drafted_by,
            drafted_utc=now,
            not_before_number=block.number,
            not_before_hash=block.hash,
            slots=_slot_files(terms),
        )
        work.agreements.add(dossier)
        work.commit()
    return dossier


def _known(work: UnitOfWork, order_no: str, terms: Terms) -> AgreementDossier | None:
    known = work.agreements.find_by_order(order_no, terms.KIND.value)
    if known is not None and known.terms != terms_bytes(terms):
        raise AlreadyDraftedError(order_no, terms.KIND.value)
    return known


def _template_name(template: Template) -> str:
    return f"{template.template_id}/{template.version}"


def _next_number(work: UnitOfWork, office: Office, profile: Profile, terms: Terms, now: datetime) -> str:
    unit, department = office.utility.unit, office.utility.department
    type_code, year = profile.type_code(terms.KIND), now.astimezone(BEIJING).year
    serial = work.numbers.next_serial(f"{unit}{department}{type_code}{year}")
    return contract_number(unit=unit, department=department, type_code=type_code, year=year, serial=serial)


def _slot_files(terms: Terms) -> tuple[SlotFile, ...]:
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
