"""Answers of an OCSP responder (RFC 6960): good, revoked or unknown, for one certificate at a time.

Pure: the caller says what was issued and revoked. A request for a stranger's certificate is
``unauthorized``, never ``good``; a serial number that this authority never issued is ``unknown``, so
a forged certificate under our name does not pass for a sound one. The nonce comes back (RFC 9654).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from signing.certificate_profile import Authority

__all__ = ["OcspIssuer", "ocsp_answer"]

VALIDITY = timedelta(hours=1)
BACKDATE = timedelta(minutes=1)
"""As of lists and certificates: a client's slower clock still accepts the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspIssuer:
    """One authority whose certificates are asked about.

    Attributes:
        issuer: Certificate of the authority.
        responder: Who signs: the authority itself, or its delegate.
        issued: Whether the authority issued a serial number.
        revoked: Serial number → time of revocation.
    """

    issuer: x509.Certificate
    responder: Authority
    issued: Callable[[int], bool]
    revoked: dict[int, datetime]


def ocsp_answer(request_der: bytes, issuers: Sequence[OcspIssuer], moment: datetime) -> bytes:
    """DER OCSPResponse; anything unreadable gets the protocol's own ``malformedRequest``."""
    try:
        request = ocsp.load_der_ocsp_request(request_der)
        algorithm = request.hash_algorithm
        nonce = _nonce(request)
    except (ValueError, NotImplementedError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if request.serial_number <= 0:  # RFC 5280 §4.1.2.2: positive; the encoder would refuse to repeat it
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    for one in issuers:
        if _is_about(request, one.issuer, algorithm):
            return _answer(request, algorithm, one, nonce, moment)
    return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)


def _answer(
    request: ocsp.OCSPRequest,
    algorithm: hashes.HashAlgorithm,
    about: OcspIssuer,
    nonce: x509.OCSPNonce | None,
    moment: datetime,
) -> bytes:
    when = about.revoked.get(request.serial_number)
    whole = moment.replace(microsecond=0)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=request.issuer_name_hash,
        issuer_key_hash=request.issuer_key_hash,
        serial_number=request.serial_number,
        algorithm=algorithm,
        cert_status=_status(request.serial_number, about),
        this_update=whole - BACKDATE,
        next_update=whole + VALIDITY,
        revocation_time=when,
        revocation_reason=x509.ReasonFlags.unspecified if when else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, about.responder.certificate)
    builder = builder.certificates([about.responder.certificate])
    builder = builder.add_extension(nonce, critical=False) if nonce else builder
    signed = builder.sign(about.responder.key.private_key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def _status(serial: int, about: OcspIssuer) -> ocsp.OCSPCertStatus:
    if serial in about.revoked:
        return ocsp.OCSPCertStatus.REVOKED
    return ocsp.OCSPCertStatus.GOOD if about.issued(serial) else ocsp.OCSPCertStatus.UNKNOWN


def _is_about(request: ocsp.OCSPRequest, issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bool:
    key = issuer.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    name = issuer.subject.public_bytes()
    wanted = (request.issuer_name_hash, request.issuer_key_hash)
    return wanted == (_hash(algorithm, name), _hash(algorithm, key))


def _hash(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _nonce(request: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        return request.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
