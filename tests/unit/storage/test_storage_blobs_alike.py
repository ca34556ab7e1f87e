"""Blobs in memory and blobs on a disk are told apart by nobody who uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from blobs_behaviour import BlobsBehaviour
from fake_blobs import FakeBlobs

from contracts_chain.storage.obstore_blobs import ObstoreBlobs


class TestBlobsOnDisk(BlobsBehaviour):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> ObstoreBlobs:
        return ObstoreBlobs.local(tmp_path / "blobs")


class TestBlobsInMemory(BlobsBehaviour):
    @pytest.fixture
    def blobs(self) -> FakeBlobs:
        return FakeBlobs()
