"""The published authority over HTTP, judged by openssl: status, lists, certificates."""

from __future__ import annotations

import base64
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from fastapi import FastAPI

from api.listening import bound_socket
from api.routes import pki
from api.routes.desk import _desk
from kernel.clock import SystemClock
from signing.issuing_ca import TestCa
from signing.model import Credential
from signing.pades import sign_pdf
from signing.rfc3161_authority import TestTsa
from tests.unit.signing.signed_samples import KEK, PARTIES, draft, one_page, with_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A TEST CA that answers over HTTP, and a folder with its certificates in PEM."""

    ca: TestCa
    url: str
    folder: Path

    def person(self, name: str) -> Credential:
        credential = self.ca.issue_person(
            name="张三", organisation=None, organisation_id=None, lifetime=timedelta(hours=2)
        )
        for part, der in zip((name, "issuing", "root"), credential.chain, strict=True):
            pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
            (self.folder / f"{part}.pem").write_bytes(pem)
        return credential

    def openssl(self, *arguments: str) -> str:
        result = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        return f"{result.returncode} {result.stdout}{result.stderr}"


@contextmanager
def _serving(app: FastAPI) -> Iterator[str]:
    with bound_socket("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start"
            threading.Event().wait(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    folder = tmp_path_factory.mktemp("pki")
    app = FastAPI()
    app.include_router(pki.router)
    with _serving(app) as url:
        ca = TestCa.open(folder / "ca", KEK, SystemClock(), base_url=f"{url}/pki")
        desk = SimpleNamespace(house=SimpleNamespace(signing=SimpleNamespace(authority=ca)))
        app.dependency_overrides[_desk] = lambda: desk
        yield Authority(ca=ca, url=url, folder=folder)


def _status(authority: Authority, name: str) -> str:
    """As a stranger asks: the address comes from the certificate itself."""
    address = authority.openssl("x509", "-in", f"{name}.pem", "-noout", "-ocsp_uri").split()[1]
    return authority.openssl(
        "ocsp", "-issuer", "issuing.pem", "-cert", f"{name}.pem", "-url", address, "-CAfile", "root.pem"
    )


def test_openssl_hears_good_and_after_revocation_revoked(authority: Authority) -> None:
    person = authority.person("signer")
    before = _status(authority, "signer")
    assert "Response verify OK" in before
    assert "signer.pem: good" in before
    authority.ca.revoke(person.certificate)
    after = _status(authority, "signer")
    assert "Response verify OK" in after
    assert "signer.pem: revoked" in after


def test_openssl_hears_unknown_of_a_certificate_nobody_issued(authority: Authority, tmp_path: Path) -> None:
    authority.person("known")
    stranger = TestCa.open(tmp_path / "forger", KEK, SystemClock()).issue_person(
        name="张三", organisation=None, organisation_id=None
    )
    pem = x509.load_der_x509_certificate(stranger.certificate).public_bytes(Encoding.PEM)
    (authority.folder / "stranger.pem").write_bytes(pem)
    command = ["ocsp", "-issuer", "issuing.pem", "-cert", "stranger.pem", "-CAfile", "root.pem"]
    assert "stranger.pem: unknown" in authority.openssl(*command, "-url", f"{authority.url}/pki/ocsp")


def _fetched(authority: Authority, path: str) -> bytes:
    answer = httpx.get(authority.url + path, timeout=30, trust_env=False)
    assert answer.status_code == 200
    return answer.content


def test_openssl_checks_the_whole_chain_against_the_published_lists(authority: Authority) -> None:
    person = authority.person("chained")
    _join_lists(authority)
    command = ["verify", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]
    assert authority.openssl(*command, "-CRLfile", "lists.pem", "chained.pem").startswith("0 ")
    authority.ca.revoke(person.certificate)
    _join_lists(authority)
    assert "certificate revoked" in authority.openssl(*command, "-CRLfile", "lists.pem", "chained.pem")


def _join_lists(authority: Authority) -> None:
    lists = [
        x509.load_der_x509_crl(_fetched(authority, f"/pki/crl/{name}.crl")).public_bytes(Encoding.PEM)
        for name in ("issuing", "root")
    ]
    (authority.folder / "lists.pem").write_bytes(b"".join(lists))


def test_the_addresses_in_a_certificate_lead_to_its_issuer_and_list(authority: Authority) -> None:
    leaf = x509.load_der_x509_certificate(authority.person("addressed").certificate)
    access = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    address = next(one.access_location.value for one in access if one.access_location.value.endswith(".cer"))
    issuer = x509.load_der_x509_certificate(_fetched(authority, address.removeprefix(authority.url)))
    leaf.verify_directly_issued_by(issuer)
    (point,) = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    (name,) = point.full_name or []
    fetched = x509.load_der_x509_crl(_fetched(authority, name.value.removeprefix(authority.url)))
    assert fetched.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


def test_a_request_by_get_is_answered_like_one_by_post(authority: Authority) -> None:
    person = authority.person("getter")
    leaf, issuing = (x509.load_der_x509_certificate(der) for der in person.chain[:2])
    request = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, hashes.SHA1()).build()
    der = request.public_bytes(Encoding.DER)
    by_get = _fetched(authority, "/pki/ocsp/" + quote(base64.b64encode(der).decode(), safe=""))
    assert ocsp.load_der_ocsp_response(by_get).certificate_status is ocsp.OCSPCertStatus.GOOD


@pytest.mark.parametrize("segment", ["%%%", "AAAA", "a" * 9000, ""])
def test_what_is_no_request_gets_the_protocols_own_refusal(authority: Authority, segment: str) -> None:
    answer = ocsp.load_der_ocsp_response(_fetched(authority, "/pki/ocsp/" + quote(segment, safe="")))
    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_a_large_body_is_not_parsed(authority: Authority) -> None:
    answer = httpx.post(f"{authority.url}/pki/ocsp", content=b"\x30" * 100_000, timeout=30, trust_env=False)
    status = ocsp.load_der_ocsp_response(answer.content).response_status
    assert status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    assert answer.headers["content-type"] == "application/ocsp-response"


@pytest.mark.parametrize("path", ["crl/nobody.crl", "ca/tsa.cer", "ca/ocsp.cer", "crl/..%2froot.crl"])
def test_nobody_elses_list_or_certificate_is_published(authority: Authority, path: str) -> None:
    assert httpx.get(f"{authority.url}/pki/{path}", timeout=30, trust_env=False).status_code == 404


def _signed(authority: Authority, person: Credential) -> Path:
    clock = SystemClock()
    pdf = sign_pdf(
        with_fields(draft()),
        field=PARTIES[0],
        credential=person,
        authority=TestTsa(authority.ca.tsa_credential, clock),
        revocation=authority.ca,
        roots=(*authority.ca.roots, *authority.ca.tsa_roots),
        appearance=one_page(119, 57, b"0.8 0 0 RG 4 w 6 6 107 45 re S"),
        signed_at=clock.now(),
        reason="同意签署",
        location="宁波",
        certify=True,
    )
    path = authority.folder / "signed.pdf"
    path.write_bytes(pdf)
    return path


def _pdfsig(authority: Authority, pdf: Path, trusted: Path) -> str:
    folder = f"sql:{trusted}"
    trusted.mkdir()
    root = str(authority.folder / "root.pem")
    for command in (
        ["certutil", "-N", "-d", folder, "--empty-password"],
        ["certutil", "-A", "-d", folder, "-n", "TEST ROOT", "-t", "CT,C,C", "-i", root],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    result = subprocess.run(
        ["pdfsig", "-nssdir", folder, str(pdf)], capture_output=True, text=True, check=False, timeout=60
    )
    return result.stdout + result.stderr


def test_pdfsig_trusts_a_signer_whose_status_the_responder_tells_and_no_revoked_one(
    authority: Authority, tmp_path: Path
) -> None:
    person = authority.person("pdf-signer")
    pdf = _signed(authority, person)
    before = _pdfsig(authority, pdf, tmp_path / "nss")
    assert "Signature is Valid." in before
    assert "Certificate is Trusted." in before
    authority.ca.revoke(person.certificate)
    after = _pdfsig(authority, pdf, tmp_path / "nss-later")
    assert "Certificate has been Revoked." in after
