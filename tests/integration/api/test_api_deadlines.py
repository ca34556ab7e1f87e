"""Milestones, clocks and figures over HTTP: who may do what, what is refused, what a machine reads."""

from __future__ import annotations

import itertools

import httpx
import pytest
from api_service import Service

from kernel.canonical_json import canonical_bytes

ORDERS = itertools.count(1)


def fresh_order() -> str:
    return f"API-DL-{next(ORDERS)}"


def post(
    service: Service, order_no: str, body: dict[str, object], *, duty: str = "drafter", key: str = "key-0001"
) -> httpx.Response:
    with service.client(duty) as client:
        return client.post(
            f"/api/v1/orders/{order_no}/milestones",
            content=canonical_bytes(body),
            headers={"Idempotency-Key": key},
        )


def test_a_milestone_comes_back_in_the_orders_steps_with_both_days(service: Service) -> None:
    order_no = fresh_order()
    body = {
        "kind": "application_received",
        "happened_on": "2026-11-02",
        "district": "鄞州区",
        "channel": "ZLB",
    }
    made = post(service, order_no, body)
    assert made.status_code == 201
    assert post(service, order_no, body).json() == made.json()
    with service.client("billing") as client:
        read = client.get(f"/api/v1/orders/{order_no}/milestones").json()
        clocks = client.get(f"/api/v1/orders/{order_no}/deadlines").json()["clocks"]
    (step,) = read["steps"]
    assert (step["at_utc"], step["happened_on"]) == (made.json()["recorded_utc"], "2026-11-02")
    assert step["recorded_days_later"] > 0
    assert [mark["kind"] for mark in read["marks"]] == ["recorded_late"]
    assert [(clock["level"], clock["source"]) for clock in clocks] == [("SL-SCHEME", "待核实")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "contract_executed"}, "no_milestone"),
        ({"kind": "application_received", "happened_on": "2099-01-01"}, "stated_day_ahead"),
        ({"kind": "nonsense"}, "terms_unreadable"),
        ({"kind": "application_received", "recorded_utc": "2020-01-01T00:00:00Z"}, "terms_unreadable"),
        ({"kind": "application_received", "document_sha256": "abc"}, "terms_unreadable"),
        ({"kind": "application_received", "province": "浙江"}, "terms_unreadable"),
        ({"kind": "application_received", "note": "\u202eabc"}, "terms_unreadable"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_its_code(
    service: Service, body: dict[str, object], code: str
) -> None:
    refused = post(service, fresh_order(), body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_a_key_stands_for_one_milestone(service: Service) -> None:
    order_no = fresh_order()
    post(service, order_no, {"kind": "application_received"})
    refused = post(service, order_no, {"kind": "scheme_replied"})
    assert (refused.status_code, refused.json()["code"]) == (422, "milestone_key_taken")


@pytest.mark.parametrize("duty", ["reviewer", "billing"])
def test_only_those_who_handle_orders_record_milestones(service: Service, duty: str) -> None:
    assert post(service, fresh_order(), {"kind": "application_received"}, duty=duty).status_code == 403


@pytest.mark.parametrize("address", ["/api/v1/deadlines", "/api/v1/figures", "/api/v1/orders/X/deadlines"])
def test_a_stranger_reads_nothing(service: Service, address: str) -> None:
    with service.client() as client:
        assert client.get(address).status_code == 401


def test_an_order_nobody_heard_of_is_not_found(service: Service) -> None:
    with service.client("drafter") as client:
        assert client.get("/api/v1/orders/NOBODY/deadlines").status_code == 404


def test_a_running_clock_is_reminded_once_today(service: Service) -> None:
    order_no = fresh_order()
    post(service, order_no, {"kind": "application_received"})
    body = canonical_bytes({"level": "SL-SCHEME", "subject": order_no})
    address = f"/api/v1/orders/{order_no}/reminders"
    with service.client("reviewer") as client:
        assert client.post(address, content=body).status_code == 201
        again = client.post(address, content=body)
    assert (again.status_code, again.json()["code"]) == (422, "already_reminded")
    assert [text for text in service.messages() if order_no in text] != []
    with service.client("billing") as client:
        assert client.post(address, content=body).status_code == 403


def test_figures_and_lists_are_read_by_billing_too(service: Service) -> None:
    with service.client("billing") as client:
        figures = client.get("/api/v1/figures?province=SD").json()
        assert [(one["days"], one["unit"]) for one in figures["promises"]] == [
            (42, "WORKING"),
            (7, "WORKING"),
        ]
        assert client.get("/api/v1/figures?province=XX").status_code == 422
        assert set(client.get("/api/v1/deadlines").json()) == {"taken_utc", "overdue", "marks"}
        for address in ("/deadlines.csv", "/deadlines/marks.csv", "/dashboard.csv"):
            sheet = client.get(address)
            assert sheet.content.startswith(b"\xef\xbb\xbf")
            assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
