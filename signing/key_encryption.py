"""Keys and secrets at rest: sealed under a key-encryption key, each bound to its own name.

Decides the envelope (docs/formats/sealed.md). A fresh data key seals the content, the
key-encryption key wraps only that data key: the wrapping may sit in a token that never shows
its key, and a rotation renews the wrapping without seeing, or knowing the name of, the content.
The module never writes a file and never keeps a data key.

Invariants: one data key seals one content; the name is authenticated, so an envelope moved to
another name opens nothing; the key id stands outside, so that the right key can be fetched.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.errors import FaultError

__all__ = [
    "ENVELOPE_MAGIC",
    "KEY_ID_BYTES",
    "EnvelopeDamagedError",
    "KeyEncryptionKey",
    "KeyWrap",
    "OtherKeyEncryptionKeyError",
    "SecretKeyWrap",
    "is_envelope",
    "key_id_of",
]

ENVELOPE_MAGIC: Final = b"CCK1"
KEY_ID_BYTES: Final = 8
DATA_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_WRAP_LENGTH_BYTES: Final = 2
_HEAD: Final = len(ENVELOPE_MAGIC) + KEY_ID_BYTES + _WRAP_LENGTH_BYTES


class EnvelopeDamagedError(FaultError):
    """Not an envelope, a changed one, or one that was sealed under another name."""

    code = "envelope_damaged"

    def __init__(self, name: str) -> None:
        """Keep the name, which is all a restorer needs."""
        super().__init__(
            f"what is sealed as '{name}' cannot be opened: it was changed or moved; restore it from backup",
            f"“{name}”的加密内容无法打开：已被改动或移位；请从备份恢复",
        )
        self.name = name


class OtherKeyEncryptionKeyError(FaultError):
    """Sealed under a key-encryption key that is not this one; both ids are kept."""

    code = "other_key_encryption_key"

    def __init__(self, name: str, *, needed: bytes, given: bytes) -> None:
        """Keep both key ids: the first tells which key to fetch."""
        super().__init__(
            f"'{name}' is sealed under key-encryption key {needed.hex()}, not {given.hex()}; supply that key",
            f"“{name}”由密钥加密密钥 {needed.hex()} 加密，而非 {given.hex()}；请提供对应的密钥",
        )
        self.name = name
        self.needed = needed
        self.given = given


class KeyWrap(Protocol):
    """What a key-encryption key does, wherever it lives."""

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name the key and tell nothing about it."""
        ...

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt 32 bytes; at most 65,535 bytes come back, different ones each time."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """The 32 bytes again.

        Raises:
            ValueError: Not wrapped by this key, or changed.
        """
        ...


class SecretKeyWrap:
    """AES-256-GCM under 32 secret bytes held in this process."""

    __slots__ = ("_cipher", "_key_id")

    def __init__(self, secret: bytes) -> None:
        """Take exactly 32 bytes.

        Raises:
            ValueError: Another length.
        """
        if len(secret) != DATA_KEY_BYTES:
            raise ValueError(f"a key-encryption key has {DATA_KEY_BYTES} bytes, not {len(secret)}")
        self._cipher = AESGCM(secret)
        self._key_id = key_id_of(secret)

    @property
    def key_id(self) -> bytes:
        """First eight bytes of HMAC-SHA-256 under the secret."""
        return self._key_id

    def wrap(self, data_key: bytes) -> bytes:
        """Nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, ENVELOPE_MAGIC)

    def unwrap(self, wrapped: bytes) -> bytes:
        """See ``KeyWrap.unwrap``."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], ENVELOPE_MAGIC)
        except InvalidTag as problem:
            raise ValueError("the data key was not wrapped by this key") from problem


class KeyEncryptionKey:
    """Seals contents under names; ``KeyEncryptionKey.of(secret)`` for a key in this process."""

    __slots__ = ("_wrap",)

    def __init__(self, wrap: KeyWrap) -> None:
        """Take the key wherever it lives."""
        self._wrap = wrap

    @classmethod
    def of(cls, secret: bytes) -> KeyEncryptionKey:
        """From exactly 32 secret bytes.

        Raises:
            ValueError: Another length.
        """
        return cls(SecretKeyWrap(secret))

    @property
    def key_id(self) -> bytes:
        """Eight bytes, as they stand in every envelope of this key."""
        return self._wrap.key_id

    def seal(self, name: str, content: bytes) -> bytes:
        """Encrypt ``content``; only the same name and this key (or its successor) open it again.

        Args:
            name: What the content is, e.g. ``root.key``; authenticated, not stored.
            content: Any bytes.

        Raises:
            FaultError: The token that holds the key does not answer.
        """
        data_key, nonce = os.urandom(DATA_KEY_BYTES), os.urandom(NONCE_BYTES)
        sealed = AESGCM(data_key).encrypt(nonce, content, _associated(name))
        return _Envelope(key_id=self.key_id, wrapped=self._wrap.wrap(data_key), body=nonce + sealed).encoded()

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """What was sealed under this name.

        Raises:
            OtherKeyEncryptionKeyError: Sealed under another key; says which.
            EnvelopeDamagedError: Changed, cut, or sealed under another name.
            FaultError: The token that holds the key does not answer.
        """
        envelope = _Envelope.read(name, sealed)
        nonce, body = envelope.body[:NONCE_BYTES], envelope.body[NONCE_BYTES:]
        try:
            return AESGCM(self._data_key(name, envelope)).decrypt(nonce, body, _associated(name))
        except (InvalidTag, ValueError) as problem:
            raise EnvelopeDamagedError(name) from problem

    def rewrapped(self, name: str, sealed: bytes, successor: KeyEncryptionKey) -> bytes:
        """The same content under ``successor``; the content itself is neither opened nor changed.

        Args:
            name: For messages only: any word for where the envelope lies.
            sealed: An envelope under this key, or under ``successor`` already: then unchanged.
            successor: The key from now on.

        Raises:
            OtherKeyEncryptionKeyError: Sealed under neither key.
            EnvelopeDamagedError: Not an envelope, or its data key was changed.
        """
        envelope = _Envelope.read(name, sealed)
        if envelope.key_id == successor.key_id:
            return sealed
        wrapped = successor._wrap.wrap(self._data_key(name, envelope))
        return _Envelope(key_id=successor.key_id, wrapped=wrapped, body=envelope.body).encoded()

    def _data_key(self, name: str, envelope: _Envelope) -> bytes:
        if not hmac.compare_digest(envelope.key_id, self.key_id):
            raise OtherKeyEncryptionKeyError(name, needed=envelope.key_id, given=self.key_id)
        try:
            return self._wrap.unwrap(envelope.wrapped)
        except ValueError as problem:
            raise EnvelopeDamagedError(name) from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    """Magic, key id, length of the wrapped data key (big endian), wrapped data key, body."""

    key_id: bytes
    wrapped: bytes
    body: bytes

    @classmethod
    def read(cls, name: str, sealed: bytes) -> _Envelope:
        if not is_envelope(sealed):
            raise EnvelopeDamagedError(name)
        body = _HEAD + int.from_bytes(sealed[_HEAD - _WRAP_LENGTH_BYTES : _HEAD])
        if len(sealed) < body + NONCE_BYTES:
            raise EnvelopeDamagedError(name)
        key_id = sealed[len(ENVELOPE_MAGIC) : len(ENVELOPE_MAGIC) + KEY_ID_BYTES]
        return cls(key_id=key_id, wrapped=sealed[_HEAD:body], body=sealed[body:])

    def encoded(self) -> bytes:
        length = len(self.wrapped).to_bytes(_WRAP_LENGTH_BYTES)
        return ENVELOPE_MAGIC + self.key_id + length + self.wrapped + self.body


def is_envelope(content: bytes) -> bool:
    """Whether the bytes begin as an envelope does."""
    return content.startswith(ENVELOPE_MAGIC) and len(content) >= _HEAD


def key_id_of(secret: bytes) -> bytes:
    """Eight bytes that name a secret: HMAC-SHA-256 of a fixed text under it, cut."""
    return hmac.new(secret, b"contracts-chain key id", hashlib.sha256).digest()[:KEY_ID_BYTES]


def _associated(name: str) -> bytes:
    return ENVELOPE_MAGIC + name.encode()
