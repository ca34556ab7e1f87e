"""What an outage left pending gets its time, once, and archives are renewed before they age."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dossiers import a_dossier
from fake_unit_of_work import FakeUnitOfWork, Tables
from repository_behaviour import slots

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash, verify_trail
from contracts_chain.workflows import renew_archive
from contracts_chain.workflows.archive_ports import ArchiveFile
from contracts_chain.workflows.dossier import AgreementDossier, IntentRow, SlotFile
from contracts_chain.workflows.renew_archive import renew_due, renew_soon
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from kernel.digests import digests_of, sha256
from kernel.sized_bytes import Bytes32
from signing.inspection import inspect_pdf
from signing.rfc3161_authority import TimestampUnavailableError
from tests.unit.signing.signed_samples import Office as Authority
from tests.unit.signing.signed_samples import draft, is_proven, with_fields

FIELDS = tuple(slot.field for slot in slots())
NUMBER = "SGZJMZ00YXGY2600001"
BEFORE = "SGZJMZ00YXGY2600000"
"""Has its turn first."""


class Dead:
    def token(self, message: bytes) -> bytes:
        raise TimestampUnavailableError("test outage")

    def token_over(self, digest: Bytes32) -> bytes:
        raise TimestampUnavailableError("test outage")


class Meanwhile:
    """Lets somebody act just before the first token."""

    def __init__(self, authority: Authority, act: Callable[[], None]) -> None:
        self._authority, self._act = authority, [act]

    def token_over(self, digest: Bytes32) -> bytes:
        while self._act:
            self._act.pop()()
        return self._authority.tsa.token_over(digest)


@dataclass
class Desk:
    """What the two deeds reach of an office; its files, certificates and timestamps are real."""

    authority: Authority
    tables: Tables = field(default_factory=Tables)
    blobs: dict[Bytes32, bytes] = field(default_factory=dict)

    def office_with(self, timestamps: object) -> Any:
        return SimpleNamespace(
            ca=self.authority.ca,
            timestamps=timestamps,
            clock=self.authority.clock,
            trust=SimpleNamespace(signatures=self.authority.trust),
            work=lambda: FakeUnitOfWork(self.tables),
            blobs=SimpleNamespace(put=self.put_file, get=self.blobs.__getitem__),
        )

    @property
    def office(self) -> Any:
        return self.office_with(self.authority.tsa)

    def put_file(self, content: bytes) -> Bytes32:
        self.blobs[sha256(content)] = content
        return sha256(content)

    def intents(self) -> tuple[IntentRow, ...]:
        with FakeUnitOfWork(self.tables) as work:
            return work.intents.pending()

    def alarms(self) -> list[tuple[str, str]]:
        with FakeUnitOfWork(self.tables) as work:
            return [(alarm.code, alarm.subject) for alarm in work.alarms.all()]

    def put(self, pdf: bytes, signed: dict[str, datetime | None], *, executed: bool = False) -> None:
        digest = self.put_file(pdf)
        now = self.authority.clock.now()
        made = tuple(
            replace(slot, certificate_sha256=sha256(b"c"), signed_utc=now, timestamp_utc=signed[slot.field])
            if slot.field in signed
            else slot
            for slot in slots()
        )
        self.tables.agreements[NUMBER] = a_dossier(
            number=NUMBER, slots=made, current_sha256=digest, executed_utc=now if executed else None
        )

    def put_before(self, pdf: bytes) -> None:
        """Another agreement that stands as this one does, but for its file."""
        other = replace(self.dossier, number=BEFORE, current_sha256=self.put_file(pdf))
        self.tables.agreements[BEFORE] = other

    @property
    def dossier(self) -> AgreementDossier:
        return self.tables.agreements[NUMBER]

    @property
    def pdf(self) -> bytes:
        assert self.dossier.current_sha256 is not None
        return self.blobs[self.dossier.current_sha256]

    def records(self) -> list[Record]:
        return [Record.parse(row.record) for row in self.tables.log_rows]

    def events(self) -> list[TrailEventKind]:
        return [event.event for event in verify_trail(self.tables.trails.get(NUMBER, []))]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(authority=Authority.founded(tmp_path / "ca"))


@pytest.fixture
def pending(desk: Desk) -> Desk:
    """The first party signed with a token, the second during an outage."""
    pdf = desk.authority.sign(with_fields(draft(), FIELDS), FIELDS[0], certify=True)
    first = desk.authority.clock.now()
    pdf = desk.authority.sign_pending(pdf, FIELDS[1])
    desk.put(pdf, {FIELDS[0]: first, FIELDS[1]: None})
    return desk


def slot(desk: Desk, name: str) -> SlotFile:
    return desk.dossier.slot(name)


def test_a_pending_signature_gets_the_time_of_the_document_timestamp(pending: Desk) -> None:
    before, first = pending.pdf, slot(pending, FIELDS[0]).timestamp_utc
    pending.authority.clock.advance(timedelta(minutes=3))
    assert upgrade_pending(pending.office) == (NUMBER,)
    assert pending.pdf.startswith(before)
    assert is_proven(inspect_pdf(pending.pdf, pending.authority.trust))
    assert slot(pending, FIELDS[1]).timestamp_utc == pending.authority.clock.now()
    assert slot(pending, FIELDS[0]).timestamp_utc == first


def test_an_upgrade_is_one_leaf_and_one_line_that_name_each_other(pending: Desk) -> None:
    upgrade_pending(pending.office)
    (record,) = pending.records()
    assert record.kind is RecordKind.TIMESTAMP_ADDED
    assert record.document == digests_of(pending.pdf)
    assert pending.events() == [TrailEventKind.TIMESTAMPED]
    trail = verify_trail(pending.tables.trails[NUMBER])
    assert record.details["trail"] == final_hash(trail).hex()
    assert record.details["purpose"] == "upgrade"


def test_a_second_upgrade_changes_nothing(pending: Desk) -> None:
    upgrade_pending(pending.office)
    once = pending.dossier
    assert upgrade_pending(pending.office) == ()
    assert pending.dossier == once
    assert len(pending.records()) == 1


def test_while_the_outage_lasts_no_time_appears_and_the_intent_stays(pending: Desk) -> None:
    before = pending.dossier
    with pytest.raises(TimestampUnavailableError):
        upgrade_pending(pending.office_with(Dead()))
    assert pending.dossier == before
    assert pending.records() == []
    (intent,) = pending.intents()
    assert intent.kind == "timestamp"
    assert upgrade_pending(pending.office) == (NUMBER,)
    assert pending.intents() == ()


def test_what_was_appended_to_an_overtaken_revision_is_thrown_away(pending: Desk) -> None:
    base, times = pending.pdf, {one.field: one.timestamp_utc for one in pending.dossier.slots if one.signed}

    def the_third_party_signs() -> None:
        signed = pending.authority.sign(base, FIELDS[2])
        now = pending.authority.clock.now()
        pending.put(signed, {**times, FIELDS[1]: now, FIELDS[2]: now})

    office = pending.office_with(Meanwhile(pending.authority, the_third_party_signs))
    upgrade_pending(office)
    assert slot(pending, FIELDS[2]).signed
    assert is_proven(inspect_pdf(pending.pdf, pending.authority.trust))
    assert pending.records() == []
    assert pending.intents() == ()


def test_a_signature_that_waited_too_long_raises_an_alarm_and_gets_no_time(desk: Desk) -> None:
    person = desk.authority.person()
    pdf = desk.authority.sign_pending(
        with_fields(draft(), FIELDS), FIELDS[0], certify=True, credential=person
    )
    desk.put(pdf, {FIELDS[0]: None})
    desk.authority.clock.advance(timedelta(hours=2))
    assert upgrade_pending(desk.office) == ()
    assert slot(desk, FIELDS[0]).timestamp_utc is None
    assert desk.pdf == pdf
    assert desk.alarms() == [("timestamp_too_late", NUMBER)]
    assert upgrade_pending(desk.office) == ()
    assert desk.alarms() == [("timestamp_too_late", NUMBER)]


def test_a_file_that_is_not_the_agreements_is_not_put_in_its_place(desk: Desk) -> None:
    pdf = desk.authority.sign_pending(with_fields(draft(), FIELDS), FIELDS[0], certify=True)
    desk.put(pdf, {FIELDS[0]: None, FIELDS[1]: None})
    assert upgrade_pending(desk.office) == ()
    assert desk.pdf == pdf


def test_an_agreement_that_cannot_have_its_time_keeps_no_other_waiting(
    pending: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    person = pending.authority.person()
    others = {
        "cannot_sign": draft(),
        "unsound_signature": pending.authority.sign_pending(
            with_fields(draft(), FIELDS), FIELDS[0], certify=True, credential=person
        ),
        "": b"damaged",
    }
    standing = pending.dossier
    for code, pdf in others.items():
        pending.tables.agreements[NUMBER] = standing
        pending.put_before(pdf)
        with caplog.at_level(logging.ERROR, "contracts_chain.worker"):
            assert upgrade_pending(pending.office) == (NUMBER,)
        assert f"{BEFORE} cannot be given its time: {code}" in caplog.messages[-1]
        assert pending.tables.agreements[BEFORE].slot(FIELDS[1]).timestamp_utc is None


@pytest.fixture
def executed(desk: Desk) -> Desk:
    pdf, times = with_fields(draft(), FIELDS), {}
    for place, name in enumerate(FIELDS):
        pdf = desk.authority.sign(pdf, name, certify=place == 0)
        times[name] = desk.authority.clock.now()
    desk.put(pdf, times, executed=True)
    return desk


def test_an_archive_that_lasts_is_read_once_and_left_alone(executed: Desk) -> None:
    before = executed.pdf
    assert renew_soon(executed.office, timedelta(days=365)) == ()
    assert executed.pdf == before
    with executed.office.work() as work:
        assert work.archive.unread(9) == ()


def test_an_archive_about_to_end_is_renewed_and_refutes_nothing(executed: Desk) -> None:
    before = executed.pdf
    recorded = inspect_pdf(before, executed.authority.trust).executed
    far = executed.authority.clock.now() + timedelta(days=20 * 365)
    assert renew_due(executed.office, far) == (NUMBER,)
    after = inspect_pdf(executed.pdf, executed.authority.trust)
    assert executed.pdf.startswith(before)
    assert is_proven(after)
    assert after.executed == recorded
    assert len(after.document_timestamps) == len(FIELDS) + 1
    (record,) = executed.records()
    assert record.details["purpose"] == "renewal"


def test_a_distrusted_digest_is_renewed_at_once(executed: Desk) -> None:
    now = executed.authority.clock.now()
    assert renew_due(executed.office, now, distrusted=("sha512",)) == ()
    assert renew_due(executed.office, now, distrusted=("sha256",)) == (NUMBER,)


def test_an_archive_whose_timestamp_ended_raises_an_alarm(executed: Desk) -> None:
    executed.authority.clock.advance(timedelta(days=11 * 365))
    assert renew_soon(executed.office, timedelta(days=1)) == ()
    assert executed.alarms() == [("archive_too_late", NUMBER)]


def test_an_archive_whose_timestamp_ended_is_told_once_as_a_failure(executed: Desk) -> None:
    executed.authority.clock.advance(timedelta(days=11 * 365))
    for _ in range(2):
        renew_soon(executed.office, timedelta(days=1))
    told = [event.change for event in executed.tables.callbacks.events.values()]
    assert [(one["code"], one["purpose"]) for one in told] == [("revocation_unavailable", "renewal")]


def test_archives_that_cannot_be_read_or_renewed_keep_no_other_waiting(
    executed: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(renew_archive, "PORTION", 1)
    far = executed.authority.clock.now() + timedelta(days=20 * 365)
    executed.put_before(b"damaged")
    with caplog.at_level(logging.ERROR, "contracts_chain.worker"):
        assert renew_due(executed.office, far) == (NUMBER,)
        assert f"the archive of {BEFORE} cannot be read: cannot_sign" in caplog.text
        due = replace(archive_of(executed), number=BEFORE)
        with executed.office.work() as work:
            work.archive.keep(replace(due, document_sha256=sha256(b"damaged")))
            work.commit()
        assert renew_due(executed.office, far) == (NUMBER,)
    assert f"the archive of {BEFORE} cannot be renewed: cannot_sign" in caplog.text


def archive_of(desk: Desk) -> ArchiveFile:
    with desk.office.work() as work:
        (number,) = work.archive.due(desk.authority.clock.now() + timedelta(days=20 * 365), ())
    return desk.tables.archive[number]


def test_a_renewal_waits_for_an_authority(executed: Desk) -> None:
    far = executed.authority.clock.now() + timedelta(days=20 * 365)
    before = executed.pdf
    with pytest.raises(TimestampUnavailableError):
        renew_due(executed.office_with(Dead()), far)
    assert executed.pdf == before
    assert renew_due(executed.office, far) == (NUMBER,)


class Killed(BaseException):
    """Ends the process where it is raised, as kill -9 would."""


@pytest.mark.parametrize("step", ["before the intent", "token", "file", "outcome"])
def test_a_crash_between_any_two_steps_loses_nothing_and_stamps_once(pending: Desk, step: str) -> None:
    office, commits = pending.office, 0

    def die(*_: object) -> Any:
        raise Killed

    class Work(FakeUnitOfWork):
        def commit(self) -> None:
            nonlocal commits
            commits += 1
            if (step, commits) in {("before the intent", 1), ("outcome", 2)}:
                raise Killed
            super().commit()

    office.work = lambda: Work(pending.tables)
    if step == "token":
        office.timestamps = SimpleNamespace(token_over=die)
    if step == "file":
        office.blobs = SimpleNamespace(put=die, get=pending.blobs.__getitem__)
    with pytest.raises(Killed):
        upgrade_pending(office)
    assert pending.records() == []
    assert slot(pending, FIELDS[1]).timestamp_utc is None
    assert upgrade_pending(pending.office) == (NUMBER,)
    assert len(pending.records()) == 1
    assert pending.events() == [TrailEventKind.TIMESTAMPED]
    assert pending.intents() == ()
    assert is_proven(inspect_pdf(pending.pdf, pending.authority.trust))
