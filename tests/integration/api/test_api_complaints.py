"""What pages say where other services keep silent: untrusted certificates (3) and pending timestamps (5)."""

from __future__ import annotations

from dataclasses import replace

from api_resident import resident
from api_service import Service


def test_complaint_3_the_trust_page_says_why_a_reader_does_not_know_us_and_where_to_check(
    service: Service,
) -> None:
    with service.client() as anyone:
        page = anyone.get("/trust").text
        assert "有效性未知" in page
        assert "validity unknown" in page
        assert 'href="/verify"' in page
        assert "TEST" in page
        for name in (one.split('"')[0] for one in page.split('href="/trust/')[1:]):
            assert anyone.get(f"/trust/{name}").status_code == 200


def test_complaint_5_a_receipt_says_pending_while_any_of_its_signatures_waits_for_its_time(
    service: Service,
) -> None:
    signing = resident(service, "ORDER-PENDING-RECEIPT")
    with service.client() as signer:
        signer.post(f"{signing.link}/code")
        signer.post(f"{signing.link}/sign", data={"code": service.code_of(signing.token)})
        assert "时间戳补取中" not in signer.get(f"{signing.link}/done").text
        with service.house.office.work() as work:
            standing = work.agreements.load(signing.number, lock=True)
            waiting = tuple(
                replace(slot, timestamp_utc=None) if slot.role == "consumer" else slot
                for slot in standing.slots
            )
            work.agreements.save(replace(standing, slots=waiting))
            work.commit()
        shown = signer.get(f"{signing.link}/done").text
    assert "签名有效，时间戳补取中（B-B）" in shown
    assert "Signature valid (B-B), timestamp pending" in shown
