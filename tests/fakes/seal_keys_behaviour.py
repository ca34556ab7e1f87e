"""What all ``SealKeys`` do, in memory, in files or in a token."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from licensed_ca import LicensedCa
from seal_behaviour import a_seal

from contracts_chain.agreements.seals.seal import Seal
from contracts_chain.workflows.seal_ports import SealKeys
from kernel.errors import FaultError
from signing.seal_certificate import SealCertificateError

__all__ = ["AUTHORITY", "SealKeysBehaviour"]

AUTHORITY = LicensedCa(name="示例电子认证服务有限公司", url="http://ca.example.test")
"""Whose certificates may be brought."""
NOW = datetime.now(UTC)


def made(keys: SealKeys, name: str) -> Seal:
    seal = a_seal(name)
    return replace(seal, chain=keys.make(seal))


class SealKeysBehaviour:
    """Mixed into a test class that has a fixture ``keys``."""

    def test_a_seal_has_one_key_however_often_it_is_made(self, keys: SealKeys) -> None:
        first, again = made(keys, "one"), made(keys, "one")
        held = [keys.credential(one) for one in (first, again)]
        assert [one.certificate for one in held] == [first.chain[0], again.chain[0]]
        assert held[0].key.public_key_der == held[1].key.public_key_der
        assert held[0].key.sign(b"agreement")

    def test_a_destroyed_key_is_reached_no_more_and_destroying_it_again_changes_nothing(
        self, keys: SealKeys
    ) -> None:
        seal = made(keys, "gone")
        for _ in range(2):
            keys.destroy(seal)
            with pytest.raises(FaultError):
                keys.credential(seal)

    def test_every_seal_has_a_key_of_its_own(self, keys: SealKeys) -> None:
        one, other = made(keys, "mine"), made(keys, "theirs")
        mine, theirs = keys.credential(one).key, keys.credential(other).key
        assert mine.public_key_der != theirs.public_key_der
        keys.destroy(one)
        assert keys.credential(other).key.public_key_der == theirs.public_key_der

    def test_a_request_names_owner_and_key_and_its_certificate_is_taken_with_its_issuers(
        self, keys: SealKeys
    ) -> None:
        seal = a_seal("brought")
        request = keys.request(seal)
        asked = x509.load_der_x509_csr(request).subject
        assert {part.oid.dotted_string: part.value for part in asked} == {
            "2.5.4.6": "CN",
            "2.5.4.10": seal.owner,
            "2.5.4.97": f"USCCCN-{seal.owner_id}",
            "2.5.4.3": seal.name,
        }
        chain = keys.adopt(seal, AUTHORITY.certify(request), NOW)
        assert (len(chain), chain[-1]) == (3, AUTHORITY.root_der)
        held = keys.credential(replace(seal, chain=chain))
        assert (held.certificate, held.chain) == (chain[0], chain)
        assert held.key.public_key_der in chain[0]

    def test_a_certificate_of_another_key_or_of_no_key_yet_is_refused(self, keys: SealKeys) -> None:
        one, other = a_seal("this"), a_seal("that")
        theirs = AUTHORITY.certify(keys.request(other))
        for _ in range(2):
            with pytest.raises(SealCertificateError, match="key"):
                keys.adopt(one, theirs, NOW)
            keys.request(one)
