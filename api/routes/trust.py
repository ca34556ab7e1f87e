"""The trust bundle for download: what a verifier is given once, from us, over a channel it trusts.

It is the same directory that ``verify --trust`` reads. A bundle fetched from the one who
is to be checked proves nothing by itself: the page says so.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.routes.desk import AtDesk
from api.routes.pages import PageRoute, page, status_page
from contracts_chain.evidence.trust_bundle import TrustBundle
from kernel.digests import sha256

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)


@router.get("/trust", summary="Page: the files of the trust bundle with their SHA-256")
def trust(request: Request, desk: AtDesk) -> HTMLResponse:
    """List the files."""
    files = {name: sha256(content).hex() for name, content in published(desk.office.trust).items()}
    return page(request, "trust.html", files=files)


@router.get("/trust/{name}", summary="One file of the trust bundle: trust.json or a PEM root")
def trust_file(request: Request, desk: AtDesk, name: str) -> Response:
    """Hand out one file of the list, nothing else."""
    content = published(desk.office.trust).get(name)
    if content is None:
        return status_page(request, 404)
    media = "application/json" if name.endswith(".json") else "application/x-pem-file"
    return Response(content, media_type=media)


def published(bundle: TrustBundle) -> dict[str, bytes]:
    """The files of a bundle's directory, by name."""
    with TemporaryDirectory() as folder:
        bundle.write(Path(folder))
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
