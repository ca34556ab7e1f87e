"""The same records under a second hash function: the log re-hashed with SM3 and anchored again.

Decides what outlives SHA-256 (RFC 4998's idea of renewal, DESIGN decision 13). A renewal only adds:
a package without one is judged as before, and one whose renewal cannot be judged loses nothing.
A renewal that contradicts the records refutes the package.

The twin's leaf is SM3(0x00 ‖ canonical record), its nodes SM3(0x01 ‖ left ‖ right). The contract does
not compare the two trees; a twin shows on its own that these records stood before its block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts_chain.evidence.findings_error import EvidenceMismatchError
from contracts_chain.evidence.merkle import InclusionProof, hash_twin_leaf, verify_twin_inclusion
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError
from contracts_chain.ledger.anchor_proof import TwinProof
from contracts_chain.ledger.chain_trust import ChainTrust
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint, verify_block_seals, verify_twin
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Bytes32

__all__ = ["Renewal", "Renewed", "TwinPath", "verify_renewal"]

ALGORITHM = "sm3"
_MOST_PATH = 64
_MOST_RECORDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinPath:
    """Place of one record in the twin tree, the same as in the log, and its path to the root."""

    index: int
    path: tuple[Bytes32, ...]

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in evidence.json."""
        return {"index": self.index, "path": [node.hex() for node in self.path]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A twin root's way into a sealed block, and a path for every record, in their order."""

    anchor: TwinProof
    inclusion: tuple[TwinPath, ...]

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in evidence.json."""
        return {
            "algorithm": ALGORITHM,
            "anchor": self.anchor.to_json(),
            "inclusion": [one.as_json() for one in self.inclusion],
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> Renewal:
        """Read the object form strictly.

        Raises:
            MalformedEvidenceError: A member is missing, unknown or of another form.
            ProofFormError: The chain proof is malformed.
        """
        fields = Fields.of(value, "evidence.renewal")
        fields.expect("algorithm", ALGORITHM)
        members = fields.members("inclusion")
        if len(members) > _MOST_RECORDS:
            raise MalformedEvidenceError(fields.at("inclusion"), f"more than {_MOST_RECORDS} members")
        renewal = cls(
            anchor=TwinProof.from_json(fields.take("anchor")),
            inclusion=tuple(_path(member) for member in members),
        )
        fields.finish()
        return renewal


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """Records proven under the second hash function alone.

    Attributes:
        algorithm: ``sm3``.
        size: Leaves of the twin tree.
        root: Its root, from the chain.
        sequence: Checkpoint at which the log was re-hashed.
        block_number: Height of the block that holds it.
        block_time_utc: That block's time; the records existed before.
    """

    algorithm: str
    size: int
    root: Bytes32
    sequence: int
    block_number: int
    block_time_utc: datetime


def verify_renewal(
    renewal: Renewal,
    records: Sequence[tuple[int, Record]],
    checkpoint: AnchoredCheckpoint,
    trust: ChainTrust,
) -> Renewed:
    """Prove every record under the twin root that the trusted chain holds.

    Args:
        renewal: The claim.
        records: Log index and record, in log order.
        checkpoint: This package's checkpoint as the chain holds it.
        trust: The verifier's chain.

    Raises:
        LedgerRefutedError: The twin's proof or its block's seals do not hold.
        ValidatorSetUnknownError: The bundle covers no such height: undecided.
        EvidenceMismatchError: Paths and records do not belong together, or the twin is of another log.
        ProofShapeError: A path fits no tree of the twin's size.
        RootMismatchError: A path ends elsewhere.
    """
    twin = verify_twin(renewal.anchor, trust)
    verify_block_seals(renewal.anchor.header, trust)
    _same_log((twin.sequence, twin.size, bytes(twin.root)), checkpoint)
    if [one.index for one in renewal.inclusion] != [index for index, _ in records]:
        raise EvidenceMismatchError(
            "the renewal's paths are not those of the records",
            "算法续期路径与存证记录不对应",
            expected=[index for index, _ in records],
            actual=[one.index for one in renewal.inclusion],
        )
    for one, (_, record) in zip(renewal.inclusion, records, strict=True):
        proof = InclusionProof(index=one.index, size=twin.size, path=one.path)
        verify_twin_inclusion(hash_twin_leaf(record.canonical()), proof, twin.twin_root)
    return Renewed(
        algorithm=twin.algorithm,
        size=twin.size,
        root=twin.twin_root,
        sequence=twin.sequence,
        block_number=twin.block_number,
        block_time_utc=twin.block_time_utc,
    )


def _same_log(twin: tuple[int, int, bytes], checkpoint: AnchoredCheckpoint) -> None:
    """At one sequence the registry holds one size and root, and a later one is no smaller."""
    here = (checkpoint.sequence, checkpoint.size, bytes(checkpoint.root))
    same = twin == here if twin[0] == here[0] else (twin[0] < here[0]) == (twin[1] < here[1])
    if not same:
        raise EvidenceMismatchError(
            "the renewal is of another log",
            "算法续期属于其他日志",
            expected=f"sequence {here[0]}, size {here[1]}",
            actual=f"sequence {twin[0]}, size {twin[1]}",
        )


def _path(value: JsonValue) -> TwinPath:
    fields = Fields.of(value, "evidence.renewal.inclusion")
    index, members = fields.natural("index"), fields.members("path")
    if len(members) > _MOST_PATH:
        raise MalformedEvidenceError(fields.at("path"), f"more than {_MOST_PATH} members")
    path = tuple(Fields.hex_value(node, Bytes32, fields.at("path")) for node in members)
    fields.finish()
    return TwinPath(index=index, path=path)
