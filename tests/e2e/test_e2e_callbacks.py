"""Staff register another system in a real browser, hand over its secret, and see what was sent to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import pytest
from callback_receiver import Receiver, receiving
from e2e_serve import Serving, Watched, watched_page
from playwright.sync_api import Browser, expect

from kernel.canonical_json import canonical_bytes

PHONE, DESK = 390, 1440


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@contextmanager
def callbacks_page(served: Serving, browser: Browser, width: int) -> Iterator[Watched]:
    token = json.loads((served.data_dir / "keys/staff-tokens.json").read_text("utf-8"))["supplier-desk"]
    with watched_page(browser, served.url, width) as watched:
        watched.page.set_extra_http_headers({"Authorization": f"Bearer {token}"})
        watched.page.goto(f"{served.url}/callbacks")
        yield watched


def drafted(served: Serving, order_no: str) -> str:
    """A resident's contract, the least work that tells an event."""
    content = (files("contracts_chain.agreements.samples") / "lv_res_supply.json").read_bytes()
    one = {name: json.loads(content)[name] for name in ("kind", "terms")}
    order = canonical_bytes({"schema": 1, "order_no": order_no, "agreements": [one]})
    with served.staff("drafter") as drafter:
        number: str = drafter.post("/api/orders", content=order).json()["agreements"][0]["number"]
    return number


def test_staff_register_a_system_see_what_it_took_and_send_it_again(
    served: Serving, browser: Browser, receiver: Receiver
) -> None:
    path, width = "/e2e", PHONE
    with callbacks_page(served, browser, width) as watched:
        page = watched.page
        page.locator("#register summary").click()
        page.get_by_label("网址").fill(receiver.url + path)
        page.get_by_label("已起草", exact=True).check()
        watched.fits()
        watched.shot(f"callbacks-form-{width}")
        page.locator("#register").get_by_role("button", name="登记").click()
        expect(page.locator("#secret")).to_have_text(re.compile("^[0-9a-f]{64}$"))
        watched.fits()
        watched.shot(f"callbacks-secret-{width}")
        number = drafted(served, f"E2E-CALLBACK-{width}")
        receiver.wait_for(path, 1)
        page.goto(f"{served.url}/callbacks")
        expect(page.locator("#secret")).to_have_count(0)
        row = page.get_by_role("row").filter(has_text=number).filter(has_text=path)
        row.locator("summary").click()
        expect(row).to_contain_text("毫秒")
        watched.fits()
        watched.shot(f"callbacks-{width}")
        row.get_by_role("button", name="重新发送").click()
        expect(page.get_by_role("status")).to_contain_text("事件编号和内容不变")
        first, again = receiver.wait_for(path, 2)
        assert first.body == again.body
        page.get_by_label(f"更换密钥或停用 {receiver.url}{path}").click()
        page.get_by_role("button", name=f"停用 {receiver.url}{path}", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("不再向该地址发送")


def test_at_a_desk_the_page_fits_and_an_address_inside_is_refused_with_what_was_typed(
    served: Serving, browser: Browser
) -> None:
    with callbacks_page(served, browser, DESK) as watched:
        page = watched.page
        watched.fits()
        page.locator("#register summary").click()
        page.get_by_label("网址").fill("https://10.0.0.1/")
        page.get_by_label("已起草", exact=True).check()
        watched.shot(f"callbacks-form-{DESK}")
        page.locator("#register").get_by_role("button", name="登记").click()
        expect(page.get_by_role("alert")).to_contain_text("该地址属于内部网络")
        expect(page.get_by_label("网址")).to_have_value("https://10.0.0.1/")
        expect(page.get_by_label("已起草", exact=True)).to_be_checked()
        watched.fits()
        watched.shot(f"callbacks-wrong-{DESK}")
        watched.complaints.clear()  # the browser reports the 422
