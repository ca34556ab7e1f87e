"""``contracts-chain callbacks``: what it prints, by which code it ends; and what a secret follows from."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from callback_callers import REFUSED, TAKEN, ScriptedCaller
from fake_unit_of_work import FakeUnitOfWork
from memory_office import MemoryOffice, memory_office
from rich.cells import cell_len
from typer.testing import CliRunner

from api import callbacks_command
from api.callback_places import CallbackUrlError
from api.callback_signature import CallbackSecrets, signature_of
from api.callback_words import CallbackReplayError
from api.cli import app
from api.kek_command import rotate_kek
from api.keyring import Keyring
from api.settings import Settings
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import deliver_callbacks
from contracts_chain.workflows.callback_errors import EndpointClosedError, UnknownEndpointError
from contracts_chain.workflows.callback_files import CallbackEndpoint
from contracts_chain.workflows.callback_view import all_endpoints
from contracts_chain.workflows.process_events import note_process_event, tell_events
from kernel.clock import parse_utc

URL = "https://crm.example/events"
NOW = parse_utc("2026-11-22T02:12:05Z")
SIGNED_BY_OPENSSL = "1795313525.4d7dbcc052fb9d32ec39b01c4eae6999be2f76250656af028de4a31e004454b6"
SUBJECT = "SGZJMZ00YXGY2600001"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MemoryOffice:
    made = memory_office()

    @contextmanager
    def opened(_: object) -> Iterator[Callable[[], FakeUnitOfWork]]:
        yield lambda: FakeUnitOfWork(made.tables)

    monkeypatch.setattr(callbacks_command, "open_database", opened)
    monkeypatch.setattr(callbacks_command, "SystemClock", lambda: made.clock)
    monkeypatch.setenv("CONTRACTS_CHAIN_DATA_DIR", str(tmp_path))
    return made


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["callbacks", *words], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return f"{done.return_value or 0} {done.output}"


def told(world: MemoryOffice, *, taken: bool) -> None:
    with world.office.work() as work:
        note_process_event(work, SUBJECT, ProcessEventKind.SEALED, at=world.clock.now(), change={})
        work.commit()
    tell_events(world.office)
    deliver_callbacks(world.office, ScriptedCaller(lambda _: TAKEN if taken else REFUSED))
    if not taken:
        world.clock.advance(timedelta(hours=24))
        deliver_callbacks(world.office, ScriptedCaller(lambda _: REFUSED))


def registered(world: MemoryOffice) -> CallbackEndpoint:
    run("register", URL, "--by", "desk")
    (endpoint,) = all_endpoints(world.office)
    return endpoint


def test_registering_prints_the_secret_that_the_service_signs_with_and_listing_does_not(
    world: MemoryOffice, tmp_path: Path
) -> None:
    printed = run("register", "HTTPS://CRM.example/events", "--by", "desk", "--kind", "sealed")
    (endpoint,) = all_endpoints(world.office)
    with closing(Keyring.open(tmp_path / "keys", None)) as keyring:
        secret = CallbackSecrets(keyring.secret("callbacks")).of(endpoint).hex()
    assert (endpoint.url, endpoint.kinds, endpoint.created_by) == (URL, (ProcessEventKind.SEALED,), "desk")
    assert secret in printed
    listed = run("list")
    assert (URL in listed, "sealed" in listed, secret in listed) == (True, True, False)


def test_a_new_secret_is_another_one_and_a_closed_endpoint_gets_none(world: MemoryOffice) -> None:
    first = re.findall(r"[0-9a-f]{64}", run("register", URL, "--by", "desk"))
    (endpoint,) = all_endpoints(world.office)
    second = re.findall(r"[0-9a-f]{64}", run("rotate-secret", endpoint.id))
    assert len(first) == len(second) == 1
    assert first != second
    assert "已停用" in run("close", endpoint.id, "--by", "desk")
    with pytest.raises(EndpointClosedError):
        run("rotate-secret", endpoint.id)
    with pytest.raises(UnknownEndpointError):
        run("close", "no-such", "--by", "desk")


def test_the_log_tells_each_attempt_and_ends_with_10_at_a_dead_letter(world: MemoryOffice) -> None:
    endpoint = registered(world)
    assert run("log", endpoint.id).startswith("0 没有")
    told(world, taken=True)
    assert f"{SUBJECT} 1 sealed" in run("log", endpoint.id)
    assert run("log", endpoint.id, "--dead").startswith("0 没有")
    told(world, taken=False)
    printed = run("log", endpoint.id, "--dead")
    assert printed.startswith("10 ")
    assert printed.count("对方拒收") == 2
    assert f"{SUBJECT} 1 " not in printed


def test_dead_letters_one_event_and_a_range_are_put_on_their_way_again(world: MemoryOffice) -> None:
    endpoint = registered(world)
    told(world, taken=False)
    assert "已安排重新发送 1 个" in run("replay", endpoint.id, "--dead", "--by", "desk")
    deliver_callbacks(world.office, ScriptedCaller())
    assert run("log", endpoint.id).startswith("0 ")
    event_id = run("log", endpoint.id).split()[4]
    assert "1 个" in run("replay", endpoint.id, "--event", event_id, "--by", "desk")
    of_one = ("--subject", SUBJECT, "--first", "1", "--last", "1")
    assert "1 个" in run("replay", endpoint.id, *of_one, "--by", "desk")
    with pytest.raises(CallbackReplayError):
        run("replay", endpoint.id, "--by", "desk")


def test_what_cannot_be_registered_is_said_and_not_kept(world: MemoryOffice) -> None:
    with pytest.raises(CallbackUrlError):
        run("register", "http://crm.example/", "--by", "desk")
    with pytest.raises(callbacks_command.CallbackKindError) as refused:
        run("register", URL, "--kind", "sealded", "--by", "desk")
    assert "sealed" in refused.value.zh
    assert all_endpoints(world.office) == ()


@pytest.mark.parametrize("command", ["list", "register", "close", "rotate-secret", "log", "replay"])
def test_help_of_every_command_fits_80_columns_and_cuts_no_word(command: str) -> None:
    done = CliRunner().invoke(app, ["callbacks", command, "--help"], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    assert "…" not in done.output
    assert all(cell_len(line) <= 80 for line in done.output.splitlines())


def test_secrets_differ_by_installation_endpoint_and_generation() -> None:
    endpoint = CallbackEndpoint(id="a", url=URL, kinds=(), generation=1, created_by="desk", created_utc=NOW)
    others = [replace(endpoint, id="b"), replace(endpoint, generation=2)]
    roots = [CallbackSecrets(bytes([number]) * 32) for number in range(2)]
    found = {root.of(one) for root in roots for one in [endpoint, *others]}
    assert len(found) == 6
    assert {len(secret) for secret in found} == {32}
    assert roots[0].of(replace(endpoint, url="https://other.example/")) in found


def test_a_signature_is_hmac_over_seconds_full_stop_and_body() -> None:
    # openssl: printf '1795313525.{}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b0b…(32 bytes)
    assert signature_of(b"\x0b" * 32, b"{}", NOW) == SIGNED_BY_OPENSSL


def test_secrets_outlive_another_key_encryption_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    endpoint = CallbackEndpoint(id="a", url=URL, kinds=(), generation=1, created_by="desk", created_utc=NOW)
    keys, new = settings.data_dir / "keys", tmp_path / "new.secret"
    new.write_bytes(secrets.token_bytes(32))
    with closing(Keyring.open(keys, None)) as keyring:
        before = CallbackSecrets(keyring.secret("callbacks")).of(endpoint)
    assert rotate_kek(keys, f"file:{keys / 'kek.secret'}", f"file:{new}") == 0
    with closing(Keyring.open(keys, f"file:{new}")) as keyring:
        assert CallbackSecrets(keyring.secret("callbacks")).of(endpoint) == before
