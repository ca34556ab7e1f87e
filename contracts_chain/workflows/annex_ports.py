"""What the deeds need of uploaded annexes and retail periods, as protocols; rules as in ``ports``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.rules.related_rules import RetailPeriod
from kernel.sized_bytes import Bytes32

__all__ = ["BINDING", "AnnexFile", "AnnexRepository", "RetailRepository"]

BINDING: Final = frozenset(
    {
        AgreementState.OFFERED,
        AgreementState.PARTLY_SIGNED,
        AgreementState.EXECUTED,
        AgreementState.IN_FORCE,
        AgreementState.AMENDING,
        AgreementState.RENEWING,
        AgreementState.SUSPENDED,
        AgreementState.DISPUTED,
    }
)
"""States in which an account's retailer is bound: offered to the parties, or formed and not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexFile:
    """An uploaded annex; its bytes are the blob of this digest.

    Attributes:
        media_type: By its content, never by its name.
        length: Bytes.
    """

    sha256: Bytes32
    media_type: str
    length: int
    uploaded_by: str
    uploaded_utc: datetime


class AnnexRepository(Protocol):
    """Uploaded annexes by digest; append-only."""

    def add(self, annex: AnnexFile) -> AnnexFile:
        """Keep an annex.

        Returns:
            The one that stands: the first upload of these bytes.
        """
        ...

    def find(self, digest: Bytes32) -> AnnexFile | None:
        """The annex with this digest, if it was uploaded."""
        ...

    def digests(self) -> tuple[Bytes32, ...]:
        """All, in the order of their digests."""
        ...


class RetailRepository(Protocol):
    """Retail periods by account."""

    def keep(self, number: str, cust_no: str, periods: Sequence[RetailPeriod]) -> None:
        """Store the periods of an agreement in place of those it had."""
        ...

    def binding(self, cust_no: str, *, besides: str | None) -> tuple[RetailPeriod, ...]:
        """Periods of this account in every other agreement that is offered or formed and not over."""
        ...
