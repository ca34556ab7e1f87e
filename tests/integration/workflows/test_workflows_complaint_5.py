"""Complaint 5, timestamps missing or faked: an outage is told by its name, and no time is made up for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workflows_desk import fresh_code, offered, ready_to_sign, records_of, reloaded, sign_as
from workflows_outages import DeadTsa

from api.trial_people import let_seals_be_used
from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.verify_bare import verify_pdf
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.model import PadesLevel, SignatureFinding

PENDING = "SupplierSeal"


@pytest.fixture
def sealed_in_an_outage(office: Office) -> AgreementDossier:
    """Signed by all; no authority gave a token for the last seal."""
    sent = offered(office)
    let_seals_be_used(office, sent.dossier, by="desk")
    sign_as(office, sent.tokens["consumer"])
    token = sent.tokens["supplier"]
    ready_to_sign(office, token)
    code = fresh_code(office, token)
    return sign_with_code(replace(office, timestamps=DeadTsa()), token, code)


def revision(office: Office, dossier: AgreementDossier) -> bytes:
    assert dossier.current_sha256 is not None
    return office.blobs.get(dossier.current_sha256)


def found(office: Office, dossier: AgreementDossier) -> dict[str, SignatureFinding]:
    pdf = revision(office, dossier)
    return {one.field: one for one in inspect_pdf(pdf, office.trust.signatures).signatures}


def test_complaint_5_an_outage_is_b_b_pending_everywhere_and_b_lta_after_the_upgrade(
    office: Office, sealed_in_an_outage: AgreementDossier
) -> None:
    number = sealed_in_an_outage.number
    before = found(office, sealed_in_an_outage)
    assert {name: one.level for name, one in before.items()} == {
        "ConsumerPerson": PadesLevel.B_LTA,
        "ConsumerSeal": PadesLevel.B_LTA,
        "SupplierPerson": PadesLevel.B_LTA,
        PENDING: PadesLevel.B_B,
    }
    assert (before[PENDING].code, before[PENDING].timestamp_utc) == ("timestamp_pending", None)
    assert before[PENDING].integrity is Verdict.PROVEN
    told = verify_pdf(revision(office, sealed_in_an_outage), office.trust, inspect=inspect_pdf)
    time_step = {check.step: check for check in told.checks}[4]
    assert (time_step.verdict, time_step.code) == (Verdict.UNDECIDED, "timestamp_pending")
    assert f"{PENDING} 的时间戳待补加" in time_step.zh
    sealed = [one for one in records_of(office, number) if one.kind is RecordKind.AGREEMENT_SEALED][-1]
    assert (sealed.details["field"], sealed.details["timestamp_utc"]) == (PENDING, "")
    assert sealed_in_an_outage.evidence_state is EvidenceState.PENDING
    upgrade_pending(office)
    after = found(office, reloaded(office, number))
    assert {one.level for one in after.values()} == {PadesLevel.B_LTA}
    stamped = after[PENDING].timestamp_utc
    signed = reloaded(office, number).slot(PENDING).signed_utc
    assert stamped is not None
    assert signed is not None
    assert stamped >= signed.replace(microsecond=0)
