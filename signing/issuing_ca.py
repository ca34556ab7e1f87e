"""The TEST certification authority: roots, issuing CA, TSA, people and seals.

It stands in for a licensed electronic-certification provider (电子认证服务机构) in the
default run, and every certificate says so. In production this module is replaced by
an adapter to a licensed CA; nothing else changes. State lives in one directory,
private keys sealed under the caller's key-encryption key. A key made for a person
is returned, never stored.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.clock import Clock
from kernel.errors import RejectedError
from signing.ca_directory import (
    ISSUING,
    OCSP,
    ROOT,
    TSA,
    TSA_ROOT,
    CaDirectory,
    DamagedTestCaError,
    open_authorities,
)
from signing.certificate_profile import Authority, certify_signer, revocation_list, subject_name
from signing.key_encryption import KeyEncryptionKey
from signing.model import Credential, SoleControl
from signing.ocsp_responder import OcspIssuer, ocsp_answer
from signing.publication import Publication
from signing.software_key import SoftwareKey

__all__ = [
    "OUTAGE_LIFETIME",
    "PERSON_LIFETIME",
    "SEAL_LIFETIME",
    "DamagedTestCaError",
    "TestCa",
    "UnknownAuthorityError",
]

PERSON_LIFETIME = timedelta(minutes=10)
OUTAGE_LIFETIME = timedelta(days=7)
"""For a signature that must wait for its timestamp: the certificate must still hold when it comes."""
SEAL_LIFETIME = timedelta(days=365)


class UnknownAuthorityError(RejectedError):
    """No authority here has this name."""

    code = "unknown_authority"

    def __init__(self, name: str) -> None:
        """Keep the name."""
        super().__init__(
            f"there is no authority '{name}' here; ask for {ROOT}, {ISSUING} or {TSA_ROOT}",
            f"此处没有名为“{name}”的证书机构；请查询 {ROOT}、{ISSUING} 或 {TSA_ROOT}",
        )
        self.name = name


class TestCa:
    """A root, an issuing CA below it, and a time-stamping authority under a root of its own."""

    __test__ = False

    def __init__(
        self, directory: Path, authorities: dict[str, Authority], clock: Clock, base_url: str | None
    ) -> None:
        """Use ``open``, which creates or loads."""
        self._register = CaDirectory(directory)
        self._authorities = authorities
        self._clock = clock
        self._published = Publication(base_url=base_url, issuer=ISSUING) if base_url else None

    @classmethod
    def open(
        cls, directory: Path, kek: KeyEncryptionKey, clock: Clock, *, base_url: str | None = None
    ) -> TestCa:
        """Create the authority on first use, load it ever after.

        Two processes may call this at once: the directory appears whole or not at all.

        Args:
            directory: Absent, empty, or made by this method.
            kek: Key-encryption key of the private keys.
            clock: Source of every date in certificates and lists.
            base_url: Address below which OCSP, lists and authorities are published; without it
                certificates name none. The issuing CA keeps the one of its first opening.

        Raises:
            DamagedTestCaError: The directory holds something else.
            UnreadableKeyError: Another ``kek``, or damaged keys.
        """
        return cls(directory, open_authorities(directory, kek, clock.now(), base_url), clock, base_url)

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
        sole_control: SoleControl | None = None,
        lifetime: timedelta = PERSON_LIFETIME,
    ) -> Credential:
        """Certify a fresh key for one signing event.

        Args:
            name: As on the identity document; becomes the common name unchanged.
            organisation: Whom the person signs for, if anybody.
            organisation_id: Its 统一社会信用代码, 18 characters.
            sole_control: How the person released the key; the certificate says so.
            lifetime: From now; minutes, because the timestamp preserves the proof.
                ``OUTAGE_LIFETIME`` where the timestamp must wait.

        Raises:
            NameTooLongError: A name beyond X.509's 64 characters.
        """
        key = SoftwareKey.generate()
        chain = self.certify_person(
            key.public_key_der,
            name=name,
            organisation=organisation,
            organisation_id=organisation_id,
            sole_control=sole_control,
            lifetime=lifetime,
        )
        return Credential(certificate=chain[0], chain=chain, key=key)

    def certify_person(
        self,
        public_key_der: bytes,
        *,
        name: str,
        organisation: str | None,
        organisation_id: str | None,
        sole_control: SoleControl | None = None,
        lifetime: timedelta = PERSON_LIFETIME,
    ) -> tuple[bytes, ...]:
        """Certify a key that lives elsewhere: in a browser, on a token; leaf first, DER.

        Args:
            public_key_der: SubjectPublicKeyInfo. The caller has seen proof that the person holds it.
            name: See ``issue_person``.
            organisation: See ``issue_person``.
            organisation_id: See ``issue_person``.
            sole_control: See ``issue_person``.
            lifetime: See ``issue_person``.

        Raises:
            NameTooLongError: A name beyond X.509's 64 characters.
            UnsuitableKeyError: Neither P-256 nor RSA of 2048 to 4096 bits.
        """
        subject = subject_name(name, organisation=organisation, organisation_id=organisation_id)
        return self._certify(subject, public_key_der, sole_control, lifetime)

    @staticmethod
    def seal_common_name(*, organisation: str, seal_name: str) -> str:
        """Common name that the certificate of this seal carries."""
        return f"{organisation} {seal_name} TEST"

    def issue_seal(
        self,
        *,
        organisation: str,
        organisation_id: str,
        seal_name: str,
        sole_control: SoleControl | None = None,
        lifetime: timedelta = SEAL_LIFETIME,
    ) -> Credential:
        """Certify a fresh key for a company seal, common name ``organisation seal_name TEST``.

        Raises:
            NameTooLongError: The common name would exceed 64 characters.
        """
        key = SoftwareKey.generate()
        chain = self.certify_seal(
            key.public_key_der,
            organisation=organisation,
            organisation_id=organisation_id,
            seal_name=seal_name,
            sole_control=sole_control,
            lifetime=lifetime,
        )
        return Credential(certificate=chain[0], chain=chain, key=key)

    def certify_seal(
        self,
        public_key_der: bytes,
        *,
        organisation: str,
        organisation_id: str,
        seal_name: str,
        sole_control: SoleControl | None = SoleControl.CUSTODIAN,
        lifetime: timedelta = SEAL_LIFETIME,
    ) -> tuple[bytes, ...]:
        """Certify the key of a company seal, e.g. in a hardware module; leaf first, DER.

        Raises:
            NameTooLongError: The common name would exceed 64 characters.
            UnsuitableKeyError: Neither P-256 nor RSA of 2048 to 4096 bits.
        """
        common_name = self.seal_common_name(organisation=organisation, seal_name=seal_name)
        subject = subject_name(common_name, organisation=organisation, organisation_id=organisation_id)
        return self._certify(subject, public_key_der, sole_control, lifetime)

    def has_issued(self, certificate: bytes) -> bool:
        """Whether the issuing CA signed this certificate, and it stands in the register.

        Args:
            certificate: DER of an X.509 certificate.
        """
        loaded = x509.load_der_x509_certificate(certificate)
        try:
            loaded.verify_directly_issued_by(self._authorities[ISSUING].certificate)
        except (InvalidSignature, TypeError, ValueError):
            return False
        return self._register.has_issued(loaded.serial_number)

    def revoke(self, certificate: bytes) -> None:
        """Put a certificate on the issuing CA's list from now on; a second call changes nothing.

        Args:
            certificate: DER.
        """
        serial = x509.load_der_x509_certificate(certificate).serial_number
        self._register.revoke(serial, self._clock.now())

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Fresh full CRLs of every authority here that issued a certificate of ``chain``.

        A certificate of an issuer unknown here is passed over; signing then fails, as it
        must, for want of revocation data.
        """
        loaded = [x509.load_der_x509_certificate(certificate) for certificate in chain]
        wanted = {certificate.issuer for certificate in loaded}
        return tuple(
            self.crl(name)
            for name in (ISSUING, ROOT, TSA_ROOT)
            if self._authorities[name].certificate.subject in wanted
        )

    def crl(self, name: str) -> bytes:
        """A fresh full list of ``root``, ``issuing`` or ``tsa-root``, DER.

        Raises:
            UnknownAuthorityError: Another name.
        """
        revoked = self._register.revoked() if name == ISSUING else {}
        return revocation_list(self._authority(name), revoked, self._clock.now())

    def authority_certificate(self, name: str) -> bytes:
        """Certificate of ``root``, ``issuing`` or ``tsa-root``, DER.

        Raises:
            UnknownAuthorityError: Another name.
        """
        return _der(self._authority(name).certificate)

    def ocsp_response(self, request_der: bytes) -> bytes:
        """Answer one OCSP request (RFC 6960), whatever it holds; DER in, DER out."""
        issuers = [self._ocsp_issuer(name) for name in (ISSUING, ROOT, TSA_ROOT)]
        return ocsp_answer(request_der, issuers, self._clock.now())

    def _ocsp_issuer(self, name: str) -> OcspIssuer:
        issuer = self._authorities[name]
        below = {
            one.certificate.serial_number
            for one in self._authorities.values()
            if one.certificate.issuer == issuer.certificate.subject
        }
        signers = name == ISSUING
        return OcspIssuer(
            issuer=issuer.certificate,
            responder=self._authorities[OCSP] if signers else issuer,
            issued=lambda serial: serial in below or (signers and self._register.has_issued(serial)),
            revoked=self._register.revoked() if signers else {},
        )

    def _authority(self, name: str) -> Authority:
        if name not in {ROOT, ISSUING, TSA_ROOT}:
            raise UnknownAuthorityError(name)
        return self._authorities[name]

    def _certify(
        self, subject: asn1.Name, public_key_der: bytes, level: SoleControl | None, lifetime: timedelta
    ) -> tuple[bytes, ...]:
        issuer, moment = self._authorities[ISSUING], self._clock.now()
        certificate = certify_signer(
            subject,
            public_key_der,
            issuer=issuer,
            moment=moment,
            lifetime=lifetime,
            sole_control=level,
            published=self._published,
        )
        self._register.note_issued(certificate, moment)
        return (certificate, _der(issuer.certificate), *self.roots)

    def _credential(self, leaf: str, issuer: str) -> Credential:
        chain = (_der(self._authorities[leaf].certificate), _der(self._authorities[issuer].certificate))
        return Credential(certificate=chain[0], chain=chain, key=self._authorities[leaf].key)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
