"""The staff's draft API on a running service: versions, collisions, review, side exits, preflight."""

from __future__ import annotations

import itertools
import os
from typing import Any

import pytest
from api_service import Service, sample_order

from kernel.canonical_json import canonical_bytes

_ORDERS = itertools.count(1)


@pytest.fixture
def number(service: Service) -> str:
    """A fresh supply draft."""
    order = sample_order(f"DRAFTS-{os.getpid()}-{next(_ORDERS)}")
    with service.client("drafter") as drafter:
        made = drafter.post("/api/orders", content=order)
    assert made.status_code == 201, made.text
    found = [one["number"] for one in made.json()["agreements"] if one["kind"] == "HV_SUPPLY"]
    return str(found[0])


def read(service: Service, number: str) -> dict[str, Any]:
    with service.client("drafter") as drafter:
        answer = drafter.get(f"/api/v1/agreements/{number}/draft")
    assert answer.headers["ETag"] == f'"{answer.json()["draft_version"]}"'
    return dict(answer.json())


def put(service: Service, number: str, base: int | None, *, merge: bool = False, **changes: object) -> Any:
    file = read(service, number)["file"]
    body = canonical_bytes({**file, "terms": {**file["terms"], **changes}})
    headers = {} if base is None else {"If-Match": f'"{base}"'}
    with service.client("drafter") as drafter:
        return drafter.put(
            f"/api/v1/agreements/{number}/draft",
            content=body,
            headers=headers,
            params={"merge": str(merge).lower()},
        )


def post(service: Service, duty: str, path: str, **body: object) -> Any:
    with service.client(duty) as client:
        return client.post(f"/api/{path}", content=canonical_bytes(body) if body else b"")


def test_a_draft_is_saved_over_the_version_it_began_from_and_every_version_stays(
    service: Service, number: str
) -> None:
    assert put(service, number, None, rest_day="周日").status_code == 428
    saved = put(service, number, 1, rest_day="周日")
    assert (saved.status_code, saved.headers["ETag"]) == (200, '"2"')
    assert [version["version"] for version in saved.json()["versions"]] == [1, 2]
    with service.client("billing") as stranger:
        assert stranger.get(f"/api/v1/agreements/{number}/draft").status_code == 403
    with service.client("reviewer") as reader:
        first = reader.get(f"/api/v1/agreements/{number}/drafts/1").json()
        paper = reader.get(f"/api/v1/agreements/{number}/drafts/1/pdf")
        assert reader.get(f"/api/v1/agreements/{number}/drafts/9").status_code == 404
    assert first["file"]["terms"]["rest_day"] != "周日"
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")


def test_the_second_clerk_gets_409_with_both_values_and_may_join_what_does_not_collide(
    service: Service, number: str
) -> None:
    file = read(service, number)["file"]
    mine = canonical_bytes({**file, "terms": {**file["terms"], "shifts": "TWO", "rest_day": "周六"}})
    assert put(service, number, 1, rest_day="周日").status_code == 200
    headers = {"If-Match": '"1"'}
    with service.client("drafter") as drafter:
        told = drafter.put(f"/api/v1/agreements/{number}/draft", content=mine, headers=headers)
    assert (told.status_code, told.json()["code"], told.json()["draft_version"]) == (409, "stale_draft", 2)
    (change,) = told.json()["changes"]
    assert (change["field"], change["theirs"], change["mine"]) == ("rest_day", "周日", "周六")
    assert (change["label"], change["by"], change["collides"]) == ("厂休日", "drafter", True)
    other = canonical_bytes({**file, "terms": {**file["terms"], "special_terms": "用电人自备应急照明。"}})
    with service.client("drafter") as drafter:
        path = f"/api/v1/agreements/{number}/draft?merge=true"
        joined = drafter.put(path, content=other, headers=headers)
    assert joined.status_code == 200, joined.text
    terms = joined.json()["file"]["terms"]
    assert (terms["rest_day"], terms["special_terms"]) == ("周日", "用电人自备应急照明。")


def test_what_breaks_a_rule_is_saved_with_findings_and_not_submitted(service: Service, number: str) -> None:
    saved = put(service, number, 1, late_fee_permille_per_day="5")
    assert saved.status_code == 200
    assert saved.json()["sha256"] is None
    late = [finding for finding in saved.json()["findings"] if finding["rule"] == "R-LATE-1"]
    assert late[0]["field"] == "late_fee_permille_per_day"
    refused = post(service, "drafter", f"agreements/{number}/submit")
    assert (refused.status_code, refused.json()["code"]) == (422, "rules_violated")


@pytest.mark.parametrize(
    ("text", "rule", "named"),
    [
        ("无\u202e", "R-TEXT-2", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("⼯", "R-TEXT-3", "U+2F2F KANGXI RADICAL WORK"),
        ("长" * 10_000, "R-TEXT-1", "10000"),
    ],
)
def test_dishonest_text_is_not_saved_and_the_character_is_named(
    service: Service, number: str, text: str, rule: str, named: str
) -> None:
    refused = put(service, number, 1, special_terms=text)
    assert refused.status_code == 422
    (finding,) = refused.json()["findings"]
    assert (finding["rule"], finding["field"]) == (rule, "terms.special_terms")
    assert named in finding["zh"]
    assert named in finding["en"]
    assert read(service, number)["draft_version"] == 1


def test_a_returned_draft_comes_back_with_its_remarks_and_is_approved_as_seen(
    service: Service, number: str
) -> None:
    assert post(service, "drafter", f"agreements/{number}/submit").status_code == 200
    remarks = [{"field": "rest_day", "text": "请写明周几"}]
    path = f"v1/agreements/{number}/return"
    assert post(service, "drafter", path, reason="x").status_code == 403
    returned = post(service, "reviewer", path, reason="厂休日有误", remarks=remarks)
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    assert returned.json()["reviews"][-1]["remarks"] == remarks
    assert returned.json()["allowed"][0] == {"deed": "revise", "zh": "修改"}
    assert put(service, number, 1, rest_day="周日").json()["state"] == "draft"
    assert post(service, "drafter", f"agreements/{number}/submit").status_code == 200
    assert post(service, "reviewer", f"agreements/{number}/approve").json()["state"] == "approved"
    with service.client("supplier-desk") as desk:
        looked = desk.get(f"/api/v1/agreements/{number}/preflight").json()
    assert looked["ready"]
    assert {item["code"] for item in looked["items"]} == {"annexes_elsewhere", "ok", "seal_unapproved"}


def test_a_party_rejects_by_its_link_and_the_order_is_drafted_anew(service: Service, number: str) -> None:
    for duty, deed in (("drafter", "submit"), ("reviewer", "approve")):
        assert post(service, duty, f"agreements/{number}/{deed}").status_code == 200
    links = post(service, "supplier-desk", f"agreements/{number}/offer").json()["links"]
    token = links["consumer"].rpartition("/")[2]
    with service.client() as party:
        path = f"/api/v1/links/{token}/reject"
        wordless = party.post(path, content=canonical_bytes({"reason": "clause"}))
        unknown = party.post(path, content=canonical_bytes({"reason": "mood"}))
        rejected = party.post(path, content=canonical_bytes({"reason": "clause", "words": "第七条"}))
        assert party.get(f"/s/{token}").status_code < 500
    assert (wordless.json()["code"], unknown.status_code) == ("reason_missing", 422)
    assert rejected.json() == {"number": number, "state": "rejected"}


def test_a_draft_is_withdrawn_with_a_reason_and_stays_readable(service: Service, number: str) -> None:
    path = f"v1/agreements/{number}/withdraw"
    assert post(service, "reviewer", path, reason="x").status_code == 403
    assert post(service, "drafter", path, reason=" ").status_code == 422
    assert post(service, "drafter", path, reason="客户改方案").json()["state"] == "withdrawn"
    refused = put(service, number, 1, rest_day="周日")
    assert (refused.json()["code"], refused.json()["allowed"]) == ("transition_refused", ["archive"])


def test_an_account_bound_to_the_signer_may_not_review(service: Service, number: str) -> None:
    signer = read(service, number)["file"]["terms"]["supplier"]["agent"]["person"]
    body = canonical_bytes({"id_type": signer["id_type"], "id_no": signer["id_no"]})
    other = canonical_bytes({"id_type": "RESIDENT_ID", "id_no": "11010519491231002X"})
    assert post(service, "drafter", f"agreements/{number}/submit").status_code == 200
    with service.client("reviewer") as reviewer:
        assert reviewer.put("/api/v1/staff/me/identity", content=body).status_code == 200
        refused = reviewer.post(f"/api/agreements/{number}/approve")
        assert reviewer.put("/api/v1/staff/me/identity", content=other).status_code == 200
        passed = reviewer.post(f"/api/agreements/{number}/approve")
    assert (refused.status_code, refused.json()["code"]) == (422, "separation_of_duties")
    assert signer["id_no"] not in refused.text
    assert passed.status_code == 200
