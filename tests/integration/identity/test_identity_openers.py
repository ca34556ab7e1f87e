"""Several processes open one installation: one sandbox provider, found by all, begun again by who is left."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from identity_at_sandbox import act_at_sandbox
from identity_behaviour import a_request
from identity_opener import opened_elsewhere
from identity_service import Service

from api.house import open_house
from api.http_identity_provider import HttpIdentityProvider
from api.identity_directory import ADDRESS
from api.identity_launch import IdentitySandboxProcess, IdentitySandboxStartError
from contracts_chain.agreements.identity.methods import IdentityMethod
from contracts_chain.workflows.identify import identify
from contracts_chain.workflows.identity_files import CheckState
from contracts_chain.workflows.settle_identity import settle_check, sweep_checks
from kernel.clock import FixedClock

PATIENCE_SECONDS = 20.0


@contextmanager
def opened(directory: Path) -> Iterator[IdentitySandboxProcess]:
    process = IdentitySandboxProcess(directory)
    process.begin()
    try:
        yield process
    finally:
        process.stop()


def wait_unanswered(process: IdentitySandboxProcess) -> None:
    address, deadline = process._address, time.monotonic() + PATIENCE_SECONDS
    assert address is not None
    while process._is_there(address):
        assert time.monotonic() < deadline, "it goes on"
        threading.Event().wait(0.02)


def test_an_open_check_outlives_a_second_opener_and_its_sweep(service: Service) -> None:
    office, sent = service.office, service.offered()
    check = identify(
        office, sent.tokens["consumer"], IdentityMethod.CARRIER_THREE_ELEMENTS, face_consent=None
    )
    servers = {"database_url": service.house.database_url, "chain_rpc_url": service.house.rpc_url}
    with open_house(service.house.settings.model_copy(update=servers)) as second:
        assert second.signing.identity._where() == service.house.signing.identity._where()
        later = FixedClock(office.clock.now() + timedelta(minutes=2))
        sweep_checks(replace(second.office, clock=later))
        still = settle_check(second.office, check.key)
        assert still is not None
        assert still.is_open
    act_at_sandbox(check)
    settled = settle_check(office, check.key)
    assert settled is not None
    assert settled.state is CheckState.PASSED


def test_a_second_opener_finds_the_first_ones_and_begins_its_own_when_that_was_killed(tmp_path: Path) -> None:
    directory = tmp_path / "sandbox"
    with opened_elsewhere(directory) as first, opened(directory) as second:
        found = second.address()
        assert (found.url, second.pid) == (first.url, None)
        provider = HttpIdentityProvider(second.address)
        session = provider.start(a_request())
        assert provider.settle(session.id).state == "pending"
        first.kill()
        wait_unanswered(second)
        own = second.address()
        assert second.pid is not None
        assert own.public_key == found.public_key
        assert provider.settle(session.id).state == "lost"


@pytest.mark.long
def test_the_next_opener_waits_for_a_provider_whose_parent_was_killed(tmp_path: Path) -> None:
    directory = tmp_path / "sandbox"
    with opened_elsewhere(directory) as first:
        first.kill()
        with opened(directory) as second:
            second.address()
            assert second.pid is not None


@pytest.mark.long
def test_an_opener_that_leaves_takes_its_address_along(tmp_path: Path) -> None:
    directory = tmp_path / "sandbox"
    with opened_elsewhere(directory) as first:
        assert (directory / ADDRESS).exists()
        first.leave()
        assert not (directory / ADDRESS).exists()


def test_the_first_opener_finds_the_provider_that_the_second_began_after_its_own_died(tmp_path: Path) -> None:
    with opened(tmp_path / "sandbox") as first, opened(tmp_path / "sandbox") as second:
        first.address()
        second.address()
        assert (first.pid is None) != (second.pid is None)
        holder, other = (first, second) if second.pid is None else (second, first)
        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGKILL)
        wait_unanswered(other)
        taken = other.address()
        assert other.pid is not None
        assert holder.address() == taken
        assert holder.pid is None


@pytest.mark.long
def test_openers_of_the_same_moment_have_one_provider(tmp_path: Path) -> None:
    with opened(tmp_path / "s") as one, opened(tmp_path / "s") as two, opened(tmp_path / "s") as three:
        assert one.address() == two.address() == three.address()
        assert [process.pid is None for process in (one, two, three)].count(False) == 1


@pytest.mark.long
def test_a_provider_that_did_not_start_is_begun_anew_at_the_next_question(tmp_path: Path) -> None:
    (tmp_path / "sandbox").write_text("no folder")
    with opened(tmp_path / "sandbox") as process:
        with pytest.raises(IdentitySandboxStartError):
            process.address()
        (tmp_path / "sandbox").unlink()
        assert process.address().url
