"""The web application over one open house: routes, refusals, limits, headers.

Nothing is decided here but what is plugged in. API errors are problem documents
(RFC 9457), page errors are pages; both in Chinese and English.
"""

from __future__ import annotations

import sys

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from api import problems
from api.body_limit import BodyLimit, Limits
from api.house import House
from api.recent_look_ups import RecentLookUps
from api.routes import (
    agreement_pages,
    annexes,
    attachments,
    callback_pages,
    callbacks,
    compare,
    dashboard,
    deadlines,
    delegation,
    draft_pages,
    drafts,
    entry,
    hall,
    health,
    identity,
    imports,
    invoices,
    life,
    log,
    login,
    notices,
    orders,
    pki,
    questions,
    ratings,
    readiness,
    reference,
    reviews,
    schemas,
    seal_pages,
    seals,
    sets,
    signing,
    signing_authenticator,
    signing_device,
    signing_own_key,
    signing_own_key_pages,
    signing_reading,
    signing_sets,
    signing_will,
    standing,
    static_files,
    timestamps,
    trust,
    verification,
)
from api.routes.desk import Desk
from api.routes.pages import status_page
from api.sandbox_sms import SandboxSms
from api.security_headers import SecurityHeaders
from api.staff import DutyMissingError, NotSignedOnError, StaffRegister
from api.wrong_tokens import WrongTokens
from contracts_chain.agreements.group_csv import GREATEST_BYTES
from contracts_chain.workflows.annexes import GREATEST_ANNEX

__all__ = ["STAFF_TOKENS", "create_app", "desk_of"]

STAFF_TOKENS = "keys/staff-tokens.json"
_GREATEST_BODY = 2_100_000
_DEEPEST_CALLS = 3000
"""py_ecc raises Python's limit to 100,000 when it is imported: deep JSON would then end the process."""
_GREATEST_FORM = 16_384
_FORM_OVERHEAD = 65_536
_PAPERS = ("/api/v1/annexes", "/api/v1/attachments/", "/attachments/", "/delegations/", "/hall/")
"""Where scanned papers are taken in."""


def desk_of(house: House) -> Desk:
    """What the routes of this house reach.

    Raises:
        StaffTokensUnreadableError: The token file is damaged.
    """
    directory = house.settings.data_dir
    return Desk(
        house=house,
        staff=StaffRegister.open(directory / STAFF_TOKENS),
        sms=SandboxSms(directory / "sandbox", house.office.clock),
        look_ups=RecentLookUps(house.office),
        wrong_tokens=WrongTokens(house.office.clock),
    )


def create_app(house: House) -> FastAPI:
    """The application; OpenAPI at /openapi.json, readable at /docs.

    Raises:
        StaffTokensUnreadableError: The token file is damaged.
    """
    sys.setrecursionlimit(_DEEPEST_CALLS)
    app = FastAPI(
        title="供电合同 contracts-chain",
        version="0.1.0",
        summary="Draft, sign, anchor and verify power contracts. 电力合同起草、签署、上链、核验。",
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = desk_of(house)
    app.add_middleware(BodyLimit, limits=_limits(house), refuse=_refused)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    _install_refusals(app)
    for each in _routers():
        app.include_router(each)
    return app


def _routers() -> tuple[APIRouter, ...]:
    return (
        entry.router,
        login.pages,
        health.router,
        signing.router,
        signing_reading.router,
        signing_will.router,
        signing_device.router,
        signing_authenticator.router,
        signing_own_key.router,
        signing_own_key_pages.router,
        signing_sets.pages,
        questions.pages,
        questions.router,
        verification.pages,
        verification.router,
        orders.router,
        draft_pages.pages,
        drafts.router,
        annexes.router,
        *_identity_routers(),
        reviews.router,
        deadlines.pages,
        deadlines.router,
        dashboard.pages,
        dashboard.router,
        imports.router,
        agreement_pages.pages,
        life.router,
        notices.router,
        ratings.router,
        readiness.router,
        *_further_routers(),
    )


def _further_routers() -> tuple[APIRouter, ...]:
    return (
        sets.router,
        seal_pages.pages,
        seals.router,
        callback_pages.pages,
        callbacks.router,
        compare.pages,
        standing.router,
        invoices.router,
        timestamps.router,
        pki.router,
        trust.router,
        log.router,
        reference.router,
        schemas.router,
        static_files.router,
    )


def _identity_routers() -> tuple[APIRouter, ...]:
    return (
        attachments.pages,
        attachments.router,
        identity.pages,
        identity.router,
        delegation.pages,
        hall.pages,
    )


def _limits(house: House) -> Limits:
    upload = house.settings.upload_limit_bytes + _FORM_OVERHEAD
    forms = tuple((prefix, _GREATEST_FORM) for prefix in ("/tsa", "/pki", "/login", "/logout"))
    sheets = (("/imports", GREATEST_BYTES + _FORM_OVERHEAD),)
    papers = tuple((prefix, GREATEST_ANNEX + _FORM_OVERHEAD) for prefix in _PAPERS)
    by_prefix = (("/verify", upload), ("/api/verify", upload), *forms, *sheets, *papers)
    return Limits(by_prefix=by_prefix, otherwise=_GREATEST_BODY)


def _install_refusals(app: FastAPI) -> None:
    @app.exception_handler(NotSignedOnError)
    def _not_signed_on(_: Request, problem: NotSignedOnError) -> JSONResponse:
        return _problem(problem, 401, {"WWW-Authenticate": "Bearer"})

    @app.exception_handler(DutyMissingError)
    def _duty_missing(_: Request, problem: DutyMissingError) -> JSONResponse:
        return _problem(problem, 403, {})

    @app.exception_handler(HTTPException)
    def _by_http(request: Request, problem: HTTPException) -> Response:
        return _refused(request, problem)


def _problem(
    problem: NotSignedOnError | DutyMissingError, status: int, headers: dict[str, str]
) -> JSONResponse:
    _, body = problems.problem_of(problem)
    return JSONResponse(
        body | {"status": status}, status_code=status, headers=headers, media_type="application/problem+json"
    )


def _refused(request: Request, problem: HTTPException) -> HTMLResponse | JSONResponse:
    if not request.url.path.startswith(("/api/", "/log/", "/tsa", "/pki/", "/health", "/openapi")):
        return status_page(request, problem.status_code, problem.headers)
    body = {
        "type": f"urn:contracts-chain:problem:http_{problem.status_code}",
        "title": f"{problem.detail}; see /docs for addresses, methods and limits",
        "title_zh": "请求的地址、方法或大小不对；请查阅 /docs",
        "status": problem.status_code,
        "code": f"http_{problem.status_code}",
    }
    return JSONResponse(
        body, status_code=problem.status_code, headers=problem.headers, media_type="application/problem+json"
    )
