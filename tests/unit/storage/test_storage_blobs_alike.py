"""Blobs in memory and blobs on a disk are told apart by nobody who uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from blobs_behaviour import BlobsBehaviour, Overwrite
from fake_blobs import FakeBlobs

from contracts_chain.storage.obstore_blobs import ObstoreBlobs
from kernel.sized_bytes import Bytes32


class TestBlobsOnDisk(BlobsBehaviour):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> ObstoreBlobs:
        return ObstoreBlobs.local(tmp_path / "blobs")

    @pytest.fixture
    def overwrite(self, tmp_path: Path) -> Overwrite:
        def write(digest: Bytes32, content: bytes) -> None:
            name = digest.hex()
            (tmp_path / "blobs" / name[:2] / name[2:]).write_bytes(content)

        return write


class TestBlobsInMemory(BlobsBehaviour):
    @pytest.fixture
    def blobs(self) -> FakeBlobs:
        return FakeBlobs()

    @pytest.fixture
    def overwrite(self, blobs: FakeBlobs) -> Overwrite:
        return blobs.kept.__setitem__
