"""Mark, check and will on a phone (WEB §3, S6 to S8).

A drawn mark comes from a small script of ours as vectors; a typed name needs none. Codes are sent
and checked by the activation process; what is typed here only passes through.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from api.problems import problem_of
from api.routes.desk import AtDesk, Desk, RawBody
from api.routes.pages import PageRoute
from api.routes.signing_links import dossier_of, elsewhere, place_of, signing_page, to
from contracts_chain.activation.port import CodeFactor, PasskeyFactor, TotpFactor, WillFactor
from contracts_chain.evidence.strict_fields import MalformedEvidenceError, parse_object
from contracts_chain.workflows.acting_party import acting_party, signer_ref
from contracts_chain.workflows.ceremony import consent, consent_words, open_link, sign_with
from contracts_chain.workflows.ceremony_errors import MarkMissingError, MarkUnsoundError
from contracts_chain.workflows.ceremony_view import CeremonyView, found
from contracts_chain.workflows.errors import PagesUnreadError
from contracts_chain.workflows.mark import DrawnMark, Mark, PhotoMark, TypedMark, choose_mark, read_strokes
from contracts_chain.workflows.own_key import find_own_key_obstacle
from contracts_chain.workflows.will import passkey_options, send_code
from kernel.canonical_json import JsonValue, parse_json
from kernel.errors import ContractsChainError, FaultError, RejectedError, UndecidedError

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)

Word = Annotated[str, Form(max_length=40)]
_GREATEST_STROKES = 200_000


@router.get("/s/{token}/mark", summary="Page S6: how the signature will look")
def mark(request: Request, desk: AtDesk, token: str) -> Response:
    """A pad for drawing, a field for typing, a photo."""
    view = open_link(desk.office, token)
    return elsewhere(view, token) or signing_page(request, "mark.html", view, token)


@router.post("/s/{token}/mark", summary="Keep the look of the signature")
def post_mark(
    request: Request,
    desk: AtDesk,
    token: str,
    kind: Word = "typed",
    name: Annotated[str, Form(max_length=100)] = "",
    strokes: Annotated[str, Form(max_length=_GREATEST_STROKES)] = "",
    photo: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """On to the check, or back to the pad with what is wrong."""
    try:
        choose_mark(desk.office, token, _mark(kind, name.strip(), strokes, photo))
    except RejectedError as problem:
        return signing_page(request, "mark.html", open_link(desk.office, token), token, problem)
    return to(token, place_of(open_link(desk.office, token)))


@router.get("/s/{token}/check", summary="Page S7: check before signing")
def check(request: Request, desk: AtDesk, token: str) -> Response:
    """Contract, party, mark, seal, fingerprint, consent."""
    view = open_link(desk.office, token)
    return elsewhere(view, token) or _check_page(request, desk, view, token)


@router.post("/s/{token}/code", summary="Take the consent and send the signing code, or ask another way")
def ask_code(request: Request, desk: AtDesk, token: str, by: Word = "code") -> Response:
    """Refused until everything is read, asked and chosen."""
    try:
        consent(desk.office, token)
        if by == "code":
            send_code(desk.office, token)
    except (RejectedError, UndecidedError) as problem:
        return _check_page(request, desk, open_link(desk.office, token), token, problem)
    if by == "own-key":
        return to(token, by)
    return to(token, "code" if by == "code" else f"code?by={by}")


@router.get("/s/{token}/code", summary="Page S8: enter the signing code, or use another way")
def code(request: Request, desk: AtDesk, token: str, by: str = "code") -> Response:
    """One field; the message must show the same fingerprint."""
    view = open_link(desk.office, token)
    turn = elsewhere(view, token)
    if turn is None and not view.progress.consented:
        turn = to(token, "check")
    return turn or _code_page(request, desk, view, token, by=by)


@router.post("/s/{token}/sign", summary="Sign and seal with the code, or with an authenticator's digits")
def sign(request: Request, desk: AtDesk, token: str, code: Word = "", by: Word = "code") -> Response:
    """Sign this party's fields; wrong or expired codes and outages leave the contract as it was."""
    digits = "".join(sign for sign in code if sign.isdigit())
    factor: WillFactor = TotpFactor(code=digits) if by == "totp" else CodeFactor(code=digits)
    try:
        sign_with(desk.office, token, factor)
    except (RejectedError, UndecidedError, FaultError) as problem:
        view = open_link(desk.office, token)
        if view.state != "open":
            return to(token, "done")
        return _code_page(request, desk, view, token, problem, by=by, typed=code[:12])
    return to(token, "done")


@router.get("/s/{token}/passkey", summary="Options for the browser's passkey, over this very contract")
def get_passkey(desk: AtDesk, token: str) -> JSONResponse:
    """JSON for ``navigator.credentials.get``."""
    try:
        return JSONResponse(passkey_options(desk.office, token))
    except ContractsChainError as problem:
        status, body = problem_of(problem)
        return JSONResponse(body, status_code=status)


@router.post("/s/{token}/passkey", summary="Sign and seal with a passkey's assertion")
def post_passkey(desk: AtDesk, token: str, body: RawBody) -> JSONResponse:
    """Body: the credential as the browser made it; answers where to go."""
    try:
        sign_with(desk.office, token, PasskeyFactor(assertion=parse_object(body, "assertion")))
    except ContractsChainError as problem:
        if open_link(desk.office, token).state == "open":
            status, told = problem_of(problem)
            return JSONResponse(told, status_code=status)
    return JSONResponse({"next": f"/s/{token}/done"})


def _mark(kind: str, name: str, strokes: str, photo: UploadFile | None) -> Mark:
    if kind == "drawn":
        try:
            drawn: JsonValue = parse_json(strokes.encode()) if strokes else []
            return DrawnMark(strokes=read_strokes(drawn))
        except (ValueError, MalformedEvidenceError) as problem:
            raise MarkUnsoundError("the drawing cannot be read", "笔迹数据无法读取") from problem
    if kind == "photo":
        if photo is None:
            raise MarkMissingError
        return PhotoMark(content=photo.file.read())
    return TypedMark(name=name)


def _check_page(
    request: Request, desk: Desk, view: CeremonyView, token: str, problem: ContractsChainError | None = None
) -> Response:
    dossier = dossier_of(desk.office, view.number)
    missing = problem.missing if isinstance(problem, PagesUnreadError) else ()
    return signing_page(
        request,
        "check.html",
        view,
        token,
        problem,
        slots=tuple(slot for slot in dossier.slots if slot.role == view.role),
        missing=missing,
        words=consent_words(desk.office, view.number),
        standing=_standing(desk, token),
        own_key=find_own_key_obstacle(desk.office, token) is None,
        browser_key=desk.office.activation.certifies_own_keys,
    )


def _code_page(
    request: Request,
    desk: Desk,
    view: CeremonyView,
    token: str,
    problem: ContractsChainError | None = None,
    *,
    by: str,
    typed: str = "",
) -> Response:
    way = by if by in {"totp", "passkey"} else "code"
    return signing_page(
        request,
        "code.html",
        view,
        token,
        problem,
        by=way,
        typed=typed,
        standing=_standing(desk, token),
        own_key=find_own_key_obstacle(desk.office, token) is None,
    )


def _standing(desk: Desk, token: str) -> object:
    with desk.office.work() as work:
        ceremony, dossier = found(work, token)
        person = acting_party(work, dossier, ceremony.role).signer
    return desk.office.activation.standing(signer_ref(person))
