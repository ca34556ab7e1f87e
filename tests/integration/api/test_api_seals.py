"""The seal registry over HTTP: who may do what, what is refused, what pages offer and machines read.

The office is in memory, the routes and the staff register are the real ones.
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fake_seals import FakeSealKeys
from fastapi import FastAPI
from kept_ses import CRLS, LOOK_ALIKE, OWNER_ID, SEAL, TRUST
from licensed_ca import LicensedCa
from memory_office import MemoryOffice, memory_office
from seal_desk import added_agreement, with_seals

from api import problems
from api.listening import bound_socket
from api.routes import seal_pages, seals
from api.routes.desk import Desk
from api.routes.pages import page
from api.staff import Duty, DutyMissingError, NotSignedOnError, StaffRegister
from contracts_chain.workflows.seal_use import is_own_seal, note_use, take_use
from kernel.canonical_json import canonical_bytes
from kernel.digests import digests_of, sha256
from signing.ses.reading import read_ses

TOKENS = {duty: f"{duty.value}-{'x' * 40}" for duty in Duty}
ASKER, REVIEWER, KEEPER = Duty.SUPPLIER_DESK, Duty.REVIEWER, Duty.SEAL_CUSTODIAN
AUTHORITY = LicensedCa(name="示例电子认证服务有限公司", url="http://ca.example.test")
APPLICATION: dict[str, Any] = {
    "name": "合同专用章（2）",
    "kind": "contract",
    "classes": ["HV_SUPPLY", "SUPPLEMENT"],
    "valid_from": "2026-11-20",
    "valid_to": "2027-11-19",
}


@dataclass
class Counter:
    """The routes over an office in memory."""

    client: httpx.Client
    world: MemoryOffice

    def ask(
        self, duty: Duty | None, method: str, path: str, body: object = None, **more: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKENS[duty]}"} if duty else {}
        content = None if body is None else canonical_bytes(body)  # type: ignore[arg-type]
        return self.client.request(method, path, content=content, headers=headers, **more)

    def drafted(self, order_no: str = "ORDER-1") -> str:
        return added_agreement(self.world.office, order_no)

    def seal_id(self, name: str = "供用电合同专用章") -> str:
        listed = self.ask(KEEPER, "GET", "/api/v1/seals").json()["seals"]
        return str(next(seal["id"] for seal in listed if seal["name"] == name))

    def use(self, number: str, *, noted: bool = True) -> int:
        office = self.world.office
        with office.work() as work:
            dossier = work.agreements.load(number)
            slot = next(slot for slot in dossier.slots if is_own_seal(office, slot))
            use = take_use(office, work, dossier, slot, office.clock.now())
            if noted:
                note_use(
                    work,
                    use,
                    document=digests_of(b"sealed"),
                    certificate_sha256=sha256(b"certificate"),
                    at=office.clock.now(),
                    actor="supplier-desk",
                )
            work.log.sequence_pending(1000)
            work.commit()
        return use.use_no


@pytest.fixture
def counter() -> Iterator[Counter]:
    world = memory_office()
    utility = replace(world.office.utility, stamp_mark="测试 TEST")
    keys = FakeSealKeys(chain=world.office.ca.roots, roots=(AUTHORITY.root_der,))
    world.office = with_seals(replace(world.office, utility=utility, seal_keys=keys), keys)
    settings = SimpleNamespace(mark="TEST", public_url="http://127.0.0.1", data_dir=Path())
    parts: dict[str, Any] = {
        "house": SimpleNamespace(office=world.office, settings=settings),
        "sms": None,
        "look_ups": None,
        "wrong_tokens": None,
    }
    app = FastAPI()
    app.state.desk = Desk(staff=StaffRegister(TOKENS), **parts)
    problems.install(app)
    for kind, status in ((NotSignedOnError, 401), (DutyMissingError, 403)):
        app.add_exception_handler(
            kind,
            lambda request, _, status=status: page(
                request, "refusal.html", status=status, zh="", en="", unknown=False
            ),
        )  # type: ignore[misc]
    app.include_router(seal_pages.pages)
    app.include_router(seals.router)
    with bound_socket("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
                yield Counter(client=client, world=world)
        finally:
            server.should_exit = True
            thread.join(30)


def approved_seal(counter: Counter) -> str:
    seal_id = str(counter.ask(ASKER, "POST", "/api/v1/seals", APPLICATION).json()["id"])
    counter.ask(REVIEWER, "POST", f"/api/v1/seals/{seal_id}/steps", {"deed": "approve"})
    return seal_id


def test_a_seal_is_made_with_the_certificate_that_an_authority_gave_for_its_request(counter: Counter) -> None:
    counter.world.clock.advance(max(datetime.now(UTC) - counter.world.clock.now(), timedelta(0)))
    place = f"/api/v1/seals/{approved_seal(counter)}"
    assert counter.ask(ASKER, "POST", f"{place}/certificate-request").status_code == 403
    asked = counter.ask(KEEPER, "POST", f"{place}/certificate-request")
    request = x509.load_pem_x509_csr(asked.content).public_bytes(Encoding.DER)
    pem = AUTHORITY.certify(request)
    for brought, deed, code in (
        (b"0", "make", "seal_certificate"),
        (AUTHORITY.certify(request, signs=False), "make", "seal_certificate"),
        (pem, "suspend", "seal_application"),
    ):
        body = {"deed": deed, "reason": "x", "certificate": b64encode(brought).decode()}
        refused = counter.ask(KEEPER, "POST", f"{place}/steps", body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    body = {"deed": "make", "certificate": b64encode(pem).decode()}
    made = counter.ask(KEEPER, "POST", f"{place}/steps", body).json()
    leaf = x509.load_pem_x509_certificates(pem)[0].public_bytes(Encoding.DER)
    assert (made["state"], made["certificate_sha256"]) == ("made", sha256(leaf).hex())


def test_the_page_gives_the_request_and_takes_the_certificate_or_says_what_is_wrong(counter: Counter) -> None:
    counter.world.clock.advance(max(datetime.now(UTC) - counter.world.clock.now(), timedelta(0)))
    place = f"/seals/{approved_seal(counter)}"
    asked = counter.ask(KEEPER, "POST", f"{place}/certificate-request")
    assert asked.headers["content-disposition"].endswith('.csr"')
    request = x509.load_pem_x509_csr(asked.content).public_bytes(Encoding.DER)
    headers = {"Authorization": f"Bearer {TOKENS[KEEPER]}"}
    for pem, status in ((AUTHORITY.certify(request, days=(-30, -1)), 422), (AUTHORITY.certify(request), 303)):
        form = {"deed": "make", "certificate": pem.decode()}
        told = counter.client.post(f"{place}/deeds", data=form, headers=headers)
        assert told.status_code == status
        assert ("证书或其签发者证书不在有效期内" in told.text) == (status == 422)
        assert (pem.decode().splitlines()[1] in told.text) == (status == 422)


def test_a_seal_goes_from_application_to_use_and_to_its_end_over_http(counter: Counter) -> None:
    made = counter.ask(ASKER, "POST", "/api/v1/seals", APPLICATION)
    assert (made.status_code, made.json()["state"]) == (201, "applied")
    steps = f"/api/v1/seals/{made.json()['id']}/steps"
    for duty, body, state in (
        (REVIEWER, {"deed": "approve"}, "approved"),
        (KEEPER, {"deed": "make"}, "made"),
        (KEEPER, {"deed": "file", "filing_no": "浙公 2026-7"}, "filed"),
        (KEEPER, {"deed": "begin_use"}, "in_use"),
        (KEEPER, {"deed": "suspend", "reason": "核查"}, "suspended"),
        (REVIEWER, {"deed": "resume", "reason": "无异常"}, "in_use"),
        (REVIEWER, {"deed": "destroy", "reason": "换发"}, "destroyed"),
    ):
        taken = counter.ask(duty, "POST", steps, body)
        assert (taken.status_code, taken.json().get("state")) == (200, state)
    assert taken.json()["filing_no"] == "浙公 2026-7"
    assert len(taken.json()["certificate_sha256"]) == 64


@pytest.mark.parametrize(
    ("duty", "method", "path", "body", "status"),
    [
        (None, "GET", "/api/v1/seals", None, 401),
        (Duty.BILLING, "GET", "/api/v1/seals", None, 403),
        (Duty.DRAFTER, "GET", "/seals", None, 403),
        (KEEPER, "POST", "/api/v1/seals", APPLICATION, 403),
        (REVIEWER, "POST", "/api/v1/seals", APPLICATION, 403),
        (ASKER, "POST", "/api/v1/seals/{id}/steps", {"deed": "suspend", "reason": "x"}, 403),
        (KEEPER, "POST", "/api/v1/seals/{id}/steps", {"deed": "destroy", "reason": "x"}, 422),
        (REVIEWER, "POST", "/api/v1/seals/{id}/steps", {"deed": "suspend"}, 422),
        (KEEPER, "POST", "/api/v1/seals/{id}/requests", {"numbers": [], "reason": "x"}, 403),
        (ASKER, "POST", "/api/v1/seal-requests/none/approve", None, 403),
        (KEEPER, "POST", "/api/v1/seal-requests/none/approve", None, 404),
        (ASKER, "POST", "/api/v1/seals/none/requests", {"numbers": ["N"], "reason": "x"}, 404),
        (ASKER, "POST", "/api/v1/seals", {**APPLICATION, "name": "公章"}, 409),
        (ASKER, "POST", "/api/v1/seals", {**APPLICATION, "kind": "nonsense"}, 422),
        (ASKER, "POST", "/api/v1/seals", {**APPLICATION, "key_ref": "file:/etc/passwd"}, 422),
        (ASKER, "GET", "/api/v1/seals/none", None, 404),
        (ASKER, "GET", "/seals/none", None, 404),
    ],
)
def test_whoever_may_not_or_asks_wrongly_is_refused(
    counter: Counter, duty: Duty | None, method: str, path: str, body: object, status: int
) -> None:
    address = path.replace("{id}", counter.seal_id())
    assert counter.ask(duty, method, address, body).status_code == status


def test_a_use_is_asked_for_approved_and_stands_on_the_ledger_with_its_leaf(counter: Counter) -> None:
    first, second = counter.drafted("ORDER-1"), counter.drafted("ORDER-2")
    seal = counter.seal_id()
    body = {"numbers": [first, second], "reason": "十一月集中签约", "quota": 2}
    asked = counter.ask(ASKER, "POST", f"/api/v1/seals/{seal}/requests", body).json()
    assert (asked["state"], asked["numbers"]) == ("asked", [first, second])
    approved = counter.ask(KEEPER, "POST", f"/api/v1/seal-requests/{asked['id']}/approve", {"days": 3}).json()
    assert (approved["state"], approved["expires_utc"]) == ("approved", "2026-11-23T01:00:00Z")
    assert counter.use(first) == 1
    assert counter.use(second, noted=False) == 2
    uses = counter.ask(REVIEWER, "GET", f"/api/v1/seals/{seal}/ledger").json()["uses"]
    assert [(use["use_no"], use["number"]) for use in uses] == [(1, first), (2, second)]
    assert isinstance(uses[0]["leaf_index"], int)
    assert uses[0]["document_sha256"] == digests_of(b"sealed").sha256.hex()
    assert (uses[1]["leaf_index"], uses[1]["noted_utc"]) == (None, None)
    again = counter.ask(ASKER, "GET", f"/api/v1/seals/{seal}/ledger?after=1").json()["uses"]
    assert [use["use_no"] for use in again] == [2]
    assert counter.ask(KEEPER, "GET", f"/api/v1/seals/{seal}").json()["requests"][0]["used"] == 2


def test_the_drawing_is_a_picture_and_no_secret_leaves_with_a_seal(counter: Counter) -> None:
    picture = counter.ask(ASKER, "GET", f"/api/v1/seals/{counter.seal_id()}/drawing.png")
    assert picture.content.startswith(b"\x89PNG")
    told = counter.ask(ASKER, "GET", f"/api/v1/seals/{counter.seal_id()}").text
    assert "key_ref" not in told


def test_the_list_shows_every_seal_and_the_form_only_to_who_may_apply(counter: Counter) -> None:
    shown = counter.ask(ASKER, "GET", "/seals").text
    assert all(name in shown for name in ("公章", "合同专用章", "供用电合同专用章", "使用中"))
    assert 'action="/seals"' in shown
    assert 'action="/seals"' not in counter.ask(KEEPER, "GET", "/seals").text


def test_a_partys_own_seal_is_imported_by_the_custodian_and_shown_on_the_list(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter.world.office.trust, "signatures", TRUST)
    counter.world.wait(24 * 3600)
    body = {"seal": b64encode(SEAL).decode(), "crls": [b64encode(one).decode() for one in CRLS]}
    address = "/api/v1/seals/imported"
    for duty in (ASKER, REVIEWER):
        assert counter.ask(duty, "POST", address, body).status_code == 403
    made = counter.ask(KEEPER, "POST", address, body)
    assert (made.status_code, made.json()["owner_id"], made.json()["verdict"]) == (201, OWNER_ID, "proven")
    again = counter.ask(KEEPER, "POST", address, body)
    assert (again.status_code, again.json()["code"]) == (409, "seal_imported")
    assert counter.ask(ASKER, "GET", "/api/v1/seals").json()["imported"] == [made.json()]
    shown = counter.ask(ASKER, "GET", "/seals").text
    assert "对方自有印章" in shown
    assert OWNER_ID in shown
    forged = read_ses(LOOK_ALIKE)
    for sent, status, code in (
        (b64encode(forged.seal.der).decode(), 409, "imported_seal_refuted"),
        (b64encode(b"no seal").decode(), 409, "ses_malformed"),
        ("no base64!", 422, "seal_application"),
    ):
        refused = counter.ask(KEEPER, "POST", address, {"seal": sent})
        assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_the_page_offers_each_duty_its_own_steps_only(counter: Counter) -> None:
    seal = f"/seals/{counter.seal_id()}"
    offered = {
        duty: set(re.findall(r'name="deed" value="(\w+)"', counter.ask(duty, "GET", seal).text))
        for duty in (ASKER, REVIEWER, KEEPER)
    }
    assert offered == {ASKER: set(), REVIEWER: {"suspend", "destroy"}, KEEPER: {"suspend"}}
    assert f'action="{seal}/requests"' in counter.ask(ASKER, "GET", seal).text
    assert f'action="{seal}/requests"' not in counter.ask(KEEPER, "GET", seal).text


def test_a_use_is_asked_for_and_approved_from_the_page(counter: Counter) -> None:
    number, seal = counter.drafted(), f"/seals/{counter.seal_id()}"
    sent = counter.ask(
        ASKER, "POST", f"{seal}/requests", data={"numbers": f" {number}\r\n", "reason": "签约"}
    )
    assert (sent.status_code, sent.headers["location"]) == (303, f"{seal}?done=asked")
    waiting = counter.ask(KEEPER, "GET", seal).text
    (address,) = re.findall(rf'action="({seal}/requests/\w+)"', waiting)
    assert re.findall(rf'action="({seal}/requests/\w+)"', counter.ask(REVIEWER, "GET", seal).text) == []
    decided = counter.ask(KEEPER, "POST", address, data={"decision": "approve", "days": "3"})
    assert decided.headers["location"] == f"{seal}?done=approved"
    assert counter.use(number) == 1
    shown = counter.ask(KEEPER, "GET", f"{seal}?done=approved").text
    assert "已批准用印" in shown
    assert f'<a href="/agreements/{number}">' in shown
    assert "共 1 次" in shown


def test_a_refused_deed_comes_back_with_what_was_typed_and_says_what_to_do(counter: Counter) -> None:
    seal = f"/seals/{counter.seal_id()}"
    sent = counter.ask(ASKER, "POST", f"{seal}/requests", data={"numbers": "SG<b>", "reason": "签约 & 用印"})
    assert sent.status_code == 422
    assert "<title>错误：供用电合同专用章" in sent.text
    assert "SG&lt;b&gt;</textarea>" in sent.text
    assert 'value="签约 &amp; 用印"' in sent.text
    wrong = counter.ask(
        ASKER, "POST", "/seals", data={"name": "新章", "kind": "contract", "valid_from": "明天"}
    )
    assert wrong.status_code == 422
    assert "日期写作 2026-11-20" in wrong.text
    assert 'value="新章"' in wrong.text


def test_an_application_from_the_page_leads_to_the_new_seal(counter: Counter) -> None:
    form = {name: str(value) for name, value in APPLICATION.items() if name != "classes"}
    sent = counter.ask(ASKER, "POST", "/seals", data=form | {"classes": ["HV_SUPPLY"]})
    assert sent.status_code == 303
    shown = counter.ask(REVIEWER, "GET", sent.headers["location"]).text
    assert "高压供用电合同" in shown
    assert re.findall(r'name="deed" value="(\w+)"', shown) == ["approve", "refuse"]


def test_a_long_ledger_is_read_page_by_page(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts_chain.workflows.seal_view.LEDGER_PAGE", 2)
    monkeypatch.setattr("api.routes.seal_pages.LEDGER_PAGE", 2)
    numbers = [counter.drafted(f"ORDER-{n}") for n in range(5)]
    seal = counter.seal_id()
    asked = counter.ask(
        ASKER, "POST", f"/api/v1/seals/{seal}/requests", {"numbers": numbers, "reason": "签约"}
    ).json()
    counter.ask(KEEPER, "POST", f"/api/v1/seal-requests/{asked['id']}/approve")
    for number in numbers:
        counter.use(number)
    newest = counter.ask(KEEPER, "GET", f"/seals/{seal}").text
    assert re.findall(r"<b>(\d)</b></td>", newest) == ["4", "5"]
    assert f"/seals/{seal}?after=1#ledger-head" in newest
    earlier = counter.ask(KEEPER, "GET", f"/seals/{seal}?after=1").text
    assert re.findall(r"<b>(\d)</b></td>", earlier) == ["2", "3"]
    assert f"/seals/{seal}?after=3#ledger-head" in earlier
