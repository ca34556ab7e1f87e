"""A seal signature under SM2 whose PDF has its time already is found, stamped and recorded once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dossiers import a_dossier
from fake_blobs import FakeBlobs
from fake_unit_of_work import FakeUnitOfWork, Tables
from repository_behaviour import slots

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash, verify_trail
from contracts_chain.workflows.domestic import keep_ses, kept_ses
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from kernel.clock import utc_text
from kernel.digests import digests_of, sha256
from signing.inspection import inspect_pdf
from signing.rfc3161_authority import TimestampUnavailableError
from signing.ses.making import make_ses
from signing.ses.reading import read_ses
from signing.sm2_authority import Sm2Authority
from tests.unit.signing.ses_samples import KEK, ORDER
from tests.unit.signing.signed_samples import Office as Authority
from tests.unit.signing.signed_samples import draft, with_fields

NUMBER = "SGZJMZ00YXGY2600001"
SEALS = tuple(slot.field for slot in slots())[:2]


class Killed(BaseException):
    """Ends the process where it is raised, as kill -9 would."""


class Desk:
    """What the upgrade reaches of an office: two fields signed with time, their seal signatures without."""

    def __init__(self, directory: Path) -> None:
        self.authority = Authority.founded(directory / "ca")
        self.sm2 = Sm2Authority.open(directory / "sm2", KEK, self.authority.clock)
        self.tables, self.blobs = Tables(), FakeBlobs()
        self.trust = replace(
            self.authority.trust, sm2_roots=self.sm2.sm2_roots, seal_maker_roots=self.sm2.seal_maker_roots
        )

    def office(self, **parts: object) -> Any:
        given: dict[str, object] = {
            "ca": self.authority.ca,
            "timestamps": self.authority.tsa,
            "clock": self.authority.clock,
            "trust": SimpleNamespace(signatures=self.trust, skew=timedelta(0)),
            "work": lambda: FakeUnitOfWork(self.tables),
            "blobs": self.blobs,
        }
        return SimpleNamespace(**(given | parts))

    def sealed(self, pdf: bytes, times: dict[str, datetime | None]) -> None:
        now, found = self.authority.clock.now(), inspect_pdf(pdf, self.trust).signatures
        made = tuple(
            replace(slot, certificate_sha256=sha256(b"c"), signed_utc=now, timestamp_utc=times[slot.field])
            if slot.field in times
            else slot
            for slot in slots()
        )
        self.tables.agreements[NUMBER] = a_dossier(
            number=NUMBER,
            slots=made,
            current_sha256=self.blobs.put(pdf),
            evidence_state=EvidenceState.PENDING,
        )
        with FakeUnitOfWork(self.tables) as work:
            for one in found:
                keep_ses(work, self.blobs, NUMBER, one.field, self.unstamped(pdf[: one.covered_length]))
            work.commit()

    def unstamped(self, revision: bytes) -> bytes:
        now = self.authority.clock.now()
        return make_ses(self.sm2, ORDER, revision, at=now, timestamps=None, revocation=self.authority.ca)

    def stamped(self) -> dict[str, bool]:
        with FakeUnitOfWork(self.tables) as work:
            return {
                field: read_ses(ses).token is not None for field, ses in kept_ses(work, self.blobs, NUMBER)
            }

    def waiting(self) -> tuple[str, ...]:
        with FakeUnitOfWork(self.tables) as work:
            return work.domestic_seals.unstamped_of(NUMBER)

    def records(self) -> list[Record]:
        return [Record.parse(row.record) for row in self.tables.log_rows]

    def alarms(self) -> list[str]:
        with FakeUnitOfWork(self.tables) as work:
            return [alarm.code for alarm in work.alarms.all()]

    @property
    def state(self) -> EvidenceState:
        return self.tables.agreements[NUMBER].evidence_state


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The authority died after the PDF's tokens, twice, and answers again two minutes later."""
    desk, times = Desk(tmp_path), {}
    pdf = with_fields(draft(), tuple(slot.field for slot in slots()))
    for place, field in enumerate(SEALS):
        pdf = desk.authority.sign(pdf, field, certify=place == 0)
        times[field] = desk.authority.clock.now()
    desk.sealed(pdf, times)
    desk.authority.clock.advance(timedelta(minutes=2))
    return desk


def test_a_seal_signature_that_waits_alone_is_found_and_stamped(desk: Desk) -> None:
    before = desk.tables.agreements[NUMBER].current_sha256
    assert upgrade_pending(desk.office()) == (NUMBER,)
    assert desk.stamped() == dict.fromkeys(SEALS, True)
    assert desk.state is EvidenceState.LOGGED
    assert desk.tables.agreements[NUMBER].current_sha256 == before
    assert upgrade_pending(desk.office()) == ()
    assert len(desk.records()) == 2


def test_each_stamp_is_one_leaf_over_the_file_and_one_line_that_name_each_other(desk: Desk) -> None:
    upgrade_pending(desk.office())
    trail = verify_trail(desk.tables.trails[NUMBER])
    assert [event.event for event in trail] == [TrailEventKind.TIMESTAMPED] * 2
    pdf = desk.blobs.get(desk.tables.agreements[NUMBER].current_sha256)
    for record, field in zip(desk.records(), SEALS, strict=True):
        assert record.kind is RecordKind.TIMESTAMP_ADDED
        assert record.document == digests_of(pdf)
        assert (record.details["field"], record.details["purpose"]) == (field, "seal")
        assert record.details["timestamp_utc"] == utc_text(desk.authority.clock.now())
    assert desk.records()[-1].details["trail"] == final_hash(trail).hex()


def test_while_the_outage_lasts_it_stays_pending_and_nothing_is_recorded(desk: Desk) -> None:
    def dead(_: object) -> bytes:
        raise TimestampUnavailableError("test outage")

    with pytest.raises(TimestampUnavailableError):
        upgrade_pending(desk.office(timestamps=SimpleNamespace(token=dead)))
    assert desk.waiting() == SEALS
    assert desk.state is EvidenceState.PENDING
    assert desk.records() == []


def test_an_authority_that_dies_between_two_seals_leaves_the_second_for_the_next_turn(desk: Desk) -> None:
    answers = [desk.authority.tsa.token]

    def token(message: bytes) -> bytes:
        if not answers:
            raise TimestampUnavailableError("test outage")
        return answers.pop()(message)

    with pytest.raises(TimestampUnavailableError):
        upgrade_pending(desk.office(timestamps=SimpleNamespace(token=token)))
    assert desk.waiting() == SEALS[1:]
    assert desk.state is EvidenceState.PENDING
    assert upgrade_pending(desk.office()) == (NUMBER,)
    assert desk.state is EvidenceState.LOGGED


@pytest.mark.parametrize("step", ["token", "file", "outcome"])
def test_a_crash_between_any_two_steps_loses_nothing_and_stamps_once(desk: Desk, step: str) -> None:
    def die(*_: object) -> Any:
        raise Killed

    class Work(FakeUnitOfWork):
        def commit(self) -> None:
            raise Killed

    broken: dict[str, dict[str, object]] = {
        "token": {"timestamps": SimpleNamespace(token=die)},
        "file": {"blobs": SimpleNamespace(put=die, get=desk.blobs.get)},
        "outcome": {"work": lambda: Work(desk.tables)},
    }
    with pytest.raises(Killed):
        upgrade_pending(desk.office(**broken[step]))
    assert desk.waiting() == SEALS
    assert desk.records() == []
    assert upgrade_pending(desk.office()) == (NUMBER,)
    assert len(desk.records()) == len(verify_trail(desk.tables.trails[NUMBER])) == 2


def interrupted(desk: Desk, act: Callable[[], object]) -> Any:
    """An office whose authority lets somebody act before the first token."""
    acts = [act]

    def token(message: bytes) -> bytes:
        while acts:
            acts.pop()()
        return desk.authority.tsa.token(message)

    return desk.office(timestamps=SimpleNamespace(token=token))


def test_two_turns_at_once_stamp_and_record_once(desk: Desk) -> None:
    upgrade_pending(interrupted(desk, lambda: upgrade_pending(desk.office())))
    assert desk.waiting() == ()
    assert len(desk.records()) == 2


def test_a_seal_signature_waits_while_a_new_signature_waits_for_its_pdf(desk: Desk) -> None:
    """Step 10 bounds the new signature by the first added timestamp, which must be its own."""
    standing = desk.tables.agreements[NUMBER]
    now = desk.authority.clock.now()
    untimed = replace(standing.slots[2], certificate_sha256=sha256(b"c"), signed_utc=now)

    assert standing.current_sha256 is not None
    base = desk.blobs.get(standing.current_sha256)

    def signs_in_an_outage() -> None:
        revision = desk.blobs.put(desk.authority.sign_pending(base, untimed.field))
        made = (*standing.slots[:2], untimed, *standing.slots[3:])
        desk.tables.agreements[NUMBER] = replace(standing, slots=made, current_sha256=revision)

    assert upgrade_pending(interrupted(desk, signs_in_an_outage)) == ()
    assert desk.waiting() == SEALS
    assert desk.records() == []
    assert upgrade_pending(desk.office()) == (NUMBER,)
    assert [record.details["purpose"] for record in desk.records()] == ["upgrade", "seal", "seal"]


def test_a_stamped_one_that_does_not_pass_its_re_check_is_an_alarm_and_stops_nobody(desk: Desk) -> None:
    with FakeUnitOfWork(desk.tables) as work:
        keep_ses(work, desk.blobs, NUMBER, SEALS[0], desk.unstamped(b"another revision"))
        work.commit()
    assert upgrade_pending(desk.office()) == ()
    assert desk.waiting() == SEALS[:1]
    assert [record.details["field"] for record in desk.records()] == [SEALS[1]]
    assert desk.alarms() == ["timestamp_too_late"]


def test_a_seal_signature_whose_file_is_gone_keeps_no_other_on_the_paper_from_its_time(desk: Desk) -> None:
    key = next(one for one in desk.tables.domestic_seals if SEALS[0] in one)
    desk.tables.domestic_seals[key] = (sha256(b"gone"), False)
    assert upgrade_pending(desk.office()) == ()
    assert desk.waiting() == SEALS[:1]
    assert desk.alarms() == []


def test_a_seal_that_waited_longer_than_its_lists_reach_is_healed_by_a_list_of_now(desk: Desk) -> None:
    def lists(chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return (*desk.sm2.crls_for(chain), *desk.authority.ca.crls_for(chain))

    desk.authority.clock.advance(timedelta(days=30))
    assert upgrade_pending(desk.office()) == ()
    assert (desk.waiting(), desk.alarms()) == (SEALS, ["timestamp_too_late"])
    assert upgrade_pending(desk.office(ca=SimpleNamespace(crls_for=lists))) == (NUMBER,)
    assert desk.stamped() == dict.fromkeys(SEALS, True)
    assert desk.state is EvidenceState.LOGGED


def test_a_row_from_before_the_column_is_marked_without_a_second_stamp(desk: Desk) -> None:
    upgrade_pending(desk.office())
    once = dict(desk.tables.domestic_seals)
    desk.tables.domestic_seals.update({key: (digest, False) for key, (digest, _) in once.items()})
    assert upgrade_pending(desk.office()) == (NUMBER,)
    assert desk.tables.domestic_seals == once
    assert len(desk.records()) == 2
