"""Many people and workers at once on a few agreements: random deeds, each allowed now or refused with reason.

Every thread is a machine of its own, with a clock that stands a little off. Must never swallow a
failure that a person would meet: deadlocks, clocks, driver errors and alarms are kept to be told.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from trial_phone import newest_code
from workflows_desk import Phones

from contracts_chain.activation.port import CodeFactor
from contracts_chain.storage.database_errors import DatabaseBusyError, DatabaseWentAwayError
from contracts_chain.workflows.anchor import advance_anchors, close_checkpoint
from contracts_chain.workflows.attach_evidence import AttachmentKind, attach_evidence
from contracts_chain.workflows.ceremony import begin, consent, open_link, sign_with_code
from contracts_chain.workflows.deliver import deliver_outbox
from contracts_chain.workflows.errors import ClockWentBackError, StaleDossierError
from contracts_chain.workflows.expire import archive_agreement
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.offer import renew_link
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.questions import answer, ask, clear, open_questions
from contracts_chain.workflows.readiness import announce_ready
from contracts_chain.workflows.reading import confirm_clause, page_image, serve_clause, serve_text
from contracts_chain.workflows.sign_set import (
    begin_set,
    choose,
    consent_to_set,
    member_token,
    open_set,
    set_view,
    sign_set,
)
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from contracts_chain.workflows.will import confirm_will, send_code
from contracts_chain.workflows.withdraw import RejectionReason, reject, withdraw
from kernel.clock import Clock
from kernel.errors import ContractsChainError, RejectedError, UndecidedError

__all__ = ["Hammer", "NeverMetError"]

_THREADS = 6
_APART = timedelta(seconds=2)
_NEVER_MET = (ClockWentBackError, DatabaseBusyError, DatabaseWentAwayError, StaleDossierError)


class NeverMetError(AssertionError):
    """Something that no person may meet, with the deed that met it."""


@dataclass(frozen=True)
class _SkewedClock:
    clock: Clock
    off: timedelta

    def now(self) -> datetime:
        return self.clock.now() + self.off


@dataclass
class Hammer:
    """Deeds on offered agreements of one signer; ``tokens`` are the links that were handed out, by number."""

    office: Office
    tokens: dict[str, list[str]]
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    sets: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def strike(self, seconds: float) -> None:
        """Let every thread do deeds for so long; raises what no person may meet."""
        start, ends = threading.Barrier(_THREADS), time.monotonic() + seconds
        with ThreadPoolExecutor(_THREADS) as pool:
            people = [pool.submit(self._person, at, start, ends) for at in range(_THREADS)]
        failed = (person.exception() for person in people)
        self.met += [f"{type(problem).__name__} {problem}" for problem in failed if problem is not None]
        if self.met:
            raise NeverMetError(f"seed {self.seed}: " + "; ".join(self.met))

    def _person(self, at: int, start: threading.Barrier, ends: float) -> None:
        chance = random.Random(f"{self.seed}/{at}")
        off = _APART * (at / (_THREADS - 1) - 0.5)
        office = replace(self.office, clock=_SkewedClock(self.office.clock, off))
        deeds, weights = zip(*_DEEDS, strict=True)
        start.wait()
        while time.monotonic() < ends and not self.met:
            (deed,) = chance.choices(deeds, weights)
            self._done(office, chance, deed)

    def _done(self, office: Office, chance: random.Random, deed: _Deed) -> None:
        name = deed.__name__.strip("_")
        try:
            deed(self, office, chance)
        except _NEVER_MET as problem:
            self.met.append(f"{name}: {problem.code} {problem}")
        except (RejectedError, UndecidedError) as problem:
            self.done[f"{name} refused {problem.code}"] += 1
        except ContractsChainError as problem:
            self.met.append(f"{name}: {problem.code} {problem}")
        else:
            self.done[name] += 1

    def link(self, chance: random.Random) -> str:
        number = chance.choice(sorted(self.tokens))
        links = self.tokens[number]
        return links[-1] if chance.random() < 0.8 else chance.choice(links)

    def number(self, chance: random.Random) -> str:
        return chance.choice(sorted(self.tokens))


_Deed = Callable[[Hammer, Office, random.Random], object]


def _begins(hammer: Hammer, office: Office, chance: random.Random) -> None:
    begin(office, hammer.link(chance))


def _reads_all(hammer: Hammer, office: Office, chance: random.Random) -> None:
    _read(office, hammer.link(chance))


def _read(office: Office, token: str) -> None:
    begin(office, token)
    serve_text(office, token)
    for position in open_link(office, token).progress.clauses_due:
        serve_clause(office, token, position)
        confirm_clause(office, token, position)
    choose_mark(office, token, TypedMark(name=open_link(office, token).signer_name))


def _reads_a_page(hammer: Hammer, office: Office, chance: random.Random) -> None:
    page_image(office, hammer.link(chance), chance.randint(1, 3), 60)


def _reads_a_clause(hammer: Hammer, office: Office, chance: random.Random) -> None:
    serve_clause(office, hammer.link(chance), chance.randint(1, 6))


def _confirms_a_clause(hammer: Hammer, office: Office, chance: random.Random) -> None:
    confirm_clause(office, hammer.link(chance), chance.randint(1, 6))


def _asks_and_is_answered(hammer: Hammer, office: Office, chance: random.Random) -> None:
    token = hammer.link(chance)
    question = ask(office, token, chance.randint(1, 6), "为什么？")
    answer(office, question.id, "见第三条。", by="supplier-desk")
    clear(office, token, question.id)


def _consents(hammer: Hammer, office: Office, chance: random.Random) -> None:
    consent(office, hammer.link(chance))


def _is_sent_a_code(hammer: Hammer, office: Office, chance: random.Random) -> None:
    send_code(office, hammer.link(chance))


def _signs(hammer: Hammer, office: Office, chance: random.Random) -> None:
    token = hammer.link(chance)
    _read(office, token)
    consent(office, token)
    send_code(office, token)
    sign_with_code(office, token, newest_code(office, token))


def _guesses(hammer: Hammer, office: Office, chance: random.Random) -> None:
    confirm_will(office, hammer.link(chance), CodeFactor(code=f"{chance.randrange(10**6):06d}"))


def _rejects(hammer: Hammer, office: Office, chance: random.Random) -> None:
    reject(office, hammer.link(chance), reason=RejectionReason.WRONG_FACTS)


def _gathers(hammer: Hammer, office: Office, chance: random.Random) -> None:
    numbers = chance.sample(sorted(hammer.tokens), k=min(3, len(hammer.tokens)))
    token = open_set(office, numbers, "consumer", by="desk")
    hammer.sets.append(token)
    for number in numbers:
        hammer.tokens[number].append(member_token(token, number))


def _of_a_set(act: Callable[[Office, str, random.Random], object], name: str) -> _Deed:
    def deed(hammer: Hammer, office: Office, chance: random.Random) -> None:
        if hammer.sets:
            act(office, chance.choice(hammer.sets[-3:]), chance)

    deed.__name__ = name
    return deed


def _chosen(office: Office, token: str, chance: random.Random) -> None:
    numbers = [line.view.number for line in set_view(office, token).lines]
    choose(office, token, chance.sample(numbers, k=chance.randint(1, len(numbers))))


def _set_signed(office: Office, token: str, chance: random.Random) -> None:
    begin_set(office, token)
    for line in set_view(office, token).chosen:
        _read(office, line.token)
    consent_to_set(office, token)
    send_code(office, token)
    sign_set(office, token, CodeFactor(code=newest_code(office, set_view(office, token).lines[0].token)))


def _renews_a_link(hammer: Hammer, office: Office, chance: random.Random) -> None:
    number = hammer.number(chance)
    hammer.tokens[number].append(renew_link(office, number, "consumer", by="desk"))


def _attaches(hammer: Hammer, office: Office, chance: random.Random) -> None:
    said = f"第 {chance.randrange(10**9)} 次沟通。\n".encode()
    attach_evidence(
        office, hammer.number(chance), said, kind=AttachmentKind.CHAT, description="沟通记录", by="desk"
    )


def _withdraws(hammer: Hammer, office: Office, chance: random.Random) -> None:
    withdraw(office, hammer.number(chance), reason="用户要求", by="desk")


def _archives(hammer: Hammer, office: Office, chance: random.Random) -> None:
    archive_agreement(office, hammer.number(chance), by="desk")


def _worker(act: Callable[[Office], object], name: str) -> _Deed:
    def deed(hammer: Hammer, office: Office, chance: random.Random) -> None:
        act(office)

    deed.__name__ = name
    return deed


def _answers_the_oldest(office: Office) -> None:
    for waiting in open_questions(office)[:1]:
        answer(office, waiting.question.id, "见附件。", by="supplier-desk")


_DEEDS: Sequence[tuple[_Deed, float]] = (
    (_begins, 1),
    (_reads_all, 6),
    (_reads_a_page, 1),
    (_reads_a_clause, 2),
    (_confirms_a_clause, 2),
    (_asks_and_is_answered, 0.5),
    (_consents, 1),
    (_is_sent_a_code, 1),
    (_signs, 4),
    (_guesses, 1),
    (_rejects, 0.05),
    (_gathers, 0.5),
    (_of_a_set(_chosen, "chooses"), 0.5),
    (_of_a_set(_set_signed, "signs_a_set"), 2),
    (_of_a_set(lambda office, token, _: set_view(office, token), "looks_at_a_set"), 1),
    (_of_a_set(lambda office, token, _: consent_to_set(office, token), "consents_to_a_set"), 1),
    (_renews_a_link, 0.3),
    (_attaches, 2),
    (_withdraws, 0.05),
    (_archives, 0.2),
    (_worker(close_checkpoint, "closes"), 0.5),
    (_worker(advance_anchors, "anchors"), 1),
    (_worker(lambda office: finish_confirmed(office, left_alone=timedelta(0)), "finishes"), 1),
    (_worker(lapse_overdue, "lapses"), 0.5),
    (_worker(announce_ready, "announces"), 0.5),
    (_worker(upgrade_pending, "upgrades"), 0.5),
    (_worker(lambda office: deliver_outbox(office, Phones()), "delivers"), 0.5),
    (_worker(_answers_the_oldest, "answers"), 0.5),
    (_worker(check_everything, "checks"), 0.2),
)
