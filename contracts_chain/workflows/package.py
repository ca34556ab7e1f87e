"""Puts the evidence of one agreement together and hands it out only after proving it.

Proofs come from a final checkpoint that covers every record of the agreement, with the SM3
renewal and the cross-anchors above it where there are any; the status word is read from the
chain afresh at every download and dated. The package is signed, read back
and verified by the recipe that any stranger uses; one that is not proven is not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from contracts_chain.agreements.terms_json import load_terms, masked_terms
from contracts_chain.evidence.evidence_json import Evidence, EvidenceKind, EvidenceSlot, evidence_bytes
from contracts_chain.evidence.package import AgreementContents
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.report import ReportSubject
from contracts_chain.evidence.strict_fields import Fields
from contracts_chain.evidence.trail import verify_trail, write_trail
from contracts_chain.workflows.domestic import kept_ses
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.draft import qr_text
from contracts_chain.workflows.errors import NotYetFinalError
from contracts_chain.workflows.hand_out import HandedOut, environment, hand_out, report_on
from contracts_chain.workflows.later_proofs import later_proofs
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.proofs import Proofs, proofs_of
from pdfgen.render import render

__all__ = ["HandedOut", "build_package"]


def build_package(office: Office, number: str) -> HandedOut:
    """Build, sign, re-read and prove the package of an executed agreement.

    Raises:
        UnknownNumberError: No such agreement.
        NotYetFinalError: No final checkpoint covers all its records yet, or it is not executed.
        NotProvenError: The package did not pass its own verification: an alarm.
    """
    with office.work() as work:
        work.log.snapshot()  # file, trail and records as of one moment, whatever is written meanwhile
        dossier = work.agreements.load(number)
        lines = work.trails.lines(number)
        proofs = proofs_of(work, number)
        later = later_proofs(work, proofs)
        domestic = kept_ses(work, office.blobs, number)
    if dossier.executed_utc is None or dossier.current_sha256 is None:
        raise NotYetFinalError(number)
    evidence = later.added_to(_evidence(office, dossier, proofs), office)
    trail = verify_trail(lines)
    contents = AgreementContents(
        agreement_pdf=office.blobs.get(dossier.current_sha256),
        trail=write_trail(trail),
        evidence=evidence_bytes(evidence),
        report_pdf=b"",
        ses=domestic,
    )
    files = {name: content for name, content in contents.files().items() if content}
    subject = _subject(office, dossier)
    report = report_on(office, subject, evidence, trail, files)
    return hand_out(office, subject, replace(contents, report_pdf=render(report).pdf))


def _subject(office: Office, dossier: AgreementDossier) -> ReportSubject:
    terms = load_terms(dossier.terms)
    shown = masked_terms(terms)
    return ReportSubject(
        title=terms.KIND.zh,
        number=dossier.number,
        parties=tuple((held.title, held.party.name, held.party.id_no) for held in shown.parties()),
        roles={held.role: held.title for held in terms.parties()},
        qr_text=qr_text(terms, dossier.number, office.utility.verify_url),
        mark=office.utility.mark,
        environment=environment(office),
        issuer=office.utility.name,
    )


def _evidence(office: Office, dossier: AgreementDossier, proofs: Proofs) -> Evidence:
    executed = proofs.record_of(RecordKind.AGREEMENT_EXECUTED)
    return Evidence(
        kind=EvidenceKind.AGREEMENT,
        number=dossier.number,
        slots=_slots(dossier, proofs.record_of(RecordKind.AGREEMENT_OFFERED)),
        records=proofs.records,
        checkpoint=proofs.checkpoint,
        anchor=proofs.anchor,
        status=office.chain.capture_status(executed.leaf()),
        executed=executed.document,
        not_before_header=office.chain.header(dossier.not_before_number),
    )


def _slots(dossier: AgreementDossier, offer: Record) -> tuple[EvidenceSlot, ...]:
    """Names as the offer bears them: the rule of seals' names may have been another since."""
    place = "agreement.offered.details"
    offered = [Fields.of(one, f"{place}.slots") for one in Fields(offer.details, place).members("slots")]
    names = {one.text("field"): one.text("signer_name") for one in offered}
    return tuple(_slot(slot, names, dossier.number) for slot in dossier.slots)


def _slot(slot: SlotFile, names: Mapping[str, str], number: str) -> EvidenceSlot:
    if slot.certificate_sha256 is None:
        raise NotYetFinalError(number)
    return EvidenceSlot(
        field=slot.field,
        role=slot.role,
        kind=slot.kind,
        signer_name=names[slot.field],
        organisation=slot.organisation,
        organisation_id=slot.organisation_id,
        certificate_sha256=slot.certificate_sha256,
    )
