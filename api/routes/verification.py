"""Verification for everybody: a file in, the report of all twelve steps out; a number in, the verdict out.

Nothing uploaded is kept. A number nobody may see and a number that does not exist get the
same answer. The recipe is ``evidence.verify``; here it is only shown.
"""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.routes.desk import AtDesk
from api.routes.pages import PageRoute, page
from api.verdict_page import chain_line, kind_word, status_line, steps_of
from api.verification import JudgedFile, judge_bytes, report_json
from contracts_chain.agreements.numbering import check_code
from contracts_chain.agreements.terms_json import attached_bytes, load_terms
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.lookup import PublicFacts
from contracts_chain.workflows.office import Office
from kernel.digests import sha256

__all__ = ["pages", "router"]

pages = APIRouter(route_class=PageRoute)
router = APIRouter(prefix="/api")

_PRINTED: Final = re.compile(r"(?P<number>[A-Z0-9()（）]{8,40})-(?P<check>[0-9a-f]{8})")
_MACHINE_LIMIT_WORDS: Final = 200


@pages.get("/verify", summary="Page: verify a file or a number 核验")
def verify_form(request: Request, desk: AtDesk, code: str = "") -> Response:
    """The form; with ``code`` (as printed under the QR code) the look-up's address."""
    if code.strip():
        return RedirectResponse(f"/q/{quote(code.strip()[:60], safe='')}", status_code=303)
    return page(request, "verify.html", limit_mb=desk.house.settings.upload_limit_bytes // 1_000_000)


@pages.post("/verify", summary="Page: the report of one uploaded file")
def verify_upload(request: Request, desk: AtDesk, file: Annotated[UploadFile, File()]) -> HTMLResponse:
    """Judge one file; HTTP 200 whatever the verdict, since the question was answered."""
    judged, moment = _judged(desk.office, file)
    report = judged.report
    return page(
        request,
        "verdict.html",
        judged=judged,
        kind=kind_word(report),
        report=report,
        status_line=status_line(report),
        chain_line=chain_line(report, desk.office.trust.chain),
        steps=steps_of(report),
        judged_at=moment,
    )


@router.post("/verify", summary="The report of one uploaded file as JSON")
def verify_for_machines(desk: AtDesk, file: Annotated[UploadFile, File()]) -> JSONResponse:
    """The JSON of ``contracts-chain verify --json``; HTTP 200 whatever the verdict."""
    judged, _ = _judged(desk.office, file)
    return JSONResponse(report_json([judged]))


@pages.get("/q/{printed}", summary="Page: what a printed QR code leads to: verdict and digest only")
def printed_code(request: Request, desk: AtDesk, printed: str) -> HTMLResponse:
    """``NUMBER-CHECK``; a wrong check is answered like an unknown number."""
    found = _PRINTED.fullmatch(printed)
    if found is None:
        raise UnknownNumberError(printed)
    _require_check(desk.office, found["number"], found["check"])
    return page(request, "lookup.html", facts=desk.look_ups.of(found["number"]))


@router.get("/agreements/{number}", summary="Verdict and digest of a number, nothing else")
def number_facts(desk: AtDesk, number: str) -> dict[str, object]:
    """What anyone may know of a formed agreement."""
    return facts_json(desk.look_ups.of(number))


def facts_json(facts: PublicFacts) -> dict[str, object]:
    """The public facts for machines."""
    return {
        "number": facts.number,
        "kind_zh": facts.kind_zh,
        "state_zh": facts.state_zh,
        "evidence_state_zh": facts.evidence_state_zh,
        "verdict": facts.verdict.value,
        "sha256": facts.sha256,
    }


def _judged(office: Office, file: UploadFile) -> tuple[JudgedFile, object]:
    moment = office.clock.now()
    name = (file.filename or "未命名")[-_MACHINE_LIMIT_WORDS:]
    return JudgedFile(file=name, report=judge_bytes(file.file.read(), office.trust, at=moment)), moment


def _require_check(office: Office, number: str, check: str) -> None:
    with office.work() as work:
        dossier = work.agreements.load(number)
    expected = check_code(number, sha256(attached_bytes(load_terms(dossier.terms))))
    if not secrets.compare_digest(expected, check):
        raise UnknownNumberError(number)
