"""Look through a token before it is taken from an authority: an answer is not yet a timestamp.

Decides whether a token is over the digest that was asked for, by a policy that was agreed, and signed
by the certificate it brings, which must be one for time-stamping. Whether that certificate is
trusted is every verifier's own question, and is not asked here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from asn1crypto import cms, tsp, x509
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from kernel.sized_bytes import Bytes32
from signing.rfc3161_authority import TimestampUnavailableError

__all__ = ["check_token"]


def check_token(token: bytes, digest: Bytes32, *, policies: Collection[str] = ()) -> None:
    """Check imprint, policy and signature of one token.

    Args:
        token: DER TimeStampToken.
        digest: SHA-256 that was to be stamped.
        policies: Accepted policies, dotted; empty accepts any.

    Raises:
        TimestampUnavailableError: The token is not what was asked for.
    """
    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        statement: tsp.TSTInfo = signed["encap_content_info"]["content"].parsed
        _check_statement(statement, digest, policies)
        _check_signature(signed)
    except TimestampUnavailableError:
        raise
    except Exception as problem:  # the parsers raise anything over hostile bytes
        raise TimestampUnavailableError(f"the token cannot be read: {problem}"[:300]) from problem


def _check_statement(statement: tsp.TSTInfo, digest: Bytes32, policies: Collection[str]) -> None:
    imprint = statement["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != "sha256":
        raise TimestampUnavailableError("the token uses another digest")
    if bytes(imprint["hashed_message"].native) != digest:
        raise TimestampUnavailableError("the token is over something else")
    policy = str(statement["policy"].native)
    if policies and policy not in policies:
        raise TimestampUnavailableError(f"the token's policy {policy} was not agreed")


def _check_signature(signed: cms.SignedData) -> None:
    signer = extract_signer_info(signed)
    certificate: x509.Certificate = extract_certs_for_validation(signed).signer_cert
    usage = certificate.extended_key_usage_value
    if usage is None or "time_stamping" not in usage.native:
        raise TimestampUnavailableError("the signer's certificate is not one for time-stamping")
    content = bytes(signed["encap_content_info"]["content"])
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, content).digest()
    if validate_sig_integrity(signer, certificate, "tst_info", digest) != (True, True):
        raise TimestampUnavailableError("the token's signature does not verify")
