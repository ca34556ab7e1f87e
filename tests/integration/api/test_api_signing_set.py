"""Four contracts of a batch, one signing over HTTP (complaint 10): one refused, three signed by one code."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import httpx
import pytest
from api_service import Service
from group_sheets import sheet, sites
from test_api_group_set import confirmed, contracts, open_group, shown_root, state_of, uploaded, wait_until
from trial_phone import identify_as, phone_of

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows.acting_party import acting_party, signing_phone

COUNT = 4


@pytest.fixture(scope="module")
def batch(service: Service) -> str:
    """An offered batch of four sites, all with one signer."""
    with service.client("drafter") as drafter, service.client("reviewer") as reviewer:
        open_group(drafter, "JT-API-SIGN")
        address = confirmed(drafter, uploaded(drafter, "JT-API-SIGN", sheet(sites(COUNT, first=5600))))
        wait_until(lambda: state_of(drafter, address) == "drafted", "never drafted")
        assert reviewer.post(f"{address}/approve", data={"root": shown_root(reviewer, address)}).is_redirect
        wait_until(lambda: state_of(drafter, address) == "approved", "never approved")
    with service.client("supplier-desk") as desk:
        assert desk.post(f"{address}/offer").is_redirect
        wait_until(lambda: state_of(desk, address) == "offered", "never offered")
    return address


def numbers_of(service: Service, batch: str) -> list[str]:
    with service.client("supplier-desk") as desk:
        return [number for _, number, _ in contracts(desk, batch)]


def reading_links(page: str) -> list[str]:
    """Each contract's own pages as the list names them."""
    return list(dict.fromkeys(re.findall(r'href="(/s/[0-9a-f]{64})/', page)))


def read_one(service: Service, signer: httpx.Client, link: str) -> None:
    assert signer.get(f"{link}/read").status_code == 200
    there = f"{link}/clause/1"
    while "/clause/" in there:
        signer.get(there)
        there = signer.post(there).headers["location"]


def code_on_phone(service: Service, number: str) -> str:
    with service.house.office.work() as work:
        party = acting_party(work, work.agreements.load(number), "consumer")
    return phone_of(service.house.office).newest_code(signing_phone(party))


def states(service: Service, numbers: Sequence[str]) -> list[AgreementState]:
    with service.house.office.work() as work:
        return [work.agreements.load(number).state for number in numbers]


def test_one_code_signs_three_of_four_and_a_refusal_leaves_the_others_untouched(
    service: Service, batch: str
) -> None:
    numbers = numbers_of(service, batch)
    with service.client("supplier-desk") as desk, service.client("drafter") as drafter:
        assert "一次签署" in desk.get(batch).text
        assert drafter.post(f"{batch}/one-signing/consumer").status_code == 403
        made = desk.post(f"{batch}/one-signing/consumer")
    found = re.search(r"http://[^<]+/s/set/[\w-]+", made.text)
    assert found is not None
    assert f"{COUNT} 份合同，一次签署" in made.text
    link = found[0]
    with service.client() as signer:
        first = signer.get(link).text
        assert all(number in first for number in numbers)
        place = signer.post(link).headers["location"]
        identify_as(service.house.office, place.split("/")[2])
        assert signer.post(link).headers["location"] == link.removeprefix(service.url)
        members = reading_links(signer.get(link).text)
        assert len(members) == COUNT
        early = signer.post(f"{link}/code")
        assert (early.status_code, "错误：" in early.text) == (422, True)
        refused = signer.post(f"{members[0]}/reject", data={"reason": "wrong_facts"})
        assert "您已拒签" in refused.text, refused.text
        for member in members[1:]:
            read_one(service, signer, member)
        name = re.search(r"请键入：([^；\s]+)", signer.get(link).text)
        assert name is not None
        assert signer.post(f"{link}/mark", data={"name": name[1]}).is_redirect
        asked = signer.post(f"{link}/code")
        assert (asked.status_code, f"{COUNT - 1} 份合同" in asked.text) == (200, True), asked.text
        code = code_on_phone(service, numbers[1])
        wrong = signer.post(f"{link}/sign", data={"code": f"{(int(code) + 1) % 1_000_000:06d}"})
        assert "还可试 4 次" in wrong.text
        done = signer.post(f"{link}/sign", data={"code": code})
        assert f"{COUNT - 1} 份已签" in done.text, done.text
    assert states(service, numbers) == [AgreementState.REJECTED, *[AgreementState.PARTLY_SIGNED] * 3]


def test_numbers_that_cannot_be_signed_together_are_refused_by_name(service: Service, batch: str) -> None:
    numbers = numbers_of(service, batch)
    body = json.dumps({"numbers": numbers, "role": "head_party"})
    with service.client("supplier-desk") as desk:
        answer = desk.post("/api/v1/signing-sets", content=body)
        nothing = desk.post("/api/v1/signing-sets", content=json.dumps({"numbers": [], "role": "consumer"}))
        unknown = desk.post("/sets/no-such-batch/one-signing/consumer")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_same_signer")
    assert numbers[0] in answer.json()["title_zh"]
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing_chosen")
    assert unknown.status_code == 404
