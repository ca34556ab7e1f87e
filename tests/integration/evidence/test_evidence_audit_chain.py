"""The audit command against a real chain: honest, grown, and shown with another history."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from evidence_live_chain import LiveLog, leaf, trust_of

from api.audit_chain import AuditRequest, audit_chain
from contracts_chain.evidence.trust_bundle import TrustBundle
from devnet.launch import RunningDevnet, start
from kernel.sized_bytes import BlockHash


def audited(capsys: pytest.CaptureFixture[str], request: AuditRequest) -> tuple[int, dict[str, object]]:
    """Exit code and JSON of one run of the command."""
    capsys.readouterr()
    code = audit_chain(replace(request, as_json=True))
    return code, dict(json.loads(capsys.readouterr().out))


def codes(report: dict[str, object]) -> list[str]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return [finding["code"] for finding in findings]


def grown(chain: RunningDevnet, operator: str, checkpoints: int = 3) -> LiveLog:
    log = LiveLog.on(chain, operator)
    for number in range(checkpoints):
        log.grow([leaf(100 * number + one) for one in range(2 * number + 1)])
    return log


@contextmanager
def copied(chain_folder: Path, to: Path) -> Iterator[RunningDevnet]:
    """The same validators with the same keys go on alone from the same blocks."""
    shutil.copytree(chain_folder, to)
    with start(to, period=0) as running:
        yield running


def test_an_honest_chain_is_proven_from_its_genesis_on(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = grown(chain, "honest")
    trust_of(chain, log.registry).write(tmp_path)
    code, report = audited(capsys, AuditRequest(rpc=chain.rpc_url, trust=tmp_path))
    assert (code, report["verdict"], report["first_block"]) == (0, "proven", 0)
    assert report["checkpoints"] == 3
    newest = report["newest_checkpoint"]
    assert isinstance(newest, dict)
    assert (newest["size"], newest["root"]) == (9, log.log.root().hex())
    events = report["events"]
    assert isinstance(events, dict)
    assert (events["Anchored"], events["RoleGranted"], events["AdminChanged"]) == (3, 2, 1)


def test_the_next_run_goes_on_where_the_last_one_ended(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = grown(chain, "goes on")
    trust_of(chain, log.registry).write(tmp_path)
    request = AuditRequest(rpc=chain.rpc_url, trust=tmp_path, state=tmp_path / "state.json")
    first = audited(capsys, request)[1]
    log.grow([leaf(900)])
    code, second = audited(capsys, request)
    assert (code, second["checkpoints"]) == (0, 4)
    assert isinstance(first["last_block"], int)
    assert isinstance(second["last_block"], int)
    assert second["blocks_read"] == second["last_block"] - first["last_block"]


def test_a_part_of_the_chain_can_be_audited_from_a_block_on(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = grown(chain, "from a block")
    with_block = log.client()
    begin = with_block.latest_block().number
    with_block.close()
    log.grow([leaf(901)])
    trust_of(chain, log.registry).write(tmp_path)
    code, report = audited(capsys, AuditRequest(rpc=chain.rpc_url, trust=tmp_path, first_block=begin + 1))
    assert (code, report["checkpoints"], report["first_block"]) == (0, 1, begin + 1)


def test_a_second_registry_with_another_history_is_an_alarm_that_keeps_both_statements(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = grown(chain, "two registries")
    second = LiveLog.on(chain, "two registries")
    second.grow([leaf(77)])
    trust_of(chain, log.registry).write(tmp_path / "trust")
    request = AuditRequest(rpc=chain.rpc_url, trust=tmp_path / "trust", state=tmp_path / "state.json")
    code, report = audited(capsys, request)
    assert (code, codes(report)) == (10, ["second_registry"])
    kept = json.loads((tmp_path / "fork-evidence.json").read_text("utf-8"))["statements"]
    assert (kept["registry"], kept["sequence"]) == (second.registry.hex0x(), 1)
    assert kept["trusted_root"] == log.log.root(1).hex()
    assert kept["root"] == leaf(77).hex()
    assert not (tmp_path / "state.json").exists()


def test_a_registry_exchanged_between_two_runs_is_refuted(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = AuditRequest(rpc=chain.rpc_url, trust=tmp_path, state=tmp_path / "state.json")
    trust_of(chain, grown(chain, "first registry").registry).write(tmp_path)
    assert audited(capsys, request)[0] == 0
    trust_of(chain, grown(chain, "exchanged registry").registry).write(tmp_path)
    code, report = audited(capsys, request)
    assert (code, codes(report)) == (10, ["history_replaced"])


def test_a_chain_replaced_by_another_with_another_history_is_a_proven_fork(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, request = tmp_path / "chain", AuditRequest(rpc="", trust=tmp_path, state=tmp_path / "state.json")
    with start(folder, period=0) as running:
        log = grown(running, "replaced", checkpoints=1)
        trust_of(running, log.registry).write(tmp_path)
    with copied(folder, tmp_path / "other") as other:
        log.beside(other.rpc_url).grow([leaf(5)])
    with start(folder, period=0) as running:
        log.beside(running.rpc_url).grow([leaf(6)])
        assert audited(capsys, replace(request, rpc=running.rpc_url))[0] == 0
    with start(tmp_path / "other", period=0) as other:
        code, report = audited(capsys, replace(request, rpc=other.rpc_url))
    assert (code, codes(report)) == (10, ["fork_proven"])
    kept = json.loads((tmp_path / "fork-evidence.json").read_text("utf-8"))["statements"]
    assert len(kept["sealed_both"]) >= 2
    assert kept["known_header"] != kept["shown_header"]


def test_another_chain_than_the_bundle_s_is_refuted(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = trust_of(chain, grown(chain, "another chain", 1).registry)
    for other, code in (
        (replace(trust.chain, genesis_hash=BlockHash(bytes(32))), "foreign_chain_shown"),
        (replace(trust.chain, chain_id=1), "foreign_chain_shown"),
        (replace(trust.chain, registry_code_hash=trust.log_key), "registry_code"),
    ):
        replace(trust, chain=other).write(tmp_path)
        exit_code, report = audited(capsys, AuditRequest(rpc=chain.rpc_url, trust=tmp_path))
        assert (exit_code, codes(report)[-1]) == (10, code)


def test_validators_the_bundle_does_not_name_for_a_height_leave_the_question_open(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = trust_of(chain, grown(chain, "closed range", 1).registry)
    closed = replace(trust.chain.validator_sets[0], to_block=1)
    replace(trust, chain=replace(trust.chain, validator_sets=(closed,))).write(tmp_path)
    code, report = audited(capsys, AuditRequest(rpc=chain.rpc_url, trust=tmp_path))
    assert (code, codes(report)) == (20, ["validator_set_unknown"])


def test_a_node_that_does_not_answer_leaves_the_question_open(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust: TrustBundle = trust_of(chain, LiveLog.on(chain, "silent").registry)
    trust.write(tmp_path)
    code, report = audited(capsys, AuditRequest(rpc="http://127.0.0.1:9", trust=tmp_path))
    assert (code, codes(report)) == (20, ["chain_unavailable"])


def test_arguments_that_cannot_be_read_are_told_apart_from_alarms(
    chain: RunningDevnet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit_chain(AuditRequest(rpc=chain.rpc_url, trust=tmp_path)) == 2
    trust_of(chain, LiveLog.on(chain, "bad arguments").registry).write(tmp_path)
    (tmp_path / "state.json").write_bytes(b"{}")
    request = AuditRequest(rpc=chain.rpc_url, trust=tmp_path, state=tmp_path / "state.json")
    assert audit_chain(request) == 30
    assert (tmp_path / "state.json").read_bytes() == b"{}"
    (tmp_path / "no.asice").write_bytes(b"no package")
    code, report = audited(capsys, replace(request, state=None, packages=(tmp_path / "no.asice",)))
    assert (code, codes(report)[:2]) == (30, ["ok", "ok"])
    code, report = audited(capsys, replace(request, state=None, packages=(tmp_path / "absent.asice",)))
    assert (code, codes(report)) == (30, ["ok", "ok", "file_unreadable"])


def test_following_goes_on_with_new_blocks_until_an_alarm(chain: RunningDevnet, tmp_path: Path) -> None:
    log = grown(chain, "followed", 1)
    trust_of(chain, log.registry).write(tmp_path / "trust")
    command = ["audit", "--rpc", chain.rpc_url, "--trust", str(tmp_path / "trust"), "--follow", "--json"]
    run = subprocess.Popen(
        [sys.executable, "-m", "api", *command], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        assert run.stdout is not None
        assert json.loads(run.stdout.readline())["verdict"] == "proven"
        log.grow([leaf(31)])
        while (told := json.loads(run.stdout.readline()))["checkpoints"] < 2:
            assert told["verdict"] == "proven"
        LiveLog.on(chain, "followed").grow([leaf(32)])
        while (told := json.loads(run.stdout.readline()))["verdict"] == "proven":
            pass
        assert told["findings"][0]["code"] == "second_registry"
        assert run.wait(30) == 10
    finally:
        run.kill()
        run.communicate()
    assert (tmp_path / "fork-evidence.json").exists()


def test_the_command_tells_people_in_both_languages(chain: RunningDevnet, tmp_path: Path) -> None:
    trust_of(chain, grown(chain, "for people", 1).registry).write(tmp_path)
    command = [sys.executable, "-m", "api", "audit", "--rpc", chain.rpc_url, "--trust", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "审计通过" in run.stdout
    assert "Audit passed" in run.stdout
    assert run.stderr == ""
