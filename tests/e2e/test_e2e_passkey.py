"""A passkey on the real signing pages, in a real browser with a virtual authenticator (WebAuthn over CDP)."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from e2e_serve import Serving, Watched, watched_page
from playwright.sync_api import Browser, CDPSession, expect

PHONE = 390
UNVERIFIED = """async ([token]) => {
  const from = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const to = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  const options = await (await fetch(`/s/${token}/passkey`)).json();
  options.challenge = from(options.challenge);
  for (const one of options.allowCredentials) one.id = from(one.id);
  options.userVerification = "discouraged";
  const made = await navigator.credentials.get({ publicKey: options });
  const given = made.response;
  const body = { id: made.id, rawId: to(made.rawId), type: made.type, clientExtensionResults: {}, response: {
    authenticatorData: to(given.authenticatorData), clientDataJSON: to(given.clientDataJSON),
    signature: to(given.signature), userHandle: null } };
  const answer = await fetch(`/s/${token}/passkey`, { method: "POST", body: JSON.stringify(body) });
  return [answer.status, (await answer.json()).code, new Uint8Array(given.authenticatorData)[32]];
}"""
"""A page that asks the authenticator for less than our own script does, and sends what it got."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A virtual authenticator in the browser, with a switch for whether it knows its user."""

    cdp: CDPSession
    id: str

    def knows_its_user(self, known: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": known})

    def passkeys(self) -> int:
        return len(self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"])


@contextmanager
def device_page(browser: Browser, served: Serving) -> Iterator[tuple[Watched, Device]]:
    """A phone at ``localhost``: an address has no passkeys, a name has."""
    with watched_page(browser, at_localhost(served.url), PHONE) as watched:
        cdp = watched.page.context.new_cdp_session(watched.page)
        cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield watched, Device(cdp=cdp, id=str(made["authenticatorId"]))


def at_localhost(address: str) -> str:
    return address.replace("//127.0.0.1:", "//localhost:")


def ask_for_code(served: Serving, watched: Watched) -> str:
    known = len(served.codes())
    watched.page.get_by_role("button", name="获取登记码").click()
    expect(watched.page.get_by_label("登记码（6 位数字）")).to_be_visible()
    watched.fits()
    found = re.search(r"(\d{6})", served.code_after(known))
    assert found is not None
    return found[1]


def register(served: Serving, watched: Watched, link: str) -> None:
    page = watched.page
    page.goto(at_localhost(f"{link}/device"))
    watched.fits()
    code = ask_for_code(served, watched)
    page.get_by_label("登记码（6 位数字）").fill(code)
    page.get_by_role("button", name="登记本设备").click()
    expect(page.locator("h1")).to_have_text("签署前核对")


def level_of(package: bytes, role: str) -> str:
    """The level that the trail in a package names for the will of a party."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        name = next(one for one in archive.namelist() if one.endswith("trail.jsonl"))
        events = [json.loads(line) for line in archive.read(name).decode().splitlines()]
    (confirmed,) = [
        one["details"]
        for one in events
        if one["event"] == "will_confirmed" and one["details"]["role"] == role
    ]
    return str(confirmed["level"])


def test_a_customer_registers_a_passkey_signs_with_it_and_the_package_says_so(
    served: Serving, browser: Browser
) -> None:
    number, links = served.offered("E2E-PASSKEY")
    link = links["consumer"]
    served.ready_to_check(link)
    with device_page(browser, served) as (watched, device):
        page = watched.page
        page.goto(at_localhost(f"{link}/check"))
        page.get_by_role("link", name="先登记通行密钥").click()
        expect(page.locator("h1")).to_have_text("登记通行密钥")
        register(served, watched, link)
        assert device.passkeys() == 1
        page.get_by_role("button", name="同意并用通行密钥").click()
        expect(page.locator("h1")).to_have_text("用通行密钥确认")
        watched.fits()
        page.get_by_role("button", name="确认签署").click()
        expect(page.locator("h1")).to_have_text("您已签署", timeout=30_000)
    served.sign_without_browser(links["supplier"])
    package = served.package(number)
    assert (level_of(package, "consumer"), level_of(package, "supplier")) == ("passkey", "one_time_code")
    with httpx.Client(timeout=60, trust_env=False) as anyone:
        report = anyone.post(f"{served.url}/api/verify", files={"file": ("p.asice", package)}).json()
    assert report["verdict"] == "proven", report


def test_an_authenticator_that_has_not_verified_its_user_neither_registers_nor_signs(
    served: Serving, browser: Browser
) -> None:
    _, links = served.offered("E2E-UNVERIFIED")
    link = links["consumer"]
    served.ready_to_check(link)
    with device_page(browser, served) as (watched, device):
        page = watched.page
        page.goto(at_localhost(f"{link}/device"))
        device.knows_its_user(False)
        page.get_by_label("登记码（6 位数字）").fill(ask_for_code(served, watched))
        page.get_by_role("button", name="登记本设备").click()
        expect(page.locator("#passkey-says")).to_contain_text("没有登记")
        assert device.passkeys() == 0
        device.knows_its_user(True)
        page.get_by_role("button", name="登记本设备").click()  # the same options: no second code is asked for
        expect(page.locator("h1")).to_have_text("签署前核对")
        page.get_by_role("button", name="同意并用通行密钥").click()
        device.knows_its_user(False)
        page.get_by_role("button", name="确认签署").click()
        expect(page.locator("#passkey-says")).to_contain_text("没有签署")
        status, code, flags = page.evaluate(UNVERIFIED, [link.rsplit("/", 1)[-1]])
        assert flags & 0b101 == 0b001, "present, not verified: what the server must refuse"
        assert (status, code) == (422, "assertion_refused")
        watched.complaints.clear()  # the browser reports the 422
        page.goto(at_localhost(f"{link}/done"))
        expect(page.locator("h1")).to_contain_text("请签署")
