"""Step 8: the checkpoint equals what the chain holds, and enough witnesses cosigned that very one.

Header → receipt → event → root, never the package's word; then the signed note over the same
size and root, by the log and by at least the trust bundle's quorum of witnesses.
"""

from __future__ import annotations

from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    Cosignature,
    verify_cosignatures,
    verify_note,
)
from contracts_chain.evidence.evidence_json import EvidenceCheckpoint
from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import EvidenceMismatchError
from contracts_chain.evidence.merkle import RootMismatchError
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from kernel.clock import beijing_text, utc_text
from kernel.verdict import Check

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Compare the package's checkpoint, signed note and cosignatures included, with the chain's.

    Raises:
        LedgerRefutedError: The anchor proof does not hold.
        MalformedEvidenceError: The note is no checkpoint of version 1.
        CheckpointSignatureError: The note is not by the trusted log.
        CosignatureError: A cosignature under a trusted witness's name is forged.
        TooFewCosignaturesError: Fewer witnesses than the quorum cosigned the note.
        RootMismatchError: The package brings another root.
        EvidenceMismatchError: It brings another size or sequence.
    """
    claimed = examination.evidence.need(0).checkpoint
    anchored = examination.anchored.get()
    _require_same(claimed, anchored)
    trust = examination.trust
    note = verify_note(claimed.note, trust.log_key, trust.log_origin)
    if note.extension_lines:
        raise MalformedEvidenceError("checkpoint.note", "extension lines are not used in version 1")
    if note != Checkpoint(origin=trust.log_origin, size=anchored.size, root=anchored.root):
        raise RootMismatchError(anchored=anchored.root, computed=note.root)
    cosigned = verify_cosignatures(claimed.note, trust.witnesses, trust.witness_quorum)
    witnessed_en, witnessed_zh = _witnessed(trust, cosigned)
    return proven(
        8,
        f"Checkpoint {anchored.sequence} is on the chain in block {anchored.block_number}. {witnessed_en}",
        f"第 {anchored.sequence} 号检查点载于链上第 {anchored.block_number} 块。{witnessed_zh}",
    )


def _require_same(claimed: EvidenceCheckpoint, anchored: AnchoredCheckpoint) -> None:
    if claimed.root != anchored.root:
        raise RootMismatchError(anchored=anchored.root, computed=claimed.root)
    if (claimed.size, claimed.sequence) != (anchored.size, anchored.sequence):
        raise EvidenceMismatchError(
            "the package names another checkpoint than the chain",
            "证据包所载检查点与链上不符",
            expected=f"sequence {anchored.sequence}, size {anchored.size}",
            actual=f"sequence {claimed.sequence}, size {claimed.size}",
        )


def _witnessed(trust: TrustBundle, cosigned: tuple[Cosignature, ...]) -> tuple[str, str]:
    if not trust.witnesses:
        return "The trust bundle names no witnesses.", "信任包未列见证人。"
    operators = {witness.name: witness.operator for witness in trust.witnesses}
    en = ", ".join(f"{operators[one.name]} ({utc_text(one.time_utc)})" for one in cosigned)
    zh = "、".join(f"{operators[one.name]}（{beijing_text(one.time_utc, seconds=True)}）" for one in cosigned)
    count, named, due = len(cosigned), len(trust.witnesses), trust.witness_quorum
    return (
        f"{count} of {named} trusted witnesses cosigned it, {due} are due: {en}.",
        f"{named} 个受信见证人中 {count} 个已联署（至少 {due} 个）：{zh}。",
    )
