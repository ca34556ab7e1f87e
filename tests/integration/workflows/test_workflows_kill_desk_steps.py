"""kill -9 of a service after every step of what desk and worker do for a signer: each happens once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from trial_settings import trial_settings
from workflows_beside import Beside, settled, standing
from workflows_desk import kinds_of, offered, ready_to_sign, reloaded, trail_words
from workflows_killed_child_lives import lives_in
from workflows_killed_child_steps import device_of

from api.house import open_house
from contracts_chain.activation.authenticator_app import STEP_SECONDS, step_at
from contracts_chain.activation.port import PasskeyFactor, SignerStanding
from contracts_chain.agreements.identity.attestation import HALL_METHOD, sign_hall_claims
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.acting_party import acting_party, signer_ref
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.hall_review import hall_review, open_hall_review
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.will import confirm_will, passkey_options
from kernel.clock import BEIJING

pytestmark = pytest.mark.long

CLERKS = {
    f"clerk-{number}": Ed25519PrivateKey.from_private_bytes(bytes([number + 1]) * 32) for number in (0, 1)
}
MANY = 60
"""More steps than any deed has."""
SCAN = b"%PDF-1.7\n% scan of the killed\n%%EOF\n"


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    clerks = {name: key.public_key().public_bytes_raw().hex() for name, key in CLERKS.items()}
    settings = trial_settings(tmp_path_factory.mktemp("desk") / "house")
    with (
        open_house(settings.model_copy(update={"hall_clerks": clerks})) as house,
        lives_in(tmp_path_factory.mktemp("lives")) as lives,
    ):
        yield Beside(house, lives)


def review_of_consumer(office: Office, number: str) -> dict[str, str]:
    """A review that both clerks have signed at their desks and neither handed in."""
    review = open_hall_review(office, number, "consumer", scan=SCAN, by="clerk-0")
    first, second = (
        sign_hall_claims(review.claims, name, key.private_bytes_raw()).decode()
        for name, key in CLERKS.items()
    )
    return {"review": review.id, "first": first, "second": second}


def pass_a_totp_step(office: Office) -> None:
    """Digits of the step in which the activation process began are void: wait for the next one."""
    first = step_at(office.clock.now())
    for _ in range(10 * (STEP_SECONDS + 1)):
        if step_at(office.clock.now()) > first:
            return
        threading.Event().wait(0.1)
    raise AssertionError("the clock stands still")


def known_of(office: Office, token: str) -> SignerStanding:
    with office.work() as work:
        ceremony, dossier = found(work, token)
        party = acting_party(work, dossier, ceremony.role)
    return office.activation.standing(signer_ref(party.signer))


def test_a_review_in_the_hall_killed_after_every_step_identifies_once(beside: Beside) -> None:
    office, sent = beside.office, offered(beside.office)
    number = sent.dossier.number
    told = review_of_consumer(office, number)

    def progress() -> object:
        return standing(office, number), hall_review(office, told["review"])

    kills = beside.killed_throughout("review in the hall", progress, refused="hall_review_closed", **told)
    assert kills >= 5, "two signatures, the attestation kept, handed over, recorded"
    done = hall_review(office, told["review"])
    assert [one.account for one in done.signatures] == ["clerk-0", "clerk-1"]
    known = known_of(office, sent.tokens["consumer"])
    assert (known.method, known.attestation_sha256) == (HALL_METHOD, done.attestation_sha256)
    assert trail_words(office, number).count("identified") == 1
    assert kinds_of(office, number).count(RecordKind.IDENTITY_VERIFIED) == 1
    settled(office, number)


def test_an_app_registered_around_every_kill_is_in_force_once(beside: Beside) -> None:
    office, sent = beside.office, offered(beside.office)
    token = sent.tokens["consumer"]
    told = review_of_consumer(office, sent.dossier.number)
    assert not beside.is_killed("review in the hall", MANY, **told)
    pass_a_totp_step(office)
    in_force = []
    step = 1
    while beside.is_killed("get an app", step, token=token):
        in_force.append(known_of(office, token).has_totp)
        step += 1
    assert in_force == [False, False, True], "the code sent, the secret given, its first digits"
    assert known_of(office, token).has_totp
    assert known_of(office, token).passkeys == 0


def test_a_passkey_registered_around_every_kill_is_one_and_signs(beside: Beside) -> None:
    office, sent = beside.office, offered(beside.office)
    number, token = sent.dossier.number, sent.tokens["consumer"]
    assert not beside.is_killed("review in the hall", MANY, **review_of_consumer(office, number))
    held, told, step = [], device_on(beside), 1
    while beside.is_killed("get a passkey", step, token=token, **told):
        held.append(known_of(office, token).passkeys)
        step += 1
    assert held == [0, 0, 1], "the code sent, the options given, the passkey registered"
    assert known_of(office, token).passkeys == 1
    ready_to_sign(office, token)
    assertion = device_of(told).get(passkey_options(office, token))
    confirm_will(office, token, PasskeyFactor(assertion=assertion))
    assert trail_words(office, number).count("will_confirmed") == 1


def device_on(beside: Beside) -> dict[str, str]:
    """A signer's device at the pages of this house."""
    key = generate_private_key(SECP256R1())
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    page = urlsplit(beside.house.settings.public_url)
    origin = f"{page.scheme}://localhost:{page.port}"
    return {"device": der.hex(), "origin": origin, "rp_id": "localhost"}


def test_a_reminder_around_every_kill_is_sent_once(beside: Beside) -> None:
    office, sent = beside.office, offered(beside.office)
    number = sent.dossier.number
    day = house_calendar().add_working_days(office.clock.now().astimezone(BEIJING).date(), 2)
    now = datetime(day.year, day.month, day.day, 10, tzinfo=BEIJING).isoformat()
    kills = beside.killed_throughout("remind", lambda: standing(office, number), now=now)
    assert kills >= 1
    assert trail_words(office, number).count("reminded") == 1
    with office.work() as work:
        texts = [
            one.payload for one in work.outbox.waiting(10_000) if (one.topic, one.subject) == (SMS, number)
        ]
    assert len([text for text in texts if "等待您签署".encode() in text]) == 1
    settled(office, number)


def test_an_offer_that_lapses_around_every_kill_ends_once(beside: Beside) -> None:
    office, sent = beside.office, offered(beside.office)
    number = sent.dossier.number
    last = sent.dossier.offer_until
    assert last is not None
    now = datetime(last.year, last.month, last.day, 10, tzinfo=BEIJING) + timedelta(days=1)
    kills = beside.killed_throughout("lapse", lambda: standing(office, number), now=now.isoformat())
    assert kills >= 1
    assert reloaded(office, number).state is AgreementState.LAPSED
    assert trail_words(office, number).count("lapsed") == 1
    assert kinds_of(office, number).count(RecordKind.AGREEMENT_LAPSED) == 1
    with office.work() as work:
        assert {one.state for one in work.ceremonies.of_agreement(number)} == {"closed"}
    settled(office, number)
