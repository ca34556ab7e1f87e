"""Which certificates the service may have revoked: those of the utility's seals, and no person's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from activation_people import UTILITY
from cryptography import x509

from contracts_chain.activation.authority_desk import AuthorityDesk
from contracts_chain.activation.errors import RevocationRefusedError
from kernel.clock import FixedClock
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import Credential, SoleControl
from signing.rfc3161_authority import TestTsa
from signing.sm2_authority import Sm2Authority
from signing.sm2_key import Sm2Key
from tests.unit.signing.ses_samples import ORDER

CLOCK = FixedClock(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))
KEK = KeyEncryptionKey.of(bytes(range(32)))


def founded(directory: Path) -> tuple[TestCa, AuthorityDesk]:
    ca = TestCa.open(directory, KEK, CLOCK)
    tsa = TestTsa(ca.tsa_credential, CLOCK)
    sm2 = Sm2Authority.open(directory / "sm2", KEK, CLOCK)
    return ca, AuthorityDesk(ca, tsa, tsa, sm2, revocation=ca, utility_uscc=UTILITY)


def seal(ca: TestCa, owner_id: str) -> Credential:
    return ca.issue_seal(
        organisation="示例公司",
        organisation_id=owner_id,
        seal_name="公章",
        sole_control=SoleControl.CUSTODIAN,
    )


def revoked(ca: TestCa) -> set[int]:
    return {one.serial_number for one in x509.load_der_x509_crl(ca.crl("issuing"))}


def test_a_seal_of_the_utility_is_revoked(tmp_path: Path) -> None:
    ca, desk = founded(tmp_path / "ca")
    own = seal(ca, UTILITY)
    desk.revoke(own.certificate)
    assert revoked(ca) == {x509.load_der_x509_certificate(own.certificate).serial_number}


@pytest.mark.parametrize("level", [level for level in SoleControl if level is not SoleControl.CUSTODIAN])
def test_a_person_who_signs_for_the_utility_is_no_seal(tmp_path: Path, level: SoleControl) -> None:
    ca, desk = founded(tmp_path / "ca")
    clerk = ca.issue_person(
        name="王小明", organisation="示例供电公司", organisation_id=UTILITY, sole_control=level
    )
    with pytest.raises(RevocationRefusedError):
        desk.revoke(clerk.certificate)
    assert revoked(ca) == set()


def test_neither_a_customers_seal_nor_another_authoritys_certificate_is_revoked(tmp_path: Path) -> None:
    ca, desk = founded(tmp_path / "ca")
    elsewhere, _ = founded(tmp_path / "elsewhere")
    for credential in (seal(ca, "91330206MA2HT5E15X"), seal(elsewhere, UTILITY)):
        with pytest.raises(RevocationRefusedError):
            desk.revoke(credential.certificate)
    assert revoked(ca) == set()


def test_the_list_that_a_late_stamp_of_an_sm2_seal_needs_is_given(tmp_path: Path) -> None:
    ca, desk = founded(tmp_path / "ca")
    order = replace(ORDER, organisation_id=UTILITY)
    issued = desk.seal_for(Sm2Key.generate().public_key_der, order)
    [listed] = desk.crls_for((issued.certificate,))
    assert b"TEST SM2 CA" in listed
    own = seal(ca, UTILITY)
    assert not [one for one in desk.crls_for(own.chain) if b"TEST SM2 CA" in one]
