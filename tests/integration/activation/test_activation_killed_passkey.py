"""kill -9 of the real process at every step of a passkey's registration: one passkey, told to its phone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from activation_behaviour import DOCUMENT, Trial
from activation_dying_process import CODE_COUNTED, CODE_SENT, CODE_SPENT, FACTOR_TOLD, PASSKEY_KEPT
from activation_people import Vouchers, request_for
from activation_trial import RunningActivation, running_activation
from soft_passkey import SoftPasskey

from api.activation_sms import SandboxPhone
from contracts_chain.activation.errors import AssertionRefusedError
from contracts_chain.activation.port import PasskeyFactor
from contracts_chain.evidence.will import verify_release
from kernel.errors import RejectedError
from signing.model import SoleControl

STEPS = {CODE_COUNTED: 1, CODE_SENT: 1, CODE_SPENT: 0, FACTOR_TOLD: 0, PASSKEY_KEPT: 1}
"""Where the process dies; how many passkeys there are when its caller has asked each thing once more."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningActivation]:
    with running_activation(tmp_path_factory.mktemp("passkey") / "activation", Vouchers()) as one:
        yield one


@pytest.fixture
def trial(own: RunningActivation) -> Trial:
    trial = own.trial()
    trial.enrol()
    return trial


def register(trial: Trial, device: SoftPasskey) -> None:
    trial.activation.send_enrolment_code(trial.zhang)
    options = trial.activation.new_passkey_options(trial.zhang, trial.newest_code(trial.phone))
    trial.activation.add_passkey(trial.zhang, device.create(options))


def times_told(own: RunningActivation, trial: Trial) -> int:
    texts = SandboxPhone(own.process.directory).messages(trial.phone)
    return len([text for text in texts if text.startswith("您已登记通行密钥")])


def signs_with(trial: Trial, device: SoftPasskey) -> None:
    request = request_for(trial.zhang, DOCUMENT)
    assertion = device.get(trial.activation.passkey_options(request))
    release = trial.activation.release(request, PasskeyFactor(assertion=assertion))
    assert verify_release(release.evidence, trial.public_key).level is SoleControl.PASSKEY


@pytest.mark.parametrize(
    "point", [pytest.param(one, marks=() if one == PASSKEY_KEPT else pytest.mark.long) for one in STEPS]
)
def test_a_passkey_registered_around_a_death_is_one_and_signs(
    own: RunningActivation, trial: Trial, point: str
) -> None:
    device = SoftPasskey()
    with own.dying_at(point), contextlib.suppress(RejectedError):
        register(trial, device)
    held = trial.activation.standing(trial.zhang).passkeys
    assert held == STEPS[point]
    assert times_told(own, trial) >= held, "no factor is gained unseen"
    if not held:
        register(trial, device)
    assert trial.activation.standing(trial.zhang).passkeys == 1
    assert times_told(own, trial) == (2 if point == FACTOR_TOLD else 1)
    signs_with(trial, device)


@pytest.mark.long
def test_options_of_a_process_that_died_register_nothing(own: RunningActivation, trial: Trial) -> None:
    device = SoftPasskey()
    trial.activation.send_enrolment_code(trial.zhang)
    options = trial.activation.new_passkey_options(trial.zhang, trial.newest_code(trial.phone))
    own.kill()
    with pytest.raises(AssertionRefusedError):
        trial.activation.add_passkey(trial.zhang, device.create(options))
    assert trial.activation.standing(trial.zhang).passkeys == 0
    register(trial, device)
    signs_with(trial, device)
