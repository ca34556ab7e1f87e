"""The front door: sign, or verify."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.routes.pages import PageRoute, page

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)


@router.get("/", summary="Page: sign or verify")
def entry(request: Request) -> HTMLResponse:
    """Two ways on."""
    return page(request, "entry.html")
