"""What the domestic track needs of the store, as a protocol; the same rules as in ``ports``."""

from __future__ import annotations

from typing import Protocol

from kernel.sized_bytes import Bytes32

__all__ = ["DomesticRepositories", "DomesticSealRepository"]


class DomesticSealRepository(Protocol):
    """Where each seal field's GB/T 38540 seal signature lies among the blobs."""

    def keep(self, number: str, field: str, ses_sha256: Bytes32, *, stamped: bool) -> None:
        """Point the field at this blob; a later one, with a newer timestamp, takes its place."""
        ...

    def of_agreement(self, number: str) -> tuple[tuple[str, Bytes32], ...]:
        """(field, digest of the blob) of each, by field name."""
        ...

    def unstamped(self) -> tuple[str, ...]:
        """Numbers of agreements with a seal signature that waits for a timestamp, in order."""
        ...

    def unstamped_of(self, number: str) -> tuple[str, ...]:
        """Fields of an agreement whose seal signature waits for a timestamp, in order."""
        ...

    def digests(self) -> tuple[Bytes32, ...]:
        """Of every blob that is pointed at."""
        ...


class DomesticRepositories(Protocol):
    """The part of a unit of work that is about the domestic track."""

    @property
    def domestic_seals(self) -> DomesticSealRepository:
        """GB/T 38540 seal signatures beside the seals."""
        ...
