"""From the order to the proven package over HTTP, with every refusal on the way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from importlib.resources import files

import httpx
import pytest
from api_service import SAMPLE, Service, sample_order
from seaweed_server import SeaweedServer
from trial_phone import identify_as

from api.trial_people import let_seals_be_used
from contracts_chain.evidence.archive import read_archive, verify_archive

PATIENCE_SECONDS = 60.0


def wait_for(condition: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """Ask until the answer has this status; the server itself says how long to wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        response = condition()
        if response.status_code == status:
            return response
        assert response.status_code == 503, response.text
        assert time.monotonic() < deadline, response.text
        threading.Event().wait(min(float(response.headers["Retry-After"]), 0.5))


@pytest.fixture(scope="module")
def drafted(service: Service) -> dict[str, object]:
    with service.client("drafter") as drafter:
        response = drafter.post("/api/orders", content=sample_order("ORDER-JOURNEY"))
    assert response.status_code == 201, response.text
    body = response.json()
    assert isinstance(body, dict)
    return body


def numbers(drafted: dict[str, object]) -> list[str]:
    agreements = drafted["agreements"]
    assert isinstance(agreements, list)
    return [agreement["number"] for agreement in agreements]


@pytest.fixture(scope="module")
def links(service: Service, drafted: dict[str, object]) -> dict[str, str]:
    number = numbers(drafted)[0]
    with service.client("drafter") as drafter, service.client("reviewer") as reviewer:
        assert drafter.post(f"/api/agreements/{number}/submit").status_code == 200
        assert reviewer.post(f"/api/agreements/{number}/approve").status_code == 200
    with service.client("supplier-desk") as desk:
        response = desk.post(f"/api/agreements/{number}/offer")
    assert response.status_code == 200, response.text
    found = response.json()["links"]
    assert isinstance(found, dict)
    return found


def read_and_agree(service: Service, signer: httpx.Client, link: str) -> None:
    """From the summary to the check: the text, every key clause, a drawn signature."""
    token = link.rsplit("/", 1)[-1]
    identify_as(service.house.office, token)
    assert signer.post(link).headers["location"].rsplit("/", 1)[-1] in {"summary", "read"}
    assert "以全文为准" in signer.get(f"{link}/summary").text
    assert signer.get(f"{link}/pages/1.png?w=300").content.startswith(b"\x89PNG")
    assert "文字版" in signer.get(f"{link}/read").text
    there = f"{link}/clause/1"
    while "/clause/" in there:
        assert "重点条款" in signer.get(there).text
        there = service.url + signer.post(there).headers["location"]
    assert there.endswith("/mark")
    strokes = json.dumps([[[100, 500, 0], [800, 300, 40]]])
    drawn = {"kind": (None, "drawn"), "strokes": (None, strokes)}
    assert signer.post(there, files=drawn).headers["location"].endswith("/check")
    assert "同意电子签署" in signer.get(f"{link}/check").text


def sign(service: Service, link: str) -> None:
    token = link.rsplit("/", 1)[-1]
    with service.client() as signer:
        read_and_agree(service, signer, link)
        asked = signer.post(f"{link}/code")
        assert asked.status_code == 303, asked.text
        assert asked.headers["location"].endswith("/code")
        assert "短信应写" in signer.get(f"{link}/code").text
        code = service.code_of(token)
        signed = signer.post(f"{link}/sign", data={"code": f" {code[:3]} {code[3:]} "})
        assert signed.status_code == 303, signed.text
        assert signed.headers["location"].endswith("/done")


@pytest.fixture(scope="module")
def package(service: Service, drafted: dict[str, object], links: dict[str, str]) -> bytes:
    number = numbers(drafted)[0]
    office = service.house.office
    with office.work() as work:
        let_seals_be_used(office, work.agreements.load(number), by="supplier-desk")
    for role in ("consumer", "supplier"):
        sign(service, links[role])
    with service.client("supplier-desk") as desk:
        response = wait_for(lambda: desk.get(f"/api/agreements/{number}/package"), 200)
    assert response.headers["content-type"] == "application/vnd.etsi.asic-e+zip"
    return response.content


def test_the_same_order_again_gives_the_same_numbers(service: Service, drafted: dict[str, object]) -> None:
    with service.client("drafter") as drafter:
        again = drafter.post("/api/orders", content=sample_order("ORDER-JOURNEY")).json()
    assert [one["number"] for one in again["agreements"]] == numbers(drafted)


@pytest.mark.parametrize(
    ("duty", "status", "code"), [(None, 401, "not_signed_on"), ("billing", 403, "duty_missing")]
)
def test_an_order_is_the_drafters_only(service: Service, duty: str | None, status: int, code: str) -> None:
    with service.client(duty) as client:
        response = client.post("/api/orders", content=sample_order("ORDER-REFUSED"))
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.json()["status"], response.json()["code"]) == (status, code)
    assert response.json()["title_zh"]


def test_the_drafter_cannot_approve(service: Service, drafted: dict[str, object]) -> None:
    with service.client("drafter") as drafter:
        assert drafter.post(f"/api/agreements/{numbers(drafted)[1]}/approve").status_code == 403


def test_wrong_terms_come_back_with_every_wrong_field(service: Service) -> None:
    order = json.loads((files("contracts_chain.agreements.samples") / SAMPLE).read_text("utf-8"))
    order["agreements"][0]["terms"]["colour"] = "red"
    order["agreements"][0]["kind"] = "NO_SUCH_KIND"
    with service.client("drafter") as drafter:
        response = drafter.post("/api/orders", content=json.dumps(order).encode())
    assert response.status_code == 422
    assert response.json()["code"] == "terms_unreadable"
    assert response.json()["findings"]


@pytest.mark.parametrize("content", [b"", b"[" * 90_000, b'{"a":' * 90_000, b"\xff" * 1000])
def test_no_body_however_deep_ends_the_service(service: Service, content: bytes) -> None:
    with service.client("drafter") as drafter:
        assert drafter.post("/api/orders", content=content).status_code == 422
        assert drafter.post("/api/verify", files={"file": ("x.asice", content)}).status_code == 200
        assert drafter.get("/health").status_code == 200


def test_a_code_is_refused_until_everything_is_read(service: Service, links: dict[str, str]) -> None:
    link = links["consumer"]
    with service.client() as signer:
        identify_as(service.house.office, link.rsplit("/", 1)[-1])
        assert signer.post(link).headers["location"].endswith("/summary")
        response = signer.post(f"{link}/code")
        assert signer.get(f"{link}/code").headers["location"].endswith("/check")
    assert response.status_code == 422
    assert "<title>错误：" in response.text
    assert "没读" in response.text
    assert f"{link.removeprefix(service.url)}/pages#p2" in response.text


def test_a_question_is_asked_answered_and_cleared_on_pages(service: Service, links: dict[str, str]) -> None:
    link = links["consumer"]
    with service.client() as signer, service.client("supplier-desk") as desk:
        assert signer.post(f"{link}/clause/1/question", data={"words": "谁负责？"}).status_code == 303
        assert "答复前不签署" in signer.get(f"{link}/clause/1").text
        assert "谁负责？" in desk.get("/questions").text
        waiting = desk.get("/api/v1/questions").json()
        (asked,) = [one for one in waiting if one["words"] == "谁负责？"]
        body = json.dumps({"words": "由产权人负责。"})
        assert desk.post(f"/api/v1/questions/{asked['id']}", content=body).status_code == 200
        assert "由产权人负责。" in signer.get(f"{link}/clause/1").text
        assert signer.post(f"{link}/clause/1/clear/{asked['id']}").status_code == 303


def test_the_second_party_waits_for_its_turn(service: Service, links: dict[str, str]) -> None:
    with service.client() as signer:
        response = signer.post(links["supplier"])
    assert response.status_code == 409
    assert "错误：" in response.text


def test_a_get_of_the_link_starts_nothing(service: Service, drafted: dict[str, object]) -> None:
    number = numbers(drafted)[1]
    with service.client("drafter") as drafter, service.client("reviewer") as reviewer:
        drafter.post(f"/api/agreements/{number}/submit")
        reviewer.post(f"/api/agreements/{number}/approve")
    with service.client("supplier-desk") as desk:
        link = desk.post(f"/api/agreements/{number}/offer").json()["links"]["consumer"]
    with service.house.office.work() as work:
        before = work.trails.lines(number)
    with service.client() as previewer:
        assert previewer.get(link).status_code == 200
        for deeper in ("summary", "read", "pages", "clause/1", "mark", "check", "code", "done"):
            assert previewer.get(f"{link}/{deeper}").status_code == 303
    with service.house.office.work() as work:
        assert work.trails.lines(number) == before


def test_the_package_is_proven_and_its_page_says_so(service: Service, package: bytes) -> None:
    with service.client() as anyone:
        report = anyone.post("/api/verify", files={"file": ("p.asice", package)}).json()
        page = anyone.post("/verify", files={"file": ("p.asice", package)})
    assert report["verdict"] == "proven", report
    assert len(report["files"][0]["checks"]) == 12
    assert "已证实：这就是" in page.text
    assert page.text.count("<summary>") == 12


def test_its_documents_lie_in_the_bucket_and_none_on_the_disk(
    service: Service, s3_server: SeaweedServer, drafted: dict[str, object], package: bytes
) -> None:
    del package
    office = service.house.office
    with office.work() as work:
        digest = work.agreements.load(numbers(drafted)[0]).current_sha256
    assert digest is not None
    signed = s3_server.blobs().get(digest)
    assert signed.startswith(b"%PDF")
    assert signed == office.blobs.get(digest)
    assert not (service.house.settings.data_dir / "blobs").exists()


def test_the_archive_is_for_any_staff_and_whole(
    service: Service, drafted: dict[str, object], package: bytes
) -> None:
    del package
    address = f"/api/agreements/{numbers(drafted)[0]}/archive"
    with service.client() as anyone, service.client("billing") as staff:
        stranger, given = anyone.get(address), staff.get(address)
        unformed = staff.get(f"/api/agreements/{numbers(drafted)[1]}/archive")
        unknown = staff.get("/api/agreements/SGZJMZ00YXGY2699999/archive")
    assert (stranger.status_code, stranger.json()["code"]) == (401, "not_signed_on")
    assert given.status_code == 200, given.text
    assert given.headers["content-type"] == "application/zip"
    assert given.headers["content-disposition"] == f'attachment; filename="{numbers(drafted)[0]}.zip"'
    files = read_archive(given.content)
    verify_archive(files, service.house.office.trust, at=service.house.office.clock.now())
    assert json.loads(files["metadata.json"])["export"]["by"] == "billing"
    assert unformed.status_code in {422, 503}, unformed.text
    assert unformed.headers["content-type"] == "application/problem+json"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_number")


def test_one_flipped_byte_is_never_proven(service: Service, package: bytes) -> None:
    middle = len(package) // 2
    forged = package[:middle] + bytes([package[middle] ^ 1]) + package[middle + 1 :]
    with service.client() as anyone:
        page = anyone.post("/verify", files={"file": ("p.asice", forged)})
    assert page.status_code == 200
    assert "已证实：" not in page.text


def test_the_printed_code_leads_to_the_verdict_and_a_wrong_one_to_nothing(
    service: Service, drafted: dict[str, object], package: bytes
) -> None:
    del package
    number = numbers(drafted)[0]
    with service.house.office.work() as work:
        terms = work.agreements.load(number).terms
    from contracts_chain.agreements.terms_json import load_terms
    from contracts_chain.workflows.draft import qr_text

    address = qr_text(load_terms(terms), number, service.url)
    with service.client() as anyone:
        found = anyone.get(address)
        wrong = anyone.get(f"/q/{number}-00000000")
        unknown = anyone.get("/q/SGZJMZ00YXGY2699999-00000000")
        facts = anyone.get(f"/api/agreements/{number}").json()
    assert found.status_code == 200
    assert number in found.text
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert set(facts) == {"number", "kind_zh", "state_zh", "evidence_state_zh", "verdict", "sha256"}
    assert facts["verdict"] == "proven"


def test_unknown_unformed_and_foreign_numbers_get_the_same_answer(
    service: Service, drafted: dict[str, object]
) -> None:
    with service.client() as anyone:
        unformed = anyone.get(f"/api/agreements/{numbers(drafted)[1]}")
        unknown = anyone.get("/api/agreements/SGZJMZ00YXGY2699999")
    assert unformed.status_code == unknown.status_code == 404
    assert unformed.json()["code"] == unknown.json()["code"]


def test_an_invoice_is_issued_once_a_key(
    service: Service, drafted: dict[str, object], package: bytes
) -> None:
    del package
    order = json.loads((files("contracts_chain.agreements.samples") / SAMPLE).read_text("utf-8"))
    bill = json.dumps({"agreement_number": numbers(drafted)[0], "billing": order["invoice"]}).encode()
    with service.client("billing") as billing:
        assert billing.post("/api/invoices", content=bill).status_code == 422
        first = billing.post("/api/invoices", content=bill, headers={"Idempotency-Key": "bill-2026-11"})
        again = billing.post("/api/invoices", content=bill, headers={"Idempotency-Key": "bill-2026-11"})
        assert first.status_code == again.status_code == 201, first.text
        assert first.json()["number"] == again.json()["number"]
        xml = billing.get(f"/api/invoices/{first.json()['number']}/xml")
    assert xml.content.lstrip().startswith(b"<")
    with service.client("drafter") as drafter:
        assert drafter.get(f"/api/invoices/{first.json()['number']}/xml").status_code == 403
