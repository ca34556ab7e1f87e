"""Keys: a raw signature through a SoftHSM2 token beside one in software, and what keys cost around it.

``python -m bench.rows_keys`` runs these rows alone. ``bare`` of the token row is python-pkcs11 with the
key found beforehand: what we add is finding the key, proving the session alive and the DER form.
SoftHSM2 keeps its keys in software; a real device adds its own time and the way there.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pkcs11 import Attribute, Mechanism, ObjectClass

from bench.measuring import Row, Work, median_ms, row
from kernel.clock import SystemClock
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import SoleControl
from signing.pkcs11_key import Pkcs11Key
from signing.pkcs11_token import TokenAddress, TokenSession
from signing.software_key import SoftwareKey

TURNS = 21
ROUNDS = 20
"""Calls within one turn."""
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
GREATEST_MS = 10.0
MESSAGE = bytes(200)
"""As long as the signed attributes of a PDF signature."""


def rows() -> list[Row]:
    """Every row of this module."""
    with tempfile.TemporaryDirectory() as folder:
        return [_token_row(Path(folder)), *_authority_rows(Path(folder)), _envelope_row()]


def _token_row(folder: Path) -> Row:
    address = _token(folder)
    key, software = Pkcs11Key.generate(address), SoftwareKey.generate()
    ours, bare, in_software = _each(
        lambda: key.sign(MESSAGE), _bare_signature(address), lambda: software.sign(MESSAGE)
    )
    return row(
        "key in a token",
        "one ECDSA P-256 signature through SoftHSM2",
        "ms",
        ours,
        bare,
        goal=GREATEST_MS,
        met=ours <= GREATEST_MS,
        peers={"software key": in_software},
    )


def _authority_rows(folder: Path) -> list[Row]:
    ca = TestCa.open(folder / "ca", KeyEncryptionKey.of(bytes(32)), SystemClock())
    person = ca.issue_person(name="张三", organisation=None, organisation_id=None)
    leaf, issuing = (x509.load_der_x509_certificate(der) for der in person.chain[:2])
    built = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, hashes.SHA256()).build()
    request = built.public_bytes(Encoding.DER)
    software = SoftwareKey.generate()
    issued, answered, signature = _each(
        lambda: ca.issue_person(
            name="张三", organisation=None, organisation_id=None, sole_control=SoleControl.PASSKEY
        ),
        lambda: ca.ocsp_response(request),
        lambda: software.sign(MESSAGE),
    )
    return [
        _bounded("certificate of one event", "fresh key, certificate, register on disk", issued, signature),
        _bounded("OCSP answer", "status of one certificate", answered, signature),
    ]


def _envelope_row() -> Row:
    kek, name, content = KeyEncryptionKey.of(bytes(32)), "value", bytes(60_000)
    cipher = AESGCM(bytes(32))
    ours, bare = _each(
        lambda: kek.unseal(name, kek.seal(name, content)),
        lambda: cipher.decrypt(bytes(12), cipher.encrypt(bytes(12), content, None), None),
    )
    return _bounded("sealed at rest", "seal and unseal 60 kB", ours, bare)


def _bounded(name: str, work: str, ours: float, bare: float) -> Row:
    return row(name, work, "ms", ours, bare, goal=GREATEST_MS, met=ours <= GREATEST_MS)


def _each(*works: Work) -> list[float]:
    """Milliseconds of one call of each."""

    def _many(work: Work) -> Work:
        return lambda: [work() for _ in range(ROUNDS)]

    return [figure / ROUNDS for figure in median_ms([_many(work) for work in works], TURNS)]


def _bare_signature(address: TokenAddress) -> Work:
    def _found(session: pkcs11.Session) -> list[pkcs11.Object]:
        wanted = {Attribute.LABEL: address.label, Attribute.CLASS: ObjectClass.PRIVATE_KEY}
        return list(session.get_objects(wanted))

    (key,) = TokenSession.of(address).use(address.pin_file, _found)
    digest = hashlib.sha256(MESSAGE).digest()
    return lambda: key.sign(digest, mechanism=Mechanism.ECDSA)  # type: ignore[attr-defined]


def _token(folder: Path) -> TokenAddress:
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "bench",
        "--pin",
        "2016",
        "--so-pin",
        "77777777",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    (folder / "pin").write_text("2016")
    return TokenAddress(module=MODULE, token="bench", label="seal", pin_file=folder / "pin")


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1, ensure_ascii=False))
