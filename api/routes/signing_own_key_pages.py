"""Pages on which a person signs with a certificate and key of its own (WEB §3, beside S8).

First the certificate, then what its key is to sign, then the signature that came back; each works
without script. With script the browser itself may hold the key (``static/own-key.js``); no private
key is ever sent, and a file that holds one is refused.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from fastapi.responses import Response

from api.own_key_files import GREATEST_FILE, read_certificates, read_signature
from api.own_key_words import TO_SIGN, commands_for
from api.routes.desk import AtDesk, Desk
from api.routes.pages import PageRoute
from api.routes.signing_links import elsewhere, identified_signer, signing_page, to
from contracts_chain.activation.errors import OwnKeyNotCertifiedError
from contracts_chain.activation.port import CodeIssued
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.ceremony_view import CeremonyView
from contracts_chain.workflows.own_key import (
    begin_own_key,
    find_own_key_obstacle,
    finish_own_key,
    prepared_own_key,
)
from kernel.digests import sha256
from kernel.errors import ContractsChainError, FaultError, RejectedError, UndecidedError
from kernel.sized_bytes import Bytes32

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Pasted = Annotated[str, Form(max_length=GREATEST_FILE)]
_TOLD = (RejectedError, UndecidedError, FaultError)
"""What a page of the ceremony shows at its top, and stays usable."""


@router.get("/s/{token}/own-key", summary="Page: choose the certificate of a key of one's own")
def own_key(request: Request, desk: AtDesk, token: str) -> Response:
    """Files or text; with script also a key that this browser makes or keeps."""
    view = open_link(desk.office, token)
    return _turn(view, token) or _choice(request, desk, view, token)


@router.post("/s/{token}/own-key/code", summary="Send a code that only has an own key certified")
def post_code(request: Request, desk: AtDesk, token: str) -> Response:
    """It goes to the phone that identity was attested with, and nowhere where nobody certifies such keys."""
    activation = desk.office.activation
    try:
        if not activation.certifies_own_keys:
            raise OwnKeyNotCertifiedError
        issued = activation.send_enrolment_code(identified_signer(desk.office, token))
    except _TOLD as problem:
        return _choice(request, desk, open_link(desk.office, token), token, problem)
    return _choice(request, desk, open_link(desk.office, token), token, issued=issued)


@router.post("/s/{token}/own-key/prepare", summary="Lay the agreement out for the key of a certificate")
def post_certificate(
    request: Request,
    desk: AtDesk,
    token: str,
    certificates: Annotated[list[UploadFile] | None, File()] = None,
    pasted: Pasted = "",
) -> Response:
    """On to what is to be signed, or back with what does not fit."""
    files = [one.file.read(GREATEST_FILE + 1) for one in certificates or ()]
    try:
        chain = read_certificates([*files, pasted.encode()])
        begin_own_key(desk.office, token, chain)
    except _TOLD as problem:
        view = open_link(desk.office, token)
        return _turn(view, token) or _choice(request, desk, view, token, problem)
    return to(token, f"own-key/by/{sha256(chain[0]).hex()}")


@router.get("/s/{token}/own-key/by/{certificate}", summary="Page: what this certificate's key is to sign")
def prepared(request: Request, desk: AtDesk, token: str, certificate: Digest) -> Response:
    """Contract, digests, certificate; the ways to sign."""
    view = open_link(desk.office, token)
    return _turn(view, token) or _signature(request, desk, view, token, certificate)


@router.get(f"/s/{{token}}/own-key/by/{{certificate}}/{TO_SIGN}", summary="What is to be signed, DER")
def to_sign(desk: AtDesk, token: str, certificate: Digest) -> Response:
    """The signed attributes; sign them with SHA-256."""
    waiting = prepared_own_key(desk.office, token, Bytes32.from_hex(certificate))
    headers = {"Content-Disposition": f'attachment; filename="{TO_SIGN}"'}
    return Response(waiting.to_sign, media_type="application/octet-stream", headers=headers)


@router.post("/s/{token}/own-key/by/{certificate}", summary="Sign with the signature that the own key made")
def post_signature(
    request: Request,
    desk: AtDesk,
    token: str,
    certificate: Digest,
    signature: Annotated[UploadFile | None, File()] = None,
    pasted: Pasted = "",
) -> Response:
    """On to the receipt; a wrong signature leaves the contract as it was."""
    uploaded = signature.file.read(GREATEST_FILE + 1) if signature else b""
    try:
        finish_own_key(desk.office, token, read_signature(uploaded, pasted), Bytes32.from_hex(certificate))
    except _TOLD as problem:
        view = open_link(desk.office, token)
        return _turn(view, token) or _signature(request, desk, view, token, certificate, problem)
    return to(token, "done")


def _turn(view: CeremonyView, token: str) -> Response | None:
    """Where somebody belongs who cannot sign here now; ``None`` if they can."""
    turn = elsewhere(view, token)
    return turn or (None if view.progress.consented else to(token, "check"))


def _choice(
    request: Request,
    desk: Desk,
    view: CeremonyView,
    token: str,
    problem: ContractsChainError | None = None,
    issued: CodeIssued | None = None,
) -> Response:
    obstacle = find_own_key_obstacle(desk.office, token)
    return signing_page(
        request,
        "own_key.html",
        view,
        token,
        obstacle or problem,
        issued=issued,
        unfit=obstacle is not None,
        browser_key=desk.office.activation.certifies_own_keys,
    )


def _signature(
    request: Request,
    desk: Desk,
    view: CeremonyView,
    token: str,
    certificate: str,
    problem: ContractsChainError | None = None,
) -> Response:
    """The page of one certificate, or the choice of another where its preparation does not stand."""
    try:
        waiting = prepared_own_key(desk.office, token, Bytes32.from_hex(certificate))
    except _TOLD as gone:
        return _choice(request, desk, view, token, gone)
    return signing_page(
        request,
        "own_key_sign.html",
        view,
        token,
        problem,
        certificate=certificate,
        commands=commands_for(waiting.certificate),
        holder=waiting.holder,
        to_sign=waiting.to_sign,
        to_sign_sha256=sha256(waiting.to_sign).hex(),
    )
