"""What is kept of an agreement, a checkpoint, a ceremony and an invoice, as plain values.

Storage fills and stores these; deeds read them and return changed copies. Nothing
here touches a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from kernel.ids import AgreementId, InvoiceId
from kernel.sized_bytes import BlockHash, Bytes32, LeafHash, RootHash, TransactionHash

__all__ = [
    "AgreementDossier",
    "CeremonyFile",
    "CheckpointFile",
    "IntentRow",
    "InvoiceDossier",
    "LogLeaf",
    "OutboxMessage",
    "SlotFile",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFile:
    """One required signature or seal of an agreement, open or done."""

    ordinal: int
    field: str
    role: str
    kind: Literal["person", "seal"]
    signer_name: str
    organisation: str
    organisation_id: str
    seal_name: str
    certificate_sha256: Bytes32 | None = None
    signed_utc: datetime | None = None
    timestamp_utc: datetime | None = None

    @property
    def signed(self) -> bool:
        """Whether the signature stands in the current PDF."""
        return self.certificate_sha256 is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDossier:
    """Everything kept of one agreement; ``version`` guards against lost updates.

    ``approved_sha256`` pins the bytes a reviewer approved; ``current_sha256`` names the
    newest revision in the blob store. Both are ``None`` until the PDF is drafted.
    """

    id: AgreementId
    number: str
    kind: str
    order_no: str
    state: AgreementState
    evidence_state: EvidenceState
    version: int
    terms: bytes
    rule_pack: str
    profile: str
    template: str
    template_sha256: Bytes32
    drafted_by: str
    drafted_utc: datetime
    not_before_number: int
    not_before_hash: BlockHash
    slots: tuple[SlotFile, ...]
    reviewed_by: str | None = None
    pages: int = 0
    approved_sha256: Bytes32 | None = None
    current_sha256: Bytes32 | None = None
    executed_utc: datetime | None = None

    def slot(self, field: str) -> SlotFile:
        """The slot of that field name.

        Raises:
            KeyError: No such field; a fault of the caller.
        """
        for slot in self.slots:
            if slot.field == field:
                return slot
        raise KeyError(field)

    @property
    def next_slot(self) -> SlotFile | None:
        """The slot whose turn it is, or ``None`` when all have signed."""
        return next((slot for slot in self.slots if not slot.signed), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLeaf:
    """One leaf of the log with the record it commits to."""

    index: int
    leaf_hash: LeafHash
    subject: str
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFile:
    """One checkpoint on its way to the chain (reference/chain.md §8).

    States: ``signed`` (bytes and nonce stored, nothing sent) → ``sent`` → ``mined`` →
    ``final`` (proofs captured). The signed transaction never changes once stored.
    """

    sequence: int
    size: int
    root: RootHash
    note: str
    state: Literal["signed", "sent", "mined", "final"]
    nonce: int
    raw_transaction: bytes
    transaction_hash: TransactionHash
    closed_utc: datetime
    block_number: int | None = None
    gas_used: int | None = None
    proof: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRow:
    """What is about to be done, committed before it is done (DESIGN decision 9)."""

    key: str
    kind: str
    subject: str
    payload: bytes
    opened_utc: datetime
    outcome: bytes | None = None

    @property
    def done(self) -> bool:
        """Whether the outcome is committed."""
        return self.outcome is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyFile:
    """One party's way through signing one agreement.

    Neither the link token nor the code is kept, only salted hashes; the code is
    bound to ``document_sha256`` and useless for any other document.
    """

    id: str
    number: str
    role: str
    token_sha256: Bytes32
    document_sha256: Bytes32
    state: Literal["open", "confirmed", "signed", "closed"]
    opened_utc: datetime
    code_salt: Bytes32 | None = None
    code_hash: Bytes32 | None = None
    code_expires_utc: datetime | None = None
    attempts_left: int = 0
    pages_served: tuple[int, ...] = ()
    codes_sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDossier:
    """One e-invoice: its draft, its idempotency key and, once issued, its number and files."""

    id: InvoiceId
    agreement_number: str
    idempotency_key: str
    draft: bytes
    evidence_state: EvidenceState
    number: str | None = None
    issued_utc: datetime | None = None
    xml_sha256: Bytes32 | None = None
    pdf_sha256: Bytes32 | None = None
    ofd_sha256: Bytes32 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A message to the outside, stored with the change it tells of."""

    id: int
    topic: str
    subject: str
    payload: bytes
