"""The seal registry for machines of the staff (docs/formats/seals.md).

Who may: the supplier's desk applies and asks for uses; the reviewer decides on seals; the custodian
makes, files and stops the seals of its own and approves their uses. Deeds check the persons again.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.routes.desk import AtDesk, OnDuty, RawBody
from api.routes.drafts import body_as
from api.seal_words import imported_json, ledger_json, request_json, request_pem, seal_json
from api.staff import Duty, Person
from contracts_chain.agreements.seals.life import SealDeed
from contracts_chain.agreements.seals.seal import Seal, SealKind
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.seal_import import import_seal
from contracts_chain.workflows.seal_registry import (
    SealApplication,
    SealApplicationError,
    apply_seal,
    change_seal,
    destroy_seal,
    make_seal,
    request_certificate,
)
from contracts_chain.workflows.seal_use import APPROVAL, approve_use, refuse_use, request_use
from contracts_chain.workflows.seal_view import all_seals, imported_seals, seal_ledger, seal_view
from pdfgen.page_images import page_png

__all__ = ["Asker", "Decider", "Keeper", "Reader", "router", "take_step"]

router = APIRouter(prefix="/api/v1")

Reader = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK, Duty.REVIEWER, Duty.SEAL_CUSTODIAN))]
Asker = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))]
Decider = Annotated[Person, Depends(OnDuty(Duty.REVIEWER, Duty.SEAL_CUSTODIAN))]
Keeper = Annotated[Person, Depends(OnDuty(Duty.SEAL_CUSTODIAN))]
_LEDGER_MOST = 500
_PICTURE_PX = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSeal:
    """Body of an application."""

    name: str
    kind: SealKind
    classes: tuple[AgreementKind, ...]
    valid_from: date
    valid_to: date
    holder: str | None = None
    custodian: str | None = None
    key_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentImport:
    """Body of an import: SESeal and lists of its maker's authority, DER in base64."""

    seal: str
    crls: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentStep:
    """Body of a step."""

    deed: SealDeed
    reason: str | None = None
    filing_no: str | None = None
    certificate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentUse:
    """Body of a request to use a seal."""

    numbers: tuple[str, ...]
    reason: str
    quota: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentApproval:
    """Body of an approval: how long it lasts."""

    days: int | None = None


@router.get("/seals", summary="All seals (supplier-desk, reviewer, seal-custodian)")
def get_seals(desk: AtDesk, person: Reader) -> dict[str, object]:
    """The oldest application first; the seals of other parties that were imported apart."""
    del person
    return {
        "seals": [seal_json(seal) for seal in all_seals(desk.office)],
        "imported": [imported_json(seal) for seal in imported_seals(desk.office)],
    }


@router.post("/seals", status_code=201, summary="Apply for a seal (duty: supplier-desk)")
def post_seal(desk: AtDesk, person: Asker, body: RawBody) -> dict[str, object]:
    """The drawing is fixed by the application."""
    sent = body_as(SentSeal, body)
    application = SealApplication(
        name=sent.name,
        kind=sent.kind,
        holder=sent.holder or "",
        custodian=sent.custodian or Duty.SEAL_CUSTODIAN.value,
        classes=tuple(kind.value for kind in sent.classes),
        key_ref=sent.key_ref or "",
        valid_from=sent.valid_from,
        valid_to=sent.valid_to,
    )
    return seal_json(apply_seal(desk.office, application, by=person.id))


@router.post(
    "/seals/imported", status_code=201, summary="Import a party's own GB/T 38540 seal (duty: seal-custodian)"
)
def post_import(desk: AtDesk, person: Keeper, body: RawBody) -> dict[str, object]:
    """Judged by the office's trust; a forged one is refused, an undecided one kept and said."""
    sent = body_as(SentImport, body)
    crls = tuple(_octets(text) for text in sent.crls or ())
    return imported_json(import_seal(desk.office, _octets(sent.seal), crls=crls, by=person.id))


@router.get("/seals/{seal_id}", summary="A seal with its requests (supplier-desk, reviewer, seal-custodian)")
def get_seal(desk: AtDesk, person: Reader, seal_id: str) -> dict[str, object]:
    """Undecided requests first."""
    del person
    view = seal_view(desk.office, seal_id)
    asked = [request_json(request) for request in view.requests]
    return seal_json(view.seal) | {"uses": view.uses, "requests": asked}


@router.get("/seals/{seal_id}/drawing.png", summary="Its drawing (supplier-desk, reviewer, seal-custodian)")
def get_drawing(desk: AtDesk, person: Reader, seal_id: str) -> Response:
    """The picture that every use shows, 480 px wide."""
    del person
    pdf = desk.office.blobs.get(seal_view(desk.office, seal_id).seal.drawing_sha256)
    return Response(page_png(pdf, 1, _PICTURE_PX), media_type="image/png")


@router.get("/seals/{seal_id}/ledger", summary="Its uses in order (supplier-desk, reviewer, seal-custodian)")
def get_ledger(
    desk: AtDesk, person: Reader, seal_id: str, after: Annotated[int, Query(ge=0)] = 0
) -> dict[str, object]:
    """500 lines from the number after ``after``; each with the place of its leaf, once it has one."""
    del person
    lines = seal_ledger(desk.office, seal_id, after=after, most=_LEDGER_MOST)
    return {"seal_id": seal_id, "uses": [ledger_json(line) for line in lines]}


@router.post("/seals/{seal_id}/steps", summary="Take a step of its life (reviewer, seal-custodian)")
def post_step(desk: AtDesk, person: Decider, seal_id: str, body: RawBody) -> dict[str, object]:
    """422 ``seal_part`` where somebody else has to take it."""
    sent = body_as(SentStep, body)
    seal = take_step(
        desk.office,
        seal_id,
        sent.deed,
        by=person.id,
        reason=sent.reason or "",
        filing_no=sent.filing_no or "",
        certificate=_octets(sent.certificate or ""),
    )
    return seal_json(seal)


@router.post(
    "/seals/{seal_id}/certificate-request", summary="What an authority elsewhere certifies (custodian)"
)
def post_certificate_request(desk: AtDesk, person: Keeper, seal_id: str) -> Response:
    """PKCS#10 in PEM over the key of an approved seal; the key is made if there is none."""
    request = request_certificate(desk.office, desk.office.seal_keys, seal_id, by=person.id)
    return Response(request_pem(request), media_type="application/pkcs10")


@router.post("/seals/{seal_id}/requests", status_code=201, summary="Ask for its use (duty: supplier-desk)")
def post_request(desk: AtDesk, person: Asker, seal_id: str, body: RawBody) -> dict[str, object]:
    """For one agreement, or all of a set."""
    sent = body_as(SentUse, body)
    asked = request_use(
        desk.office, seal_id, sent.numbers, by=person.id, reason=sent.reason, quota=sent.quota
    )
    return request_json(asked)


@router.post("/seal-requests/{request_id}/approve", summary="Approve a use (duty: seal-custodian)")
def post_approval(desk: AtDesk, person: Keeper, request_id: str, body: RawBody) -> dict[str, object]:
    """It ends on its own: after 7 days unless ``days`` says otherwise."""
    days = body_as(SentApproval, body or b"{}").days
    lasts = APPROVAL if days is None else timedelta(days=days)
    return request_json(approve_use(desk.office, request_id, by=person.id, lasts=lasts))


@router.post("/seal-requests/{request_id}/refuse", summary="Refuse a use (duty: seal-custodian)")
def post_refusal(desk: AtDesk, person: Keeper, request_id: str) -> dict[str, object]:
    """It covers nothing then."""
    return request_json(refuse_use(desk.office, request_id, by=person.id))


def _octets(text: str) -> bytes:
    """What the base64 says.

    Raises:
        SealApplicationError: It is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as problem:
        raise SealApplicationError(
            "send seals, lists and certificates as base64; nothing was stored",
            "印章、吊销列表及证书须以 base64 提交；未保存，请更正",
        ) from problem


def take_step(
    office: Office,
    seal_id: str,
    deed: SealDeed,
    *,
    by: str,
    reason: str,
    filing_no: str,
    certificate: bytes = b"",
) -> Seal:
    """Take any step, the two that touch the key included; ``certificate`` (PEM or DER) goes with the making.

    Raises:
        RejectedError: As the deeds of ``workflows.seal_registry`` do.
        FaultError: The key cannot be reached.
    """
    if certificate and deed is not SealDeed.MAKE:
        raise SealApplicationError(
            "a certificate is brought when the seal is made, no other step takes one; nothing was stored",
            "仅在制作印章时提交证书，其他步骤不填；未保存，请更正",
        )
    if deed is SealDeed.MAKE:
        return make_seal(office, office.seal_keys, seal_id, by=by, certificate=certificate)
    if deed is SealDeed.DESTROY:
        return destroy_seal(office, office.seal_keys, seal_id, by=by, reason=reason)
    return change_seal(office, seal_id, deed, by=by, reason=reason, filing_no=filing_no)
