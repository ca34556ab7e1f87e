"""Legal staff verify files in a real browser: genuine, forged, foreign."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e_serve import Serving, watched_page
from playwright.sync_api import Browser, FilePayload, expect

from contracts_chain.evidence.zip_container import read_zip, write_zip
from tests.integration.signing.foreign_files import signed_by_mutool, signed_by_nss

DESK = 1440


@pytest.fixture(scope="module")
def package(served: Serving) -> bytes:
    number, links = served.offered("E2E-VERIFY")
    for role in ("consumer", "supplier"):
        served.sign_without_browser(links[role])
    return served.package(number)


def upload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def in_the_document(package: bytes) -> bytes:
    """The package with one byte of the contract's PDF changed and every checksum mended."""
    files = read_zip(package)
    pdf = files["agreement.pdf"]
    return write_zip({**files, "agreement.pdf": pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:]})


@pytest.mark.parametrize("width", [390, DESK])
def test_a_genuine_package_is_proven_step_by_step(
    served: Serving, browser: Browser, package: bytes, width: int
) -> None:
    with watched_page(browser, served.url, width) as watched:
        page = watched.page
        page.goto(f"{served.url}/verify")
        watched.fits()
        watched.shot(f"verify-{width}")
        page.get_by_label("证据包").set_input_files(upload("evidence.asice", package))
        page.get_by_role("button", name="核验", exact=False).first.click()
        expect(page.locator("h1")).to_contain_text("已证实：这就是")
        expect(page.locator(".steps > li")).to_have_count(12)
        expect(page.locator(".steps > li.proven")).to_have_count(12)
        watched.fits()
        watched.shot(f"proven-{width}")


@pytest.mark.parametrize("width", [320, DESK])
def test_a_changed_package_is_refuted_and_says_where(
    served: Serving, browser: Browser, package: bytes, width: int
) -> None:
    with watched_page(browser, served.url, width) as watched:
        page = watched.page
        page.goto(f"{served.url}/verify")
        page.get_by_label("证据包").set_input_files(upload("forged.asice", in_the_document(package)))
        page.get_by_role("button", name="核验", exact=False).first.click()
        watched.shot(f"refuted-{width}")
        expect(page.locator("h1")).to_contain_text("已证伪：第")
        expect(page.locator(".steps details[open]")).to_have_count(1)
        watched.fits()


def test_an_unreadable_file_is_neither_proven_nor_refuted(served: Serving, browser: Browser) -> None:
    with watched_page(browser, served.url, DESK) as watched:
        page = watched.page
        page.goto(f"{served.url}/verify")
        page.get_by_label("证据包").set_input_files(upload("cut.pdf", b"%PDF-1.7\ncut off"))
        page.get_by_role("button", name="核验", exact=False).first.click()
        watched.shot("unreadable")
        expect(page.locator("h1")).to_contain_text("无法读取")
        watched.fits()


@pytest.mark.parametrize("width", [390, DESK])
def test_a_pdf_signed_elsewhere_is_intact_and_by_somebody_unknown(
    served: Serving, browser: Browser, tmp_path: Path, width: int
) -> None:
    """As pdfsig signs over NSS: its message is in BER."""
    with watched_page(browser, served.url, width) as watched:
        page = watched.page
        page.goto(f"{served.url}/verify")
        page.get_by_label("证据包").set_input_files(upload("abroad.pdf", signed_by_nss(tmp_path)))
        page.get_by_role("button", name="核验", exact=False).first.click()
        expect(page.locator("h1")).to_contain_text("无法判定")
        expect(page.locator(".steps > li.proven")).to_have_count(3)
        expect(page.locator(".steps")).to_contain_text("并非本平台出具")
        watched.fits()
        watched.shot(f"foreign-{width}")


def test_a_pdf_signed_over_sha1_is_refuted_in_words(
    served: Serving, browser: Browser, tmp_path: Path
) -> None:
    with watched_page(browser, served.url, DESK) as watched:
        page = watched.page
        page.goto(f"{served.url}/verify")
        page.get_by_label("证据包").set_input_files(upload("weak.pdf", signed_by_mutool(tmp_path)))
        page.get_by_role("button", name="核验", exact=False).first.click()
        watched.shot("weak")
        expect(page.locator(".steps")).to_contain_text("SHA-1")
        watched.fits()
