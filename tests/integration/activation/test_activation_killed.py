"""kill -9 of the real process between every two steps, and in the midst of a signature."""

from __future__ import annotations

import threading
from pathlib import Path

from activation_behaviour import DOCUMENT, Trial, order_for
from activation_people import Vouchers, request_for
from activation_trial import RunningActivation, running_activation

from contracts_chain.activation.port import CodeFactor, SignedField
from signing.inspection import inspect_pdf


def test_a_ceremony_outlives_a_death_after_each_of_its_answers(tmp_path: Path) -> None:
    with running_activation(tmp_path / "activation", Vouchers()) as own:
        trial = own.trial()
        trial.enrol()
        own.kill()
        request = request_for(trial.zhang, DOCUMENT)
        trial.activation.send_code(request)
        release = trial.activation.release(request, CodeFactor(code=trial.newest_code(trial.phone)))
        own.kill()
        assert trial.activation.released(request.ceremony) == release
        first = trial.activation.sign(order_for(request))
        own.kill()
        assert trial.activation.sign(order_for(request)) == first
        seal = order_for(request, first.pdf, field_name="ConsumerSeal")
        second = trial.activation.sign(seal)
        own.kill()
        assert trial.activation.sign(seal) == second
        assert len(inspect_pdf(second.pdf, trial.trust).signatures) == 2


def test_a_death_in_the_midst_of_signing_still_gives_one_signature(tmp_path: Path) -> None:
    with running_activation(tmp_path / "activation", Vouchers()) as own:
        trial = own.trial()
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        made = _signed_while_dying(own, trial, request)
        assert trial.activation.sign(order_for(request)) == made
        assert len(inspect_pdf(made.pdf, trial.trust).signatures) == 1


def _signed_while_dying(own: RunningActivation, trial: Trial, request: object) -> SignedField:
    """The order is on its way when the process dies; the client begins it again and asks once more."""
    answers: list[SignedField] = []
    order = order_for(request)  # type: ignore[arg-type]
    asking = threading.Thread(target=lambda: answers.append(trial.activation.sign(order)))
    asking.start()
    own.kill()
    asking.join(60)
    [answer] = answers
    return answer


def test_a_second_starter_finds_the_one_that_runs(tmp_path: Path) -> None:
    vouchers = Vouchers()
    with running_activation(tmp_path / "activation", vouchers) as first:
        trial = first.trial()
        trial.enrol()
        with running_activation(tmp_path / "activation", vouchers) as second:
            assert second.trial().public_key == trial.public_key
            assert second.trial().activation.standing(trial.zhang).attested_utc is not None
        assert trial.activation.standing(trial.zhang).attested_utc is not None


def test_a_starter_whose_process_died_leaves_the_door_of_the_next_one_open(tmp_path: Path) -> None:
    vouchers = Vouchers()
    with running_activation(tmp_path / "activation", vouchers) as first:
        trial = first.trial()
        trial.enrol()
        first.kill()
        with running_activation(tmp_path / "activation", vouchers) as second:
            first.process.revive()
            assert first.process.pid is None
            assert second.trial().public_key == trial.public_key
            assert trial.activation.standing(trial.zhang).attested_utc is not None


def test_a_stopped_directory_holds_no_socket(tmp_path: Path) -> None:
    with running_activation(tmp_path / "activation", Vouchers()) as own:
        socket = own.process.socket
        assert socket.is_socket()
    assert not socket.exists()


def test_the_process_ends_with_its_parent(tmp_path: Path) -> None:
    with running_activation(tmp_path / "activation", Vouchers()) as own:
        process = own.process._process._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
