"""``contracts-chain serve`` as a process of its own, a browser before it, and people at both."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from kernel.canonical_json import canonical_bytes

PATIENCE_SECONDS = 90.0
TOO_WIDE = """[...document.querySelectorAll('body *')]
  .filter(element => element.getBoundingClientRect().right > window.innerWidth)
  .map(element => element.outerHTML.slice(0, 120))"""
SHOTS = os.environ.get("E2E_SCREENSHOTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A running service: its address, its staff tokens, its sandbox messages."""

    url: str
    data_dir: Path

    def staff(self, duty: str) -> httpx.Client:
        token = json.loads((self.data_dir / "keys/staff-tokens.json").read_text("utf-8"))[duty]
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        )

    def messages(self) -> list[str]:
        path = self.data_dir / "sandbox/sms.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [json.loads(line)["text"] for line in lines]

    def message_after(self, known: int) -> str:
        wait_until(lambda: len(self.messages()) > known)
        return self.messages()[-1]

    def offered(self, order_no: str, *, motors: int | None = None) -> tuple[str, dict[str, str]]:
        """Draft, approve and offer the sample's supply contract; its number and links."""
        return self.offered_first(_order(order_no, motors))

    def offered_to_resident(self, order_no: str) -> tuple[str, dict[str, str]]:
        """The same of a resident's contract, which no seal of a customer goes on."""
        content = (files("contracts_chain.agreements.samples") / "lv_res_supply.json").read_bytes()
        one = {name: json.loads(content)[name] for name in ("kind", "terms")}
        return self.offered_first(canonical_bytes({"schema": 1, "order_no": order_no, "agreements": [one]}))

    def offered_first(self, order: bytes) -> tuple[str, dict[str, str]]:
        """Draft, approve and offer the first agreement of an order."""
        with self.staff("drafter") as drafter:
            asked = drafter.post("/api/orders", content=order)
            number = asked.json()["agreements"][0]["number"]
            drafter.post(f"/api/agreements/{number}/submit")
        with self.staff("reviewer") as reviewer:
            reviewer.post(f"/api/agreements/{number}/approve")
        with self.staff("supplier-desk") as desk:
            links = desk.post(f"/api/agreements/{number}/offer").json()["links"]
        self.let_seals_be_used(number)
        return number, links

    def let_seals_be_used(self, number: str) -> None:
        """Ask for every seal of the utility that takes the contract; the custodian approves."""
        with self.staff("supplier-desk") as desk, self.staff("seal-custodian") as custodian:
            for seal in desk.get("/api/v1/seals").json()["seals"]:
                body = json.dumps({"numbers": [number], "reason": f"签订合同 {number}"})
                asked = desk.post(f"/api/v1/seals/{seal['id']}/requests", content=body)
                if asked.status_code == 201:
                    custodian.post(f"/api/v1/seal-requests/{asked.json()['id']}/approve", content="{}")

    def codes(self) -> list[str]:
        """Texts with codes; they lie in the activation process's own outbox, as on phones."""
        path = self.data_dir / "activation/private/outbox/sms.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [json.loads(line)["text"] for line in lines]

    def code_after(self, known: int) -> str:
        """The text that follows ``known`` others."""
        wait_until(lambda: len(self.codes()) > known)
        return self.codes()[-1]

    def identify(self, signer: httpx.Client, link: str) -> None:
        """By the sandbox provider's carrier or bank check, over its own pages."""
        if not signer.post(link).headers["location"].endswith("/identity"):
            return
        shown = signer.get(f"{link}/identity").text
        method = next(one for one in ("carrier_three_elements", "bank_account") if f'value="{one}"' in shown)
        signer.post(f"{link}/identity", data={"method": method})
        found = re.search(r'href="(http[^"]+)/p/([^"]+)"', signer.get(f"{link}/identity/go").text)
        assert found is not None
        httpx.post(f"{found[1]}/sessions/{found[2]}/act", json={}, trust_env=False).raise_for_status()
        signer.get(f"{link}/identity/check")

    def ready_to_check(self, link: str) -> None:
        """Identity, reading and a typed name, so that only the will is left."""
        with httpx.Client(timeout=60, trust_env=False) as signer:
            self.identify(signer, link)
            signer.post(link)
            signer.get(f"{link}/read")
            there = f"{link}/clause/1"
            while "/clause/" in there:
                signer.get(there)
                there = self.url + signer.post(there).headers["location"]
            name = re.search(r"请键入：(\S+)", signer.get(f"{link}/mark").text)
            assert name is not None
            assert signer.post(f"{link}/mark", data={"kind": "typed", "name": name[1]}).status_code == 303

    def sign_without_browser(self, link: str) -> None:
        self.ready_to_check(link)
        with httpx.Client(timeout=60, trust_env=False) as signer:
            known = len(self.codes())
            signer.post(f"{link}/code")
            code = code_in(self.code_after(known))
            assert signer.post(f"{link}/sign", data={"code": code}).status_code == 303

    def package(self, number: str) -> bytes:
        """The evidence package once it is final."""
        with self.staff("supplier-desk") as desk:
            address = f"/api/agreements/{number}/package"
            wait_until(lambda: desk.get(address).status_code == 200)
            return desk.get(address).content


def _order(order_no: str, motors: int | None) -> bytes:
    """The sample order; with so many small motors in its list of equipment, if a number is given."""
    order = json.loads((files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes())
    point = order["agreements"][0]["terms"]["receiving_points"][0]
    if motors is not None:
        one = {**point["hv_motors"][0], "power_kw": "5", "quantity": 1}
        point["hv_motors"] = [{**one, "no": f"{at}号风机"} for at in range(1, motors + 1)]
    return canonical_bytes({**order, "order_no": order_no})


def code_in(message: str) -> str:
    found = re.search(r"签署码(\d{6})", message)
    assert found is not None, message
    return found[1]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.1)


@contextmanager
def serving(data_dir: Path) -> Iterator[Serving]:
    environment = os.environ | {
        "CONTRACTS_CHAIN_DATA_DIR": str(data_dir),
        "CONTRACTS_CHAIN_ANCHOR_AGE_SECONDS": "1",
        "CONTRACTS_CHAIN_BLOCK_PERIOD_SECONDS": "0",
        "CONTRACTS_CHAIN_DWELL_FLOOR_SECONDS": "0",
        "CONTRACTS_CHAIN_CODES_AN_HOUR": "1000",
        "CONTRACTS_CHAIN_DWELL_CAP_SECONDS": "0",
    }
    command = [sys.executable, "-m", "api", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield Serving(url=said.strip().rsplit(" ", 1)[-1], data_dir=data_dir)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


@dataclass(slots=True)
class Watched:
    """A page whose console, errors and foreign requests are collected."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)

    def fits(self) -> None:
        """No page is wider than its window, and title and h1 agree (WEB §7.4, §7.6)."""
        widths = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert widths[0] <= widths[1], (self.page.url, widths, self.page.evaluate(TOO_WIDE))
        title, heading = self.page.title(), self.page.locator("h1").inner_text()
        assert title.removeprefix("错误：") == heading.strip()


@contextmanager
def watched_page(browser: Browser, url: str, width: int, *, script: bool = True) -> Iterator[Watched]:
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=script, locale="zh-CN"
    )
    page = context.new_page()
    watched = Watched(page)

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            watched.complaints.append(message.text)

    def see(request: Request) -> None:
        if not request.url.startswith(url):
            watched.complaints.append(f"foreign request: {request.url}")

    page.on("console", hear)
    page.on("pageerror", lambda problem: watched.complaints.append(str(problem)))
    page.on("request", see)
    try:
        yield watched
        assert watched.complaints == []
    finally:
        context.close()
