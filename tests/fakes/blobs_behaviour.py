"""What every ``Blobs`` does, in memory or on a disk."""

from __future__ import annotations

import pytest

from contracts_chain.storage.obstore_blobs import BlobMissingError
from contracts_chain.workflows.ports import Blobs
from kernel.digests import sha256

__all__ = ["BlobsBehaviour"]


class BlobsBehaviour:
    """Mixed into a test class that has a fixture ``blobs``."""

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
