"""Style sheet, scripts of the signing pages and fall-back font; nothing is ever loaded from another host.

The font is the PDF's own sans face, whole. A browser asks for it only where the device
has no Chinese font at all (WEB §1 lists the device fonts first).
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from api.routes.pages import PageRoute, status_page

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_FONT: Final = Path(sys.prefix) / "share/contracts-chain/fonts/NotoSansSC_400Regular.ttf"
_KEPT: Final = {"Cache-Control": "public, max-age=86400"}
_SCRIPTS: Final = {
    name: (files("api") / "static" / name).read_bytes() for name in ("own-key.js", "pad.js", "passkey.js")
}
_STYLE: Final = (files("api") / "static" / "style.css").read_bytes()


@router.get("/static/style.css")
def style() -> Response:
    """The one style sheet."""
    return Response(_STYLE, media_type="text/css", headers=_KEPT)


@router.get("/static/pad.js")
def pad_script() -> Response:
    """The signature pad."""
    return Response(_SCRIPTS["pad.js"], media_type="text/javascript", headers=_KEPT)


@router.get("/static/passkey.js")
def passkey_script() -> Response:
    """Asks the browser for a passkey."""
    return Response(_SCRIPTS["passkey.js"], media_type="text/javascript", headers=_KEPT)


@router.get("/static/own-key.js")
def own_key_script() -> Response:
    """Signs with a key that this browser holds or reads."""
    return Response(_SCRIPTS["own-key.js"], media_type="text/javascript", headers=_KEPT)


@router.get("/static/NotoSansSC.ttf")
def font(request: Request) -> Response:
    """The fall-back font."""
    if not _FONT.exists():
        return status_page(request, 404)
    return FileResponse(_FONT, media_type="font/ttf", headers=_KEPT)


@router.get("/favicon.ico")
def icon() -> Response:
    """None; an empty answer keeps browsers from asking again."""
    return Response(status_code=204, headers=_KEPT)
