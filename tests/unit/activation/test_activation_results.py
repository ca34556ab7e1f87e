"""Results that the service has stored are given up in time, and no order is ever signed a second time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from activation_behaviour import DOCUMENT, order_for
from activation_people import Vouchers, new_signer, request_for
from fake_activation import FakeActivation
from fake_vault import FakeVault

from contracts_chain.activation.errors import HandedOverError
from contracts_chain.activation.port import CodeFactor, SignedField
from contracts_chain.activation.vault import Book, Entry
from contracts_chain.evidence.will import SignerRef, WillRequest
from kernel.clock import FixedClock

START = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
KEPT = timedelta(days=30)
PHONE = "13800001234"


class Killed(BaseException):
    """kill -9: nothing catches it."""


class Dying(FakeVault):
    """Dies at one write from now on, before or after it is durable; 0 never."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.after = 0, False

    def put(self, entries: Sequence[Entry]) -> None:
        self.left -= 1
        if self.left != 0 or self.after:
            super().put(entries)
        if self.left == 0:
            raise Killed


class House:
    """One process over memory; its clock moves when told."""

    def __init__(self, directory: Path) -> None:
        self.clock, self.vault = FixedClock(START), Dying()
        self.activation = FakeActivation(directory, self.clock, Vouchers(), vault=self.vault)
        self.signer: SignerRef = new_signer("张三")
        self.activation.attest(self.signer, phone=PHONE)

    def released(self) -> WillRequest:
        request = request_for(self.signer, DOCUMENT)
        self.activation.send_code(request)
        code = self.activation.phone.newest_code(PHONE)
        self.activation.release(request, CodeFactor(code=code))
        return request

    def signed(self, request: WillRequest) -> SignedField:
        return self.activation.sign(order_for(request))

    def settled(self, request: WillRequest) -> None:
        self.activation.settled(request.ceremony, request.documents[0].number)

    def held(self) -> int:
        """Bytes of all results."""
        return sum(len(value) for (book, _), value in self.vault.kept.items() if book is Book.MADE)

    def queued(self) -> int:
        return len([key for book, key in self.vault.kept if book is Book.SETTLED and key.isdigit()])


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("results") / "ca")


def test_a_stored_result_is_given_up_in_time_and_never_signed_again(house: House) -> None:
    request = house.released()
    made = house.signed(request)
    whole = house.held()
    house.settled(request)
    house.clock.advance(KEPT - timedelta(seconds=1))
    house.settled(request)
    assert house.signed(request) == made
    house.clock.advance(timedelta(seconds=1))
    house.settled(request)
    assert house.held() < whole / 10
    with pytest.raises(HandedOverError) as refused:
        house.signed(request)
    assert refused.value.handed_over_utc == "2026-11-20T07:30:00Z"
    assert refused.value.field == "ConsumerPerson"
    seal = order_for(request, made.pdf, field_name="ConsumerSeal")
    assert house.activation.sign(seal).pdf.startswith(made.pdf), "the next field still follows it"


def test_what_nobody_confirmed_is_kept_for_ever(house: House) -> None:
    unconfirmed, confirmed = house.released(), house.released()
    made = house.signed(unconfirmed)
    house.signed(confirmed)
    house.settled(confirmed)
    house.clock.advance(100 * KEPT)
    house.settled(confirmed)
    assert house.signed(unconfirmed) == made
    with pytest.raises(HandedOverError):
        house.signed(confirmed)


def test_a_confirmation_counts_once_and_the_queue_empties(house: House) -> None:
    requests = [house.released() for _ in range(3)]
    for request in requests:
        house.signed(request)
        for _ in range(3):
            house.settled(request)
    assert house.queued() == len(requests)
    house.clock.advance(KEPT)
    house.settled(requests[0])
    assert house.queued() == 0


def test_a_field_that_was_signed_after_the_confirmation_is_given_up_with_the_next(house: House) -> None:
    request = house.released()
    made = house.signed(request)
    house.settled(request)
    seal = order_for(request, made.pdf, field_name="ConsumerSeal")
    house.activation.sign(seal)
    house.settled(request)
    house.clock.advance(KEPT)
    house.settled(request)
    for order in (order_for(request), seal):
        with pytest.raises(HandedOverError):
            house.activation.sign(order)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("due", [False, True])
def test_a_death_while_it_is_noted_or_given_up_loses_nothing(house: House, due: bool, after: bool) -> None:
    """Each is one write; what the service asks again is done then."""
    request = house.released()
    made = house.signed(request)
    if due:
        house.settled(request)
        house.clock.advance(KEPT)
    house.vault.left, house.vault.after = 1, after
    with pytest.raises(Killed):
        house.settled(request)
    if not due:
        assert house.signed(request) == made
    house.settled(request)
    house.clock.advance(KEPT)
    house.settled(request)
    assert house.queued() == 0
    with pytest.raises(HandedOverError):
        house.signed(request)
