"""Health, limits, headers, trust bundle, time stamps and the reference, over a real server."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest
from api_service import Service

from api.security_headers import CONTENT_SECURITY_POLICY
from api.upkeep import examine
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.workflows.dossier import Alarm
from kernel.digests import sha256
from signing.rfc3161_authority import granted_token, timestamp_request

PAGES = ("/", "/verify", "/trust", "/docs")


def test_health_names_the_chain_head(service: Service) -> None:
    with service.client() as anyone:
        response = anyone.get("/health")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.json()["chain"]["head_block"] >= 0


def test_health_lists_the_code_of_a_standing_alarm_once_and_never_its_subject(service: Service) -> None:
    office, code = service.house.office, "test_of_health"
    alarms = [
        Alarm(code=code, subject=f"S-{n}", en="x", zh="x", raised_utc=office.clock.now()) for n in (1, 2)
    ]
    with office.work() as work:
        assert all(work.alarms.raise_once(alarm) for alarm in alarms)
        work.commit()
    with service.client() as anyone:
        standing = anyone.get("/health")
        found = {one["name"]: one for one in examine(service.house.settings)}["alarms"]
        with office.work() as work:
            for alarm in alarms:
                work.alarms.clear(code, alarm.subject, by="test", at=office.clock.now())
            work.commit()
        cleared = anyone.get("/health")
    assert (standing.status_code, standing.json()["status"]) == (200, "ok")
    assert standing.json()["alarms"].count(code) == 1
    assert "S-1" not in standing.text
    assert (found["ok"], found["code"]) == (False, "alarms_standing")
    assert f"{code}:S-2" in str(found["zh"])
    assert code not in cleared.json()["alarms"]


@pytest.mark.parametrize("path", [*PAGES, "/health", "/nowhere", "/openapi.json", "/static/style.css"])
def test_every_answer_carries_the_security_headers(service: Service, path: str) -> None:
    with service.client() as anyone:
        headers = anyone.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_names_another_host_or_carries_script_or_inline_style(service: Service, path: str) -> None:
    with service.client() as anyone:
        text = anyone.get(path).text
    assert "http://" not in text.replace(service.url, "")
    assert "https://" not in text
    assert "<script" not in text
    assert "style=" not in text


def test_an_unknown_page_is_a_page_and_an_unknown_operation_a_problem(service: Service) -> None:
    with service.client() as anyone:
        page, operation = anyone.get("/nowhere"), anyone.get("/api/nowhere")
        link = anyone.get("/s/no-such-token-no-such-token-no-such-token")
    assert (page.status_code, operation.status_code, link.status_code) == (404, 404, 404)
    assert "错误：" in page.text
    assert operation.headers["content-type"] == "application/problem+json"
    assert "找不到" in link.text


def test_an_upload_over_the_limit_is_refused(service: Service) -> None:
    too_much = bytes(service.house.settings.upload_limit_bytes + 100_000)
    with service.client() as anyone:
        try:
            status = anyone.post("/verify", files={"file": ("x", too_much)}).status_code
        except httpx.TransportError:
            status = 413  # the server hung up on a sender that went on sending
        assert anyone.get("/health").status_code == 200
    assert status == 413


def test_an_operation_takes_no_more_than_two_megabytes(service: Service) -> None:
    with service.client("drafter") as drafter:
        try:
            response = drafter.post("/api/orders", content=bytes(3_000_000))
            assert response.headers["content-type"] == "application/problem+json"
            status = response.status_code
        except httpx.TransportError:
            status = 413
    assert status == 413


def test_a_form_without_a_file_is_refused_as_a_page(service: Service) -> None:
    with service.client() as anyone:
        response = anyone.post("/verify", data={"x": "y"})
    assert response.status_code == 422
    assert "错误：" in response.text


@pytest.mark.parametrize(
    "content", [b"", b"nothing we know", b"%PDF-1.7\nbroken", b"PK\x03\x04broken", b"<a/>"]
)
def test_whatever_is_uploaded_gets_a_verdict_that_is_not_proven(service: Service, content: bytes) -> None:
    with service.client() as anyone:
        report = anyone.post("/api/verify", files={"file": ("x", content)})
        page = anyone.post("/verify", files={"file": ("<b>x</b>", content)})
    assert (report.status_code, page.status_code) == (200, 200)
    assert report.json()["verdict"] != "proven"
    assert "<b>x</b>" not in page.text


def test_the_trust_bundle_on_offer_is_the_one_in_use(service: Service, tmp_path: Path) -> None:
    with service.client() as anyone:
        listed = anyone.get("/trust").text
        names = [name.split('"')[0] for name in listed.split('href="/trust/')[1:]]
        for name in names:
            content = anyone.get(f"/trust/{name}").content
            assert hashlib.sha256(content).hexdigest() in listed
            (tmp_path / name).write_bytes(content)
        assert anyone.get("/trust/..%2fkeys%2flog.secret").status_code == 404
    assert TrustBundle.load(tmp_path) == service.house.office.trust


def test_the_time_stamping_authority_stamps_over_http(service: Service) -> None:
    digest = sha256(b"document")
    headers = {"Content-Type": "application/timestamp-query"}
    with service.client() as anyone:
        response = anyone.post("/tsa", content=timestamp_request(digest), headers=headers)
    assert response.headers["content-type"] == "application/timestamp-reply"
    assert granted_token(response.content, digest)


def test_the_reference_lists_every_operation_of_the_schema(service: Service) -> None:
    with service.client() as anyone:
        page, schema = anyone.get("/docs").text, anyone.get("/openapi.json").json()
    for path in schema["paths"]:
        assert path in page


@pytest.mark.parametrize("pasted", ["{url}/s/{token}", " {token} ", "{url}/s/{token}/"])
def test_a_pasted_link_leads_to_its_signing_page(service: Service, pasted: str) -> None:
    token = "t" * 43
    with service.client() as anyone:
        response = anyone.get("/enter", params={"link": pasted.format(url=service.url, token=token)})
    assert (response.status_code, response.headers["location"]) == (303, f"/s/{token}")


@pytest.mark.parametrize("pasted", ["", "//elsewhere.example", "https://elsewhere.example/", "短信"])
def test_nothing_else_pasted_leads_anywhere(service: Service, pasted: str) -> None:
    with service.client() as anyone:
        assert anyone.get("/enter", params={"link": pasted}).status_code == 404


def test_a_printed_number_that_is_none_is_not_found(service: Service) -> None:
    with service.client() as anyone:
        redirected = anyone.get("/verify", params={"code": "../../trust"})
        assert anyone.get(redirected.headers["location"]).status_code == 404
