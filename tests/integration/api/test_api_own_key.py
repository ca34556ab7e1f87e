"""A resident's own program signs over JSON: certified, prepared, finished; what does not fit is a problem."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from api_resident import NAME, Resident, certified, resident
from api_service import Service
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from deferred_key import OpensslKey

from contracts_chain.workflows.ceremony import open_link
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.model import SoleControl


@pytest.fixture(scope="module")
def ready(service: Service) -> Resident:
    """Who has read and consented, and only has to sign."""
    return resident(service, "ORDER-OWN-KEY")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("own-key", {"chain": ["no base64"]}),
        ("own-key", {"chain": []}),
        ("own-key", {}),
        ("own-key/finish", {"certificate_sha256": "00", "signature": ""}),
        ("own-key/finish", {"certificate_sha256": "00" * 32, "signature": "AAAA"}),
        ("own-key/certificate", {"public_key": "AAAA", "signature": "AAAA", "code": "123456"}),
    ],
)
def test_what_does_not_fit_is_refused_as_a_problem(
    service: Service, ready: Resident, path: str, body: dict[str, object]
) -> None:
    with service.client() as signer:
        response = signer.post(f"{ready.link}/{path}", content=json.dumps(body).encode())
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_a_link_nobody_was_sent_takes_no_key(service: Service) -> None:
    with service.client() as signer:
        assert signer.post("/s/nobody/own-key", content=b'{"chain":["AAAA"]}').status_code == 404


def test_a_signature_of_plain_r_and_s_as_browsers_make_it_signs_the_contract(
    service: Service, ready: Resident, tmp_path: Path
) -> None:
    key, office = OpensslKey.made(tmp_path), service.house.office
    chain = [base64.b64encode(one).decode() for one in certified(service, ready, key)]
    with service.client() as signer:
        begun = signer.post(f"{ready.link}/own-key", content=json.dumps({"chain": chain})).json()
        r, s = decode_dss_signature(key.sign(base64.b64decode(begun["to_sign"])))
        body = {
            "certificate_sha256": begun["certificate_sha256"],
            "signature": base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode(),
        }
        answer = signer.post(f"{ready.link}/own-key/finish", content=json.dumps(body))
    assert (answer.status_code, answer.json()) == (200, {"next": f"{ready.link}/done"})
    with office.work() as work:
        dossier = work.agreements.load(ready.number)
    assert dossier.slots[0].signed
    assert dossier.current_sha256 is not None
    finding = inspect_pdf(office.blobs.get(dossier.current_sha256), office.trust.signatures).signatures[0]
    assert finding.integrity is finding.chain is finding.timestamp is Verdict.PROVEN
    assert finding.signer is not None
    assert (finding.signer.common_name, finding.signer.sole_control) == (NAME, SoleControl.OWN_KEY)
    assert begun["fingerprint"] == open_link(office, ready.token).fingerprint
