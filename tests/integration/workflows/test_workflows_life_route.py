"""The life of an agreement over HTTP and on its page: who may, what is refused, what a clerk sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from workflows_desk import fresh_order_no, reloaded, sample_order
from workflows_life import ending, formed, in_force, planted, sent, served_notice
from workflows_serving import serving

from api.app import STAFF_TOKENS, create_app
from api.house import House
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows.draft import draft_order
from contracts_chain.workflows.rating import invite_ratings
from contracts_chain.workflows.standing import beijing_day

DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[httpx.Client]:
    with serving(create_app(house)) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def desk(house: House) -> dict[str, str]:
    return signed_on(house, "supplier-desk")


@pytest.fixture
def legal(house: House) -> dict[str, str]:
    return signed_on(house, "reviewer")


def signed_on(house: House, duty: str) -> dict[str, str]:
    token = json.loads((house.settings.data_dir / STAFF_TOKENS).read_text())[duty]
    return {"Authorization": f"Bearer {token}"}


def day(house: House, days: int) -> str:
    return (beijing_day(house.office.clock.now()) + timedelta(days=days)).isoformat()


def a_change(house: House, **changes: Any) -> dict[str, Any]:
    return {
        "trigger": "RENAME",
        "order_no": "BG-HTTP",
        "applied_on": day(house, 0),
        "effective_on": day(house, 20),
        "declared": [{"condition": "CH-RENAME-1", "holds": True, "basis": "变更登记通知书"}],
    } | changes


def test_a_change_is_begun_by_the_desk_and_every_unmet_condition_is_listed(
    house: House, client: httpx.Client, desk: dict[str, str], legal: dict[str, str]
) -> None:
    number = in_force(house.office).number
    path = f"/api/v1/agreements/{number}/changes"
    assert client.post(path, json=a_change(house), headers=legal).status_code == 403
    refused = client.post(path, json=a_change(house, trigger="MERGE", declared=[]), headers=desk)
    assert (refused.status_code, refused.json()["code"]) == (422, "change_refused")
    assert [one["condition"] for one in refused.json()["unmet"]] == [f"CH-MERGE-{n}" for n in (1, 2, 3, 4)]
    begun = client.post(path, json=a_change(house), headers=desk)
    assert (begun.status_code, begun.json()["kind"]) == (201, "supplement")
    assert client.post(path, json=a_change(house, order_no="BG-2"), headers=desk).status_code == 409
    life = client.get(f"/api/v1/agreements/{number}/life", headers=legal).json()
    assert (life["state"], life["changes"][0]["state"]) == ("amending", "open")
    given_up = client.post(f"{path}/BG-HTTP/abandon", json={"reason": "客户撤回"}, headers=desk)
    assert given_up.json()["state"] == "in_force"


@pytest.mark.parametrize("body", [{}, {"trigger": "DANCE"}, {"trigger": "RENAME", "more": 1}])
def test_a_change_of_another_form_names_every_field(
    house: House, client: httpx.Client, desk: dict[str, str], body: dict[str, Any]
) -> None:
    number = in_force(house.office).number
    answer = client.post(f"/api/v1/agreements/{number}/changes", json=body, headers=desk)
    assert (answer.status_code, answer.json()["code"]) == (422, "terms_unreadable")


def test_a_hold_is_the_lawyers_and_refuses_the_desk_with_who_and_why(
    house: House, client: httpx.Client, desk: dict[str, str], legal: dict[str, str]
) -> None:
    number = in_force(house.office).number
    base = f"/api/v1/agreements/{number}"
    assert client.post(f"{base}/hold", json={"reason": "计量争议"}, headers=desk).status_code == 403
    assert client.post(f"{base}/hold", json={"reason": " "}, headers=legal).status_code == 422
    assert (
        client.post(f"{base}/hold", json={"reason": "计量争议"}, headers=legal).json()["state"] == "disputed"
    )
    refused = client.post(f"{base}/changes", json=a_change(house), headers=desk)
    assert (refused.status_code, refused.json()["code"]) == (409, "dispute_hold")
    assert "计量争议" in refused.json()["title_zh"]
    assert client.post(f"{base}/archive", headers=desk).json()["code"] == "dispute_hold"
    released = client.post(f"{base}/hold/release", json={"reason": "和解"}, headers=legal)
    assert released.json()["state"] == "in_force"


def test_a_notice_is_drafted_passed_and_refused_by_e_mail(
    house: House, client: httpx.Client, desk: dict[str, str], legal: dict[str, str]
) -> None:
    number = in_force(house.office).number
    body = {
        "kind": "CUT_OFF",
        "planned_on": day(house, 8),
        "arrears": [
            {"bill_no": "ZD1", "period": "2026年9月", "amount_fen": 1_000_000, "due_on": day(house, -40)}
        ],
        "reminders": [{"sent_on": day(house, -30), "manner": "短信", "reference": "CC-1"}],
    }
    path = f"/api/v1/agreements/{number}/notices"
    early = client.post(path, json=body | {"planned_on": day(house, 1)}, headers=desk)
    assert (early.json()["code"], early.json()["unmet"][0]["condition"]) == ("notice_refused", "R-CUT-1")
    made = client.post(path, json=body, headers=desk).json()
    assert (made["paper_service_required"], made["legal_review"]) == (True, "due")
    notice = f"/api/v1/notices/{made['number']}"
    assert "待核实" in client.get(notice, headers=desk).json()["facts"]["legal_note"]
    paper = client.get(f"{notice}/paper.pdf", headers=desk)
    assert paper.content.startswith(b"%PDF")
    assert client.post(f"{notice}/pass", headers=legal).json()["legal_review"] == "passed"
    service = {
        "served_on": day(house, 0),
        "manner": "ELECTRONIC",
        "recipient": "李思芳",
        "served_by": "王师傅",
        "receipt_sha256": DIGEST,
    }
    by_mail = client.post(f"{notice}/service", json=service, headers=desk)
    assert (by_mail.status_code, by_mail.json()["code"]) == (422, "paper_service_required")
    odd = client.post(f"{notice}/service", json=service | {"receipt_sha256": "xyz"}, headers=desk)
    assert odd.json()["findings"][0]["field"] == "receipt_sha256"
    served = client.post(f"{notice}/service", json=service | {"manner": "HAND"}, headers=desk)
    assert served.json()["served_on"] == day(house, 0)
    assert client.post(f"{notice}/last-call", headers=desk).json()["last_call_utc"]
    assert client.get("/api/v1/notices/TZ0", headers=desk).status_code == 404


def test_supply_is_suspended_over_http_on_a_served_notice_only(
    house: House, client: httpx.Client, desk: dict[str, str]
) -> None:
    number = in_force(house.office).number
    path, asked = f"/api/agreements/{number}/status", {"status": "suspended", "reason": "欠费"}
    refused = client.post(path, json=asked, headers=desk)
    assert (refused.status_code, refused.json()["code"]) == (422, "paper_service_required")
    notice = served_notice(house.office, number)
    assert client.post(path, json=asked | {"notice": notice}, headers=desk).json()["state"] == "suspended"


def test_readiness_is_asked_and_facts_are_recorded(
    house: House, client: httpx.Client, desk: dict[str, str], legal: dict[str, str]
) -> None:
    order = sample_order(fresh_order_no())
    drafts = draft_order(house.office, order, drafted_by="drafter")
    path = f"/api/v1/orders/{order.order_no}"
    answer = client.get(f"{path}/readiness", headers=legal).json()
    assert (answer["ready"], len(answer["missing"])) == (False, 2)
    assert {"code", "subject", "zh", "en", "to_do_zh", "to_do_en"} == set(answer["missing"][0])
    for one in drafts:
        formed(house.office, one.number)
    fact = {"kind": "FEES_SETTLED", "reference": "SK-1", "document_sha256": DIGEST}
    assert client.post(f"{path}/facts", json=fact, headers=legal).status_code == 403
    ready = client.post(f"{path}/facts", json=fact, headers=desk).json()
    assert (ready["ready"], ready["missing"]) == (True, [])
    assert ready["announced_utc"] is not None
    assert client.get("/api/v1/orders/NOBODY/readiness", headers=legal).status_code == 404


def test_a_customer_rates_once_without_signing_on(house: House, client: httpx.Client) -> None:
    number = planted(house.office).number
    invite_ratings(house.office, str(client.base_url))
    (message,) = sent(house.office, number)
    link = next(word for word in message["text"].split() if "/ratings/" in word)
    path = link[link.index("/api/") :]
    assert client.post(path, json={"stars": 9}).status_code == 422
    assert client.post(path, json={"stars": 4, "text": "快"}).status_code == 201
    assert client.post(path, json={"stars": 4}).status_code == 410


def test_the_page_shows_state_next_step_and_the_deeds_of_the_callers_duty(
    house: House, client: httpx.Client, desk: dict[str, str], legal: dict[str, str]
) -> None:
    number = ending(house.office, 30)
    shown = client.get(f"/agreements/{number}", headers=desk)
    assert shown.status_code == 200
    for said in ("执行中", "届满，请办理续签", "发起续签", "中止供电", "期满无异议续期一次"):
        assert said in shown.text
    assert "争议锁定" not in shown.text
    assert "争议锁定" in client.get(f"/agreements/{number}", headers=legal).text
    assert client.get(f"/agreements/{number}").status_code == 401
    assert client.get("/agreements/NONE", headers=desk).status_code == 404


def test_a_refused_deed_comes_back_with_what_was_typed(
    house: House, client: httpx.Client, desk: dict[str, str], legal: dict[str, str]
) -> None:
    number = in_force(house.office).number
    form = {"deed": "suspend", "reason": "欠费三个月", "further": "TZ0"}
    refused = client.post(f"/agreements/{number}/deeds", data=form, headers=desk)
    assert refused.status_code == 422
    assert "没有编号为 TZ0 的通知书" in refused.text
    assert "欠费三个月" in refused.text
    blank = client.post(f"/agreements/{number}/deeds", data=form | {"reason": ""}, headers=desk)
    assert blank.status_code == 422
    held = {"deed": "hold", "reason": "电费争议", "further": ""}
    assert client.post(f"/agreements/{number}/deeds", data=held, headers=desk).status_code == 403
    done = client.post(f"/agreements/{number}/deeds", data=held, headers=legal)
    assert (done.status_code, done.headers["location"]) == (303, f"/agreements/{number}?done=hold")
    assert reloaded(house.office, number).state is AgreementState.DISPUTED
    page = client.get(f"/agreements/{number}?done=hold", headers=legal).text
    assert "已办理并登记存证" in page
    assert "解除锁定" in page
    unknown = client.post(f"/agreements/{number}/deeds", data={"deed": "dance"}, headers=legal)
    assert unknown.status_code == 303
