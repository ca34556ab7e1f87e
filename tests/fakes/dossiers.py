"""An agreement's dossier for tests: whole, unremarkable, changed by keyword."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.workflows.dossier import AgreementDossier
from kernel.digests import sha256
from kernel.ids import AgreementId, new_id
from kernel.sized_bytes import BlockHash

__all__ = ["DRAFTED", "a_dossier"]

DRAFTED = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)


def a_dossier(**changes: Any) -> AgreementDossier:
    """A draft without slots, under a fresh id, with the changes applied."""
    plain = AgreementDossier(
        id=AgreementId(new_id()),
        number="SGZJMZ00YXGY2600001",
        kind="HV_SUPPLY",
        order_no="ORDER-1",
        state=AgreementState.DRAFT,
        evidence_state=EvidenceState.PENDING,
        version=1,
        terms=b"{}",
        rule_pack="2026.1",
        profile="ZJ",
        template="hv/1",
        template_sha256=sha256(b"template"),
        drafted_by="drafter",
        drafted_utc=DRAFTED,
        not_before_number=7,
        not_before_hash=BlockHash(bytes(32)),
        slots=(),
    )
    return replace(plain, **changes)
