"""Which signatures the sweep takes up: confirmed ones of the party whose turn it is, no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.unfinished import owed_slots
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.evidence.trail import Trail, TrailEventKind, append
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from kernel.ids import AgreementId
from kernel.sized_bytes import BlockHash, Bytes32

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
ORDER = ("ConsumerPerson", "ConsumerSeal", "SupplierPerson", "SupplierSeal")


def dossier(signed: int) -> AgreementDossier:
    slots = tuple(
        SlotFile(
            ordinal=ordinal,
            field=name,
            role=name.removesuffix("Person").removesuffix("Seal").lower(),
            kind="person" if name.endswith("Person") else "seal",
            signer_name="王小明",
            organisation="o",
            organisation_id="i",
            seal_name="s",
            certificate_sha256=Bytes32(bytes(32)) if ordinal < signed else None,
        )
        for ordinal, name in enumerate(ORDER)
    )
    return AgreementDossier(
        id=AgreementId("a"),
        number="N",
        kind="HV_SUPPLY",
        order_no="O",
        state=AgreementState.OFFERED,
        evidence_state=EvidenceState.LOGGED,
        version=1,
        terms=b"{}",
        rule_pack="r",
        profile="p",
        template="t",
        template_sha256=Bytes32(bytes(32)),
        drafted_by="drafter",
        drafted_utc=NOW,
        not_before_number=1,
        not_before_hash=BlockHash(bytes(32)),
        slots=slots,
    )


def trail(*events: tuple[TrailEventKind, str]) -> Trail:
    so_far: Trail = ()
    for event, role in events:
        so_far = append(so_far, event, occurred_utc=NOW, actor=role, details={"role": role})
    return so_far


CONFIRMED = TrailEventKind.CODE_CONFIRMED


@pytest.mark.parametrize(
    ("signed", "events", "owed"),
    [
        (0, (), ()),
        (0, ((TrailEventKind.CODE_SENT, "consumer"),), ()),
        (0, ((CONFIRMED, "consumer"),), ORDER[:2]),
        (1, ((CONFIRMED, "consumer"),), ORDER[1:2]),
        (2, ((CONFIRMED, "consumer"),), ()),
        (0, ((CONFIRMED, "supplier"),), ()),
        (2, ((CONFIRMED, "consumer"), (CONFIRMED, "supplier")), ORDER[2:]),
        (4, ((CONFIRMED, "consumer"), (CONFIRMED, "supplier")), ()),
    ],
)
def test_only_confirmed_fields_of_the_party_in_turn_are_owed(
    signed: int, events: tuple[tuple[TrailEventKind, str], ...], owed: tuple[str, ...]
) -> None:
    found = owed_slots(dossier(signed), trail(*events), NOW)
    assert tuple(slot.field for slot in found) == owed


def test_a_fresh_confirmation_is_left_to_its_own_request() -> None:
    assert owed_slots(dossier(0), trail((CONFIRMED, "consumer")), NOW - timedelta(seconds=1)) == ()
