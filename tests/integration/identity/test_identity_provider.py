"""The sandbox provider over HTTP: sessions, pages, callbacks, delays, refusals, outages, and its own end."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from identity_behaviour import ProviderBehaviour, a_request

from api.http_identity_provider import HttpIdentityProvider
from api.identity_launch import IdentitySandboxProcess, ProviderAddress
from contracts_chain.agreements.identity.signed_message import AttestationUnsoundError
from contracts_chain.workflows.identity_ports import CallbackRefusedError, IdentityProviderDownError
from kernel.sized_bytes import Bytes32

PATIENCE_SECONDS = 20.0


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.02)


@pytest.fixture
def provider(sandbox: IdentitySandboxProcess) -> HttpIdentityProvider:
    return HttpIdentityProvider(sandbox.address)


@pytest.fixture
def http(sandbox: IdentitySandboxProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.address().url, trust_env=False, timeout=20) as client:
        client.put("/script", json={"default": "pass"}).raise_for_status()
        yield client


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """Our side of the callback: its address, and the bodies that came in."""
    bodies: list[bytes] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/identity/callback", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TestSandboxProvider(ProviderBehaviour):
    @pytest.fixture
    def play(self, http: httpx.Client) -> Callable[[str, str], None]:
        def act(session: str, do: str) -> None:
            http.post(f"/sessions/{session}/act", json={"do": do}).raise_for_status()

        return act

    @pytest.fixture
    def now(self) -> Callable[[], datetime]:
        return lambda: datetime.now(UTC)


def test_the_provider_tells_its_news_signed_once_twice_or_never(
    provider: HttpIdentityProvider, http: httpx.Client
) -> None:
    with listening() as (callback_url, bodies):
        for script, expected in (("pass", 1), ("duplicate", 3), ("drop_callback", 3), ("pass", 4)):
            http.put("/script", json={"default": script})
            session = provider.start(a_request(callback_url=callback_url))
            http.post(f"/sessions/{session.id}/act", json={}).raise_for_status()
            wait_for(lambda: len(bodies) >= expected)  # noqa: B023 - used up within the turn
            assert len(bodies) == expected
    assert provider.verify_callback(bodies[-1]) == session.id
    assert bodies[1] == bodies[2]
    with pytest.raises(CallbackRefusedError):
        provider.verify_callback(bodies[-1][:-2])


def test_a_delayed_outcome_is_pending_until_it_is_due(
    provider: HttpIdentityProvider, http: httpx.Client
) -> None:
    with listening() as (callback_url, bodies):
        session = provider.start(a_request(callback_url=callback_url))
        http.post(f"/sessions/{session.id}/act", json={"do": "delay:1"}).raise_for_status()
        assert provider.settle(session.id).state == "pending"
        assert bodies == []
        wait_for(lambda: provider.settle(session.id).state == "passed")
        wait_for(lambda: len(bodies) == 1)


def test_an_outage_is_nobodys_refusal(provider: HttpIdentityProvider, http: httpx.Client) -> None:
    request = a_request(id_no="330299198001010017")
    session = provider.start(request)
    http.put("/script", json={request.id_no: "down"})
    with pytest.raises(IdentityProviderDownError):
        provider.settle(session.id)
    with pytest.raises(IdentityProviderDownError):
        provider.start(a_request(id_no=request.id_no))
    http.put("/script", json={request.id_no: "refuse:licence_down"})
    http.post(f"/sessions/{session.id}/act", json={})
    assert provider.settle(session.id).reason == "licence_down"


def test_a_person_passes_on_the_page_and_comes_back(
    provider: HttpIdentityProvider, http: httpx.Client
) -> None:
    session = provider.start(a_request(method="e_licence_face"))
    shown = http.get(session.redirect_url)
    assert "SANDBOX" in shown.text
    assert "王**" in shown.text
    assert "王海明" not in shown.text
    back = http.post(session.redirect_url, data={"act": "1"})
    assert back.status_code == 303
    assert (
        back.headers["location"] == f"https://ours.example.test/identity/return?check=1&session={session.id}"
    )
    assert provider.settle(session.id).state == "passed"


def test_the_bank_check_wants_the_amount_that_was_paid_and_gives_three_tries(
    provider: HttpIdentityProvider, http: httpx.Client
) -> None:
    session = provider.start(a_request())
    paid = re.search(r"打款 ([0-9.]+) 元", http.get(session.redirect_url).text)
    assert paid is not None
    wrong = http.post(session.redirect_url, data={"amount": "9.99"})
    assert "amount_wrong" in wrong.text
    assert provider.settle(session.id).tries_left == 2
    assert http.post(session.redirect_url, data={"amount": paid[1]}).status_code == 303
    assert provider.settle(session.id).state == "passed"
    other = provider.start(a_request())
    for _ in range(3):
        http.post(other.redirect_url, data={"amount": "9.99"})
    assert (provider.settle(other.id).state, provider.settle(other.id).reason) == ("refused", "amount_wrong")


def test_a_cancelled_check_is_refused(provider: HttpIdentityProvider, http: httpx.Client) -> None:
    session = provider.start(a_request(method="carrier_three_elements"))
    http.post(session.redirect_url, data={"cancel": "1"})
    assert provider.settle(session.id).reason == "cancelled"


def test_a_session_opened_with_auto_is_settled_by_the_script_at_once(
    provider: HttpIdentityProvider, http: httpx.Client
) -> None:
    members = a_request()
    body = {
        name: getattr(members, name)
        for name in ("nonce", "method", "name", "id_type", "id_no", "phone", "return_url", "callback_url")
    }
    answer = http.post("/sessions?auto=1", json=body, headers={"Idempotency-Key": members.key})
    assert provider.settle(answer.json()["session"]).state == "passed"


@pytest.mark.parametrize("words", ["", "drop", "refuse", "refuse:a b", "delay:x", "delay:999999", "pass:x"])
def test_a_script_of_other_words_is_refused(http: httpx.Client, words: str) -> None:
    assert http.put("/script", json={"default": words}).status_code == 422


@pytest.mark.parametrize(("method", "path"), [("POST", "/sessions"), ("GET", "/sessions/x"), ("GET", "/p/x")])
def test_what_nobody_asked_for_properly_is_refused(http: httpx.Client, method: str, path: str) -> None:
    assert http.request(method, path, content=b"[]").status_code in {404, 422}


def test_an_attestation_of_another_provider_of_the_same_name_is_refused(
    provider: HttpIdentityProvider, http: httpx.Client, sandbox: IdentitySandboxProcess
) -> None:
    session = provider.start(a_request())
    http.post(f"/sessions/{session.id}/act", json={})
    attestation = provider.settle(session.id).attestation
    assert attestation is not None
    where = sandbox.address()
    impostor = ProviderAddress(name=where.name, url=where.url, public_key=Bytes32(bytes(32)))
    with pytest.raises(AttestationUnsoundError):
        HttpIdentityProvider(lambda: impostor).verify_attestation(attestation, now=datetime.now(UTC))


def test_the_sandbox_keeps_its_key_over_kill_9_and_ends_with_its_parent(tmp_path: Path) -> None:
    process = IdentitySandboxProcess(tmp_path / "sandbox")
    try:
        began = time.monotonic()
        first = process.address()
        assert time.monotonic() - began < PATIENCE_SECONDS
        provider = HttpIdentityProvider(process.address)
        session = provider.start(a_request())
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        wait_for(lambda: not _alive(process.pid))
        assert provider.settle(session.id).state == "lost"
        assert process.address() == first
        pid = process.pid
    finally:
        process.stop()
    assert not _alive(pid)
    assert (tmp_path / "sandbox" / "key.secret").stat().st_mode & 0o077 == 0


def test_a_dead_provider_is_an_outage(tmp_path: Path) -> None:
    process = IdentitySandboxProcess(tmp_path / "sandbox")
    where = process.address()
    process.stop()
    with pytest.raises(IdentityProviderDownError):
        HttpIdentityProvider(lambda: where).start(a_request())


def _alive(pid: int | None) -> bool:
    """Until its last thread is gone: a leader that is dead already cannot be waited for before."""
    if pid is None:
        return False
    try:
        leader = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return leader != "Z" or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    except FileNotFoundError:
        return False
