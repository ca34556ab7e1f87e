"""A customer signs on a phone: from the link in the message to the receipt, in a real browser."""

from __future__ import annotations

import pytest
from e2e_serve import Serving, Watched, code_in, watched_page
from playwright.sync_api import Browser, expect

PHONE = 390
NARROWEST = 320


@pytest.fixture(scope="module")
def offered(served: Serving) -> tuple[str, dict[str, str]]:
    return served.offered("E2E-PHONE")


def read_every_page(watched: Watched) -> None:
    """Scroll until every picture is there, as a reader does."""
    pictures = watched.page.locator(".pages img")
    for index in range(pictures.count()):
        picture = pictures.nth(index)
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0


def test_a_customer_signs_from_the_link_to_the_receipt(
    served: Serving, browser: Browser, offered: tuple[str, dict[str, str]]
) -> None:
    number, links = offered
    with watched_page(browser, served.url, PHONE) as watched:
        page = watched.page
        page.goto(links["consumer"])
        expect(page.locator("h1")).to_contain_text("请签署")
        watched.fits()
        watched.shot("s1-invitation")
        page.get_by_role("button", name="开始").click()
        expect(page.locator("h1")).to_have_text("合同全文")
        watched.fits()
        read_every_page(watched)
        watched.shot("s4-read")
        page.get_by_role("link", name="去核对").click()
        expect(page.locator("h1")).to_have_text("签署前核对")
        watched.fits()
        watched.shot("s7-check")
        fingerprint = page.locator(".facts .code").last.inner_text()
        known = len(served.messages())
        page.get_by_role("button", name="同意并获取签署码").click()
        expect(page.locator("h1")).to_have_text("输入签署码")
        watched.fits()
        watched.shot("s8-code")
        message = served.message_after(known)
        assert fingerprint in message
        assert number in message
        page.get_by_label("签署码（6 位数字）").fill(code_in(message))
        page.get_by_role("button", name="确认签署").click()
        expect(page.locator("h1")).to_have_text("您已签署")
        watched.fits()
        watched.shot("s10-done")
        assert number in page.locator("main").inner_text()
        page.goto(links["consumer"])
        expect(page.locator("h1")).to_have_text("您已签署")


def test_the_utility_signs_next_without_script_and_a_wrong_code_signs_nothing(
    served: Serving, browser: Browser, offered: tuple[str, dict[str, str]]
) -> None:
    number, links = offered
    with watched_page(browser, served.url, NARROWEST, script=False) as watched:
        page = watched.page
        page.goto(links["supplier"])
        watched.shot("s1-supplier-320")
        page.get_by_role("button", name="开始").click()
        page.wait_for_load_state("networkidle")
        page.get_by_role("link", name="去核对").click()
        known = len(served.messages())
        page.get_by_role("button", name="同意并获取签署码").click()
        right = code_in(served.message_after(known))
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        page.get_by_label("签署码（6 位数字）").fill(wrong)
        page.get_by_role("button", name="确认签署").click()
        expect(page).to_have_title("错误：输入签署码")
        expect(page.get_by_role("alert")).to_contain_text("还可试 4 次")
        watched.shot("s8-wrong-code-320")
        watched.complaints.clear()  # the browser reports the 422 of the refused code
        page.get_by_label("签署码（6 位数字）").fill(right)
        page.get_by_role("button", name="确认签署").click()
        expect(page.locator("h1")).to_have_text("您已签署")
        expect(page.locator(".progress")).to_contain_text("合同成立")
        watched.shot("s10-done-320")
    assert served.package(number)


def test_unread_pages_are_named_and_lead_back_to_them(served: Serving, browser: Browser) -> None:
    _, links = served.offered("E2E-UNREAD")
    with watched_page(browser, served.url, PHONE) as watched:
        page = watched.page
        page.goto(links["consumer"])
        page.get_by_role("button", name="开始").click()
        page.get_by_role("link", name="去核对").click()
        page.get_by_role("button", name="同意并获取签署码").click()
        expect(page).to_have_title("错误：签署前核对")
        watched.shot("s7-unread")
        watched.fits()
        watched.complaints.clear()  # the browser reports the 422
        page.get_by_role("link", name="去看第").last.click()
        expect(page.locator("h1")).to_have_text("合同全文")


@pytest.mark.parametrize("width", [NARROWEST, PHONE, 1440])
def test_every_page_fits_its_window_and_every_target_is_large(
    served: Serving, browser: Browser, width: int
) -> None:
    _, links = served.offered(f"E2E-WIDTH-{width}")
    with watched_page(browser, served.url, width) as watched:
        watched.page.goto(links["consumer"])
        watched.page.get_by_role("button", name="开始").click()
        here = links["consumer"]
        for address in (
            here,
            f"{here}/read",
            f"{here}/check",
            f"{here}/code",
            f"{served.url}/",
            f"{served.url}/docs",
            f"{served.url}/trust",
        ):
            watched.page.goto(address)
            watched.fits()
            watched.shot(f"width-{width}-{address.rsplit('/', 1)[-1][:6] or 'entry'}")
            for target in watched.page.locator("button, .primary, .secondary, input, summary").all():
                box = target.bounding_box()
                assert box is not None
                assert box["height"] >= (48 if width < 960 else 32), (address, target.inner_text(), box)


def test_text_twice_as_large_cuts_nothing(served: Serving, browser: Browser) -> None:
    _, links = served.offered("E2E-LARGE")
    with watched_page(browser, served.url, PHONE) as watched:
        watched.page.goto(links["consumer"])
        watched.page.get_by_role("button", name="开始").click()
        for deeper in ("check", "read", "code"):
            watched.page.goto(f"{links['consumer']}/{deeper}")
            watched.page.evaluate("document.documentElement.style.fontSize = '225%'")
            watched.fits()
            watched.shot(f"large-{deeper}")
            bars = [bar.bounding_box() for bar in watched.page.locator(".sticky").all()]
            assert all(bar is not None and bar["height"] <= 844 * 0.25 for bar in bars), bars
