"""What the 出证报告 may state: every fact proven first, from the same evidence the package carries.

Decides nothing of the wording. A fact that cannot be proven against the trust bundle stops the
report: nothing unproven is ever printed beside what is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from contracts_chain.evidence.checkpoint import Cosignature, verify_cosignatures
from contracts_chain.evidence.cross_anchor import CrossAnchored, verify_cross_anchor
from contracts_chain.evidence.evidence_json import Evidence, EvidenceKind
from contracts_chain.evidence.renewal import Renewed, verify_renewal
from contracts_chain.evidence.trail import Trail
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.status_word import StatusWord
from contracts_chain.ledger.verify_anchor import (
    AnchoredCheckpoint,
    SealedBlock,
    verify_anchor,
    verify_block_seals,
    verify_status,
)
from kernel.errors import UndecidedError

__all__ = ["ReportFacts", "ReportSubject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSubject:
    """What the report is about, beyond the evidence itself.

    Attributes:
        title: Name of the document, e.g. ``高压供用电合同``.
        number: Its number.
        parties: (role, name, USCC or masked number of the identity document) of each.
        qr_text: Content of the QR code.
        mark: TEST or SPECIMEN wording, empty in production.
        environment: (item, statement) rows on the system, e.g. version, host, clock source.
        issuer: Registered name of the service's operator, who seals the package.
        roles: Stable word of each part, as the trail has it, to the title the agreement gives it.
    """

    title: str
    number: str
    parties: tuple[tuple[str, str, str], ...]
    qr_text: str
    mark: str
    environment: tuple[tuple[str, str], ...]
    issuer: str
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """Evidence and what was proven of it.

    Attributes:
        evidence: As it stands in the package.
        trail: Events; empty for an invoice.
        files: Names and bytes of the package's files but the report.
        trust: Bundle that everything was proven against.
        anchored: Checkpoint as the chain holds it.
        sealed: Its block as the trusted validators sealed it.
        cosigned: Witnesses that cosigned the checkpoint, with their times.
        renewed: The records under SM3, ``None`` before the first renewal.
        crossed: Outside places that hold a header above the checkpoint.
        status: The chain's word on the document and the time of that word.
        issued_utc: When the report was made.
    """

    evidence: Evidence
    trail: Trail
    files: dict[str, bytes]
    trust: TrustBundle
    anchored: AnchoredCheckpoint
    sealed: SealedBlock
    cosigned: tuple[Cosignature, ...]
    renewed: Renewed | None
    crossed: tuple[CrossAnchored, ...]
    status: StatusWord | None
    issued_utc: datetime

    @classmethod
    def prove(
        cls,
        evidence: Evidence,
        *,
        trail: Trail,
        files: dict[str, bytes],
        trust: TrustBundle,
        issued_utc: datetime,
    ) -> ReportFacts:
        """Prove all that the report will state.

        Raises:
            RefutedError: Something in the evidence is false: an alarm.
            UndecidedError: The bundle lacks what is needed to prove it; a cross-anchor of a place it does
                not know is left out instead.
        """
        anchored = verify_anchor(evidence.anchor, trust.chain)
        records = [(logged.index, logged.record) for logged in evidence.records]
        renewal, status = evidence.renewal, evidence.status
        return cls(
            evidence=evidence,
            trail=trail,
            files=files,
            trust=trust,
            anchored=anchored,
            sealed=verify_block_seals(evidence.anchor.header, trust.chain),
            cosigned=verify_cosignatures(evidence.checkpoint.note, trust.witnesses, trust.witness_quorum),
            renewed=None if renewal is None else verify_renewal(renewal, records, anchored, trust.chain),
            crossed=_crossed(evidence, anchored, trust),
            status=None if status is None else verify_status(status, trust.chain),
            issued_utc=issued_utc,
        )

    @property
    def document_name(self) -> str:
        """The original among the package's files."""
        return "agreement.pdf" if self.is_agreement else "invoice.xml"

    @property
    def is_agreement(self) -> bool:
        """Whether a contract, and not an invoice, is shown."""
        return self.evidence.kind is EvidenceKind.AGREEMENT


def _crossed(
    evidence: Evidence, anchored: AnchoredCheckpoint, trust: TrustBundle
) -> tuple[CrossAnchored, ...]:
    held: list[CrossAnchored] = []
    for one in evidence.cross_anchors:
        with suppress(UndecidedError):
            held.append(verify_cross_anchor(one, anchored, trust))
    return tuple(held)
