"""The sandbox provider over HTTP: sessions for services, pages for persons, a script for testers.

``POST /sessions`` (Idempotency-Key) opens a session, ``GET /sessions/ID`` asks for its outcome,
``/p/ID`` is the page a person is sent to, ``PUT /script`` decides what becomes of whom. After an
outcome the service's callback gets a signed message, three times at most. SANDBOX everywhere.
"""

from __future__ import annotations

import asyncio
import html
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, quote, urlencode

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.identity_sandbox_desk import PROVIDER, Act, SandboxDesk, Session, read_act, read_asked
from contracts_chain.agreements.identity.signed_message import sign_compact
from kernel.canonical_json import canonical_bytes

__all__ = ["PROVIDER", "create_identity_sandbox"]

_GREATEST_BODY: Final = 8192
_CALLBACK_TRIES: Final = 3
_CALLBACK_SECONDS: Final = 5.0
_DOWN: Final = "the sandbox plays an outage"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_TITLES: Final = {
    "e_licence_face": ("电子证照加刷脸", "E-licence and face"),
    "bank_account": ("对公打款核验", "Bank account"),
    "carrier_three_elements": ("运营商三要素核验", "Carrier check"),
}
_PAGE: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · 沙箱 SANDBOX</title>
<style>body{{font:1.125rem/1.6 system-ui,sans-serif;max-width:24rem;margin:0 auto;padding:1rem}}
.mark{{background:#B35C00;color:#fff;padding:.5rem 1rem}}button{{font:inherit;min-height:3rem;width:100%;
background:#1F5A6B;color:#fff;border:0;border-radius:4px}}input{{font:inherit;min-height:3rem;width:100%;
box-sizing:border-box;margin:.5rem 0 1rem}}a{{display:inline-block;min-height:3rem}}</style></head>
<body><p class="mark">沙箱 SANDBOX：没有核验任何人 · nobody is checked</p>
<h1>{title} <span lang="en">{english}</span></h1>{body}</body></html>"""


def create_identity_sandbox(desk: SandboxDesk, url: str) -> Starlette:
    """The ASGI application.

    Args:
        desk: Sessions and script.
        url: Where it answers, as redirects name it.
    """
    counter = _Counter(desk, url)
    return Starlette(
        routes=[
            Route("/", counter.about, methods=["GET"]),
            Route("/sessions", counter.open_session, methods=["POST"]),
            Route("/sessions/{session}", counter.outcome, methods=["GET"]),
            Route("/sessions/{session}/act", counter.act, methods=["POST"]),
            Route("/script", counter.script, methods=["PUT"]),
            Route("/p/{session}", counter.person_page, methods=["GET"]),
            Route("/p/{session}", counter.person_acts, methods=["POST"]),
        ]
    )


class _Counter:
    """The routes."""

    def __init__(self, desk: SandboxDesk, url: str) -> None:
        self._desk, self._url = desk, url

    async def about(self, _: Request) -> Response:
        return JSONResponse({"name": PROVIDER, "public_key": self._desk.public_key.hex(), "sandbox": True})

    async def open_session(self, request: Request) -> Response:
        try:
            asked = read_asked(await _json(request), request.headers.get("idempotency-key", ""))
        except (ValueError, KeyError) as problem:
            raise HTTPException(422, str(problem)) from problem
        _verify_up(self._desk, asked.id_no)
        session = self._desk.open(asked)
        told = {"session": session.id, "redirect_url": f"{self._url}/p/{session.id}", "sandbox": True}
        if "auto" not in request.query_params:
            return JSONResponse(told, status_code=201)
        self._desk.settle(session.id)
        return JSONResponse(told, status_code=201, background=_callback(self._desk, session))

    async def outcome(self, request: Request) -> Response:
        session = _known(self._desk.find(request.path_params["session"]))
        _verify_up(self._desk, session.asked.id_no)
        return JSONResponse(_told(session))

    async def act(self, request: Request) -> Response:
        words = str((await _json(request)).get("do", ""))
        asked = _act(words) if words else None
        session = _known(self._desk.settle(request.path_params["session"], asked))
        return JSONResponse(_told(session), background=_callback(self._desk, session, asked))

    async def script(self, request: Request) -> Response:
        wanted = {str(person): str(words) for person, words in (await _json(request)).items()}
        acts = {person: _act(words) for person, words in wanted.items()}
        for person, one in acts.items():
            self._desk.write_script(person, one)
        return JSONResponse({"script": wanted, "sandbox": True})

    async def person_page(self, request: Request) -> Response:
        return _page_of(_known(self._desk.find(request.path_params["session"])))

    async def person_acts(self, request: Request) -> Response:
        session = _known(self._desk.find(request.path_params["session"]))
        form = parse_qs((await _body(request)).decode("utf-8", "replace"))
        settled = _known(_by_person(self._desk, session, form))
        if settled.state in {"pending", "retake"}:
            return _page_of(settled)
        back = session.asked.return_url
        return RedirectResponse(
            f"{back}{'&' if '?' in back else '?'}{urlencode({'session': session.id})}",
            status_code=303,
            headers=_HEADERS,
            background=_callback(self._desk, settled),
        )


def _act(words: str) -> Act:
    try:
        return read_act(words)
    except ValueError as problem:
        raise HTTPException(422, str(problem)) from problem


def _by_person(desk: SandboxDesk, session: Session, form: Mapping[str, list[str]]) -> Session | None:
    """What the button does: cancel, a wrong amount, or what the script says."""
    if "cancel" in form:
        return desk.settle(session.id, Act(word="refuse", reason="cancelled"))
    typed = "".join(form.get("amount", [])).strip()
    if session.asked.method == "bank_account" and typed != _amount(session):
        return desk.wrong_amount(session.id)
    return desk.settle(session.id)


def _told(session: Session) -> dict[str, object]:
    attestation = None if session.attestation is None else session.attestation.decode()
    return {
        "session": session.id,
        "state": session.state,
        "reason": session.reason,
        "tries_left": session.tries_left,
        "attestation": attestation,
        "sandbox": True,
    }


def _page_of(session: Session) -> HTMLResponse:
    zh, en = _TITLES.get(session.asked.method, (session.asked.method, session.asked.method))
    masked = html.escape(session.asked.name[:1] + "*" * (len(session.asked.name) - 1))
    lines = [f"<p>正在核验：{masked}</p>"]
    if session.reason:
        lines.append(
            f'<p role="alert">没有通过（{html.escape(session.reason)}），还可试 {session.tries_left} 次</p>'
        )
    if session.asked.method == "bank_account":
        lines.append(f"<p>沙箱已向贵单位账户打款 {_amount(session)} 元。</p>")
        field = '<label>收到的金额（元）<input name="amount" inputmode="decimal" required></label>'
    else:
        field = ""
    action = f"/p/{quote(session.id)}"
    begin = f'<form method="post" action="{action}">'
    lines.append(f'{begin}{field}<button name="act" value="1">确认 Confirm</button></form>')
    lines.append(f'{begin}<p><button name="cancel" value="1">取消 Cancel</button></p></form>')
    return HTMLResponse(_PAGE.format(title=zh, english=en, body="".join(lines)), headers=_HEADERS)


def _amount(session: Session) -> str:
    return f"0.{session.amount_fen:02d}"


def _verify_up(desk: SandboxDesk, id_no: str) -> None:
    if desk.act_of(id_no).word == "down":
        raise HTTPException(503, _DOWN)


def _known(session: Session | None) -> Session:
    if session is None:
        raise HTTPException(404, "no such session")
    return session


def _callback(desk: SandboxDesk, session: Session, act: Act | None = None) -> BackgroundTask | None:
    """The signed message to the service, sent after the answer; twice or never if the script says so."""
    played = (act or desk.act_of(session.asked.id_no)).word
    settled = desk.find(session.id)
    if played == "drop_callback" or settled is None:
        return None
    return BackgroundTask(_send, desk, settled, 2 if played == "duplicate" else 1)


async def _send(desk: SandboxDesk, session: Session, times: int) -> None:
    if session.due_utc is not None:
        await asyncio.sleep(max((session.due_utc - desk.clock.now()).total_seconds(), 0))
    told = canonical_bytes({"key": session.asked.key, "schema": 1, "session": session.id})
    body = sign_compact(told, PROVIDER, desk.seed)
    for _ in range(times):
        await asyncio.to_thread(_post, session.asked.callback_url, body)


def _post(url: str, body: bytes) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for attempt in range(_CALLBACK_TRIES):
        request = urllib.request.Request(url, body, {"Content-Type": "application/jose"})  # noqa: S310 - a sandbox
        try:
            with opener.open(request, timeout=_CALLBACK_SECONDS):
                return
        except (OSError, urllib.error.URLError, ValueError):
            time.sleep(0.2 * (attempt + 1))


async def _json(request: Request) -> dict[str, object]:
    try:
        value = json.loads(await _body(request) or b"{}")
    except ValueError as problem:
        raise HTTPException(422, "not JSON") from problem
    if not isinstance(value, dict):
        raise HTTPException(422, "not an object")
    return value


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > _GREATEST_BODY:
            raise HTTPException(413, f"at most {_GREATEST_BODY} bytes are taken")
    return bytes(content)
