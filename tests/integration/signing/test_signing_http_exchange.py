"""The one HTTP client against peers that are slow, endless, redirecting, unproven or packed."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from licensed_ca import LicensedCa
from slow_peer import ENDLESS, MANNERS, slow_peer

from signing import http_exchange
from signing.http_csc_key import CscKey, CscService, CscUnavailableError
from signing.http_exchange import NoHttpAnswerError, OverlongAnswerError, exchange
from signing.http_revocation import PublishedLists
from signing.http_tsa import HttpTsa
from signing.refusals import RevocationUnavailableError
from signing.rfc3161_authority import TimestampUnavailableError
from tests.integration.signing.conftest import OnDisk

SECONDS = 0.2
LIMIT = 5.0
"""Far below what any of the slow peers takes, far above ``SECONDS`` on a loaded machine."""


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        type(self).asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        packed = self.path == "/packed"
        content = gzip.compress(b"a" * 5000) if packed else b"answer"
        self.send_response({"/moved": 302, "/none": 404}.get(self.path, 200))
        self.send_header("Location", "/elsewhere")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def answering(context: ssl.SSLContext | None = None) -> Iterator[tuple[str, type[_Answers]]]:
    handler = type("Answers", (_Answers,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is no noise
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        scheme = "http" if context is None else "https"
        yield f"{scheme}://127.0.0.1:{server.server_port}", handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def no_exchange_is_left() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("http-exchange"):
            thread.join(LIMIT)
            assert not thread.is_alive()


def test_an_answer_comes_with_its_status_and_bytes() -> None:
    with answering() as (url, handler):
        answer = exchange(
            "POST", f"{url}/x?y=1", seconds=LIMIT, greatest=6, content=b"asked", headers={"X-Own": "1"}
        )
        assert (answer.status, answer.content) == (200, b"answer")
        assert exchange("GET", f"{url}/none", seconds=LIMIT, greatest=6).status == 404
    path, headers, body = handler.asked[0]
    assert (path, headers["x-own"], headers["connection"], body) == ("/x?y=1", "1", "close", b"asked")


@pytest.mark.parametrize("manner", MANNERS)
def test_a_peer_that_never_finishes_is_cut_off_in_time(manner: str) -> None:
    with slow_peer(MANNERS[manner]) as peer:
        began = time.monotonic()
        with pytest.raises(NoHttpAnswerError, match=r"(?i)timeout"):
            exchange("GET", peer.url, seconds=SECONDS, greatest=10_000_000)
        assert time.monotonic() - began < LIMIT
        assert peer.ended.wait(LIMIT)
    no_exchange_is_left()


def test_a_peer_that_never_finishes_its_tls_is_cut_off_in_time() -> None:
    with slow_peer(MANNERS["says nothing"], scheme="https") as peer:
        began = time.monotonic()
        with pytest.raises(NoHttpAnswerError):
            exchange("GET", peer.url, seconds=SECONDS, greatest=1000)
        assert time.monotonic() - began < LIMIT
        assert peer.ended.wait(LIMIT)
    no_exchange_is_left()


def test_a_socket_that_opens_after_the_time_is_shut_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:

        class Stream:
            def get_extra_info(self, _: str) -> socket.socket:
                return ours

        connection = http_exchange._Connection(None)
        connection.cut()
        connection.note("connection.connect_tcp.complete", {"return_value": Stream()})
        theirs.settimeout(LIMIT)
        assert theirs.recv(1) == b""


def test_an_endless_answer_is_read_up_to_its_bound_alone() -> None:
    with slow_peer(ENDLESS) as peer:
        with pytest.raises(OverlongAnswerError):
            exchange("GET", peer.url, seconds=LIMIT, greatest=20_000)
        assert peer.ended.wait(LIMIT)
        assert exchange("GET", peer.url, seconds=LIMIT, greatest=0).content == b""
        assert peer.ended.wait(LIMIT)


def test_an_answer_of_just_the_bound_is_whole_and_one_byte_more_is_refused() -> None:
    with answering() as (url, _):
        assert exchange("GET", url, seconds=LIMIT, greatest=len(b"answer")).content == b"answer"
        with pytest.raises(OverlongAnswerError):
            exchange("GET", url, seconds=LIMIT, greatest=len(b"answer") - 1)


def test_no_redirect_is_followed() -> None:
    with answering() as (url, handler):
        assert exchange("GET", f"{url}/moved", seconds=LIMIT, greatest=100).status == 302
    assert [path for path, _, _ in handler.asked] == ["/moved"]


def test_a_packed_answer_is_asked_of_nobody_and_unpacked_for_nobody() -> None:
    with answering() as (url, handler):
        content = exchange("GET", f"{url}/packed", seconds=LIMIT, greatest=1000).content
    assert gzip.decompress(content) == b"a" * 5000
    assert handler.asked[0][1]["accept-encoding"] == "identity"


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with answering() as (url, _):
        assert exchange("GET", url, seconds=LIMIT, greatest=100).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "nonsense",
        "http://",
        "http://[::",
        "http://127.0.0.1:1/",
        f"http://{'a' * 70}.example.test/",
    ],
)
def test_what_cannot_be_asked_is_no_answer(url: str) -> None:
    with pytest.raises(NoHttpAnswerError) as caught:
        exchange("GET", url, seconds=LIMIT, greatest=100)
    assert caught.value.reason in caught.value.zh


@pytest.fixture
def self_signed(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate for 127.0.0.1 that only its own file proves."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST server")])
    now = dt.datetime.now(dt.UTC)
    place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).add_extension(place, critical=False)
    builder = builder.not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    pem, secret = tmp_path / "server.pem", tmp_path / "server.key"
    pem.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption_algorithm=NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


@pytest.fixture
def proven(self_signed: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's store holds that certificate."""
    http_exchange._trust.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(self_signed[1]))
    yield
    http_exchange._trust.cache_clear()


def test_a_server_that_no_store_proves_is_asked_nothing(self_signed: tuple[ssl.SSLContext, Path]) -> None:
    with answering(self_signed[0]) as (url, handler):
        with pytest.raises(NoHttpAnswerError) as caught:
            exchange("POST", url, seconds=LIMIT, greatest=100, content=b"secret")
        assert "CERTIFICATE_VERIFY_FAILED" in caught.value.detail
        assert handler.asked == []


@pytest.mark.usefixtures("proven")
def test_a_server_that_the_machines_store_proves_is_asked(self_signed: tuple[ssl.SSLContext, Path]) -> None:
    with answering(self_signed[0]) as (url, _):
        assert exchange("GET", url, seconds=LIMIT, greatest=100).content == b"answer"


@pytest.mark.usefixtures("proven")
def test_a_peer_that_never_finishes_inside_tls_is_cut_off_in_time(
    self_signed: tuple[ssl.SSLContext, Path],
) -> None:
    manners = MANNERS["trickles its header"]
    with slow_peer(manners, scheme="https", tls=self_signed[0]) as peer:
        with pytest.raises(NoHttpAnswerError, match=r"(?i)timeout"):
            exchange("GET", peer.url, seconds=SECONDS, greatest=1000)
        assert peer.ended.wait(LIMIT)
    no_exchange_is_left()


def test_every_adapter_says_in_time_that_a_slow_service_gave_nothing(on_disk: OnDisk) -> None:
    """The three of this room; the gateway for text messages has its own (test_activation_sms)."""
    with slow_peer(MANNERS["trickles its header"]) as peer:
        slow = LicensedCa(name="慢", url=peer.url)
        lists = PublishedLists(on_disk.office.ca, (slow.root_der,), timeout_seconds=SECONDS)
        began = time.monotonic()
        with pytest.raises(TimestampUnavailableError):
            HttpTsa(peer.url, timeout=SECONDS).token(b"message")
        with pytest.raises(RevocationUnavailableError, match=peer.url):
            lists.crls_for(slow.credential("张三").chain)
        with pytest.raises(CscUnavailableError):
            CscKey(CscService(url=peer.url, timeout_seconds=SECONDS), "credential")
        assert time.monotonic() - began < LIMIT
        assert peer.connections == 3
