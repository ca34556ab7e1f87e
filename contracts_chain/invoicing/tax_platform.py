"""Where numbers come from: the tax system's platform, and our simulator of it.

Only the tax system numbers invoices. The simulator exists so that everything else can
run: its numbers begin 9900, a year and region that do not exist, and every face of such
an invoice carries SPECIMEN 样张. It keeps no state of its own: the ledger it is given
is a table (DESIGN decision 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts_chain.invoicing.invoice import SPECIMEN_PREFIX, InvoiceDraft
from contracts_chain.invoicing.rules import check_draft
from kernel.clock import Clock

__all__ = ["AllocatedNumber", "NumberLedger", "SpecimenTaxPlatform", "TaxPlatform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedNumber:
    """A number and the moment it was given, whole seconds, UTC."""

    number: str
    issued_utc: datetime


class TaxPlatform(Protocol):
    """The port. The same key always gives the same number: a lost reply costs nothing."""

    def issue(self, draft: InvoiceDraft, idempotency_key: str) -> AllocatedNumber:
        """Have the draft numbered, or return the number it already has under this key.

        Raises:
            InvoiceRejectedError: The draft breaks rules; no number was taken.
        """
        ...

    def find(self, idempotency_key: str) -> AllocatedNumber | None:
        """The number given under this key; ``None`` right after a submission does not mean failure."""
        ...


class NumberLedger(Protocol):
    """What the simulator needs: serials by key, without gaps, that survive a crash.

    The shape is that of ``workflows.ports.InvoiceRepository``.
    """

    def allocate_specimen(self, idempotency_key: str, at: datetime) -> tuple[int, datetime]:
        """The serial and time of this key; the first call takes the next serial."""
        ...

    def find_specimen(self, idempotency_key: str) -> tuple[int, datetime] | None:
        """What was allocated for this key, if anything."""
        ...


class SpecimenTaxPlatform:
    """The simulator. One instance a transaction: it is as durable as its ledger's commit."""

    def __init__(self, ledger: NumberLedger, clock: Clock) -> None:
        """Take the ledger of the open transaction and the clock that dates new numbers."""
        self._ledger = ledger
        self._clock = clock

    def issue(self, draft: InvoiceDraft, idempotency_key: str) -> AllocatedNumber:
        """Check the draft as the platform would and number it.

        Raises:
            InvoiceRejectedError: The draft breaks rules; no number was taken.
        """
        check_draft(draft)
        return _numbered(*self._ledger.allocate_specimen(idempotency_key, self._clock.now()))

    def find(self, idempotency_key: str) -> AllocatedNumber | None:
        """The number given under this key."""
        found = self._ledger.find_specimen(idempotency_key)
        return None if found is None else _numbered(*found)


def _numbered(serial: int, at: datetime) -> AllocatedNumber:
    return AllocatedNumber(number=f"{SPECIMEN_PREFIX}{serial:016d}", issued_utc=at.replace(microsecond=0))
