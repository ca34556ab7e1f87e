"""Domestic seal signatures beside the seals: kept, handed out, stamped later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from domestic_behaviour import DomesticBehaviour
from fake_blobs import FakeBlobs
from fake_unit_of_work import FakeUnitOfWork, Tables

from contracts_chain.workflows.domestic import keep_ses, kept_ses, ses_details
from kernel.digests import sha256, sm3
from signing.ses.making import make_ses
from signing.ses.reading import SesMalformedError, unstamped
from tests.unit.signing.ses_samples import CONTENT, ORDER, Domestic


class TestFakeDomesticSeals(DomesticBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)


def test_a_seal_signature_is_kept_with_whether_it_has_its_timestamp_and_its_record_holds_for_both(
    tmp_path: Path,
) -> None:
    house, blobs = Domestic.founded(tmp_path), FakeBlobs()
    pending = make_ses(
        house.authority, ORDER, CONTENT, at=house.clock.now(), timestamps=None, revocation=house.ca
    )
    stamped = house.stamped(pending)
    with FakeUnitOfWork(Tables()) as work:
        keep_ses(work, blobs, "N", "SupplierSeal", pending)
        assert kept_ses(work, blobs, "N") == (("SupplierSeal", pending),)
        assert work.domestic_seals.unstamped() == ("N",)
        keep_ses(work, blobs, "N", "SupplierSeal", stamped)
        assert kept_ses(work, blobs, "N") == (("SupplierSeal", stamped),)
        assert work.domestic_seals.unstamped() == ()
    assert unstamped(stamped) == pending
    assert ses_details(stamped) == ses_details(pending)
    assert ses_details(pending) == {"ses_sha256": sha256(pending).hex(), "ses_sm3": sm3(pending).hex()}


def test_nothing_but_a_seal_signature_is_kept() -> None:
    with FakeUnitOfWork(Tables()) as work, pytest.raises(SesMalformedError):
        keep_ses(work, FakeBlobs(), "N", "SupplierSeal", b"no seal signature")
    assert ses_details(None) == {}
