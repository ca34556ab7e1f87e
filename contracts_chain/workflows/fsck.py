"""Rebuilds every hash of the installation and holds it against the chain.

Reads everything, changes nothing. No finding means: each stored record is under its
leaf, each root follows from the leaves, each checkpoint is on the chain and none is
there that we do not know, each trail is unbroken and reaches the line its execution
record names, each document has its digest and is the one its newest record names.

The chain is read before our rows, and these under the log's lock: work that goes on
meanwhile is never taken for damage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contracts_chain.evidence.log_check import LogFinding, StoredCheckpoint, check_log
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import verify_trail
from contracts_chain.workflows.dossier import AgreementDossier, LogLeaf
from contracts_chain.workflows.office import Office
from kernel.digests import digests_of
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
    anchored = [
        StoredCheckpoint(sequence=one.sequence, size=one.size, root=one.root)
        for one in office.chain.read_checkpoints(0)
    ]
    with office.work() as work:
        work.log.lock()
        leaves = work.log.all()
        checkpoints = work.checkpoints.all()
        agreements = work.agreements.list()
        invoices = work.invoices.list()
        trails = {one.number: work.trails.lines(one.number) for one in agreements}
    stored = [StoredCheckpoint(sequence=one.sequence, size=one.size, root=one.root) for one in checkpoints]
    digests = [*_agreement_digests(agreements)]
    digests += [
        digest for one in invoices for digest in (one.xml_sha256, one.pdf_sha256, one.ofd_sha256) if digest
    ]
    papers = [(one.number, one.current_sha256) for one in agreements]
    papers += [(one.number, one.xml_sha256) for one in invoices if one.number]
    return FsckReport(
        leaves=len(leaves),
        checkpoints=len(stored),
        anchored=len(anchored),
        documents=len(digests),
        findings=(
            *check_log([one.leaf_hash for one in leaves], [one.record for one in leaves], stored, anchored),
            *_trail_findings(trails, _sound_records(leaves)),
            *_blob_findings(office, digests),
            *_paper_findings(office, papers, _sound_records(leaves)),
        ),
    )


def _sound_records(leaves: Sequence[LogLeaf]) -> dict[str, list[Record]]:
    """Records by subject, in order; those that left their leaf are reported by ``check_log``."""
    records: dict[str, list[Record]] = {}
    for leaf in leaves:
        if hash_leaf(leaf.record) == leaf.leaf_hash:
            records.setdefault(leaf.subject, []).append(Record.parse(leaf.record))
    return records


def _agreement_digests(agreements: Iterable[AgreementDossier]) -> Iterator[Bytes32]:
    for one in agreements:
        for digest in (one.approved_sha256, one.current_sha256):
            if digest is not None:
                yield digest


def _trail_findings(
    trails: dict[str, tuple[bytes, ...]], records: dict[str, list[Record]]
) -> Iterator[LogFinding]:
    for place, (number, lines) in enumerate(trails.items()):
        try:
            trail = verify_trail(lines)
        except ContractsChainError as problem:
            yield LogFinding(
                code=problem.code, place=place, en=f"{number}: {problem.en}", zh=f"{number}：{problem.zh}"
            )
            continue
        reached = {event.hash().hex() for event in trail}
        for record in records.get(number, ()):
            if record.kind is RecordKind.AGREEMENT_EXECUTED and record.details.get("trail") not in reached:
                yield LogFinding(
                    code="trail_shortened",
                    place=place,
                    en=f"{number}: the trail of {len(trail)} lines lacks the line that the execution record "
                    "names; restore it from a backup",
                    zh=f"{number}：过程记录现有 {len(trail)} 条，缺少签署完成记录所载的一条；请从备份恢复",
                )


def _paper_findings(
    office: Office, papers: Sequence[tuple[str, Bytes32 | None]], records: dict[str, list[Record]]
) -> Iterator[LogFinding]:
    for place, (number, digest) in enumerate(papers):
        if digest is None or number not in records:
            continue
        recorded = records[number][-1].document
        try:
            content = office.blobs.get(digest)
        except ContractsChainError:
            continue  # reported as a blob already
        if digests_of(content[: recorded.length]) != recorded:
            yield LogFinding(
                code="document_replaced",
                place=place,
                en=f"{number}: the stored document is not the one its newest record names; "
                "restore the row from a backup",
                zh=f"{number}：所存文件不是最新存证记录所载者；请从备份恢复该记录",
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
