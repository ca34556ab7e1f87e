"""An authenticator app over the service's own pages: a resident registers it, and it signs."""

from __future__ import annotations

import html
import re
import threading
from datetime import datetime

import httpx
import pyotp
import pytest
from api_resident import Resident, resident
from api_service import Service
from trial_phone import newest_code

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from signing.inspection import inspect_pdf
from signing.model import SoleControl

PATIENCE_SECONDS = 90


@pytest.fixture(scope="module")
def ready(service: Service) -> Resident:
    """Who has read and consented, and only has to sign."""
    return resident(service, "ORDER-AUTHENTICATOR")


def app_of(page: httpx.Response) -> pyotp.TOTP:
    """The app that took up the link on the page."""
    found = re.search(r'href="(otpauth://[^"]+)"', page.text)
    assert found is not None, page.text
    app = pyotp.parse_uri(html.unescape(found[1]))
    assert isinstance(app, pyotp.TOTP)
    return app


def fresh_digits(service: Service, app: pyotp.TOTP, after: int) -> tuple[str, int]:
    """The digits of the first step after this one that may be shown already, and that step."""
    now: datetime = service.house.office.clock.now()
    for _ in range(PATIENCE_SECONDS * 10):
        now = service.house.office.clock.now()
        if app.timecode(now) + 1 > after:
            break
        threading.Event().wait(0.1)
    step = max(app.timecode(now) - 1, after + 1)
    return app.generate_otp(step), step


def trail_kinds(service: Service, number: str) -> list[TrailEventKind]:
    with service.house.office.work() as work:
        return [one.event for one in verify_trail(work.trails.lines(number))]


def test_an_app_is_registered_on_a_code_and_signs_with_each_of_its_digits_once(
    service: Service, ready: Resident
) -> None:
    here, office = f"{ready.link}/authenticator", service.house.office
    with service.client() as signer:
        assert f'href="{here}"' in signer.get(f"{ready.link}/check").text
        assert "较低等级" in signer.get(here).text
        assert "只用于登记" in signer.post(f"{here}/code").text
        code = newest_code(office, ready.token)
        wrong = signer.post(f"{here}/secret", data={"code": f"{(int(code) + 1) % 10**6:06d}"})
        assert (wrong.status_code, "otpauth" in wrong.text) == (422, False)
        shown = signer.post(f"{here}/secret", data={"code": code})
        app = app_of(shown)
        assert app.secret in shown.text
        assert "<svg" in shown.text
        begun = app.timecode(office.clock.now())
        refused = signer.post(here, data={"code": "000000"})
        assert (refused.status_code, app.secret in refused.text) == (422, False)
        digits, first = fresh_digits(service, app, begun)
        assert signer.post(here, data={"code": digits}).headers["location"] == f"{ready.link}/check"
        assert signer.post(f"{ready.link}/code", data={"by": "totp"}).headers["location"].endswith("by=totp")
        assert "输入验证器动态码" in signer.get(f"{ready.link}/code", params={"by": "totp"}).text
        spent = signer.post(f"{ready.link}/sign", data={"by": "totp", "code": digits})
        assert (spent.status_code, "错误：" in spent.text) == (422, True)
        assert TrailEventKind.WILL_CONFIRMED not in trail_kinds(service, ready.number)
        later, _ = fresh_digits(service, app, first)
        done = signer.post(f"{ready.link}/sign", data={"by": "totp", "code": later})
        assert done.headers["location"] == f"{ready.link}/done", done.text
    with office.work() as work:
        dossier = work.agreements.load(ready.number)
    assert dossier.state is AgreementState.PARTLY_SIGNED
    assert dossier.current_sha256 is not None
    findings = inspect_pdf(office.blobs.get(dossier.current_sha256), office.trust.signatures)
    signer_named = findings.signatures[0].signer
    assert signer_named is not None
    assert signer_named.sole_control is SoleControl.TOTP


def test_nobody_registers_an_app_by_a_link_that_is_not_the_signers(service: Service) -> None:
    unknown = resident(service, "ORDER-AUTHENTICATOR-2", ready=False)
    with service.client() as stranger:
        for path in ("", "/code", "/secret"):
            assert stranger.post(f"/s/nobody/authenticator{path}", data={"code": "123456"}).status_code == 404
        guess = stranger.post(f"{unknown.link}/authenticator/secret", data={"code": "123456"})
    assert (guess.status_code, "otpauth" in guess.text) == (422, False)
