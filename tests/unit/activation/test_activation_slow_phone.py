"""A gateway that takes its time: one person waits for it, nobody else does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from activation_people import Vouchers, new_signer, request_for
from fake_activation import FakeActivation, FakePhone

from contracts_chain.activation.errors import MessageNotSentError
from contracts_chain.activation.port import CodeFactor
from kernel.clock import FixedClock

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
PATIENCE = 30.0


class SlowPhone(FakePhone):
    """The first message is under way until it is let through, or refused."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way, self.let_through = threading.Event(), threading.Event()
        self.refuses_first = False

    def send(self, phone: str, text: str) -> None:
        if not self.under_way.is_set():
            self.under_way.set()
            assert self.let_through.wait(PATIENCE), "nobody else could go on"
            if self.refuses_first:
                raise MessageNotSentError("slow, then refused")
        super().send(phone, text)


@pytest.fixture(scope="session")
def ca_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("activation") / "ca"


@pytest.fixture
def phone() -> SlowPhone:
    return SlowPhone()


@pytest.fixture
def desk(ca_directory: Path, phone: SlowPhone) -> FakeActivation:
    return FakeActivation(ca_directory, FixedClock(NOW), Vouchers(), phone=phone)


def test_others_are_released_while_a_message_is_under_way(desk: FakeActivation, phone: SlowPhone) -> None:
    waiting, other = new_signer("张三"), new_signer("李四")
    desk.attest(waiting, phone="13800000001")
    desk.attest(other, phone="13800000002")
    with ThreadPoolExecutor(1) as beside:
        slow = beside.submit(desk.send_code, request_for(waiting, b"one"))
        assert phone.under_way.wait(PATIENCE)
        request = request_for(other, b"two")
        desk.send_code(request)
        released = desk.release(request, CodeFactor(code=phone.newest_code("13800000002")))
        phone.let_through.set()
        assert slow.result(PATIENCE).attempts_left == 5
    assert desk.released(request.ceremony) == released


def test_a_message_that_fails_late_voids_its_own_code_and_no_newer_one(
    desk: FakeActivation, phone: SlowPhone
) -> None:
    signer = new_signer("张三")
    desk.attest(signer, phone="13800000001")
    request, phone.refuses_first = request_for(signer, b"one"), True
    with ThreadPoolExecutor(1) as beside:
        slow = beside.submit(desk.send_code, request)
        assert phone.under_way.wait(PATIENCE)
        desk.send_code(request)
        phone.let_through.set()
        with pytest.raises(MessageNotSentError):
            slow.result(PATIENCE)
    desk.release(request, CodeFactor(code=phone.newest_code("13800000001")))
    assert desk.released(request.ceremony) is not None
