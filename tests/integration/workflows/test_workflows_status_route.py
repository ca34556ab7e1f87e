"""Changing how a contract stands over HTTP: the supplier's desk only, with a reason, read back by staff."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from workflows_desk import anchor_all, executed, reloaded
from workflows_serving import serving

from api.app import STAFF_TOKENS, create_app
from api.house import House
from contracts_chain.agreements.lifecycle import AgreementState


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[httpx.Client]:
    with serving(create_app(house)) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        yield client


def signed_on(house: House, duty: str) -> dict[str, str]:
    token = json.loads((house.settings.data_dir / STAFF_TOKENS).read_text())[duty]
    return {"Authorization": f"Bearer {token}"}


def test_the_desk_terminates_a_contract_and_anybody_of_the_staff_sees_its_words(
    house: House, client: httpx.Client
) -> None:
    number = executed(house.office).number
    anchor_all(house.office)
    path, desk = f"/api/agreements/{number}/status", signed_on(house, "supplier-desk")
    asked = {"status": "terminated", "reason": "用电人销户"}
    assert client.post(path, json=asked, headers=signed_on(house, "drafter")).status_code == 403
    assert client.post(path, json=asked).status_code == 401
    answer = client.post(path, json=asked, headers=desk)
    assert (answer.status_code, answer.json()["state"]) == (200, "terminated")
    assert client.post(path, json=asked, headers=desk).json()["code"] == "transition_refused"
    anchor_all(house.office)
    words = client.get(path, headers=signed_on(house, "drafter")).json()["words"]
    assert [(word["status"], word["state"]) for word in words] == [
        ("in_force", "final"),
        ("terminated", "final"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b'{"status": "terminated"}',
        b'{"status": "expired", "reason": "r"}',
        b'{"status": "terminated", "reason": ""}',
        b'{"status": "terminated", "reason": "r", "more": 1}',
        b'{"status": "superseded", "reason": "r"}',
    ],
)
def test_a_request_of_another_form_changes_nothing(house: House, client: httpx.Client, body: bytes) -> None:
    number = executed(house.office).number
    path = f"/api/agreements/{number}/status"
    answer = client.post(path, content=body, headers=signed_on(house, "supplier-desk"))
    assert answer.status_code == 422, answer.text
    assert reloaded(house.office, number).state is AgreementState.EXECUTED
