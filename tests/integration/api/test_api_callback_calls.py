"""One call to a receiver of its own process: what is sent, what counts as taken, where nothing is sent."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from callback_documents import PAGE, documented_check
from callback_receiver import Receiver, receiving
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from api.callback_places import CallbackPlaces
from api.callback_signature import CallbackSecrets, callback_body
from api.http_callbacks import HttpCallbacks, addresses_of
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.callback_files import CallbackEndpoint, ProcessEvent
from contracts_chain.workflows.callback_ports import CallbackOutcome
from signing import http_exchange

NOW = dt.datetime(2026, 11, 22, 2, 12, 5, tzinfo=dt.UTC)
TRIAL = CallbackPlaces.of([], trial=True)
SECRETS = CallbackSecrets(bytes(range(32)))
EVENT = ProcessEvent(
    event_id="0b0f7d0e-7d6f-4a4c-8a52-3c6f3a0f1f10",
    subject="SGZJMZ00YXGY2600001",
    kind=ProcessEventKind.SIGNED,
    occurred_utc=NOW,
    change={"role": "consumer", "state": {"before": "offered", "after": "partly_signed"}},
    sequence=14,
)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def endpoint(url: str) -> CallbackEndpoint:
    return CallbackEndpoint(id="e1", url=url, kinds=(), generation=1, created_by="desk", created_utc=NOW)


def called(
    url: str, *, places: CallbackPlaces = TRIAL, attempt: int = 1, seconds: float = 5.0
) -> CallbackOutcome:
    return HttpCallbacks(SECRETS, places, seconds=seconds).call(endpoint(url), EVENT, attempt=attempt, at=NOW)


def test_an_attempt_carries_the_event_once_signed_so_that_the_documented_check_passes(
    receiver: Receiver,
) -> None:
    there = endpoint(f"{receiver.url}/whole?tenant=1")
    calls = HttpCallbacks(SECRETS, TRIAL)
    for attempt in (1, 2):
        done = calls.call(there, EVENT, attempt=attempt, at=NOW + dt.timedelta(seconds=attempt))
        assert (done.taken, done.outcome) == (True, "HTTP 204")
        assert 0 <= done.milliseconds < 5000
    first, second = receiver.received("/whole?tenant=1")
    assert first.body == second.body == callback_body(EVENT)
    assert first.told == {
        "schema": 1, "event_id": EVENT.event_id, "sequence": 14, "kind": "signed",
        "subject": EVENT.subject, "occurred_utc": "2026-11-22T02:12:05Z", "change": EVENT.change,
    }  # fmt: skip
    assert first.headers["host"] == receiver.url.removeprefix("http://")
    assert first.headers["content-type"] == "application/json"
    assert first.headers["x-contracts-chain-event"] == EVENT.event_id
    assert [one.headers["x-contracts-chain-attempt"] for one in (first, second)] == ["1", "2"]
    signatures = [one.headers["x-contracts-chain-signature"] for one in (first, second)]
    assert signatures[0] != signatures[1]
    is_ours, secret = documented_check(), SECRETS.of(there).hex()
    assert all(is_ours(secret, given, first.body, NOW.timestamp()) for given in signatures)


def test_the_documented_check_refuses_a_forged_an_old_and_a_foreign_signature(receiver: Receiver) -> None:
    there = endpoint(f"{receiver.url}/forged")
    HttpCallbacks(SECRETS, TRIAL).call(there, EVENT, attempt=1, at=NOW)
    (came,) = receiver.received("/forged")
    header, secret, now = (
        came.headers["x-contracts-chain-signature"],
        SECRETS.of(there).hex(),
        NOW.timestamp(),
    )
    seconds, _, signature = header.partition(".")
    is_ours = documented_check()
    assert is_ours(secret, header, came.body, now)
    assert is_ours(secret, header, came.body, now + 300)
    assert not is_ours(secret, header, came.body.replace(b"signed", b"sealed", 1), now)
    assert not is_ours(secret, header, came.body, now + 301)
    assert not is_ours(secret, header, came.body, now - 301)
    assert not is_ours(secret, f"{int(seconds) + 1}.{signature}", came.body, now)
    for other in (replace(there, generation=2), replace(there, id="e2")):
        assert not is_ours(SECRETS.of(other).hex(), header, came.body, now)
    for broken in ("", ".", f"{seconds}.", f".{signature}", f"-{header}", f"²{header}", f"{seconds}.签"):
        assert not is_ours(secret, broken, came.body, now)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 429, 500, 503])
def test_every_other_status_is_a_failure(receiver: Receiver, status: int) -> None:
    path = f"/status-{status}"
    receiver.script(path, status)
    done = called(receiver.url + path)
    assert (done.taken, done.outcome) == (False, f"HTTP {status}")


def test_a_redirect_is_a_failure_and_is_not_followed(receiver: Receiver) -> None:
    receiver.script("/redirect", "redirect")
    done = called(f"{receiver.url}/redirect")
    assert (done.taken, done.outcome) == (False, "HTTP 307")
    assert len(receiver.received("/redirect")) == 1
    assert receiver.received("/elsewhere") == []


@pytest.mark.parametrize("manner", ["hang", "trickle"])
def test_who_talks_slowly_is_left_after_the_time_that_all_of_it_may_take(
    receiver: Receiver, manner: str
) -> None:
    receiver.script(f"/{manner}", manner)
    began = time.monotonic()
    done = called(f"{receiver.url}/{manner}", seconds=0.6)
    assert time.monotonic() - began < 3
    assert (done.taken, done.outcome.partition(":")[0]) == (False, "timeout")
    assert 600 <= done.milliseconds < 3000
    receiver.release()


def test_who_hangs_up_or_is_not_there_is_told_as_a_reason(receiver: Receiver) -> None:
    receiver.script("/close", "close")
    hung_up, away = called(f"{receiver.url}/close"), called("http://127.0.0.1:1/")
    assert (hung_up.taken, away.taken) == (False, False)
    assert hung_up.outcome.startswith("RemoteProtocolError")
    assert away.outcome.startswith("ConnectError")


def test_an_endless_answer_is_not_read_and_its_status_counts(receiver: Receiver) -> None:
    receiver.script("/long", "long")
    done = called(f"{receiver.url}/long")
    assert (done.taken, done.outcome) == (True, "HTTP 200")


@dataclass
class Names:
    """A name server that says what it is told to, in turn."""

    answers: list[Sequence[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        found = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if not found:
            raise OSError("no such name")
        return found


def port_of(receiver: Receiver) -> int:
    return int(receiver.url.rsplit(":", 1)[1])


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
    ],
)
def test_nothing_is_sent_to_a_name_that_leads_inside(receiver: Receiver, answer: list[str]) -> None:
    names = Names([answer])
    calls = HttpCallbacks(SECRETS, CallbackPlaces.of([], trial=False), resolve=names)
    done = calls.call(endpoint(f"https://evil.example:{port_of(receiver)}/ssrf"), EVENT, attempt=1, at=NOW)
    assert not done.taken
    assert done.outcome.startswith("address_refused")
    assert receiver.received("/ssrf") == []


def test_a_trial_that_became_the_real_thing_sends_nothing_in_the_open(receiver: Receiver) -> None:
    done = called(f"{receiver.url}/once-trial", places=CallbackPlaces.of([], trial=False))
    assert (done.taken, done.outcome) == (False, "url_refused")
    assert receiver.received("/once-trial") == []


def test_a_name_that_nobody_knows_or_that_takes_too_long_is_a_failure() -> None:
    unknown = HttpCallbacks(SECRETS, TRIAL, resolve=Names([[]]))
    assert unknown.call(endpoint("https://x.example/"), EVENT, attempt=1, at=NOW).outcome == "unresolved"
    far = HttpCallbacks(SECRETS, TRIAL, resolve=addresses_of)
    too_long = endpoint(f"https://{'a' * 70}.example/")
    assert far.call(too_long, EVENT, attempt=1, at=NOW).outcome == "unresolved"


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver whose certificate is for ``receiver.example``; the machine's store proves it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST receiver")])
    place = x509.SubjectAlternativeName([x509.DNSName("receiver.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).add_extension(place, critical=False)
    builder = builder.not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    whole = tmp_path / "receiver.pem"
    whole.write_bytes(
        certificate
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption_algorithm=NoEncryption())
    )
    trusted = tmp_path / "roots.pem"
    trusted.write_bytes(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    http_exchange._trust.cache_clear()
    try:
        with receiving(whole) as running:
            yield running
    finally:
        http_exchange._trust.cache_clear()


def test_the_connection_goes_to_the_address_that_was_looked_at_and_the_certificate_is_the_names(
    secure: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = CallbackPlaces.of(["receiver.example", "other.example"], trial=False)
    names = Names([["127.0.0.1"], ["10.255.255.1"]])  # whoever asks again is led astray
    calls = HttpCallbacks(SECRETS, places, resolve=names)
    done = calls.call(endpoint(f"https://receiver.example:{port_of(secure)}/tls"), EVENT, attempt=1, at=NOW)
    assert (done.taken, done.outcome) == (True, "HTTP 204")
    assert names.asked == [("receiver.example", port_of(secure))]
    (came,) = secure.received("/tls")
    assert came.headers["host"] == f"receiver.example:{port_of(secure)}"
    calls = HttpCallbacks(SECRETS, places, resolve=Names([["127.0.0.1"]]))
    other = calls.call(endpoint(f"https://other.example:{port_of(secure)}/other"), EVENT, attempt=1, at=NOW)
    assert not other.taken
    assert "CERTIFICATE_VERIFY_FAILED" in other.outcome
    monkeypatch.delenv("SSL_CERT_FILE")
    http_exchange._trust.cache_clear()
    unproven = calls.call(
        endpoint(f"https://receiver.example:{port_of(secure)}/new"), EVENT, attempt=1, at=NOW
    )
    assert "CERTIFICATE_VERIFY_FAILED" in unproven.outcome
    assert secure.received("/other") == secure.received("/new") == []


def test_the_next_address_is_tried_where_one_cannot_be_reached(receiver: Receiver) -> None:
    names = Names([["127.0.0.9", "127.0.0.1"]])  # nobody listens at .9
    calls = HttpCallbacks(SECRETS, TRIAL, resolve=names)
    done = calls.call(endpoint(f"http://localhost:{port_of(receiver)}/second"), EVENT, attempt=1, at=NOW)
    assert done.taken
    assert len(receiver.received("/second")) == 1


def test_the_page_lists_every_kind_and_no_other() -> None:
    table = PAGE.split("## Kinds")[1].split("## The signature")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = [word.strip(" `") for row in rows for word in row.split(",")]
    assert sorted(listed) == sorted(kind.value for kind in ProcessEventKind)
