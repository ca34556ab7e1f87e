"""Re-opened before it counts: a revision that does not pass changes nothing, and an honest one signs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows import sign
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.sign import sign_slot
from kernel.verdict import Verdict
from signing.model import PdfFindings

FIELD = "ConsumerPerson"


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


@pytest.fixture
def number(world: MemoryOffice) -> str:
    """A contract whose consumer has confirmed its will; nothing is signed yet."""
    drafted = world.draft()
    submit_for_review(world.office, drafted, by="li")
    approve(world.office, drafted, reviewer="wang")
    world.release(offer(world.office, drafted, by="desk").tokens["consumer"])
    return drafted


def forged(found: PdfFindings) -> PdfFindings:
    (one,) = found.signatures
    return replace(found, signatures=(replace(one, integrity=Verdict.REFUTED, code="signature_forged"),))


def of_a_stranger(found: PdfFindings) -> PdfFindings:
    (one,) = found.signatures
    return replace(found, signatures=(replace(one, chain=Verdict.UNDECIDED, code="unknown_issuer"),))


def without_the_signature(found: PdfFindings) -> PdfFindings:
    return replace(found, signatures=())


def with_one_too_many(found: PdfFindings) -> PdfFindings:
    (one,) = found.signatures
    return replace(found, signatures=(one, replace(one, field="SupplierPerson")))


def with_a_changed_tail(found: PdfFindings) -> PdfFindings:
    return replace(found, tail=Verdict.REFUTED, tail_code="tail_changes_document")


@pytest.mark.parametrize(
    "spoil", [forged, of_a_stranger, without_the_signature, with_one_too_many, with_a_changed_tail]
)
def test_a_revision_that_does_not_pass_its_re_check_counts_for_nothing(
    world: MemoryOffice, number: str, spoil: Callable[[PdfFindings], PdfFindings]
) -> None:
    honest, before = sign.inspect_pdf, world.tables.agreements[number]
    with (
        patch.object(sign, "inspect_pdf", lambda pdf, trust: spoil(honest(pdf, trust))),
        pytest.raises(UnsoundSignatureError),
    ):
        sign_slot(world.office, number, FIELD, actor="tester")
    assert world.tables.agreements[number] == before
    told = {event.event for event in verify_trail(world.tables.trails[number])}
    assert TrailEventKind.SIGNED not in told
    kinds = {Record.parse(row.record).kind for row in world.tables.log_rows}
    assert RecordKind.AGREEMENT_SIGNED not in kinds
    assert sign_slot(world.office, number, FIELD, actor="tester").slot(FIELD).signed
