"""A text revised after approval: the undone approval is excused, and nothing else is."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from evidence_case import NOW, Case, inspect_once

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import Trail, TrailEventKind
from contracts_chain.evidence.verify import verify_package
from kernel.digests import digests_of
from kernel.sized_bytes import Salt
from kernel.verdict import Verdict

EARLIER = digests_of(b"a text that was approved once and signed by nobody")
Faults = dict[int, tuple[Verdict, str]]


def judge(case: Case) -> tuple[Verdict, Faults]:
    report = verify_package(case.package(), case.trust, at=NOW, inspect=inspect_once)
    faults = {c.step: (c.verdict, c.code) for c in report.checks if c.verdict is not Verdict.PROVEN}
    return report.verdict, faults


def made(like: Record, kind: RecordKind) -> Record:
    salt = Salt(hashlib.sha256(kind.value.encode()).digest())
    return replace(like, kind=kind, document=EARLIER, details={"draft_version": 2}, salt=salt)


def told(case: Case, *words: str) -> Trail:
    """The case's trail with its first line, the approval, replaced by these events."""
    approved, *rest = case.trail
    first = [replace(approved, event=TrailEventKind(word)) for word in words]
    whole: Trail = ()
    for event in (*first, *rest):  # each at its own time: the seconds that a clause stood are proven too
        whole = trails.append(
            whole, event.event, occurred_utc=event.occurred_utc, actor="person:01", details=event.details
        )
    return tuple(whole)


def recorded(case: Case, trail: Trail, records: list[Record]) -> Case:
    """Links and the execution's word on the trail made true, everything logged and anchored anew."""
    chained: list[Record] = []
    word = {"trail": trails.final_hash(trail).hex()}
    for record in records:
        details = word if record.kind is RecordKind.AGREEMENT_EXECUTED else record.details
        previous = chained[-1].leaf() if chained else None
        chained.append(replace(record, details=details, previous=previous))
    case.chain.words[chained[-1].leaf()] = b"\x01"
    return replace(case, trail=trail).relogged(chained)


def revised(case: Case, *, first: str = "approved revised approved") -> Case:
    kinds = {"approved": RecordKind.AGREEMENT_APPROVED, "revised": RecordKind.AGREEMENT_REVISED}
    approval, *rest = [logged.record for logged in case.evidence.records]
    words = first.split()
    before = [made(approval, kinds[word]) for word in words[:-1]]
    last = approval if words[-1] == "approved" else made(approval, kinds[words[-1]])
    return recorded(case, told(case, *words), [*before, last, *rest])


def test_a_text_approved_again_after_a_revision_is_proven(case: Case) -> None:
    assert judge(revised(case)) == (Verdict.PROVEN, {})


@pytest.mark.parametrize("first", ["approved approved", "approved revised", "approved revised revised"])
def test_without_exactly_one_approval_after_the_last_revision_nothing_is_proven(
    case: Case, first: str
) -> None:
    verdict, faults = judge(revised(case, first=first))
    assert verdict is not Verdict.PROVEN
    assert 1 in faults


def test_a_revision_after_the_offer_excuses_no_approval(case: Case) -> None:
    approval, offer, *rest = [logged.record for logged in case.evidence.records]
    other = replace(approval, document=EARLIER)
    undone = made(approval, RecordKind.AGREEMENT_REVISED)
    verdict, faults = judge(recorded(case, case.trail, [other, offer, undone, *rest]))
    assert verdict is not Verdict.PROVEN
    assert 1 in faults


def test_an_offer_of_a_text_that_only_the_trail_calls_revised_is_refuted(case: Case) -> None:
    records = [logged.record for logged in case.evidence.records]
    verdict, faults = judge(recorded(case, told(case, "approved", "revised"), records))
    assert verdict is Verdict.REFUTED
    assert faults[6] == (Verdict.REFUTED, "process_incomplete")
