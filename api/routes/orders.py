"""The staff's API: orders in, drafts reviewed, approved and offered, packages out.

Who may do what is decided by ``api.staff``; that drafter and reviewer differ, by the
deed itself. Signing links are in the answer to ``offer`` and nowhere else.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from api.routes.desk import AtDesk, Desk, OnDuty, RawBody
from api.staff import Duty, Person
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.workflows.anchor import flush
from contracts_chain.workflows.archive import build_archive
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import draft_order
from contracts_chain.workflows.errors import NotYetFinalError
from contracts_chain.workflows.offer import offer, renew_link
from contracts_chain.workflows.package import HandedOut, build_package
from contracts_chain.workflows.review import approve, submit_for_review

__all__ = ["router"]

router = APIRouter(prefix="/api")

_PATIENCE_SECONDS = 3.0
PACKAGE_MEDIA = "application/vnd.etsi.asic-e+zip"


@router.post("/orders", status_code=201, summary="Draft every agreement of an order (duty: drafter)")
def post_order(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(Duty.DRAFTER))], body: RawBody
) -> dict[str, object]:
    """Take an order file (docs/formats/terms.md); the same order again gives the same drafts."""
    order = load_order(body)
    drafted = draft_order(desk.office, order, drafted_by=person.id)
    return {"order_no": order.order_no, "agreements": [dossier_json(dossier) for dossier in drafted]}


@router.post("/agreements/{number}/submit", summary="Hand a draft to the reviewers (duty: drafter)")
def post_submit(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(Duty.DRAFTER))], number: str
) -> dict[str, object]:
    """From ``draft`` to ``in_review``."""
    return dossier_json(submit_for_review(desk.office, number, by=person.id))


@router.post("/agreements/{number}/approve", summary="Approve the draft's exact bytes (duty: reviewer)")
def post_approve(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(Duty.REVIEWER))], number: str
) -> dict[str, object]:
    """From ``in_review`` to ``approved``; the drafter is refused."""
    return dossier_json(approve(desk.office, number, reviewer=person.id))


@router.post(
    "/agreements/{number}/offer", summary="Offer to the parties; gives their links (duty: supplier-desk)"
)
def post_offer(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))], number: str
) -> dict[str, object]:
    """From ``approved`` to ``offered``; the links are secrets and cannot be asked for again."""
    made = offer(desk.office, number, by=person.id)
    base = desk.house.settings.public_url.rstrip("/")
    links = {role: f"{base}/s/{token}" for role, token in made.tokens.items()}
    return dossier_json(made.dossier) | {"links": links}


@router.post(
    "/agreements/{number}/links/{role}", summary="Close a party's link, give a new one (duty: supplier-desk)"
)
def post_link(
    desk: AtDesk, person: Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))], number: str, role: str
) -> dict[str, str]:
    """For a link that was lost, or has had all its codes; the party reads again."""
    token = renew_link(desk.office, number, role, by=person.id)
    base = desk.house.settings.public_url.rstrip("/")
    return {"number": number, "role": role, "link": f"{base}/s/{token}"}


@router.get(
    "/agreements/{number}/package", summary="The evidence package, proven before it is given (any staff)"
)
def get_package(desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))], number: str) -> Response:
    """An ASiC-E file; what is not final yet is anchored at once, then 503 with Retry-After until it is."""
    del person
    handed = _handed_out(desk, number)
    disposition = {"Content-Disposition": f'attachment; filename="{number}.asice"'}
    return Response(handed.package, media_type=PACKAGE_MEDIA, headers=disposition)


@router.get(
    "/agreements/{number}/archive",
    summary="The archive package as a ZIP, verified before it is given (any staff)",
)
def get_archive(desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))], number: str) -> Response:
    """docs/formats/archive.md; an invoice's number is taken as well; 503 until the evidence is final."""
    archived = build_archive(desk.office, number, by=person.id)
    disposition = {"Content-Disposition": f'attachment; filename="{number}.zip"'}
    return Response(archived.as_zip(), media_type="application/zip", headers=disposition)


@router.get("/agreements", summary="All agreements with their states (any staff)")
def get_agreements(desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))]) -> JSONResponse:
    """Numbers and states, no content."""
    del person
    with desk.office.work() as work:
        dossiers = work.agreements.list()
    return JSONResponse({"agreements": [dossier_json(dossier) for dossier in dossiers]})


def _handed_out(desk: Desk, number: str) -> HandedOut:
    """Build the package; somebody waits for it, so the evidence does not wait for its batch."""
    try:
        return build_package(desk.office, number)
    except NotYetFinalError:
        flush(desk.office, patience_seconds=_PATIENCE_SECONDS, most=desk.house.settings.anchor_batch_leaves)
    return build_package(desk.office, number)


def dossier_json(dossier: AgreementDossier) -> dict[str, object]:
    """An agreement as staff machines see it."""
    return {
        "number": dossier.number,
        "order_no": dossier.order_no,
        "kind": dossier.kind,
        "state": dossier.state.value,
        "evidence_state": dossier.evidence_state.value,
        "pages": dossier.pages,
        "sha256": dossier.current_sha256.hex() if dossier.current_sha256 else None,
        "signatures": [
            {"field": slot.field, "role": slot.role, "signed": slot.signed} for slot in dossier.slots
        ],
    }
