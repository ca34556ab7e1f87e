"""Complaint 10, many documents at once: what the signer compares follows from the documents alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ceremony_reader import read_clauses
from memory_office import MemoryOffice, memory_office, paperless
from offered_sets import offered_set

from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.evidence.will import verify_release
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.reading import serve_text
from contracts_chain.workflows.sign_set import (
    SigningSetView,
    begin_set,
    choose,
    consent_to_set,
    open_set,
    set_view,
    sign_set,
)
from contracts_chain.workflows.will import send_code


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def asked_for_a_code(world: MemoryOffice, token: str) -> SigningSetView:
    """Read what is chosen and ask for the code; the list as it stands then."""
    for line in set_view(world.office, token).chosen:
        serve_text(world.office, line.token)
        read_clauses(world.office, line.token, world.wait)
        choose_mark(world.office, line.token, TypedMark(name=line.view.signer_name))
    consent_to_set(world.office, token)
    send_code(world.office, token)
    return set_view(world.office, token)


def test_complaint_10_the_list_shows_every_digest_and_the_message_the_root_of_just_these(
    world: MemoryOffice,
) -> None:
    numbers = offered_set(world, 3)
    token = open_set(world.office, numbers, "consumer", by="desk")
    begin_set(world.office, token)
    of_three = set_view(world.office, token).fingerprint
    choose(world.office, token, numbers[:2])
    view = asked_for_a_code(world, token)
    approved = [world.tables.agreements[number].approved_sha256 for number in numbers]
    assert [line.view.document_sha256 for line in view.lines] == approved
    assert [line.view.fingerprint for line in view.lines] == [fingerprint(one) for one in approved if one]
    assert len({of_three, view.fingerprint, *(line.view.fingerprint for line in view.lines)}) == 5
    _, message = world.activation.phone.sent[-1]
    assert f"2份合同，总指纹{view.fingerprint}" in message
    assert of_three not in message
    sign_set(world.office, token, CodeFactor(code=world.newest_code))
    (will_id,) = {one.will_id for one in world.tables.ceremonies.values() if one.state == "signed"}
    release = world.activation.released(will_id)
    assert release is not None
    will = verify_release(release.evidence, world.activation.public_key)
    assert fingerprint(will.root) == view.fingerprint
    assert [one.number for one in will.documents] == numbers[:2]
