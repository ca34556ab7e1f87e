"""Certificates of seals that end: told a month ahead, and no offer goes out that outlives one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from licensed_ca import LicensedCa
from memory_office import memory_office, paperless
from seal_behaviour import a_seal
from seal_desk import with_seals

from api.seal_expiry import SealEndsSoonError, verify_seals_last
from contracts_chain.agreements.seals.life import SealState
from contracts_chain.agreements.seals.seal import Seal
from contracts_chain.workflows.preflight import preflight
from signing.certificate_request import certificate_request
from signing.software_key import SoftwareKey

SUPPLIER = ("浙东电网有限公司明州供电公司（示例）", "91330200MA23AMP15X")
NOW = datetime.now(UTC)
AUTHORITY = LicensedCa(name="示例电子认证服务有限公司", url="http://ca.example.test")


def chain(days: int) -> tuple[bytes, ...]:
    key = SoftwareKey.generate()
    request = certificate_request(
        key, key.public_key_der, organisation="示例", organisation_id="1", common_name="公章"
    )
    known = x509.load_pem_x509_certificates(AUTHORITY.certify(request, days=(-1, days)) + AUTHORITY.root_pem)
    return tuple(one.public_bytes(Encoding.DER) for one in known)


def seal_for(days: int, state: SealState = SealState.IN_USE) -> Seal:
    return a_seal(f"{days}-{state}", name=f"印章{days}", chain=chain(days), state=state)


def test_seals_that_last_are_counted_and_those_without_a_certificate_are_not() -> None:
    assert verify_seals_last((seal_for(60), a_seal("applied")), NOW) == 1


@pytest.mark.parametrize("days", [29, 0])
def test_a_seal_that_ends_within_a_month_is_named_with_its_day(days: int) -> None:
    with pytest.raises(SealEndsSoonError) as told:
        verify_seals_last((seal_for(60), seal_for(days)), NOW)
    assert f"印章{days} 20" in told.value.zh
    assert "印章60" not in told.value.zh


def test_a_destroyed_seal_ends_quietly() -> None:
    assert verify_seals_last((seal_for(3, SealState.DESTROYED),), NOW) == 0


@pytest.mark.parametrize(("days", "code"), [(1, "certificate_due"), (360, "ok")])
def test_an_offer_waits_for_a_seal_whose_certificate_outlasts_the_day_for_signing(
    days: int, code: str
) -> None:
    with paperless():
        world = memory_office()
        utility = replace(world.office.utility, name=SUPPLIER[0], uscc=SUPPLIER[1])
        world.office = with_seals(replace(world.office, utility=utility), world.office.seal_keys)
        number = world.draft()
        seals = world.tables.seals.seals
        for seal in tuple(seals.values()):
            seals[seal.id] = replace(seal, chain=chain(days))
        items = {item.name: item for item in preflight(world.office, number)}
    assert items["certificates"].code == code
