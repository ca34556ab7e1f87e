"""Many contracts, one act of will (complaint 10): every one by itself, none because of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from ceremony_reader import read_clauses
from memory_office import MemoryOffice, memory_office, paperless, sample
from offered_sets import offered_set

from contracts_chain.activation.errors import CodeExpiredError, WrongCodeError
from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.evidence.will import verify_release
from contracts_chain.workflows.ceremony import begin, open_link
from contracts_chain.workflows.ceremony_errors import (
    ClausesUnreadError,
    NothingChosenError,
    NotSameSignerError,
)
from contracts_chain.workflows.errors import PagesUnreadError, UnknownNumberError
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.reading import serve_text
from contracts_chain.workflows.sign_set import (
    begin_set,
    choose,
    consent_to_set,
    open_set,
    set_view,
    sign_set,
    sign_set_again,
)
from contracts_chain.workflows.will import send_code
from contracts_chain.workflows.withdraw import RejectionReason, reject
from kernel.canonical_json import JsonObject

MANY = 37


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def read_all(world: MemoryOffice, token: str) -> None:
    """The whole text of each chosen contract; each key clause once."""
    begin_set(world.office, token)
    for line in set_view(world.office, token).chosen:
        serve_text(world.office, line.token)
        read_clauses(world.office, line.token, world.wait)
        choose_mark(world.office, line.token, TypedMark(name=line.view.signer_name))


def code_of(world: MemoryOffice, token: str) -> str:
    read_all(world, token)
    consent_to_set(world.office, token)
    send_code(world.office, token)
    return world.newest_code


def signed(world: MemoryOffice, number: str) -> bool:
    return all(slot.signed for slot in world.tables.agreements[number].slots if slot.role == "consumer")


def told(world: MemoryOffice, number: str, kind: TrailEventKind) -> list[JsonObject]:
    return [one.details for one in verify_trail(world.tables.trails[number]) if one.event is kind]


def a_set(world: MemoryOffice, numbers: Sequence[str]) -> str:
    return open_set(world.office, numbers, "consumer", by="desk")


@pytest.mark.parametrize("count", [4, pytest.param(MANY, marks=pytest.mark.long)])
def test_complaint_10_many_contracts_are_signed_by_one_code_and_each_proves_it(
    world: MemoryOffice, count: int
) -> None:
    numbers = offered_set(world, count)
    token = a_set(world, numbers)
    code = code_of(world, token)
    assert world.codes_sent == 1
    view = set_view(world.office, token)
    outcome = sign_set(world.office, token, CodeFactor(code=code))
    assert (outcome.signed, outcome.failed) == (tuple(numbers), ())
    for number in numbers:
        (confirmed,) = told(world, number, TrailEventKind.WILL_CONFIRMED)
        release = confirmed["release"]
        assert isinstance(release, dict)
        will = verify_release(release, world.activation.public_key)
        assert [document.number for document in will.documents] == numbers
        assert will.document(number).document_sha256 == world.tables.agreements[number].approved_sha256
        assert fingerprint(will.root) == view.fingerprint
        assert signed(world, number)


def test_the_same_key_clause_is_read_once_and_stands_on_every_trail(world: MemoryOffice) -> None:
    numbers = offered_set(world, 3)
    token = a_set(world, numbers)
    begin_set(world.office, token)
    first = set_view(world.office, token).lines[0]
    serve_text(world.office, first.token)
    before = world.clock.now()
    read_clauses(world.office, first.token, world.wait)
    once = sum(due.seconds for due in first.view.plan.clauses)
    assert (world.clock.now() - before).total_seconds() == once
    for line in set_view(world.office, token).lines[1:]:
        same = {due.sha256 for due in first.view.plan.clauses}
        own = [at for at, due in enumerate(line.view.plan.clauses, start=1) if due.sha256 not in same]
        assert list(line.view.progress.clauses_due) == own
        read = told(world, line.view.number, TrailEventKind.CLAUSE_CONFIRMED)
        assert {one["read_in"] for one in read} == {numbers[0]}


def test_each_contract_of_a_set_is_read_by_itself(world: MemoryOffice) -> None:
    token = a_set(world, offered_set(world, 2))
    begin_set(world.office, token)
    first = set_view(world.office, token).lines[0]
    serve_text(world.office, first.token)
    read_clauses(world.office, first.token, world.wait)
    choose_mark(world.office, first.token, TypedMark(name=first.view.signer_name))
    with pytest.raises((PagesUnreadError, ClausesUnreadError)):
        consent_to_set(world.office, token)


def test_what_is_not_chosen_stays_unsigned_and_can_be_signed_alone_later(world: MemoryOffice) -> None:
    numbers = offered_set(world, 3)
    token = a_set(world, numbers)
    choose(world.office, token, numbers[:2])
    outcome = sign_set(world.office, token, CodeFactor(code=code_of(world, token)))
    assert outcome.signed == tuple(numbers[:2])
    assert not signed(world, numbers[2])
    left = set_view(world.office, token).lines[2]
    world.sign(left.token)
    assert signed(world, numbers[2])
    assert world.codes_sent == 2


def test_one_refusal_leaves_the_others_untouched(world: MemoryOffice) -> None:
    numbers = offered_set(world, 3)
    token = a_set(world, numbers)
    read_all(world, token)
    reject(world.office, set_view(world.office, token).lines[1].token, reason=RejectionReason.NOT_ME)
    consent_to_set(world.office, token)
    send_code(world.office, token)
    outcome = sign_set(world.office, token, CodeFactor(code=world.newest_code))
    assert outcome.signed == (numbers[0], numbers[2])
    assert world.tables.agreements[numbers[1]].state is AgreementState.REJECTED


def test_one_failure_can_be_tried_again_and_nothing_is_signed_twice(world: MemoryOffice) -> None:
    numbers = offered_set(world, 3)
    token = a_set(world, numbers)
    code = code_of(world, token)
    world.activation.refused_fields = {"ConsumerSeal"}
    outcome = sign_set(world.office, token, CodeFactor(code=code))
    assert (len(outcome.signed), [number for number, _ in outcome.failed]) == (0, numbers)
    world.activation.refused_fields = set()
    again = sign_set_again(world.office, token)
    assert (again.signed, again.failed) == (tuple(numbers), ())
    assert [len(told(world, number, TrailEventKind.SIGNED)) for number in numbers] == [1, 1, 1]
    assert world.codes_sent == 1


def test_the_sweep_finishes_a_set_whose_request_died(world: MemoryOffice) -> None:
    numbers = offered_set(world, 2)
    token = a_set(world, numbers)
    code = code_of(world, token)
    world.activation.refused_fields = {"ConsumerPerson"}
    sign_set(world.office, token, CodeFactor(code=code))
    world.activation.refused_fields = set()
    world.wait(61)
    assert finish_confirmed(world.office) == 2
    assert all(signed(world, number) for number in numbers)


def test_a_code_for_one_choice_is_useless_for_another(world: MemoryOffice) -> None:
    numbers = offered_set(world, 3)
    token = a_set(world, numbers)
    code = code_of(world, token)
    choose(world.office, token, numbers[:2])
    with pytest.raises(CodeExpiredError):
        sign_set(world.office, token, CodeFactor(code=code))
    assert not any(signed(world, number) for number in numbers)


def test_a_wrong_code_signs_nothing_and_is_on_every_trail(world: MemoryOffice) -> None:
    numbers = offered_set(world, 2)
    token = a_set(world, numbers)
    code_of(world, token)
    with pytest.raises(WrongCodeError):
        sign_set(world.office, token, CodeFactor(code="000000"))
    assert [len(told(world, number, TrailEventKind.CODE_REFUSED)) for number in numbers] == [1, 1]
    assert not any(signed(world, number) for number in numbers)


def test_contracts_of_different_signers_are_never_one_set(world: MemoryOffice) -> None:
    numbers = offered_set(world, 2)
    with pytest.raises(NotSameSignerError):
        open_set(world.office, numbers, "supplier", by="desk")  # not its turn
    consumer = sample().consumer
    assert consumer.legal_rep is not None or consumer.agent is not None
    for wrong in ([], ["SG-NONE"] * 1):
        with pytest.raises((NothingChosenError, UnknownNumberError)):
            open_set(world.office, wrong, "consumer", by="desk")
    token = a_set(world, numbers)
    with pytest.raises(NothingChosenError):
        choose(world.office, token, ["SG-NONE"])


def test_the_links_given_before_are_closed_by_a_set(world: MemoryOffice) -> None:
    (number,) = offered_set(world, 1)
    with world.office.work() as work:
        old = [one.id for one in work.ceremonies.of_agreement(number) if one.role == "consumer"]
    token = a_set(world, [number])
    with world.office.work() as work:
        assert {work.ceremonies.load(one).state for one in old} == {"closed"}
    (line,) = set_view(world.office, token).lines
    begin(world.office, line.token)
    assert open_link(world.office, line.token).set_id is not None
