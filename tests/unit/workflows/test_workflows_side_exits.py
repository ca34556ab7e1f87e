"""How an agreement ends without a contract: rejected, lapsed; and what is looked at before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from memory_office import MemoryOffice, memory_office, paperless, sample

from contracts_chain.agreements.lifecycle import AgreementState, TransitionRefusedError
from contracts_chain.agreements.separation import SeparationOfDutiesError
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.workflows.ceremony import begin, sign_with_code
from contracts_chain.workflows.draft_errors import OfferOverError, ReasonMissingError
from contracts_chain.workflows.errors import SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.lapse import lapse_overdue, last_day_of_offer, verify_offer_stands
from contracts_chain.workflows.offer import Offer, offer, renew_link
from contracts_chain.workflows.people import bind_identity
from contracts_chain.workflows.preflight import NotReadyError, preflight
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.withdraw import RejectionReason, reject, withdraw

FRIDAY, SATURDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)
LATER = date(2027, 1, 5)


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def approved(world: MemoryOffice) -> str:
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="wang")
    return number


def offered(world: MemoryOffice) -> Offer:
    return offer(world.office, approved(world), by="desk")


def kinds(world: MemoryOffice) -> list[RecordKind]:
    return [Record.parse(row.record).kind for row in world.tables.log_rows]


def states(world: MemoryOffice) -> set[str]:
    return {one.state for one in world.tables.ceremonies.values()}


@pytest.mark.parametrize(
    ("sign_by", "valid_from", "last"),
    [
        (FRIDAY, LATER, FRIDAY),
        (SATURDAY, LATER, MONDAY),
        (SATURDAY, MONDAY, SATURDAY),
        (SATURDAY, SATURDAY, SATURDAY),
        (date(2026, 10, 1), LATER, date(2026, 10, 8)),
    ],
)
def test_a_last_day_on_a_day_off_moves_on_but_never_into_the_term(
    sign_by: date, valid_from: date, last: date
) -> None:
    terms = replace(sample(), sign_by=sign_by, valid_from=valid_from)
    assert last_day_of_offer(terms, house_calendar()) == last


def test_the_last_day_ends_at_midnight_in_beijing(world: MemoryOffice) -> None:
    dossier = replace(offered(world).dossier, offer_until=FRIDAY)
    midnight = datetime(2026, 11, 27, 16, tzinfo=UTC)
    verify_offer_stands(dossier, midnight - timedelta(seconds=1))
    with pytest.raises(OfferOverError, match="2026-11-27"):
        verify_offer_stands(dossier, midnight)


def test_an_offer_past_its_last_day_lapses_once_with_a_leaf_and_dead_links(world: MemoryOffice) -> None:
    made = offered(world)
    assert lapse_overdue(world.office) == 0
    world.clock.advance(timedelta(days=60))
    with pytest.raises(OfferOverError):
        begin(world.office, made.tokens["consumer"])
    assert (lapse_overdue(world.office), lapse_overdue(world.office)) == (1, 0)
    assert world.tables.agreements[made.dossier.number].state is AgreementState.LAPSED
    assert states(world) == {"closed"}
    assert kinds(world)[-1] is RecordKind.AGREEMENT_LAPSED
    assert world.draft() != made.dossier.number


def test_who_confirmed_the_code_in_time_is_waited_for(world: MemoryOffice) -> None:
    made = offered(world)
    ceremony = next(one for one in world.tables.ceremonies.values() if one.role == "consumer")
    world.tables.ceremonies[ceremony.id] = replace(ceremony, state="confirmed")
    world.clock.advance(timedelta(days=60))
    assert lapse_overdue(world.office) == 0
    assert world.tables.agreements[made.dossier.number].state is AgreementState.OFFERED


def test_a_party_that_rejects_ends_the_agreement_for_all_with_its_reason(world: MemoryOffice) -> None:
    made = offered(world)
    ended = reject(world.office, made.tokens["supplier"], reason=RejectionReason.CLAUSE, words="第七条")
    assert ended.state is AgreementState.REJECTED
    assert states(world) == {"closed"}
    record = Record.parse(world.tables.log_rows[-1].record)
    assert record.kind is RecordKind.AGREEMENT_REJECTED
    assert record.details == {"reason": "clause", "role": "supplier", "words": "第七条"}
    with pytest.raises(SignatureTurnError):
        begin(world.office, made.tokens["consumer"])
    with pytest.raises(SignatureTurnError):
        reject(world.office, made.tokens["consumer"], reason=RejectionReason.NOT_ME)


@pytest.mark.parametrize("reason", [RejectionReason.CLAUSE, RejectionReason.OTHER])
def test_some_reasons_need_words(world: MemoryOffice, reason: RejectionReason) -> None:
    token = offered(world).tokens["consumer"]
    with pytest.raises(ReasonMissingError):
        reject(world.office, token, reason=reason, words=" ")


def test_who_has_signed_cannot_reject_any_more(world: MemoryOffice) -> None:
    made = offered(world)
    world.sign(made.tokens["consumer"])
    with pytest.raises(SignatureTurnError):
        reject(world.office, made.tokens["consumer"], reason=RejectionReason.NOT_ME)
    with pytest.raises(UnknownNumberError):
        reject(world.office, "no such link", reason=RejectionReason.NOT_ME)


def test_a_signer_who_turns_out_to_be_the_reviewer_signs_nothing(world: MemoryOffice) -> None:
    made = offered(world)
    token, signer = made.tokens["consumer"], sample().consumer.signer
    code = world.code(token)
    bind_identity(world.office, account="wang", id_type=signer.id_type, id_no=signer.id_no)
    with pytest.raises(SeparationOfDutiesError):
        sign_with_code(world.office, token, code)
    assert not any(slot.signed for slot in world.tables.agreements[made.dossier.number].slots)
    bind_identity(world.office, account="wang", id_type=IdType.RESIDENT_ID, id_no="11010519491231002X")
    assert sign_with_code(world.office, token, code).state is AgreementState.PARTLY_SIGNED


def test_a_formed_contract_is_not_withdrawn(world: MemoryOffice) -> None:
    made = offered(world)
    for role in ("consumer", "supplier"):
        world.sign(made.tokens[role])
    with pytest.raises(TransitionRefusedError):
        withdraw(world.office, made.dossier.number, reason="客户申请", by="desk")


def test_a_renewed_link_is_over_the_same_bytes(world: MemoryOffice) -> None:
    made = offered(world)
    renew_link(world.office, made.dossier.number, "consumer", by="desk")
    assert {one.document_sha256 for one in world.tables.ceremonies.values()} == {made.dossier.approved_sha256}


def test_an_agreement_that_is_ready_has_nothing_to_mend(world: MemoryOffice) -> None:
    items = preflight(world.office, approved(world))
    assert [item.name for item in items] == [
        "document",
        "day",
        "fonts",
        "certificates",
        "seals",
        "annexes",
        "related",
        "seal_approval",
        "annexes_elsewhere",
        "timestamps",
        "chain",
    ]
    assert [item.name for item in items if not item.is_ready] == ["annexes_elsewhere"]


def test_what_may_recover_is_listed_and_does_not_stop_the_offer(world: MemoryOffice) -> None:
    number = approved(world)
    world.chain.dead = True
    told = {item.name: item for item in preflight(world.office, number) if not item.is_ready}
    assert set(told) == {"annexes_elsewhere", "chain"}
    assert told["chain"].code == ChainUnavailableError.code
    assert not told["chain"].hard
    assert offer(world.office, number, by="desk").dossier.state is AgreementState.OFFERED


def _late(world: MemoryOffice) -> Any:
    world.clock.advance(timedelta(days=400))
    return world.office


def _distrusted(world: MemoryOffice) -> Any:
    nobody = SimpleNamespace(signatures=SimpleNamespace(ca_roots=(), tsa_roots=()))
    return replace(world.office, trust=nobody)


def _expired(world: MemoryOffice) -> Any:
    world.clock.advance(timedelta(days=5000))
    return world.office


@pytest.mark.parametrize(
    ("spoil", "names"),
    [(_late, {"day"}), (_distrusted, {"certificates"}), (_expired, {"day", "certificates"})],
)
def test_nothing_is_sent_while_something_hard_stands_in_the_way(
    world: MemoryOffice, spoil: Any, names: set[str]
) -> None:
    number = approved(world)
    office = spoil(world)
    with pytest.raises(NotReadyError) as refused:
        offer(office, number, by="desk")
    assert {item.name for item in refused.value.items} == names
    assert all(item.en and item.zh for item in refused.value.items)
    assert world.tables.agreements[number].state is AgreementState.APPROVED
    assert world.tables.ceremonies == {}
