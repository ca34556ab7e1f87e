"""One step of evidential weight, as the canonical bytes whose hash is a leaf of the log.

Decides the exact bytes of a record (docs/formats/record.md). Each record carries a salt,
so that its leaf tells nothing about a guessable content (DESIGN decision 12), and the
leaf of the record before it on the same subject, so that none can be dropped or reordered.
It must never hold anything that is not to be shown to a court.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes
from kernel.clock import utc_text
from kernel.digests import Digests
from kernel.sized_bytes import LeafHash, Salt

__all__ = ["SCHEMA", "Record", "RecordKind"]

SCHEMA = 1


class RecordKind(Enum):
    """What happened."""

    AGREEMENT_APPROVED = "agreement.approved"
    AGREEMENT_REVISED = "agreement.revised"
    AGREEMENT_OFFERED = "agreement.offered"
    AGREEMENT_SIGNED = "agreement.signed"
    AGREEMENT_SEALED = "agreement.sealed"
    AGREEMENT_EXECUTED = "agreement.executed"
    AGREEMENT_REJECTED = "agreement.rejected"
    AGREEMENT_WITHDRAWN = "agreement.withdrawn"
    AGREEMENT_LAPSED = "agreement.lapsed"
    AGREEMENT_STATUS = "agreement.status"
    NOTICE_DRAFTED = "notice.drafted"
    NOTICE_SERVED = "notice.served"
    INVOICE_ISSUED = "invoice.issued"
    INVOICE_REVERSED = "invoice.reversed"
    SEAL_STATUS = "seal.status"
    SEAL_USED = "seal.used"
    IDENTITY_VERIFIED = "identity.verified"
    AUTHORITY_DELEGATED = "authority.delegated"
    EVIDENCE_ATTACHED = "evidence.attached"
    TIMESTAMP_ADDED = "timestamp.added"

    @property
    def zh(self) -> str:
        """The word on reports and screens."""
        return _ZH[self]


_ZH = {
    RecordKind.AGREEMENT_APPROVED: "批准合同文本",
    RecordKind.AGREEMENT_REVISED: "批准后修改文本",
    RecordKind.AGREEMENT_OFFERED: "发出要约",
    RecordKind.AGREEMENT_SIGNED: "签名",
    RecordKind.AGREEMENT_SEALED: "用印",
    RecordKind.AGREEMENT_EXECUTED: "签署完成",
    RecordKind.AGREEMENT_REJECTED: "拒签",
    RecordKind.AGREEMENT_WITHDRAWN: "撤回",
    RecordKind.AGREEMENT_LAPSED: "逾期失效",
    RecordKind.AGREEMENT_STATUS: "状态变更",
    RecordKind.NOTICE_DRAFTED: "出具通知书",
    RecordKind.NOTICE_SERVED: "纸质送达",
    RecordKind.INVOICE_ISSUED: "开具发票",
    RecordKind.INVOICE_REVERSED: "红字冲销",
    RecordKind.SEAL_STATUS: "印章状态",
    RecordKind.SEAL_USED: "印章使用",
    RecordKind.IDENTITY_VERIFIED: "身份核验",
    RecordKind.AUTHORITY_DELEGATED: "转委托",
    RecordKind.EVIDENCE_ATTACHED: "附入证据材料",
    RecordKind.TIMESTAMP_ADDED: "补加时间戳",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record before it is hashed.

    Attributes:
        kind: What happened.
        subject: Number of the agreement or invoice it is about.
        document: Length and digests of the exact document bytes as they stood then.
        occurred_utc: When, in whole seconds, as the service saw it; a claim, not a proof.
        actor: Who, as an id of the service; the salt hides it.
        previous: Leaf of the record before this one on the same subject, ``None`` for the first.
        details: Facts proper to the kind (docs/formats/record.md); no floats.
        salt: 32 random bytes, new for every record.
    """

    kind: RecordKind
    subject: str
    document: Digests
    occurred_utc: datetime
    actor: str
    previous: LeafHash | None
    details: JsonObject
    salt: Salt

    def as_json(self) -> dict[str, JsonValue]:
        """The object that ``canonical`` encodes."""
        return {
            "schema": SCHEMA,
            "kind": self.kind.value,
            "subject": self.subject,
            "document": self.document.as_json(),
            "occurred_utc": utc_text(self.occurred_utc),
            "actor": self.actor,
            "previous": None if self.previous is None else self.previous.hex(),
            "details": self.details,
            "salt": self.salt.hex(),
        }

    def canonical(self) -> bytes:
        """RFC 8785 bytes; what the leaf commits to.

        Raises:
            ValueError: ``details`` holds a float or a value JSON does not know.
        """
        return canonical_bytes(self.as_json())

    def leaf(self) -> LeafHash:
        """SHA-256(0x00 ‖ canonical bytes), RFC 9162 §2.1.1."""
        return hash_leaf(self.canonical())

    @classmethod
    def parse(cls, content: bytes) -> Record:
        """Read canonical bytes back; any other encoding of the same record is refused.

        Raises:
            MalformedEvidenceError: Not a record, or not in canonical form.
        """
        record = cls.from_json(parse_object(content, "record"), "record")
        if record.canonical() != content:
            raise MalformedEvidenceError("record", "not in canonical form (RFC 8785)")
        return record

    @classmethod
    def from_json(cls, value: JsonValue, place: str = "record") -> Record:
        """Read the object form, as it stands in evidence.json.

        Raises:
            MalformedEvidenceError: A field is missing, unknown or of the wrong type.
        """
        fields = Fields.of(value, place)
        fields.expect("schema", SCHEMA)
        record = cls(
            kind=_kind(fields.text("kind"), place),
            subject=fields.text("subject"),
            document=fields.digests("document"),
            occurred_utc=fields.utc("occurred_utc"),
            actor=fields.text("actor"),
            previous=_previous(fields, place),
            details=fields.object("details").rest(),
            salt=fields.sized("salt", Salt),
        )
        fields.finish()
        return record


def _kind(word: str, place: str) -> RecordKind:
    try:
        return RecordKind(word)
    except ValueError as problem:
        raise MalformedEvidenceError(f"{place}.kind", f"{word!r} is not a kind of record") from problem


def _previous(fields: Fields, place: str) -> LeafHash | None:
    value = fields.take("previous")
    return None if value is None else Fields.hex_value(value, LeafHash, f"{place}.previous")
