"""A new factor is told to the phone before it counts; what happens to the person meanwhile is not lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from activation_behaviour import DOCUMENT
from activation_people import Vouchers, new_signer, request_for
from fake_activation import FakeActivation, FakePhone
from soft_passkey import SoftPasskey

from contracts_chain.activation.errors import TotpRefusedError
from contracts_chain.activation.person import Person
from kernel.clock import FixedClock

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
PHONE = "13800001234"
SIGNER = new_signer("张三")


class BusyPhone(FakePhone):
    """While it is told of a new factor, something else happens, once."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def send(self, phone: str, text: str) -> None:
        super().send(phone, text)
        if text.startswith("您已登记") and self.meanwhile is not None:
            deed, self.meanwhile = self.meanwhile, None
            deed()


class House:
    def __init__(self, directory: Path) -> None:
        self.phone, self.clock = BusyPhone(), FixedClock(NOW)
        self.activation = FakeActivation(directory, self.clock, Vouchers(), phone=self.phone)
        self.activation.attest(SIGNER, phone=PHONE)

    def code(self) -> str:
        self.activation.send_enrolment_code(SIGNER)
        return self.phone.newest_code(PHONE)

    def person(self) -> Person:
        found = self.activation._register.find(SIGNER)
        assert found is not None
        return found

    def app(self) -> pyotp.TOTP:
        app = pyotp.parse_uri(self.activation.new_totp(SIGNER, self.code()))
        assert isinstance(app, pyotp.TOTP)
        return app

    def digits(self, app: pyotp.TOTP) -> str:
        return app.at(self.clock.now(), counter_offset=1)

    def passkey(self) -> None:
        options = self.activation.new_passkey_options(SIGNER, self.code())
        self.activation.add_passkey(SIGNER, SoftPasskey().create(options))


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("told") / "ca")


def test_a_code_sent_while_a_passkey_is_told_stays_counted(house: House) -> None:
    options = house.activation.new_passkey_options(SIGNER, house.code())
    house.phone.meanwhile = lambda: house.activation.send_code(request_for(SIGNER, DOCUMENT))
    house.activation.add_passkey(SIGNER, SoftPasskey().create(options))
    assert (len(house.person().passkeys), len(house.person().codes_sent)) == (1, 2)


def test_a_passkey_registered_while_an_app_is_told_stays_registered(house: House) -> None:
    app = house.app()
    house.phone.meanwhile = house.passkey
    house.activation.confirm_totp(SIGNER, house.digits(app))
    standing = house.activation.standing(SIGNER)
    assert (standing.passkeys, standing.has_totp, house.person().wrong_tries) == (1, True, 0)


def test_an_app_that_was_replaced_while_it_is_told_does_not_come_into_force(house: House) -> None:
    app = house.app()
    house.phone.meanwhile = house.app
    with pytest.raises(TotpRefusedError):
        house.activation.confirm_totp(SIGNER, house.digits(app))
    assert not house.activation.standing(SIGNER).has_totp
