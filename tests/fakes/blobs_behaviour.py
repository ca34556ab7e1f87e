"""What every ``Blobs`` does: in memory, on a disk, at an S3 server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts_chain.storage.obstore_blobs import BlobCorruptError, BlobMissingError
from contracts_chain.workflows.ports import Blobs
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["BlobsBehaviour", "Overwrite"]

Overwrite = Callable[[Bytes32, bytes], None]
"""Puts other bytes under a digest, behind the store's back."""


class BlobsBehaviour:
    """Mixed into a test class that has fixtures ``blobs`` and ``overwrite``."""

    @pytest.mark.parametrize("content", [b"", b"contract", b"\x00" * 70_000])
    def test_what_is_put_is_got_under_its_sha256(self, blobs: Blobs, content: bytes) -> None:
        assert blobs.put(content) == sha256(content)
        assert blobs.get(sha256(content)) == content

    def test_storing_twice_changes_nothing(self, blobs: Blobs) -> None:
        first = blobs.put(b"contract")
        blobs.put(b"other")
        assert blobs.put(b"contract") == first
        assert (blobs.get(first), blobs.get(sha256(b"other"))) == (b"contract", b"other")

    def test_what_was_never_stored_is_missing_and_named(self, blobs: Blobs) -> None:
        with pytest.raises(BlobMissingError) as caught:
            blobs.get(sha256(b"never stored"))
        assert caught.value.digest == sha256(b"never stored")

    def test_a_changed_byte_is_refuted_with_both_digests(self, blobs: Blobs, overwrite: Overwrite) -> None:
        digest = blobs.put(b"contract to change")
        overwrite(digest, b"contract to chanGe")
        with pytest.raises(BlobCorruptError) as caught:
            blobs.get(digest)
        assert (caught.value.expected, caught.value.actual) == (digest, sha256(b"contract to chanGe"))

    @pytest.mark.parametrize("torn", [b"", b"contract torn by a"])
    def test_what_a_crash_tore_is_healed_by_storing_again(
        self, blobs: Blobs, overwrite: Overwrite, torn: bytes
    ) -> None:
        digest = blobs.put(b"contract torn by a crash")
        overwrite(digest, torn)
        assert blobs.put(b"contract torn by a crash") == digest
        assert blobs.get(digest) == b"contract torn by a crash"
