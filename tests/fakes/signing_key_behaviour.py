"""What every ``SigningKey`` must do, wherever its private half lives.

A fixture ``made_key`` gives a ``MadeKey``. Its certificate comes from the TEST CA or from the remote
CA; a signature made with it must satisfy our own verifier and ``openssl cms``.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.verdict import Verdict
from signing.cades import sign_detached, verify_detached
from signing.model import Credential, SignatureTrust, SigningKey
from signing.signature_mechanism import WrongSignatureError, greatest_signature, verify_raw_signature
from signing.software_key import KeyDestroyedError
from tests.unit.signing.signed_samples import PARTIES, Office, draft, with_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A key with its certificate, and the roots it leads to."""

    key: SigningKey
    chain: tuple[bytes, ...]
    office: Office

    @property
    def credential(self) -> Credential:
        return Credential(certificate=self.chain[0], chain=self.chain, key=self.key)

    @property
    def public_der(self) -> bytes:
        key = x509.load_der_x509_certificate(self.chain[0]).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class SigningKeyBehaviour:
    """Inherit, and give a fixture ``made_key``."""

    def test_its_signature_is_the_certificates_over_the_message_and_no_other(self, made_key: MadeKey) -> None:
        signature = made_key.key.sign(b"message")
        verify_raw_signature(made_key.public_der, signature, b"message")
        with pytest.raises(WrongSignatureError):
            verify_raw_signature(made_key.public_der, signature, b"messagf")

    def test_no_signature_is_longer_than_its_mechanism_allows(self, made_key: MadeKey) -> None:
        greatest = greatest_signature(made_key.public_der)
        assert all(len(made_key.key.sign(bytes([n]))) <= greatest for n in range(8))

    def test_a_pdf_signed_with_it_is_proven(self, made_key: MadeKey) -> None:
        office = made_key.office
        pdf = office.sign(with_fields(draft()), PARTIES[1], certify=True, credential=made_key.credential)
        finding = office.inspect(pdf).signatures[0]
        found = (finding.integrity, finding.chain, finding.timestamp)
        assert found == (Verdict.PROVEN,) * 3, finding

    def test_openssl_accepts_a_cms_made_with_it(self, made_key: MadeKey, tmp_path: Path) -> None:
        office = made_key.office
        office.clock.advance(timedelta(seconds=20))
        roots = (*office.ca.roots, *office.ca.tsa_roots)
        cms = sign_detached(b"content", made_key.credential, office.tsa, office.ca, roots)
        trust = SignatureTrust(ca_roots=office.ca.roots, tsa_roots=office.ca.tsa_roots)
        assert verify_detached(b"content", cms, trust)
        (tmp_path / "sig.der").write_bytes(cms)
        (tmp_path / "content").write_bytes(b"content")
        root = x509.load_der_x509_certificate(office.ca.roots[0]).public_bytes(Encoding.PEM)
        (tmp_path / "root.pem").write_bytes(root)
        assert "successful" in _openssl_cms(tmp_path, int(office.clock.now().timestamp()))

    def test_once_destroyed_it_signs_nothing(self, made_key: MadeKey) -> None:
        made_key.key.destroy()
        with pytest.raises(KeyDestroyedError):
            made_key.key.sign(b"message")


def _openssl_cms(folder: Path, moment: int) -> str:
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-in", "sig.der"]
    command += ["-content", "content", "-CAfile", "root.pem", "-purpose", "any", "-attime", str(moment)]
    command += ["-out", "/dev/null"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stderr
