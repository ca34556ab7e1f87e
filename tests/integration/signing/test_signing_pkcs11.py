"""Keys in a SoftHSM2 token: signing, sole place of the private half, loss of the token, wrong PIN."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from soft_token import SoftToken

from signing.key_encryption import EnvelopeDamagedError, KeyEncryptionKey, OtherKeyEncryptionKeyError
from signing.pkcs11_key import Pkcs11Key, Pkcs11KeyWrap, TokenKeyExistsError
from signing.pkcs11_token import (
    TokenAbsentError,
    TokenAddress,
    TokenAddressError,
    TokenKeyMissingError,
    TokenPinError,
    TokenRefusedError,
)
from signing.signature_mechanism import verify_raw_signature
from tests.fakes.signing_key_behaviour import MadeKey, SigningKeyBehaviour
from tests.unit.signing.signed_samples import COMPANY, USCC, Office

LABELS = (f"key-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    return SoftToken.made(tmp_path_factory.mktemp("softhsm"), "utility")


@pytest.fixture(scope="module")
def token_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.founded(tmp_path_factory.mktemp("hsm-office") / "ca")


@pytest.fixture
def key(token: SoftToken) -> Pkcs11Key:
    return Pkcs11Key.generate(token.address(next(LABELS)))


class TestP256InAToken(SigningKeyBehaviour):
    @pytest.fixture
    def made_key(self, key: Pkcs11Key, token_office: Office) -> MadeKey:
        return _sealed(key, token_office)


class TestRsaInAToken(SigningKeyBehaviour):
    @pytest.fixture
    def made_key(self, token: SoftToken, token_office: Office) -> MadeKey:
        label = next(LABELS)
        token.use(
            lambda session: session.generate_keypair(
                KeyType.RSA,
                2048,
                store=True,
                label=label,
                capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            )
        )
        return _sealed(Pkcs11Key(token.address(label)), token_office)


def _sealed(key: Pkcs11Key, office: Office) -> MadeKey:
    chain = office.ca.certify_seal(
        key.public_key_der, organisation=COMPANY, organisation_id=USCC, seal_name="供用电合同专用章"
    )
    return MadeKey(key=key, chain=chain, office=office)


def test_the_private_half_cannot_be_read_from_the_token(token: SoftToken) -> None:
    label = next(LABELS)
    Pkcs11Key.generate(token.address(label))

    def _private(session: pkcs11.Session) -> pkcs11.Object:
        return next(
            iter(session.get_objects({Attribute.LABEL: label, Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        )

    private = token.use(_private)
    assert private[Attribute.SENSITIVE] is True
    assert private[Attribute.EXTRACTABLE] is False
    assert private[Attribute.LOCAL] is True
    with pytest.raises(pkcs11.AttributeSensitive):
        private[Attribute.VALUE]


def test_a_second_key_of_the_same_label_is_not_made(token: SoftToken) -> None:
    address = token.address(next(LABELS))
    Pkcs11Key.generate(address)
    with pytest.raises(TokenKeyExistsError):
        Pkcs11Key.generate(address)


def test_a_key_that_is_not_there_is_missing(token: SoftToken) -> None:
    with pytest.raises(TokenKeyMissingError):
        Pkcs11Key(token.address("nobody"))


def test_a_key_found_by_its_uri_is_the_generated_one(token: SoftToken) -> None:
    label = next(LABELS)
    made = Pkcs11Key.generate(token.address(label))
    assert Pkcs11Key(TokenAddress.parse(token.uri(label))).public_key_der == made.public_key_der


def test_a_wrong_pin_is_refused_also_while_somebody_is_logged_in(
    token: SoftToken, key: Pkcs11Key, tmp_path: Path
) -> None:
    assert key.sign(b"logged in")
    (tmp_path / "pin").write_text("000000")
    with pytest.raises(TokenPinError):
        Pkcs11Key(token.address("any", pin_file=tmp_path / "pin"))


def test_a_wrong_pin_is_refused_by_the_token_itself(token: SoftToken, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("000000")
    pkcs11.lib(str(token.address("any").module)).reinitialize()
    with pytest.raises(TokenPinError):
        Pkcs11Key(token.address("any", pin_file=tmp_path / "pin"))


def test_a_missing_pin_file_is_told_as_such(token: SoftToken, tmp_path: Path) -> None:
    with pytest.raises(TokenPinError):
        Pkcs11Key(token.address("any", pin_file=tmp_path / "none"))


def test_a_module_that_is_no_library_is_refused(token: SoftToken, tmp_path: Path) -> None:
    (tmp_path / "no.so").write_bytes(b"not a library")
    address = TokenAddress(module=tmp_path / "no.so", token="t", label="k", pin_file=token.directory / "pin")
    with pytest.raises(TokenRefusedError):
        Pkcs11Key(address)


def test_a_session_that_was_lost_is_opened_again(token: SoftToken, key: Pkcs11Key) -> None:
    assert key.sign(b"before")
    pkcs11.lib(str(token.address("any").module)).reinitialize()
    verify_raw_signature(key.public_key_der, key.sign(b"after"), b"after")


def test_a_token_that_was_unplugged_is_absent_until_it_comes_back(token: SoftToken, key: Pkcs11Key) -> None:
    away = token.unplug()
    try:
        with pytest.raises(TokenAbsentError):
            key.sign(b"while it is away")
    finally:
        token.plug_in(away)
    verify_raw_signature(key.public_key_der, key.sign(b"back"), b"back")


def test_many_threads_get_each_their_own_signature(key: Pkcs11Key) -> None:
    messages = [bytes([number]) for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        for message, signature in zip(messages, pool.map(key.sign, messages), strict=True):
            verify_raw_signature(key.public_key_der, signature, message)


def test_an_erased_key_is_gone_for_every_process(token: SoftToken) -> None:
    address = token.address(next(LABELS))
    key, other = Pkcs11Key.generate(address), Pkcs11Key(address)
    key.erase()
    with pytest.raises(TokenKeyMissingError):
        other.sign(b"message")


@pytest.mark.parametrize("part", ["token=t", "object=k", "module-path=/m", "pin-source=/p"])
def test_an_address_without_one_of_its_parts_is_refused(part: str) -> None:
    whole = "pkcs11:token=t;object=k?module-path=/m&pin-source=/p"
    assert TokenAddress.parse(whole).label == "k"
    with pytest.raises(TokenAddressError):
        TokenAddress.parse(whole.replace(part, ""))


@pytest.fixture
def kek(token: SoftToken) -> KeyEncryptionKey:
    return KeyEncryptionKey(Pkcs11KeyWrap.generate(token.address(next(LABELS))))


def test_a_key_in_the_token_seals_and_unseals(kek: KeyEncryptionKey) -> None:
    assert kek.unseal("k", kek.seal("k", b"secret")) == b"secret"


def test_a_changed_wrapping_is_damage_whatever_the_token_calls_it(kek: KeyEncryptionKey) -> None:
    sealed = bytearray(kek.seal("k", b"secret"))
    sealed[40] ^= 1
    with pytest.raises(EnvelopeDamagedError):
        kek.unseal("k", bytes(sealed))


def test_content_moves_from_a_file_key_to_the_token_and_back(kek: KeyEncryptionKey) -> None:
    of_file = KeyEncryptionKey.of(bytes(32))
    moved = of_file.rewrapped("k", of_file.seal("k", b"secret"), kek)
    assert kek.unseal("k", moved) == b"secret"
    with pytest.raises(OtherKeyEncryptionKeyError):
        of_file.unseal("k", moved)
    assert of_file.unseal("k", kek.rewrapped("k", moved, of_file)) == b"secret"
