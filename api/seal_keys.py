"""Keys of the utility's seals: sealed files of this installation, or a PKCS#11 token (L28: 谁所有谁控制).

Decides where the key of a seal is, by its ``key_ref``: ``software:NAME`` is a file in the directory,
sealed under the key-encryption key; ``pkcs11:LABEL`` a key of the one token that the settings name.
A seal's application can name a label, never a module or a path. The TEST CA certifies a key, or an
authority elsewhere did and its certificate is brought. Must never hand out a private key.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from contracts_chain.agreements.seals.seal import Seal
from kernel.errors import FaultError
from signing.certificate_request import certificate_request
from signing.key_encryption import KeyEncryptionKey
from signing.model import Credential
from signing.pkcs11_key import Pkcs11Key, TokenKeyExistsError
from signing.pkcs11_token import TokenAddress, TokenKeyMissingError
from signing.seal_certificate import SealCertificateError, leads_to, read_seal_certificate
from signing.software_key import SoftwareKey

__all__ = ["SealCertifier", "SealKeyMismatchError", "SealTokenUnsetError", "StandingSealKeys"]


class SealCertifier(Protocol):
    """Who certifies the key of a seal and takes the certificate back; see ``ActivationAuthority``."""

    def certify_seal(
        self, public_key_der: bytes, *, organisation: str, organisation_id: str, seal_name: str
    ) -> tuple[bytes, ...]:
        """Certificate and issuers, leaf first, DER."""
        ...

    def revoke(self, certificate: bytes) -> None:
        """Revoke a certificate (DER) that ``certify_seal`` gave; a second call changes nothing."""
        ...


class SealTokenUnsetError(FaultError):
    """The seal's key is in a token, and the settings name none."""

    code = "seal_token_unset"

    def __init__(self, label: str) -> None:
        """Keep the label."""
        super().__init__(
            f"the key '{label}' is in a token, and no token is set; name it in the settings (seal_token)",
            f"密钥“{label}”在密码设备中，但未配置密码设备；请在设置中填写 seal_token",
        )


class SealKeyMismatchError(FaultError):
    """The key that stands under the reference is not the one in the seal's certificate."""

    code = "seal_key_mismatch"

    def __init__(self, name: str) -> None:
        """Name the seal."""
        super().__init__(
            f"the key of the seal {name} is not the one that was certified; restore it from backup, "
            "or suspend the seal",
            f"“{name}”的密钥与其证书不符；请从备份恢复，或先停用该印章",
        )


class StandingSealKeys:
    """Implements ``workflows.seal_ports.SealKeys``."""

    def __init__(
        self,
        directory: Path,
        kek: KeyEncryptionKey,
        certifier: SealCertifier,
        token: TokenAddress | None,
        *,
        roots: tuple[bytes, ...] = (),
    ) -> None:
        """Open nothing yet.

        Args:
            directory: Of the sealed key files; made when the first key is.
            kek: Seals them.
            certifier: Certifies a key when its seal is made.
            token: The token of ``pkcs11:`` keys, whatever label it names; ``None`` without one.
            roots: Of the authorities whose certificates may be brought, DER.
        """
        self._roots = roots
        self._directory = directory
        self._kek = kek
        self._certifier = certifier
        self._token = token

    def make(self, seal: Seal) -> tuple[bytes, ...]:
        """See ``SealKeys.make``.

        Raises:
            SealTokenUnsetError: A token's key without a token.
            FaultError: File or token cannot be used.
            UndecidedError: The token or the authority does not answer now.
        """
        return self._certifier.certify_seal(
            self._made(seal).public_key_der,
            organisation=seal.owner,
            organisation_id=seal.owner_id,
            seal_name=seal.name,
        )

    def adopt(self, seal: Seal, brought: bytes, moment: datetime) -> tuple[bytes, ...]:
        """See ``SealKeys.adopt``; makes no key.

        Raises:
            SealCertificateError: There is no key yet, or the certificate does not fit.
            SealTokenUnsetError: A token's key without a token.
            FaultError: File or token cannot be used.
            UndecidedError: The token does not answer now.
        """
        if self._address(seal) is None and not self._file(seal).exists():
            raise SealCertificateError(
                "the seal has no key yet, ask for its certificate request first",
                "该印章尚无密钥，请先生成证书申请",
            )
        return read_seal_certificate(
            brought,
            public_key_der=self._found(seal).public_key_der,
            organisation=seal.owner,
            organisation_id=seal.owner_id,
            roots=self._roots,
            moment=moment,
        )

    def request(self, seal: Seal) -> bytes:
        """See ``SealKeys.request``.

        Raises:
            SealTokenUnsetError: A token's key without a token.
            FaultError: File or token cannot be used.
            UndecidedError: The token does not answer now.
        """
        key = self._made(seal)
        return certificate_request(
            key,
            key.public_key_der,
            organisation=seal.owner,
            organisation_id=seal.owner_id,
            common_name=seal.name,
        )

    def credential(self, seal: Seal) -> Credential:
        """See ``SealKeys.credential``.

        Raises:
            SealTokenUnsetError: A token's key without a token.
            SealKeyMismatchError: The key is not that of the certificate.
            FaultError: File or token cannot be used.
            UndecidedError: The token does not answer now.
        """
        key = self._found(seal)
        if key.public_key_der not in seal.chain[0]:
            raise SealKeyMismatchError(seal.name)
        return Credential(certificate=seal.chain[0], chain=seal.chain, key=key)

    def destroy(self, seal: Seal) -> None:
        """See ``SealKeys.destroy``.

        Raises:
            SealTokenUnsetError: A token's key without a token.
            UndecidedError: The token or the authority does not answer now.
        """
        try:
            self._erase(seal)
        finally:  # a token that is lost or silent is all the more reason to revoke
            if seal.chain and not leads_to(seal.chain, self._roots):  # elsewhere its owner has it revoked
                self._certifier.revoke(seal.chain[0])

    def _erase(self, seal: Seal) -> None:
        address = self._address(seal)
        if address is None:
            self._file(seal).unlink(missing_ok=True)
            return
        try:
            Pkcs11Key(address).erase()
        except TokenKeyMissingError:
            return  # erased by an earlier call

    def _made(self, seal: Seal) -> SoftwareKey | Pkcs11Key:
        address = self._address(seal)
        if address is not None:
            try:
                return Pkcs11Key.generate(address)
            except TokenKeyExistsError:
                return Pkcs11Key(address)
        with self._alone():  # two at once would each certify a key of their own, and one file stays
            if not self._file(seal).exists():
                SoftwareKey.generate().save(self._file(seal), self._kek)
        return SoftwareKey.load(self._file(seal), self._kek)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One maker of keys at a time, over all threads and processes; a killed one lets go."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _found(self, seal: Seal) -> SoftwareKey | Pkcs11Key:
        address = self._address(seal)
        return SoftwareKey.load(self._file(seal), self._kek) if address is None else Pkcs11Key(address)

    def _file(self, seal: Seal) -> Path:
        return self._directory / f"{seal.key_ref.removeprefix('software:')}.key"

    def _address(self, seal: Seal) -> TokenAddress | None:
        """Where in the token the key is; ``None`` for a key of the directory."""
        kind, _, label = seal.key_ref.partition(":")
        if kind == "software":
            return None
        if self._token is None:
            raise SealTokenUnsetError(label)
        return replace(self._token, label=label)
