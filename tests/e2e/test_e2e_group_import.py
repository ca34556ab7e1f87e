"""A clerk, a reviewer and the desk in a real browser: sheet, columns, findings, correction, set, offer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from e2e_serve import Serving, Watched, wait_until, watched_page
from group_sheets import GROUP_NAME, HEADER, common_terms, sheet, site, sites
from playwright.sync_api import Browser, FilePayload, expect

PHONE, DESK = 390, 1440
PATIENCE_MS = 90_000


def upload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@contextmanager
def at_work(served: Serving, browser: Browser, duty: str, width: int, *, script: bool) -> Iterator[Watched]:
    """A page of a person of the staff; the token goes with every request."""
    token = served.staff(duty).headers["authorization"]
    with watched_page(browser, served.url, width, script=script) as watched:
        watched.page.set_extra_http_headers({"Authorization": token})
        watched.page.set_default_timeout(PATIENCE_MS)
        yield watched


@pytest.mark.parametrize(("width", "script"), [(PHONE, False), (DESK, True)])
def test_a_sheet_is_uploaded_matched_corrected_confirmed_and_drafted(
    served: Serving, browser: Browser, width: int, script: bool
) -> None:
    group, first = f"JT-E2E-{width}", 7000 + width
    with at_work(served, browser, "drafter", width, script=script) as watched:
        page = watched.page
        page.goto(f"{served.url}/imports")
        watched.fits()
        page.get_by_label("集团户编号").fill(group)
        page.get_by_label("集团户名称").fill(GROUP_NAME)
        page.get_by_label("公共条款文件").set_input_files(upload("common.json", common_terms()))
        page.get_by_role("button", name="新建", exact=False).click()
        page.get_by_label("集团户 Group", exact=True).select_option(group)
        watched.fits()
        watched.shot(f"group-upload-{width}")

        header = ["编号", *HEADER[1:], "备注"]
        rows = [row | {"编号": row["户号"], "备注": "略"} for row in sites(12, first=first)]
        rows[3] |= {"合同容量": "-630"}
        rows[7] |= {"站点名称": "望江\u202e站"}
        rows[9] |= {"编号": rows[2]["编号"]}
        content = sheet(rows, header=header, encoding="gb18030", delimiter=";")
        page.get_by_label("CSV 文件").set_input_files(upload("站点表.csv", content))
        page.get_by_role("button", name="上传", exact=False).click()
        expect(page.locator("h1")).to_have_text("对列")
        expect(page.locator("main")).to_contain_text("GBK / GB 18030 编码、分号分隔")
        expect(page.locator("#errors")).to_contain_text("不认识列“编号”")
        watched.fits()
        watched.shot(f"group-columns-{width}")
        page.get_by_label("编号", exact=True).select_option(label="户号（必填）")
        page.get_by_label("备注", exact=True).select_option(value="-")
        page.get_by_role("button", name="检查每一行", exact=False).click()

        expect(page.locator("h1")).to_have_text("12 行：9 可导入，3 要改")
        expect(page.locator("main")).to_contain_text("改完前一行也不导入")
        expect(page.get_by_role("button", name="确认导入", exact=False)).to_have_count(0)
        expect(page.locator("main")).to_contain_text(rows[3]["编号"])
        watched.fits()
        watched.shot(f"group-findings-{width}")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载全部", exact=False).click()
        found = list(csv.reader(io.StringIO(Path(download.value.path()).read_bytes().decode("utf-8-sig"))))
        assert {line[0] for line in found if line[4] == "错误"} == {"5", "9", "11"}

        page.get_by_role("link", name="上传改好的文件", exact=False).click()
        page.get_by_label("CSV 文件").set_input_files(upload("改好.csv", sheet(sites(12, first=first))))
        page.get_by_role("button", name="上传", exact=False).click()
        page.get_by_role("button", name="检查每一行", exact=False).click()
        expect(page.locator("h1")).to_have_text("12 行，全部可导入")
        watched.fits()
        watched.shot(f"group-preview-{width}")
        page.get_by_role("button", name="确认导入 12 行", exact=False).click()
        expect(page.locator("h1")).to_contain_text(f"{GROUP_NAME}：12 份合同")
        watched.shot(f"group-progress-{width}")
        address = page.url
        if script:
            expect(page.locator("h1")).to_contain_text("待审核", timeout=PATIENCE_MS)
        else:
            with served.staff("drafter") as drafter:
                wait_until(lambda: drafter.get(f"{address}/progress").json()["state"] == "drafted")
            page.goto(address)
        expect(page.locator("main")).to_contain_text("等待审核岗通过")
        watched.fits()

    with at_work(served, browser, "reviewer", width, script=script) as watched:
        page = watched.page
        page.goto(address)
        expect(page.locator("main")).to_contain_text("各站点不同之处")
        watched.fits()
        watched.shot(f"group-review-{width}")
        page.get_by_role("button", name="通过 12 份", exact=False).click()
        with served.staff("reviewer") as reviewer:
            wait_until(lambda: reviewer.get(f"{address}/progress").json()["state"] == "approved")

    with at_work(served, browser, "supplier-desk", width, script=script) as watched:
        page = watched.page
        page.goto(address)
        page.get_by_role("button", name="发送签署 12 份", exact=False).click()
        with served.staff("supplier-desk") as desk:
            wait_until(lambda: desk.get(f"{address}/progress").json()["state"] == "offered")
        page.goto(address)
        watched.fits()
        watched.shot(f"group-offered-{width}")
        page.get_by_role("button", name="用电人", exact=True).first.click()
        expect(page.locator("h1")).to_have_text("签署链接")
        expect(page.locator("main")).to_contain_text(f"{served.url}/s/")
        watched.fits()
        watched.shot(f"group-link-{width}")


def test_a_dropped_file_stands_in_the_form(served: Serving, browser: Browser) -> None:
    with at_work(served, browser, "drafter", DESK, script=True) as watched:
        page = watched.page
        page.goto(f"{served.url}/imports")
        page.get_by_label("集团户编号").fill("JT-E2E-DROP")
        page.get_by_label("集团户名称").fill(GROUP_NAME)
        page.get_by_label("公共条款文件").set_input_files(upload("common.json", common_terms()))
        page.get_by_role("button", name="新建", exact=False).click()
        text = sheet([site(7900)]).decode("utf-8-sig")
        page.evaluate(
            """text => {
                const data = new DataTransfer();
                data.items.add(new File([text], "dropped.csv", {type: "text/csv"}));
                const place = document.querySelector("[data-drop]");
                const dropped = {dataTransfer: data, bubbles: true, cancelable: true};
                place.dispatchEvent(new DragEvent("drop", dropped));
            }""",
            text,
        )
        page.get_by_role("button", name="上传", exact=False).click()
        expect(page.locator("main")).to_contain_text("dropped.csv")
