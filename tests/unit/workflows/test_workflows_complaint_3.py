"""Complaint 3, invalid or expired certificates: what will expire before it is needed is not sent out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from activation_people import Vouchers
from fake_activation import FakeActivation
from memory_office import MORNING, MemoryOffice, memory_office, paperless, sample

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows.lapse import last_day_of_offer
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.preflight import NotReadyError
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.clock import BEIJING, FixedClock
from signing.ca_directory import AUTHORITY_DAYS
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey


@pytest.fixture(autouse=True)
def without_crafts() -> Iterator[None]:
    with paperless():
        yield


def office_whose_root_ends(directory: Path, days_after_the_last_day: int) -> MemoryOffice:
    """An office whose authority was founded as long ago as that takes."""
    last = last_day_of_offer(sample())
    ahead = (last - MORNING.astimezone(BEIJING).date()).days + days_after_the_last_day
    founded = FixedClock(MORNING - timedelta(days=AUTHORITY_DAYS - ahead))
    TestCa.open(directory, KeyEncryptionKey.of(bytes(32)), founded)
    return memory_office(lambda clock: FakeActivation(directory, clock, Vouchers()))


def approved(world: MemoryOffice) -> str:
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="wang")
    return number


def test_complaint_3_nothing_is_sent_that_could_be_signed_under_an_expired_root(tmp_path: Path) -> None:
    world = office_whose_root_ends(tmp_path / "ca", days_after_the_last_day=0)
    number = approved(world)
    with pytest.raises(NotReadyError) as refused:
        offer(world.office, number, by="desk")
    (item,) = refused.value.items
    assert (item.name, item.code) == ("certificates", "certificate_due")
    assert "请先安装新的根证书" in item.zh
    assert world.tables.agreements[number].state is AgreementState.APPROVED


def test_complaint_3_a_root_that_outlasts_the_last_day_stops_nothing(tmp_path: Path) -> None:
    world = office_whose_root_ends(tmp_path / "ca", days_after_the_last_day=1)
    assert offer(world.office, approved(world), by="desk").dossier.state is AgreementState.OFFERED
