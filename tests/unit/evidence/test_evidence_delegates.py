"""A delegate's name is due only where a record of the delegation precedes the signature."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.steps.delegates import signer_due
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from kernel.canonical_json import JsonObject
from kernel.digests import digests_of
from kernel.sized_bytes import Salt

HAND: Any = SimpleNamespace(kind="person", role="consumer", signer_name="王海明")
SEAL: Any = SimpleNamespace(kind="seal", role="consumer", signer_name="示例公司 合同专用章")


def record(kind: RecordKind, **details: str) -> Record:
    told: JsonObject = dict(details)
    return Record(
        kind=kind,
        subject="SGZJMZ00YXGY2600001",
        document=digests_of(b"paper"),
        occurred_utc=datetime(2026, 11, 20, tzinfo=UTC),
        actor="consumer:王海明",
        previous=None,
        details=told,
        salt=Salt(bytes(32)),
    )


def evidence(*records: Record) -> Any:
    return SimpleNamespace(records=[SimpleNamespace(record=one) for one in records])


SIGNED = record(RecordKind.AGREEMENT_SIGNED, field="ConsumerPerson")
FIRST = record(RecordKind.AUTHORITY_DELEGATED, role="consumer", delegate="陈立新")
SECOND = record(RecordKind.AUTHORITY_DELEGATED, role="consumer", delegate="林原")
OTHER = record(RecordKind.AUTHORITY_DELEGATED, role="supplier", delegate="周新")


@pytest.mark.parametrize(
    ("records", "name"),
    [
        ((SIGNED,), "王海明"),
        ((FIRST, SIGNED), "陈立新"),
        ((FIRST, SECOND, SIGNED), "林原"),
        ((OTHER, SIGNED), "王海明"),
        ((SIGNED, FIRST), "王海明"),
        ((FIRST, SIGNED, SECOND), "陈立新"),
    ],
)
def test_the_newest_delegation_before_the_signature_says_who_is_due(
    records: tuple[Record, ...], name: str
) -> None:
    assert signer_due(evidence(*records), HAND, SIGNED) == name


def test_a_seal_is_never_delegated() -> None:
    assert signer_due(evidence(FIRST, SIGNED), SEAL, SIGNED) == SEAL.signer_name


def test_a_delegation_that_names_nobody_is_malformed() -> None:
    nameless = record(RecordKind.AUTHORITY_DELEGATED, role="consumer")
    with pytest.raises(MalformedEvidenceError):
        signer_due(evidence(nameless, SIGNED), HAND, SIGNED)
