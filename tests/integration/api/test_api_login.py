"""Staff in a browser: the cookie, who may write by it, when it ends; a bearer header beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from api_service import Service, sample_order
from sqlalchemy import create_engine, text

from api.wrong_tokens import MOST_WRONG
from contracts_chain.workflows.staff_sessions import IDLE, LONGEST
from kernel.digests import sha256

HTML = {"Accept": "text/html,application/xhtml+xml"}
OURS = {"Sec-Fetch-Site": "same-origin"}
THEIRS = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
WRONG = "x" * 43


@contextmanager
def logged_in(service: Service, duty: str) -> Iterator[httpx.Client]:
    with service.client() as client:
        client.headers.update(HTML)
        answer = client.post("/login", data={"token": service.tokens[duty], "next": ""}, headers=OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff"), answer.text
        yield client


@pytest.fixture
def drafter(service: Service) -> Iterator[httpx.Client]:
    with logged_in(service, "drafter") as client:
        yield client


def aged(service: Service, client: httpx.Client, column: str, age: timedelta) -> None:
    """Move one moment of the client's session into the past."""
    engine = create_engine(service.house.database_url)
    with engine.begin() as connection:
        changed = connection.execute(
            text(f"UPDATE staff_sessions SET {column} = {column} - :age WHERE token_sha256 = :token"),
            {"age": age, "token": sha256(client.cookies["staff"].encode())},
        )
        assert changed.rowcount == 1
    engine.dispose()


def test_a_page_without_a_session_leads_to_the_login_and_back(service: Service) -> None:
    with service.client() as client:
        client.headers.update(HTML)
        led = client.get("/dashboard?province=ZJ")
        assert (led.status_code, led.headers["location"]) == (303, "/login?next=%2Fdashboard%3Fprovince%3DZJ")
        form = client.get(led.headers["location"])
        assert 'name="next" value="/dashboard?province=ZJ"' in form.text
        assert 'autocomplete="off"' in form.text
        data = {"token": service.tokens["billing"], "next": "/dashboard?province=ZJ"}
        back = client.post("/login", data=data, headers=OURS)
        assert back.headers["location"] == "/dashboard?province=ZJ"
        cookie = back.headers["set-cookie"]
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert service.tokens["billing"] not in cookie


def test_machines_are_still_told_401_and_are_led_nowhere(service: Service) -> None:
    with service.client() as client:
        assert client.get("/dashboard").status_code == 401
        answer = client.get("/api/agreements", headers=HTML)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_on")
        assert client.get("/api/agreements", headers={"Cookie": "staff=" + WRONG}).status_code == 401


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example/", "/\\evil.example", "/login"])
def test_nobody_is_led_to_another_site_after_login(service: Service, goal: str) -> None:
    with service.client() as client:
        data = {"token": service.tokens["drafter"], "next": goal}
        assert client.post("/login", data=data, headers=OURS).headers["location"] == "/staff"


@pytest.mark.parametrize("duty", ["drafter", "reviewer", "supplier-desk", "billing"])
def test_every_link_of_the_bar_opens_for_its_person(service: Service, duty: str) -> None:
    with logged_in(service, duty) as client:
        desk = client.get("/staff")
        assert desk.headers["referrer-policy"] == "same-origin"
        bar = desk.text.split('class="staff-bar"')[1].split("</nav>")[0]
        links = [part.split('"')[0] for part in bar.split('href="')[1:]]
        assert len(links) >= 3
        for link in links:
            assert client.get(link).status_code == 200, link
        assert (client.get("/imports").status_code == 200) is (duty == "drafter")


def test_a_number_opens_the_page_that_the_duty_may_see(service: Service, drafter: httpx.Client) -> None:
    for to, page in (("agreements", "/agreements/"), ("drafts", "/drafts/"), ("reviews", "/agreements/")):
        answer = drafter.get("/staff/open", params={"number": " SG1(B1)/x ", "to": to})
        assert answer.headers["location"] == f"{page}SG1(B1)%2Fx"
    assert drafter.get("/staff/open").headers["location"] == "/staff"


def test_a_draft_is_made_and_opened_by_cookie(service: Service, drafter: httpx.Client) -> None:
    made = drafter.post("/api/orders", content=sample_order("LOGIN-1"), headers=OURS)
    assert made.status_code == 201, made.text
    number = made.json()["agreements"][0]["number"]
    assert drafter.get(f"/drafts/{number}").status_code == 200
    assert drafter.get(f"/reviews/{number}").status_code == 403


@pytest.mark.parametrize("headers", [THEIRS, {}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_write_by_cookie_from_elsewhere_is_refused(
    service: Service, drafter: httpx.Client, headers: dict[str, str]
) -> None:
    order = sample_order("LOGIN-FORGED")
    refused = drafter.post("/api/orders", content=order, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")
    page = drafter.post("/imports/groups", data={"group_no": "X", "name": "X"}, headers=headers)
    assert page.status_code in {403, 422}
    assert drafter.post("/logout", headers=headers).status_code == 403
    assert drafter.get("/staff").status_code == 200
    with service.client("drafter") as machine:
        assert "LOGIN-FORGED" not in machine.get("/api/agreements").text


def test_nobody_is_logged_in_by_another_sites_form(service: Service) -> None:
    with service.client() as client:
        forged = client.post("/login", data={"token": service.tokens["drafter"]}, headers=THEIRS)
        assert forged.status_code == 403
        assert "set-cookie" not in forged.headers


def test_a_bearer_header_needs_no_origin_and_a_wrong_one_is_not_saved_by_a_cookie(
    service: Service, drafter: httpx.Client
) -> None:
    with service.client("drafter") as machine:
        assert machine.post("/api/orders", content=sample_order("LOGIN-BEARER")).status_code == 201
    assert drafter.get("/api/agreements", headers={"Authorization": f"Bearer {WRONG}"}).status_code == 401


def test_after_logging_out_the_cookie_opens_nothing(service: Service, drafter: httpx.Client) -> None:
    held = drafter.cookies["staff"]
    gone = drafter.post("/logout", headers=OURS)
    assert (gone.status_code, gone.headers["location"]) == (303, "/login")
    assert "staff" not in drafter.cookies
    answer = drafter.get("/staff", headers={"Cookie": f"staff={held}"})
    assert answer.headers["location"].startswith("/login")


def test_logging_in_again_ends_the_session_before(service: Service, drafter: httpx.Client) -> None:
    held = drafter.cookies["staff"]
    drafter.post("/login", data={"token": service.tokens["reviewer"]}, headers=OURS)
    assert drafter.cookies["staff"] != held
    assert "审核岗" in drafter.get("/staff").text
    with service.client() as thief:
        assert thief.get("/staff", headers={"Cookie": f"staff={held}"}).status_code == 401


@pytest.mark.parametrize(("column", "age"), [("seen_utc", IDLE), ("began_utc", LONGEST)])
def test_a_session_whose_time_is_over_leads_to_the_login_that_says_so(
    service: Service, drafter: httpx.Client, column: str, age: timedelta
) -> None:
    aged(service, drafter, column, age)
    led = drafter.get("/staff")
    assert led.headers["location"] == "/login?next=%2Fstaff"
    assert "会话已结束" in drafter.get(led.headers["location"]).text
    refused = drafter.post("/deadlines/remind", data={"order_no": "x"}, headers=OURS)
    assert refused.status_code == 401
    assert "返回刚才的页面重新提交" in refused.text


def test_the_database_holds_no_cookie(service: Service, drafter: httpx.Client) -> None:
    engine = create_engine(service.house.database_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT row_to_json(staff_sessions)::text FROM staff_sessions"))
        kept = "".join(row[0] for row in rows)
    engine.dispose()
    assert sha256(drafter.cookies["staff"].encode()).hex() in kept
    assert drafter.cookies["staff"] not in kept
    assert json.dumps(service.tokens["drafter"]) not in kept


def test_after_ten_wrong_tokens_an_address_waits_even_with_the_right_one(service: Service) -> None:
    here = OURS | {"X-Forwarded-For": "198.51.100.23"}  # as the proxy on this machine tells it
    with service.client() as client:
        for _ in range(MOST_WRONG):
            wrong = client.post("/login", data={"token": WRONG}, headers=here)
            assert wrong.status_code == 401
        right = {"token": service.tokens["drafter"]}
        waits = client.post("/login", data=right, headers=here)
        assert waits.status_code == 429
        assert 0 < int(waits.headers["retry-after"]) <= 900
        assert "set-cookie" not in waits.headers
        assert WRONG not in wrong.text
        assert client.post("/login", data=right, headers=OURS).status_code == 303
