"""``certomancer-csc-dummy`` in a process of its own on loopback: somebody else's remote signing service."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.unit.signing.signed_samples import COMPANY, USCC, Office

CONFIGURATION = """
external-url-prefix: "http://remote.test"
keysets:
  remote:
    path-prefix: {folder}
    keys:
      root: {{path: root.pub.pem, public-only: true}}
      issuing: {{path: issuing.pub.pem, public-only: true}}
      signer: {{path: signer.key.pem}}
pki-architectures:
  remote:
    keyset: remote
    entities:
      root: {{common-name: root}}
      issuing: {{common-name: issuing}}
      signer: {{common-name: signer}}
    certs:
      root:
        certificate-file: {folder}/root.crt
        subject: root
        issuer: root
        validity: &always
          valid-from: "2000-01-01T00:00:00+0000"
          valid-to: "2100-01-01T00:00:00+0000"
      issuing:
        certificate-file: {folder}/issuing.crt
        subject: issuing
        issuer: root
        validity: *always
      signer:
        certificate-file: {folder}/signer.crt
        subject: signer
        issuer: issuing
        validity: *always
"""


@contextlib.contextmanager
def csc_service(folder: Path, office: Office, *, kind: str = "ec") -> Iterator[str]:
    """Its base URL; credential ``remote/signer`` is certified by the office's TEST CA.

    Hashes must be named when the signature is authorised (SCAL 2).
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_keys(folder, office, kind)
    port = _free_port()
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


def _write_keys(folder: Path, office: Office, kind: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "signer.key.pem").write_bytes(pkcs8)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    chain = office.ca.certify_seal(
        public, organisation=COMPANY, organisation_id=USCC, seal_name="供用电合同专用章"
    )
    for name, der in zip(("signer", "issuing", "root"), chain, strict=True):
        (folder / f"{name}.crt").write_bytes(der)
        known = x509.load_der_x509_certificate(der).public_key()
        (folder / f"{name}.pub.pem").write_bytes(
            known.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    (folder / "certomancer.yml").write_text(CONFIGURATION.format(folder=folder))


def _free_port() -> int:
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
