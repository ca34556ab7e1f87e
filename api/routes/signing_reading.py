"""Reading on a phone (WEB §3, S4 and S5): the text, the pages, and each key clause alone.

A page that is sent here counts as served, by our clock; nothing that the browser says does.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from api.page_picture import slim_png
from api.routes.desk import AtDesk, Desk
from api.routes.pages import PageRoute
from api.routes.signing_links import elsewhere, place_of, signing_page, to
from contracts_chain.agreements.html_twin import twin_body
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.questions import ask, clear
from contracts_chain.workflows.reading import confirm_clause, page_image, serve_clause, serve_text
from kernel.errors import ContractsChainError, RejectedError

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)

_LARGEST_IMAGE_PX: Final = 1600
Words = Annotated[str, Form(max_length=2000)]


@router.get("/s/{token}/read", summary="Page S4: the whole text, with the key clauses marked")
def read(request: Request, desk: AtDesk, token: str) -> Response:
    """The text in one page; counts as served."""
    view = open_link(desk.office, token)
    turn = elsewhere(view, token)
    if turn is not None:
        return turn
    twin = serve_text(desk.office, token)
    body = twin_body(twin.document, twin.facts)
    view = open_link(desk.office, token)
    return signing_page(request, "read.html", view, token, body=body, onward=place_of(view))


@router.get("/s/{token}/pages", summary="Page S4: every page of the contract as it is printed")
def pages(request: Request, desk: AtDesk, token: str) -> Response:
    """All pages as images with the PDF beside them."""
    view = open_link(desk.office, token)
    turn = elsewhere(view, token)
    return turn or signing_page(request, "read_pages.html", view, token, onward=place_of(view))


@router.get("/s/{token}/pages/{number}.png", summary="One page as PNG; counts as served")
def page_picture(
    desk: AtDesk, token: str, number: int, w: Annotated[int, Query(ge=200, le=_LARGEST_IMAGE_PX)] = 780
) -> Response:
    """The image, from our own renderer."""
    image = slim_png(page_image(desk.office, token, number, w))
    return Response(image, media_type="image/png")


@router.get("/s/{token}/clause/{position}", summary="Page S5: one key clause; its time starts")
def clause(request: Request, desk: AtDesk, token: str, position: int) -> Response:
    """The clause alone, its questions, and the button that counts only after its time."""
    view = open_link(desk.office, token)
    return elsewhere(view, token) or _clause_page(request, desk, token, position)


@router.post("/s/{token}/clause/{position}", summary="Confirm one key clause, after its time")
def post_clause(request: Request, desk: AtDesk, token: str, position: int) -> Response:
    """On to what is next; pressed too early, the page says how long to read."""
    try:
        shown = confirm_clause(desk.office, token, position)
    except RejectedError as problem:
        return _clause_page(request, desk, token, position, problem)
    later = [at for at in shown.view.progress.clauses_due if at > position]
    return to(token, f"clause/{later[0]}" if later else place_of(shown.view))


@router.post("/s/{token}/clause/{position}/question", summary="Ask about a key clause")
def post_question(request: Request, desk: AtDesk, token: str, position: int, words: Words = "") -> Response:
    """Signing and its deadline wait for the answer."""
    try:
        ask(desk.office, token, position, words)
    except RejectedError as problem:
        return _clause_page(request, desk, token, position, problem, typed=words)
    return to(token, f"clause/{position}")


@router.post("/s/{token}/clause/{position}/clear/{question}", summary="The answer is clear")
def post_clear(desk: AtDesk, token: str, position: int, question: str) -> Response:
    """Signing waits no longer for this question."""
    clear(desk.office, token, question)
    return to(token, f"clause/{position}")


def _clause_page(
    request: Request,
    desk: Desk,
    token: str,
    position: int,
    problem: ContractsChainError | None = None,
    typed: str = "",
) -> Response:
    shown = serve_clause(desk.office, token, position)
    return signing_page(request, "clause.html", shown.view, token, problem, shown=shown, typed=typed)
