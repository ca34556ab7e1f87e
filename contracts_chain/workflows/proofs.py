"""The log's proofs about one subject, from the first final checkpoint that covers it all.

Paths are read from stored tiles: the work does not grow with the log but with its logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.evidence.evidence_json import EvidenceCheckpoint, LoggedRecord
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.ledger.anchor_proof import AnchorProof
from contracts_chain.workflows.errors import NotYetFinalError
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import parse_json

__all__ = ["Proofs", "proofs_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Every record of a subject with its index and path, and the anchored checkpoint above them."""

    records: tuple[LoggedRecord, ...]
    checkpoint: EvidenceCheckpoint
    anchor: AnchorProof
    subject: str

    def record_of(self, kind: RecordKind) -> Record:
        """The record of a kind.

        Raises:
            NotYetFinalError: It has not happened yet.
        """
        for logged in self.records:
            if logged.record.kind is kind:
                return logged.record
        raise NotYetFinalError(self.subject)


def proofs_of(work: UnitOfWork, subject: str) -> Proofs:
    """Collect the proofs.

    Raises:
        NotYetFinalError: No final checkpoint covers every record of the subject yet, or one of them
            has no place in the log yet.
    """
    if work.log.unsequenced(subject):
        raise NotYetFinalError(subject)
    leaves = work.log.leaves_of(subject)
    covering = work.checkpoints.covering(leaves[-1].index) if leaves else None
    if covering is None or covering.proof is None:
        raise NotYetFinalError(subject)
    size = covering.size
    return Proofs(
        records=tuple(
            LoggedRecord(
                record=Record.parse(leaf.record),
                index=leaf.index,
                inclusion=work.log.inclusion(leaf.index, size).path,
            )
            for leaf in leaves
        ),
        checkpoint=EvidenceCheckpoint(
            note=covering.note, size=size, root=covering.root, sequence=covering.sequence
        ),
        anchor=AnchorProof.from_json(parse_json(covering.proof)),
        subject=subject,
    )
