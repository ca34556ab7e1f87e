"""Rebuilds every hash of the installation and holds it against the chain.

Reads everything, changes nothing. No finding means: each stored record is under its
leaf, each root follows from the leaves, each checkpoint is on the chain and none is
there that we do not know, each trail is unbroken, each document has its digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts_chain.evidence.log_check import LogFinding, StoredCheckpoint, check_log
from contracts_chain.evidence.trail import verify_trail
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Bytes32

__all__ = ["FsckReport", "check_everything"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FsckReport:
    """What was looked at and what was found.

    Attributes:
        leaves: Leaves of the log.
        checkpoints: Checkpoints closed here.
        anchored: Checkpoints on the chain.
        documents: Blobs that were read and hashed again.
        findings: Everything that does not hold; empty means sound.
    """

    leaves: int
    checkpoints: int
    anchored: int
    documents: int
    findings: tuple[LogFinding, ...]


def check_everything(office: Office) -> FsckReport:
    """Check log, checkpoints, chain, trails and documents.

    Raises:
        ChainUnavailableError: The chain does not answer; nothing can be said of it.
    """
    with office.work() as work:
        leaves = work.log.all()
        checkpoints = work.checkpoints.all()
        agreements = work.agreements.list()
        invoices = work.invoices.list()
        trails = {one.number: work.trails.lines(one.number) for one in agreements}
    stored = [StoredCheckpoint(sequence=one.sequence, size=one.size, root=one.root) for one in checkpoints]
    anchored = [
        StoredCheckpoint(sequence=one.sequence, size=one.size, root=one.root)
        for one in office.chain.read_checkpoints(0)
    ]
    digests = [*_agreement_digests(agreements)]
    digests += [
        digest for one in invoices for digest in (one.xml_sha256, one.pdf_sha256, one.ofd_sha256) if digest
    ]
    return FsckReport(
        leaves=len(leaves),
        checkpoints=len(stored),
        anchored=len(anchored),
        documents=len(digests),
        findings=(
            *check_log([one.leaf_hash for one in leaves], [one.record for one in leaves], stored, anchored),
            *_trail_findings(trails),
            *_blob_findings(office, digests),
        ),
    )


def _agreement_digests(agreements: Iterable[AgreementDossier]) -> Iterator[Bytes32]:
    for one in agreements:
        for digest in (one.approved_sha256, one.current_sha256):
            if digest is not None:
                yield digest


def _trail_findings(trails: dict[str, tuple[bytes, ...]]) -> Iterator[LogFinding]:
    for place, (number, lines) in enumerate(trails.items()):
        try:
            verify_trail(lines)
        except ContractsChainError as problem:
            yield LogFinding(
                code=problem.code, place=place, en=f"{number}: {problem.en}", zh=f"{number}：{problem.zh}"
            )


def _blob_findings(office: Office, digests: list[Bytes32]) -> Iterator[LogFinding]:
    for place, digest in enumerate(digests):
        try:
            office.blobs.get(digest)
        except ContractsChainError as problem:
            yield LogFinding(
                code=problem.code,
                place=place,
                en=f"{digest.hex()}: {problem.en}",
                zh=f"{digest.hex()}：{problem.zh}",
            )
