"""Several time-stamping authorities over real HTTP: one dead, one slow, one lying, one of openssl's."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from asn1crypto import cms
from slow_peer import MANNERS, slow_peer

from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from signing.http_tsa import BadTsaUrlError, http_authorities
from signing.rfc3161_authority import POLICY, TestTsa, TimestampUnavailableError
from signing.timestamp_failover import FailoverAuthority, NamedAuthority
from signing.token_check import check_token
from tests.integration.signing.conftest import OnDisk, run
from tests.unit.signing.signed_samples import PARTIES, draft, is_proven, with_fields

Respond = Callable[[bytes], bytes]


class Served(ThreadingHTTPServer):
    """One authority on a loopback port; counts who asked."""

    daemon_threads = True
    block_on_close = False
    respond: Respond
    asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tsa"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Served)
        server.asked += 1
        answer = server.respond(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output quiet."""


@pytest.fixture
def serve() -> Iterator[Callable[[Respond], Served]]:
    with ExitStack() as stack:

        def start(respond: Respond) -> Served:
            server = Served(("127.0.0.1", 0), _Answer)
            server.respond = respond
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return server

        yield start


@pytest.fixture
def dead() -> str:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/tsa"


@pytest.fixture
def honest(on_disk: OnDisk, serve: Callable[[Respond], Served]) -> Served:
    return serve(on_disk.office.tsa.respond)


def replays(tsa: TestTsa) -> Respond:
    """Always the same answer, over other bytes and another nonce."""
    from signing.rfc3161_authority import timestamp_request

    old = tsa.respond(timestamp_request(sha256(b"yesterday"), 7))
    return lambda _: old


def tampers(tsa: TestTsa) -> Respond:
    """A token whose signature does not hold."""

    def respond(request: bytes) -> bytes:
        answer = bytearray(tsa.respond(request))
        answer[-1] ^= 1
        return bytes(answer)

    return respond


def test_a_dead_authority_is_passed_over(dead: str, honest: Served) -> None:
    both = http_authorities([dead, honest.url], timeout=5)
    check_token(both.token(b"message"), sha256(b"message"))
    assert honest.asked == 1


def test_a_slow_authority_is_passed_over_and_then_asked_last(
    on_disk: OnDisk, serve: Callable[[Respond], Served], honest: Served
) -> None:
    released = threading.Event()

    def dawdle(request: bytes) -> bytes:
        released.wait(30)
        return on_disk.office.tsa.respond(request)

    slow = serve(dawdle)
    both = http_authorities([slow.url, honest.url], timeout=0.2)
    for _ in range(3):
        both.token(b"message")
    released.set()
    assert (slow.asked, honest.asked) == (1, 3)


def test_an_authority_that_trickles_its_answer_is_passed_over(honest: Served) -> None:
    with slow_peer(MANNERS["trickles its body"]) as slow:
        http_authorities([slow.url, honest.url], timeout=0.2).token(b"message")
        assert (slow.connections, honest.asked) == (1, 1)


@pytest.mark.parametrize("lie", [replays, tampers])
def test_a_lying_authoritys_token_is_not_taken(
    on_disk: OnDisk,
    serve: Callable[[Respond], Served],
    honest: Served,
    lie: Callable[[TestTsa], Respond],
) -> None:
    liar = serve(lie(on_disk.office.tsa))
    both = http_authorities([liar.url, honest.url], timeout=5)
    check_token(both.token(b"message"), sha256(b"message"))
    assert (liar.asked, honest.asked) == (1, 1)
    with pytest.raises(TimestampUnavailableError):
        http_authorities([liar.url], timeout=5).token(b"message")


def test_a_policy_that_was_not_agreed_is_not_taken(honest: Served) -> None:
    http_authorities([honest.url], timeout=5, policies=[POLICY]).token(b"message")
    with pytest.raises(TimestampUnavailableError) as outage:
        http_authorities([honest.url], timeout=5, policies=["1.2.3"]).token(b"message")
    assert POLICY in outage.value.reason


def test_with_all_of_them_down_the_outage_names_each_and_no_time_appears(dead: str, on_disk: OnDisk) -> None:
    none = http_authorities([dead, f"{dead}2"], timeout=1)
    with pytest.raises(TimestampUnavailableError) as outage:
        on_disk.office.sign(with_fields(draft()), PARTIES[0], certify=True, authority=none)
    assert outage.value.reason.count("http://127.0.0.1") == 2
    assert outage.value.retry_after


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(BadTsaUrlError):
        http_authorities(["https://tsa.example.test", "ftp://tsa.example.test"], timeout=1)


class _Turns:
    """Gives one token, then fails, as an authority that goes down between two tokens."""

    def __init__(self, tsa: TestTsa) -> None:
        self._tsa, self.left = tsa, 1

    def token_over(self, digest: Bytes32) -> bytes:
        if self.left == 0:
            raise TimestampUnavailableError("gone")
        self.left -= 1
        return self._tsa.token_over(digest)

    def token(self, message: bytes) -> bytes:
        return self.token_over(sha256(message))


def test_an_authority_that_fails_between_two_tokens_is_replaced_with_its_proofs(
    on_disk: OnDisk, tmp_path: Path
) -> None:
    """Signature and archive then rest on two authorities; the file brings both their revocation data."""
    from signing.model import SignatureTrust
    from tests.unit.signing.signed_samples import Office, one_page, sign_pdf

    office, other = on_disk.office, Office.founded(tmp_path / "other")
    other.clock.advance(office.clock.now() - other.clock.now())

    class Both:
        def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
            foreign = set(other.ca.tsa_credential.chain) & set(chain)
            return (other if foreign else office).ca.crls_for(chain)

    tsas = [
        NamedAuthority(name="first", authority=_Turns(office.tsa)),
        NamedAuthority(name="second", authority=other.tsa),
    ]
    tsa_roots = (*office.ca.tsa_roots, *other.ca.tsa_roots)
    signed = sign_pdf(
        with_fields(draft()),
        field=PARTIES[0],
        credential=office.person(),
        authority=FailoverAuthority(tsas),
        revocation=Both(),
        roots=(*office.ca.roots, *tsa_roots),
        appearance=one_page(119, 57, b""),
        signed_at=office.clock.now(),
        reason="同意签署",
        location="宁波",
        certify=True,
    )
    trust = SignatureTrust(ca_roots=office.ca.roots, tsa_roots=tsa_roots)
    assert is_proven(office.inspect(signed, trust))


OPENSSL_TSA = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[leaf]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def _openssl_tsa(folder: Path) -> Respond:
    """``openssl ts`` as an authority; it knows nothing of us."""
    config = folder / "tsa.cnf"
    config.write_text(OPENSSL_TSA.format(folder=folder))
    (folder / "serial").write_text("01\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", str(config)]
    leaf = ["-subj", "/CN=OpenSSL TEST TSA", "-keyout", f"{folder}/tsa.key", "-out", f"{folder}/tsa.pem"]
    made = run("openssl", "req", "-x509", *curve, *leaf, "-extensions", "leaf", "-days", "30")
    assert made.returncode == 0, made.stderr

    def respond(request: bytes) -> bytes:
        (folder / "q").write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", str(config), "-queryfile", f"{folder}/q"]
        answer = subprocess.run(command, capture_output=True, check=True, timeout=20)
        return answer.stdout

    return respond


def test_openssls_authority_stands_in_for_a_dead_one(
    dead: str, serve: Callable[[Respond], Served], tmp_path: Path
) -> None:
    openssl = serve(_openssl_tsa(tmp_path))
    token = http_authorities([dead, openssl.url], timeout=20, policies=["1.2.3.4.1"]).token(b"message")
    check_token(token, sha256(b"message"))
    certificate = cms.ContentInfo.load(token)["content"]["certificates"][0].chosen
    assert certificate.subject.native["common_name"] == "OpenSSL TEST TSA"
