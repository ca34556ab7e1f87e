"""Domestic seal signatures beside the seals: kept, handed out, stamped later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from domestic_behaviour import DomesticBehaviour
from fake_unit_of_work import FakeUnitOfWork, Tables

from contracts_chain.workflows.domestic import keep_ses, kept_ses, ses_details, stamp_kept_ses
from kernel.digests import sha256, sm3
from kernel.sized_bytes import Bytes32
from signing.ses.making import make_ses
from signing.ses.reading import SesMalformedError, read_ses, unstamped
from tests.unit.signing.ses_samples import CONTENT, ORDER, Domestic


class MemoryBlobs:
    def __init__(self) -> None:
        self.held: dict[Bytes32, bytes] = {}

    def put(self, content: bytes) -> Bytes32:
        self.held[sha256(content)] = content
        return sha256(content)

    def get(self, digest: Bytes32) -> bytes:
        return self.held[digest]


class TestFakeDomesticSeals(DomesticBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)


def test_a_seal_signature_made_in_an_outage_is_stamped_later_and_its_record_still_holds(
    tmp_path: Path,
) -> None:
    house, blobs = Domestic.founded(tmp_path), MemoryBlobs()
    pending = make_ses(
        house.authority, ORDER, CONTENT, at=house.clock.now(), timestamps=None, revocation=house.ca
    )
    recorded = ses_details(pending)
    with FakeUnitOfWork(Tables()) as work:
        keep_ses(work, blobs, "N", "SupplierSeal", pending)
        assert kept_ses(work, blobs, "N") == (("SupplierSeal", pending),)
        assert stamp_kept_ses(work, blobs, "N", house.tsa, house.ca) == 1
        assert stamp_kept_ses(work, blobs, "N", house.tsa, house.ca) == 0
        ((_, stamped),) = kept_ses(work, blobs, "N")
    assert read_ses(stamped).token is not None
    assert unstamped(stamped) == pending
    assert ses_details(stamped) == recorded
    assert recorded == {"ses_sha256": sha256(pending).hex(), "ses_sm3": sm3(pending).hex()}


def test_nothing_but_a_seal_signature_is_kept() -> None:
    with FakeUnitOfWork(Tables()) as work, pytest.raises(SesMalformedError):
        keep_ses(work, MemoryBlobs(), "N", "SupplierSeal", b"no seal signature")
    assert ses_details(None) == {}
