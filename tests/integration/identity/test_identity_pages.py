"""Identity, delegation and attached evidence on a running house: real provider, real activation process."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from identity_at_sandbox import act_at_sandbox, identify_at_sandbox
from identity_service import Service

from api.app import _routers
from api.hall_key import HallKeyExistsError, make_hall_key, sign_claims_file
from contracts_chain.agreements.identity.methods import IdentityMethod
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.acting_party import acting_party, signer_ref
from contracts_chain.workflows.identify import identify
from contracts_chain.workflows.identity_files import CheckState
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.offer import Offer
from contracts_chain.workflows.settle_identity import settle_check
from contracts_chain.workflows.withdraw import withdraw
from kernel.digests import sha256

LETTER = b"%PDF-1.7\n% letter of the page tests\n%%EOF\n"
PATIENCE_SECONDS = 20.0
DELEGATE = {
    "name": "陈立新",
    "id_type": "RESIDENT_ID",
    "id_no": "330299198501010019",
    "phone": "13812345678",
    "letter_no": "SQ-2026-8",
    "matters": "签订高压供用电合同",
    "limit": "",
    "valid_from": "2026-01-01",
    "valid_to": "2027-12-31",
}
FORM = {
    "method": "carrier_three_elements",
    "face_consent": "yes",
    "reason": "wrong_facts",
    "words": "x",
    "code": "123456",
    "kind": "typed",
    "typed": "王海明",
    "question": "为什么？",
    "consent": "yes",
}
"""What the signing pages send, all at once: a missing check must not be hidden by a missing field."""


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.05)


def identified(service: Service, number: str) -> int:
    return sum(one.event is TrailEventKind.IDENTIFIED for one in service.trail(number))


def delegated(service: Service, sent: Offer, client: httpx.Client) -> str:
    """Pass the consumer's signature on; the delegate's link, read from the message."""
    token, number = sent.tokens["consumer"], sent.dossier.number
    identify_at_sandbox(service.office, token)
    answer = client.post(f"/delegations/{token}", data=DELEGATE, files={"file": ("letter.pdf", LETTER)})
    assert answer.status_code == 200, answer.text
    assert "已委托陈立新签署" in answer.text
    outbox = service.house.settings.data_dir / "sandbox" / "sms.jsonl"

    def newest() -> str:
        texts = [json.loads(line)["text"] for line in outbox.read_text("utf-8").splitlines()]
        found = [text for text in texts if number in text and "/s/" in text]
        return found[-1].split("/s/")[1].split(" ")[0] if found else ""

    wait_for(lambda: outbox.exists() and newest() != "")
    return newest()


def test_a_signer_goes_to_the_provider_by_a_link_comes_back_and_is_identified(service: Service) -> None:
    sent = service.offered()
    token, number = sent.tokens["consumer"], sent.dossier.number
    with service.client() as browser:
        ways = browser.get(f"/s/{token}/identity")
        assert "王*明" in ways.text
        assert "王海明" not in ways.text
        refused = browser.post(f"/s/{token}/identity", data={"method": "e_licence_face"})
        assert refused.status_code == 422
        assert "未经您单独同意" in refused.text
        gone = browser.post(f"/s/{token}/identity", data={"method": "bank_account"}, follow_redirects=True)
        assert gone.url.path == f"/s/{token}/identity/go"
        place = gone.text.split('class="primary" href="')[1].split('"')[0]
        assert token not in place
        assert "SANDBOX" in httpx.get(place, trust_env=False).text
        with service.office.work() as work:
            (ceremony,) = [one for one in work.ceremonies.of_agreement(number) if one.role == "consumer"]
            (check,) = work.identity_checks.of_ceremony(ceremony.id)
        pending = browser.get(f"/s/{token}/identity/check")
        assert pending.headers["location"] == f"/s/{token}/identity/go"
        act_at_sandbox(check)
        wait_for(lambda: identified(service, number) == 1)  # by the callback alone
        back = browser.get(f"/identity/return?check={check.key}&session={check.session}")
        assert back.headers["location"] == f"/s/{token}/identity/check"
        done = browser.get(back.headers["location"])
        assert done.headers["location"] == f"/s/{token}/summary"
    (record,) = [one for one in service.records(number) if one.kind is RecordKind.IDENTITY_VERIFIED]
    assert record.details["provider"] == "identity-sandbox"
    with service.office.work() as work:
        person = acting_party(work, sent.dossier, "consumer").signer
    standing = service.office.activation.standing(signer_ref(person))
    assert standing.attested_utc is not None
    assert record.details["attestation_sha256"] == str(
        standing.attestation_sha256.hex() if standing.attestation_sha256 else ""
    )


def test_another_browser_is_told_to_open_its_link_and_learns_nothing(service: Service) -> None:
    with service.client() as stranger:
        answer = stranger.get("/identity/return?check=whatever&session=s")
    assert answer.status_code == 200
    assert "/s/" not in answer.text


def test_a_lost_callback_is_made_good_by_asking(service: Service) -> None:
    sent = service.offered()
    check = identify(
        service.office, sent.tokens["consumer"], IdentityMethod.E_LICENCE_FACE, face_consent=True
    )
    act_at_sandbox(check, "drop_callback")
    assert identified(service, check.number) == 0
    settled = settle_check(service.office, check.key)
    assert settled is not None
    assert settled.state is CheckState.PASSED
    assert identified(service, check.number) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"a.b.c", b"\xff" * 2000])
def test_a_forged_callback_is_refused(service: Service, body: bytes) -> None:
    with service.client() as stranger:
        answer = stranger.post("/identity/callback", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "identity_callback_refused")


def test_the_refusal_of_the_provider_is_told_in_plain_words(service: Service) -> None:
    token = service.offered().tokens["consumer"]
    check = identify(service.office, token, IdentityMethod.CARRIER_THREE_ELEMENTS)
    act_at_sandbox(check, "refuse:no_match")
    settle_check(service.office, check.key)
    with service.client() as browser:
        shown = browser.get(f"/s/{token}/identity")
    assert "与证照不一致，请核对或换方式" in shown.text
    assert "no_match" not in shown.text


def test_a_delegate_gets_the_link_and_the_old_one_ends(service: Service) -> None:
    sent = service.offered()
    with service.client() as browser:
        unknown = browser.post(
            f"/delegations/{sent.tokens['consumer']}", data=DELEGATE, files={"file": ("letter.pdf", LETTER)}
        )
        assert unknown.status_code == 422
        assert "请先确认您的身份" in unknown.text
        assert 'value="陈立新"' in unknown.text
        token = delegated(service, sent, browser)
        assert "陈*新" in browser.get(f"/s/{token}/identity").text
    (record,) = [
        one for one in service.records(sent.dossier.number) if one.kind is RecordKind.AUTHORITY_DELEGATED
    ]
    assert record.document.sha256 == sha256(LETTER)


def test_papers_are_attached_listed_and_given_to_staff_only(service: Service) -> None:
    number, paper = service.offered().dossier.number, "客户：已读。\n".encode()
    where = f"/api/v1/attachments/{number}"
    named = {"kind": "chat", "description": "微信聊天"}
    with service.client("drafter") as drafter, service.client("billing") as billing:
        first = drafter.post(where, params=named, content=paper)
        again = drafter.post(where, params=named, content=paper)
        assert first.json() == again.json()
        page = drafter.post(
            f"/attachments/{number}",
            data={"kind": "inspection", "description": "竣工检验"},
            files={"file": ("r.pdf", LETTER)},
            follow_redirects=True,
        )
        assert "已附入并登记存证" in page.text
        refused = drafter.post(
            f"/attachments/{number}",
            data={"kind": "chat", "description": "表"},
            files={"file": ("a.zip", b"PK\x03\x04")},
        )
        assert refused.status_code == 422
        assert 'value="表"' in refused.text
        assert [one["kind"] for one in billing.get(where).json()] == ["chat", "inspection"]
        read = billing.get(f"{where}/{sha256(paper).hex()}")
        assert read.content == paper
        assert read.headers["content-disposition"].startswith("attachment")
        assert billing.post(where, params=named, content=paper).status_code == 403
        assert drafter.get(f"{where}/{'ab' * 32}").status_code == 404
        unknown_kind = drafter.post(where, params={**named, "kind": "x"}, content=paper)
        assert (unknown_kind.status_code, unknown_kind.json()["code"]) == (422, "attachment_refused")
    with service.client() as stranger:
        assert stranger.get(where).status_code == 401
        assert stranger.post(where, params=named, content=paper).status_code == 401
    leaves = [
        one.details["kind"] for one in service.records(number) if one.kind is RecordKind.EVIDENCE_ATTACHED
    ]
    assert leaves == ["chat", "inspection"]


def test_clerks_whom_the_activation_process_does_not_know_identify_nobody(
    service: Service, tmp_path: Path
) -> None:
    number = service.offered().dossier.number
    scan = {"file": ("id.pdf", LETTER)}
    with service.client("supplier-desk") as first, service.client("reviewer") as second:
        opened = first.post(f"/hall/agreements/{number}", data={"role": "consumer"}, files=scan)
        place = opened.headers["location"]
        claims = tmp_path / "claims.json"
        claims.write_bytes(first.get(f"{place}/claims.json").content)
        lines = []
        for clerk in ("one", "two"):
            assert len(make_hall_key(tmp_path / clerk)) == 64
            lines.append(sign_claims_file(claims, tmp_path / clerk, clerk))
        assert first.post(place, data={"signature": lines[0]}).headers["location"] == place
        twice = first.post(place, data={"signature": lines[1]})
        assert "同一人员不得两次签名" in twice.text
        refused = second.post(place, data={"signature": lines[1]})
    assert refused.status_code == 422
    assert "身份核验结果未被采信" in refused.text
    assert identified(service, number) == 0
    with pytest.raises(HallKeyExistsError):
        make_hall_key(tmp_path / "one")
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0


def _routes() -> list[tuple[str, str]]:
    """Every method and path of the ceremony, published or not, as the service mounts them."""
    mounted = (route for router in _routers() for route in router.routes if isinstance(route, APIRoute))
    return sorted((method, one.path) for one in mounted if "{token}" in one.path for method in one.methods)


def _ask(client: httpx.Client, method: str, path: str, token: str) -> httpx.Response:
    filled = path.replace("{token}", token)
    parts = {"number": "1", "position": "1", "question": "x", "sha256": "ab" * 32, "certificate": "ab" * 32}
    for name, value in parts.items():
        filled = filled.replace(f"{{{name}}}", value)
    if method == "GET":
        return client.get(filled)
    if "delegations" in path:
        return client.post(filled, data=DELEGATE, files={"file": ("letter.pdf", LETTER)})
    return client.post(filled, data=FORM)


def overdue(service: Service) -> Offer:
    """An offer whose last day was yesterday; nobody has ended it yet."""
    sent = service.offered()
    yesterday = service.office.clock.now().date() - timedelta(days=1)
    with service.office.work() as work:
        dossier = work.agreements.load(sent.dossier.number, lock=True)
        work.agreements.save(replace(dossier, offer_until=yesterday))
        work.commit()
    return sent


def lapsed(service: Service) -> Offer:
    """An offer that ended by itself."""
    sent = overdue(service)
    assert lapse_overdue(service.office) == 1
    return sent


def wrong_tokens(service: Service, delegator: Offer) -> dict[str, str]:
    """Tokens that may do nothing, by whose they are."""
    withdrawn, over = service.offered(), lapsed(service)
    withdraw(service.office, withdrawn.dossier.number, reason="测试", by="supplier-desk")
    return {
        "nobody's": "x" * 43,
        "none": "-",
        "the closed link of who delegated": delegator.tokens["consumer"],
        "the link of a withdrawn offer": withdrawn.tokens["consumer"],
        "another party's of a withdrawn offer": withdrawn.tokens["supplier"],
        "the link of a lapsed offer": over.tokens["consumer"],
        "another party's of a lapsed offer": over.tokens["supplier"],
        "a staff token": service.tokens["drafter"],
    }


def all_trails(service: Service) -> dict[str, int]:
    """Length of every trail there is."""
    with service.office.work() as work:
        numbers = [one.number for one in work.agreements.list()]
        return {number: len(work.trails.lines(number)) for number in numbers}


def test_complaint_7_no_token_but_the_signers_own_acts_anywhere_in_the_ceremony(service: Service) -> None:
    """Who really signed? Every wrong token on every route of the ceremony changes nothing."""
    sent = service.offered()
    number = sent.dossier.number
    with service.client() as browser:
        delegates = delegated(service, sent, browser)
    wrong = wrong_tokens(service, sent)
    before = all_trails(service)
    for duty in (None, "drafter", "supplier-desk"):
        with service.client(duty) as client:
            for method, path in _routes():
                for whose, token in wrong.items():
                    answer = _ask(client, method, path, token)
                    assert answer.status_code < 500, (whose, duty, method, path)
    assert all_trails(service) == before
    identify_at_sandbox(service.office, delegates)
    assert service.trail(number)[-1].event is TrailEventKind.IDENTIFIED


def test_complaint_7_a_link_whose_turn_it_is_not_and_one_whose_day_is_over_only_leave(
    service: Service,
) -> None:
    """The other party's open link before its turn, and a link after its last day: neither goes on to sign."""
    early, late = service.offered(), overdue(service)
    before = all_trails(service)
    with service.client() as client:
        for method, path in _routes():
            if "reject" in path or (method == "POST" and path.endswith("paper")):
                continue
            for token in (early.tokens["supplier"], late.tokens["consumer"], late.tokens["supplier"]):
                assert _ask(client, method, path, token).status_code < 500, (method, path)
        paper = client.post(f"/s/{early.tokens['supplier']}/paper", data=FORM)
        assert paper.status_code == 409
        assert all_trails(service) == before
        refused = client.post(f"/s/{early.tokens['supplier']}/reject", data=FORM)
    assert "您已拒签" in refused.text  # a party may refuse at any time, for itself alone
    assert service.trail(early.dossier.number)[-1].actor.startswith("supplier:")
