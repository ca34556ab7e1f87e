"""Rebuilds every hash of the installation and holds it against the chain.

Reads everything, changes nothing. No finding means: each stored record is under its
leaf in both trees and names the one before it, also while it waits for its place; each
tile and each root follows from the leaves, also the newest SM3 root that the chain holds;
each checkpoint is on the chain and none is there that we do not know; each trail is
unbroken and reaches the line its execution record names; each document has its digest
and is the one its newest record names.

The chain is read before our rows, and these as of one moment: work that goes on
meanwhile is never taken for damage, and nobody has to wait for the check.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.evidence.log_check import StoredCheckpoint
from contracts_chain.evidence.log_finding import LogFinding
from contracts_chain.workflows.dossier import Alarm
from contracts_chain.workflows.fsck_log import StoredLog, check_stored_log
from contracts_chain.workflows.fsck_papers import StoredPapers, check_stored_papers
from contracts_chain.workflows.office import Office

__all__ = ["FsckReport", "check_everything"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FsckReport:
    """What was looked at and what was found.

    Attributes:
        leaves: Leaves of the log that are in order.
        pending: Records taken in and not yet in order.
        untimed: Agreements that wait for a timestamp: no damage, the worker sees to them.
        tiles: Stored tiles of both trees.
        checkpoints: Checkpoints closed here.
        anchored: Checkpoints on the chain.
        documents: Blobs that were read and hashed again.
        findings: Everything that does not hold; empty means sound.
        alarms: What the reconciliation with the chain has found and nobody has cleared up yet.
    """

    leaves: int
    pending: int
    untimed: int
    tiles: int
    checkpoints: int
    anchored: int
    documents: int
    findings: tuple[LogFinding, ...]
    alarms: tuple[Alarm, ...]

    @property
    def sound(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.findings and not self.alarms


def check_everything(office: Office) -> FsckReport:
    """Check log, tiles, checkpoints, chain, trails and documents.

    Raises:
        ChainUnavailableError: The chain does not answer; nothing can be said of it.
    """
    anchored = [
        StoredCheckpoint(sequence=one.sequence, size=one.size, root=one.root)
        for one in office.chain.read_checkpoints(0)
    ]
    with office.work() as work:
        work.log.snapshot()
        log, papers, alarms = StoredLog.read(work), StoredPapers.read(work), work.alarms.all()
    return FsckReport(
        leaves=len(log.leaves),
        pending=len(log.waiting),
        untimed=papers.untimed,
        tiles=len(log.tiles) + len(log.twin_tiles),
        checkpoints=len(log.checkpoints),
        anchored=len(anchored),
        documents=len(papers.digests),
        findings=(
            *check_stored_log(log, anchored, office.trust.chain),
            *check_stored_papers(papers, log.rows, office.blobs),
        ),
        alarms=alarms,
    )
