"""Every state of an agreement has an event (reference §7.2 "States"), told in the commit that enters it.

All deeds run in an office that refuses a commit which moves a state without telling of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from agreement_ways import WAYS, events_of
from memory_office import MemoryOffice, memory_office, paperless
from telling_watch import moves_of, watched

from contracts_chain.agreements.lifecycle import AgreementState


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield watched(memory_office())


@pytest.mark.parametrize("state", AgreementState)
def test_every_state_of_an_agreement_is_told_when_it_is_entered(
    world: MemoryOffice, state: AgreementState
) -> None:
    number = WAYS[state](world)
    assert world.tables.agreements[number].state is state
    told = events_of(world, number)
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    assert list(moves_of(told, "state"))[-1]["after"] == state.value
