"""What is kept of an agreement, a checkpoint, a ceremony and an invoice, as plain values.

Storage fills and stores these; deeds read them and return changed copies. Nothing
here touches a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.ledger.status_word import RegistryStatus
from kernel.ids import AgreementId, InvoiceId
from kernel.sized_bytes import BlockHash, Bytes32, LeafHash, RootHash, TransactionHash

__all__ = [
    "AgreementDossier",
    "Alarm",
    "CeremonyFile",
    "CheckpointFile",
    "CrossAnchorFile",
    "IntentRow",
    "InvoiceDossier",
    "LogLeaf",
    "LogRow",
    "OutboxMessage",
    "PendingLeaves",
    "SlotFile",
    "StatusChangeFile",
    "TransactionFile",
    "TwinAnchorFile",
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
    ``draft_version`` counts the versions of the terms from 1 and never the other changes;
    ``offer_until`` is the last day of an offer, in Beijing. ``drafted_by`` saved version 1.
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
    draft_version: int = 1
    offer_until: date | None = None

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
    def came_to_nothing(self) -> bool:
        """Whether it ended without a contract, archived since or not: its order may be drafted anew."""
        over = self.state is AgreementState.ARCHIVED and self.executed_utc is None
        return over or self.state.came_to_nothing

    @property
    def next_slot(self) -> SlotFile | None:
        """The slot whose turn it is, or ``None`` when all have signed."""
        return next((slot for slot in self.slots if not slot.signed), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A record that is taken in and has no place in the log yet."""

    subject: str
    leaf_hash: LeafHash
    record: bytes
    appended_utc: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLeaf:
    """One leaf of the log with the record it commits to; ``twin_hash`` is its leaf in the SM3 tree."""

    index: int
    leaf_hash: LeafHash
    twin_hash: Bytes32
    subject: str
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLeaves:
    """How many records wait for their place in the log, and since when the oldest does."""

    count: int
    oldest_utc: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFile:
    """One checkpoint on its way to the chain (reference/chain.md §8).

    States: ``closed`` (order, size and root fixed, note signed by the log) → ``cosigned``
    (the note with the witnesses' lines is stored) → ``signed`` → ``sent`` → ``mined`` →
    ``final`` (proofs captured). Size and root never change once closed.
    """

    sequence: int
    size: int
    root: RootHash
    note: str
    state: Literal["closed", "cosigned", "signed", "sent", "mined", "final"]
    closed_utc: datetime
    proof: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFile:
    """One transaction of the anchoring account; its bytes are stored before they are sent.

    Attributes:
        nonce: Allocated under the chain's lock; no two share one.
        kind: What it carries: a checkpoint, a batch of status words, a twin root.
        ref: Sequence of the checkpoint; id of the twin; the nonce itself for a status batch.
        reason: Why it failed; ``None`` otherwise.
    """

    nonce: int
    kind: Literal["anchor", "status", "twin"]
    ref: int
    raw_transaction: bytes
    transaction_hash: TransactionHash
    state: Literal["signed", "sent", "mined", "final", "failed"]
    signed_utc: datetime
    reason: str | None = None
    block_number: int | None = None
    gas_used: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangeFile:
    """A status word that an agreement is to have on the chain: the intent, until it is final.

    Attributes:
        id: Order of the changes; 0 before it is stored.
        number: The agreement.
        key: Leaf of its execution record.
        status: The word to write.
        successor: Leaf of the successor's execution record, with ``SUPERSEDED`` only.
        asked_utc: When the deed was done.
        state: ``waiting`` → ``signed`` (in the batch of ``nonce``) → ``final``.
        attempts: Batches that failed with this change in them; it then goes alone.
    """

    id: int = 0
    number: str
    key: LeafHash
    status: RegistryStatus
    successor: LeafHash | None
    asked_utc: datetime
    state: Literal["waiting", "signed", "final"] = "waiting"
    attempts: int = 0
    nonce: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinAnchorFile:
    """The log's root under SM3, asked for, then anchored beside the checkpoint of the same size.

    Attributes:
        id: Order of the renewals; 0 before it is stored.
        asked_utc: When the renewal was asked for.
        state: ``waiting`` (no root yet) → ``signed`` → ``final`` (``proof`` captured and verified).
        sequence: Checkpoint whose leaves the twin covers; fixed when it is signed.
        size: Its leaves.
        twin_root: Root of the SM3 tree over them.
        proof: Canonical JSON of the ``TwinProof``.
    """

    id: int = 0
    asked_utc: datetime
    state: Literal["waiting", "signed", "final"] = "waiting"
    sequence: int | None = None
    size: int | None = None
    twin_root: Bytes32 | None = None
    proof: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossAnchorFile:
    """A sealed header's hash at a second place; (place, header hash) is the idempotency key.

    The header is that of the block which holds the anchor of checkpoint ``sequence``, so a
    package built on that checkpoint holds the very header.

    Attributes:
        place: Name of the place, as reports print it.
        kind: ``rfc3161`` (``proof`` is a DER token whose imprint is SHA-256 over the 32 bytes of
            ``header_hash``), ``file`` (one canonical line of the hash-chained file) or
            ``judicial_chain`` (the place's signed receipt).
        sequence: Checkpoint anchored in that block.
        size: Leaves under it.
        header_number: Height of the block.
        header_hash: Its hash by Besu's rule.
        intended_utc: When it was committed that this was about to be deposited.
        deposited_utc: When the proof was stored; ``None`` until then.
        proof: What the place gave.
    """

    place: str
    kind: Literal["rfc3161", "file", "judicial_chain"]
    sequence: int
    size: int
    header_number: int
    header_hash: BlockHash
    intended_utc: datetime
    deposited_utc: datetime | None = None
    proof: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something on the chain that no working service causes; shown until a person clears it up."""

    code: str
    subject: str
    en: str
    zh: str
    raised_utc: datetime


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
    """One party's way through signing one agreement; the link's token is kept as its hash only.

    Attributes:
        state: ``confirmed`` once the will is; then its fields are signed, whatever happens.
        set_id: The set of documents that one act of will covers; ``None`` for a set of one.
        mark_sha256: Blob of the look of the signature.
        consented_utc: When the consent was given over what stands now; void again on any change.
        asked_utc: When a factor was last asked for: the activation process may hold a release.
    """

    id: str
    number: str
    role: str
    token_sha256: Bytes32
    document_sha256: Bytes32
    state: Literal["open", "confirmed", "signed", "closed"]
    opened_utc: datetime
    set_id: str | None = None
    mark_sha256: Bytes32 | None = None
    consented_utc: datetime | None = None
    asked_utc: datetime | None = None

    @property
    def will_id(self) -> str:
        """Id of the act of will that signs it, as the activation process knows it."""
        return self.set_id or self.id


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
