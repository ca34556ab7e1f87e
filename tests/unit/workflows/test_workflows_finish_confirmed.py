"""Which signatures the sweep takes up: confirmed ones of the party whose turn it is, no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dossiers import a_dossier

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.evidence.trail import Trail, TrailEventKind, append
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.finish_confirmed import owed_slots
from kernel.sized_bytes import Bytes32

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
    return a_dossier(number="N", state=AgreementState.OFFERED, slots=slots)


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
