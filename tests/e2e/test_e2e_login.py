"""A person of the staff logs in in a plain browser, reaches each page and logs out; forgeries are refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from e2e_serve import Serving, watched_page
from playwright.sync_api import Browser, Page, expect

PHONE, DESK = 390, 1440


def token_of(served: Serving, duty: str) -> str:
    return str(json.loads((served.data_dir / "keys/staff-tokens.json").read_text("utf-8"))[duty])


def log_in(page: Page, served: Serving, duty: str) -> None:
    page.get_by_label("员工令牌").fill(token_of(served, duty))
    page.get_by_role("button", name="登录").click()


@contextmanager
def another_site(form: str) -> Iterator[str]:
    """A page on another origin that holds a form."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(form.encode())

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            del code, size

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join(10)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_staff_log_in_reach_each_page_and_log_out(served: Serving, browser: Browser, width: int) -> None:
    with watched_page(browser, served.url, width) as watched:
        page = watched.page
        page.goto(served.url)
        page.get_by_role("link", name="供电公司员工登录").click()
        watched.fits()
        watched.shot(f"login-{width}")
        log_in(page, served, "drafter")
        expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
        watched.fits()
        watched.shot(f"staff-{width}")
        for name, path in (
            ("超期清单", "/deadlines"),
            ("数据看板", "/dashboard"),
            ("集团户导入", "/imports"),
            ("工作台", "/staff"),
        ):
            page.get_by_role("navigation").get_by_role("link", name=name).click()
            expect(page).to_have_url(served.url + path)
            expect(page.get_by_role("navigation").get_by_role("link", name=name)).to_have_attribute(
                "aria-current", "page"
            )
            watched.fits()
            watched.shot(f"bar-{path.strip('/')}-{width}")
        page.get_by_role("button", name="退出").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("员工登录")
        page.goto(f"{served.url}/imports")
        expect(page).to_have_url(f"{served.url}/login?next=%2Fimports")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_wrong_token_and_a_session_that_is_over_are_told_and_lead_back(
    served: Serving, browser: Browser, width: int
) -> None:
    with watched_page(browser, served.url, width, script=False) as watched:
        page = watched.page
        page.goto(f"{served.url}/deadlines")
        page.get_by_label("员工令牌").fill("not-a-token")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_contain_text("令牌不对")
        expect(page.get_by_label("员工令牌")).to_have_value("")
        assert page.title() == "错误：员工登录"
        watched.shot(f"login-wrong-{width}")
        watched.complaints.clear()  # the browser reports the 401
        log_in(page, served, "billing")
        expect(page).to_have_url(f"{served.url}/deadlines")

        stale = {"name": "staff", "value": "x" * 43, "url": served.url}
        page.context.add_cookies([stale])  # type: ignore[list-item]
        page.reload()
        expect(page.get_by_role("status")).to_contain_text("会话已结束")
        watched.shot(f"login-over-{width}")
        log_in(page, served, "billing")
        expect(page).to_have_url(f"{served.url}/deadlines")


def test_another_sites_form_does_nothing_although_a_person_is_logged_in(
    served: Serving, browser: Browser
) -> None:
    form = f'<form method="post" action="{served.url}/logout"><button>win a prize</button></form>'
    with another_site(form) as elsewhere, watched_page(browser, served.url, DESK) as watched:
        page = watched.page
        page.goto(f"{served.url}/login")
        log_in(page, served, "reviewer")
        page.goto(elsewhere)
        page.get_by_role("button", name="win a prize").click()
        expect(page.get_by_role("alert")).to_contain_text("不是从本站页面发出的")
        watched.complaints.clear()  # the other site's own requests, and the 403
        page.goto(f"{served.url}/staff")
        expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
        expect(page.locator("main")).to_contain_text("审核岗")
