"""The openssl command agrees with our SM2 keys, signatures and certificates, both ways."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from kernel.clock import FixedClock
from signing.sm2_authority import Sm2Authority
from signing.sm2_key import Sm2Key
from signing.sm2_libcrypto import DEFAULT_ID, Sm2PrivateKey, Sm2PublicKey
from tests.integration.signing.conftest import run
from tests.unit.signing.ses_samples import COMPANY, KEK, SEAL, START, USCC

MESSAGE = b"agreed bytes" * 50


def _pem(path: Path, kind: str, der: bytes) -> Path:
    body = base64.encodebytes(der).decode()
    path.write_text(f"-----BEGIN {kind}-----\n{body}-----END {kind}-----\n")
    return path


@pytest.mark.parametrize("signer_id", [DEFAULT_ID, b"another-id"])
def test_openssl_accepts_our_signature_and_we_accept_its(tmp_path: Path, signer_id: bytes) -> None:
    key = Sm2PrivateKey.generate()
    private = _pem(tmp_path / "key.pem", "PRIVATE KEY", key.private_der())
    public = _pem(tmp_path / "pub.pem", "PUBLIC KEY", key.public_der())
    message, ours, theirs = tmp_path / "m", tmp_path / "ours", tmp_path / "theirs"
    message.write_bytes(MESSAGE)
    ours.write_bytes(key.sign(MESSAGE, signer_id))
    options = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{signer_id.decode()}", "-in", message]
    verified = run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-sigfile", ours, *options)
    assert "Signature Verified Successfully" in verified.stdout, verified.stderr
    signed = run("openssl", "pkeyutl", "-sign", "-inkey", private, "-out", theirs, *options)
    assert signed.returncode == 0, signed.stderr
    Sm2PublicKey(key.public_der()).verify(MESSAGE, theirs.read_bytes(), signer_id)


def test_openssl_verifies_our_certificates_under_their_own_roots_only(tmp_path: Path) -> None:
    authority = Sm2Authority.open(tmp_path / "sm2", KEK, FixedClock(START))
    signer = authority.certify(
        Sm2Key.generate().public_key_der, organisation=COMPANY, organisation_id=USCC, seal_name=SEAL
    )
    root = _pem(tmp_path / "root.pem", "CERTIFICATE", authority.sm2_roots[0])
    maker_root = _pem(tmp_path / "maker-root.pem", "CERTIFICATE", authority.seal_maker_roots[0])
    leaf = _pem(tmp_path / "leaf.pem", "CERTIFICATE", signer)
    maker = _pem(tmp_path / "maker.pem", "CERTIFICATE", authority.maker_certificate)
    options = ["-vfyopt", f"distid:{DEFAULT_ID.decode()}", "-attime", str(int(START.timestamp()))]
    for anchor, certificate, holds in (
        (root, leaf, True),
        (maker_root, maker, True),
        (maker_root, leaf, False),
        (root, maker, False),
    ):
        result = run("openssl", "verify", *options, "-x509_strict", "-CAfile", anchor, certificate)
        assert (result.returncode == 0) is holds, result.stdout + result.stderr


def test_openssl_reads_our_certificate_as_we_meant_it(tmp_path: Path) -> None:
    authority = Sm2Authority.open(tmp_path / "sm2", KEK, FixedClock(START))
    shown = run(
        "openssl",
        "x509",
        "-text",
        "-noout",
        "-in",
        _pem(tmp_path / "c.pem", "CERTIFICATE", authority.maker_certificate),
    )
    assert "SM2-with-SM3" in shown.stdout
    assert "Digital Signature, Non Repudiation" in shown.stdout
    assert "TEST SEAL MAKER - NOT FOR PRODUCTION" in shown.stdout
