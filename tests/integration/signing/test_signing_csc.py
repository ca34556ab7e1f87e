"""A key at a remote signing service: somebody else's server, and servers that misbehave."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from remote_signing_service import certified_by, csc_service

from signing.http_csc_key import CscKey, CscRefusedError, CscService, CscUnavailableError
from signing.software_key import SoftwareKey
from tests.fakes.signing_key_behaviour import MadeKey, SigningKeyBehaviour
from tests.unit.signing.signed_samples import COMPANY, USCC, Office

CREDENTIAL = "remote/signer"


@pytest.fixture(scope="module")
def csc_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.founded(tmp_path_factory.mktemp("csc") / "ca")


@pytest.fixture(scope="module", params=["ec", "rsa"])
def url(
    tmp_path_factory: pytest.TempPathFactory, csc_office: Office, request: pytest.FixtureRequest
) -> Iterator[str]:
    signer = certified_by(csc_office, kind=request.param)
    with csc_service(tmp_path_factory.mktemp("service"), {"signer": signer}) as running:
        yield running


class TestRemoteKey(SigningKeyBehaviour):
    @pytest.fixture
    def made_key(self, url: str, csc_office: Office) -> MadeKey:
        key = CscKey(CscService(url=url), CREDENTIAL)
        return MadeKey(key=key, chain=key.chain, office=csc_office)

    def test_the_service_gives_the_whole_chain_to_the_trusted_root(
        self, made_key: MadeKey, csc_office: Office
    ) -> None:
        assert made_key.chain[-1:] == csc_office.ca.roots
        assert len(made_key.chain) == 3

    def test_a_credential_nobody_has_is_refused(self, url: str) -> None:
        with pytest.raises(CscRefusedError):
            CscKey(CscService(url=url), "remote/nobody")


def test_a_service_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(CscUnavailableError):
        CscKey(CscService(url="http://127.0.0.1:9", timeout_seconds=2), CREDENTIAL)


Answer = tuple[int, bytes]
Script = dict[str, Callable[[dict[str, object]], Answer]]


@contextmanager
def _scripted(script: Script, seen: list[tuple[str, dict[str, object], str]]) -> Iterator[str]:
    """A service that answers as the test says; notes method, body and authorisation of each call."""

    class _Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            method = self.path.removeprefix("/csc/v1/")
            seen.append((method, body, self.headers.get("Authorization", "")))
            status, content = script[method](body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(**members: object) -> Answer:
    return 200, json.dumps(members).encode()


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def script(csc_office: Office) -> Script:
    key = SoftwareKey.generate()
    chain = csc_office.ca.certify_seal(
        key.public_key_der, organisation=COMPANY, organisation_id=USCC, seal_name="公章"
    )
    algorithms = ["1.2.840.10045.4.3.2"]
    return {
        "credentials/info": lambda _: _json(
            key={"status": "enabled", "algo": algorithms}, cert={"certificates": [_b64(one) for one in chain]}
        ),
        "credentials/authorize": lambda _: _json(SAD="sad"),
        "signatures/signHash": lambda _: _json(signatures=[_b64(key.sign(b"message"))]),
    }


def test_only_the_hash_goes_out_and_it_is_the_one_that_was_authorised(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("secret-token\n")
    monkeypatch.setenv("CSC_TEST_PIN", "123456")
    seen: list[tuple[str, dict[str, object], str]] = []
    with _scripted(script, seen) as url:
        service = CscService(url=url, token=f"file:{tmp_path / 'token'}", pin="env:CSC_TEST_PIN")
        CscKey(service, CREDENTIAL).sign(b"message")
    methods = [method for method, _, _ in seen]
    assert methods == ["credentials/info", "credentials/authorize", "signatures/signHash"]
    assert {authorisation for _, _, authorisation in seen} == {"Bearer secret-token"}
    authorised, signed = seen[1][1], seen[2][1]
    assert authorised["PIN"] == "123456"
    assert authorised["hash"] == signed["hash"]
    assert signed["SAD"] == "sad"
    assert "message" not in json.dumps([body for _, body, _ in seen])


BAD: dict[str, tuple[str, Callable[[dict[str, object]], Answer]]] = {
    "another message signed": (
        "signatures/signHash",
        lambda _: _json(signatures=[_b64(SoftwareKey.generate().sign(b"message"))]),
    ),
    "no signature": ("signatures/signHash", lambda _: _json(signatures=[])),
    "no base64": ("signatures/signHash", lambda _: _json(signatures=["%%%"])),
    "no SAD": ("credentials/authorize", lambda _: _json()),
    "a wrong PIN": ("credentials/authorize", lambda _: (400, b'{"error":"invalid_pin"}')),
    "no JSON": ("signatures/signHash", lambda _: (200, b"<html>")),
    "an endless answer": ("signatures/signHash", lambda _: (200, b'"' + b"a" * 400_000 + b'"')),
    "a list": ("credentials/authorize", lambda _: (200, b"[]")),
}


@pytest.mark.parametrize("case", BAD)
def test_a_service_that_answers_wrongly_is_refused(script: Script, case: str) -> None:
    method, answer = BAD[case]
    with _scripted(script | {method: answer}, []) as url:
        key = CscKey(CscService(url=url), CREDENTIAL)
        with pytest.raises(CscRefusedError):
            key.sign(b"message")


def test_a_service_in_trouble_is_unavailable_and_may_be_asked_again(script: Script) -> None:
    answers = iter([(503, b""), (200, b'{"SAD": "sad"}')])
    with _scripted(script | {"credentials/authorize": lambda _: next(answers)}, []) as url:
        key = CscKey(CscService(url=url), CREDENTIAL)
        with pytest.raises(CscUnavailableError):
            key.sign(b"message")
        assert key.sign(b"message")


@pytest.mark.parametrize("token", ["file:/nowhere/token", "env:CSC_TEST_UNSET"])
def test_without_its_token_the_service_is_not_asked(script: Script, token: str) -> None:
    seen: list[tuple[str, dict[str, object], str]] = []
    with _scripted(script, seen) as url, pytest.raises(CscRefusedError) as refusal:
        CscKey(CscService(url=url, token=token), CREDENTIAL)
    assert (seen, token in refusal.value.zh) == ([], True)


def test_a_disabled_credential_is_refused(script: Script) -> None:
    disabled = {"credentials/info": lambda _: _json(key={"status": "disabled"}, cert={"certificates": []})}
    with _scripted(script | disabled, []) as url, pytest.raises(CscRefusedError):
        CscKey(CscService(url=url), CREDENTIAL)
