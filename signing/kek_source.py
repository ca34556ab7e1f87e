"""Where a key-encryption key comes from: a file, an environment variable, or a PKCS#11 token.

Decides the one setting that names it: ``file:PATH`` (32 bytes), ``env:NAME`` (64 hexadecimal digits) or a
``pkcs11:`` address (RFC 7512) of an AES-256 key that never leaves its token. A missing key is never
replaced by a fresh one behind data that was sealed under it, unless the caller begins an installation.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from kernel.errors import FaultError, RejectedError
from signing.key_encryption import DATA_KEY_BYTES, KeyEncryptionKey
from signing.pkcs11_key import Pkcs11KeyWrap
from signing.pkcs11_token import TokenAddress

__all__ = ["KekSettingError", "KekUnavailableError", "open_kek"]


class KekSettingError(RejectedError):
    """The setting is none of the three forms."""

    code = "kek_setting"

    def __init__(self) -> None:
        """One sentence; the setting itself is not repeated."""
        super().__init__(
            "this names no key-encryption key; write file:PATH, env:NAME or "
            "pkcs11:token=…;object=…?module-path=…&pin-source=…",
            "未指明密钥加密密钥；请写作 file:路径、env:变量名 或 "
            "pkcs11:token=…;object=…?module-path=…&pin-source=…",
        )


class KekUnavailableError(FaultError):
    """The file or variable is missing, or holds something else."""

    code = "kek_unavailable"

    def __init__(self, source: str) -> None:
        """Keep the source, never its content."""
        super().__init__(
            f"{source} holds no key-encryption key; restore it from backup, never make another",
            f"{source} 中没有密钥加密密钥；请从备份恢复，切勿另建",
        )
        self.source = source


def open_kek(setting: str, *, make: bool = False) -> KeyEncryptionKey:
    """The key that the setting names.

    Args:
        setting: ``file:PATH``, ``env:NAME`` or ``pkcs11:…``.
        make: Make the file (mode 0600) if it is absent: for a new installation only.

    Raises:
        KekSettingError: None of the three forms.
        KekUnavailableError: File or variable missing, unreadable or of another shape.
        TokenAbsentError: The token does not answer now.
        TokenPinError: The PIN file is missing or wrong.
        TokenKeyMissingError: The token holds no such key.
    """
    kind, _, rest = setting.partition(":")
    if kind == "file" and rest:
        return KeyEncryptionKey.of(_from_file(Path(rest), make=make))
    if kind == "env" and rest:
        return KeyEncryptionKey.of(_from_variable(rest))
    if kind == "pkcs11":
        return KeyEncryptionKey(Pkcs11KeyWrap(TokenAddress.parse(setting)))
    raise KekSettingError


def _from_file(path: Path, *, make: bool) -> bytes:
    try:
        if make:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):
                _create(path)
        secret = path.read_bytes()
    except OSError as problem:
        raise KekUnavailableError(str(path)) from problem
    if len(secret) != DATA_KEY_BYTES:
        raise KekUnavailableError(str(path))
    return secret


def _create(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(DATA_KEY_BYTES))
        stream.flush()
        os.fsync(stream.fileno())


def _from_variable(name: str) -> bytes:
    try:
        secret = bytes.fromhex(os.environ.get(name, ""))
    except ValueError as problem:
        raise KekUnavailableError(f"${name}") from problem
    if len(secret) != DATA_KEY_BYTES:
        raise KekUnavailableError(f"${name}")
    return secret
