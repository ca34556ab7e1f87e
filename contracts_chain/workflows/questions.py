"""Questions of a party on a clause, answers of the staff, and the party's 「清楚了」.

Signing waits while one is open, and so does the last day of the offer: as many working days as
the answer took are added, never to or past the first day of the contract (R-PRE-2). The words
stand in the trail; nothing is ever edited. An answer that is not clear is followed by a new
question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony_errors import (
    QuestionEmptyError,
    UnknownClauseError,
    UnknownQuestionError,
)
from contracts_chain.workflows.ceremony_ports import QuestionFile
from contracts_chain.workflows.ceremony_view import hold, plan_of
from contracts_chain.workflows.chronicle import note_event
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.lapse import verify_offer_stands
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.clock import BEIJING
from kernel.ids import new_id

__all__ = ["MOST_WORDS", "OpenQuestion", "answer", "ask", "clear", "open_questions"]

MOST_WORDS: Final = 500
_DUTY: Final = "duty:supplier-desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A question that waits for the staff, with the working days it has waited."""

    question: QuestionFile
    working_days: int


def ask(office: Office, token: str, position: int, words: str) -> QuestionFile:
    """A party asks about a conspicuous clause.

    Raises:
        UnknownNumberError: No such link.
        UnknownClauseError: No such clause.
        QuestionEmptyError: No words, or too many.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        OfferOverError: The last day for signing has passed; a question does not bring it back.
    """
    said, now = _words(words), office.clock.now()
    with office.work() as work:
        held = hold(work, token)
        verify_offer_stands(held.dossier, now)
        plan = plan_of(held.trail(), held.dossier.number)
        if not 1 <= position <= len(plan.clauses):
            raise UnknownClauseError(position, len(plan.clauses))
        due = plan.clauses[position - 1]
        question = QuestionFile(
            id=new_id(),
            number=held.dossier.number,
            role=held.ceremony.role,
            clause=due.sha256,
            heading=due.clause,
            words=said,
            asked_utc=now,
        )
        work.questions.add(question)
        work.ceremonies.save(replace(held.ceremony, consented_utc=None))
        details: JsonObject = {**_details(question), "clause": due.clause, "words": said}
        held.note(TrailEventKind.QUESTION_ASKED, details, now)
        text = f"合同 {question.number} 的签署人就“{due.clause}”提问，请尽快答复；答复前不签署。"
        work.outbox.put(SMS, question.number, canonical_bytes({"phone": _DUTY, "text": text}), now)
        work.commit()
    return question


def answer(office: Office, question_id: str, words: str, *, by: str) -> QuestionFile:
    """The staff answers; the last day for signing moves by the working days that this took.

    Raises:
        UnknownQuestionError: No such question, or it is answered.
        QuestionEmptyError: No words, or too many.
    """
    said, now = _words(words), office.clock.now()
    with office.work() as work:
        question = work.questions.find(question_id)
        if question is None:
            raise UnknownQuestionError
        dossier = work.agreements.load(question.number, lock=True)
        question = work.questions.find(question_id, lock=True)
        if question is None or question.answer is not None:
            raise UnknownQuestionError
        answered = replace(question, answer=said, answered_by=by, answered_utc=now)
        work.questions.save(answered)
        until = _later(dossier, question.asked_utc, now)
        if until != dossier.offer_until:
            work.agreements.save(replace(dossier, offer_until=until))
        details: JsonObject = {
            **_details(answered),
            "role": question.role,
            "until": until.isoformat() if until else None,
            "words": said,
        }
        note_event(work, question.number, TrailEventKind.QUESTION_ANSWERED, at=now, actor=by, details=details)
        _tell_asker(work, dossier, answered, now)
        work.commit()
    return answered


def clear(office: Office, token: str, question_id: str) -> QuestionFile:
    """The party calls an answer clear; signing waits no longer for this question.

    Raises:
        UnknownNumberError: No such link.
        UnknownQuestionError: Not a question of this party, or without an answer.
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    now = office.clock.now()
    with office.work() as work:
        held = hold(work, token)
        question = work.questions.find(question_id, lock=True)
        own = question is not None and (question.number, question.role) == (
            held.dossier.number,
            held.ceremony.role,
        )
        if question is None or not own or question.answer is None:
            raise UnknownQuestionError
        if question.cleared_utc is not None:
            return question
        cleared = replace(question, cleared_utc=now)
        work.questions.save(cleared)
        held.note(TrailEventKind.QUESTION_CLEARED, _details(cleared), now)
        work.commit()
    return cleared


def open_questions(office: Office) -> tuple[OpenQuestion, ...]:
    """What waits for the staff, the longest first."""
    today, calendar = _day(office.clock.now()), house_calendar()
    with office.work() as work:
        waiting = work.questions.unanswered()
    return tuple(
        OpenQuestion(question=one, working_days=calendar.working_days_between(_day(one.asked_utc), today))
        for one in waiting
    )


def _words(words: str) -> str:
    said = words.strip()
    if not 1 <= len(said) <= MOST_WORDS:
        raise QuestionEmptyError(MOST_WORDS)
    return said


def _details(question: QuestionFile) -> JsonObject:
    return {"clause_sha256": question.clause.hex(), "question": question.id}


def _later(dossier: AgreementDossier, asked: datetime, now: datetime) -> date | None:
    """The last day for signing once the waiting is added; ``None`` stays ``None``."""
    until, calendar = dossier.offer_until, house_calendar()
    if until is None:
        return None
    waited = calendar.working_days_between(_day(asked), _day(now))
    moved = calendar.add_working_days(max(until, _day(asked)), waited) if waited > 0 else until
    begins = load_terms(dossier.terms).valid_from
    while moved > until and moved >= begins:
        moved = date.fromordinal(moved.toordinal() - 1)
    return max(moved, until)


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _tell_asker(work: UnitOfWork, dossier: AgreementDossier, question: QuestionFile, now: datetime) -> None:
    phone = load_terms(dossier.terms).party(question.role).signer.phone
    text = f"您就合同 {question.number}“{question.heading}”的提问已有答复，请通过原签署链接查看。"
    work.outbox.put(SMS, question.number, canonical_bytes({"phone": phone, "text": text}), now)
