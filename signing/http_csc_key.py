"""A key at a remote signing service over the CSC API v1.0.4 (Cloud Signature Consortium).

Decides which calls are made: ``credentials/info`` once, then for each signature
``credentials/authorize`` over that very hash (so the service can pin it, SCAL 2) and
``signatures/signHash``. Only hashes go out. What comes back is proven against the certificate
before anybody uses it: a service that signs something else is refused. Secrets are named, never
held: each call reads them from the file or variable that the setting names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from asn1crypto import x509

from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json
from kernel.errors import FaultError, UndecidedError
from signing.http_exchange import HttpAnswer, NoHttpAnswerError, OverlongAnswerError, exchange
from signing.secret_reference import SecretUnreadableError, load_secret
from signing.signature_mechanism import WrongSignatureError, proven_signature, signing_public_key
from signing.software_key import KeyDestroyedError

__all__ = ["CscKey", "CscRefusedError", "CscService", "CscUnavailableError"]

SHA256_OID: Final = "2.16.840.1.101.3.4.2.1"
SIGNATURE_OIDS: Final = {"ec": "1.2.840.10045.4.3.2", "rsa": "1.2.840.113549.1.1.11"}
"""ecdsa-with-SHA256, sha256WithRSAEncryption."""
GREATEST_ANSWER: Final = 262_144


class CscUnavailableError(UndecidedError):
    """The service does not answer, or says it cannot now."""

    code = "csc_unavailable"

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"the remote signing service does not answer now ({reason}); try again later",
            f"远程签名服务暂无响应（{reason}）；请稍后重试",
            retry_after=10,
        )
        self.reason = reason


class CscRefusedError(FaultError):
    """The service refuses the credential or the call, or its answer is not usable."""

    code = "csc_refused"

    def __init__(self, reason: str) -> None:
        """Keep the service's own words, cut."""
        super().__init__(
            f"the remote signing service refused ({reason}); check credential, access token and PIN",
            f"远程签名服务拒绝（{reason}）；请核对凭证、访问令牌和口令",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CscService:
    """One service.

    Attributes:
        url: What stands before ``/csc/v1/``.
        token: Where the OAuth 2 access token lies, ``file:PATH`` or ``env:NAME``; empty where the
            service asks for none.
        pin: Where the credential's PIN lies (authMode ``explicit``); empty for ``implicit``.
        timeout_seconds: For each call, whole.
    """

    url: str
    token: str = ""
    pin: str = ""
    timeout_seconds: float = 10.0

    def call(self, method: str, wanted: JsonObject) -> JsonObject:
        """POST one method, e.g. ``signatures/signHash``.

        Raises:
            CscUnavailableError: No answer in time, or a server error.
            CscRefusedError: A refusal, or an answer that is no JSON object of bearable size.
        """
        answer = self._asked(f"{self.url.rstrip('/')}/csc/v1/{method}", canonical_bytes(wanted))
        if answer.status >= 500 or answer.status == 429:
            raise CscUnavailableError(f"HTTP {answer.status}")
        if answer.status != 200:
            words = answer.content[:200].decode(errors="replace")
            raise CscRefusedError(f"HTTP {answer.status} {words}".strip())
        return _object(answer.content)

    def _asked(self, address: str, body: bytes) -> HttpAnswer:
        secret = {"Authorization": f"Bearer {_secret(self.token)}"} if self.token else {}
        headers = {"Content-Type": "application/json", **secret}
        try:
            return exchange(
                "POST",
                address,
                seconds=self.timeout_seconds,
                greatest=GREATEST_ANSWER,
                content=body,
                headers=headers,
            )
        except OverlongAnswerError as problem:
            raise CscRefusedError("the answer is too large") from problem
        except NoHttpAnswerError as problem:
            raise CscUnavailableError(problem.reason) from problem


class CscKey:
    """A P-256 or RSA key at the service; implements ``SigningKey``."""

    __slots__ = ("_algorithm", "_chain", "_credential_id", "_destroyed", "_public_der", "_service")

    def __init__(self, service: CscService, credential_id: str) -> None:
        """Ask for the credential's certificates and its state.

        Raises:
            CscUnavailableError: The service does not answer now.
            CscRefusedError: No such credential, a disabled one, or no certificate.
            UnsuitableKeyError: Neither P-256 nor RSA of 2048 to 4096 bits.
        """
        self._service = service
        self._credential_id = credential_id
        self._destroyed = False
        told = service.call("credentials/info", {"credentialID": credential_id, "certificates": "chain"})
        key, cert = _member(told, "key"), _member(told, "cert")
        if key.get("status") != "enabled":
            raise CscRefusedError("the credential is not enabled")
        self._chain = tuple(_decoded(one) for one in _list(cert, "certificates"))
        if not self._chain:
            raise CscRefusedError("no certificate")
        self._public_der = _public_key(self._chain[0])
        signing_public_key(self._public_der)
        self._algorithm = _signature_oid(self._chain[0], _list(key, "algo"))

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates as the service gives them, leaf first, DER."""
        return self._chain

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo of the leaf, DER."""
        return self._public_der

    def sign(self, message: bytes) -> bytes:
        """See ``SigningKey.sign``; the service sees SHA-256 of the message only.

        Raises:
            KeyDestroyedError: ``destroy`` was called.
            CscUnavailableError: The service does not answer now.
            CscRefusedError: It refuses, or its signature is not the certificate's over this message.
        """
        if self._destroyed:
            raise KeyDestroyedError
        digest = base64.b64encode(hashlib.sha256(message).digest()).decode()
        wanted = {
            "credentialID": self._credential_id,
            "SAD": self._activation(digest),
            "hash": [digest],
            "hashAlgo": SHA256_OID,
            "signAlgo": self._algorithm,
        }
        made = _list(self._service.call("signatures/signHash", wanted), "signatures")
        if len(made) != 1:
            raise CscRefusedError(f"{len(made)} signatures for one hash")
        try:
            return proven_signature(self._public_der, _decoded(made[0]), message)
        except WrongSignatureError as problem:
            raise CscRefusedError("its signature is not the certificate's") from problem

    def destroy(self) -> None:
        """Sign no more through this object; the service keeps the key."""
        self._destroyed = True

    def _activation(self, digest: str) -> str:
        """Signature activation data for this one hash."""
        pin = {"PIN": _secret(self._service.pin)} if self._service.pin else {}
        wanted: JsonObject = {
            "credentialID": self._credential_id,
            "numSignatures": 1,
            "hash": [digest],
            **pin,
        }
        given = self._service.call("credentials/authorize", wanted).get("SAD")
        if not isinstance(given, str) or not given:
            raise CscRefusedError("no SAD")
        return given


def _public_key(certificate: bytes) -> bytes:
    try:
        return bytes(x509.Certificate.load(certificate).public_key.dump())
    except (ValueError, TypeError) as problem:
        raise CscRefusedError("no certificate") from problem


def _signature_oid(certificate: bytes, offered: list[JsonValue]) -> str:
    wanted = SIGNATURE_OIDS[str(x509.Certificate.load(certificate).public_key.algorithm)]
    if wanted not in offered:
        raise CscRefusedError(f"the service does not offer {wanted}")
    return wanted


def _object(content: bytes) -> JsonObject:
    try:
        parsed = parse_json(content)
    except ValueError as problem:
        raise CscRefusedError("the answer is no JSON") from problem
    if not isinstance(parsed, Mapping):
        raise CscRefusedError("the answer is no JSON object")
    return parsed


def _member(told: JsonObject, name: str) -> JsonObject:
    found = told.get(name)
    if not isinstance(found, Mapping):
        raise CscRefusedError(f"no {name}")
    return found


def _list(told: JsonObject, name: str) -> list[JsonValue]:
    found = told.get(name)
    if not isinstance(found, list):
        raise CscRefusedError(f"no {name}")
    return found


def _decoded(text: JsonValue) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error as problem:
        raise CscRefusedError("no base64") from problem


def _secret(reference: str) -> str:
    try:
        return load_secret(reference)
    except SecretUnreadableError as problem:
        raise CscRefusedError(problem.reason) from problem
