"""A contract that a delegate signed, with papers attached before and after, is proven as a whole."""

from __future__ import annotations

import threading
import time

from identity_at_sandbox import identify_at_sandbox
from identity_service import Service
from trial_phone import fresh_code, ready_to_sign

from api.trial_people import let_seals_be_used
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.verify import verify_file
from contracts_chain.workflows.anchor import advance_anchors, close_checkpoint
from contracts_chain.workflows.attach_evidence import AttachmentKind, attach_evidence
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.delegate import delegate, read_delegation
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from kernel.digests import sha256
from kernel.verdict import Verdict

LETTER = b"%PDF-1.7\n% letter of the whole\n%%EOF\n"
PERSON = {
    "name": "陈立新",
    "post": "财务经理",
    "id_type": "RESIDENT_ID",
    "id_no": "330299198501010019",
    "phone": "13812345678",
}
PATIENCE_SECONDS = 60.0


def wait_final(office: Office) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not advance_anchors(office):
        assert time.monotonic() < deadline, "the checkpoint did not become final"
        threading.Event().wait(0.02)


def sign(office: Office, token: str) -> None:
    ready_to_sign(office, token)
    sign_with_code(office, token, fresh_code(office, token))


def test_a_contract_signed_by_a_delegate_with_attached_papers_is_proven(service: Service) -> None:
    office, sent = service.office, service.offered()
    number, token = sent.dossier.number, sent.tokens["consumer"]
    attach_evidence(
        office, number, "聊天".encode(), kind=AttachmentKind.CHAT, description="聊天", by="drafter"
    )
    identify_at_sandbox(office, token)
    letter = {
        "number": "SQ-2026-9",
        "principal": load_terms(sent.dossier.terms).party("consumer").name,
        "kinds": ["HV_SUPPLY"],
        "matters": "签订高压供用电合同",
        "capacity_limit_kva": None,
        "may_delegate": False,
        "delegated_by": None,
        "valid_from": "2026-01-01",
        "valid_to": "2027-12-31",
    }
    described = read_delegation(PERSON, letter, letter_sha256=sha256(LETTER).hex())
    sign(office, delegate(office, token, described, file=LETTER).token)
    let_seals_be_used(office, sent.dossier, by="desk")
    sign(office, sent.tokens["supplier"])
    attach_evidence(
        office, number, b"report", kind=AttachmentKind.INSPECTION, description="竣工检验", by="drafter"
    )
    wait_final(office)
    close_checkpoint(office)
    wait_final(office)
    report = verify_file(build_package(office, number).package, office.trust, at=office.clock.now())
    assert report.verdict is Verdict.PROVEN, report.checks
    kinds = [one.kind for one in service.records(number)]
    assert kinds.count(RecordKind.EVIDENCE_ATTACHED) == 2
    assert RecordKind.IDENTITY_VERIFIED in kinds
    assert kinds.index(RecordKind.AUTHORITY_DELEGATED) < kinds.index(RecordKind.AGREEMENT_SIGNED)
    about = [one for one in check_everything(office).findings if number in one.en]
    assert about == []
