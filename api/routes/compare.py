"""Pages for reading and comparing: the twin of a PDF, two versions, a contract and its text.

Everybody of the staff reads; a party reads the twin of its own contract by its link. Nothing is
changed and no page counts as shown: the ceremony counts the PDF's own pages.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.routes.desk import AtDesk, Desk, OnDuty
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.agreements.diff_document import summary_zh
from contracts_chain.agreements.html_twin import twin_body
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.compare import (
    Comparison,
    compare_agreements,
    compare_versions,
    compare_with_template,
    comparison_pdf,
    twin_of,
)

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

_VERSION: Final = re.compile(r"v([1-9][0-9]{0,5})")
Anybody = Annotated[Person, Depends(OnDuty(*Duty))]
With = Annotated[str, Query(alias="with", max_length=40)]


@pages.get("/agreements/{number}/twin")
def get_twin(request: Request, desk: AtDesk, person: Anybody, number: str) -> Response:
    """The contract as text that can be listened to."""
    del person
    return _twin(request, desk, number)


@pages.get("/s/{token}/twin")
def get_party_twin(request: Request, desk: AtDesk, token: str) -> Response:
    """The same for the party that holds the link."""
    return _twin(request, desk, open_link(desk.office, token).number)


@pages.get("/agreements/{number}/compare")
def get_comparison(
    request: Request, desk: AtDesk, person: Anybody, number: str, other: With = "template"
) -> Response:
    """``?with=v1`` an earlier version, ``?with=NUMBER`` another contract, ``?with=template`` its text."""
    del person
    if other == "template":
        found = compare_with_template(desk.office, number)
        return page(request, "compare_template.html", number=number, found=found)
    compared = _compared(desk, number, other)
    summary = summary_zh(compared.diff)
    return page(request, "compare.html", number=number, other=other, compared=compared, summary=summary)


@pages.get("/agreements/{number}/compare.pdf")
def get_comparison_pdf(desk: AtDesk, person: Anybody, number: str, other: With) -> Response:
    """The comparison with an earlier version or another contract as a PDF."""
    del person
    content = comparison_pdf(desk.office, _compared(desk, number, other))
    headers = {"Content-Disposition": f'inline; filename="{number}-compare.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _compared(desk: Desk, number: str, other: str) -> Comparison:
    version = _VERSION.fullmatch(other)
    if version is not None:
        return compare_versions(desk.office, number, int(version[1]))
    return compare_agreements(desk.office, number, other)


def _twin(request: Request, desk: Desk, number: str) -> Response:
    twin = twin_of(desk.office, number)
    body = twin_body(twin.document, twin.facts)
    return page(request, "twin.html", title=twin.document.title, body=body)
