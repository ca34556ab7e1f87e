"""A holder's own key: prepared, signed elsewhere, finished, also by another process and a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from deferred_key import OpensslKey
from playwright.sync_api import Page, sync_playwright

from kernel.canonical_json import canonical_bytes, parse_json
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.deferred import finish_deferred, prepare_deferred
from signing.deferred_state import DeferredSignature, DeferredStateError
from signing.model import SoleControl
from signing.refusals import CannotSignError, RevocationUnavailableError
from signing.rfc3161_authority import TimestampUnavailableError
from signing.signature_mechanism import WrongSignatureError
from tests.fakes.signing_key_behaviour import MadeKey, SigningKeyBehaviour
from tests.unit.signing.signed_samples import COMPANY, PARTIES, USCC, Office, draft, one_page, with_fields

FIELD = PARTIES[2]


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> OpensslKey:
    return OpensslKey.made(tmp_path_factory.mktemp("holder"))


@pytest.fixture
def deferred_office(tmp_path: Path) -> Office:
    return Office.founded(tmp_path / "deferred-ca")


def _chain(office: Office, public_key_der: bytes) -> tuple[bytes, ...]:
    return office.ca.certify_person(
        public_key_der,
        name="李四",
        organisation=COMPANY,
        organisation_id=USCC,
        sole_control=SoleControl.OWN_KEY,
        lifetime=timedelta(days=30),
    )


def _prepared(office: Office, pdf: bytes, chain: tuple[bytes, ...], **changed: object) -> DeferredSignature:
    arguments: dict[str, object] = {
        "field": FIELD,
        "certificate_chain": chain,
        "revocation": office.ca,
        "roots": (*office.ca.roots, *office.ca.tsa_roots),
        "appearance": one_page(119, 57, b"0.8 0 0 RG 4 w 6 6 107 45 re S"),
        "signed_at": office.clock.now(),
        "reason": "同意签署",
        "location": "宁波",
        "certify": False,
    }
    return prepare_deferred(pdf, **(arguments | changed))  # type: ignore[arg-type]


def _finished(office: Office, deferred: DeferredSignature, signature: bytes, **changed: object) -> bytes:
    office.clock.advance(timedelta(seconds=20))
    arguments: dict[str, object] = {
        "authority": office.tsa,
        "revocation": office.ca,
        "roots": (*office.ca.roots, *office.ca.tsa_roots),
        "moment": office.clock.now(),
    }
    return finish_deferred(deferred, signature, **(arguments | changed))  # type: ignore[arg-type]


@pytest.fixture
def begun(deferred_office: Office) -> bytes:
    """The supplier has signed and certified."""
    return deferred_office.sign(with_fields(draft()), PARTIES[0], certify=True)


@pytest.fixture
def waiting(deferred_office: Office, begun: bytes, holder: OpensslKey) -> DeferredSignature:
    return _prepared(deferred_office, begun, _chain(deferred_office, holder.public_key_der))


class TestKeyOfOpenssl(SigningKeyBehaviour):
    @pytest.fixture
    def made_key(self, tmp_path: Path) -> MadeKey:
        office = Office.founded(tmp_path / "ca")
        key = OpensslKey.made(tmp_path / "own")
        return MadeKey(key=key, chain=_chain(office, key.public_key_der), office=office)


def test_a_signature_made_elsewhere_is_proven_with_those_before_it(
    deferred_office: Office, begun: bytes, waiting: DeferredSignature, holder: OpensslKey
) -> None:
    pdf = _finished(deferred_office, waiting, holder.sign(waiting.to_sign))
    assert pdf.startswith(begun)
    findings = deferred_office.inspect(pdf)
    assert [one.field for one in findings.signatures] == [PARTIES[0], FIELD]
    assert all(one.integrity is one.chain is one.timestamp is Verdict.PROVEN for one in findings.signatures)
    assert findings.tail is Verdict.PROVEN
    signer = findings.signatures[1].signer
    assert signer is not None
    assert (signer.common_name, signer.sole_control) == ("李四", SoleControl.OWN_KEY)


def test_another_process_finishes_from_json_and_blob(
    deferred_office: Office, waiting: DeferredSignature, holder: OpensslKey
) -> None:
    kept = parse_json(canonical_bytes(waiting.as_json()))
    assert isinstance(kept, dict)
    again = DeferredSignature.from_json(kept, waiting.prepared)
    assert again == waiting
    pdf = _finished(deferred_office, again, holder.sign(again.to_sign))
    assert deferred_office.inspect(pdf).signatures[1].integrity is Verdict.PROVEN


def test_a_signature_by_another_key_makes_nothing(
    deferred_office: Office, waiting: DeferredSignature, tmp_path: Path
) -> None:
    stranger = OpensslKey.made(tmp_path / "stranger")
    with pytest.raises(WrongSignatureError):
        _finished(deferred_office, waiting, stranger.sign(waiting.to_sign))


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, b"\x30" + bytes(71), bytes(500)])
def test_what_is_no_signature_makes_nothing(
    deferred_office: Office, waiting: DeferredSignature, signature: bytes
) -> None:
    with pytest.raises(WrongSignatureError):
        _finished(deferred_office, waiting, signature)


def test_a_signature_for_one_document_does_not_finish_another(
    deferred_office: Office, begun: bytes, waiting: DeferredSignature, holder: OpensslKey
) -> None:
    other = _prepared(deferred_office, begun, waiting.chain, reason="另一份")
    with pytest.raises(WrongSignatureError):
        _finished(deferred_office, other, holder.sign(waiting.to_sign))


def _swapped_text(waiting: DeferredSignature) -> DeferredSignature:
    changed = waiting.prepared.replace(b"/Type", b"/Typf", 1)
    assert changed != waiting.prepared
    return replace(waiting, prepared=changed)


TAMPERED: dict[str, Callable[[DeferredSignature], DeferredSignature]] = {
    "the file": _swapped_text,
    "the room": lambda one: replace(one, reserved_end=one.reserved_end + 2),
    "the digest": lambda one: replace(one, document_sha256=Bytes32(bytes(32))),
    "the attributes": lambda one: replace(one, to_sign=one.to_sign[:-1]),
    "file and digest": lambda one: replace(
        one, prepared=one.prepared[:-1], document_sha256=Bytes32(bytes(range(32)))
    ),
    "the chain": lambda one: replace(one, chain=()),
}


@pytest.mark.parametrize("part", TAMPERED)
def test_state_that_was_changed_while_it_waited_makes_nothing(
    deferred_office: Office, waiting: DeferredSignature, holder: OpensslKey, part: str
) -> None:
    changed = TAMPERED[part](waiting)
    with pytest.raises(DeferredStateError):
        _finished(deferred_office, changed, holder.sign(changed.to_sign))


def test_a_blob_that_is_not_the_prepared_one_is_refused(waiting: DeferredSignature) -> None:
    with pytest.raises(DeferredStateError):
        DeferredSignature.from_json(waiting.as_json(), waiting.prepared + b"\n")


@pytest.mark.parametrize("name", ["schema", "field", "base_length", "reserved_start", "to_sign"])
def test_json_without_one_of_its_members_is_refused(waiting: DeferredSignature, name: str) -> None:
    kept = json.loads(canonical_bytes(waiting.as_json()))
    del kept[name]
    with pytest.raises(DeferredStateError):
        DeferredSignature.from_json(kept, waiting.prepared)


def test_a_holder_revoked_before_preparing_is_told_so(
    deferred_office: Office, begun: bytes, holder: OpensslKey
) -> None:
    chain = _chain(deferred_office, holder.public_key_der)
    deferred_office.ca.revoke(chain[0])
    deferred_office.clock.advance(timedelta(minutes=2))
    with pytest.raises(RevocationUnavailableError):
        _prepared(deferred_office, begun, chain)


def test_a_holder_revoked_while_the_signature_waited_makes_nothing(
    deferred_office: Office, waiting: DeferredSignature, holder: OpensslKey
) -> None:
    deferred_office.ca.revoke(waiting.chain[0])
    deferred_office.clock.advance(timedelta(minutes=2))
    with pytest.raises(RevocationUnavailableError):
        _finished(deferred_office, waiting, holder.sign(waiting.to_sign))


def test_a_field_that_is_not_there_cannot_be_prepared(
    deferred_office: Office, begun: bytes, waiting: DeferredSignature
) -> None:
    with pytest.raises(CannotSignError):
        _prepared(deferred_office, begun, waiting.chain, field="Nobody")


class _NoAuthority:
    def token(self, message: bytes) -> bytes:
        raise TimestampUnavailableError("out")

    def token_over(self, digest: Bytes32) -> bytes:
        raise TimestampUnavailableError("out")


def test_without_a_token_the_signature_waits_and_is_finished_later(
    deferred_office: Office, waiting: DeferredSignature, holder: OpensslKey
) -> None:
    signature = holder.sign(waiting.to_sign)
    with pytest.raises(TimestampUnavailableError):
        _finished(deferred_office, waiting, signature, authority=_NoAuthority())
    pdf = _finished(deferred_office, waiting, signature)
    assert deferred_office.inspect(pdf).signatures[1].timestamp is Verdict.PROVEN


def test_without_an_authority_it_is_a_signature_whose_time_is_pending(
    deferred_office: Office, waiting: DeferredSignature, holder: OpensslKey
) -> None:
    pdf = _finished(deferred_office, waiting, holder.sign(waiting.to_sign), authority=None)
    finding = deferred_office.inspect(pdf).signatures[1]
    assert (finding.integrity, finding.timestamp) == (Verdict.PROVEN, Verdict.UNDECIDED)


GENERATE = """async () => {
  window.own = await crypto.subtle.generateKey({name: "ECDSA", namedCurve: "P-256"}, false, ["sign"]);
  const spki = await crypto.subtle.exportKey("spki", window.own.publicKey);
  return Array.from(new Uint8Array(spki));
}"""
SIGN = """async bytes => {
  const how = {name: "ECDSA", hash: "SHA-256"};
  const made = await crypto.subtle.sign(how, window.own.privateKey, new Uint8Array(bytes));
  return Array.from(new Uint8Array(made));
}"""
EXPORT = """async () => {
  try { await crypto.subtle.exportKey("pkcs8", window.own.privateKey); return "exported"; }
  catch (problem) { return problem.name; }
}"""


def test_a_browser_signs_with_a_key_that_it_does_not_give_away(deferred_office: Office, begun: bytes) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "install chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        _open_secure(page)
        chain = _chain(deferred_office, bytes(page.evaluate(GENERATE)))
        waiting = _prepared(deferred_office, begun, chain)
        signature = bytes(page.evaluate(SIGN, list(waiting.to_sign)))
        assert page.evaluate(EXPORT) == "InvalidAccessError"
        browser.close()
    assert len(signature) == 64
    pdf = _finished(deferred_office, waiting, signature)
    finding = deferred_office.inspect(pdf).signatures[1]
    assert finding.integrity is finding.chain is Verdict.PROVEN


def _open_secure(page: Page) -> None:
    """WebCrypto wants a secure context; the page is answered here, nothing goes over the network."""
    page.route("https://own-key.test/", lambda route: route.fulfill(body="<title>own key</title>"))
    page.goto("https://own-key.test/")
