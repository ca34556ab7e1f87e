"""The TEST SM2 authorities: labelled, whole or absent, sealed at rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import x509

from kernel.clock import FixedClock
from signing.certificate_profile import NameTooLongError
from signing.key_encryption import KeyEncryptionKey, OtherKeyEncryptionKeyError
from signing.sm2_authority import DamagedSm2AuthorityError, Sm2Authority
from signing.sm2_certificates import self_certified_sm2, sm2_authority_name
from signing.sm2_chain import Moment, judge_sm2_certificate, load_certificate
from signing.sm2_key import Sm2Key
from signing.sm2_libcrypto import Sm2PublicKey
from tests.unit.signing.ses_samples import COMPANY, KEK, ORDER, SEAL, START, USCC


def _open(directory: Path) -> Sm2Authority:
    return Sm2Authority.open(directory, KEK, FixedClock(START))


def test_every_subject_says_test(tmp_path: Path) -> None:
    authority = _open(tmp_path / "sm2")
    signer = authority.seal_for(Sm2Key.generate().public_key_der, ORDER).certificate
    for der in (*authority.sm2_roots, *authority.seal_maker_roots, authority.maker_certificate, signer):
        named = x509.Certificate.load(der).subject.native
        assert "TEST" in named["common_name"]
        assert "仅供测试" in named["organizational_unit_name"]


def test_it_is_the_same_authority_after_a_restart_and_never_holds_an_open_key(tmp_path: Path) -> None:
    first = _open(tmp_path / "sm2")
    again = _open(tmp_path / "sm2")
    assert (first.sm2_roots, first.seal_maker_roots) == (again.sm2_roots, again.seal_maker_roots)
    assert first.sm2_roots != first.seal_maker_roots
    for path in (tmp_path / "sm2").glob("*.key"):
        assert b"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_eight_openers_at_once_find_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _open(tmp_path / "sm2").sm2_roots, range(8)))
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sm2"]


def test_a_damaged_directory_or_another_key_is_told_apart(tmp_path: Path) -> None:
    _open(tmp_path / "sm2")
    with pytest.raises(OtherKeyEncryptionKeyError):
        Sm2Authority.open(tmp_path / "sm2", KeyEncryptionKey.of(b"x" * 32), FixedClock(START))
    (tmp_path / "sm2" / "seal-maker.der").unlink()
    with pytest.raises(DamagedSm2AuthorityError):
        _open(tmp_path / "sm2")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "file").write_bytes(b"")
    with pytest.raises(DamagedSm2AuthorityError):
        _open(foreign)


def test_its_certificates_are_judged_sound_by_their_issuers_only(tmp_path: Path) -> None:
    authority = _open(tmp_path / "sm2")
    key = Sm2Key.generate()
    der = authority.certify(key.public_key_der, organisation=COMPANY, organisation_id=USCC, seal_name=SEAL)
    Sm2PublicKey(x509.Certificate.load(der).public_key.dump()).verify(b"m", key.sign(b"m"))
    moment = Moment(utc=START, proven=True)
    judged = [
        judge_sm2_certificate(
            load_certificate(der), authorities=roots, crls=authority.crls(), moment=moment
        ).code
        for roots in (authority.sm2_roots, authority.seal_maker_roots, ())
    ]
    assert judged == ["ok", "unknown_issuer", "unknown_issuer"]


def test_a_name_beyond_64_characters_is_refused_and_never_cut(tmp_path: Path) -> None:
    with pytest.raises(NameTooLongError):
        _open(tmp_path / "sm2").certify(
            Sm2Key.generate().public_key_der, organisation="电" * 64, organisation_id=USCC, seal_name=SEAL
        )


def test_a_strangers_certificate_cannot_be_revoked_here(tmp_path: Path) -> None:
    name = sm2_authority_name("Stranger TEST")
    foreign = self_certified_sm2(name, Sm2Key.generate(), moment=START, lifetime=timedelta(days=1))
    with pytest.raises(ValueError, match="another authority"):
        _open(tmp_path / "sm2").revoke(foreign)
