"""Blobs in a local directory: durable, write-once, re-hashed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts_chain.storage.obstore_blobs import BlobStoreError, ObstoreBlobs
from kernel.digests import sha256


@pytest.fixture
def blobs(tmp_path: Path) -> ObstoreBlobs:
    return ObstoreBlobs.local(tmp_path / "blobs")


def file_of(root: Path, content: bytes) -> Path:
    name = sha256(content).hex()
    return root / "blobs" / name[:2] / name[2:]


@given(content=st.binary(max_size=3000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_what_is_put_is_got_under_its_sha256(blobs: ObstoreBlobs, content: bytes) -> None:
    digest = blobs.put(content)
    assert digest == sha256(content)
    assert blobs.get(digest) == content


def test_storing_twice_leaves_the_first_file_untouched(blobs: ObstoreBlobs, tmp_path: Path) -> None:
    blobs.put(b"contract")
    before = file_of(tmp_path, b"contract").stat()
    blobs.put(b"contract")
    after = file_of(tmp_path, b"contract").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_every_put_flushes_the_file_and_its_directories(
    blobs: ObstoreBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    blobs.put(b"contract")
    blob = file_of(tmp_path.resolve(), b"contract")
    assert flushed == [blob, blob.parent, blob.parent.parent]


def test_the_directory_is_closed_to_other_accounts(blobs: ObstoreBlobs, tmp_path: Path) -> None:
    blobs.put(b"contract")
    assert (tmp_path / "blobs").stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_made_is_a_fault_with_advice(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file stands in the way")
    with pytest.raises(BlobStoreError, match="free space"):
        ObstoreBlobs.local(tmp_path / "blobs")


def test_a_second_store_over_the_same_directory_reads_what_the_first_wrote(tmp_path: Path) -> None:
    digest = ObstoreBlobs.local(tmp_path / "blobs").put(b"contract")
    assert ObstoreBlobs.local(tmp_path / "blobs").get(digest) == b"contract"


def test_an_s3_url_without_a_bucket_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BlobStoreError):
        ObstoreBlobs.s3(
            "nonsense", endpoint="http://127.0.0.1:1", access_key_id="test", secret_access_key="test"
        )
