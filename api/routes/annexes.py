"""Annexes over HTTP: uploaded once, named by digest in any file of terms, read by the staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api.routes.desk import AtDesk, OnDuty
from api.staff import Duty, Person
from contracts_chain.workflows.annexes import (
    EXTENSIONS,
    GREATEST_ANNEX,
    AnnexKindError,
    keep_annex,
    read_annex,
)
from kernel.sized_bytes import Bytes32

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/annexes")

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


async def _sent_file(request: Request) -> bytes:
    """The body, or the field ``file`` of a form.

    Raises:
        AnnexKindError: A form without such a file.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form(max_files=1, max_fields=1) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise AnnexKindError
        return await sent.read(GREATEST_ANNEX + 1)


@router.post("", summary="Upload an annex: PDF, PNG or JPEG, at most 20 MB (duty: drafter)")
def post_annex(
    desk: AtDesk,
    person: Annotated[Person, Depends(OnDuty(Duty.DRAFTER))],
    content: Annotated[bytes, Depends(_sent_file)],
) -> dict[str, object]:
    """The same bytes again give the same answer; put ``sha256`` into the terms' ``annexes``."""
    kept = keep_annex(desk.office, content, by=person.id)
    return {"sha256": kept.sha256.hex(), "bytes": kept.length, "media_type": kept.media_type}


@router.get("/{sha256}", summary="An uploaded annex, hashed again before it is given (any staff)")
def get_annex(desk: AtDesk, person: Annotated[Person, Depends(OnDuty(*Duty))], sha256: Digest) -> Response:
    """As a download, never shown inside our pages."""
    del person
    kept, content = read_annex(desk.office, Bytes32.from_hex(sha256))
    name = f"{sha256[:16]}.{EXTENSIONS[kept.media_type]}"
    return Response(
        content,
        media_type=kept.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
