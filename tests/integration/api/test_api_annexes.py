"""Annexes on a running service: uploaded by content, read back, refused with what to do."""

from __future__ import annotations

from api_service import Service

from kernel.digests import sha256

PDF = b"%PDF-1.7\n% of this test only\n%%EOF\n"
WHERE = "/api/v1/annexes"


def test_an_annex_is_uploaded_as_body_or_form_with_one_answer_and_read_by_any_staff(service: Service) -> None:
    with service.client("drafter") as drafter:
        plain = drafter.post(WHERE, content=PDF)
        form = drafter.post(WHERE, files={"file": ("drawing.exe", PDF, "image/png")})
    assert plain.status_code == form.status_code == 200, plain.text + form.text
    assert plain.json() == form.json()
    digest = sha256(PDF).hex()
    assert plain.json() == {"sha256": digest, "bytes": len(PDF), "media_type": "application/pdf"}
    with service.client("billing") as billing:
        read = billing.get(f"{WHERE}/{digest}")
    assert (read.content, read.headers["content-type"]) == (PDF, "application/pdf")
    assert read.headers["content-disposition"].startswith("attachment")
    assert read.headers["x-content-type-options"] == "nosniff"


def test_what_is_no_annex_is_refused_with_what_to_do(service: Service) -> None:
    with service.client("drafter") as drafter:
        other = drafter.post(WHERE, content=b"PK\x03\x04 a spreadsheet")
        named = drafter.post(WHERE, files={"paper": ("a.pdf", PDF)})
        unknown = drafter.get(f"{WHERE}/{'ab' * 32}")
        large = drafter.post(WHERE, content=PDF + bytes(20_000_000))
    assert (other.status_code, other.json()["code"]) == (415, "annex_kind")
    assert "重新上传" in other.json()["title_zh"]
    assert (named.status_code, named.json()["code"]) == (415, "annex_kind")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "annex_unknown")
    assert (large.status_code, large.json()["code"]) == (413, "annex_too_large")


def test_only_a_drafter_uploads_and_only_staff_reads(service: Service) -> None:
    with service.client("reviewer") as reviewer:
        assert reviewer.post(WHERE, content=PDF).status_code == 403
    with service.client(None) as stranger:
        assert stranger.post(WHERE, content=PDF).status_code == 401
        assert stranger.get(f"{WHERE}/{sha256(PDF).hex()}").status_code == 401
