"""SM2 signatures by the system's libcrypto (OpenSSL 3), through ctypes (GB/T 32918.2, ADR 23).

Decides how keys and signatures cross the border to C: DER in, DER out, nothing else. Every
object of the library is freed, contexts live for one call, keys are counted, so that threads
may share one. It never writes a private key anywhere and holds no global state but the library.
"""

from __future__ import annotations

import ctypes
import threading
import weakref
from functools import cache
from typing import Final

from kernel.errors import FaultError, RefutedError

__all__ = [
    "DEFAULT_ID",
    "Sm2ForgedError",
    "Sm2KeyUnreadableError",
    "Sm2PrivateKey",
    "Sm2PublicKey",
    "Sm2UnavailableError",
]

DEFAULT_ID: Final = b"1234567812345678"
"""The distinguishing ID that GM/T 0009 prescribes where nothing else is agreed."""
GREATEST_ID: Final = 8191
"""ENTL is the ID's length in bits, two bytes (GB/T 32918.2 §5.5)."""
_LIBRARY = "libcrypto.so.3"
_GREATEST_SIGNATURE = 72
_DIGEST_SIZE = 32
_POINTER, _TEXT, _INT, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
_FUNCTIONS: Final[dict[str, tuple[type | None, tuple[type, ...]]]] = {
    "ERR_clear_error": (None, ()),
    "EVP_DigestSign": (_INT, (_POINTER, _TEXT, _POINTER, _TEXT, _SIZE)),
    "EVP_DigestSignInit": (_INT, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "EVP_DigestVerify": (_INT, (_POINTER, _TEXT, _SIZE, _TEXT, _SIZE)),
    "EVP_DigestVerifyInit": (_INT, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "EVP_MD_CTX_free": (None, (_POINTER,)),
    "EVP_MD_CTX_new": (_POINTER, ()),
    "EVP_MD_CTX_set_pkey_ctx": (None, (_POINTER, _POINTER)),
    "EVP_PKEY2PKCS8": (_POINTER, (_POINTER,)),
    "EVP_PKEY_CTX_free": (None, (_POINTER,)),
    "EVP_PKEY_CTX_new_from_name": (_POINTER, (_POINTER, _TEXT, _POINTER)),
    "EVP_PKEY_CTX_new_from_pkey": (_POINTER, (_POINTER, _POINTER, _POINTER)),
    "EVP_PKEY_CTX_set1_id": (_INT, (_POINTER, _TEXT, _INT)),
    "EVP_PKEY_free": (None, (_POINTER,)),
    "EVP_PKEY_generate": (_INT, (_POINTER, _POINTER)),
    "EVP_PKEY_is_a": (_INT, (_POINTER, _TEXT)),
    "EVP_PKEY_keygen_init": (_INT, (_POINTER,)),
    "EVP_PKEY_sign": (_INT, (_POINTER, _TEXT, _POINTER, _TEXT, _SIZE)),
    "EVP_PKEY_sign_init": (_INT, (_POINTER,)),
    "EVP_PKEY_up_ref": (_INT, (_POINTER,)),
    "EVP_PKEY_verify": (_INT, (_POINTER, _TEXT, _SIZE, _TEXT, _SIZE)),
    "EVP_PKEY_verify_init": (_INT, (_POINTER,)),
    "EVP_sm3": (_POINTER, ()),
    "PKCS8_PRIV_KEY_INFO_free": (None, (_POINTER,)),
    "d2i_AutoPrivateKey": (_POINTER, (_POINTER, _POINTER, ctypes.c_long)),
    "d2i_PUBKEY": (_POINTER, (_POINTER, _POINTER, ctypes.c_long)),
    "i2d_PKCS8_PRIV_KEY_INFO": (_INT, (_POINTER, _POINTER)),
    "i2d_PUBKEY": (_INT, (_POINTER, _POINTER)),
}


class Sm2UnavailableError(FaultError):
    """This machine's libcrypto cannot do SM2."""

    code = "sm2_unavailable"

    def __init__(self, reason: str) -> None:
        """Keep what is missing."""
        super().__init__(
            f"SM2 is not available ({reason}); install OpenSSL 3 with SM2 (Debian and Ubuntu: libssl3)",
            f"无法使用 SM2（{reason}）；请安装带 SM2 的 OpenSSL 3（Debian、Ubuntu 软件包名 libssl3）",
        )
        self.reason = reason


class Sm2KeyUnreadableError(RefutedError):
    """The bytes are no SM2 key: damaged, or of another curve."""

    code = "sm2_key_unreadable"

    def __init__(self) -> None:
        """Keep nothing: the bytes may be secret."""
        super().__init__(
            "the bytes are no SM2 key in DER form; supply a key of the curve sm2p256v1",
            "该数据不是 DER 编码的 SM2 密钥；请提供 sm2p256v1 曲线的密钥",
        )


class Sm2ForgedError(RefutedError):
    """The signature is not by this key over these bytes."""

    code = "sm2_signature_invalid"

    def __init__(self) -> None:
        """One sentence."""
        super().__init__(
            "the SM2 signature does not verify; do not rely on what it covers",
            "SM2 签名验证不通过；请勿采信其所签内容",
        )


@cache
def _library() -> ctypes.CDLL:
    """The library with its functions declared, once per process.

    Raises:
        Sm2UnavailableError: No OpenSSL 3 here, or one without SM2.
    """
    try:
        library = ctypes.CDLL(_LIBRARY)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as problem:
        raise Sm2UnavailableError(str(problem)) from problem
    context = library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    if not context:
        library.ERR_clear_error()
        raise Sm2UnavailableError(f"{_LIBRARY} was built without SM2")
    library.EVP_PKEY_CTX_free(context)
    return library


class _Key:
    """One counted EVP_PKEY; freed when the last holder lets go."""

    __slots__ = ("__weakref__", "_finalizer", "_lock", "_pointer")

    def __init__(self, pointer: int | None) -> None:
        library = _library()
        if not pointer:
            library.ERR_clear_error()
            raise Sm2KeyUnreadableError
        self._pointer = pointer
        self._lock = threading.Lock()
        self._finalizer = weakref.finalize(self, library.EVP_PKEY_free, pointer)
        if library.EVP_PKEY_is_a(pointer, b"SM2") != 1:
            self._finalizer()
            raise Sm2KeyUnreadableError

    def context(self) -> _Context:
        """A context for one call; it counts the key up, so that ``forget`` meanwhile is harmless."""
        with self._lock:
            if not self._finalizer.alive:
                raise Sm2KeyUnreadableError
            return _Context(_library().EVP_PKEY_CTX_new_from_pkey(None, self._pointer, None))

    def held(self) -> _Key:
        """Another holder of the same key."""
        with self._lock:
            if not self._finalizer.alive or _library().EVP_PKEY_up_ref(self._pointer) != 1:
                raise Sm2KeyUnreadableError
            return _Key(self._pointer)

    def forget(self) -> None:
        """Let go now; the library wipes the number when the last context is gone."""
        with self._lock:
            self._finalizer()

    @property
    def pointer(self) -> int:
        """For encoding within a ``held`` key only."""
        return self._pointer


class _Context:
    """An EVP_PKEY_CTX for one call."""

    def __init__(self, pointer: int | None) -> None:
        if not pointer:
            _library().ERR_clear_error()
            raise Sm2UnavailableError("no context for the key")
        self.pointer = pointer

    def __enter__(self) -> int:
        return self.pointer

    def __exit__(self, *_: object) -> None:
        _library().EVP_PKEY_CTX_free(self.pointer)
        _library().ERR_clear_error()


class _Digesting:
    """An EVP_MD_CTX bound to key and ID for one call."""

    def __init__(self, key: _Key, signer_id: bytes) -> None:
        if len(signer_id) > GREATEST_ID:
            raise ValueError(f"a distinguishing ID has at most {GREATEST_ID} bytes")
        self._library = _library()
        self._context = key.context()
        self.pointer = self._library.EVP_MD_CTX_new()
        known = self._library.EVP_PKEY_CTX_set1_id(self._context.pointer, signer_id, len(signer_id))
        if not self.pointer or known != 1:
            self.__exit__()
            raise Sm2UnavailableError("the distinguishing ID was refused")
        self._library.EVP_MD_CTX_set_pkey_ctx(self.pointer, self._context.pointer)

    def __enter__(self) -> int:
        pointer: int = self.pointer
        return pointer

    def __exit__(self, *_: object) -> None:
        self._library.EVP_MD_CTX_free(self.pointer)
        self._context.__exit__()


class Sm2PublicKey:
    """A public key; verifies."""

    __slots__ = ("_key", "der")

    def __init__(self, der: bytes) -> None:
        """Read SubjectPublicKeyInfo, DER.

        Raises:
            Sm2KeyUnreadableError: Another curve, a point off the curve, or bytes after the key.
            Sm2UnavailableError: No SM2 on this machine.
        """
        self._key = _read(_library().d2i_PUBKEY, der)
        self.der = der

    def verify(self, message: bytes, signature: bytes, signer_id: bytes = DEFAULT_ID) -> None:
        """Prove a signature over SM3(Z ‖ message), DER (r, s).

        Raises:
            Sm2ForgedError: It is not.
        """
        library = _library()
        with _Digesting(self._key, signer_id) as digesting:
            ready = library.EVP_DigestVerifyInit(digesting, None, library.EVP_sm3(), None, self._key.pointer)
            found = library.EVP_DigestVerify(digesting, signature, len(signature), message, len(message))
        if ready != 1 or found != 1:
            raise Sm2ForgedError

    def verify_digest(self, digest: bytes, signature: bytes) -> None:
        """Prove a signature over 32 bytes as they are, without Z.

        Raises:
            Sm2ForgedError: It is not.
            ValueError: Not 32 bytes.
        """
        _check_digest(digest)
        library = _library()
        with self._key.context() as context:
            ready = library.EVP_PKEY_verify_init(context)
            found = library.EVP_PKEY_verify(context, signature, len(signature), digest, len(digest))
        if ready != 1 or found != 1:
            raise Sm2ForgedError


class Sm2PrivateKey:
    """A private key; signs."""

    __slots__ = ("_key",)

    def __init__(self, key: _Key) -> None:
        """Use ``generate`` or ``read``."""
        self._key = key

    @classmethod
    def read(cls, pkcs8: bytes) -> Sm2PrivateKey:
        """Read PKCS #8, DER, unencrypted.

        Raises:
            Sm2KeyUnreadableError: Another curve, or damaged.
            Sm2UnavailableError: No SM2 on this machine.
        """
        return cls(_read(_library().d2i_AutoPrivateKey, pkcs8))

    @classmethod
    def generate(cls) -> Sm2PrivateKey:
        """A fresh key from the library's randomness.

        Raises:
            Sm2UnavailableError: No SM2 on this machine.
        """
        library, made = _library(), ctypes.c_void_p()
        with _Context(library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)) as context:
            library.EVP_PKEY_keygen_init(context)
            library.EVP_PKEY_generate(context, ctypes.byref(made))
        return cls(_Key(made.value))

    def sign(self, message: bytes, signer_id: bytes = DEFAULT_ID) -> bytes:
        """A signature over SM3(Z ‖ message), DER (r, s).

        Raises:
            Sm2KeyUnreadableError: The key was forgotten.
        """
        library = _library()
        key = self._key.held()
        with _Digesting(key, signer_id) as digesting:
            ready = library.EVP_DigestSignInit(digesting, None, library.EVP_sm3(), None, key.pointer)
            buffer, size = ctypes.create_string_buffer(_GREATEST_SIGNATURE), ctypes.c_size_t(72)
            done = library.EVP_DigestSign(digesting, buffer, ctypes.byref(size), message, len(message))
        return _made(ready, done, buffer, size)

    def sign_digest(self, digest: bytes) -> bytes:
        """A signature over 32 bytes as they are, without Z; DER (r, s).

        Raises:
            Sm2KeyUnreadableError: The key was forgotten.
            ValueError: Not 32 bytes.
        """
        _check_digest(digest)
        library = _library()
        with self._key.context() as context:
            ready = library.EVP_PKEY_sign_init(context)
            buffer, size = ctypes.create_string_buffer(_GREATEST_SIGNATURE), ctypes.c_size_t(72)
            done = library.EVP_PKEY_sign(context, buffer, ctypes.byref(size), digest, len(digest))
        return _made(ready, done, buffer, size)

    def public_der(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        key = self._key.held()
        return _written(_library().i2d_PUBKEY, key.pointer)

    def private_der(self) -> bytes:
        """PKCS #8, DER, unencrypted: to be sealed at once."""
        library, key = _library(), self._key.held()
        information = library.EVP_PKEY2PKCS8(key.pointer)
        try:
            return _written(library.i2d_PKCS8_PRIV_KEY_INFO, information)
        finally:
            library.PKCS8_PRIV_KEY_INFO_free(information)

    def forget(self) -> None:
        """Let go of the key; later calls raise ``Sm2KeyUnreadableError``."""
        self._key.forget()


def _read(decode: object, der: bytes) -> _Key:
    if not callable(decode):
        raise TypeError("a function of the library is due")
    buffer = ctypes.create_string_buffer(der, len(der))
    start = ctypes.c_void_p(ctypes.addressof(buffer))
    key = _Key(decode(None, ctypes.byref(start), len(der)))
    read = (start.value or 0) - ctypes.addressof(buffer)
    ctypes.memset(buffer, 0, len(der))
    if read != len(der):
        raise Sm2KeyUnreadableError
    return key


def _written(encode: object, held: int | None) -> bytes:
    if not callable(encode) or not held:
        raise Sm2KeyUnreadableError
    size = encode(held, None)
    if size <= 0:
        raise Sm2KeyUnreadableError
    buffer = ctypes.create_string_buffer(size)
    start = ctypes.c_void_p(ctypes.addressof(buffer))
    encode(held, ctypes.byref(start))
    content = buffer.raw
    ctypes.memset(buffer, 0, size)
    return content


def _made(ready: int, done: int, buffer: ctypes.Array[ctypes.c_char], size: ctypes.c_size_t) -> bytes:
    if ready != 1 or done != 1:
        raise Sm2UnavailableError("the signature could not be made")
    return buffer.raw[: size.value]


def _check_digest(digest: bytes) -> None:
    if len(digest) != _DIGEST_SIZE:
        raise ValueError(f"an SM3 digest has {_DIGEST_SIZE} bytes, not {len(digest)}")
