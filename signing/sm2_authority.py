"""The TEST authorities of the domestic track: an SM2 CA for signers, a seal maker under a root of its own.

They stand in for a licensed CA and for a seal-making unit (制章单位) in the default run, and every
subject says TEST. State lives in one directory, private keys sealed under the caller's key-encryption
key; a signer's key never comes here, only its public half. In production both are replaced by
configuration: the bundle names other roots, and an adapter gives other seals.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import x509

from kernel.atomic_file import write_atomically
from kernel.clock import Clock, parse_utc, utc_text
from kernel.errors import FaultError
from signing.certificate_profile import subject_name
from signing.key_encryption import KeyEncryptionKey
from signing.ses.making import IssuedSeal, SealOrder, SealTerms, make_seal
from signing.sm2_certificates import (
    BACKDATE,
    Sm2Issuer,
    certify_sm2,
    self_certified_sm2,
    sm2_authority_name,
    sm2_revocation_list,
)
from signing.sm2_key import Sm2Key

__all__ = ["DamagedSm2AuthorityError", "Sm2Authority"]

ROOT = "sm2-root"
MAKER_ROOT = "seal-maker-root"
MAKER = "seal-maker"
REVOKED = "sm2-revoked.json"
NAMES = {
    ROOT: "Contracts Chain TEST SM2 CA - NOT FOR PRODUCTION",
    MAKER_ROOT: "Contracts Chain TEST SEAL MAKER CA - NOT FOR PRODUCTION",
    MAKER: "Contracts Chain TEST SEAL MAKER - NOT FOR PRODUCTION",
}
AUTHORITY_LIFETIME = timedelta(days=3650)
SEAL_LIFETIME = timedelta(days=365)
VENDOR = "CC-TEST"


class DamagedSm2AuthorityError(FaultError):
    """The directory of the TEST SM2 authorities is incomplete or not one."""

    code = "damaged_sm2_authority"

    def __init__(self, directory: Path) -> None:
        """Keep the directory; a restore replaces it whole."""
        super().__init__(
            f"{directory} is not a complete TEST SM2 authority; restore it from backup or name an empty one",
            f"{directory} 不是完整的国密测试 CA 目录；请从备份恢复或指定空目录",
        )
        self.directory = directory


class Sm2Authority:
    """Certifies signers' SM2 keys and makes their seals.

    Implements ``ses.making.SealIssuer`` and ``model.RevocationSource``.
    """

    def __init__(self, directory: Path, issuers: dict[str, Sm2Issuer], clock: Clock) -> None:
        """Use ``open``, which creates or loads."""
        self._directory = directory
        self._issuers = issuers
        self._clock = clock

    @classmethod
    def open(cls, directory: Path, kek: KeyEncryptionKey, clock: Clock) -> Sm2Authority:
        """Create the authorities on first use, load them ever after.

        Two processes may call this at once: the directory appears whole or not at all.

        Args:
            directory: Absent, empty, or made by this method.
            kek: Seals the three private keys.
            clock: Source of every date in certificates, lists and seals.

        Raises:
            DamagedSm2AuthorityError: The directory holds something else.
            FaultError: Another ``kek``, damaged keys, or no SM2 on this machine.
        """
        if not (directory / f"{ROOT}.der").exists():
            _found(directory, kek, clock.now())
        try:
            issuers = {name: _load(directory, name, kek) for name in NAMES}
        except FileNotFoundError as problem:
            raise DamagedSm2AuthorityError(directory) from problem
        return cls(directory, issuers, clock)

    @property
    def sm2_roots(self) -> tuple[bytes, ...]:
        """Trusted authorities of signers, DER."""
        return (self._issuers[ROOT].certificate,)

    @property
    def seal_maker_roots(self) -> tuple[bytes, ...]:
        """Trusted authorities of seal makers, DER."""
        return (self._issuers[MAKER_ROOT].certificate,)

    @staticmethod
    def common_name(*, organisation: str, seal_name: str) -> str:
        """Common name of the certificate, and name of the seal."""
        return f"{organisation} {seal_name} TEST"

    def certify(
        self, public_key_der: bytes, *, organisation: str, organisation_id: str, seal_name: str
    ) -> bytes:
        """A signer's certificate over a public key, DER, good for a year.

        Raises:
            NameTooLongError: The common name would exceed 64 characters.
        """
        common_name = self.common_name(organisation=organisation, seal_name=seal_name)
        subject = subject_name(common_name, organisation=organisation, organisation_id=organisation_id)
        return certify_sm2(
            subject,
            public_key_der,
            issuer=self._issuers[ROOT],
            moment=self._clock.now(),
            lifetime=SEAL_LIFETIME,
        )

    def seal_for(self, public_key_der: bytes, order: SealOrder) -> IssuedSeal:
        """Certify the key and make the seal that lists this certificate.

        Its period begins with the certificate's: who asked states a time read before the seal was made.

        Raises:
            NameTooLongError: The common name would exceed 64 characters.
        """
        certificate = self.certify(
            public_key_der,
            organisation=order.organisation,
            organisation_id=order.organisation_id,
            seal_name=order.seal_name,
        )
        created = self._clock.now().replace(microsecond=0)
        terms = SealTerms(
            seal_id=order.seal_id,
            vendor=VENDOR,
            name=self.common_name(organisation=order.organisation, seal_name=order.seal_name),
            created_utc=created,
            valid_from_utc=created - BACKDATE,
            valid_to_utc=created + SEAL_LIFETIME,
        )
        maker = self._issuers[MAKER]
        seal = make_seal(terms, order.picture, (certificate,), maker.certificate, maker.key)
        return IssuedSeal(seal=seal, certificate=certificate, crls=self.crls())

    def crls(self) -> tuple[bytes, ...]:
        """Fresh full lists of both authorities, DER."""
        revoked, moment = self._revoked(), self._clock.now()
        return tuple(
            sm2_revocation_list(self._issuers[name], revoked.get(name, {}), moment)
            for name in (ROOT, MAKER_ROOT)
        )

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Fresh full lists of those of the two that issued a certificate of ``chain``, DER."""
        wanted = {x509.Certificate.load(der).issuer.dump() for der in chain}
        lists = zip((ROOT, MAKER_ROOT), self.crls(), strict=True)
        return tuple(one for name, one in lists if self._subject(name) in wanted)

    def revoke(self, certificate: bytes) -> None:
        """Put a certificate on the list of whoever of the two issued it; a second call changes nothing.

        Raises:
            ValueError: Neither issued it.
        """
        loaded = x509.Certificate.load(certificate)
        name = next((one for one in (ROOT, MAKER_ROOT) if self._subject(one) == loaded.issuer.dump()), None)
        if name is None:
            raise ValueError("the certificate is of another authority")
        revoked = self._revoked()
        revoked.setdefault(name, {}).setdefault(loaded.serial_number, self._clock.now())
        content = {
            issuer: {str(serial): utc_text(when) for serial, when in listed.items()}
            for issuer, listed in revoked.items()
        }
        write_atomically(self._directory / REVOKED, json.dumps(content).encode())

    @property
    def maker_certificate(self) -> bytes:
        """The seal maker's unit certificate, DER."""
        return self._issuers[MAKER].certificate

    def _subject(self, name: str) -> bytes:
        return bytes(x509.Certificate.load(self._issuers[name].certificate).subject.dump())

    def _revoked(self) -> dict[str, dict[int, datetime]]:
        try:
            listed: dict[str, dict[str, str]] = json.loads((self._directory / REVOKED).read_text())
        except FileNotFoundError:
            return {}
        return {
            issuer: {int(serial): parse_utc(when) for serial, when in serials.items()}
            for issuer, serials in listed.items()
        }


def _found(directory: Path, kek: KeyEncryptionKey, moment: datetime) -> None:
    """Make everything in a neighbour and rename it; a lost race leaves the winner's directory."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        for name, issuer in _make(moment).items():
            write_atomically(scratch / f"{name}.der", issuer.certificate)
            issuer.key.save(scratch / f"{name}.key", kek)
        os.rename(scratch, directory)  # noqa: PTH104 - Path.rename hides that an empty target is replaced
    except OSError as problem:
        if not (directory / f"{ROOT}.der").exists():
            raise DamagedSm2AuthorityError(directory) from problem
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _make(moment: datetime) -> dict[str, Sm2Issuer]:
    made: dict[str, Sm2Issuer] = {}
    for name in (ROOT, MAKER_ROOT):
        key = Sm2Key.generate()
        subject = sm2_authority_name(NAMES[name])
        certificate = self_certified_sm2(subject, key, moment=moment, lifetime=AUTHORITY_LIFETIME)
        made[name] = Sm2Issuer(certificate=certificate, key=key)
    key = Sm2Key.generate()
    unit = certify_sm2(
        sm2_authority_name(NAMES[MAKER]),
        key.public_key_der,
        issuer=made[MAKER_ROOT],
        moment=moment,
        lifetime=AUTHORITY_LIFETIME,
    )
    made[MAKER] = Sm2Issuer(certificate=unit, key=key)
    return made


def _load(directory: Path, name: str, kek: KeyEncryptionKey) -> Sm2Issuer:
    certificate = (directory / f"{name}.der").read_bytes()
    return Sm2Issuer(certificate=certificate, key=Sm2Key.load(directory / f"{name}.key", kek))
