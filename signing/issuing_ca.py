"""The TEST certification authority: roots, issuing CA, TSA, people and seals.

It stands in for a licensed electronic-certification provider (电子认证服务机构) in the
default run, and every certificate says so. In production this module is replaced by
an adapter to a licensed CA; nothing else changes. State lives in one directory,
private keys encrypted under the caller's key-encryption key. A key made for a person
is returned, never stored.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.atomic_file import write_atomically
from kernel.clock import Clock, parse_utc, utc_text
from kernel.errors import FaultError
from signing.certificate_profile import (
    Authority,
    authority_name,
    certify_authority,
    certify_signer,
    certify_tsa,
    revocation_list,
    subject_name,
)
from signing.model import Credential
from signing.software_key import SoftwareKey

__all__ = ["DamagedTestCaError", "TestCa"]

ROOT = "root"
ISSUING = "issuing"
TSA_ROOT = "tsa-root"
TSA = "tsa"
REVOKED = "revoked.json"
NAMES = {
    ROOT: "Contracts Chain TEST ROOT CA - NOT FOR PRODUCTION",
    ISSUING: "Contracts Chain TEST ISSUING CA - NOT FOR PRODUCTION",
    TSA_ROOT: "Contracts Chain TEST TSA ROOT - NOT FOR PRODUCTION",
    TSA: "Contracts Chain TEST TSA - NOT FOR PRODUCTION",
}
PERSON_LIFETIME = timedelta(minutes=10)
SEAL_LIFETIME = timedelta(days=365)
AUTHORITY_DAYS = 3650


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


class TestCa:
    """A root, an issuing CA below it, and a time-stamping authority under a root of its own."""

    __test__ = False

    def __init__(self, directory: Path, authorities: dict[str, Authority], clock: Clock) -> None:
        """Use ``open``, which creates or loads."""
        self._directory = directory
        self._authorities = authorities
        self._clock = clock

    @classmethod
    def open(cls, directory: Path, kek: bytes, clock: Clock) -> TestCa:
        """Create the authority on first use, load it ever after.

        Two processes may call this at once: the directory appears whole or not at all.

        Args:
            directory: Absent, empty, or made by this method.
            kek: Key-encryption key, 1 to 1023 bytes.
            clock: Source of every date in certificates and lists.

        Raises:
            DamagedTestCaError: The directory holds something else.
            UnreadableKeyError: Another ``kek``, or damaged keys.
        """
        if not (directory / f"{ROOT}.pem").exists():
            _found(directory, kek, clock.now())
        try:
            authorities = {name: _load(directory, name, kek) for name in NAMES}
        except (FileNotFoundError, ValueError) as problem:
            raise DamagedTestCaError(directory) from problem
        return cls(directory, authorities, clock)

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Trusted roots of signers, DER."""
        return (_der(self._authorities[ROOT].certificate),)

    @property
    def tsa_roots(self) -> tuple[bytes, ...]:
        """Trusted roots of timestamps, DER."""
        return (_der(self._authorities[TSA_ROOT].certificate),)

    @property
    def tsa_credential(self) -> Credential:
        """Certificate, chain and key of the time-stamping authority."""
        return self._credential(TSA, TSA_ROOT)

    def issue_person(
        self,
        *,
        name: str,
        organisation: str | None,
        organisation_id: str | None,
        lifetime: timedelta = PERSON_LIFETIME,
    ) -> Credential:
        """Certify a fresh key for one signing event.

        Args:
            name: As on the identity document; becomes the common name unchanged.
            organisation: Whom the person signs for, if anybody.
            organisation_id: Its 统一社会信用代码, 18 characters.
            lifetime: From now; minutes, because the timestamp preserves the proof.

        Raises:
            NameTooLongError: A name beyond X.509's 64 characters.
        """
        subject = subject_name(name, organisation=organisation, organisation_id=organisation_id)
        return self._issue(subject, lifetime)

    @staticmethod
    def seal_common_name(*, organisation: str, seal_name: str) -> str:
        """Common name that the certificate of this seal carries."""
        return f"{organisation} {seal_name} TEST"

    def issue_seal(self, *, organisation: str, organisation_id: str, seal_name: str) -> Credential:
        """Certify a fresh key for a company seal, common name ``organisation seal_name TEST``.

        Raises:
            NameTooLongError: The common name would exceed 64 characters.
        """
        common_name = self.seal_common_name(organisation=organisation, seal_name=seal_name)
        subject = subject_name(common_name, organisation=organisation, organisation_id=organisation_id)
        return self._issue(subject, SEAL_LIFETIME)

    def revoke(self, certificate: bytes) -> None:
        """Put a certificate on the issuing CA's list from now on; a second call changes nothing.

        Args:
            certificate: DER.
        """
        revoked = self._revoked()
        revoked.setdefault(x509.load_der_x509_certificate(certificate).serial_number, self._clock.now())
        content = json.dumps({str(serial): utc_text(when) for serial, when in revoked.items()})
        write_atomically(self._directory / REVOKED, content.encode())

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Fresh full CRLs of every authority here that issued a certificate of ``chain``.

        A certificate of an issuer unknown here is passed over; signing then fails, as it
        must, for want of revocation data.
        """
        loaded = [x509.load_der_x509_certificate(certificate) for certificate in chain]
        wanted = {certificate.issuer for certificate in loaded}
        revoked, moment = self._revoked(), self._clock.now()
        return tuple(
            revocation_list(self._authorities[name], revoked if name == ISSUING else {}, moment)
            for name in (ISSUING, ROOT, TSA_ROOT)
            if self._authorities[name].certificate.subject in wanted
        )

    def _issue(self, subject: asn1.Name, lifetime: timedelta) -> Credential:
        key = SoftwareKey.generate()
        issuer, moment = self._authorities[ISSUING], self._clock.now()
        certificate = certify_signer(
            subject, key.public_key_der, issuer=issuer, moment=moment, lifetime=lifetime
        )
        chain = (certificate, _der(issuer.certificate), *self.roots)
        return Credential(certificate=chain[0], chain=chain, key=key)

    def _credential(self, leaf: str, issuer: str) -> Credential:
        chain = (_der(self._authorities[leaf].certificate), _der(self._authorities[issuer].certificate))
        return Credential(certificate=chain[0], chain=chain, key=self._authorities[leaf].key)

    def _revoked(self) -> dict[int, datetime]:
        try:
            listed: dict[str, str] = json.loads((self._directory / REVOKED).read_text())
        except FileNotFoundError:
            return {}
        return {int(serial): parse_utc(when) for serial, when in listed.items()}


def _found(directory: Path, kek: bytes, moment: datetime) -> None:
    """Make everything in a neighbour and rename it; a lost race leaves the winner's directory."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        for name, authority in _make(moment).items():
            write_atomically(scratch / f"{name}.pem", authority.certificate.public_bytes(Encoding.PEM))
            authority.key.save(scratch / f"{name}.key.pem", kek)
        os.rename(scratch, directory)  # noqa: PTH104 - Path.rename hides that an empty target is replaced
    except OSError as problem:
        if not (directory / f"{ROOT}.pem").exists():
            raise DamagedTestCaError(directory) from problem
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _make(moment: datetime) -> dict[str, Authority]:
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
        )
        made[name] = Authority(certificate=certificate, key=key)
    key = SoftwareKey.generate()
    stamping = certify_tsa(
        authority_name(NAMES[TSA]), key, issuer=made[TSA_ROOT], moment=moment, days=AUTHORITY_DAYS
    )
    made[TSA] = Authority(certificate=stamping, key=key)
    return made


def _load(directory: Path, name: str, kek: bytes) -> Authority:
    certificate = x509.load_pem_x509_certificate((directory / f"{name}.pem").read_bytes())
    key = SoftwareKey.load(directory / f"{name}.key.pem", kek)
    return Authority(certificate=certificate, key=key)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
