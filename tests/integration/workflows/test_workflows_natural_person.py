"""A household signs on a real house: by hand alone, in its own name, its card's number nowhere."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from workflows_desk import (
    TERM,
    anchor_all,
    completed,
    fresh_order_no,
    passed,
    records_of,
    sample_order,
)

from api.house import House
from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.terms.lv_res import LvResTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.evidence_json import read_evidence
from contracts_chain.evidence.package import read_package
from contracts_chain.evidence.verify import verify_package
from contracts_chain.invoicing.draft_json import read_draft
from contracts_chain.invoicing.invoice import InvoiceKind
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.issue_invoice import issue_invoice
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import HandedOut, build_package
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf

PROGRAM = Path(__file__).parents[3] / "docs/verify_anchor.py"
MINOR = "330299201505050020"


def household() -> LvResTerms:
    """The sample, its term begun already."""
    terms = load_terms((files("contracts_chain.agreements.samples") / "lv_res_supply.json").read_bytes())
    assert isinstance(terms, LvResTerms)
    return replace(terms, valid_from=TERM[0], valid_to=TERM[1])


@pytest.fixture(scope="module")
def moved_in(house: House) -> AgreementDossier:
    """Drafted, approved, offered, signed by hand by the resident, signed and sealed by the company."""
    office = house.office
    drafted = draft_agreement(office, household(), order_no=fresh_order_no(), drafted_by="drafter")
    return completed(office, passed(office, drafted))


@pytest.fixture(scope="module")
def handed(house: House, moved_in: AgreementDossier) -> HandedOut:
    anchor_all(house.office)
    return build_package(house.office, moved_in.number)


def texts_of(pdf: bytes) -> str:
    """Everything that can be read in a PDF: its pages and the files in it."""
    pages = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        attached = [document.attachments[name].get_file().read_bytes() for name in document.attachments]
    return pages + "".join(content.decode() for content in attached)


def test_a_household_has_no_seal_and_its_certificate_names_no_organisation(
    office: Office, moved_in: AgreementDossier
) -> None:
    assert [slot.field for slot in moved_in.slots] == ["ConsumerPerson", "SupplierPerson", "SupplierSeal"]
    assert moved_in.current_sha256 is not None
    findings = inspect_pdf(office.blobs.get(moved_in.current_sha256), office.trust.signatures)
    signers = {one.field: one.signer for one in findings.signatures}
    own, theirs = signers["ConsumerPerson"], signers["SupplierPerson"]
    assert own is not None
    assert theirs is not None
    assert (own.common_name, own.organisation, own.organisation_id) == ("林晓棠", None, None)
    assert theirs.organisation is not None


def test_its_package_is_proven_by_the_recipe_and_by_the_program_that_shares_no_code(
    office: Office, handed: HandedOut, tmp_path: Path
) -> None:
    report = verify_package(handed.package, office.trust, at=office.clock.now(), inspect=inspect_pdf)
    assert report.verdict is Verdict.PROVEN
    office.trust.write(tmp_path / "trust")
    (tmp_path / "evidence.asice").write_bytes(handed.package)
    run = subprocess.run(
        [sys.executable, "-I", PROGRAM, tmp_path / "evidence.asice", tmp_path / "trust" / "trust.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_evidence_names_the_person_and_nothing_that_the_certificate_does_not(handed: HandedOut) -> None:
    slot = read_evidence(read_package(handed.package).contents.evidence).slots[0]
    assert (slot.signer_name, slot.organisation, slot.organisation_id) == ("林晓棠", "林晓棠", "")


def test_the_number_of_the_card_is_in_no_record_no_trail_and_no_file_of_the_package(
    office: Office, moved_in: AgreementDossier, handed: HandedOut
) -> None:
    number = household().consumer.id_no
    with office.work() as work:
        trail = b"".join(work.trails.lines(moved_in.number))
    kept = [record.canonical() for record in records_of(office, moved_in.number)]
    assert not [content for content in (*kept, trail) if number.encode() in content]
    with zipfile.ZipFile(io.BytesIO(handed.package)) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    for name, content in contents.items():
        assert number.encode() not in content, name
        if name.endswith(".pdf"):
            assert number not in texts_of(content), name
            assert number[:6] + "*" * 8 + number[-4:] in texts_of(content), name


def test_a_household_is_billed_by_an_ordinary_invoice_without_any_number_of_its_own(
    office: Office, moved_in: AgreementDossier
) -> None:
    bill = sample_order("any").invoice
    assert bill is not None
    issued = issue_invoice(office, moved_in.number, bill, idempotency_key=fresh_order_no())
    draft = read_draft(issued.draft)
    assert (draft.kind, draft.buyer.name, draft.buyer.taxpayer_id) == (InvoiceKind.ORDINARY, "林晓棠", "")


def test_a_minor_cannot_be_drafted_a_contract_to_sign(office: Office) -> None:
    terms = household()
    minor = replace(terms, consumer=replace(terms.consumer, id_no=MINOR))
    with pytest.raises(RulesViolatedError, match="R-ID-1"):
        draft_agreement(office, minor, order_no=fresh_order_no(), drafted_by="drafter")
