"""Drafts for machines of the staff: read, save, submit, withdraw, and what signing will need.

Saving is guarded by the version the clerk began from (``If-Match``): whoever comes second is
told what the first changed (409). A draft that breaks rules is saved, and not submitted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Depends, Header
from fastapi.responses import JSONResponse, Response

from api.draft_words import BaseVersionMissingError, draft_json, preflight_json, version_json
from api.routes.desk import AtDesk, Desk, OnDuty, RawBody
from api.staff import Duty, Person
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms_json import TermsUnreadableError, load_terms, terms_json
from contracts_chain.agreements.typed_json import Problem, typed_from
from contracts_chain.workflows.draft_errors import DraftUndrawnError
from contracts_chain.workflows.draft_view import draft_view, find_version
from contracts_chain.workflows.people import bind_identity
from contracts_chain.workflows.preflight import preflight
from contracts_chain.workflows.revise import revise
from contracts_chain.workflows.withdraw import withdraw
from kernel.canonical_json import parse_json

__all__ = ["Reason", "body_as", "router", "version_pdf"]

router = APIRouter(prefix="/api/v1")

_T = TypeVar("_T")
_ETAG: Final = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')
Drafter = Annotated[Person, Depends(OnDuty(Duty.DRAFTER))]
Anybody = Annotated[Person, Depends(OnDuty(*Duty))]
Reader = Annotated[Person, Depends(OnDuty(Duty.DRAFTER, Duty.REVIEWER, Duty.SUPPLIER_DESK))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Body of a withdrawal."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Body that names an identity document."""

    id_type: IdType
    id_no: str


@router.get(
    "/agreements/{number}/draft",
    summary="A draft with findings, versions and reviews (drafter, reviewer, supplier-desk)",
)
def get_draft(desk: AtDesk, person: Reader, number: str) -> JSONResponse:
    """``file`` is the file of terms to send back; the ETag is the version to name in ``If-Match``."""
    del person
    view = draft_view(desk.office, number)
    return JSONResponse(draft_json(view), headers={"ETag": f'"{view.dossier.draft_version}"'})


@router.put("/agreements/{number}/draft", summary="Save new terms of a draft (duty: drafter)")
def put_draft(
    desk: AtDesk,
    person: Drafter,
    number: str,
    body: RawBody,
    if_match: Annotated[str | None, Header()] = None,
    merge: bool = False,
) -> JSONResponse:
    """Body: a file of terms. 409 ``stale_draft`` lists what others changed; ``?merge=true`` joins it."""
    named = _ETAG.fullmatch(if_match or "")
    if named is None:
        raise BaseVersionMissingError
    terms = load_terms(body)
    revise(desk.office, number, terms, by=person.id, base_version=int(named[1]), merge=merge)
    return get_draft(desk, person, number)


@router.get(
    "/agreements/{number}/drafts/{version}",
    summary="One version of a draft (drafter, reviewer, supplier-desk)",
)
def get_version(desk: AtDesk, person: Reader, number: str, version: int) -> dict[str, object]:
    """Its terms as a file, and who saved it."""
    del person
    found = find_version(desk.office, number, version)
    return version_json(found) | {"file": terms_json(load_terms(found.terms))}


@router.get(
    "/agreements/{number}/drafts/{version}/pdf",
    summary="The PDF of one version (drafter, reviewer, supplier-desk)",
)
def get_version_pdf(desk: AtDesk, person: Reader, number: str, version: int) -> Response:
    """As it was drawn when the version was saved; 422 if its terms could not be drawn."""
    del person
    return version_pdf(desk, number, version)


@router.post("/agreements/{number}/withdraw", summary="Withdraw a draft or offer (drafter, supplier-desk)")
def post_withdraw(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(Duty.DRAFTER, Duty.SUPPLIER_DESK))],
    number: str,
    body: RawBody,
) -> JSONResponse:
    """Body: ``{"reason": "…"}``; the order may then be drafted anew."""
    reason = body_as(Reason, body).reason
    withdraw(desk.office, number, reason=reason, by=person.id)
    return get_draft(desk, person, number)


@router.get(
    "/agreements/{number}/preflight",
    summary="What signing will need, before the offer (drafter, reviewer, supplier-desk)",
)
def get_preflight(desk: AtDesk, person: Reader, number: str) -> dict[str, object]:
    """Each item with what to do; ``ready`` is false while a hard one is not."""
    del person
    items = preflight(desk.office, number)
    ready = all(item.is_ready for item in items if item.hard)
    return {"number": number, "ready": ready, "items": [preflight_json(item) for item in items]}


@router.put("/staff/me/identity", summary="Name your identity document, so that your parts are kept apart")
def put_identity(desk: AtDesk, person: Anybody, body: RawBody) -> dict[str, str]:
    """Body: ``{"id_type": "RESIDENT_ID", "id_no": "…"}``; only a digest of it is kept."""
    sent = body_as(Identity, body)
    bind_identity(desk.office, account=person.id, id_type=sent.id_type, id_no=sent.id_no)
    return {"account": person.id}


def version_pdf(desk: Desk, number: str, version: int) -> Response:
    """The PDF of one version.

    Raises:
        DraftUndrawnError: Its terms could not be drawn.
    """
    digest = find_version(desk.office, number, version).document_sha256
    if digest is None:
        raise DraftUndrawnError(number)
    disposition = {"Content-Disposition": f'inline; filename="{number}-{version}.pdf"'}
    return Response(desk.office.blobs.get(digest), media_type="application/pdf", headers=disposition)


def body_as(kind: type[_T], body: bytes) -> _T:
    """Read a small JSON body.

    Raises:
        TermsUnreadableError: With every problem found.
    """
    problems: list[Problem] = []
    try:
        value = parse_json(body)
    except (ValueError, RecursionError) as problem:
        fault = Problem(path="", code="type", en=f"not JSON ({problem})", zh=f"不是合格的 JSON（{problem}）")
        raise TermsUnreadableError((fault,)) from problem
    read = typed_from(kind, value, "", problems)
    if read is None:
        raise TermsUnreadableError(tuple(problems))
    return read
