"""Other systems are told: a running house with its worker, a receiver of its own process between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import httpx
import pytest
from api_resident import NAME, resident
from api_service import Service
from callback_documents import documented_check
from callback_receiver import Received, Receiver, receiving
from callback_trial import SMALL, came_to, deliveries, happened, later, of, registered, wait_until
from trial_phone import fresh_code, ready_to_sign

from api.trial_people import let_seals_be_used
from contracts_chain.workflows.call_back import CALLBACK_DEAD
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.offer import renew_link
from kernel.canonical_json import canonical_bytes
from kernel.clock import parse_utc

PERSONAL = (NAME, "330299199105260029", "19900000051", "潮鸣里", "linxiaotang")
WANTED = (
    "drafted", "submitted", "approved", "sent", "your_turn", "identified", "viewed", "read_complete",
    "will_passed", "signed", "your_turn", "will_passed", "sealing_step", "sealed", "anchored", "final",
)  # fmt: skip
"""These in this order, others between."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def desk(service: Service) -> Iterator[httpx.Client]:
    with service.client("supplier-desk") as client:
        yield client


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of one contract from its draft to its final evidence."""

    secret: str
    came: list[Received]
    events: list[dict[str, Any]]
    turns: list[dict[str, Any]]
    log: list[dict[str, Any]]


@pytest.fixture(scope="module")
def told(service: Service, receiver: Receiver) -> Told:
    """Signed by both parties while another receiver hangs on its first event all the time."""
    receiver.script("/slow", "hang")
    with (
        service.client("supplier-desk") as desk,
        registered(desk, f"{receiver.url}/slow", "drafted"),
        registered(desk, f"{receiver.url}/turns", "your_turn"),
        registered(desk, f"{receiver.url}/whole") as endpoint,
    ):
        number = signed_by_both(service)
        wait_until(
            lambda: is_within(WANTED, kinds_of(of(receiver.received("/whole"), number))),
            f"never told whole: {kinds_of(of(receiver.received('/whole'), number))}",
        )
        came, turns = receiver.received("/whole"), of(receiver.received("/turns"), number)
        log = deliveries(desk, endpoint, subject=number)
        assert len(receiver.received("/slow")) == 1
    receiver.release()
    return Told(secret=endpoint["secret"], came=came, events=of(came, number), turns=turns, log=log)


def signed_by_both(service: Service) -> str:
    office = service.house.office
    held = resident(service, "ORDER-CALLBACK-WHOLE")
    sign_with_code(office, held.token, fresh_code(office, held.token))
    supplier = renew_link(office, held.number, "supplier", by="supplier-desk")
    with office.work() as work:
        let_seals_be_used(office, work.agreements.load(held.number), by="supplier-desk")
    ready_to_sign(office, supplier)
    sign_with_code(office, supplier, fresh_code(office, supplier))
    return held.number


def test_complaint_8_a_system_is_told_when_it_is_a_partys_turn(told: Told) -> None:
    assert {one["kind"] for one in told.turns} == {"your_turn"}
    assert [one["change"]["role"] for one in told.turns] == ["consumer", "supplier"]


def test_complaint_12_a_whole_signing_tells_every_event_once_and_in_order(told: Told) -> None:
    assert [one["sequence"] for one in told.events] == list(range(1, len(told.events) + 1))
    assert len({one["event_id"] for one in told.events}) == len(told.events)
    assert is_within(WANTED, kinds_of(told.events))
    once = ("drafted", "submitted", "approved", "sealed")
    assert [kinds_of(told.events).count(kind) for kind in once] == [1] * len(once)
    for moved in ("state", "evidence"):
        steps = [one["change"][moved] for one in told.events if moved in one["change"]]
        assert all(first["after"] == second["before"] for first, second in pairwise(steps)), steps
        assert steps[0]["before"] is None
    assert {(one["state"], len(one["attempts"])) for one in told.log[1:]} == {("delivered", 1)}


def test_complaint_12_every_callback_is_signed_and_names_nobody(told: Told) -> None:
    is_ours = documented_check()
    for one in told.came:
        assert is_ours(told.secret, one.headers["x-contracts-chain-signature"], one.body)
        for personal in PERSONAL:
            assert personal.encode() not in one.body


def kinds_of(events: list[dict[str, Any]]) -> list[str]:
    return [str(one["kind"]) for one in events]


def is_within(wanted: tuple[str, ...], told: list[str]) -> bool:
    """Whether ``wanted`` stands in ``told`` in this order, with others between."""
    rest = iter(told)
    return all(kind in rest for kind in wanted)


def test_complaint_12_a_receiver_that_is_down_gets_the_same_event_when_it_is_up_again(
    service: Service, desk: httpx.Client, receiver: Receiver
) -> None:
    receiver.script("/down", 503, "close", 500)
    with registered(desk, f"{receiver.url}/down", SMALL.value) as endpoint:
        happened(service, "CALLBACK-DOWN")
        receiver.wait_for("/down", 1)
        wait_until(lambda: bool(deliveries(desk, endpoint)[0]["attempts"][0]["outcome"]), "no outcome")
        assert [later(service, seconds=wait) for wait in (5, 11, 22, 40, 60)] == [0, 1, 1, 0, 1]
        (delivery,) = deliveries(desk, endpoint)
    came = receiver.received("/down")
    assert len({one.body for one in came}) == 1
    assert [one.headers["x-contracts-chain-attempt"] for one in came] == ["1", "2", "3", "4"]
    assert len({one.headers["x-contracts-chain-event"] for one in came}) == 1
    assert delivery["state"] == "delivered"
    outcomes = [one["outcome"].partition(":")[0] for one in delivery["attempts"]]
    assert outcomes == ["HTTP 503", "RemoteProtocolError", "HTTP 500", "HTTP 204"]
    assert [one["taken"] for one in delivery["attempts"]] == [False, False, False, True]


def test_complaint_12_a_dead_letter_raises_an_alarm_and_goes_out_again_when_asked(
    service: Service, desk: httpx.Client, receiver: Receiver
) -> None:
    receiver.script("/dead", 500, 500)
    with registered(desk, f"{receiver.url}/dead", SMALL.value) as endpoint:
        happened(service, "CALLBACK-DEAD")
        receiver.wait_for("/dead", 1)
        wait_until(lambda: bool(deliveries(desk, endpoint)[0]["attempts"][0]["outcome"]), "no outcome")
        assert later(service, hours=24) == 1
        (dead,) = deliveries(desk, endpoint, state="dead")
        assert CALLBACK_DEAD in desk.get("/health").json()["alarms"]
        assert (
            endpoint["url"] in desk.get("/callbacks").text.split("<h2>没有送达")[1].split("<h2>最近发送")[0]
        )
        again = desk.post(f"/api/v1/callbacks/{endpoint['id']}/replay", content=b'{"dead": true}')
        assert (again.status_code, again.json()) == (202, {"sent_again": 1})
        came = receiver.wait_for("/dead", 3)
        assert CALLBACK_DEAD not in desk.get("/health").json()["alarms"]
        wait_until(lambda: deliveries(desk, endpoint)[0]["state"] == "delivered", "not delivered")
        (whole,) = deliveries(desk, endpoint)
    assert len({one.body for one in came}) == 1
    assert whole["event_id"] == dead["event_id"]
    assert [one["number"] for one in whole["attempts"]] == [1, 2, 3]


def test_complaint_12_one_event_and_a_range_are_sent_again_under_the_same_ids(
    service: Service, desk: httpx.Client, receiver: Receiver
) -> None:
    with registered(desk, f"{receiver.url}/again", SMALL.value) as endpoint:
        happened(service, "CALLBACK-AGAIN", 4)
        first = of(came_to(service, receiver, "/again", 4), "CALLBACK-AGAIN")
        place = f"/api/v1/callbacks/{endpoint['id']}/replay"
        wait_until(
            lambda: {one["state"] for one in deliveries(desk, endpoint)} == {"delivered"}, "not delivered"
        )
        one = canonical_bytes({"event_id": first[0]["event_id"]})
        assert desk.post(place, content=one).json() == {"sent_again": 1}
        assert came_to(service, receiver, "/again", 5)[4].told == first[0]
        some = canonical_bytes({"subject": "CALLBACK-AGAIN", "first": 2, "last": 3})
        assert desk.post(place, content=some).json() == {"sent_again": 2}
        assert [came.told for came in came_to(service, receiver, "/again", 7)[5:]] == first[1:3]
        assert desk.post(place, content=one).status_code == 202
        came_to(service, receiver, "/again", 8)


@pytest.mark.parametrize(
    "body",
    [
        {}, {"dead": False}, {"event_id": "x", "dead": True}, {"subject": "S", "first": 1},
        {"subject": "S", "first": 3, "last": 2}, {"subject": "S", "first": 0, "last": 2},
    ],
)  # fmt: skip
def test_a_replay_that_does_not_say_what_changes_nothing(
    service: Service, desk: httpx.Client, receiver: Receiver, body: dict[str, Any]
) -> None:
    with registered(desk, f"{receiver.url}/never", SMALL.value) as endpoint:
        answer = desk.post(f"/api/v1/callbacks/{endpoint['id']}/replay", content=canonical_bytes(body))
        assert (answer.status_code, answer.json()["code"]) == (422, "callback_replay")
        unknown = desk.post(f"/api/v1/callbacks/{endpoint['id']}/replay", content=b'{"event_id": "x"}')
        assert (unknown.status_code, unknown.json()["code"]) == (404, "process_event_unknown")


def test_complaint_12_an_address_registered_twice_is_told_once(
    service: Service, desk: httpx.Client, receiver: Receiver
) -> None:
    url = f"{receiver.url}/twice"
    with registered(desk, url, SMALL.value) as first:
        with registered(desk, url.replace("http:", "HTTP:"), SMALL.value) as second:
            assert first["url"] == second["url"]
            assert first["secret"] != second["secret"]
            happened(service, "CALLBACK-TWICE", 3)
            came = of(receiver.wait_for("/twice", 3), "CALLBACK-TWICE")
            assert later(service, seconds=1) == 0
        assert [one["sequence"] for one in came] == [1, 2, 3]
        assert len(of(receiver.received("/twice"), "CALLBACK-TWICE")) == 3


def test_a_new_secret_signs_from_then_on_and_the_old_one_no_more(
    service: Service, desk: httpx.Client, receiver: Receiver
) -> None:
    is_ours = documented_check()
    with registered(desk, f"{receiver.url}/rotated", SMALL.value) as old:
        new = desk.post(f"/api/v1/callbacks/{old['id']}/rotate-secret").json()
        assert (new["generation"], new["id"]) == (2, old["id"])
        happened(service, "CALLBACK-ROTATED")
        (came,) = came_to(service, receiver, "/rotated", 1)
        header = came.headers["x-contracts-chain-signature"]
        assert is_ours(new["secret"], header, came.body)
        assert not is_ours(old["secret"], header, came.body)
        listed = desk.get("/api/v1/callbacks").text
        assert old["secret"] not in listed
        assert new["secret"] not in listed


def test_a_closed_endpoint_is_told_nothing_and_takes_no_wishes(
    service: Service, desk: httpx.Client, receiver: Receiver
) -> None:
    with registered(desk, f"{receiver.url}/closed", SMALL.value) as endpoint:
        place = f"/api/v1/callbacks/{endpoint['id']}"
        closed = [desk.post(f"{place}/close") for _ in range(2)]
        assert [one.status_code for one in closed] == [200, 200]
        assert closed[0].json() == closed[1].json()
        assert parse_utc(closed[0].json()["closed_utc"])
        for wish in ("rotate-secret", "replay"):
            refused = desk.post(f"{place}/{wish}", content=b'{"dead": true}')
            assert (refused.status_code, refused.json()["code"]) == (409, "callback_endpoint_closed")
        happened(service, "CALLBACK-CLOSED")
        later(service, seconds=1)
        assert receiver.received("/closed") == []
    assert desk.post("/api/v1/callbacks/no-such/close").status_code == 404
    assert desk.get("/api/v1/callbacks/no-such/deliveries").status_code == 404


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://10.0.0.1/", "https://u@h.example/", "file:///etc/x"]
)
def test_such_an_address_is_not_registered(service: Service, desk: httpx.Client, url: str) -> None:
    answer = desk.post("/api/v1/callbacks", content=canonical_bytes({"url": url}))
    assert (answer.status_code, answer.json()["code"]) == (422, "callback_url")
    assert url not in desk.get("/api/v1/callbacks").text


def test_callbacks_are_a_duty_of_the_suppliers_desk_alone(service: Service) -> None:
    for duty, status in ((None, 401), ("drafter", 403), ("reviewer", 403), ("billing", 403)):
        with service.client(duty) as client:
            asked = [
                client.get("/api/v1/callbacks"),
                client.post("/api/v1/callbacks", content=b'{"url": "https://h.example/"}'),
                client.post("/api/v1/callbacks/x/close"),
                client.post("/api/v1/callbacks/x/rotate-secret"),
                client.get("/api/v1/callbacks/x/deliveries"),
                client.post("/api/v1/callbacks/x/replay", content=b"{}"),
                client.get("/callbacks"),
                client.post("/callbacks", data={"url": "https://h.example/"}),
                client.post("/callbacks/x/close"),
                client.post("/callbacks/x/rotate-secret"),
                client.post("/callbacks/x/replay"),
            ]
        assert {one.status_code for one in asked} == {status}, duty
