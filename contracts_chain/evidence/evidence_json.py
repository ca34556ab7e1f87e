"""``evidence.json``: what the service says, in a form that a verifier can hold against the chain.

Decides the typed model and the strict JSON of docs/formats/package.md. Everything in it is
a claim: size and root are believed only where the anchor proof gives the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from contracts_chain.evidence.cross_anchor import CrossAnchor
from contracts_chain.evidence.merkle import InclusionProof
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.renewal import Renewal
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from contracts_chain.ledger.anchor_proof import AnchorProof, StatusProof
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.digests import Digests
from kernel.sized_bytes import Bytes32, RootHash

__all__ = [
    "Evidence",
    "EvidenceCheckpoint",
    "EvidenceKind",
    "EvidenceSlot",
    "LoggedRecord",
    "evidence_bytes",
    "read_evidence",
]

_MOST_RECORDS = 1_000
_MOST_PATH = 64
_MOST_CROSS_ANCHORS = 32
_LONGEST_HEADER = 20_000
_HEX0X = re.compile(r"0x(?:[0-9a-f]{2})*")
"""``bytes.fromhex`` alone would pass over white space."""


class EvidenceKind(Enum):
    """What the evidence is about."""

    AGREEMENT = "agreement"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSlot:
    """One signature a party owes, and the certificate that gave it.

    Attributes:
        field: Name of the PDF signature field.
        role: Party, ``supplier`` or ``consumer``.
        kind: Signature of a person or seal of an organisation.
        signer_name: Common name the certificate must carry: the person, or the seal's name.
        organisation: Name of the party it is signed for.
        organisation_id: Its USCC; empty for a natural person.
        certificate_sha256: SHA-256 of the DER certificate.
    """

    field: str
    role: str
    kind: Literal["person", "seal"]
    signer_name: str
    organisation: str
    organisation_id: str
    certificate_sha256: Bytes32

    def identity_json(self) -> dict[str, JsonValue]:
        """What is known before signing: the object kept in ``details.slots`` of the offer record."""
        return {
            "field": self.field,
            "role": self.role,
            "kind": self.kind,
            "signer_name": self.signer_name,
            "organisation": self.organisation,
            "organisation_id": self.organisation_id,
        }

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in evidence.json."""
        return {**self.identity_json(), "certificate_sha256": self.certificate_sha256.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRecord:
    """A record, its place in the log and its path to the root of the checkpoint."""

    record: Record
    index: int
    inclusion: tuple[Bytes32, ...]

    def proof(self, size: int) -> InclusionProof:
        """The path as a proof about a log of ``size``, which must come from the chain."""
        return InclusionProof(index=self.index, size=size, path=self.inclusion)

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in evidence.json."""
        return {
            "record": self.record.as_json(),
            "index": self.index,
            "inclusion": [sibling.hex() for sibling in self.inclusion],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCheckpoint:
    """The signed note and what it says; claims, to be compared with the chain."""

    note: str
    size: int
    root: RootHash
    sequence: int

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in evidence.json."""
        return {"note": self.note, "size": self.size, "root": self.root.hex(), "sequence": self.sequence}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that ``evidence.json`` holds.

    Attributes:
        kind: Agreement or invoice.
        number: Number of the agreement or invoice; every record has it as subject.
        slots: Signatures owed, in signing order; empty for an invoice.
        records: Every record of the subject, in log order.
        checkpoint: One checkpoint that covers them all.
        anchor: Its way into a sealed block.
        status: Status word on the chain, ``None`` where it was not captured.
        executed: Digests of the executed PDF revision, or of the invoice's XML.
        not_before_header: Raw RLP header of the block whose hash the offer record names
            (DESIGN decision 11); ``None`` where it was not captured.
        renewal: The records under SM3, once the log was re-hashed; absent from the file before.
        cross_anchors: What outside places say of the chain; absent from the file if there is nothing.
    """

    kind: EvidenceKind
    number: str
    slots: tuple[EvidenceSlot, ...]
    records: tuple[LoggedRecord, ...]
    checkpoint: EvidenceCheckpoint
    anchor: AnchorProof
    status: StatusProof | None
    executed: Digests
    not_before_header: bytes | None = None
    renewal: Renewal | None = None
    cross_anchors: tuple[CrossAnchor, ...] = ()

    def record_of(self, kind: RecordKind) -> Record:
        """The one record of a kind.

        Raises:
            MalformedEvidenceError: There is none, or more than one.
        """
        found = [logged.record for logged in self.records if logged.record.kind is kind]
        if len(found) != 1:
            raise MalformedEvidenceError(
                "evidence.records", f"one {kind.value} record is due, found {len(found)}"
            )
        return found[0]

    def settled_records(self) -> tuple[Record, ...]:
        """Records of the text as it was settled: without approvals that a revision undid.

        Raises:
            MalformedEvidenceError: Not exactly one approval follows the last revision.
        """
        records = [logged.record for logged in self.records]
        revised = [at for at, one in enumerate(records) if one.kind is RecordKind.AGREEMENT_REVISED]
        settled = tuple(records[revised[-1] + 1 if revised else 0 :])
        approvals = sum(one.kind is RecordKind.AGREEMENT_APPROVED for one in settled)
        if approvals != 1:
            raise MalformedEvidenceError(
                "evidence.records", f"one approval is due after the last revision, found {approvals}"
            )
        return settled

    def as_json(self) -> dict[str, JsonValue]:
        """The object that ``evidence_bytes`` encodes."""
        header = self.not_before_header
        later: dict[str, JsonValue] = {}
        if self.renewal is not None:
            later["renewal"] = self.renewal.as_json()
        if self.cross_anchors:
            later["cross_anchors"] = [one.as_json() for one in self.cross_anchors]
        return {
            "schema": 1,
            "kind": self.kind.value,
            "number": self.number,
            "slots": [slot.as_json() for slot in self.slots],
            "records": [logged.as_json() for logged in self.records],
            "checkpoint": self.checkpoint.as_json(),
            "anchor": self.anchor.to_json(),
            "status": None if self.status is None else self.status.to_json(),
            "executed": self.executed.as_json(),
            "not_before_header": None if header is None else "0x" + header.hex(),
            **later,
        }


def evidence_bytes(evidence: Evidence) -> bytes:
    """Canonical JSON (RFC 8785)."""
    return canonical_bytes(evidence.as_json())


def read_evidence(content: bytes) -> Evidence:
    """Read ``evidence.json`` strictly.

    Raises:
        MalformedEvidenceError: Missing, unknown or wrong fields.
        ProofFormError: The chain proofs are malformed.
    """
    fields = Fields(parse_object(content, "evidence"), "evidence")
    fields.expect("schema", 1)
    status = fields.take("status")
    evidence = Evidence(
        kind=_kind(fields.text("kind")),
        number=fields.text("number"),
        slots=tuple(_slot(member) for member in fields.members("slots")),
        records=tuple(_logged(member) for member in _bounded(fields, "records", _MOST_RECORDS)),
        checkpoint=_checkpoint(fields.object("checkpoint")),
        anchor=AnchorProof.from_json(fields.take("anchor")),
        status=None if status is None else StatusProof.from_json(status),
        executed=fields.digests("executed"),
        not_before_header=_header(fields.optional_text("not_before_header")),
        renewal=Renewal.from_json(fields.take("renewal")) if "renewal" in fields.names() else None,
        cross_anchors=_cross_anchors(fields) if "cross_anchors" in fields.names() else (),
    )
    fields.finish()
    return evidence


def _cross_anchors(fields: Fields) -> tuple[CrossAnchor, ...]:
    members = _bounded(fields, "cross_anchors", _MOST_CROSS_ANCHORS)
    if not members:
        raise MalformedEvidenceError(fields.at("cross_anchors"), "an empty list is left out")
    return tuple(CrossAnchor.from_json(member) for member in members)


def _bounded(fields: Fields, key: str, most: int) -> tuple[JsonValue, ...]:
    members = fields.members(key)
    if len(members) > most:
        raise MalformedEvidenceError(fields.at(key), f"more than {most} members")
    return tuple(members)


def _kind(word: str) -> EvidenceKind:
    try:
        return EvidenceKind(word)
    except ValueError as problem:
        raise MalformedEvidenceError("evidence.kind", f"{word!r} is unknown") from problem


def _slot(value: JsonValue) -> EvidenceSlot:
    fields = Fields.of(value, "evidence.slots")
    word = fields.text("kind")
    if word not in {"person", "seal"}:
        raise MalformedEvidenceError("evidence.slots.kind", f"{word!r} is unknown")
    slot = EvidenceSlot(
        field=fields.text("field"),
        role=fields.text("role"),
        kind="person" if word == "person" else "seal",
        signer_name=fields.text("signer_name"),
        organisation=fields.text("organisation"),
        organisation_id=fields.text("organisation_id"),
        certificate_sha256=fields.sized("certificate_sha256", Bytes32),
    )
    fields.finish()
    return slot


def _logged(value: JsonValue) -> LoggedRecord:
    fields = Fields.of(value, "evidence.records")
    path = _bounded(fields, "inclusion", _MOST_PATH)
    logged = LoggedRecord(
        record=Record.from_json(fields.take("record"), "evidence.records.record"),
        index=fields.natural("index"),
        inclusion=tuple(Fields.hex_value(node, Bytes32, "evidence.records.inclusion") for node in path),
    )
    fields.finish()
    return logged


def _checkpoint(fields: Fields) -> EvidenceCheckpoint:
    checkpoint = EvidenceCheckpoint(
        note=fields.text("note"),
        size=fields.natural("size"),
        root=fields.sized("root", RootHash),
        sequence=fields.natural("sequence"),
    )
    fields.finish()
    return checkpoint


def _header(text: str | None) -> bytes | None:
    if text is None:
        return None
    if len(text) > _LONGEST_HEADER or _HEX0X.fullmatch(text) is None:
        raise MalformedEvidenceError("evidence.not_before_header", "0x and lower-case hex are due")
    return bytes.fromhex(text[2:])
