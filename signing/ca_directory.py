"""The TEST CA's directory: authorities and sealed keys, the register of what it issued and revoked.

Decides names and formats of the files (docs/formats/test-pki.md). The directory appears whole by one
rename or not at all; two processes may open it at once. Never holds a private key unsealed, nor any
key of a person or a seal.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.atomic_file import write_atomically
from kernel.clock import parse_utc, utc_text
from kernel.digests import sha256
from kernel.errors import FaultError
from kernel.os_reason import reason_en, reason_zh
from signing.certificate_profile import (
    Authority,
    authority_name,
    certify_authority,
    certify_ocsp_responder,
    certify_tsa,
)
from signing.key_encryption import KeyEncryptionKey
from signing.publication import Publication
from signing.software_key import SoftwareKey

__all__ = [
    "ISSUING",
    "OCSP",
    "ROOT",
    "TSA",
    "TSA_ROOT",
    "CaDirectory",
    "DamagedTestCaError",
    "RegisterUnwritableError",
    "open_authorities",
]

ROOT = "root"
ISSUING = "issuing"
OCSP = "ocsp"
TSA_ROOT = "tsa-root"
TSA = "tsa"
NAMES = {
    ROOT: "Contracts Chain TEST ROOT CA - NOT FOR PRODUCTION",
    ISSUING: "Contracts Chain TEST ISSUING CA - NOT FOR PRODUCTION",
    OCSP: "Contracts Chain TEST OCSP RESPONDER - NOT FOR PRODUCTION",
    TSA_ROOT: "Contracts Chain TEST TSA ROOT - NOT FOR PRODUCTION",
    TSA: "Contracts Chain TEST TSA - NOT FOR PRODUCTION",
}
AUTHORITY_DAYS = 3650
REVOKED = "revoked.json"
ISSUED = "issued.txt"
LINE_PARTS = 3
"""Serial number, time, digest."""


class DamagedTestCaError(FaultError):
    """The directory of the test authority is incomplete or not one."""

    code = "damaged_test_ca"

    def __init__(self, directory: Path) -> None:
        """Keep the directory; a restore replaces it whole."""
        super().__init__(
            f"{directory} is not a complete TEST CA directory; restore it from backup or name an empty one",
            f"{directory} 不是完整的测试 CA 目录；请从备份恢复或指定空目录",
        )
        self.directory = directory


class RegisterUnwritableError(FaultError):
    """The line of a new certificate is not on disk; the certificate is thrown away."""

    code = "register_unwritable"

    def __init__(self, directory: Path, problem: OSError) -> None:
        """Keep the reason."""
        super().__init__(
            f"no certificate was issued: {directory / ISSUED} cannot be written ({reason_en(problem)}); "
            "make room and try again",
            f"未签发证书：无法写入 {directory / ISSUED}（{reason_zh(problem)}）；请释放空间后重试",
        )


class CaDirectory:
    """What the issuing CA has issued and revoked, for every process that opened the directory."""

    def __init__(self, directory: Path) -> None:
        """Read nothing yet."""
        self._directory = directory
        self._lock = threading.Lock()
        self._issued: set[int] = set()
        self._read_to = 0

    def note_issued(self, certificate: bytes, moment: datetime) -> None:
        """Add one certificate (DER) to the register; on disk before the certificate is handed out.

        Raises:
            RegisterUnwritableError: The certificate must not be used.
        """
        serial = x509.load_der_x509_certificate(certificate).serial_number
        line = f"{serial:x} {utc_text(moment)} {sha256(certificate).hex()}\n".encode()
        try:
            descriptor = os.open(self._directory / ISSUED, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "r+b") as register:
                register.write(_after_a_cut_line(descriptor) + line)
                register.flush()
                os.fsync(descriptor)
        except OSError as problem:
            raise RegisterUnwritableError(self._directory, problem) from problem

    def has_issued(self, serial: int) -> bool:
        """Whether a certificate of this serial number stands in the register."""
        with self._lock:
            self._read_on()
            return serial in self._issued

    def revoke(self, serial: int, moment: datetime) -> None:
        """Note a revocation; an earlier one of the same serial number stands."""
        with self._lock:
            revoked = self.revoked()
            revoked.setdefault(serial, moment)
            content = json.dumps({str(number): utc_text(when) for number, when in revoked.items()})
            write_atomically(self._directory / REVOKED, content.encode())

    def revoked(self) -> dict[int, datetime]:
        """Serial number → time of revocation."""
        try:
            listed: dict[str, str] = json.loads((self._directory / REVOKED).read_text())
        except FileNotFoundError:
            return {}
        return {int(serial): parse_utc(when) for serial, when in listed.items()}

    def _read_on(self) -> None:
        """Take in the whole lines that this or another process has added since."""
        try:
            with (self._directory / ISSUED).open("rb") as stream:
                stream.seek(self._read_to)
                added = stream.read()
        except FileNotFoundError:
            return
        whole = added[: added.rfind(b"\n") + 1]
        parts = [line.split(b" ") for line in whole.splitlines()]
        self._issued.update(int(part[0], 16) for part in parts if len(part) == LINE_PARTS)
        self._read_to += len(whole)


def _after_a_cut_line(descriptor: int) -> bytes:
    """A line break where a full disk cut the line before."""
    size = os.fstat(descriptor).st_size
    return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""


def open_authorities(
    directory: Path, kek: KeyEncryptionKey, moment: datetime, base_url: str | None
) -> dict[str, Authority]:
    """Make the authorities on first use, load them ever after.

    Args:
        directory: Absent, empty, or made by this function.
        kek: Seals the keys.
        moment: Now, for certificates made now.
        base_url: Where they will be published; only read when they are made.

    Raises:
        DamagedTestCaError: The directory holds something else.
        UnreadableKeyError: Another ``kek``, or damaged keys.
    """
    if not (directory / f"{ROOT}.pem").exists():
        _found(directory, kek, _make(moment, base_url))
    try:
        return {name: _load(directory, name, kek) for name in NAMES}
    except (FileNotFoundError, ValueError) as problem:
        raise DamagedTestCaError(directory) from problem


def _found(directory: Path, kek: KeyEncryptionKey, made: dict[str, Authority]) -> None:
    """Make everything in a neighbour and rename it; a lost race leaves the winner's directory."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        for name, authority in made.items():
            write_atomically(scratch / f"{name}.pem", authority.certificate.public_bytes(Encoding.PEM))
            authority.key.save(scratch / f"{name}.key", kek)
        os.rename(scratch, directory)  # noqa: PTH104 - Path.rename hides that an empty target is replaced
    except OSError as problem:
        if not (directory / f"{ROOT}.pem").exists():
            raise DamagedTestCaError(directory) from problem
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _make(moment: datetime, base_url: str | None) -> dict[str, Authority]:
    made: dict[str, Authority] = {}
    for name, issuer, path_length in ((ROOT, None, 1), (ISSUING, ROOT, 0), (TSA_ROOT, None, 0)):
        key = SoftwareKey.generate()
        certificate = certify_authority(
            authority_name(NAMES[name]),
            key,
            issuer=made[issuer] if issuer else None,
            path_length=path_length,
            moment=moment,
            days=AUTHORITY_DAYS,
            published=Publication(base_url=base_url, issuer=issuer) if base_url and issuer else None,
        )
        made[name] = Authority(certificate=certificate, key=key)
    return made | {TSA: _tsa(made[TSA_ROOT], moment, base_url), OCSP: _responder(made[ISSUING], moment)}


def _tsa(issuer: Authority, moment: datetime, base_url: str | None) -> Authority:
    key = SoftwareKey.generate()
    certificate = certify_tsa(
        authority_name(NAMES[TSA]),
        key,
        issuer=issuer,
        moment=moment,
        days=AUTHORITY_DAYS,
        published=Publication(base_url=base_url, issuer=TSA_ROOT) if base_url else None,
    )
    return Authority(certificate=certificate, key=key)


def _responder(issuer: Authority, moment: datetime) -> Authority:
    key = SoftwareKey.generate()
    certificate = certify_ocsp_responder(
        authority_name(NAMES[OCSP]), key, issuer=issuer, moment=moment, days=AUTHORITY_DAYS
    )
    return Authority(certificate=certificate, key=key)


def _load(directory: Path, name: str, kek: KeyEncryptionKey) -> Authority:
    certificate = x509.load_pem_x509_certificate((directory / f"{name}.pem").read_bytes())
    key = SoftwareKey.load(directory / f"{name}.key", kek)
    return Authority(certificate=certificate, key=key)
