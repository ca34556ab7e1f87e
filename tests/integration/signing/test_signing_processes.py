"""The room across process and network borders: bounded inspection, timestamps over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from signing import http_tsa
from signing.bounded_inspection import inspect_pdf_bounded
from signing.http_tsa import BadTsaUrlError, HttpTsa
from signing.issuing_ca import TestCa
from signing.pdf_reading import MalformedPdfError, NotPdfError, SlowPdfError, TruncatedPdfError
from signing.rfc3161_authority import TestTsa, TimestampUnavailableError
from tests.integration.signing.conftest import OnDisk, run
from tests.unit.signing.signed_samples import KEK, PARTIES, draft, is_proven, with_fields


class _TsaServer(HTTPServer):
    """RFC 3161 §3.4 on a loopback port; a wrong path gives a web page instead of a token."""

    tsa: TestTsa


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _TsaServer)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.tsa.respond(body) if self.path == "/tsa" else b"<html>moved</html>"
        self.send_response(200 if self.path != "/broken" else 503)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output quiet."""


@pytest.fixture
def address(on_disk: OnDisk) -> Iterator[str]:
    server = _TsaServer(("127.0.0.1", 0), _Answer)
    server.tsa = on_disk.office.tsa
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_token_over_http_verifies_with_openssl(on_disk: OnDisk, address: str, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"message")
    (tmp_path / "token").write_bytes(HttpTsa(f"{address}/tsa", timeout=5).token(b"message"))
    command = ["openssl", "ts", "-verify", "-token_in", "-in", tmp_path / "token", "-data", tmp_path / "data"]
    at = str(int(on_disk.office.clock.now().timestamp()))
    result = run(*command, "-CAfile", on_disk.tsa_root, "-attime", at)
    assert result.returncode == 0, result.stderr


def test_openssls_own_request_is_answered(on_disk: OnDisk, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"message")
    query = [
        "openssl",
        "ts",
        "-query",
        "-data",
        tmp_path / "data",
        "-sha512",
        "-cert",
        "-out",
        tmp_path / "q",
    ]
    assert run(*query).returncode == 0
    (tmp_path / "r").write_bytes(on_disk.office.tsa.respond((tmp_path / "q").read_bytes()))
    at = str(int(on_disk.office.clock.now().timestamp()))
    verify = ["openssl", "ts", "-verify", "-in", tmp_path / "r", "-queryfile", tmp_path / "q", "-attime", at]
    result = run(*verify, "-CAfile", on_disk.tsa_root)
    assert result.returncode == 0, result.stderr


def test_a_contract_signed_over_http_is_proven(on_disk: OnDisk, address: str) -> None:
    remote = HttpTsa(f"{address}/tsa", timeout=5)
    signed = on_disk.office.sign(with_fields(draft()), PARTIES[0], certify=True, authority=remote)
    assert is_proven(on_disk.office.inspect(signed))


@pytest.mark.parametrize("path", ["/elsewhere", "/broken"])
def test_an_answer_that_is_no_timestamp_is_undecided(address: str, path: str) -> None:
    with pytest.raises(TimestampUnavailableError):
        HttpTsa(address + path, timeout=5).token(b"message")


@pytest.mark.parametrize("status", [201, 302, 500])
def test_a_token_under_another_status_than_200_is_undecided(
    address: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = http_tsa.exchange
    monkeypatch.setattr(
        http_tsa, "exchange", lambda *told, **asked: replace(real(*told, **asked), status=status)
    )
    with pytest.raises(TimestampUnavailableError, match=f"HTTP {status}"):
        HttpTsa(f"{address}/tsa", timeout=5).token(b"message")


def test_a_closed_port_is_undecided() -> None:
    with pytest.raises(TimestampUnavailableError):
        HttpTsa("http://127.0.0.1:1/tsa", timeout=2).token(b"message")


def test_a_file_address_is_no_authority() -> None:
    with pytest.raises(BadTsaUrlError):
        HttpTsa("file:///etc/passwd", timeout=2)


def test_the_bounded_inspection_finds_the_same(on_disk: OnDisk) -> None:
    pdf = on_disk.pdf.read_bytes()
    assert inspect_pdf_bounded(pdf, on_disk.office.trust) == on_disk.office.inspect(pdf)


def test_the_bounded_inspection_names_what_it_cannot_read(on_disk: OnDisk) -> None:
    trust = on_disk.office.trust
    with pytest.raises(NotPdfError):
        inspect_pdf_bounded(b"PK a zip", trust)
    with pytest.raises(TruncatedPdfError):
        inspect_pdf_bounded(b"%PDF-1.7 and no end", trust)
    with pytest.raises(MalformedPdfError):
        inspect_pdf_bounded(b"%PDF-1.7\nstartxref\n99999\n%%EOF\n", trust)


def test_the_bounded_inspection_ends_in_time(on_disk: OnDisk) -> None:
    with pytest.raises(SlowPdfError):
        inspect_pdf_bounded(on_disk.pdf.read_bytes(), on_disk.office.trust, wall_seconds=0.05)


def test_the_bounded_inspection_ends_within_memory(on_disk: OnDisk) -> None:
    pdf = on_disk.pdf.read_bytes() + bytes(20 * 1024 * 1024)
    with pytest.raises(SlowPdfError):
        inspect_pdf_bounded(pdf, on_disk.office.trust, memory_bytes=8 * 1024 * 1024)


def test_processes_that_found_the_authority_at_once_share_it(on_disk: OnDisk, tmp_path: Path) -> None:
    def founded(_: int) -> tuple[bytes, ...]:
        return TestCa.open(tmp_path / "ca", KEK, on_disk.office.clock).roots

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert len(set(pool.map(founded, range(4)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["ca"]
