"""Codes, attestations and authenticator digits grow old; outages are told apart from refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from activation_behaviour import DOCUMENT, Trial, order_for
from activation_people import Vouchers, request_for
from fake_activation import FakeActivation

from contracts_chain.activation.errors import (
    AttestationRefusedError,
    CodeExpiredError,
    CodesUsedUpError,
    MessageNotSentError,
    NotEnrolledError,
    TotpRefusedError,
)
from contracts_chain.activation.port import CodeFactor, PasskeyFactor, TotpFactor
from kernel.clock import FixedClock
from kernel.sized_bytes import Bytes32
from signing.inspection import inspect_pdf
from signing.model import SignatureTrust
from signing.rfc3161_authority import TimestampUnavailableError

NOW = datetime(2026, 11, 20, 7, 42, tzinfo=UTC)


@pytest.fixture(scope="session")
def ca_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("activation-clock") / "ca"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def fake(ca_directory: Path, clock: FixedClock) -> FakeActivation:
    return FakeActivation(ca_directory, clock, Vouchers())


@pytest.fixture
def trial(fake: FakeActivation) -> Trial:
    return _trial(fake)


def _trial(fake: FakeActivation) -> Trial:
    return Trial(
        activation=fake,
        vouchers=fake.vouchers,
        newest_code=fake.phone.newest_code,
        now=fake.clock.now,
        public_key=fake.public_key,
        trust=SignatureTrust(ca_roots=fake.ca.roots, tsa_roots=fake.ca.tsa_roots),
    )


def test_the_message_names_code_contract_fingerprint_and_hour(fake: FakeActivation, trial: Trial) -> None:
    trial.enrol()
    request = request_for(trial.zhang, DOCUMENT)
    trial.activation.send_code(request)
    code, mark = trial.newest_code(trial.phone), request.root.hex()[:8].upper()
    bound = f"只用于合同{request.documents[0].number}，指纹{mark[:4]}-{mark[4:]}"
    told = f"签署码{code}，{bound}，15:52前有效。我们不会索要。"
    assert fake.phone.sent == [(trial.phone, told)]


def test_a_code_dies_after_ten_minutes(trial: Trial, clock: FixedClock) -> None:
    trial.enrol()
    request = request_for(trial.zhang, DOCUMENT)
    trial.activation.send_code(request)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(CodeExpiredError):
        trial.activation.release(request, CodeFactor(code=trial.newest_code(trial.phone)))


def test_after_an_hour_codes_are_sent_again(trial: Trial, clock: FixedClock) -> None:
    trial.enrol()
    for _ in range(12):
        trial.activation.send_code(request_for(trial.zhang, DOCUMENT))
    with pytest.raises(CodesUsedUpError) as problem:
        trial.activation.send_code(request_for(trial.zhang, DOCUMENT))
    assert problem.value.retry_after == 3600
    clock.advance(timedelta(hours=1))
    trial.activation.send_code(request_for(trial.zhang, DOCUMENT))


def test_a_message_that_was_not_taken_voids_its_code(fake: FakeActivation, trial: Trial) -> None:
    trial.enrol()
    request = request_for(trial.zhang, DOCUMENT)
    trial.activation.send_code(request)
    earlier = trial.newest_code(trial.phone)
    fake.phone.dead = True
    with pytest.raises(MessageNotSentError):
        trial.activation.send_code(request)
    with pytest.raises(CodeExpiredError):
        trial.activation.release(request, CodeFactor(code=earlier))


def test_a_restart_voids_codes_and_keeps_people_releases_and_key(fake: FakeActivation, trial: Trial) -> None:
    trial.enrol()
    released, open_ = request_for(trial.zhang, DOCUMENT), request_for(trial.zhang, DOCUMENT)
    trial.released(released)
    trial.activation.send_code(open_)
    again = fake.restarted()
    assert again.released(released.ceremony) == fake.released(released.ceremony)
    assert again.public_key == fake.public_key
    with pytest.raises(CodeExpiredError):
        again.release(open_, CodeFactor(code=trial.newest_code(trial.phone)))


def test_a_new_phone_counts_from_its_attestation_and_voids_codes_to_the_old(
    fake: FakeActivation, trial: Trial, clock: FixedClock
) -> None:
    trial.enrol()
    request = request_for(trial.zhang, DOCUMENT)
    trial.activation.send_code(request)
    code = trial.newest_code(trial.phone)
    clock.advance(timedelta(minutes=1))
    trial.activation.enrol(trial.vouchers.attest(trial.zhang, clock.now(), phone="13911112222"))
    with pytest.raises(CodeExpiredError):
        trial.activation.release(request, CodeFactor(code=code))
    trial.activation.send_code(request)
    assert fake.phone.sent[-1][0] == "13911112222"


def test_an_older_attestation_changes_nothing(trial: Trial, clock: FixedClock) -> None:
    older = trial.vouchers.attest(trial.zhang, clock.now(), phone="13911112222")
    clock.advance(timedelta(minutes=5))
    trial.enrol()
    with pytest.raises(AttestationRefusedError):
        trial.activation.enrol(older)
    assert trial.activation.standing(trial.zhang).phone == trial.masked


@pytest.mark.parametrize("off", [timedelta(minutes=-16), timedelta(minutes=16)])
def test_a_stale_or_future_attestation_is_refused(trial: Trial, clock: FixedClock, off: timedelta) -> None:
    with pytest.raises(AttestationRefusedError):
        trial.activation.enrol(trial.vouchers.attest(trial.zhang, clock.now() + off))


@pytest.mark.parametrize(
    "changed",
    [
        {"phone": "057400001234"},
        {"id_no": "330206198001010011"},
        {"id_type": "USCC"},
        {"name": " 张三"},
        {"nonce": "short"},
    ],
)
def test_an_attestation_of_no_signer_is_refused(
    trial: Trial, clock: FixedClock, changed: dict[str, str]
) -> None:
    with pytest.raises(AttestationRefusedError):
        trial.activation.enrol(trial.vouchers.attest(trial.zhang, clock.now(), **changed))


def test_an_attestation_stands_for_a_year(trial: Trial, clock: FixedClock) -> None:
    trial.enrol()
    passkey = trial.passkey()
    clock.advance(timedelta(days=365))
    request = request_for(trial.zhang, DOCUMENT)
    assert trial.activation.standing(trial.zhang).attested_utc is None
    for attempt in (trial.activation.send_code, trial.activation.passkey_options):
        with pytest.raises(NotEnrolledError):
            attempt(request)
    trial.enrol()
    assert trial.activation.standing(trial.zhang).passkeys == 1
    assert passkey.get(trial.activation.passkey_options(request))


def test_another_name_on_the_document_begins_without_factors(trial: Trial, clock: FixedClock) -> None:
    trial.enrol()
    trial.passkey()
    clock.advance(timedelta(minutes=1))
    trial.activation.enrol(trial.vouchers.attest(trial.zhang, clock.now(), name="张三丰"))
    assert trial.activation.standing(trial.zhang).attested_utc is None


def test_digits_of_an_app_are_good_for_one_step_to_either_side_and_once(
    trial: Trial, clock: FixedClock
) -> None:
    trial.enrol()
    trial.activation.send_enrolment_code(trial.zhang)
    app = pyotp.parse_uri(trial.activation.new_totp(trial.zhang, trial.newest_code(trial.phone)))
    assert isinstance(app, pyotp.TOTP)
    clock.advance(timedelta(minutes=5))
    trial.activation.confirm_totp(trial.zhang, app.at(clock.now(), counter_offset=-1))
    for offset in (-2, -1, 2):
        with pytest.raises(TotpRefusedError):
            trial.activation.release(
                request_for(trial.zhang, DOCUMENT),
                TotpFactor(code=app.at(clock.now(), counter_offset=offset)),
            )
    for offset in (0, 1):
        factor = TotpFactor(code=app.at(clock.now(), counter_offset=offset))
        trial.activation.release(request_for(trial.zhang, DOCUMENT), factor)


def test_a_higher_factor_tells_the_phone_what_was_confirmed(fake: FakeActivation, trial: Trial) -> None:
    trial.enrol()
    passkey, request = trial.passkey(), request_for(trial.zhang, DOCUMENT)
    assertion = passkey.get(trial.activation.passkey_options(request))
    trial.activation.release(request, PasskeyFactor(assertion=assertion))
    mark = request.root.hex()[:8].upper()
    assert f"指纹{mark[:4]}-{mark[4:]}" in fake.phone.sent[-1][1]


class _DeadAuthority:
    def token(self, message: bytes) -> bytes:
        raise TimestampUnavailableError("off")

    def token_over(self, digest: Bytes32) -> bytes:
        raise TimestampUnavailableError("off")


def test_an_outage_of_timestamps_gives_a_pending_signature_that_outlives_it(
    ca_directory: Path, clock: FixedClock
) -> None:
    fake = FakeActivation(ca_directory, clock, Vouchers(), timestamps=_DeadAuthority())
    trial = _trial(fake)
    trial.enrol()
    request = request_for(trial.zhang, DOCUMENT)
    trial.released(request)
    signed = fake.sign(order_for(request))
    [finding] = inspect_pdf(signed.pdf, trial.trust).signatures
    assert (signed.pending, finding.timestamp_utc) == (True, None)
    assert finding.signer is not None
    assert finding.signer.not_after_utc - clock.now() == timedelta(days=30)
    assert fake.restarted().sign(order_for(request)) == signed
