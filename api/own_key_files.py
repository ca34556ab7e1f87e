"""What a signer with a key of its own brings along as files or pasted text: certificates, a signature.

Decides only the form (PEM, DER, PKCS #7, base64, hexadecimal) and the order of a chain; whose
certificate it is and whether the signature is right is decided by ``workflows.own_key``. A private
key is never wanted here: a file that holds one is refused before anything else is done with it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from kernel.errors import RejectedError
from signing.holder_certificate import HolderCertificateError

__all__ = [
    "GREATEST_FILE",
    "PrivateKeySentError",
    "SignatureUnreadableError",
    "read_certificates",
    "read_signature",
]

GREATEST_FILE: Final = 64 * 1024
"""Bytes of one file; a chain of six certificates has some 10 kB."""
_INTEGER: Final = 0x02
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")


class PrivateKeySentError(RejectedError):
    """A file with a private key was sent; nothing was kept, but the key has left its device."""

    code = "private_key_sent"

    def __init__(self) -> None:
        """Say what that means for the key."""
        super().__init__(
            "this file holds a private key; nothing was kept, but the key has left your device: have its "
            "certificate revoked, and send certificates alone",
            "该文件含有私钥；我们没有保存，但私钥已离开您的设备：请向签发机构申请吊销该证书，今后只提供证书",
        )


class SignatureUnreadableError(RejectedError):
    """No signature came, or text that is neither base64 nor hexadecimal."""

    code = "signature_unreadable"

    def __init__(self) -> None:
        """Say what is due."""
        super().__init__(
            "no signature could be read; choose the file that your token or openssl wrote, or paste it in "
            "base64 or hexadecimal; nothing was signed",
            "没有读到签名；请选择密钥介质或 openssl 生成的签名文件，或粘贴其 Base64、十六进制文本；没有签署",
        )


def read_certificates(contents: Sequence[bytes]) -> tuple[bytes, ...]:
    """The chain that files or pasted texts hold, leaf first, DER; what does not belong to it is left out.

    Args:
        contents: PEM (any number of certificates), DER, PKCS #7 in either form, or bare base64 of DER;
            in any order, empty ones are passed over.

    Raises:
        PrivateKeySentError: One of them holds a private key.
        HolderCertificateError: Not certificates, or those of several holders.
    """
    given = [one for one in contents if one.strip()]
    if any(_holds_private_key(one) for one in given):
        raise PrivateKeySentError
    if any(len(one) > GREATEST_FILE for one in given):
        raise HolderCertificateError("the file is larger than any certificate", "文件过大，不是证书")
    try:
        found = {one: None for content in given for one in _certificates(content)}
        return tuple(one.public_bytes(Encoding.DER) for one in _climbed(list(found)))
    except (ValueError, TypeError) as problem:
        raise HolderCertificateError("it cannot be read", "证书无法读取") from problem


def read_signature(uploaded: bytes, pasted: str) -> bytes:
    """The signature's own bytes: from a file, binary or text, or else from pasted text.

    Raises:
        SignatureUnreadableError: Neither holds one.
    """
    given = uploaded or pasted.encode()
    text = "".join(given.decode("ascii", "replace").split())
    if not text or len(given) > GREATEST_FILE:
        raise SignatureUnreadableError
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        if uploaded and not given.isascii():
            return uploaded
        raise SignatureUnreadableError from problem


def _certificates(content: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN PKCS7" in content:
        return pkcs7.load_pem_pkcs7_certificates(content)
    if b"-----BEGIN" in content:
        return x509.load_pem_x509_certificates(content)
    der = _der_of(content)
    try:
        return [x509.load_der_x509_certificate(der)]
    except ValueError:
        return pkcs7.load_der_pkcs7_certificates(der)


def _der_of(content: bytes) -> bytes:
    """DER as it is, or out of base64 without the lines of PEM."""
    return base64.b64decode(b"".join(content.split()), validate=True) if content.isascii() else content


def _holds_private_key(content: bytes) -> bool:
    """PEM by its line; DER of PKCS #1, #8, #12 and SEC 1 begins with a number, a certificate never."""
    if b"PRIVATE KEY-----" in content:
        return True
    try:
        der = _der_of(content)
    except ValueError:
        return False
    length = 2 + (der[1] & 0x7F if len(der) > 1 and der[1] & 0x80 else 0)
    return der[:1] == b"\x30" and der[length : length + 1] == bytes([_INTEGER])


def _climbed(found: list[x509.Certificate]) -> Iterator[x509.Certificate]:
    """From the one certificate that issued none of the others up to the last issuer among them.

    Raises:
        HolderCertificateError: No such certificate, or several.
    """
    issuers = {one.issuer for one in found if one.issuer != one.subject}
    leaves = [one for one in found if one.subject not in issuers]
    if len(leaves) != 1:
        raise HolderCertificateError(
            "one holder's certificate is due, with those above it", "应为一人的证书及其上级证书"
        )
    by_subject = {one.subject: one for one in found}
    current: x509.Certificate | None = leaves[0]
    while current is not None:
        yield current
        by_subject.pop(current.subject, None)
        current = by_subject.get(current.issuer)
