"""In-memory spans, reminders, changes, holds, orders, notices and ratings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_files import (
    ChangeFile,
    DisputeHold,
    LifeSpan,
    NoticeFile,
    OrderFact,
    RatingFile,
    RatingLink,
)
from kernel.sized_bytes import Bytes32

RUNNING = (
    AgreementState.IN_FORCE,
    AgreementState.AMENDING,
    AgreementState.RENEWING,
    AgreementState.SUSPENDED,
)


@dataclass
class LifeTables:
    spans: dict[str, LifeSpan] = field(default_factory=dict)
    reminders: set[tuple[str, date, int]] = field(default_factory=set)
    changes: list[ChangeFile] = field(default_factory=list)
    holds: list[DisputeHold] = field(default_factory=list)
    facts: dict[tuple[str, str], OrderFact] = field(default_factory=dict)
    looks: dict[str, datetime] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    ready: dict[str, datetime] = field(default_factory=dict)
    notices: dict[str, NoticeFile] = field(default_factory=dict)
    links: dict[Bytes32, RatingLink] = field(default_factory=dict)
    ratings: list[RatingFile] = field(default_factory=list)


@dataclass
class FakeLife:
    tables: LifeTables
    agreements: dict[str, AgreementDossier]

    def add_span(self, span: LifeSpan) -> None:
        self.tables.spans.setdefault(span.number, span)

    def find_span(self, number: str) -> LifeSpan | None:
        return self.tables.spans.get(number)

    def save_span(self, span: LifeSpan) -> None:
        self.tables.spans[span.number] = span

    def due_to_enter(self, today: date, most: int) -> tuple[str, ...]:
        spans = self._in(AgreementState.EXECUTED)
        return tuple(sorted(one.number for one in spans if one.starts_on <= today))[:most]

    def due_to_expire(self, today: date, most: int) -> tuple[str, ...]:
        ended = [one for one in self._in(*RUNNING) if one.ends_on is not None and one.ends_on < today]
        return tuple(sorted(one.number for one in ended if self.hold_of(one.number) is None))[:most]

    def unreminded(self, first: date, last: date, days: int, most: int) -> tuple[LifeSpan, ...]:
        ending = [(one.ends_on, one.number, one) for one in self._in(*RUNNING) if one.ends_on is not None]
        due = [row for row in sorted(ending, key=lambda row: row[:2]) if first <= row[0] <= last]
        left = [row for row in due if (row[1], row[0], days) not in self.tables.reminders]
        return tuple(one for _, _, one in left)[:most]

    def remind_once(self, number: str, ends_on: date, days: int, at: datetime) -> bool:
        first = (number, ends_on, days) not in self.tables.reminders
        self.tables.reminders.add((number, ends_on, days))
        return first

    def open_change(self, change: ChangeFile) -> ChangeFile:
        for one in self.tables.changes:
            if (one.number, one.order_no) == (change.number, change.order_no):
                return one
        given = replace(change, id=len(self.tables.changes) + 1)
        self.tables.changes.append(given)
        return given

    def save_change(self, change: ChangeFile) -> None:
        standing = self.tables.changes[change.id - 1]
        self.tables.changes[change.id - 1] = replace(
            standing, follower=change.follower, state=change.state, closed_utc=change.closed_utc
        )

    def changes_of(self, number: str) -> tuple[ChangeFile, ...]:
        return tuple(one for one in self.tables.changes if one.number == number)

    def open_changes(self, most: int, *, after: int = 0) -> tuple[ChangeFile, ...]:
        return tuple(one for one in self.tables.changes if one.state == "open" and one.id > after)[:most]

    def add_hold(self, hold: DisputeHold) -> None:
        assert self.hold_of(hold.number) is None, "an agreement has one standing hold at most"
        self.tables.holds.append(replace(hold, id=len(self.tables.holds) + 1))

    def hold_of(self, number: str) -> DisputeHold | None:
        return next((one for one in self.holds_of(number) if one.released_utc is None), None)

    def holds_of(self, number: str) -> tuple[DisputeHold, ...]:
        return tuple(one for one in self.tables.holds if one.number == number)

    def release_hold(self, hold: DisputeHold) -> None:
        self.tables.holds[hold.id - 1] = hold

    def _in(self, *states: AgreementState) -> list[LifeSpan]:
        return [one for one in self.tables.spans.values() if self.agreements[one.number].state in states]


@dataclass
class FakeOrders:
    tables: LifeTables
    agreements: dict[str, AgreementDossier]

    def record(self, fact: OrderFact) -> None:
        self.tables.facts[fact.order_no, fact.kind.value] = fact

    def facts_of(self, order_no: str) -> tuple[OrderFact, ...]:
        return tuple(fact for (order, _), fact in sorted(self.tables.facts.items()) if order == order_no)

    def agreements_of(self, order_no: str) -> tuple[str, ...]:
        return tuple(sorted(one.number for one in self.agreements.values() if one.order_no == order_no))

    def to_look_at(self, most: int) -> tuple[str, ...]:
        events = [(one.order_no, one.executed_utc) for one in self.agreements.values() if one.executed_utc]
        events += [(fact.order_no, fact.recorded_utc) for fact in self.tables.facts.values()]
        first: dict[str, datetime] = {}
        for order_no, at in events:
            seen = self.tables.seen.get(order_no, 0)
            if order_no not in self.tables.ready and self._writes(order_no) > seen:
                first[order_no] = min(at, first.get(order_no, at))
        return tuple(sorted(first, key=lambda order_no: (first[order_no], order_no)))[:most]

    def note_look(self, order_no: str, at: datetime) -> None:
        self.tables.looks[order_no] = at
        self.tables.seen[order_no] = self._writes(order_no)

    def _writes(self, order_no: str) -> int:
        drafted = (self.agreements[number].version + 1 for number in self.agreements_of(order_no))
        return sum(drafted) + len(self.facts_of(order_no))

    def mark_ready(self, order_no: str, at: datetime) -> bool:
        first = order_no in self.tables.looks and order_no not in self.tables.ready
        if first:
            self.tables.ready[order_no] = at
        return first

    def ready_since(self, order_no: str) -> datetime | None:
        return self.tables.ready.get(order_no)


@dataclass
class FakeNotices:
    tables: LifeTables

    def add(self, notice: NoticeFile) -> None:
        self.tables.notices[notice.number] = notice

    def find(self, number: str, *, lock: bool = False) -> NoticeFile | None:
        return self.tables.notices.get(number)

    def save(self, notice: NoticeFile) -> None:
        self.tables.notices[notice.number] = notice

    def of_agreement(self, agreement_number: str) -> tuple[NoticeFile, ...]:
        held = [one for one in self.tables.notices.values() if one.agreement_number == agreement_number]
        return tuple(sorted(held, key=lambda one: (one.drafted_utc, one.number)))


@dataclass
class FakeRatings:
    tables: LifeTables
    agreements: dict[str, AgreementDossier]

    def uninvited(self, most: int, *, after: str = "") -> tuple[str, ...]:
        invited = {link.number for link in self.tables.links.values()}
        due = [
            one.number
            for one in self.agreements.values()
            if one.executed_utc is not None and one.number not in invited and one.number > after
        ]
        return tuple(sorted(due))[:most]

    def invite(self, link: RatingLink) -> bool:
        if any((one.number, one.role) == (link.number, link.role) for one in self.tables.links.values()):
            return False
        self.tables.links[link.token_sha256] = link
        return True

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> RatingLink | None:
        return self.tables.links.get(token_sha256)

    def keep(self, link: RatingLink, rating: RatingFile) -> None:
        self.tables.links[link.token_sha256] = link
        self.tables.ratings.append(rating)

    def all(self) -> tuple[RatingFile, ...]:
        return tuple(self.tables.ratings)
