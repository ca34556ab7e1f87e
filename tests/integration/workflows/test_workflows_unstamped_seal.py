"""The authority dies between the tokens of the PDF and of the seal signature under SM2 beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workflows_damage import overwritten
from workflows_desk import (
    anchor_all,
    fresh_code,
    kinds_of,
    offered,
    ready_to_sign,
    records_of,
    reloaded,
    sign_as,
    trail_words,
)
from workflows_outages import DyingTsa

from api.house import House
from api.trial_people import let_seals_be_used
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.domestic import kept_ses
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from kernel.verdict import Verdict
from signing.ses.reading import read_ses


@pytest.fixture
def number(house: House) -> str:
    """Executed, every time in the PDF proven; the utility's seal signature under SM2 has no timestamp."""
    office = house.office
    sent = offered(office)
    let_seals_be_used(office, sent.dossier, by="desk")
    sign_as(office, sent.tokens["consumer"])
    token = sent.tokens["supplier"]
    ready_to_sign(office, token)
    code = fresh_code(office, token)
    dying = replace(office, timestamps=DyingTsa(office.timestamps))
    executed = sign_with_code(dying, token, code)
    assert executed.state is AgreementState.EXECUTED
    assert all(slot.timestamp_utc is not None for slot in executed.slots)
    return executed.number


def stamped(house: House, number: str) -> dict[str, bool]:
    with house.office.work() as work:
        kept = kept_ses(work, house.office.blobs, number)
    return {field: read_ses(ses).token is not None for field, ses in kept}


def test_a_seal_signature_left_without_its_timestamp_is_pending_not_damage_and_is_mended(
    house: House, number: str
) -> None:
    office = house.office
    assert stamped(house, number) == {"ConsumerSeal": True, "SupplierSeal": False}
    assert reloaded(office, number).evidence_state is EvidenceState.PENDING
    anchor_all(office)
    before = check_everything(office)
    assert [one.en for one in before.findings if number in one.en] == []
    assert before.untimed >= 1
    assert number in upgrade_pending(office)
    assert stamped(house, number) == {"ConsumerSeal": True, "SupplierSeal": True}
    assert reloaded(office, number).evidence_state is EvidenceState.LOGGED
    assert kinds_of(office, number)[-1] is RecordKind.TIMESTAMP_ADDED
    assert records_of(office, number)[-1].details["field"] == "SupplierSeal"
    assert trail_words(office, number)[-1] == "timestamped"
    assert number not in upgrade_pending(office)
    anchor_all(office)
    after = check_everything(office)
    assert after.findings == before.findings
    assert after.untimed < before.untimed
    assert build_package(office, number).report.verdict is Verdict.PROVEN


def test_a_changed_seal_signature_is_named_by_fsck(house: House, signed: AgreementDossier) -> None:
    with house.office.work() as work:
        (_, digest), *_ = work.domestic_seals.of_agreement(signed.number)
    with overwritten(house.settings.data_dir / "blobs", digest, b"forged"):
        found = [one for one in check_everything(house.office).findings if digest.hex() in one.en]
    assert [one.code for one in found] == ["blob_corrupt"]
