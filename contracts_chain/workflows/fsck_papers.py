"""The part of fsck that reads trails and documents, of agreements and of seals: whole, the ones on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from contracts_chain.evidence.log_finding import LogFinding
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.trail import verify_trail
from contracts_chain.workflows.dossier import AgreementDossier, InvoiceDossier, LogLeaf, LogRow
from contracts_chain.workflows.ports import Blobs, UnitOfWork
from kernel.digests import digests_of
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Bytes32

__all__ = ["StoredPapers", "check_stored_papers"]

_BESIDE = frozenset(
    {RecordKind.IDENTITY_VERIFIED, RecordKind.AUTHORITY_DELEGATED, RecordKind.EVIDENCE_ATTACHED}
)
"""Records about a paper beside the agreement, kept under the digest that the record names."""

_ENDS_AT = frozenset({RecordKind.AGREEMENT_EXECUTED, RecordKind.SEAL_STATUS})
"""Records that name the line their subject's trail had reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPapers:
    """Agreements, annexes, invoices, seals and trails as of one moment.

    Attributes:
        seals: Digests of drawings, of imported seals and of seal signatures under SM2.
        trails: By agreement number and seal id.
        untimed: Agreements that wait for a timestamp, of their PDF or of a seal signature.
    """

    agreements: tuple[AgreementDossier, ...]
    annexes: tuple[Bytes32, ...]
    invoices: tuple[InvoiceDossier, ...]
    seals: tuple[Bytes32, ...]
    trails: dict[str, tuple[bytes, ...]]
    untimed: int

    @classmethod
    def read(cls, work: UnitOfWork) -> Self:
        """Read them all; the caller has taken the snapshot."""
        agreements = tuple(work.agreements.list())
        seals, imported = work.seals.list(), work.seals.imported()
        subjects = [one.number for one in agreements]
        subjects += [one.id for one in seals] + [one.id for one in imported]
        return cls(
            agreements=agreements,
            annexes=work.annexes.digests(),
            invoices=tuple(work.invoices.list()),
            seals=(
                *(one.drawing_sha256 for one in seals),
                *(one.der_sha256 for one in imported),
                *work.domestic_seals.digests(),
            ),
            untimed=len({*work.archive.untimed(), *work.domestic_seals.unstamped()}),
            trails={subject: work.trails.lines(subject) for subject in subjects},
        )

    @property
    def digests(self) -> list[Bytes32]:
        """Every blob that a row names."""
        named = [digest for one in self.agreements for digest in (one.approved_sha256, one.current_sha256)]
        named += [
            digest for one in self.invoices for digest in (one.xml_sha256, one.pdf_sha256, one.ofd_sha256)
        ]
        return [*self.annexes, *self.seals, *(digest for digest in named if digest is not None)]

    @property
    def originals(self) -> list[tuple[str, Bytes32 | None]]:
        """Number and blob of each document that records speak of."""
        papers = [(one.number, one.current_sha256) for one in self.agreements]
        return papers + [(one.number, one.xml_sha256) for one in self.invoices if one.number]


def check_stored_papers(
    papers: StoredPapers, rows: Iterable[LogLeaf | LogRow], blobs: Blobs
) -> Iterator[LogFinding]:
    """Hold trails and blobs against the records of the log.

    Args:
        papers: What is stored.
        rows: Every record in order, those without a place last.
        blobs: Where the documents are; each is read and hashed again.
    """
    records = _sound_records(rows)
    yield from _trail_findings(papers.trails, records)
    beside = [one.document.sha256 for kept in records.values() for one in kept if one.kind in _BESIDE]
    yield from _blob_findings(blobs, [*papers.digests, *beside])
    yield from _paper_findings(blobs, papers.originals, records)


def _sound_records(rows: Iterable[LogLeaf | LogRow]) -> dict[str, list[Record]]:
    """Records by subject, in order; those that left their leaf or cannot be read are reported elsewhere."""
    records: dict[str, list[Record]] = {}
    for row in rows:
        if hash_leaf(row.record) == row.leaf_hash:
            with suppress(MalformedEvidenceError):
                records.setdefault(row.subject, []).append(Record.parse(row.record))
    return records


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
            if record.kind in _ENDS_AT and record.details.get("trail") not in reached:
                yield LogFinding(
                    code="trail_shortened",
                    place=place,
                    en=f"{number}: the trail of {len(trail)} lines lacks the line that its record "
                    "names; restore it from a backup",
                    zh=f"{number}：过程记录现有 {len(trail)} 条，缺少存证记录所载的一条；请从备份恢复",
                )


def _paper_findings(
    blobs: Blobs, papers: Sequence[tuple[str, Bytes32 | None]], records: dict[str, list[Record]]
) -> Iterator[LogFinding]:
    for place, (number, digest) in enumerate(papers):
        about = [record for record in records.get(number, ()) if record.kind not in _BESIDE]
        if digest is None or not about:
            continue
        recorded = about[-1].document
        try:
            content = blobs.get(digest)
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


def _blob_findings(blobs: Blobs, digests: list[Bytes32]) -> Iterator[LogFinding]:
    for place, digest in enumerate(digests):
        try:
            blobs.get(digest)
        except ContractsChainError as problem:
            yield LogFinding(
                code=problem.code,
                place=place,
                en=f"{digest.hex()}: {problem.en}",
                zh=f"{digest.hex()}：{problem.zh}",
            )
