"""Deposits the hash of the newest anchoring header at second places, once a day each.

What is deposited is the hash of the sealed block that holds the newest final checkpoint, so
every leaf under that checkpoint is bound by a second witness that shares nothing with
the chain. The intent (place, header hash) is committed before the place is asked; an
outage is retried with the same header, and a place asked twice does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.ledger.anchor_proof import AnchorProof
from contracts_chain.ledger.header import parse_header
from contracts_chain.workflows.chain_ports import CrossAnchorPlace
from contracts_chain.workflows.dossier import CheckpointFile, CrossAnchorFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.process_events import note_covered
from kernel.canonical_json import parse_json
from kernel.errors import FaultError, UndecidedError
from kernel.sized_bytes import BlockHash
from signing.model import TimestampAuthority

__all__ = ["TsaPlace", "cross_anchor", "cross_anchor_when_due"]

_LOG = logging.getLogger("contracts_chain.worker")


class TsaPlace:
    """An RFC 3161 authority as a place: its token's imprint is SHA-256 over the header hash."""

    def __init__(self, name: str, authority: TimestampAuthority) -> None:
        """Take the authority that also stamps signatures, or another."""
        self._name, self._authority = name, authority

    @property
    def name(self) -> str:
        """As reports print it."""
        return self._name

    @property
    def kind(self) -> Literal["rfc3161"]:
        """The proof is a DER TimeStampToken."""
        return "rfc3161"

    def deposit(self, header_number: int, header_hash: BlockHash) -> bytes:
        """A token over the 32 bytes of the hash.

        Raises:
            TimestampUnavailableError: No token now.
        """
        del header_number
        return self._authority.token(bytes(header_hash))


def cross_anchor(office: Office, places: Sequence[CrossAnchorPlace]) -> tuple[CrossAnchorFile, ...]:
    """Deposit the newest anchoring header everywhere it is not yet; finish what an outage left.

    One place that does not answer does not keep the others waiting: its intent stays.

    Returns:
        What was deposited now.
    """
    head = _head(office)
    by_name = {place.name: place for place in places}
    if head is not None:
        for place in places:
            _intend(office, place, *head)
    with office.work() as work:
        pending = work.cross_anchors.pending()
    done = [_deposited(office, by_name[row.place], row) for row in pending if row.place in by_name]
    return tuple(row for row in done if row is not None)


def cross_anchor_when_due(
    office: Office, places: Sequence[CrossAnchorPlace], every: timedelta
) -> tuple[CrossAnchorFile, ...]:
    """As ``cross_anchor``, for places whose last intent is older than ``every`` or unfinished."""
    now = office.clock.now()
    with office.work() as work:
        newest = {place.name: work.cross_anchors.newest(place.name) for place in places}
    return cross_anchor(office, [place for place in places if _due(newest[place.name], now, every)])


def _due(newest: CrossAnchorFile | None, now: datetime, every: timedelta) -> bool:
    return newest is None or newest.proof is None or now - newest.intended_utc >= every


def _head(office: Office) -> tuple[CheckpointFile, int, BlockHash] | None:
    """Newest final checkpoint with height and hash of its block."""
    with office.work() as work:
        final = work.checkpoints.newest_final()
    if final is None or final.proof is None:
        return None
    header = parse_header(AnchorProof.from_json(parse_json(final.proof)).header)
    return final, header.number, header.block_hash()


def _intend(
    office: Office, place: CrossAnchorPlace, checkpoint: CheckpointFile, number: int, block: BlockHash
) -> None:
    intended = CrossAnchorFile(
        place=place.name,
        kind=place.kind,
        sequence=checkpoint.sequence,
        size=checkpoint.size,
        header_number=number,
        header_hash=block,
        intended_utc=office.clock.now(),
    )
    with office.work() as work:
        newest = work.cross_anchors.newest(place.name)
        if newest is None or newest.proof is not None:  # an unfinished deposit comes first
            work.cross_anchors.open(intended)
            work.commit()


def _deposited(office: Office, place: CrossAnchorPlace, row: CrossAnchorFile) -> CrossAnchorFile | None:
    try:
        proof = place.deposit(row.header_number, row.header_hash)
    except (UndecidedError, FaultError) as problem:
        _LOG.warning("the deposit of block %d at %s waits: %s", row.header_number, row.place, problem.code)
        return None
    done = replace(row, proof=proof, deposited_utc=office.clock.now())
    with office.work() as work:
        work.transactions.lock()  # before the rows of agreements, as everywhere
        before = work.cross_anchors.covered_size()
        if work.cross_anchors.open(row).proof is None:
            work.cross_anchors.save(done)
        if row.size > before:
            covered = work.checkpoints.mark_covered(before, row.size, EvidenceState.CROSS_ANCHORED)
            told = {"header_hash": row.header_hash.hex0x(), "place": row.place}
            note_covered(work, covered, EvidenceState.CROSS_ANCHORED, at=office.clock.now(), change=told)
        work.commit()
    return done
