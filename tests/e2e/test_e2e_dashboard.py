"""Staff look at deadlines and figures in a real browser, on a phone and at a desk, without script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from e2e_serve import Serving, Watched, watched_page
from playwright.sync_api import Browser, expect

from kernel.canonical_json import canonical_bytes

PHONE, DESK = 390, 1440


@pytest.fixture(scope="module")
def order_no(served: Serving) -> str:
    """An order that is due soon and bears a mark."""
    steps = ({"kind": "application_received", "district": "鄞州区"}, {"kind": "accepted"})
    with served.staff("drafter") as drafter:
        for number, step in enumerate(steps):
            made = drafter.post(
                "/api/v1/orders/E2E-CLOCK/milestones",
                content=canonical_bytes(step),
                headers={"Idempotency-Key": f"e2e-clock-{number}"},
            )
            assert made.status_code == 201, made.text
    return "E2E-CLOCK"


@contextmanager
def staff_page(served: Serving, browser: Browser, width: int, duty: str) -> Iterator[Watched]:
    token = json.loads((served.data_dir / "keys/staff-tokens.json").read_text("utf-8"))[duty]
    with watched_page(browser, served.url, width, script=False) as watched:
        watched.page.set_extra_http_headers({"Authorization": f"Bearer {token}"})
        yield watched


def script_free_fit(watched: Watched) -> None:
    """With script off the page itself cannot be asked: its picture is no wider than the window."""
    title, heading = watched.page.title(), watched.page.locator("h1").inner_text()
    assert title.strip() == heading.strip()
    box = watched.page.locator("main").bounding_box()
    viewport = watched.page.viewport_size
    assert box is not None
    assert viewport is not None
    assert box["x"] + box["width"] <= viewport["width"]


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_list_names_what_is_due_and_what_was_skipped(
    served: Serving, browser: Browser, order_no: str, width: int
) -> None:
    with staff_page(served, browser, width, "billing") as watched:
        watched.page.goto(f"{served.url}/deadlines")
        expect(watched.page.get_by_role("row").filter(has_text=order_no).first).to_be_visible()
        expect(watched.page.locator(".marks li").filter(has_text=order_no)).to_contain_text("未见前序环节")
        expect(watched.page.get_by_role("button", name="催办")).to_have_count(0)
        script_free_fit(watched)
        watched.shot(f"deadlines-{width}")


def test_a_reviewer_reminds_by_one_press_and_sees_that_it_is_done(
    served: Serving, browser: Browser, order_no: str
) -> None:
    with staff_page(served, browser, PHONE, "reviewer") as watched:
        watched.page.goto(f"{served.url}/deadlines")
        watched.page.get_by_role("button", name=f"催办 {order_no} 验收完成后送电").click()
        expect(watched.page.get_by_role("status")).to_contain_text(f"已催办业务单 {order_no}")
        row = watched.page.get_by_role("row").filter(has_text=order_no).filter(has_text="验收完成后送电")
        expect(row).to_contain_text("今天已催办")
    assert any(order_no in text for text in served.messages())


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_figures_are_charts_with_the_same_numbers_as_tables(
    served: Serving, browser: Browser, order_no: str, width: int
) -> None:
    with staff_page(served, browser, width, "reviewer") as watched:
        watched.page.goto(f"{served.url}/dashboard")
        expect(watched.page.locator("svg text").filter(has_text="受理用电申请")).to_be_visible()
        expect(watched.page.locator(".definition")).to_contain_text("起算当日不计")
        script_free_fit(watched)
        watched.shot(f"dashboard-{width}")
        watched.page.get_by_role("link", name="看山东").click()
        expect(watched.page.locator("table").first).to_contain_text("42 个工作日以内")
