"""Attached evidence of an agreement: a staff page, and the same over the API (C6, I9, I10)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.routes.desk import AtDesk, Desk, OnDuty, RawBody
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.workflows.annexes import GREATEST_ANNEX
from contracts_chain.workflows.attach_evidence import (
    ATTACHMENT_EXTENSIONS,
    AttachmentKind,
    AttachmentRefusedError,
    attach_evidence,
    attachments_of,
    read_attachment,
)
from contracts_chain.workflows.identity_files import AttachmentFile
from kernel.clock import utc_text
from kernel.sized_bytes import Bytes32

__all__ = ["pages", "router"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)
router = APIRouter(prefix="/api/v1/attachments/{number}")

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Reader = Annotated[Person, Depends(OnDuty(*Duty))]
Writer = Annotated[Person, Depends(OnDuty(Duty.DRAFTER, Duty.REVIEWER, Duty.SUPPLIER_DESK))]


@pages.get("/attachments/{number}")
def show(request: Request, desk: AtDesk, person: Reader, number: str, done: str = "") -> Response:
    """What is attached, and the form to attach more."""
    return _page(request, desk, person, number, done=bool(done))


@pages.post("/attachments/{number}")
def take(
    request: Request,
    desk: AtDesk,
    person: Writer,
    number: str,
    file: UploadFile,
    kind: Annotated[str, Form(max_length=40)] = "",
    description: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Attach one file; a refused form comes back with what was typed."""
    content = file.file.read(GREATEST_ANNEX + 1)
    try:
        attach_evidence(desk.office, number, content, kind=_kind(kind), description=description, by=person.id)
    except AttachmentRefusedError as problem:
        return _page(request, desk, person, number, problem=problem, typed=(kind, description))
    return RedirectResponse(f"/attachments/{number}?done=1", status_code=303)


@router.get("", summary="Attached evidence of an agreement (any staff)")
def list_attachments(desk: AtDesk, person: Reader, number: str) -> list[dict[str, object]]:
    """Oldest first."""
    del person
    return [_json(one) for one in attachments_of(desk.office, number)]


@router.post("", summary="Attach evidence: PDF, PNG, JPEG or UTF-8 text (drafter, reviewer, supplier-desk)")
def post_attachment(
    desk: AtDesk,
    person: Writer,
    content: RawBody,
    number: str,
    kind: Annotated[str, Query(max_length=40)],
    description: Annotated[str, Query(max_length=400)],
) -> dict[str, object]:
    """The body is the file; the same bytes again give the same answer."""
    attached = attach_evidence(
        desk.office, number, content, kind=_kind(kind), description=description, by=person.id
    )
    return _json(attached)


@router.get("/{sha256}", summary="One attached file, hashed again before it is given (any staff)")
def get_attachment(desk: AtDesk, person: Reader, number: str, sha256: Digest) -> Response:
    """As a download, never shown inside our pages."""
    del person
    attached, content = read_attachment(desk.office, number, Bytes32.from_hex(sha256))
    name = f"{sha256[:16]}.{ATTACHMENT_EXTENSIONS[attached.media_type]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=attached.media_type, headers=headers)


def _page(
    request: Request,
    desk: Desk,
    person: Person,
    number: str,
    *,
    done: bool = False,
    problem: AttachmentRefusedError | None = None,
    typed: tuple[str, str] = ("", ""),
) -> Response:
    attached = attachments_of(desk.office, number)
    words = {str(kind.value): kind for kind in AttachmentKind}
    return page(
        request,
        "attachments.html",
        status=200 if problem is None else 422,
        number=number,
        attached=[(one, words[one.kind]) for one in attached],
        kinds=tuple(AttachmentKind),
        may_attach=person.duty is not Duty.BILLING,
        done=done,
        problem=problem,
        typed=typed,
    )


def _kind(code: str) -> AttachmentKind:
    found = next((kind for kind in AttachmentKind if kind.value == code), None)
    if found is None:
        listed = ", ".join(str(kind.value) for kind in AttachmentKind)
        shown = "、".join(kind.zh for kind in AttachmentKind)
        raise AttachmentRefusedError(f"choose a kind: {listed}", f"请选择材料类型：{shown}")
    return found


def _json(one: AttachmentFile) -> dict[str, object]:
    return {
        "sha256": one.sha256.hex(),
        "kind": one.kind,
        "description": one.description,
        "media_type": one.media_type,
        "bytes": one.length,
        "attached_by": one.attached_by,
        "attached_utc": utc_text(one.attached_utc),
    }
