"""Dossiers: whose turn it is follows from what is signed, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository_behaviour import NOW, a_dossier

from contracts_chain.workflows.dossier import AgreementDossier, IntentRow
from kernel.digests import sha256


def with_signed(made: int) -> AgreementDossier:
    dossier = a_dossier()
    signed = (replace(slot, certificate_sha256=sha256(b"certificate")) for slot in dossier.slots[:made])
    return replace(dossier, slots=(*signed, *dossier.slots[made:]))


@given(st.integers(0, 3))
def test_the_turn_is_the_first_slot_that_is_not_signed(made: int) -> None:
    dossier = with_signed(made)
    assert dossier.next_slot == dossier.slots[made]
    assert [slot.signed for slot in dossier.slots] == [True] * made + [False] * (4 - made)


def test_nobody_has_the_turn_when_all_have_signed() -> None:
    assert with_signed(4).next_slot is None


def test_a_slot_is_found_by_the_name_of_its_field() -> None:
    dossier = a_dossier()
    assert [dossier.slot(slot.field) for slot in dossier.slots] == list(dossier.slots)


def test_a_field_that_does_not_exist_is_a_fault_of_the_caller() -> None:
    with pytest.raises(KeyError):
        a_dossier().slot("WitnessPerson")


@pytest.mark.parametrize(("outcome", "done"), [(None, False), (b"", True), (b"{}", True)])
def test_an_intent_is_done_when_any_outcome_is_stored(outcome: bytes | None, done: bool) -> None:
    intent = IntentRow(
        key="sign:N:F", kind="sign", subject="N", payload=b"{}", opened_utc=NOW, outcome=outcome
    )
    assert intent.done is done
