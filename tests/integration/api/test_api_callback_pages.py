"""The staff page and the command of callbacks, on a running house."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from api_service import Service
from callback_documents import documented_check
from callback_receiver import Receiver, receiving
from callback_trial import SMALL, came_to, deliveries, happened, wait_until
from typer.testing import CliRunner

from api.cli import app


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def desk(service: Service) -> Iterator[httpx.Client]:
    with service.client("supplier-desk") as client:
        yield client


def test_the_page_registers_shows_the_secret_once_and_sends_again(
    service: Service, desk: httpx.Client, receiver: Receiver
) -> None:
    form = {"url": f"{receiver.url}/page", "kinds": [SMALL.value, "sealed"]}
    made = desk.post("/callbacks", data=form)
    assert made.status_code == 201
    secret = made.text.split('id="secret">')[1].split("<")[0]
    (endpoint,) = [
        one for one in desk.get("/api/v1/callbacks").json()["endpoints"] if one["url"] == form["url"]
    ]
    assert endpoint["kinds"] == ["sealed", SMALL.value]
    assert secret not in desk.get("/callbacks").text
    happened(service, "CALLBACK-PAGE")
    (came,) = came_to(service, receiver, "/page", 1)
    assert documented_check()(secret, came.headers["x-contracts-chain-signature"], came.body)
    wait_until(lambda: "已接收（HTTP\u00a0204）" in desk.get("/callbacks").text, "not shown as taken")
    place = f"/callbacks/{endpoint['id']}"
    sent = desk.post(f"{place}/replay", data={"event_id": str(came.told["event_id"])})
    assert (sent.status_code, sent.headers["location"]) == (303, "/callbacks?done=sent")
    came_to(service, receiver, "/page", 2)
    asked = {"endpoint": endpoint["id"], "subject": " CALLBACK-PAGE ", "first": "1", "last": "1"}
    wait_until(lambda: deliveries(desk, endpoint)[0]["state"] == "delivered", "not delivered")
    assert desk.post("/callbacks/replay", data=asked).status_code == 303
    came_to(service, receiver, "/page", 3)
    wrong = desk.post("/callbacks/replay", data=asked | {"subject": "<b>nobody</b>"})
    assert wrong.status_code == 422
    assert "<b>nobody</b>" not in wrong.text
    assert "没有已对外通知的事件" in wrong.text
    rotated = desk.post(f"{place}/rotate-secret").text
    assert "原密钥已停止使用" in rotated
    assert secret not in rotated
    assert desk.post(f"{place}/close").status_code == 303
    refused = desk.post("/callbacks", data={"url": "http://10.0.0.1/<i>"})
    assert refused.status_code == 422
    assert "<i>" not in refused.text


def test_the_command_registers_beside_the_running_service_which_signs_with_the_printed_secret(
    service: Service, desk: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRACTS_CHAIN_DATA_DIR", str(service.house.settings.data_dir))
    words = ["callbacks", "register", f"{receiver.url}/command", "--kind", SMALL.value, "--by", "desk"]
    printed = CliRunner().invoke(app, words)
    assert printed.exit_code == 0, printed.output
    (secret,) = re.findall(r"\b[0-9a-f]{64}\b", printed.output)
    happened(service, "CALLBACK-COMMAND")
    (came,) = came_to(service, receiver, "/command", 1)
    assert documented_check()(secret, came.headers["x-contracts-chain-signature"], came.body)
    (listed,) = [one for one in desk.get("/api/v1/callbacks").json()["endpoints"] if "/command" in one["url"]]
    closed = CliRunner().invoke(app, ["callbacks", "close", listed["id"], "--by", "desk"])
    assert (closed.exit_code, "已停用" in closed.output) == (0, True)
