"""Text messages of the outbox: each goes out, one that cannot go out holds up no other."""

from __future__ import annotations

import json

import pytest
from callback_callers import CallbackHouse

from contracts_chain.workflows.deliver import SMS, deliver_outbox
from kernel.errors import FaultError


class Gateway:
    """Takes everything but for some telephones."""

    def __init__(self, *, refuses: str = "-") -> None:
        self.refuses = refuses
        self.asked, self.sent = 0, list[str]()

    def send(self, phone: str, text: str) -> None:
        self.asked += 1
        if phone in self.refuses:
            raise FaultError("the gateway takes no message for it", "网关未接收")
        self.sent.append(f"{phone} {text}")


def waiting(*phones: str) -> CallbackHouse:
    house = CallbackHouse()
    with house.office.work() as work:
        for phone in phones:
            payload = json.dumps({"phone": phone, "text": "您好"}).encode()
            work.outbox.put(SMS, "C-1", payload, house.clock.now())
        work.commit()
    return house


def test_a_message_goes_out_once_and_its_content_is_forgotten() -> None:
    house, gateway = waiting("1", "2"), Gateway()
    assert [deliver_outbox(house.office, gateway) for _ in range(2)] == [2, 0]
    assert gateway.sent == ["1 您好", "2 您好"]
    assert [one.payload for one in house.tables.drafts.outbox.values()] == [b"", b""]


def test_a_message_that_is_not_taken_stays_and_holds_up_no_other() -> None:
    house, gateway = waiting("1", "2", "3"), Gateway(refuses="2")
    for _ in range(2):
        with pytest.raises(FaultError):
            deliver_outbox(house.office, gateway)
    assert gateway.sent == ["1 您好", "3 您好"]
    gateway.refuses = "-"
    assert deliver_outbox(house.office, gateway) == 1
    assert gateway.sent[2:] == ["2 您好"]


def test_a_gateway_that_is_down_is_not_asked_for_every_message() -> None:
    house, gateway = waiting("1", "2", "3", "4", "5"), Gateway(refuses="12345")
    with pytest.raises(FaultError):
        deliver_outbox(house.office, gateway)
    assert (gateway.asked, gateway.sent) == (3, [])
