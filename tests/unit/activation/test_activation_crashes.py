"""The process dies before or after any of its writes: nothing is lost, nothing is signed twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from activation_behaviour import DOCUMENT, Trial, order_for
from activation_people import Vouchers, request_for
from fake_activation import FakeActivation
from fake_vault import FakeVault
from soft_passkey import SoftPasskey

from contracts_chain.activation.errors import CodeExpiredError
from contracts_chain.activation.port import CodeFactor, SignedField
from contracts_chain.activation.vault import Book, Entry
from contracts_chain.evidence.will import Release, WillRequest, verify_release
from kernel.clock import FixedClock
from signing.inspection import inspect_pdf
from signing.model import SignatureTrust

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
WRITES = 6
"""Person; code sent; try counted; release; two signatures. A later write would be another step."""
WRITES_OF_A_PASSKEY = 5
"""Person; code sent; try counted; code spent; passkey."""


class _Killed(BaseException):
    """kill -9: nothing catches it."""


@dataclass
class _Dying(FakeVault):
    """Dies at one write, before or after it is durable."""

    at: int
    after: bool

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__()
        self.at, self.after, self.writes = at, after, 0

    def put(self, entries: Sequence[Entry]) -> None:
        if any(entry.book is Book.OWN for entry in entries):
            return super().put(entries)
        self.writes += 1
        if self.writes == self.at and not self.after:
            raise _Killed
        super().put(entries)
        if self.writes == self.at:
            raise _Killed
        return None


@dataclass
class _Service:
    """The service's side of a ceremony; it goes on after each death as a person would."""

    fake: FakeActivation
    trial: Trial
    attestation: bytes
    deaths: int = 0

    def run(self, request: WillRequest) -> tuple[Release, SignedField, SignedField]:
        self._again(lambda: self.trial.activation.enrol(self.attestation))
        release = self._again(lambda: self._release(request))
        first = self._again(lambda: self.trial.activation.sign(order_for(request)))
        seal = order_for(request, first.pdf, field_name="ConsumerSeal")
        return release, first, self._again(lambda: self.trial.activation.sign(seal))

    def _release(self, request: WillRequest) -> Release:
        held = self.trial.activation.released(request.ceremony)
        if held is not None:
            return held
        self.trial.activation.send_code(request)
        code = CodeFactor(code=self.trial.newest_code(self.trial.phone))
        return self.trial.activation.release(request, code)

    def _again(self, step):  # type: ignore[no-untyped-def]
        try:
            return step()
        except _Killed:
            self.deaths += 1
            self.fake = self.fake.restarted()
            self.trial.activation = self.fake
            return step()


@pytest.fixture(scope="session")
def ca_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("activation-crashes") / "ca"


def _service(ca_directory: Path, vault: FakeVault) -> _Service:
    fake = FakeActivation(ca_directory, FixedClock(NOW), Vouchers(), vault=vault)
    trial = Trial(
        activation=fake,
        vouchers=fake.vouchers,
        newest_code=fake.phone.newest_code,
        now=fake.clock.now,
        public_key=fake.public_key,
        trust=SignatureTrust(ca_roots=fake.ca.roots, tsa_roots=fake.ca.tsa_roots),
    )
    return _Service(
        fake=fake, trial=trial, attestation=fake.vouchers.attest(trial.zhang, NOW, phone=trial.phone)
    )


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, WRITES + 1))
def test_a_death_at_any_write_loses_nothing_and_signs_nothing_twice(
    ca_directory: Path, at: int, after: bool
) -> None:
    vault = _Dying(at, after=after)
    service = _service(ca_directory, vault)
    request = request_for(service.trial.zhang, DOCUMENT)
    release, first, second = service.run(request)
    assert service.deaths == 1
    assert verify_release(release.evidence, service.trial.public_key).root == request.root
    assert [one.field for one in inspect_pdf(second.pdf, service.trial.trust).signatures] == [
        "ConsumerPerson",
        "ConsumerSeal",
    ]
    assert service.trial.activation.sign(order_for(request)) == first
    made = [key for book, key in vault.kept if book is Book.MADE and key.startswith("order:")]
    assert len(made) == 2


def test_the_matrix_names_every_write(ca_directory: Path) -> None:
    vault = _Dying(99, after=False)
    service = _service(ca_directory, vault)
    service.run(request_for(service.trial.zhang, DOCUMENT))
    assert vault.writes == WRITES


def test_a_death_after_a_counted_try_does_not_give_it_back(ca_directory: Path) -> None:
    vault = _Dying(3, after=True)
    service = _service(ca_directory, vault)
    service.fake.enrol(service.attestation)
    request = request_for(service.trial.zhang, DOCUMENT)
    service.fake.send_code(request)
    with pytest.raises(_Killed):
        service.fake.release(request, CodeFactor(code="000000"))
    again = service.fake.restarted()
    with pytest.raises(CodeExpiredError):
        again.release(request, CodeFactor(code=service.trial.newest_code(service.trial.phone)))
    [person] = [value for (book, _), value in vault.kept.items() if book is Book.PEOPLE]
    assert b'"wrong_tries":1' in person


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, WRITES_OF_A_PASSKEY + 1))
def test_a_passkey_registered_around_a_death_is_one_and_its_phone_is_told(
    ca_directory: Path, at: int, after: bool
) -> None:
    service = _service(ca_directory, _Dying(at, after=after))
    trial, device = service.trial, SoftPasskey()

    def told() -> int:
        texts = [text for phone, text in service.fake.phone.sent if phone == trial.phone]
        return len([text for text in texts if text.startswith("您已登记通行密钥")])

    def register() -> None:
        if trial.activation.standing(trial.zhang).passkeys:
            assert told() == 1, "no factor is gained unseen, whatever dies"
            return
        trial.activation.send_enrolment_code(trial.zhang)
        options = trial.activation.new_passkey_options(trial.zhang, trial.newest_code(trial.phone))
        trial.activation.add_passkey(trial.zhang, device.create(options))

    service._again(lambda: trial.activation.enrol(service.attestation))
    service._again(register)
    assert service.deaths == 1
    assert trial.activation.standing(trial.zhang).passkeys == 1
    assert told() >= 1
