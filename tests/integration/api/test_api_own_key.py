"""A resident signs over HTTP with a key that a real browser made and does not give away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import pytest
from api_service import Service
from ceremony_reader import prepare_to_sign
from playwright.sync_api import Page, sync_playwright
from trial_phone import identify_as, wait

from contracts_chain.agreements.terms.lv_res import LvResTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.model import SoleControl

SIGN_UP = """async ([token, code, name]) => {
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
  const how = { name: "ECDSA", hash: "SHA-256" };
  window.own = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const key = await crypto.subtle.exportKey("spki", window.own.publicKey);
  const told = { code, name, public_key_sha256: hex(await crypto.subtle.digest("SHA-256", key)) };
  const request = new TextEncoder().encode("contracts-chain own key v1\\n" + JSON.stringify(told));
  const signature = text(await crypto.subtle.sign(how, window.own.privateKey, request));
  const body = JSON.stringify({ code, public_key: text(key), signature });
  const answer = await fetch(`/s/${token}/own-key/certificate`, { method: "POST", body });
  window.chain = (await answer.json()).chain;
  return answer.status;
}"""
SIGN = """async ([token]) => {
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const begun = await (await fetch(`/s/${token}/own-key`, {
    method: "POST", body: JSON.stringify({ chain: window.chain }) })).json();
  const message = Uint8Array.from(atob(begun.to_sign), (sign) => sign.charCodeAt(0));
  const how = { name: "ECDSA", hash: "SHA-256" };
  const signature = text(await crypto.subtle.sign(how, window.own.privateKey, message));
  const body = JSON.stringify({ certificate_sha256: begun.certificate_sha256, signature });
  const answer = await fetch(`/s/${token}/own-key/finish`, { method: "POST", body });
  return [answer.status, begun.fingerprint, await answer.json()];
}"""


@pytest.fixture(scope="module")
def resident(service: Service) -> tuple[str, str]:
    """Number and token of a resident who has read and consented, and only has to sign."""
    office = service.house.office
    terms = load_terms((files("contracts_chain.agreements.samples") / "lv_res_supply.json").read_bytes())
    assert isinstance(terms, LvResTerms)
    number = draft_agreement(office, terms, order_no="ORDER-OWN-KEY", drafted_by="drafter").number
    submit_for_review(office, number, by="drafter")
    approve(office, number, reviewer="reviewer")
    token = offer(office, number, by="desk").tokens["consumer"]
    identify_as(office, token)
    prepare_to_sign(office, token, wait)
    return number, token


@contextmanager
def _browser_at(address: str) -> Iterator[Page]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "install chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        yield page
        browser.close()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("own-key", {"chain": ["no base64"]}),
        ("own-key", {"chain": []}),
        ("own-key", {}),
        ("own-key/finish", {"certificate_sha256": "00", "signature": ""}),
        ("own-key/finish", {"certificate_sha256": "00" * 32, "signature": "AAAA"}),
        ("own-key/certificate", {"public_key": "AAAA", "signature": "AAAA", "code": "123456"}),
    ],
)
def test_what_does_not_fit_is_refused_as_a_problem(
    service: Service, resident: tuple[str, str], path: str, body: dict[str, object]
) -> None:
    with service.client() as signer:
        response = signer.post(f"/s/{resident[1]}/{path}", content=json.dumps(body).encode())
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_a_link_nobody_was_sent_takes_no_key(service: Service) -> None:
    with service.client() as signer:
        assert signer.post("/s/nobody/own-key", content=b'{"chain":["AAAA"]}').status_code == 404


def test_a_browsers_own_key_is_certified_and_signs_the_contract(
    service: Service, resident: tuple[str, str]
) -> None:
    (number, token), office = resident, service.house.office
    with service.client() as signer:
        assert signer.post(f"/s/{token}/device/code").status_code == 200
    with _browser_at(f"{service.url}/s/{token}/check") as page:
        assert page.evaluate(SIGN_UP, [token, service.code_of(token), "林晓棠"]) == 200
        status, fingerprint, answer = page.evaluate(SIGN, [token])
    assert (status, answer) == (200, {"next": f"/s/{token}/done"})
    with office.work() as work:
        dossier = work.agreements.load(number)
    assert dossier.slots[0].signed
    assert dossier.current_sha256 is not None
    finding = inspect_pdf(office.blobs.get(dossier.current_sha256), office.trust.signatures).signatures[0]
    assert finding.integrity is finding.chain is finding.timestamp is Verdict.PROVEN
    assert finding.signer is not None
    assert (finding.signer.common_name, finding.signer.sole_control) == ("林晓棠", SoleControl.OWN_KEY)
    assert fingerprint == open_link(office, token).fingerprint
