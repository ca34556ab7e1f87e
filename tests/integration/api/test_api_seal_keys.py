"""Keys of seals in files and in a token: made once, certified, used, destroyed; never named from outside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from memory_office import MORNING
from seal_behaviour import a_seal
from soft_token import SoftToken

from api.seal_keys import SealKeyMismatchError, SealTokenUnsetError, StandingSealKeys
from contracts_chain.agreements.seals.seal import Seal
from kernel.clock import FixedClock
from kernel.errors import FaultError
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey

KEK = KeyEncryptionKey.of(bytes(range(32)))


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> TestCa:
    return TestCa.open(tmp_path_factory.mktemp("ca") / "ca", KEK, FixedClock(MORNING))


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    return SoftToken.made(tmp_path_factory.mktemp("token"), "seal-keys")


@pytest.fixture
def keys(tmp_path: Path, ca: TestCa, token: SoftToken) -> StandingSealKeys:
    return StandingSealKeys(tmp_path / "seals", KEK, ca, token.address("any"))


def the_seal(where: str, name: str) -> Seal:
    return a_seal(name, owner="示例供电公司", key_ref=f"{where}:{name}")


def verify_signature(seal: Seal, keys: StandingSealKeys) -> None:
    credential = keys.credential(seal)
    public = x509.load_der_x509_certificate(credential.certificate).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(credential.key.sign(b"agreement"), b"agreement", ec.ECDSA(SHA256()))


def is_revoked(seal: Seal, ca: TestCa) -> bool:
    listed = x509.load_der_x509_crl(ca.crl("issuing"))
    serial = x509.load_der_x509_certificate(seal.chain[0]).serial_number
    return listed.get_revoked_certificate_by_serial_number(serial) is not None


@pytest.mark.parametrize("where", ["software", "pkcs11"])
def test_a_key_is_made_once_certified_for_its_seal_and_signs(where: str, keys: StandingSealKeys) -> None:
    seal = the_seal(where, "made-once")
    first, second = keys.make(seal), keys.make(seal)
    subjects = [
        x509.load_der_x509_certificate(chain[0]).subject.rfc4514_string() for chain in (first, second)
    ]
    assert subjects[0] == subjects[1]
    assert "示例供电公司 供用电合同专用章 TEST" in subjects[0]
    verify_signature(replace(seal, chain=first), keys)
    verify_signature(replace(seal, chain=second), keys)


@pytest.mark.parametrize("where", ["software", "pkcs11"])
def test_a_destroyed_key_signs_no_more_and_destroying_it_again_changes_nothing(
    where: str, keys: StandingSealKeys, ca: TestCa
) -> None:
    seal = the_seal(where, "destroyed")
    made = replace(seal, chain=keys.make(seal))
    for _ in range(2):
        keys.destroy(made)
    with pytest.raises(FaultError):
        keys.credential(made)
    assert is_revoked(made, ca)


def test_a_seal_whose_key_cannot_be_reached_is_revoked_all_the_same(tmp_path: Path, ca: TestCa) -> None:
    seal = the_seal("software", "moved")
    made = replace(seal, chain=StandingSealKeys(tmp_path, KEK, ca, None).make(seal))
    assert not is_revoked(made, ca)
    with pytest.raises(SealTokenUnsetError):
        StandingSealKeys(tmp_path, KEK, ca, None).destroy(replace(made, key_ref="pkcs11:moved"))
    assert is_revoked(made, ca)


@pytest.mark.parametrize("where", ["software", "pkcs11"])
def test_a_key_that_is_not_the_certified_one_is_not_used(where: str, keys: StandingSealKeys) -> None:
    one, other = the_seal(where, "one"), the_seal(where, "other")
    chain = keys.make(one)
    keys.make(other)
    with pytest.raises(SealKeyMismatchError):
        keys.credential(replace(other, chain=chain))


def test_a_software_key_lies_sealed_and_for_the_owner_only(keys: StandingSealKeys, tmp_path: Path) -> None:
    keys.make(the_seal("software", "sealed"))
    (file,) = (tmp_path / "seals").iterdir()
    assert file.name == "sealed.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in file.read_bytes()


def test_without_a_token_in_the_settings_no_token_is_looked_for(tmp_path: Path, ca: TestCa) -> None:
    keys = StandingSealKeys(tmp_path, KEK, ca, None)
    for deed in (keys.make, keys.destroy):
        with pytest.raises(SealTokenUnsetError):
            deed(the_seal("pkcs11", "label"))
