"""What every ``SmsGateway`` of the activation process does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from contracts_chain.activation.errors import MessageNotSentError
from contracts_chain.activation.sms_gateway import SmsGateway

__all__ = ["Line", "SmsBehaviour"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A gateway, what it took in so far, and how it is cut off."""

    gateway: SmsGateway
    taken: Callable[[], list[tuple[str, str]]]
    cut: Callable[[], None]


class SmsBehaviour:
    """Mixed into a test class that has a fixture ``line``."""

    def test_messages_arrive_in_order_with_phone_and_text(self, line: Line) -> None:
        messages = [("13800001234", "签署码000000"), ("13900001234", "登记码000001")]
        for phone, text in messages:
            line.gateway.send(phone, text)
        assert line.taken() == messages

    def test_what_was_not_taken_is_told_and_nothing_arrives(self, line: Line) -> None:
        line.gateway.send("13800001234", "签署码000000")
        line.cut()
        with pytest.raises(MessageNotSentError):
            line.gateway.send("13800001234", "签署码000001")
        assert line.taken() == [("13800001234", "签署码000000")]
