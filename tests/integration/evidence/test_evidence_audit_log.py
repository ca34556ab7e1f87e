"""The published log held against the chain: a leaf rewritten by the operator is found and placed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from evidence_live_chain import LOG_KEY, ORIGIN, LiveLog, leaf, trust_of
from evidence_tile_server import tile_server

from api.audit_chain import AuditRequest, audit_chain
from contracts_chain.evidence.checkpoint import Checkpoint, sign_checkpoint
from contracts_chain.evidence.merkle_log import MerkleLog
from devnet.launch import RunningDevnet

SIZES = (300, 17, 520)


@pytest.fixture(scope="module")
def anchored(chain: RunningDevnet) -> LiveLog:
    log = LiveLog.on(chain, "published log")
    for number, size in enumerate(SIZES):
        log.grow([leaf(1_000 * number + one) for one in range(size)])
    return log


def signed(log: MerkleLog) -> str:
    return sign_checkpoint(Checkpoint(origin=ORIGIN, size=len(log), root=log.root()), LOG_KEY)


def held_against_chain(
    chain: RunningDevnet,
    anchored: LiveLog,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    note: str,
    leaves: Sequence[bytes],
) -> tuple[int, dict[str, object]]:
    """Exit code and the finding about the log."""
    trust_of(chain, anchored.registry).write(folder)
    with tile_server(lambda: note, lambda: leaves) as url:
        request = AuditRequest(rpc=chain.rpc_url, trust=folder, log=url, state=folder / "state.json")
        capsys.readouterr()
        code = audit_chain(replace(request, as_json=True))
    findings = json.loads(capsys.readouterr().out)["findings"]
    return code, next(dict(one) for one in findings if one["section"] == "log")


def test_a_log_whose_leaves_give_every_anchored_root_is_proven(
    chain: RunningDevnet, anchored: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, finding = held_against_chain(
        chain, anchored, tmp_path, capsys, note=anchored.note(), leaves=anchored.leaves()
    )
    assert (code, finding["verdict"]) == (0, "proven")


@pytest.mark.parametrize(("place", "span"), [(0, "0 to 299"), (301, "300 to 316"), (836, "317 to 836")])
def test_one_rewritten_leaf_is_refuted_and_its_span_is_named(
    chain: RunningDevnet,
    anchored: LiveLog,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    place: int,
    span: str,
) -> None:
    leaves = anchored.leaves()
    leaves[place] = leaf(99_999)
    code, finding = held_against_chain(chain, anchored, tmp_path, capsys, note=anchored.note(), leaves=leaves)
    assert (code, finding["code"]) == (10, "log_changed")
    assert f"leaves {span} of the published log were changed" in str(finding["detail"])


def test_a_log_rewritten_and_signed_anew_is_a_proven_fork_with_both_statements(
    chain: RunningDevnet, anchored: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaves = anchored.leaves()
    leaves[5] = leaf(99_999)
    note = signed(MerkleLog(leaves))
    code, finding = held_against_chain(chain, anchored, tmp_path, capsys, note=note, leaves=leaves)
    assert (code, finding["code"]) == (10, "fork_proven")
    kept = json.loads((tmp_path / "fork-evidence.json").read_text("utf-8"))["statements"]
    assert kept["signed_note"] == note
    assert kept["anchored"]["root"] == anchored.log.root().hex()


def test_a_log_that_grew_since_its_last_checkpoint_is_proven(
    chain: RunningDevnet, anchored: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaves = [*anchored.leaves(), leaf(4), leaf(5)]
    code, _ = held_against_chain(
        chain, anchored, tmp_path, capsys, note=signed(MerkleLog(leaves)), leaves=leaves
    )
    assert code == 0


def test_a_log_that_hides_anchored_leaves_is_undecided(
    chain: RunningDevnet, anchored: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaves = anchored.leaves()[: SIZES[0]]
    code, finding = held_against_chain(
        chain, anchored, tmp_path, capsys, note=signed(MerkleLog(leaves)), leaves=leaves
    )
    assert (code, finding["code"]) == (20, "log_behind")


def test_a_log_that_withholds_a_tile_is_undecided(
    chain: RunningDevnet, anchored: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, finding = held_against_chain(
        chain, anchored, tmp_path, capsys, note=anchored.note(), leaves=anchored.leaves()[:-1]
    )
    assert (code, finding["code"]) == (20, "log_unavailable")


def test_a_note_by_another_key_is_refuted(
    chain: RunningDevnet, anchored: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Checkpoint(origin="another.test/log", size=len(anchored.log), root=anchored.log.root())
    code, finding = held_against_chain(
        chain,
        anchored,
        tmp_path,
        capsys,
        note=sign_checkpoint(other, LOG_KEY),
        leaves=anchored.leaves(),
    )
    assert (code, finding["code"]) == (10, "checkpoint_signature")
