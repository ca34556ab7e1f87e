"""``certomancer-csc-dummy`` in a process of its own on loopback: somebody else's remote signing service."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.unit.signing.signed_samples import COMPANY, USCC, Office


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCredential:
    """A key that the service keeps, and its chain, leaf first, DER, up to the root."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    chain: tuple[bytes, ...]


def certified_by(office: Office, *, kind: str = "ec") -> RemoteCredential:
    """A seal's key, certified by the office's TEST CA."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    chain = office.ca.certify_seal(
        public, organisation=COMPANY, organisation_id=USCC, seal_name="供用电合同专用章"
    )
    return RemoteCredential(key=key, chain=chain)


@contextlib.contextmanager
def csc_service(
    folder: Path, credentials: Mapping[str, RemoteCredential], *, port: int | None = None
) -> Iterator[str]:
    """Its base URL; the credential ``remote/LABEL`` for each label. All under one issuing CA and root.

    Hashes must be named when the signature is authorised (SCAL 2).
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, credentials)
    port = port or free_port()
    command = [sys.executable, "-m", "csc_dummy", str(folder / "certomancer.yml"), str(port), "2"]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, env=dict(os.environ))
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process, folder / "said")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _write(folder: Path, credentials: Mapping[str, RemoteCredential]) -> None:
    _, issuing, root = next(iter(credentials.values())).chain
    for name, der in (("issuing", issuing), ("root", root)):
        (folder / f"{name}.crt").write_bytes(der)
        known = x509.load_der_x509_certificate(der).public_key()
        (folder / f"{name}.pub.pem").write_bytes(
            known.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    for name, credential in credentials.items():
        (folder / f"{name}.crt").write_bytes(credential.chain[0])
        (folder / f"{name}.key.pem").write_bytes(
            credential.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    # JSON is YAML
    (folder / "certomancer.yml").write_text(json.dumps(_configuration(folder, tuple(credentials))))


def _configuration(folder: Path, labels: tuple[str, ...]) -> dict[str, object]:
    issuers = {"root": "root", "issuing": "root", **dict.fromkeys(labels, "issuing")}
    authorities: dict[str, object] = {
        name: {"path": f"{name}.pub.pem", "public-only": True} for name in ("root", "issuing")
    }
    always = {"valid-from": "2000-01-01T00:00:00+0000", "valid-to": "2100-01-01T00:00:00+0000"}
    remote = {
        "keyset": "remote",
        "entities": {name: {"common-name": name} for name in issuers},
        "certs": {
            name: {
                "certificate-file": str(folder / f"{name}.crt"),
                "subject": name,
                "issuer": issuer,
                "validity": always,
            }
            for name, issuer in issuers.items()
        },
    }
    keys = {**authorities, **{name: {"path": f"{name}.key.pem"} for name in labels}}
    return {
        "external-url-prefix": "http://remote.test",
        "keysets": {"remote": {"path-prefix": str(folder), "keys": keys}},
        "pki-architectures": {"remote": remote},
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/info", timeout=2).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the service did not start: {said.read_text()[-2000:]}")
