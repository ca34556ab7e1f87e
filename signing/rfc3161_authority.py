"""The TEST time-stamping authority: RFC 3161 requests in, responses out.

It speaks the whole protocol, so that it serves over HTTP exactly as a real authority
does. genTime is the injected clock's whole second; nothing is stamped with the time
of a request. Its policy lies under the enterprise number for documentation (RFC 5612).
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import ClassVar

from asn1crypto import algos, cms, core, tsp, x509

from kernel.clock import Clock
from kernel.digests import sha256
from kernel.errors import UndecidedError
from kernel.sized_bytes import Bytes32
from signing.model import Credential

__all__ = [
    "POLICY",
    "TestTsa",
    "TimestampResponse",
    "TimestampUnavailableError",
    "granted_token",
    "timestamp_request",
]

POLICY = "1.3.6.1.4.1.32473.20261.1"
DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}


class TimestampUnavailableError(UndecidedError):
    """No token now. The evidence stays undecided; a local time never replaces a token."""

    code = "timestamp_unavailable"

    def __init__(self, reason: str, *, retry_after: float | None = 30.0) -> None:
        """Keep what the authority or the network said."""
        super().__init__(
            f"the time-stamping authority gave no token ({reason}); the step is kept, try again",
            f"时间戳服务暂不可用（{reason}）；操作已保留，请稍后重试",
            retry_after=retry_after,
        )
        self.reason = reason


class TimestampResponse(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """TimeStampResp; asn1crypto's own forgets that a rejection carries no token (RFC 3161 §2.4.2)."""

    _fields: ClassVar[list[tuple[object, ...]]] = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class TestTsa:
    """A time-stamping authority in this process; implements ``TimestampAuthority``."""

    __test__ = False

    def __init__(self, credential: Credential, clock: Clock) -> None:
        """Take ``TestCa.tsa_credential`` and the clock that gives genTime."""
        self._credential = credential
        self._clock = clock
        self._certificates = tuple(x509.Certificate.load(der) for der in credential.chain)

    def respond(self, request_der: bytes) -> bytes:
        """Answer one DER TimeStampReq with a DER TimeStampResp (RFC 3161 §2.4.2).

        A bad request gets a rejection with its PKIFailureInfo, never an exception: that
        is what the protocol asks of the HTTP body.
        """
        try:
            request = tsp.TimeStampReq.load(request_der, strict=True)
            imprint = request["message_imprint"]
            algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
            digest = bytes(imprint["hashed_message"].native)
            nonce, certificates = request["nonce"].native, bool(request["cert_req"].native)
            policy = request["req_policy"].native
        except (ValueError, TypeError, KeyError):
            return _rejection("bad_data_format")
        if DIGEST_SIZES.get(algorithm) != len(digest):
            return _rejection("bad_alg")
        if policy not in {None, POLICY}:
            return _rejection("unaccepted_policy")
        token = self._stamp(algorithm, digest, nonce=nonce, certificates=certificates)
        granted = {"status": tsp.PKIStatusInfo({"status": "granted"}), "time_stamp_token": token}
        return bytes(TimestampResponse(granted).dump())

    def token(self, message: bytes) -> bytes:
        """A DER TimeStampToken over SHA-256 of ``message``."""
        return self.token_over(sha256(message))

    def token_over(self, digest: Bytes32) -> bytes:
        """A DER TimeStampToken over a SHA-256 digest."""
        return bytes(self._stamp("sha256", bytes(digest), nonce=None, certificates=True).dump())

    def _stamp(
        self, algorithm: str, digest: bytes, *, nonce: int | None, certificates: bool
    ) -> cms.ContentInfo:
        moment = self._clock.now().replace(microsecond=0)
        statement = _statement(algorithm, digest, nonce, moment)
        # read back from their bytes: asn1crypto encodes what it holds as objects twice a level
        attributes = cms.CMSAttributes.load(
            _signed_attributes(self._certificates[0], statement, moment).dump()
        )
        signed = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(statement),
            },
            "signer_infos": [self._signer_information(attributes)],
        }
        if certificates:
            signed["certificates"] = list(self._certificates)
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})

    def _signer_information(self, attributes: cms.CMSAttributes) -> cms.SignerInfo:
        certificate = self._certificates[0]
        issuer = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        information = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(issuer)}),
                "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": self._credential.key.sign(attributes.dump()),
            }
        )
        return cms.SignerInfo.load(information.dump())


def timestamp_request(digest: Bytes32, nonce: int | None = None) -> bytes:
    """A DER TimeStampReq over a SHA-256 digest that asks for the certificates."""
    fields = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "hashed_message": bytes(digest),
        },
        "nonce": secrets.randbits(63) if nonce is None else nonce,
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(fields).dump())


def granted_token(response_der: bytes, digest: Bytes32, nonce: int | None = None) -> bytes:
    """The token in a response, if it was granted over this digest.

    Whether the token's signer is trusted is not decided here but by every verifier.

    Raises:
        TimestampUnavailableError: Refused, unreadable, or over something else.
    """
    try:
        response = TimestampResponse.load(response_der, strict=True)
        status = str(response["status"]["status"].native)
        if status not in {"granted", "granted_with_mods"}:
            failure = response["status"]["fail_info"].native
            raise TimestampUnavailableError(f"status {status}, {failure}")
        token = response["time_stamp_token"]
        statement = token["content"]["encap_content_info"]["content"].parsed
        stamped = bytes(statement["message_imprint"]["hashed_message"].native)
        answered = statement["nonce"].native
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise TimestampUnavailableError("the answer is not an RFC 3161 response") from problem
    if stamped != digest or (nonce is not None and answered != nonce):
        raise TimestampUnavailableError("the token is over something else")
    return bytes(token.dump())


def _statement(algorithm: str, digest: bytes, nonce: int | None, moment: datetime) -> bytes:
    fields: dict[str, object] = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": algorithm}),
            "hashed_message": digest,
        },
        "serial_number": secrets.randbits(127) | 1 << 127,
        "gen_time": moment,
        "accuracy": {"seconds": 1},
    }
    if nonce is not None:
        fields["nonce"] = nonce
    return bytes(tsp.TSTInfo(fields).dump())


def _signed_attributes(
    certificate: x509.Certificate, statement: bytes, moment: datetime
) -> cms.CMSAttributes:
    identifier = {"cert_hash": bytes(sha256(certificate.dump()))}
    signing_certificate = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2(identifier)]})
    values: tuple[tuple[str, object], ...] = (
        ("content_type", "tst_info"),
        ("signing_time", cms.Time({"utc_time": core.UTCTime(moment)})),
        ("message_digest", bytes(sha256(statement))),
        ("signing_certificate_v2", signing_certificate),
    )
    return cms.CMSAttributes([cms.CMSAttribute({"type": kind, "values": [value]}) for kind, value in values])


def _rejection(failure: str) -> bytes:
    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {failure}})
    return bytes(TimestampResponse({"status": status}).dump())
