"""Ways to forge a ceremony after the fact: each leaves an unbroken, recorded trail, and step 6 refutes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from evidence_case import (
    NOW,
    NUMBER,
    PLAN,
    Case,
    inspect_once,
    release_of,
    will_of,
)

from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.trail import Trail, TrailEvent, TrailEventKind
from contracts_chain.evidence.verify import verify_package
from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.verdict import Verdict
from signing.model import SoleControl

CLAUSE = ("clause_sha256", PLAN.clauses[0].sha256.hex())


def at(trail: Trail, kind: TrailEventKind, role: str = "consumer", which: int = 0) -> int:
    found = [event.seq for event in trail if event.event is kind and event.details.get("role") == role]
    return found[which]


def rewritten(trail: Trail, change: Callable[[TrailEvent], TrailEvent | None]) -> Trail:
    """The trail chained anew after each event was changed or dropped."""
    made: Trail = ()
    for event in trail:
        kept = change(event)
        if kept is not None:
            made = trails.append(
                made, kept.event, occurred_utc=kept.occurred_utc, actor=kept.actor, details=kept.details
            )
    return made


def recorded(case: Case, trail: Trail) -> Case:
    """A dishonest service: the last record names the forged trail, and everything is anchored."""
    records = [logged.record for logged in case.evidence.records]
    records[-1] = replace(records[-1], details={"trail": trails.final_hash(trail).hex()})
    return replace(case, trail=trail).relogged(records)


def step_six(case: Case) -> tuple[Verdict, str]:
    report = verify_package(case.package(), case.trust, at=NOW, inspect=inspect_once)
    check = next(one for one in report.checks if one.step == 6)
    return check.verdict, check.code


def changed(case: Case, seq: int, **changes: object) -> Case:
    return recorded(
        case,
        rewritten(
            case.trail,
            lambda event: replace(event, **changes) if event.seq == seq else event,  # type: ignore[arg-type]
        ),
    )


def with_details(case: Case, seq: int, details: JsonObject) -> Case:
    return changed(case, seq, details={**case.trail[seq].details, **details})


def test_the_honest_ceremony_is_proven(case: Case) -> None:
    assert step_six(recorded(case, rewritten(case.trail, lambda event: event))) == (Verdict.PROVEN, "ok")


@pytest.mark.parametrize("kind", [TrailEventKind.CLAUSE_SHOWN, TrailEventKind.CLAUSE_CONFIRMED])
@pytest.mark.parametrize("which", [0, 1])
def test_a_conspicuous_clause_left_out_is_refuted(case: Case, kind: TrailEventKind, which: int) -> None:
    seq = at(case.trail, kind, which=which)
    forged = recorded(case, rewritten(case.trail, lambda event: None if event.seq == seq else event))
    assert step_six(forged) == (Verdict.REFUTED, "process_incomplete")


def test_a_clause_confirmed_a_second_too_early_is_refuted(case: Case) -> None:
    shown = case.trail[at(case.trail, TrailEventKind.CLAUSE_SHOWN)]
    early = shown.occurred_utc + timedelta(seconds=PLAN.clauses[0].seconds - 1)
    seq = at(case.trail, TrailEventKind.CLAUSE_CONFIRMED)
    assert step_six(changed(case, seq, occurred_utc=early)) == (Verdict.REFUTED, "process_incomplete")


def test_clauses_opened_side_by_side_share_no_time(case: Case) -> None:
    """The second clause, opened with the first, counts only from the confirmation of the first."""
    first = at(case.trail, TrailEventKind.CLAUSE_CONFIRMED)
    late = case.trail[at(case.trail, TrailEventKind.CLAUSE_CONFIRMED, which=1)].occurred_utc
    moved = changed(case, first, occurred_utc=late - timedelta(seconds=1))
    second = at(case.trail, TrailEventKind.CLAUSE_SHOWN, which=1)
    earlier = case.trail[at(case.trail, TrailEventKind.CLAUSE_SHOWN)].occurred_utc
    order = [event for event in moved.trail if event.seq != second]
    order.insert(first, replace(moved.trail[second], occurred_utc=earlier))
    made: Trail = ()
    for event in order:
        made = trails.append(
            made, event.event, occurred_utc=event.occurred_utc, actor=event.actor, details=event.details
        )
    assert step_six(recorded(case, made)) == (Verdict.REFUTED, "process_incomplete")


@pytest.mark.parametrize("kind", [TrailEventKind.QUESTION_ANSWERED, TrailEventKind.QUESTION_CLEARED])
def test_signing_over_an_open_question_is_refuted(case: Case, kind: TrailEventKind) -> None:
    seq = at(case.trail, kind)
    forged = recorded(case, rewritten(case.trail, lambda event: None if event.seq == seq else event))
    assert step_six(forged) == (Verdict.REFUTED, "process_incomplete")


@pytest.mark.parametrize("kind", [TrailEventKind.SHOWN, TrailEventKind.CONSENTED])
def test_another_document_shown_or_consented_to_is_refuted(case: Case, kind: TrailEventKind) -> None:
    forged = with_details(case, at(case.trail, kind), {"document_sha256": sha256(b"other").hex()})
    assert step_six(forged) == (Verdict.REFUTED, "process_incomplete")


def test_a_clause_read_in_another_ceremony_does_not_count(case: Case) -> None:
    forged = with_details(case, at(case.trail, TrailEventKind.CLAUSE_CONFIRMED), {"ceremony": "other"})
    assert step_six(forged) == (Verdict.REFUTED, "process_incomplete")


def confirmed_utc(case: Case) -> datetime:
    return case.trail[at(case.trail, TrailEventKind.WILL_CONFIRMED)].occurred_utc


def will_changed(case: Case, later: timedelta = timedelta(0), **changes: object) -> Case:
    """A release of the true activation process over another statement, or at another time."""
    slot = case.evidence.slots[0]
    request = will_of(slot, "ceremony-consumer", b"")
    document = replace(request.documents[0], **{"document_sha256": _approved(case), **changes})  # type: ignore[arg-type]
    moment = confirmed_utc(case) + later
    evidence = release_of(replace(request, documents=(document,)), SoleControl.ONE_TIME_CODE, moment)
    return with_details(case, at(case.trail, TrailEventKind.WILL_CONFIRMED), {"release": evidence})


def _approved(case: Case) -> object:
    offers: list[Record] = [
        logged.record for logged in case.evidence.records if logged.record.kind.value == "agreement.offered"
    ]
    return offers[0].document.sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "ZD-YX-GY-2026-000018"},
        {"document_sha256": sha256(b"another document")},
        {"role": "supplier"},
        {"fields": ()},
    ],
    ids=["contract", "document", "party", "field"],
)
def test_a_will_over_something_else_is_refuted(case: Case, changes: dict[str, object]) -> None:
    assert step_six(will_changed(case, **changes)) == (Verdict.REFUTED, "will_refuted")


def test_the_same_will_over_the_very_document_is_proven(case: Case) -> None:
    assert step_six(will_changed(case, number=NUMBER)) == (Verdict.PROVEN, "ok")


@pytest.mark.parametrize("minutes", [-2, 2, -24 * 60], ids=["before consent", "afterwards", "of yesterday"])
def test_a_will_released_outside_its_ceremony_is_refuted(case: Case, minutes: int) -> None:
    """A will over the same document and field, kept from another ceremony, is not this one's."""
    forged = will_changed(case, timedelta(minutes=minutes))
    assert step_six(forged) == (Verdict.REFUTED, "will_refuted")


def test_a_level_raised_from_code_to_passkey_in_the_trail_is_refuted(case: Case) -> None:
    forged = with_details(case, at(case.trail, TrailEventKind.WILL_CONFIRMED), {"level": "passkey"})
    assert step_six(forged) == (Verdict.REFUTED, "will_refuted")


def test_a_level_raised_in_the_release_itself_is_refuted(case: Case) -> None:
    seq = at(case.trail, TrailEventKind.WILL_CONFIRMED)
    release = case.trail[seq].details["release"]
    assert isinstance(release, dict)
    forged = with_details(case, seq, {"level": "passkey", "release": {**release, "level": "passkey"}})
    assert step_six(forged) == (Verdict.REFUTED, "will_refuted")


def test_a_release_of_another_level_than_the_certificate_is_refuted(case: Case) -> None:
    seq = at(case.trail, TrailEventKind.WILL_CONFIRMED)
    request = will_of(case.evidence.slots[0], "ceremony-consumer", b"")
    document = replace(request.documents[0], document_sha256=_approved(case))  # type: ignore[arg-type]
    evidence = release_of(replace(request, documents=(document,)), SoleControl.TOTP, confirmed_utc(case))
    forged = with_details(case, seq, {"level": "totp", "release": evidence})
    assert step_six(forged) == (Verdict.REFUTED, "will_refuted")


def test_a_release_of_an_unknown_activation_process_is_refuted(case: Case) -> None:
    other = replace(case, trust=replace(case.trust, activation_keys=(sha256(b"other"),)))
    assert step_six(other) == (Verdict.REFUTED, "will_refuted")


def test_without_the_key_of_an_activation_process_step_six_is_undecided(case: Case) -> None:
    unknown = replace(case, trust=replace(case.trust, activation_keys=()))
    assert step_six(unknown) == (Verdict.UNDECIDED, "will_undecided")


def test_a_person_identified_by_another_attestation_is_refuted(case: Case) -> None:
    forged = with_details(
        case, at(case.trail, TrailEventKind.IDENTIFIED), {"attestation_sha256": sha256(b"other").hex()}
    )
    assert step_six(forged) == (Verdict.REFUTED, "process_incomplete")
