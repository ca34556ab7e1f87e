"""A clerk edits, a second clerk collides, a reviewer returns and passes: in a browser, without script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import pytest
from e2e_serve import Serving, Watched, watched_page
from playwright.sync_api import Browser, expect

from kernel.canonical_json import canonical_bytes, parse_json

PHONE, DESK = 390, 1440


@contextmanager
def staff_page(served: Serving, browser: Browser, width: int, duty: str) -> Iterator[Watched]:
    token = json.loads((served.data_dir / "keys/staff-tokens.json").read_text("utf-8"))[duty]
    with watched_page(browser, served.url, width, script=False) as watched:
        watched.page.set_extra_http_headers({"Authorization": f"Bearer {token}"})
        yield watched


def drafted(served: Serving, order_no: str) -> str:
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    order = parse_json(content)
    assert isinstance(order, dict)
    with served.staff("drafter") as drafter:
        made = drafter.post("/api/orders", content=canonical_bytes({**order, "order_no": order_no}))
    return str(made.json()["agreements"][0]["number"])


def another_clerk_writes(served: Serving, number: str, **changes: str) -> None:
    with served.staff("drafter") as drafter:
        read = drafter.get(f"/api/v1/agreements/{number}/draft")
        file: dict[str, Any] = read.json()["file"]
        body = canonical_bytes({**file, "terms": {**file["terms"], **changes}})
        headers = {"If-Match": read.headers["ETag"]}
        saved = drafter.put(f"/api/v1/agreements/{number}/draft", content=body, headers=headers)
    assert saved.status_code == 200, saved.text


def field(watched: Watched, path: str) -> Any:
    return watched.page.locator(f'[id="{path}"]')


def fits(watched: Watched) -> None:
    title, heading = watched.page.title(), watched.page.locator("h1").inner_text()
    assert title.removeprefix("错误：") == heading.strip()
    box, viewport = watched.page.locator("main").bounding_box(), watched.page.viewport_size
    assert box is not None
    assert viewport is not None
    assert box["x"] + box["width"] <= viewport["width"]


def save(watched: Watched, name: str = "保存草稿") -> None:
    watched.page.get_by_role("button", name=name).last.click()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_draft_goes_from_first_edit_over_a_collision_to_approval(
    served: Serving, browser: Browser, width: int
) -> None:
    number = drafted(served, f"E2E-DRAFT-{width}")
    with staff_page(served, browser, width, "drafter") as watched:
        page = watched.page
        page.goto(f"{served.url}/drafts/{number}")
        fits(watched)

        field(watched, "consumer.contact").fill("王\u202e明")
        save(watched)
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("从右至左强制符（U+202E RIGHT-TO-LEFT OVERRIDE）")
        expect(alert.get_by_role("link").first).to_have_attribute("href", "#consumer.contact")
        expect(field(watched, "consumer.contact")).to_have_attribute("aria-invalid", "true")
        watched.shot(f"draft-hidden-{width}")
        watched.complaints.clear()  # the browser reports the 422

        field(watched, "consumer.contact").fill("王明")
        field(watched, "late_fee_permille_per_day").fill("5")
        save(watched, "保存并提交审核")
        expect(page.locator("[role=status]")).to_contain_text("尚未提交")
        expect(field(watched, "late_fee_permille_per_day-found")).to_contain_text("R-LATE-1")
        watched.shot(f"draft-kept-{width}")
        watched.complaints.clear()  # and this one

        another_clerk_writes(served, number, rest_day="周日", late_fee_permille_per_day="3")
        field(watched, "late_fee_permille_per_day").fill("2")
        save(watched)
        expect(page.get_by_role("alert")).to_contain_text("他人已改 2 处")
        fits(watched)
        watched.shot(f"draft-stale-{width}")
        watched.complaints.clear()  # and the 409
        page.locator('input[name="take:late_fee_permille_per_day"][value="mine"]').check()
        save(watched, "保存并提交审核")
        expect(page.locator("[role=status]")).to_contain_text("已提交审核")
        expect(field(watched, "rest_day")).to_have_value("周日")
        expect(field(watched, "late_fee_permille_per_day")).to_have_value("2")
        expect(field(watched, "rest_day")).to_be_disabled()

    with staff_page(served, browser, width, "reviewer") as watched:
        page = watched.page
        page.goto(f"{served.url}/reviews/{number}")
        fits(watched)
        page.get_by_label("退回理由").fill("请核对厂休日")
        page.get_by_role("button", name="退回起草人").click()
        expect(page.locator("[role=status]")).to_contain_text("已退回")

    with staff_page(served, browser, width, "drafter") as watched:
        page = watched.page
        page.goto(f"{served.url}/drafts/{number}")
        expect(page.get_by_text("请核对厂休日")).to_be_visible()
        field(watched, "rest_day").fill("周六")
        save(watched, "保存并提交审核")
        expect(page.locator("[role=status]")).to_contain_text("已提交审核")

    with staff_page(served, browser, width, "reviewer") as watched:
        page = watched.page
        page.goto(f"{served.url}/reviews/{number}")
        watched.shot(f"review-{width}")
        page.get_by_role("button", name="审批通过").click()
        expect(page.locator("[role=status]")).to_contain_text("已审批通过")


def test_an_item_of_a_list_is_added_without_script_and_without_saving(
    served: Serving, browser: Browser
) -> None:
    number = drafted(served, "E2E-DRAFT-LIST")
    with staff_page(served, browser, DESK, "drafter") as watched:
        page = watched.page
        page.goto(f"{served.url}/drafts/{number}")
        page.locator('button[value="add:receiving_points[0].transformers"]').click()
        fields = page.locator('input[id^="receiving_points[0].transformers["][id$=".model"]')
        before = fields.count()
        assert fields.last.input_value() == ""
        expect(page.locator("[role=status]")).to_contain_text("尚未保存")
        page.locator(f'button[value="drop:receiving_points[0].transformers[{before - 1}]"]').click()
        expect(fields).to_have_count(before - 1)
    with served.staff("drafter") as drafter:
        assert drafter.get(f"/api/v1/agreements/{number}/draft").json()["draft_version"] == 1


def test_staff_without_the_duty_and_strangers_see_no_draft(served: Serving, browser: Browser) -> None:
    number = drafted(served, "E2E-DRAFT-STRANGER")
    with staff_page(served, browser, PHONE, "billing") as watched:
        answer = watched.page.goto(f"{served.url}/drafts/{number}")
        assert answer is not None
        assert answer.status >= 400
        expect(watched.page.locator("body")).not_to_contain_text("省级单位")
        watched.complaints.clear()
