"""Blobs in memory, by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts_chain.storage.obstore_blobs import BlobCorruptError, BlobMissingError
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["FakeBlobs"]


@dataclass
class FakeBlobs:
    """Implements ``Blobs``; ``kept`` is what a look into the store shows."""

    kept: dict[Bytes32, bytes] = field(default_factory=dict)

    def put(self, content: bytes) -> Bytes32:
        digest = sha256(content)
        self.kept[digest] = content
        return digest

    def get(self, digest: Bytes32) -> bytes:
        if digest not in self.kept:
            raise BlobMissingError(digest)
        content = self.kept[digest]
        if sha256(content) != digest:
            raise BlobCorruptError(expected=digest, actual=sha256(content))
        return content
