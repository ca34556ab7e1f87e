"""The commands with which a holder's own program signs ``to-sign.der``, by the kind of its key.

Words only: what they make is proven by ``workflows.own_key``. Small tokens lack the joined
mechanism ``ECDSA-SHA256`` (ADR 20), so the digest is made by openssl and the token signs that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

__all__ = ["TO_SIGN", "Command", "commands_for"]

TO_SIGN: Final = "to-sign.der"
_CARD: Final = "pkcs11-tool --module driver.so --login --sign --id 01"
_DIGEST: Final = f"openssl dgst -sha256 -binary -out digest.bin {TO_SIGN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to type, and for whom."""

    zh: str
    en: str
    lines: tuple[str, ...]


def commands_for(certificate: bytes) -> tuple[Command, ...]:
    """For a token by PKCS #11, and for a key file by openssl; each writes ``signature.bin``.

    Args:
        certificate: Of a holder whose key signs here, DER.
    """
    key = x509.load_der_x509_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        sign = f"{_CARD} --mechanism SHA256-RSA-PKCS --input-file {TO_SIGN} --output-file signature.bin"
        by_token: tuple[str, ...] = (sign,)
    else:
        by_token = (
            _DIGEST,
            f"{_CARD} --mechanism ECDSA --input-file digest.bin --output-file signature.bin",
        )
    by_file = f"openssl dgst -sha256 -sign key.pem -out signature.bin {TO_SIGN}"
    return (
        Command(zh="密钥介质（UKey、智能卡）", en="A token (USB key, smart card)", lines=by_token),
        Command(zh="密钥文件", en="A key file", lines=(by_file,)),
    )
