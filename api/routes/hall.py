"""Staff pages of an identity review at a business hall: open it, and hand in two clerks' signatures.

The clerks sign on their own machines with ``contracts-chain hall-sign``; no key comes here.
Duties: supplier's desk and reviewer, so that two different accounts can act.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.problems import problem_of
from api.routes.desk import AtDesk, Desk, OnDuty
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.agreements.identity.attestation import read_claims
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.annexes import GREATEST_ANNEX
from contracts_chain.workflows.hall_review import hall_review, open_hall_review, sign_hall_review
from kernel.errors import ContractsChainError

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

Clerk = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK, Duty.REVIEWER))]


@pages.get("/hall/agreements/{number}")
def begin(request: Request, desk: AtDesk, person: Clerk, number: str) -> Response:
    """Whose identity is reviewed, and the reviews so far."""
    del person
    return _begin_page(request, desk, number)


@pages.post("/hall/agreements/{number}")
def open_review(
    request: Request,
    desk: AtDesk,
    person: Clerk,
    number: str,
    file: UploadFile,
    role: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Open a review with the scanned document."""
    scan = file.file.read(GREATEST_ANNEX + 1)
    try:
        review = open_hall_review(desk.office, number, role, scan=scan, by=person.id)
    except ContractsChainError as problem:
        return _begin_page(request, desk, number, problem)
    return RedirectResponse(f"/hall/{review.id}", status_code=303)


@pages.get("/hall/{review}")
def show(request: Request, desk: AtDesk, person: Clerk, review: str) -> Response:
    """The claims to be signed, and who signed."""
    del person
    return _review_page(request, desk, review)


@pages.get("/hall/{review}/claims.json")
def claims(desk: AtDesk, person: Clerk, review: str) -> Response:
    """The exact bytes that both clerks sign."""
    del person
    held = hall_review(desk.office, review)
    headers = {"Content-Disposition": f'attachment; filename="claims-{review}.json"'}
    return Response(held.claims, media_type="application/json", headers=headers)


@pages.post("/hall/{review}")
def sign(
    request: Request,
    desk: AtDesk,
    person: Clerk,
    review: str,
    signature: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Take one clerk's signature."""
    try:
        sign_hall_review(desk.office, review, signature.strip().encode(), by=person.id)
    except ContractsChainError as problem:
        return _review_page(request, desk, review, problem)
    return RedirectResponse(f"/hall/{review}", status_code=303)


def _begin_page(
    request: Request, desk: Desk, number: str, problem: ContractsChainError | None = None
) -> Response:
    with desk.office.work() as work:
        dossier = work.agreements.load(number)
        reviews = work.hall_reviews.of_agreement(number)
    return page(
        request,
        "hall.html",
        status=200 if problem is None else problem_of(problem)[0],
        number=number,
        parties=load_terms(dossier.terms).parties(),
        reviews=reviews,
        problem=problem,
    )


def _review_page(
    request: Request, desk: Desk, review: str, problem: ContractsChainError | None = None
) -> Response:
    held = hall_review(desk.office, review)
    return page(
        request,
        "hall_review.html",
        status=200 if problem is None else problem_of(problem)[0],
        review=held,
        claims=read_claims(held.claims),
        problem=problem,
    )
