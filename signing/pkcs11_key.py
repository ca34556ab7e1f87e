"""Keys in a PKCS#11 token: the utility's seal key, and a key that wraps other keys.

Decides how they are made (sensitive, never extractable, made inside the token) and which mechanisms
are asked for: CKM_ECDSA over SHA-256, CKM_SHA256_RSA_PKCS, CKM_AES_GCM. The private half never
leaves the token; nothing here could read it. A token lets two keys bear one label (PKCS #11 v2.40
§4.4): of several makers at once at most one succeeds, the others take back what they made.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, cast

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11 import exceptions as p11
from pkcs11.mechanisms import GCMParams
from pkcs11.util.ec import encode_ec_public_key, encode_ecdsa_signature, encode_named_curve_parameters
from pkcs11.util.rsa import encode_rsa_public_key

from kernel.errors import RejectedError
from signing.key_encryption import DATA_KEY_BYTES, ENVELOPE_MAGIC, KEY_ID_BYTES, NONCE_BYTES
from signing.pkcs11_token import TokenAddress, TokenKeyMissingError, TokenPinError, TokenSession
from signing.software_key import KeyDestroyedError

__all__ = ["Pkcs11Key", "Pkcs11KeyWrap", "TokenKeyExistsError"]

HIDDEN: Final = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
TAG_BITS: Final = 128


class TokenKeyExistsError(RejectedError):
    """The token has a key of this label already; nothing was made."""

    code = "token_key_exists"

    def __init__(self, token: str, label: str) -> None:
        """Keep both names."""
        super().__init__(
            f"the token '{token}' has a key '{label}' already; choose another label",
            f"密码设备“{token}”中已有密钥“{label}”；请另选标签",
        )


class Pkcs11Key:
    """A P-256 or RSA key in a token; implements ``SigningKey``."""

    __slots__ = ("_address", "_destroyed", "_public_der", "_token")

    def __init__(self, address: TokenAddress) -> None:
        """Find the key pair; logs in if nobody has.

        Raises:
            TokenAbsentError: The token does not answer.
            TokenPinError: The PIN file is missing or wrong.
            TokenKeyMissingError: No such pair, or more than one.
        """
        self._address = address
        self._token = TokenSession.of(address)
        self._destroyed = False
        self._public_der = self._token.use(address.pin_file, self._read_public)

    @classmethod
    def generate(cls, address: TokenAddress) -> Pkcs11Key:
        """Make a P-256 pair inside the token: sensitive, not extractable, sign only.

        Raises:
            TokenKeyExistsError: The label is taken, or another made a key of this label meanwhile.
            TokenAbsentError: The token does not answer.
            TokenPinError: The PIN file is missing or wrong.
        """
        with _one_maker(address):
            TokenSession.of(address).use(address.pin_file, lambda session: _generate_pair(session, address))
            return cls(address)

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, DER; still known after ``destroy``."""
        return self._public_der

    def sign(self, message: bytes) -> bytes:
        """See ``SigningKey.sign``; the token sees the message's digest or, for RSA, the message.

        Raises:
            KeyDestroyedError: ``destroy`` was called.
            TokenAbsentError: The token does not answer now.
            TokenKeyMissingError: Somebody deleted the key.
            TokenRefusedError: The token refuses.
        """
        if self._destroyed:
            raise KeyDestroyedError
        return self._token.use(self._address.pin_file, lambda session: self._sign(session, message))

    def destroy(self) -> None:
        """Sign no more through this object; the token keeps the key, see ``erase``."""
        self._destroyed = True

    def erase(self) -> None:
        """Delete both halves from the token for ever: the end of a seal's life.

        Raises:
            TokenAbsentError: The token does not answer; nothing was deleted.
            TokenKeyMissingError: There is none any more.
        """
        self._destroyed = True
        self._token.use(self._address.pin_file, self._erase)

    def _sign(self, session: pkcs11.Session, message: bytes) -> bytes:
        found = _one(session, self._address, ObjectClass.PRIVATE_KEY)
        key = cast("pkcs11.SignMixin", found)
        if found[Attribute.KEY_TYPE] is KeyType.RSA:
            return bytes(key.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS))
        digest = hashlib.sha256(message).digest()
        return encode_ecdsa_signature(bytes(key.sign(digest, mechanism=Mechanism.ECDSA)))

    def _read_public(self, session: pkcs11.Session) -> bytes:
        _one(session, self._address, ObjectClass.PRIVATE_KEY)
        key = cast("pkcs11.PublicKey", _one(session, self._address, ObjectClass.PUBLIC_KEY))
        return encode_rsa_public_key(key) if key.key_type is KeyType.RSA else encode_ec_public_key(key)

    def _erase(self, session: pkcs11.Session) -> None:
        _one(session, self._address, ObjectClass.PRIVATE_KEY).destroy()
        _one(session, self._address, ObjectClass.PUBLIC_KEY).destroy()


class Pkcs11KeyWrap:
    """An AES-256 key in a token that wraps data keys; implements ``KeyWrap``."""

    __slots__ = ("_address", "_key_id", "_token")

    def __init__(self, address: TokenAddress) -> None:
        """Find the key; logs in if nobody has.

        Raises:
            TokenAbsentError: The token does not answer.
            TokenPinError: The PIN file is missing or wrong.
            TokenKeyMissingError: No such key, or more than one.
        """
        self._address = address
        self._token = TokenSession.of(address)
        self._key_id = self._token.use(address.pin_file, self._read_id)

    @classmethod
    def generate(cls, address: TokenAddress) -> Pkcs11KeyWrap:
        """Make an AES-256 key inside the token: sensitive, not extractable.

        Raises:
            TokenKeyExistsError: The label is taken, or another made a key of this label meanwhile.
            TokenAbsentError: The token does not answer.
            TokenPinError: The PIN file is missing or wrong.
        """
        with _one_maker(address):
            TokenSession.of(address).use(address.pin_file, lambda session: _generate_secret(session, address))
            return cls(address)

    @property
    def key_id(self) -> bytes:
        """First eight bytes of SHA-256 over the random CKA_ID the key was made with."""
        return self._key_id

    def wrap(self, data_key: bytes) -> bytes:
        """AES-256-GCM in the token: nonce, ciphertext, tag.

        Raises:
            TokenAbsentError: The token does not answer now.
        """
        nonce = os.urandom(NONCE_BYTES)
        parameters = GCMParams(nonce, ENVELOPE_MAGIC, TAG_BITS)

        def _encrypt(session: pkcs11.Session) -> bytes:
            key = cast("pkcs11.EncryptMixin", _one(session, self._address, ObjectClass.SECRET_KEY))
            return cast(
                "bytes", key.encrypt(data_key, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)
            )

        return nonce + self._token.use(self._address.pin_file, _encrypt)

    def unwrap(self, wrapped: bytes) -> bytes:
        """See ``KeyWrap.unwrap``.

        Raises:
            ValueError: Not wrapped by this key, or changed.
            TokenAbsentError: The token does not answer now.
        """
        if len(wrapped) != NONCE_BYTES + DATA_KEY_BYTES + TAG_BITS // 8:
            raise ValueError("not a wrapped data key")
        parameters = GCMParams(wrapped[:NONCE_BYTES], ENVELOPE_MAGIC, TAG_BITS)

        def _decrypt(session: pkcs11.Session) -> bytes | None:
            key = cast("pkcs11.DecryptMixin", _one(session, self._address, ObjectClass.SECRET_KEY))
            content = wrapped[NONCE_BYTES:]
            try:
                return cast(
                    "bytes", key.decrypt(content, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)
                )
            except (p11.EncryptedDataInvalid, p11.FunctionFailed, p11.GeneralError):
                return None  # tokens differ in the word they have for a wrong tag

        data_key = self._token.use(self._address.pin_file, _decrypt)
        if data_key is None:
            raise ValueError("the data key was not wrapped by this key")
        return data_key

    def _read_id(self, session: pkcs11.Session) -> bytes:
        identifier = bytes(_one(session, self._address, ObjectClass.SECRET_KEY)[Attribute.ID])
        return hashlib.sha256(identifier).digest()[:KEY_ID_BYTES]


@contextmanager
def _one_maker(address: TokenAddress) -> Iterator[None]:
    """One maker of keys at a time over the programs that read this PIN file; a killed one lets go."""
    try:
        descriptor = os.open(address.pin_file, os.O_RDONLY)
    except OSError as problem:
        raise TokenPinError(address.token) from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _generate_pair(session: pkcs11.Session, address: TokenAddress) -> None:
    _require_free(session, address, ObjectClass.PRIVATE_KEY)
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    made = session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
        store=True,
        label=address.label,
        id=os.urandom(16),
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template=HIDDEN,
    )
    _require_alone(session, address, ObjectClass.PRIVATE_KEY, made)


def _generate_secret(session: pkcs11.Session, address: TokenAddress) -> None:
    _require_free(session, address, ObjectClass.SECRET_KEY)
    made = session.generate_key(
        KeyType.AES,
        256,
        store=True,
        label=address.label,
        id=os.urandom(16),
        capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
        template=HIDDEN,
    )
    _require_alone(session, address, ObjectClass.SECRET_KEY, (made,))


def _require_free(session: pkcs11.Session, address: TokenAddress, kind: ObjectClass) -> None:
    if list(session.get_objects({Attribute.LABEL: address.label, Attribute.CLASS: kind})):
        raise TokenKeyExistsError(address.token, address.label)


def _require_alone(
    session: pkcs11.Session, address: TokenAddress, kind: ObjectClass, made: Sequence[pkcs11.Object]
) -> None:
    """Take back what was just made if another machine made a key of this label meanwhile.

    Each looks after its own is in the token, so of two makers at least one sees the other's.
    """
    if len(list(session.get_objects({Attribute.LABEL: address.label, Attribute.CLASS: kind}))) > 1:
        for half in made:
            half.destroy()
        raise TokenKeyExistsError(address.token, address.label)


def _one(session: pkcs11.Session, address: TokenAddress, kind: ObjectClass) -> pkcs11.Object:
    found = list(session.get_objects({Attribute.LABEL: address.label, Attribute.CLASS: kind}))
    if len(found) != 1:
        raise TokenKeyMissingError(address.token, address.label)
    return found[0]
