"""Sandbox messages, connection strings, the operations page, the headers, a bill's form."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.database_alone import libpq_url
from api.routes.invoices import read_bill
from api.routes.reference import operations_of
from api.sandbox_sms import SandboxSms
from api.security_headers import CONTENT_SECURITY_POLICY, SecurityHeaders
from contracts_chain.agreements.terms_json import TermsUnreadableError
from kernel.clock import FixedClock

CLOCK = FixedClock(datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC))


def test_a_sandbox_message_says_that_it_is_one_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    sms = SandboxSms(tmp_path / "sandbox", CLOCK)
    sms.send("13800000000", "签署码482913，只用于合同N，指纹7F3A-92C1")
    message = json.loads(sms.path.read_text("utf-8"))
    assert "sandbox" in message["gateway"]
    assert message["written_utc"] == "2026-11-20T07:32:05Z"
    assert stat.S_IMODE(sms.path.stat().st_mode) == 0o600


def test_the_newest_code_is_that_of_the_last_message(tmp_path: Path) -> None:
    sms = SandboxSms(tmp_path, CLOCK)
    with pytest.raises(LookupError):
        sms.newest_code()
    sms.send("1", "签署码111111，只用于…")
    sms.send("1", "签署码222222，只用于…")
    assert sms.newest_code() == "222222"


def test_a_database_url_loses_its_driver_and_nothing_else() -> None:
    url = "postgresql+psycopg://contracts_chain@/contracts_chain?host=%2Ftmp%2Fx"
    assert libpq_url(url) == "postgresql://contracts_chain@/contracts_chain?host=%2Ftmp%2Fx"
    assert libpq_url("postgresql://u:p@h/d") == "postgresql://u:p@h/d"


def test_the_reference_lists_method_path_and_parameters() -> None:
    schema = {
        "paths": {
            "/x/{n}": {
                "get": {"summary": "s", "parameters": [{"name": "n", "in": "path", "required": True}]},
                "post": {},
            }
        }
    }
    listed = list(operations_of(schema))  # type: ignore[arg-type]
    assert [(one.method, one.path, one.parameters) for one in listed] == [
        ("GET", "/x/{n}", ("n (path, required)",)),
        ("POST", "/x/{n}", ()),
    ]


def test_every_response_carries_the_policy_and_is_not_kept_unless_it_says_so() -> None:
    app = FastAPI()
    app.add_middleware(SecurityHeaders)

    @app.get("/")
    def root() -> str:
        return "x"

    async def fetch() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/"), await client.get("/absent")

    for response in asyncio.run(fetch()):
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cache-control"] == "no-store"


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; ")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"agreement_number": "x"}', b"\xff", b"[" * 90_000])
def test_a_bill_of_another_form_is_refused_with_its_problems(body: bytes) -> None:
    with pytest.raises(TermsUnreadableError) as refused:
        read_bill(body)
    assert refused.value.problems


def test_every_wrong_field_of_a_bill_is_named_at_once() -> None:
    with pytest.raises(TermsUnreadableError) as refused:
        read_bill(b'{"agreement_number": 7, "billing": {"unit": 3, "colour": "red"}}')
    named = {problem.path for problem in refused.value.problems}
    assert {"agreement_number", "billing.unit", "billing.colour", "billing.drawer"} <= named
