"""The TEST time-stamping authority over HTTP (RFC 3161 §3.4)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.routes.desk import AtDesk, RawBody

__all__ = ["router"]

router = APIRouter()


@router.post(
    "/tsa",
    summary="RFC 3161: application/timestamp-query in, application/timestamp-reply out (TEST TSA)",
)
def stamp(desk: AtDesk, request_der: RawBody) -> Response:
    """Answer one request; a bad one gets the protocol's own rejection, with HTTP 200."""
    answer = desk.house.signing.stamping.respond(request_der)
    return Response(answer, media_type="application/timestamp-reply")
