"""kill -9 of the real process when a step is durable and not answered yet: the deed is asked for again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from activation_behaviour import DOCUMENT, Trial, order_for, wrong
from activation_dying_process import CODE_COUNTED, CODE_SENT, RELEASE_KEPT, SIGNATURE_KEPT
from activation_people import Vouchers, request_for
from activation_trial import RunningActivation, running_activation

from api.activation_channel import ActivationChannel
from api.activation_client import HttpActivation
from api.activation_launch import ActivationStartError
from api.activation_sms import SandboxPhone
from contracts_chain.activation.errors import CodeExpiredError, WrongCodeError
from contracts_chain.activation.port import CodeFactor
from contracts_chain.evidence.will import WillRequest, verify_release
from signing.inspection import inspect_pdf


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningActivation]:
    with running_activation(tmp_path_factory.mktemp("unanswered") / "activation", Vouchers()) as one:
        yield one


@pytest.fixture
def trial(own: RunningActivation) -> Trial:
    trial = own.trial()
    trial.enrol()
    return trial


@pytest.fixture
def request_of_zhang(trial: Trial) -> WillRequest:
    return request_for(trial.zhang, DOCUMENT)


def codes_sent(own: RunningActivation, trial: Trial) -> list[str]:
    texts = SandboxPhone(own.process.directory).messages(trial.phone)
    return [text.partition("签署码")[2][:6] for text in texts if text.startswith("签署码")]


def signs_each_field_once(trial: Trial, request: WillRequest) -> None:
    first = trial.activation.sign(order_for(request))
    assert trial.activation.sign(order_for(request)) == first
    signatures = inspect_pdf(first.pdf, trial.trust).signatures
    assert [one.field for one in signatures] == ["ConsumerPerson"]


def test_of_two_codes_sent_around_a_death_the_second_alone_releases(
    own: RunningActivation, trial: Trial, request_of_zhang: WillRequest
) -> None:
    with own.dying_at(CODE_SENT):
        trial.activation.send_code(request_of_zhang)
    lost, valid = codes_sent(own, trial)
    with pytest.raises(WrongCodeError):
        trial.activation.release(request_of_zhang, CodeFactor(code=lost))
    assert trial.activation.released(request_of_zhang.ceremony) is None
    trial.activation.release(request_of_zhang, CodeFactor(code=valid))
    signs_each_field_once(trial, request_of_zhang)


@pytest.mark.long
def test_a_code_whose_sender_died_releases_nothing_if_nobody_asks_for_another(
    own: RunningActivation, trial: Trial, request_of_zhang: WillRequest
) -> None:
    with own.dying_at(CODE_SENT):
        asked_once = ActivationChannel(own.process.socket, _unrevived)
        with pytest.raises(ActivationStartError):
            HttpActivation(asked_once).send_code(request_of_zhang)
        asked_once.close()
    [lost] = codes_sent(own, trial)
    with pytest.raises(CodeExpiredError):
        trial.activation.release(request_of_zhang, CodeFactor(code=lost))
    assert trial.activation.released(request_of_zhang.ceremony) is None


def _unrevived() -> None:
    raise ActivationStartError("nobody begins it again", "无人重新启动")


@pytest.mark.long
def test_a_code_counted_before_a_death_is_sent_once(
    own: RunningActivation, trial: Trial, request_of_zhang: WillRequest
) -> None:
    with own.dying_at(CODE_COUNTED):
        trial.activation.send_code(request_of_zhang)
    [code] = codes_sent(own, trial)
    trial.activation.release(request_of_zhang, CodeFactor(code=code))
    signs_each_field_once(trial, request_of_zhang)


def test_a_release_kept_before_a_death_is_the_one_that_is_told(
    own: RunningActivation, trial: Trial, request_of_zhang: WillRequest
) -> None:
    with own.dying_at(RELEASE_KEPT):
        trial.activation.send_code(request_of_zhang)
        [code] = codes_sent(own, trial)
        release = trial.activation.release(request_of_zhang, CodeFactor(code=code))
    assert trial.activation.released(request_of_zhang.ceremony) == release
    assert trial.activation.release(request_of_zhang, CodeFactor(code=wrong(code))) == release
    assert verify_release(release.evidence, trial.public_key).root == request_of_zhang.root
    assert codes_sent(own, trial) == [code]
    signs_each_field_once(trial, request_of_zhang)


@pytest.mark.long
def test_a_signature_kept_before_a_death_is_the_one_that_is_told(
    own: RunningActivation, trial: Trial, request_of_zhang: WillRequest
) -> None:
    with own.dying_at(SIGNATURE_KEPT):
        trial.released(request_of_zhang)
        made = trial.activation.sign(order_for(request_of_zhang))
    assert trial.activation.sign(order_for(request_of_zhang)) == made
    signs_each_field_once(trial, request_of_zhang)
