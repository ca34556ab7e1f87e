"""An authority that takes its time over a holder's key: its holder waits, nobody else does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from activation_behaviour import own_key, own_key_proof
from activation_people import Vouchers, new_signer, request_for
from fake_activation import FakeActivation

from contracts_chain.activation.errors import CodeExpiredError
from contracts_chain.activation.port import CodeFactor
from kernel.clock import FixedClock

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
PATIENCE = 30.0
HOLDER_PHONE, OTHER_PHONE = "13800000001", "13800000002"


class Slow:
    """Certifies as the authority does, once it is let through; may fail then."""

    def __init__(self, desk: FakeActivation) -> None:
        self.asked, self.let_through = threading.Event(), threading.Event()
        self.fails = False
        self._certify = desk.ca.certify_person

    def certify_person(self, *given: Any, **named: Any) -> tuple[bytes, ...]:
        self.asked.set()
        assert self.let_through.wait(PATIENCE), "nobody else could go on"
        if self.fails:
            raise TimeoutError
        return self._certify(*given, **named)


@pytest.fixture(scope="session")
def ca_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slow-authority") / "ca"


@pytest.fixture
def desk(ca_directory: Path) -> FakeActivation:
    return FakeActivation(ca_directory, FixedClock(NOW), Vouchers())


@pytest.fixture
def slow(desk: FakeActivation, monkeypatch: pytest.MonkeyPatch) -> Slow:
    authority = Slow(desk)
    monkeypatch.setattr(desk.ca, "certify_person", authority.certify_person)
    return authority


def test_another_persons_code_is_answered_while_a_key_is_being_certified(
    desk: FakeActivation, slow: Slow
) -> None:
    holder, other = new_signer("张三"), new_signer("李四")
    desk.attest(holder, phone=HOLDER_PHONE)
    desk.attest(other, phone=OTHER_PHONE)
    key, public = own_key()
    desk.send_enrolment_code(holder)
    proof = own_key_proof(key, public, "张三", desk.phone.newest_code(HOLDER_PHONE))
    request = request_for(other, b"two")
    with ThreadPoolExecutor(2) as beside:
        certifying = beside.submit(desk.certify_own_key, holder, public, proof)
        assert slow.asked.wait(PATIENCE)
        beside.submit(desk.send_code, request).result(PATIENCE / 2)
        factor = CodeFactor(code=desk.phone.newest_code(OTHER_PHONE))
        released = beside.submit(desk.release, request, factor).result(PATIENCE / 2)
        with pytest.raises(CodeExpiredError):  # the holder's code was spent before the authority was asked
            desk.certify_own_key(holder, public, proof)
        slow.let_through.set()
        assert certifying.result(PATIENCE)
    assert desk.released(request.ceremony) == released


def test_an_authority_that_fails_late_leaves_the_desk_in_order(desk: FakeActivation, slow: Slow) -> None:
    holder = new_signer("张三")
    desk.attest(holder, phone=HOLDER_PHONE)
    key, public = own_key()
    desk.send_enrolment_code(holder)
    proof = own_key_proof(key, public, "张三", desk.phone.newest_code(HOLDER_PHONE))
    slow.fails = True
    slow.let_through.set()
    with pytest.raises(TimeoutError):
        desk.certify_own_key(holder, public, proof)
    assert desk.send_enrolment_code(holder).attempts_left == 5
