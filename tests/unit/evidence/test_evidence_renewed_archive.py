"""A document timestamp added after execution refutes nothing: the record holds the executed revision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from evidence_case import ANCHOR_TIME, BLOCK, NOW, START, Case, inspect_once

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.evidence.verify import verify_package
from kernel.clock import FixedClock, utc_text
from kernel.digests import digests_of
from kernel.sized_bytes import Salt
from kernel.verdict import Verdict
from signing.archive_timestamps import renew
from signing.model import PdfFindings, SignatureTrust, TimeSource
from signing.rfc3161_authority import TestTsa

RENEWED = START + timedelta(minutes=8)


def renewed_file(case: Case) -> Case:
    """The same package with its PDF renewed, and nothing else changed."""
    pdf = renew(
        case.pdf,
        authority=TestTsa(case.ca.tsa_credential, FixedClock(RENEWED)),
        revocation=case.ca,
        roots=(*case.ca.roots, *case.ca.tsa_roots),
        at=RENEWED,
    )
    return replace(case, pdf=pdf)


def recorded(case: Case, *, noted: bool = True) -> Case:
    """As the job leaves it: a line on the trail, and a leaf that names the line and the whole file."""
    trail, details = case.trail, {"purpose": "renewal", "timestamp_utc": utc_text(RENEWED)}
    if noted:
        trail = trails.append(
            trail, TrailEventKind.TIMESTAMPED, occurred_utc=RENEWED, actor="service", details=details
        )
    records = [logged.record for logged in case.evidence.records]
    record = Record(
        kind=RecordKind.TIMESTAMP_ADDED,
        subject=records[-1].subject,
        document=digests_of(case.pdf),
        occurred_utc=RENEWED,
        actor="service",
        previous=records[-1].leaf(),
        details={**details, "trail": trails.final_hash(trail).hex()},
        salt=Salt(bytes(32)),
    )
    whole = replace(case, trail=trail).relogged([*records, record])
    executed = records[-1].leaf()
    status = case.chain.status_proof(executed, number=BLOCK + 1, at=ANCHOR_TIME + timedelta(minutes=1))
    return whole.with_evidence(status=status)


def verdicts(case: Case) -> dict[int, str]:
    report = verify_package(case.package(), case.trust, at=NOW, inspect=inspect_once)
    return {check.step: check.code for check in report.checks if check.verdict is not Verdict.PROVEN}


def test_a_renewed_file_is_still_proven(case: Case) -> None:
    renewed = renewed_file(case)
    assert renewed.pdf != case.pdf
    assert renewed.pdf.startswith(case.pdf)
    assert verdicts(renewed) == {}


def test_a_renewal_with_its_record_is_proven_in_all_steps(case: Case) -> None:
    assert verdicts(recorded(renewed_file(case))) == {}


def told_as(case: Case, timestamp: str) -> Case:
    """As recorded, its last seal's record saying this of the seal's timestamp."""
    whole = recorded(renewed_file(case))
    records = [logged.record for logged in whole.evidence.records]
    seal = max(at for at, one in enumerate(records) if one.kind is RecordKind.AGREEMENT_SEALED)
    records[seal] = replace(records[seal], details={**records[seal].details, "timestamp_utc": timestamp})
    for at in range(seal + 1, len(records)):
        records[at] = replace(records[at], previous=records[at - 1].leaf())
    executed = next(one.leaf() for one in records if one.kind is RecordKind.AGREEMENT_EXECUTED)
    status = case.chain.status_proof(executed, number=BLOCK + 1, at=ANCHOR_TIME + timedelta(minutes=1))
    return whole.relogged(records).with_evidence(status=status)


def inspect_late(pdf: bytes, trust: SignatureTrust, *, skew: timedelta) -> PdfFindings:
    """The last signature has its time from the timestamp that was added afterwards."""
    findings = inspect_once(pdf, trust, skew=skew)
    *rest, last = findings.signatures
    late = replace(last, timestamp_utc=RENEWED, time_source=TimeSource.DOCUMENT_TIMESTAMP)
    return replace(findings, signatures=(*rest, late))


@pytest.mark.parametrize(("told", "faults"), [("", {}), ("2026-11-20T07:32:05Z", {10: "order_violated"})])
def test_a_timestamp_later_than_the_seal_is_sound_only_if_the_seals_record_says_it_was_pending(
    case: Case, told: str, faults: dict[int, str]
) -> None:
    assert case.evidence.records[-1].record.occurred_utc + case.trust.skew < RENEWED
    whole = told_as(case, told)
    report = verify_package(whole.package(), whole.trust, at=NOW, inspect=inspect_late)
    assert {one.step: one.code for one in report.checks if one.verdict is not Verdict.PROVEN} == faults


def test_a_line_that_no_record_names_is_refuted(case: Case) -> None:
    renewed = recorded(renewed_file(case))
    forged = trails.append(
        renewed.trail, TrailEventKind.TIMESTAMPED, occurred_utc=RENEWED, actor="service", details={}
    )
    assert 6 in verdicts(replace(renewed, trail=forged))


@pytest.mark.parametrize("cut", [1, 400, 2000])
def test_a_renewal_cut_short_is_not_proven(case: Case, cut: int) -> None:
    renewed = renewed_file(case)
    assert verdicts(replace(renewed, pdf=renewed.pdf[:-cut]))
