"""A sheet over HTTP, drafted by the real worker in processes of its own; killed with -9 on the way."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from api_service import Service
from group_sheets import GROUP_NAME, HEADER, common_terms, sheet, site, sites
from test_api_crash import served, staff

PATIENCE_SECONDS = 90.0
LONG_PATIENCE_SECONDS = 900.0


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.2)


def open_group(drafter: httpx.Client, group_no: str) -> None:
    answer = drafter.post(
        "/imports/groups",
        data={"group_no": group_no, "name": GROUP_NAME},
        files={"defaults": ("common.json", common_terms())},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/imports?group={group_no}")


def uploaded(drafter: httpx.Client, group_no: str, content: bytes) -> str:
    """The address of the import, its columns chosen as proposed."""
    answer = drafter.post("/imports", data={"group_no": group_no}, files={"file": ("站点.csv", content)})
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    page = drafter.get(address).text
    chosen = [
        found[1] if (found := re.search(r'value="([^"]*)" selected', cell)) else ""
        for cell in page.split("<select ")[1:]
    ]
    answer = drafter.post(f"{address}/columns", data={"column": chosen})
    assert answer.status_code == 303, answer.text
    return str(address)


def confirmed(drafter: httpx.Client, address: str) -> str:
    answer = drafter.post(f"{address}/confirm")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def state_of(client: httpx.Client, address: str) -> str:
    return str(client.get(f"{address}/progress").json()["state"])


def contracts(client: httpx.Client, address: str) -> list[list[str]]:
    """Row, number and digest of every contract, as anybody of the staff may download them."""
    rows = list(csv.reader(io.StringIO(client.get(f"{address}/digests.csv").content.decode("utf-8-sig"))))
    return rows[1:]


def test_a_sheet_goes_from_upload_to_links_through_the_service(service: Service) -> None:
    with service.client("drafter") as drafter, service.client("reviewer") as reviewer:
        open_group(drafter, "JT-API-1")
        bad = uploaded(drafter, "JT-API-1", sheet([site(5000), site(5001, 合同容量="?"), site(5000)]))
        page = drafter.get(bad).text
        assert "3 行：1 可导入，2 要改" in page
        assert "改完前一行也不导入" in page
        assert drafter.post(f"{bad}/confirm").status_code == 422
        errors = drafter.get(f"{bad}/findings.csv")
        lines = list(csv.reader(io.StringIO(errors.content.decode("utf-8-sig"))))
        assert errors.content.startswith(b"\xef\xbb\xbf")
        assert ["3", site(5001)["户号"], "合同容量", "G-FORM"] in [line[:4] for line in lines]
        assert ["4", site(5000)["户号"], "户号", "G-KEY-1"] in [line[:4] for line in lines]

        address = confirmed(drafter, uploaded(drafter, "JT-API-1", sheet(sites(5, first=5000))))
        wait_until(lambda: state_of(drafter, address) == "drafted", "never drafted")
        rows = contracts(drafter, address)
        assert len({number for _, number, _ in rows}) == 5
        pdf = drafter.get(f"{address}/rows/{rows[0][0]}/contract.pdf")
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF")

        root = re.search(r'name="root" value="([0-9a-f]{64})"', reviewer.get(address).text)
        assert root is not None
        assert drafter.post(f"{address}/approve", data={"root": root[1]}).status_code == 403
        assert reviewer.post(f"{address}/approve", data={"root": "0" * 64}).status_code == 409
        assert reviewer.post(f"{address}/approve", data={"root": root[1]}).status_code == 303
        wait_until(lambda: state_of(drafter, address) == "approved", "never approved")
    with service.client("supplier-desk") as desk, service.client() as anybody:
        assert desk.post(f"{address}/offer").status_code == 303
        wait_until(lambda: state_of(desk, address) == "offered", "never offered")
        made = desk.post(f"{address}/rows/{rows[0][0]}/links/consumer").text
        link = re.search(rf"{service.url}/s/[\w-]+", made)
        assert link is not None
        assert "东海快充" in anybody.get(link[0]).text


def shown_root(client: httpx.Client, address: str) -> str:
    found = re.search(r'name="root" value="([0-9a-f]{64})"', client.get(address).text)
    assert found is not None
    return found[1]


def test_a_set_is_returned_submitted_again_offered_with_its_links_once_and_withdrawn(
    service: Service,
) -> None:
    with service.client("drafter") as drafter, service.client("reviewer") as reviewer:
        open_group(drafter, "JT-API-3")
        content = sheet(sites(2, first=5300))
        address = confirmed(drafter, uploaded(drafter, "JT-API-3", content))
        wait_until(lambda: state_of(drafter, address) == "drafted", "never drafted")
        assert reviewer.post(f"{address}/return", data={"reason": " "}).status_code == 422
        assert drafter.post(f"{address}/return", data={"reason": "x"}).status_code == 403
        assert reviewer.post(f"{address}/return", data={"reason": "户名有误"}).status_code == 303
        wait_until(lambda: state_of(drafter, address) == "returned", "never returned")
        assert "户名有误" in drafter.get(address).text
        assert drafter.post(f"{address}/submit").status_code == 303
        wait_until(lambda: state_of(drafter, address) == "drafted", "never drafted again")
        assert (
            reviewer.post(f"{address}/approve", data={"root": shown_root(reviewer, address)}).status_code
            == 303
        )
        wait_until(lambda: state_of(drafter, address) == "approved", "never approved")
        with service.client("supplier-desk") as desk, service.client() as anybody:
            assert desk.post(f"{address}/links.csv").status_code == 409
            assert desk.post(f"{address}/offer").status_code == 303
            wait_until(lambda: state_of(desk, address) == "offered", "never offered")
            assert drafter.post(f"{address}/links.csv").status_code == 403
            answer = desk.post(f"{address}/links.csv")
            assert answer.content.startswith(b"\xef\xbb\xbf")
            assert answer.headers["cache-control"] == "no-store"
            head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
            assert head == ["名称", "户号", "合同编号", "身份", "签署链接"]
            assert [row[3] for row in rows] == ["供电人", "用电人"] * 2
            assert "东海快充" in anybody.get(rows[1][4]).text
            assert "下载" in desk.post(f"{address}/links.csv").text
            assert desk.post(f"{address}/links.csv").status_code == 409
            assert drafter.post(f"{address}/withdraw", data={"reason": "x"}).status_code == 403
            assert desk.post(f"{address}/withdraw", data={"reason": "电价调整"}).status_code == 303
            wait_until(lambda: state_of(desk, address) == "cancelled", "never withdrawn")
            assert "电价调整" in desk.get(address).text
        again = confirmed(drafter, uploaded(drafter, "JT-API-3", content))
        wait_until(lambda: state_of(drafter, again) == "drafted", "never drafted anew")
        assert drafter.post(f"{again}/cancel", data={"reason": "仅供测试"}).status_code == 303
        wait_until(lambda: state_of(drafter, again) == "cancelled", "never cancelled")


def test_an_upload_that_is_no_sheet_is_one_page_with_what_to_do(service: Service) -> None:
    with service.client("drafter") as drafter:
        open_group(drafter, "JT-API-2")
        for content, words in ((b"PK\x03\x04", "Excel 工作簿"), (b"", "文件是空的")):
            answer = drafter.post(
                "/imports", data={"group_no": "JT-API-2"}, files={"file": ("x.csv", content)}
            )
            assert answer.status_code == 422
            assert words in answer.text
        head = ",".join(HEADER).encode()
        answer = drafter.post(
            "/imports", data={"group_no": "JT-API-2"}, files={"file": ("x.csv", head + bytes(50_000_000))}
        )
        assert answer.status_code == 413
        assert drafter.get("/imports/none").status_code == 404
        assert drafter.get("/sets/none").status_code == 404
    with service.client("reviewer") as reviewer:
        assert reviewer.get("/imports").status_code == 403
    with service.client() as anybody:
        assert anybody.get("/imports").status_code == 401


def test_a_file_confirmed_at_the_terminal_is_drafted_by_the_service(service: Service, tmp_path: Path) -> None:
    path, common = tmp_path / "sites.csv", tmp_path / "common.json"
    common.write_bytes(common_terms())

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        settings = service.house.settings
        environment = os.environ | {
            "CONTRACTS_CHAIN_DATA_DIR": str(settings.data_dir),
            "CONTRACTS_CHAIN_BUCKET": service.bucket,
            "COLUMNS": "200",
        }
        whole = [sys.executable, "-m", "api", "import", str(path), "--group", "JT-CLI", *arguments]
        return subprocess.run(
            whole, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    path.write_bytes(sheet([site(5100), site(5101, 抄表例日="x")], encoding="gbk"))
    answer = command("--defaults", str(common), "--name", GROUP_NAME, "--confirm")
    assert answer.returncode == 10, answer.stderr
    assert "抄表例日" in answer.stdout
    assert "Nothing is imported" in answer.stdout
    path.write_bytes(sheet(sites(2, first=5100)))
    answer = command("--confirm")
    assert answer.returncode == 0, answer.stderr
    found = re.search(r"/sets/([0-9a-f]+)", answer.stdout)
    assert found is not None
    with service.client("drafter") as drafter:
        wait_until(lambda: state_of(drafter, f"/sets/{found[1]}") == "drafted", "never drafted")


@contextmanager
def killed_on_the_way(data_dir: Path, address: str, at: int) -> Iterator[None]:
    """A service that goes on with the set and is killed with -9 once ``at`` contracts are drafted."""
    with served(data_dir, "--port", "0") as (process, url), staff(data_dir, url, "drafter") as drafter:
        wait_until(
            lambda: drafter.get(f"{address}/progress").json()["done"] >= at,
            f"never drafted {at}",
            LONG_PATIENCE_SECONDS,
        )
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        yield


def whole_set(data_dir: Path, count: int, kills: list[int]) -> None:
    """Draft a set, killed on the way as often as told; every contract is there once."""
    with served(data_dir, "--port", "0") as (process, url):
        with staff(data_dir, url, "drafter") as drafter:
            open_group(drafter, "JT-KILL")
            address = confirmed(drafter, uploaded(drafter, "JT-KILL", sheet(sites(count, first=6000))))
            wait_until(
                lambda: drafter.get(f"{address}/progress").json()["done"] >= kills[0],
                "no start",
                LONG_PATIENCE_SECONDS,
            )
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    for at in kills[1:]:
        with killed_on_the_way(data_dir, address, at):
            pass
    with served(data_dir, "--port", "0") as (_, url), staff(data_dir, url, "drafter") as drafter:
        wait_until(lambda: state_of(drafter, address) == "drafted", "never finished", LONG_PATIENCE_SECONDS)
        rows = contracts(drafter, address)
        listed = drafter.get("/api/agreements").json()["agreements"]
    assert [int(row) for row, _, _ in rows] == list(range(2, count + 2))
    serials = sorted(int(number[-5:]) for _, number, _ in rows)
    assert serials == list(range(serials[0], serials[0] + count))
    assert len({digest for _, _, digest in rows}) == count
    assert Counter(one["number"] for one in listed) == Counter(number for _, number, _ in rows)
    assert {one["sha256"] for one in listed} == {digest for _, _, digest in rows}


@pytest.mark.long
def test_a_set_killed_on_the_way_is_whole_with_every_number_and_pdf_once(tmp_path: Path) -> None:
    whole_set(tmp_path, 40, [1])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_thousand_sites_killed_twice_are_whole(tmp_path: Path) -> None:
    whole_set(tmp_path, 2000, [300, 1200])
