"""What came after a checkpoint and strengthens it: the SM3 renewal, and outside places that hold a header.

Each hangs on the package's own checkpoint, by the same block or by a consistency proof, so the
package needs nobody to make the connection. Whatever is not there yet is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts_chain.evidence.cross_anchor import CheckpointLink, CrossAnchor, CrossAnchorKind
from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.renewal import Renewal, TwinPath
from contracts_chain.evidence.strict_fields import parse_object
from contracts_chain.ledger.anchor_proof import AnchorProof, TwinProof
from contracts_chain.workflows.dossier import CrossAnchorFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.proofs import Proofs
from kernel.canonical_json import parse_json
from signing.token_proof import keep_token

__all__ = ["LaterProofs", "later_proofs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterProofs:
    """The renewal and the cross-anchors above one subject's records; tokens as the places gave them."""

    renewal: Renewal | None
    cross_anchors: tuple[CrossAnchor, ...]

    def added_to(self, evidence: Evidence, office: Office) -> Evidence:
        """The evidence with both; each token takes its revocation lists along, to be judged for ever."""
        kept = tuple(
            replace(one, proof=keep_token(one.proof, office.ca)) if isinstance(one.proof, bytes) else one
            for one in self.cross_anchors
        )
        return replace(evidence, renewal=self.renewal, cross_anchors=kept)


def later_proofs(work: UnitOfWork, proofs: Proofs) -> LaterProofs:
    """Collect what covers every record of the subject by now."""
    last = proofs.records[-1].index
    return LaterProofs(
        renewal=_renewal(work, proofs, last),
        cross_anchors=tuple(
            anchor
            for row in work.cross_anchors.covering(last)
            if (anchor := _cross_anchor(work, proofs, row)) is not None
        ),
    )


def _renewal(work: UnitOfWork, proofs: Proofs, last: int) -> Renewal | None:
    twin = work.twin_anchors.covering(last)
    if twin is None or twin.proof is None or twin.size is None:
        return None
    return Renewal(
        anchor=TwinProof.from_json(parse_json(twin.proof)),
        inclusion=tuple(
            TwinPath(index=logged.index, path=work.log.twin_inclusion(logged.index, twin.size).path)
            for logged in proofs.records
        ),
    )


def _cross_anchor(work: UnitOfWork, proofs: Proofs, row: CrossAnchorFile) -> CrossAnchor | None:
    if row.proof is None:
        return None
    kind = CrossAnchorKind(row.kind)
    return CrossAnchor(
        place=row.place,
        kind=kind,
        header_number=row.header_number,
        header_hash=row.header_hash,
        proof=row.proof if kind is CrossAnchorKind.RFC3161 else parse_object(row.proof, row.place),
        link=_link(work, proofs, row),
    )


def _link(work: UnitOfWork, proofs: Proofs, row: CrossAnchorFile) -> CheckpointLink | None:
    """How the row's checkpoint extends ours; nothing where it is ours."""
    if row.sequence == proofs.checkpoint.sequence:
        return None
    later = work.checkpoints.load(row.sequence)
    if later.proof is None:
        raise ValueError(f"checkpoint {row.sequence} was cross-anchored before it was final")
    return CheckpointLink(
        anchor=AnchorProof.from_json(parse_json(later.proof)),
        consistency=work.log.consistency(proofs.checkpoint.size, later.size),
    )
