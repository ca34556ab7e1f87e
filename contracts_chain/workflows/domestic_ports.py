"""What the domestic track needs of the store, as a protocol; the same rules as in ``ports``."""

from __future__ import annotations

from typing import Protocol

from kernel.sized_bytes import Bytes32

__all__ = ["DomesticRepositories", "DomesticSealRepository"]


class DomesticSealRepository(Protocol):
    """Where each seal field's GB/T 38540 seal signature lies among the blobs."""

    def keep(self, number: str, field: str, ses_sha256: Bytes32) -> None:
        """Point the field at this blob; a later one, with a newer timestamp, takes its place."""
        ...

    def of_agreement(self, number: str) -> tuple[tuple[str, Bytes32], ...]:
        """(field, digest of the blob) of each, by field name."""
        ...


class DomesticRepositories(Protocol):
    """The part of a unit of work that is about the domestic track."""

    @property
    def domestic_seals(self) -> DomesticSealRepository:
        """GB/T 38540 seal signatures beside the seals."""
        ...
