"""The parts of a log-in: where it leads, who may write by cookie, how often an address may err."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from api.same_origin import CrossSiteError, verify_same_origin
from api.session_cookie import clear_session_cookie, session_cookie, set_session_cookie
from api.staff import Duty, Person
from api.staff_bar import agreement_pages_for, bar_for, local_path
from api.wrong_tokens import MOST_WRONG, WINDOW, WrongTokens
from kernel.clock import FixedClock
from kernel.ids import PersonId

OURS = "https://contracts.example"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def a_request(scheme: str, cookie: str = "") -> Request:
    headers = [(b"host", b"contracts.example"), (b"cookie", cookie.encode())]
    server = ("contracts.example", 443)
    return Request(
        {
            "type": "http",
            "scheme": scheme,
            "path": "/",
            "headers": headers,
            "server": server,
            "query_string": b"",
        }
    )


def person(duty: Duty) -> Person:
    return Person(id=PersonId(duty.value), duty=duty)


@pytest.mark.parametrize(
    "path",
    ["/staff", "/agreements/SGZJMZ00YXGY2600001(B1)?done=held", "/drafts/X%20Y", "/deadlines?reminded=%E4"],
)
def test_a_path_of_ours_is_returned_to(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "staff",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/staff\r\nSet-Cookie: x=1",
        "/\t/evil.example",
        "/login?next=/login",
        "/logout",
        "/" + "x" * 2000,
    ],
)
def test_anything_else_leads_to_the_desk(wanted: str) -> None:
    assert local_path(wanted) == "/staff"


@given(st.text())
def test_no_text_leads_to_another_host(wanted: str) -> None:
    assert urlsplit(urljoin(f"{OURS}/login", local_path(wanted))).netloc == "contracts.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "origin": OURS},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"sec-fetch-site": "same-origin"},
        {"origin": OURS},
        {"origin": "HTTPS://CONTRACTS.EXAMPLE"},
        {"origin": "http://10.0.0.5:8000", "host": "10.0.0.5:8000"},
    ],
)
def test_a_form_of_our_own_page_is_taken(headers: dict[str, str]) -> None:
    verify_same_origin(headers, OURS)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "https://contracts.example.evil.example"},
        {"origin": "https://contracts.example:8443"},
        {"origin": "https://[evil"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site", "origin": OURS},
        {"sec-fetch-site": "same-site", "origin": OURS},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    ],
)
def test_a_form_of_another_page_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(CrossSiteError) as refused:
        verify_same_origin({"host": "contracts.example"} | headers, OURS)
    assert "没有办理" in refused.value.zh


def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it() -> None:
    response = Response()
    set_session_cookie(a_request("https"), response, "http://x", "secret")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-staff=secret; ")
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
    assert session_cookie(a_request("https", "__Host-staff=secret"), "http://x") == "secret"


def test_behind_a_proxy_that_ends_tls_the_cookie_is_secure_as_well() -> None:
    response = Response()
    set_session_cookie(a_request("http"), response, OURS, "secret")
    assert response.headers["set-cookie"].startswith("__Host-staff=secret; ")
    assert "Secure" in response.headers["set-cookie"]
    assert session_cookie(a_request("http", "staff=secret"), OURS) is None


def test_over_plain_http_the_cookie_says_nothing_of_secure() -> None:
    response = Response()
    set_session_cookie(a_request("http"), response, "http://x", "secret")
    assert "Secure" not in response.headers["set-cookie"]
    clear_session_cookie(a_request("http"), response, "http://x")
    assert "Max-Age=0" in response.headers.getlist("set-cookie")[1]


def test_an_address_waits_after_its_last_allowed_mistake_and_others_do_not() -> None:
    clock = FixedClock(NOON)
    wrong = WrongTokens(clock)
    for _ in range(MOST_WRONG):
        assert wrong.wait_seconds("198.51.100.7") == 0
        wrong.note("198.51.100.7")
        clock.advance(timedelta(seconds=1))
    assert wrong.wait_seconds("198.51.100.7") == WINDOW.seconds - MOST_WRONG
    assert wrong.wait_seconds("198.51.100.8") == 0
    clock.advance(WINDOW - timedelta(seconds=MOST_WRONG))
    assert wrong.wait_seconds("198.51.100.7") == 0


def test_changing_the_lower_half_of_an_ipv6_address_does_not_help() -> None:
    wrong = WrongTokens(FixedClock(NOON))
    for at in range(MOST_WRONG):
        wrong.note(f"2001:db8:1:2::{at:x}")
    assert wrong.wait_seconds("2001:db8:1:2:ffff::1") > 0
    assert wrong.wait_seconds("2001:db8:1:3::1") == 0


def test_no_more_than_ten_thousand_addresses_are_remembered() -> None:
    wrong = WrongTokens(FixedClock(NOON))
    for _ in range(MOST_WRONG):
        wrong.note("first")
    for at in range(9_999):
        wrong.note(f"other {at}")
    assert wrong.wait_seconds("first") > 0
    wrong.note("one more")
    assert wrong.wait_seconds("first") == 0


@pytest.mark.parametrize("duty", list(Duty))
def test_the_bar_offers_only_what_the_duty_may_open(duty: Duty) -> None:
    links = {link.href for link in bar_for(person(duty), "/staff", by_session=True).links}
    assert {"/staff", "/deadlines", "/dashboard"} <= links
    assert ("/imports" in links) is (duty is Duty.DRAFTER)
    assert ("drafts" in agreement_pages_for(duty)) is (duty is Duty.DRAFTER)
    assert ("reviews" in agreement_pages_for(duty)) is (duty is Duty.REVIEWER)
