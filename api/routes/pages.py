"""Pages from templates, and the same refusals as the API's, as a page for people.

A route of ``PageRoute`` answers a known error with the page 「错误：…」 in Chinese and
English under the status that ``api.problems`` gives it; title equals h1 (WEB §7.6). Whoever
opens a staff page without a session is led to the login and back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException

from api.problems import problem_of
from api.same_origin import SAFE_METHODS
from api.staff import NotSignedOnError
from kernel.clock import beijing_text, parse_utc
from kernel.errors import ContractsChainError
from kernel.verdict import Verdict

__all__ = ["PageRoute", "page", "refusal_page", "status_page"]

_LOGIN: Final = "login.html"
_UTC: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_TEMPLATES: Final = Environment(
    loader=PackageLoader("api", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _beijing(moment: datetime) -> str:
    return beijing_text(moment, seconds=True)


def _with_beijing_times(text: str) -> str:
    return _UTC.sub(lambda found: _beijing_of(found[0]), text)


def _beijing_of(text: str) -> str:
    try:
        return _beijing(parse_utc(text))
    except (ValueError, OverflowError):  # a hostile file's text may look like a time and be none
        return text


_TEMPLATES.filters["beijing"] = _beijing
_TEMPLATES.filters["with_beijing_times"] = _with_beijing_times
_TEMPLATES.globals["MARKS"] = {
    Verdict.PROVEN: "✓",
    Verdict.REFUTED: "✕",
    Verdict.UNDECIDED: "?",
    Verdict.UNREADABLE: "–",
}
_STATUS_WORDS: Final = {
    404: ("找不到，或您无权查看；请核对地址", "not found, or not yours to see; check the address"),
    405: ("这个地址不接受这种请求；请从首页重新进入", "not possible here; start from the home page"),
    413: ("文件过大，没有保存；请提供较小的文件", "the file is too large; give a smaller one"),
}  # fmt: skip
_OTHER_WORDS: Final = (
    "请求有误，没有保存任何内容；请返回上一页重试",
    "the request is malformed and nothing was kept; go back",
)


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Fill one template; the installation's mark is on every page, the bar on those of signed-on staff.

    Such a page tells our own server, and nobody else, that it sent a form (``Origin``).
    """
    mark = request.app.state.desk.house.settings.mark
    staff = getattr(request.state, "staff", None)
    text = _TEMPLATES.get_template(template).render(mark=mark, staff=staff, **values)
    headers = {"Referrer-Policy": "same-origin"} if staff or template == _LOGIN else None
    return HTMLResponse(text, status_code=status, headers=headers)


def refusal_page(request: Request, problem: ContractsChainError) -> HTMLResponse:
    """A known error as a page."""
    status, _ = problem_of(problem)
    unknown = isinstance(problem, NotSignedOnError)
    return page(request, "refusal.html", status=status, zh=problem.zh, en=problem.en, unknown=unknown)


def status_page(request: Request, status: int, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """A refusal by HTTP itself as a page: no such address, too large, malformed."""
    zh, en = _STATUS_WORDS.get(status, _OTHER_WORDS)
    response = page(request, "refusal.html", status=status, zh=zh, en=en, unknown=False)
    response.headers.update(headers or {})
    return response


def _led_to_login(request: Request) -> Response | None:
    """To the login and back; a form is not sent twice, and machines are told plainly."""
    if request.method not in SAFE_METHODS or "text/html" not in request.headers.get("accept", ""):
        return None
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse("/login?" + urlencode({"next": path}), status_code=303)


class PageRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        answer = super().get_route_handler()

        async def as_page(request: Request) -> Response:
            try:
                return await answer(request)
            except NotSignedOnError as problem:
                return _led_to_login(request) or refusal_page(request, problem)
            except ContractsChainError as problem:
                return refusal_page(request, problem)
            except RequestValidationError:
                return status_page(request, 422)
            except HTTPException as problem:
                return status_page(request, problem.status_code, problem.headers)

        return as_page
