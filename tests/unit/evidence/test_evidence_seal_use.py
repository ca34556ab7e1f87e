"""Step 5 and the seals of the registry: approved for this very use, before it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from evidence_case import NOW, Case, inspect_once

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.findings_error import PartyMismatchError
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.steps.seal_use import names_seal_use, verify_seal_use
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.trail import Trail, TrailEventKind
from contracts_chain.evidence.verify import verify_package
from kernel.canonical_json import JsonValue
from kernel.digests import digests_of
from kernel.sized_bytes import Salt
from kernel.verdict import Verdict

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
FACTS: dict[str, JsonValue] = {
    "seal_id": "5f0c",
    "use_no": 7,
    "drawing_sha256": hashlib.sha256(b"drawing").hexdigest(),
}


def sealed(**changes: JsonValue) -> Record:
    return Record(
        kind=RecordKind.AGREEMENT_SEALED,
        subject="N-1",
        document=digests_of(b"pdf"),
        occurred_utc=NOON,
        actor="supplier-desk",
        previous=None,
        details={"field": "SupplierSeal", **FACTS, **changes},
        salt=Salt(bytes(32)),
    )


def lines(*events: tuple[str, str, dict[str, JsonValue]]) -> Trail:
    trail: Trail = ()
    for word, field, details in events:
        trail = trails.append(
            trail,
            TrailEventKind(word),
            occurred_utc=NOON,
            actor="seal-custodian",
            details={"field": field, **details},
        )
    return trail


APPROVED = ("seal_approved", "SupplierSeal", FACTS)
SEALED = ("sealed", "SupplierSeal", {})


def test_a_use_approved_before_it_is_proven() -> None:
    other = ("seal_approved", "ConsumerSeal", {**FACTS, "use_no": 6})
    verify_seal_use("SupplierSeal", sealed(), lines(other, APPROVED, SEALED))


@pytest.mark.parametrize(
    "events",
    [
        (),
        (SEALED,),
        (APPROVED,),
        (SEALED, APPROVED),
        (("seal_approved", "ConsumerSeal", FACTS), SEALED),
        (("seal_approved", "SupplierSeal", {**FACTS, "use_no": 8}), SEALED),
        (("seal_approved", "SupplierSeal", {**FACTS, "seal_id": "another"}), SEALED),
        (("seal_approved", "SupplierSeal", {**FACTS, "drawing_sha256": "00" * 32}), SEALED),
    ],
)
def test_a_use_without_its_own_earlier_approval_is_refuted(
    events: Sequence[tuple[str, str, dict[str, JsonValue]]],
) -> None:
    with pytest.raises(PartyMismatchError):
        verify_seal_use("SupplierSeal", sealed(), lines(*events))


@pytest.mark.parametrize("wrong", [{"use_no": "7"}, {"use_no": -1}, {"seal_id": 5}, {"drawing_sha256": "00"}])
def test_facts_of_another_form_are_malformed(wrong: dict[str, JsonValue]) -> None:
    with pytest.raises(MalformedEvidenceError):
        verify_seal_use("SupplierSeal", sealed(**wrong), lines(APPROVED, SEALED))


def test_one_fact_alone_makes_all_of_them_due() -> None:
    record = sealed()
    for fact, value in FACTS.items():
        lone = replace(record, details={"field": "SupplierSeal", fact: value})
        assert names_seal_use(lone)
        with pytest.raises(MalformedEvidenceError):
            verify_seal_use("SupplierSeal", lone, lines(APPROVED, SEALED))
    assert not names_seal_use(replace(record, details={"field": "SupplierSeal"}))


def test_a_sealing_record_that_boasts_an_approval_nobody_gave_is_refuted(case: Case) -> None:
    records = [logged.record for logged in case.evidence.records]
    at = next(n for n, record in enumerate(records) if record.kind is RecordKind.AGREEMENT_SEALED)
    forged = [*records[:at], replace(records[at], details={**records[at].details, **FACTS})]
    for record in records[at + 1 :]:
        forged.append(replace(record, previous=forged[-1].leaf()))
    report = verify_package(case.relogged(forged).package(), case.trust, at=NOW, inspect=inspect_once)
    assert report.verdict is Verdict.REFUTED
    found = {check.step: (check.verdict, check.code) for check in report.checks}
    assert found[5] == (Verdict.REFUTED, "party_mismatch")
