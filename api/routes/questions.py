"""Questions of signers, answered by the staff: a page without script, and the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.problems import problem_of
from api.routes.desk import AtDesk, Desk, OnDuty, RawBody
from api.routes.drafts import body_as
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.workflows.questions import answer, open_questions
from kernel.errors import RejectedError

__all__ = ["pages", "router"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)
router = APIRouter(prefix="/api/v1")

Answering = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK, Duty.REVIEWER))]
Words = Annotated[str, Form(max_length=2000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAnswer:
    """Body of an answer."""

    words: str


@pages.get("/questions")
def get_questions(request: Request, desk: AtDesk, person: Answering) -> Response:
    """What waits for an answer, the longest first."""
    del person
    return _questions_page(request, desk)


@pages.post("/questions/{question}")
def post_answer(
    request: Request, desk: AtDesk, person: Answering, question: str, words: Words = ""
) -> Response:
    """Answer one; then the list again."""
    try:
        answer(desk.office, question, words, by=person.id)
    except RejectedError as problem:
        return _questions_page(request, desk, problem)
    return RedirectResponse("/questions", status_code=303)


@router.get("/questions", summary="Questions that wait for an answer (duty: supplier-desk, reviewer)")
def list_questions(desk: AtDesk, person: Answering) -> JSONResponse:
    """Oldest first, with the working days each has waited."""
    del person
    return JSONResponse(
        [
            {
                "id": one.question.id,
                "number": one.question.number,
                "role": one.question.role,
                "clause": one.question.heading,
                "words": one.question.words,
                "working_days": one.working_days,
            }
            for one in open_questions(desk.office)
        ]
    )


@router.post("/questions/{question}", summary="Answer a question (duty: supplier-desk, reviewer)")
def api_answer(desk: AtDesk, person: Answering, question: str, body: RawBody) -> JSONResponse:
    """Body: ``{"words": "…"}``."""
    answered = answer(desk.office, question, body_as(SentAnswer, body).words, by=person.id)
    return JSONResponse({"id": answered.id, "number": answered.number})


def _questions_page(request: Request, desk: Desk, problem: RejectedError | None = None) -> Response:
    status = 200 if problem is None else problem_of(problem)[0]
    waiting = open_questions(desk.office)
    return page(request, "questions.html", status=status, waiting=waiting, problem=problem)
