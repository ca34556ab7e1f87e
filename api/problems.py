"""From an error to what the outside sees: HTTP problem documents (RFC 9457) and exit codes.

The only place that knows HTTP status codes. An error it does not know is a 500
without detail, and exit code 1.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from api.draft_words import BaseVersionMissingError, change_json, preflight_json
from api.same_origin import CrossSiteError
from api.staff import DutyMissingError, NotSignedOnError
from contracts_chain.agreements.change_request import ChangeRefusedError
from contracts_chain.agreements.classes.book import ClassUnknownError
from contracts_chain.agreements.lifecycle import TransitionRefusedError
from contracts_chain.agreements.notices import NoticeRefusedError
from contracts_chain.agreements.rules.finding import Finding, RulesViolatedError
from contracts_chain.agreements.terms_json import TermsUnreadableError
from contracts_chain.agreements.typed_json import Problem
from contracts_chain.evidence.tile_path import NotPublishedError, TilePathError
from contracts_chain.workflows.annexes import AnnexKindError, AnnexTooLargeError, AnnexUnknownError
from contracts_chain.workflows.attach_evidence import AttachmentUnknownError
from contracts_chain.workflows.callback_errors import (
    EndpointClosedError,
    UnknownEndpointError,
    UnknownProcessEventError,
)
from contracts_chain.workflows.draft_errors import StaleDraftError, UnseenBytesError, VersionUnknownError
from contracts_chain.workflows.errors import SignatureTurnError, StaleDossierError, UnknownNumberError
from contracts_chain.workflows.group_errors import (
    GroupTakenError,
    LinksHandedOutError,
    SetChangedError,
    SetStateError,
    SiteTakenError,
    UnknownGroupError,
)
from contracts_chain.workflows.hall_review import UnknownReviewError
from contracts_chain.workflows.life_errors import (
    ChangeOpenError,
    DisputeHoldError,
    LinkUsedError,
    UnknownNoticeError,
)
from contracts_chain.workflows.preflight import NotReadyError
from contracts_chain.workflows.seal_ports import (
    SealImportedError,
    SealTakenError,
    UnknownSealError,
    UnknownUseRequestError,
)
from kernel.errors import ContractsChainError, FaultError, RefutedError, RejectedError, UndecidedError

__all__ = ["exit_code", "install", "problem_of"]

_STATUS: tuple[tuple[type[ContractsChainError], int], ...] = (
    (NotSignedOnError, 401),
    (DutyMissingError, 403),
    (CrossSiteError, 403),
    (UnknownNumberError, 404),
    (AnnexUnknownError, 404),
    (AttachmentUnknownError, 404),
    (UnknownReviewError, 404),
    (AnnexTooLargeError, 413),
    (AnnexKindError, 415),
    (ClassUnknownError, 404),
    (UnknownGroupError, 404),
    (GroupTakenError, 409),
    (LinksHandedOutError, 409),
    (SetChangedError, 409),
    (SetStateError, 409),
    (SiteTakenError, 409),
    (UnknownNoticeError, 404),
    (DisputeHoldError, 409),
    (ChangeOpenError, 409),
    (LinkUsedError, 410),
    (UnknownSealError, 404),
    (UnknownUseRequestError, 404),
    (UnknownEndpointError, 404),
    (UnknownProcessEventError, 404),
    (EndpointClosedError, 409),
    (SealImportedError, 409),
    (SealTakenError, 409),
    (NotPublishedError, 404),
    (TilePathError, 404),
    (BaseVersionMissingError, 428),
    (StaleDossierError, 409),
    (StaleDraftError, 409),
    (UnseenBytesError, 409),
    (VersionUnknownError, 404),
    (SignatureTurnError, 409),
    (RejectedError, 422),
    (RefutedError, 409),
    (UndecidedError, 503),
    (FaultError, 503),
)


def exit_code(problem: ContractsChainError) -> int:
    """DESIGN §6: 10 for rejected or refuted, 20 undecided, 1 for faults of the surroundings."""
    if isinstance(problem, UndecidedError):
        return 20
    return 1 if isinstance(problem, FaultError) else 10


def problem_of(problem: ContractsChainError) -> tuple[int, dict[str, object]]:
    """HTTP status and problem document of a known error."""
    status = next(code for kind, code in _STATUS if isinstance(problem, kind))
    body: dict[str, object] = {
        "type": f"urn:contracts-chain:problem:{problem.code}",
        "title": problem.en,
        "title_zh": problem.zh,
        "status": status,
        "code": problem.code,
    }
    if isinstance(problem, RulesViolatedError):
        body["findings"] = [finding_json(finding) for finding in problem.findings]
    if isinstance(problem, TermsUnreadableError):
        body["findings"] = [
            {"rule": form_rule(fault), "field": fault.path, "en": fault.en, "zh": fault.zh}
            for fault in problem.problems
        ]
    if isinstance(problem, StaleDraftError):
        body["draft_version"] = problem.current
        body["changes"] = [change_json(change) for change in problem.changes]
    if isinstance(problem, ChangeRefusedError | NoticeRefusedError):
        body["unmet"] = [{"condition": one.condition, "en": one.en, "zh": one.zh} for one in problem.unmet]
    if isinstance(problem, TransitionRefusedError):
        body["state"], body["allowed"] = problem.state, list(problem.allowed)
    if isinstance(problem, NotReadyError):
        body["items"] = [preflight_json(item) for item in problem.items]
    return status, body


def form_rule(problem: Problem) -> str:
    """The rule that a text breaks, or ``FORM`` for anything else about the form of a value."""
    return problem.code if problem.code.startswith("R-") else "FORM"


def finding_json(finding: Finding) -> dict[str, object]:
    """One violated rule as machines read it."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "field": finding.path,
        "en": finding.en,
        "zh": finding.zh,
        "source": finding.source,
    }


def install(app: FastAPI) -> None:
    """Answer every known error with its problem document."""

    @app.exception_handler(ContractsChainError)
    def _known(_: Request, problem: ContractsChainError) -> JSONResponse:
        status, body = problem_of(problem)
        headers = {}
        if isinstance(problem, UndecidedError) and problem.retry_after is not None:
            headers["Retry-After"] = str(int(problem.retry_after))
        return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")

    @app.exception_handler(RequestValidationError)
    def _malformed(_: Request, problem: RequestValidationError) -> JSONResponse:
        body = {
            "type": "urn:contracts-chain:problem:malformed_request",
            "title": "the request does not have the documented form; correct the named fields",
            "title_zh": "请求格式不符合接口文档；请更正所列字段",
            "status": 422,
            "code": "malformed_request",
            "fields": [".".join(str(part) for part in fault["loc"]) for fault in problem.errors()],
        }
        return JSONResponse(body, status_code=422, media_type="application/problem+json")

    @app.exception_handler(Exception)
    def _unknown(_: Request, __: Exception) -> JSONResponse:
        body = {
            "type": "urn:contracts-chain:problem:internal",
            "title": "something failed on our side; your documents are unchanged, try again later",
            "title_zh": "服务内部出错，您的文件未受影响，请稍后重试",
            "status": 500,
            "code": "internal",
        }
        return JSONResponse(body, status_code=500, media_type="application/problem+json")
