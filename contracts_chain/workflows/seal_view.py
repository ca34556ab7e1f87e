"""A seal with everything around it, as pages and machines read it. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts_chain.agreements.seals.imported import ImportedSeal
from contracts_chain.agreements.seals.seal import Seal
from contracts_chain.agreements.seals.use import UseRequest
from contracts_chain.evidence.trail import Trail
from contracts_chain.evidence.trail_again import verify_again
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.seal_ports import LedgerLine

__all__ = ["LEDGER_PAGE", "SealView", "all_seals", "imported_seals", "seal_ledger", "seal_view"]

LEDGER_PAGE: Final = 50
_MOST_REQUESTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SealView:
    """One seal.

    Attributes:
        trail: Its life, oldest first.
        requests: Undecided ones first, then the newest; 50 at most.
        ledger: Up to 50 uses, in order.
        uses: How many uses there are.
    """

    seal: Seal
    trail: Trail
    requests: tuple[UseRequest, ...]
    ledger: tuple[LedgerLine, ...]
    uses: int


def all_seals(office: Office) -> tuple[Seal, ...]:
    """Every seal, the oldest application first."""
    with office.work() as work:
        return work.seals.list()


def imported_seals(office: Office) -> tuple[ImportedSeal, ...]:
    """Every imported seal of another party, the oldest first."""
    with office.work() as work:
        return work.seals.imported()


def seal_view(office: Office, seal_id: str, *, after: int | None = None) -> SealView:
    """One seal with its ledger.

    Args:
        office: Where records are.
        seal_id: The seal.
        after: The ledger begins with the next number; ``None`` shows its last 50 uses.

    Raises:
        UnknownSealError: No such seal.
        BrokenTrailError: Its trail does not hold; run fsck.
    """
    with office.work() as work:
        seal = work.seals.load(seal_id)
        uses = work.seals.last_use(seal_id)
        start = max(0, uses - LEDGER_PAGE) if after is None else after
        return SealView(
            seal=seal,
            trail=verify_again(work.trails.lines(seal_id)),
            requests=work.seals.requests(seal_id, most=_MOST_REQUESTS),
            ledger=work.seals.ledger(seal_id, after=start, most=LEDGER_PAGE),
            uses=uses,
        )


def seal_ledger(office: Office, seal_id: str, *, after: int, most: int) -> tuple[LedgerLine, ...]:
    """Uses with a number above ``after``, in order.

    Raises:
        UnknownSealError: No such seal.
    """
    with office.work() as work:
        work.seals.load(seal_id)
        return work.seals.ledger(seal_id, after=after, most=most)
