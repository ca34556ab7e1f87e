"""A certificate that a signer brings along: whose it is, and whether it may be used here at all.

Decides before anything is laid out, so that a signer is told in words what does not fit: the
chain leads to a trusted root, the certificate is valid now, and it says that its holder keeps the
key. That nothing of it was revoked is proven when the signature is made (``deferred``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from kernel.errors import RejectedError
from signing.certificates import identity_of
from signing.model import SignerIdentity, SoleControl

__all__ = ["HolderCertificateError", "read_holder"]

_MOST_CERTIFICATES: Final = 6
_GREATEST_CERTIFICATE: Final = 16 * 1024


class HolderCertificateError(RejectedError):
    """The certificate that was brought along does not sign here; nothing was laid out."""

    code = "holder_certificate"

    def __init__(self, reason: str, reason_zh: str) -> None:
        """Say in both languages what does not fit."""
        super().__init__(
            f"this certificate cannot be used to sign here ({reason}); bring another one, or sign with a "
            "passkey or a code",
            f"该证书不能用于在此签署（{reason_zh}）；请更换证书，或改用通行密钥、签署码签署",
        )
        self.reason = reason


def read_holder(chain: Sequence[bytes], roots: Sequence[bytes], moment: datetime) -> SignerIdentity:
    """Whom a certificate names, once it is proven fit to be asked for a signature.

    Args:
        chain: Leaf first, each certificate issued by the next, DER; the root may be left out.
        roots: Trusted roots of signers, DER.
        moment: Now, aware.

    Raises:
        HolderCertificateError: Unreadable, of no trusted root, not valid now, or of a key that the
            holder does not keep.
    """
    if not 0 < len(chain) <= _MOST_CERTIFICATES or max(map(len, chain)) > _GREATEST_CERTIFICATE:
        raise HolderCertificateError("one to six certificates are due", "证书链应为一至六张证书")
    try:
        certificates = [x509.load_der_x509_certificate(der) for der in chain]
        trusted = [x509.load_der_x509_certificate(der) for der in roots]
        holder = identity_of(asn1.Certificate.load(chain[0]))
    except (ValueError, TypeError, KeyError) as problem:
        raise HolderCertificateError("it cannot be read", "证书无法读取") from problem
    linked = all(_issued(one, above) for one, above in pairwise(certificates))
    if not linked or not any(_ends_at(certificates[-1], root) for root in trusted):
        raise HolderCertificateError("its chain leads to no trusted root", "证书链未指向受信任的根证书")
    if not holder.not_before_utc <= moment <= holder.not_after_utc:
        raise HolderCertificateError("it is not valid today", "证书不在有效期内")
    if holder.sole_control is not SoleControl.OWN_KEY:
        raise HolderCertificateError(
            "it does not say that its holder keeps the key", "证书未载明私钥由持有人自行保管"
        )
    return holder


def _ends_at(last: x509.Certificate, root: x509.Certificate) -> bool:
    return last == root or _issued(last, root)


def _issued(one: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
