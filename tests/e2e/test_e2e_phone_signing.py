"""A customer signs on a phone: from the link in the message to the receipt, in a real browser."""

from __future__ import annotations

import json

import httpx
import pytest
from e2e_serve import Serving, Watched, code_in, watched_page
from playwright.sync_api import Browser, expect

PHONE = 390
NARROWEST = 320
SIXTY = 60


def identified(served: Serving, link: str) -> None:
    with httpx.Client(timeout=60, trust_env=False) as signer:
        served.identify(signer, link)


def confirm_clauses(watched: Watched) -> None:
    """Press through every key clause; a test house asks for no seconds."""
    page = watched.page
    while "/clause/" in page.url:
        page.get_by_role("button", name="我已读懂").click()


def draw(watched: Watched) -> None:
    box = watched.page.locator("#pad").bounding_box()
    assert box is not None
    mouse = watched.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 60)
    mouse.down()
    for step in range(12):
        mouse.move(box["x"] + 40 + 18 * step, box["y"] + 60 + (step % 3) * 20)
    mouse.up()


def signs_on_the_phone(served: Serving, browser: Browser, number: str, link: str) -> None:
    """Every page from the link on, 390 px wide and turned once while the signature is drawn."""
    identified(served, link)
    with watched_page(browser, served.url, PHONE) as watched:
        page = watched.page
        page.goto(link)
        expect(page.locator("h1")).to_contain_text("请签署")
        watched.fits()
        page.get_by_role("button", name="开始").click()
        page.goto(f"{link}/summary")
        watched.fits()
        page.get_by_role("link", name="开始阅读").click()
        expect(page.locator("h1")).to_have_text("合同全文")
        watched.fits()
        page.locator(".sticky a").click()
        watched.fits()
        confirm_clauses(watched)
        expect(page.locator("h1")).to_have_text("签名")
        draw(watched)
        page.set_viewport_size({"width": 844, "height": PHONE})
        page.set_viewport_size({"width": PHONE, "height": 844})
        watched.fits()
        page.get_by_role("button", name="使用手写签名").click()
        expect(page.locator("h1")).to_have_text("签署前核对")
        watched.fits()
        fingerprint = page.locator(".facts .code").last.inner_text()
        known = len(served.codes())
        page.get_by_role("button", name="同意并获取签署码").click()
        expect(page.locator("h1")).to_have_text("输入签署码")
        watched.fits()
        message = served.code_after(known)
        assert fingerprint in message
        assert number in message
        page.get_by_label("签署码（6 位数字）").fill(code_in(message))
        page.get_by_role("button", name="确认签署").click()
        expect(page.locator("h1")).to_have_text("您已签署")
        watched.fits()
        assert number in page.locator("main").inner_text()


def test_a_customer_signs_from_the_link_to_the_receipt(served: Serving, browser: Browser) -> None:
    number, links = served.offered("E2E-PHONE")
    signs_on_the_phone(served, browser, number, links["consumer"])


def test_a_contract_of_more_than_sixty_pages_is_read_and_signed_on_a_phone(
    served: Serving, browser: Browser
) -> None:
    number, links = served.offered("E2E-SIXTY", motors=1600)
    identified(served, links["consumer"])
    with watched_page(browser, served.url, PHONE) as watched:
        page = watched.page
        page.goto(f"{links['consumer']}/pages")
        watched.fits()
        assert page.locator("main img").count() > SIXTY
        last = page.locator("main img").last
        last.scroll_into_view_if_needed()
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=last.element_handle())
        onward = page.locator(".sticky a").bounding_box()
        assert onward is not None
        assert 0 <= onward["y"] <= 844 - onward["height"], "the way on is in view wherever the reader is"
    signs_on_the_phone(served, browser, number, links["consumer"])


def test_without_script_a_typed_name_signs_and_a_wrong_code_does_not(
    served: Serving, browser: Browser
) -> None:
    _, links = served.offered("E2E-NOSCRIPT")
    link = links["consumer"]
    identified(served, link)
    with watched_page(browser, served.url, NARROWEST, script=False) as watched:
        page = watched.page
        page.goto(f"{link}/read")
        page.goto(f"{link}/clause/1")
        watched.fits()
        confirm_clauses(watched)
        expect(page.locator("#pad")).to_be_hidden()
        said = page.get_by_text("请键入：").inner_text()
        page.locator("#name").fill(said.split("：")[1].split()[0])
        page.get_by_role("button", name="使用姓名").click()
        known = len(served.codes())
        page.get_by_role("button", name="同意并获取签署码").click()
        right = code_in(served.code_after(known))
        page.get_by_label("签署码（6 位数字）").fill(f"{(int(right) + 1) % 1_000_000:06d}")
        page.get_by_role("button", name="确认签署").click()
        expect(page).to_have_title("错误：输入签署码")
        expect(page.get_by_role("alert")).to_contain_text("还可试 4 次")
        watched.complaints.clear()  # the browser reports the 422 of the refused code
        page.get_by_label("签署码（6 位数字）").fill(right)
        page.get_by_role("button", name="确认签署").click()
        expect(page.locator("h1")).to_have_text("您已签署")


def test_what_is_unread_is_named_and_leads_back_to_it(served: Serving, browser: Browser) -> None:
    _, links = served.offered("E2E-UNREAD")
    identified(served, links["consumer"])
    with watched_page(browser, served.url, PHONE) as watched:
        page = watched.page
        page.goto(f"{links['consumer']}/check")
        page.get_by_role("button", name="同意并获取签署码").click()
        expect(page).to_have_title("错误：签署前核对")
        watched.fits()
        watched.complaints.clear()  # the browser reports the 422
        page.get_by_role("link", name="去看第").last.click()
        expect(page.locator("h1")).to_have_text("合同原页")


@pytest.mark.parametrize("width", [NARROWEST, PHONE, 1440])
def test_every_page_fits_its_window_and_every_target_is_large(
    served: Serving, browser: Browser, width: int
) -> None:
    _, links = served.offered(f"E2E-WIDTH-{width}")
    here = links["consumer"]
    identified(served, here)
    with watched_page(browser, served.url, width) as watched:
        places = ("", "/summary", "/read", "/clause/1", "/mark", "/check", "/device", "/reject", "/paper")
        for place in places:
            watched.page.goto(f"{here}{place}")
            watched.fits()
            for target in watched.page.locator("button, .primary, .secondary, input, summary").all():
                box = target.bounding_box()
                if box is None or target.get_attribute("type") in {"radio", "hidden"}:
                    continue
                assert box["height"] >= (48 if width < 960 else 32), (place, target.inner_text(), box)


def test_text_twice_as_large_cuts_nothing(served: Serving, browser: Browser) -> None:
    _, links = served.offered("E2E-LARGE")
    link = links["consumer"]
    identified(served, link)
    with watched_page(browser, served.url, PHONE) as watched:
        for deeper in (
            "",
            "/identity",
            "/summary",
            "/read",
            "/pages",
            "/clause/1",
            "/mark",
            "/check",
            "/device",
        ):
            watched.page.goto(f"{link}{deeper}")
            enlarged(watched)


def test_a_list_of_contracts_fits_and_shows_no_whole_name_before_identity(
    served: Serving, browser: Browser
) -> None:
    numbers = [served.offered(f"E2E-LIST-{at}")[0] for at in range(3)]
    with served.staff("supplier-desk") as desk:
        body = json.dumps({"numbers": numbers, "role": "consumer"})
        link = desk.post("/api/v1/signing-sets", content=body).json()["link"]
    with watched_page(browser, served.url, PHONE) as watched:
        page = watched.page
        page.goto(link)
        expect(page.get_by_text("请 王*明 签署。")).to_be_visible()
        assert "王海明" not in page.locator("main").inner_text()
        enlarged(watched)
        page.get_by_role("button", name="开始").click()
        if "/identity" in page.url:
            identified(served, page.url.removesuffix("/identity"))
            page.goto(link)
            page.get_by_role("button", name="开始").click()
        expect(page.get_by_role("button", name="同意 3 份")).to_be_visible()
        enlarged(watched)


def enlarged(watched: Watched) -> None:
    """At twice the size nothing is cut, and no bar takes more than a quarter of the window."""
    watched.page.evaluate("document.documentElement.style.fontSize = '225%'")
    watched.fits()
    bars = [bar.bounding_box() for bar in watched.page.locator(".sticky").all()]
    assert all(bar is not None and bar["height"] <= 844 * 0.25 for bar in bars), (watched.page.url, bars)
