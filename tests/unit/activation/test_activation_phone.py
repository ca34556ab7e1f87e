"""The phone of unit tests takes messages as a gateway does."""

from __future__ import annotations

import pytest
from fake_activation import FakePhone
from sms_behaviour import Line, SmsBehaviour


class TestThePhoneInMemory(SmsBehaviour):
    @pytest.fixture
    def line(self) -> Line:
        phone = FakePhone()

        def cut() -> None:
            phone.dead = True

        return Line(gateway=phone, taken=lambda: phone.sent, cut=cut)
