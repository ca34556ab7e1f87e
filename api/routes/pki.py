"""What the authority publishes: certificate status, lists and its own certificates.

OCSP by POST and GET (RFC 6960 appendix A.1), lists and certificates in DER. Nothing personal is
told: a status answers for a serial number that the asker already has. The built-in authority is a
TEST one and says so in every certificate.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from urllib.parse import unquote

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from api.routes.desk import AtDesk, RawBody
from signing.issuing_ca import UnknownAuthorityError
from signing.publication import PkiSource

__all__ = ["router"]

router = APIRouter(prefix="/pki")

GREATEST_REQUEST = 4096
_ANSWER = "application/ocsp-response"
_SHORT = {"Cache-Control": "public, max-age=60"}


@router.post("/ocsp", summary="OCSP (RFC 6960): application/ocsp-request in, ocsp-response out (TEST CA)")
def ocsp(desk: AtDesk, request_der: RawBody) -> Response:
    """Answer one request; a bad one gets the protocol's own refusal, with HTTP 200."""
    return _answer(desk.house.signing.authority, request_der)


@router.get("/ocsp/{request:path}", summary="OCSP by GET: the request in base64, as one path segment")
def ocsp_by_get(desk: AtDesk, request: str) -> Response:
    """As by POST; what is no base64 is answered as a malformed request."""
    try:
        request_der = base64.b64decode(unquote(request), validate=True)
    except (binascii.Error, ValueError):
        request_der = b""
    return _answer(desk.house.signing.authority, request_der)


@router.get("/crl/{name}.crl", summary="Full revocation list of root, issuing or tsa-root, DER (TEST CA)")
def revocation_list(desk: AtDesk, name: str) -> Response:
    """A list made now."""
    return _published(desk.house.signing.authority.crl, name, "application/pkix-crl")


@router.get("/ca/{name}.cer", summary="Certificate of root, issuing or tsa-root, DER (TEST CA)")
def authority_certificate(desk: AtDesk, name: str) -> Response:
    """What certificates name as caIssuers (RFC 5280 §4.2.2.1)."""
    return _published(desk.house.signing.authority.authority_certificate, name, "application/pkix-cert")


def _answer(source: PkiSource, request_der: bytes) -> Response:
    bounded = request_der if len(request_der) <= GREATEST_REQUEST else b""
    return Response(source.ocsp_response(bounded), media_type=_ANSWER)


def _published(look_up: Callable[[str], bytes], name: str, media_type: str) -> Response:
    try:
        return Response(look_up(name), media_type=media_type, headers=_SHORT)
    except UnknownAuthorityError as problem:
        raise HTTPException(404, "no authority of this name") from problem
