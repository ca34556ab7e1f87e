"""A certificate that an authority elsewhere gave for the key of a seal: whether the seal may bear it.

Decides before anything is stored: it certifies this very key, for this organisation, it may sign,
it is valid now, and it leads, signature by signature, to a root of a configured authority. That it
is not revoked is proven at each signature. Must never take a root from the file that it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtensionOID

from kernel.errors import RejectedError
from signing.certificates import identity_of

__all__ = ["SealCertificateError", "leads_to", "read_seal_certificate", "seal_certificate_name"]

_GREATEST_FILE: Final = 64 * 1024
_LONGEST_CHAIN: Final = 10
_TOO_SHORT_FOR_A_CHAIN: Final = 2


class SealCertificateError(RejectedError):
    """The certificate that was brought is not one for this seal; nothing was stored."""

    code = "seal_certificate"

    def __init__(self, reason: str, reason_zh: str) -> None:
        """Say in both languages what does not fit."""
        super().__init__(
            f"the seal cannot bear this certificate: {reason}; nothing was stored, bring the certificate of "
            "the seal's own key with those of its issuers",
            f"该证书不能用于此印章：{reason_zh}；未保存，请提交该印章密钥的证书及各级签发者证书",
        )
        self.reason = reason


def read_seal_certificate(
    content: bytes,
    *,
    public_key_der: bytes,
    organisation: str,
    organisation_id: str,
    roots: Sequence[bytes],
    moment: datetime,
) -> tuple[bytes, ...]:
    """Prove a certificate fit for a seal.

    Args:
        content: PEM (one certificate or several, in any order) or one certificate in DER.
        public_key_der: Of the seal's key, SubjectPublicKeyInfo.
        organisation: Registered name of the seal's owner.
        organisation_id: Its 统一社会信用代码; the certificate says it as ``USCCCN-…`` (OID 2.5.4.97).
        roots: Of the configured authorities, DER.
        moment: Now, aware.

    Returns:
        Certificate, its issuers and the root, DER.

    Raises:
        SealCertificateError: Unreadable, or not fit.
    """
    known, trusted = _certificates(content), [x509.load_der_x509_certificate(root) for root in roots]
    key = load_der_public_key(public_key_der)
    leaf = next((one for one in known if _key_of(one) == key), None)
    if leaf is None:
        raise SealCertificateError("it certifies another key", "证书中的公钥不是该印章的公钥")
    _verify_owner(leaf, organisation, organisation_id)
    _verify_purpose(leaf)
    chain = _chain(leaf, known, trusted)
    for one in chain:
        if not one.not_valid_before_utc <= moment <= one.not_valid_after_utc:
            raise SealCertificateError(
                f"{one.subject.rfc4514_string()} is not valid today", "证书或其签发者证书不在有效期内"
            )
    return tuple(one.public_bytes(Encoding.DER) for one in chain)


def seal_certificate_name(certificate: bytes) -> str:
    """The common name in a certificate (DER)."""
    return identity_of(asn1.Certificate.load(certificate)).common_name


def leads_to(chain: Sequence[bytes], roots: Sequence[bytes]) -> bool:
    """Whether a chain that ``read_seal_certificate`` gave ends at one of these roots, DER."""
    return bool(chain) and chain[-1] in roots


def _certificates(content: bytes) -> list[x509.Certificate]:
    if not 0 < len(content) <= _GREATEST_FILE:
        raise SealCertificateError("it is empty or longer than 64 KiB", "文件为空或超过 64 KiB")
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except ValueError as problem:
        raise SealCertificateError("it cannot be read as PEM or DER", "无法按 PEM 或 DER 读取") from problem


def _key_of(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, TypeError) as problem:
        raise SealCertificateError(
            "it holds a key of an unknown kind", "证书中的公钥种类无法识别"
        ) from problem


def _verify_owner(leaf: x509.Certificate, organisation: str, organisation_id: str) -> None:
    holder = identity_of(asn1.Certificate.load(leaf.public_bytes(Encoding.DER)))
    if (holder.organisation, holder.organisation_id) != (organisation, organisation_id):
        raise SealCertificateError(
            f"it is that of {holder.organisation or 'nobody'} ({holder.organisation_id or 'no code'}), "
            f"not of {organisation} ({organisation_id})",
            f"证书所载单位为{holder.organisation or '空'}"
            f"（{holder.organisation_id or '无统一社会信用代码'}），应为{organisation}（{organisation_id}）",
        )
    if not holder.common_name:
        raise SealCertificateError("it has no common name", "证书没有通用名（CN）")


def _verify_purpose(leaf: x509.Certificate) -> None:
    """What verifiers ask of it: ``nonRepudiation`` (RFC 5280 §4.2.1.3), and no authority of its own."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError) as problem:
        raise SealCertificateError("it does not say what its key is for", "证书未载明密钥用途") from problem
    if not usage.content_commitment or usage.key_cert_sign:
        raise SealCertificateError(
            "its key usage lacks nonRepudiation, or it is an authority's",
            "密钥用途须含抗抵赖（nonRepudiation），且不得为签发者证书",
        )


def _chain(
    leaf: x509.Certificate, known: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    chain = [leaf]
    while len(chain) < _LONGEST_CHAIN and chain[-1] not in trusted:
        above = next((one for one in (*trusted, *known) if _has_issued(one, chain[-1])), None)
        if above is None or above in chain:
            break
        _verify_published(chain[-1])
        chain.append(above)
    if chain[-1] not in trusted or len(chain) < _TOO_SHORT_FOR_A_CHAIN:
        raise SealCertificateError(
            "it leads to no root of a configured authority", "证书链未指向已配置的电子认证机构根证书"
        )
    return tuple(chain)


def _verify_published(certificate: x509.Certificate) -> None:
    """Without the address of a list no signature could prove that it was not revoked."""
    try:
        certificate.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS)
    except (x509.ExtensionNotFound, ValueError) as problem:
        raise SealCertificateError(
            f"{certificate.subject.rfc4514_string()} names no revocation list", "证书未载明吊销列表地址"
        ) from problem


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (InvalidSignature, TypeError, ValueError, x509.ExtensionNotFound):
        return False
