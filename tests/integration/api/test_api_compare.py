"""Twin and comparison over HTTP: staff and the party read them, nobody else does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from api_service import Service, sample_order

from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.compare import the_version
from contracts_chain.workflows.revise import revise
from pdfgen.page_images import body_texts


@pytest.fixture(scope="module")
def revised(service: Service) -> str:
    """A supply contract of which two versions were saved."""
    with service.client("drafter") as drafter:
        answer = drafter.post("/api/orders", content=sample_order("API-CMP-1"))
    number = answer.json()["agreements"][0]["number"]
    office = service.house.office
    terms = load_terms(the_version(office, number).terms)
    assert isinstance(terms, HvSupplyTerms)
    revise(office, number, replace(terms, pay_by_day=18), by="drafter", base_version=1)
    return str(number)


def test_the_twin_names_the_digest_of_the_pdf_it_reads(service: Service, revised: str) -> None:
    version = the_version(service.house.office, revised)
    assert version.document_sha256 is not None
    with service.client("billing") as staff:
        page = staff.get(f"/agreements/{revised}/twin")
    assert page.status_code == 200
    assert version.document_sha256.hex() in page.text
    assert page.text.count("<h1") == 1
    assert "<svg" in page.text
    assert "style=" not in page.text.split("<body")[1]


def test_two_versions_are_compared_with_the_page_of_each_difference(service: Service, revised: str) -> None:
    with service.client("reviewer") as staff:
        page = staff.get(f"/agreements/{revised}/compare?with=v1")
        paper = staff.get(f"/agreements/{revised}/compare.pdf?with=v1")
    assert "处不同：第 " in page.text
    assert "<ins>18</ins>" in page.text
    assert "<del>15</del>" in page.text
    assert paper.headers["content-type"] == "application/pdf"
    assert "电费支付" in "".join("".join(body_texts(paper.content)).split())


def test_a_contract_stands_beside_its_text_without_deviation(service: Service, revised: str) -> None:
    with service.client("reviewer") as staff:
        page = staff.get(f"/agreements/{revised}/compare")
    assert "固定文字与合同文本一致" in page.text
    assert "特别约定" in page.text


def test_what_is_not_there_is_refused_as_a_page(service: Service, revised: str) -> None:
    with service.client("reviewer") as staff:
        assert staff.get(f"/agreements/{revised}/compare?with=v9").status_code == 404
        assert staff.get("/agreements/SGZJMZ00YXGY9900001/twin").status_code == 404
        assert staff.get(f"/agreements/{revised}/compare?with=SGZJMZ00YXGY9900001").status_code == 404


@pytest.mark.parametrize("path", ["twin", "compare", "compare.pdf?with=v1"])
def test_nobody_reads_without_signing_on(service: Service, revised: str, path: str) -> None:
    with service.client() as stranger:
        assert stranger.get(f"/agreements/{revised}/{path}").status_code == 401


def test_a_party_reads_the_twin_by_its_link_and_a_wrong_link_reads_nothing(service: Service) -> None:
    with service.client("drafter") as drafter:
        answer = drafter.post("/api/orders", content=sample_order("API-CMP-2"))
        number = answer.json()["agreements"][0]["number"]
        drafter.post(f"/api/agreements/{number}/submit")
    with service.client("reviewer") as reviewer:
        reviewer.post(f"/api/agreements/{number}/approve")
    with service.client("supplier-desk") as desk:
        links = desk.post(f"/api/agreements/{number}/offer").json()["links"]
    link = next(iter(links.values()))
    with service.client() as party:
        assert number in party.get(link.removeprefix(service.url) + "/twin").text
        assert party.get("/s/" + "x" * 43 + "/twin").status_code == 404
