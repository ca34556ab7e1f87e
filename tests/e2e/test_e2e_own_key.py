"""A resident signs with a key of its own in a real browser; no private key is in anything that is sent."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from deferred_key import OpensslKey
from e2e_serve import Serving, Watched, watched_page
from playwright.sync_api import Browser, Request, expect

from contracts_chain.activation.own_keys import own_key_request

PHONE, DESK = 390, 1440
KEPT = """() => new Promise((done) => {
  const opened = indexedDB.open("own-key", 1);
  opened.onsuccess = () => {
    const all = opened.result.transaction("keys").objectStore("keys").getAll();
    all.onsuccess = async () => done(await Promise.all(all.result.map(async ({ key }) => [
      key.extractable, await crypto.subtle.exportKey("pkcs8", key).then(() => "given", (why) => why.name)])));
  };
})"""
"""For each key of the browser's database: whether it says it can be exported, and what an attempt gives."""


class Sent:
    """Bodies of every request of a page."""

    def __init__(self, watched: Watched) -> None:
        self._requests: list[Request] = []
        watched.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self._requests.append(request)

    def bodies(self) -> list[bytes]:
        return [one.post_data_buffer or b"" for one in self._requests if one.method == "POST"]

    def objects(self) -> list[dict[str, object]]:
        """Of the script's own requests."""
        return [json.loads(one) for one in self.bodies() if one.startswith(b"{")]


@contextmanager
def own_key_page(browser: Browser, served: Serving, width: int) -> Iterator[tuple[Watched, Sent]]:
    with watched_page(browser, served.url, width) as watched:
        yield watched, Sent(watched)


def code_of(served: Serving, known: int) -> str:
    found = re.search(r"登记码(\d{6})", served.code_after(known))
    assert found is not None
    return found[1]


def targets_are_large(watched: Watched, least: int) -> None:
    for target in watched.page.locator("main button, main input, main textarea, main summary").all():
        box = target.bounding_box()
        if box is not None and target.get_attribute("type") != "hidden":
            assert box["height"] >= least, (target.inner_text(), box)


def stays_whole(watched: Watched) -> None:
    """In the narrowest window, and with text twice as large."""
    page = watched.page
    page.set_viewport_size({"width": 320, "height": 844})
    watched.fits()
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '225%'")
    watched.fits()
    page.evaluate("document.documentElement.style.fontSize = ''")


def test_a_key_made_in_the_browser_is_certified_signs_and_never_leaves_it(
    served: Serving, browser: Browser
) -> None:
    _, links = served.offered_to_resident("E2E-OWN-KEY")
    link = links["consumer"]
    served.ready_to_check(link)
    with own_key_page(browser, served, PHONE) as (watched, sent):
        page = watched.page
        page.goto(f"{link}/check")
        watched.shot("own-key-check-390")
        page.get_by_role("button", name="同意并用您自己的证书").click()
        expect(page.locator("h1")).to_have_text("用您自己的证书签署")
        watched.fits()
        known = len(served.codes())
        page.get_by_role("button", name="获取登记码").click()
        page.get_by_label("登记码（6 位数字）").fill(code_of(served, known))
        watched.fits()
        targets_are_large(watched, 48)
        watched.shot("own-key-choose-390")
        stays_whole(watched)
        page.get_by_role("button", name="生成密钥并领取测试证书").click()
        expect(page.locator("h1")).to_have_text("用您自己的密钥签名")
        expect(page.locator(".facts")).to_contain_text("TEST")
        expect(page.get_by_role("button", name="确认签署")).to_be_visible()
        watched.fits()
        targets_are_large(watched, 48)
        watched.shot("own-key-sign-390")
        stays_whole(watched)
        assert page.evaluate(KEPT) == [[False, "InvalidAccessError"]]
        page.get_by_role("link", name="换证书").click()
        page.get_by_role("button", name="用本浏览器中").click()
        page.get_by_role("button", name="确认签署").click()
        expect(page.locator("h1")).to_have_text("您已签署", timeout=30_000)
        asked, prepared, again, finished = sent.objects()
    assert sorted(asked) == ["code", "public_key", "signature"]
    assert prepared == again
    assert sorted(prepared) == ["chain"]
    assert sorted(finished) == ["certificate_sha256", "signature"]
    assert len(base64.b64decode(str(asked["public_key"]))) == 91, "a P-256 public key and nothing else"


def certified(served: Serving, link: str, key: OpensslKey) -> bytes:
    """A chain in PEM for a key file, as a program of the signer's own has it made."""
    with httpx.Client(timeout=60, trust_env=False) as signer:
        known = len(served.codes())
        signer.post(f"{link}/own-key/code")
        code = code_of(served, known)
        signature = key.sign(own_key_request("林晓棠", key.public_key_der, code))
        body = {
            "code": code,
            "public_key": base64.b64encode(key.public_key_der).decode(),
            "signature": base64.b64encode(signature).decode(),
        }
        chain = signer.post(f"{link}/own-key/certificate", content=json.dumps(body)).json()["chain"]
    lines = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
    return "".join(lines.format(one) for one in chain).encode()


def is_in(secret: bytes, body: bytes) -> bool:
    """As it is, in hexadecimal, or in base64 at any alignment, with the lines of PEM joined."""
    joined = body.replace(b"\\n", b"").replace(b"\r", b"").replace(b"\n", b"")
    forms = [secret, secret.hex().encode(), secret.hex().upper().encode()]
    for lead in range(3):
        whole = base64.b64encode(bytes(lead) + secret)
        forms.append(whole[4 if lead else 0 : -4])
    return any(form in body or form in joined for form in forms)


def test_a_key_file_is_read_in_the_browser_for_one_signature_and_not_sent(
    served: Serving, browser: Browser, tmp_path: Path
) -> None:
    _, links = served.offered_to_resident("E2E-OWN-FILE")
    link = links["consumer"]
    served.ready_to_check(link)
    key = OpensslKey.made(tmp_path)
    (tmp_path / "own.crt").write_bytes(certified(served, link, key))
    stranger = generate_private_key(SECP256R1())
    pem = stranger.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "strange.pem").write_bytes(pem)
    with own_key_page(browser, served, DESK) as (watched, sent):
        page = watched.page
        page.goto(f"{link}/check")
        page.get_by_role("button", name="同意并用您自己的证书").click()
        page.get_by_label("证书文件").set_input_files([tmp_path / "own.crt", tmp_path / "own.pem"])
        page.get_by_role("button", name="准备待签内容").click()
        expect(page.locator("#certificate-says")).to_contain_text("没有发送")
        watched.fits()
        watched.shot("own-key-choose-1440")
        page.get_by_label("证书文件").set_input_files(tmp_path / "own.crt")
        page.get_by_role("button", name="准备待签内容").click()
        expect(page.locator("h1")).to_have_text("用您自己的密钥签名")
        watched.fits()
        targets_are_large(watched, 32)
        watched.shot("own-key-sign-1440")
        page.get_by_label("私钥文件").set_input_files(tmp_path / "strange.pem")
        page.get_by_role("button", name="读取密钥并签署").click()
        expect(page.locator("#own-key-says")).to_contain_text("请重新签名")
        watched.complaints.clear()  # the browser reports the 422 of the wrong key
        watched.shot("own-key-wrong-1440")
        page.get_by_label("私钥文件").set_input_files(tmp_path / "own.pem")
        page.get_by_role("button", name="读取密钥并签署").click()
        expect(page.locator("h1")).to_have_text("您已签署", timeout=30_000)
        bodies = sent.bodies()
    made = stranger.private_numbers().private_value.to_bytes(32)
    secrets = [made, _private_value(tmp_path / "own.pem")]
    assert len(bodies) == 4, "agreed, chose a certificate, a wrong signature, the right one"
    assert not [secret for secret in secrets for body in bodies if is_in(secret, body)]


def _private_value(file: Path) -> bytes:
    key = load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key.private_numbers().private_value.to_bytes(32)
