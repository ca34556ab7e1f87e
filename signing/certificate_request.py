"""What an authority elsewhere is handed to certify a seal: a PKCS#10 request, signed by the seal's key.

Decides its subject: owner, its 统一社会信用代码, and the seal's wording as common name; the authority
may write another common name. The signature proves that the key is at hand (RFC 2986 §3).
"""

from __future__ import annotations

from asn1crypto import algos, core, csr, keys, x509

from signing.certificate_profile import USCC_PREFIX
from signing.model import SigningKey

__all__ = ["certificate_request"]


def certificate_request(
    key: SigningKey, public_key_der: bytes, *, organisation: str, organisation_id: str, common_name: str
) -> bytes:
    """A request (DER) over the key of a seal.

    Args:
        key: Signs it.
        public_key_der: Of the same key, SubjectPublicKeyInfo: P-256 or RSA.
        organisation: Registered name of the owner.
        organisation_id: Its 统一社会信用代码, written as ``USCCCN-…``.
        common_name: Wording of the seal.

    Raises:
        FaultError: The device that holds the key refuses.
        UndecidedError: It does not answer now.
    """
    public = keys.PublicKeyInfo.load(public_key_der)
    subject = {
        "country_name": "CN",
        "organization_name": organisation,
        "organization_identifier": f"{USCC_PREFIX}{organisation_id}",
        "common_name": common_name,
    }
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": x509.Name.build(subject),
            "subject_pk_info": public,
            "attributes": csr.CRIAttributes(()),
        }
    )
    algorithm = "sha256_rsa" if public.algorithm == "rsa" else "sha256_ecdsa"
    signed = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": algorithm}),
            "signature": core.OctetBitString(key.sign(info.dump())),
        }
    )
    return bytes(signed.dump())
