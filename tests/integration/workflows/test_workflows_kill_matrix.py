"""kill -9 of a whole house at every point where something is half done; the next start finishes it, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from workflows_killed_child_lives import Lives, lives_in
from workflows_killed_child_points import STAGES

WHOLE_LIFE = [
    "agreement.approved",
    "agreement.offered",
    "agreement.signed",
    "agreement.sealed",
    "agreement.signed",
    "agreement.sealed",
    "agreement.executed",
    "agreement.status",
]

SHORT = ("own seal made, not committed", "anchor submitted, not noted", "twin captured, not stored")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One installation that is killed again and again; each stage has an order of its own."""
    return tmp_path_factory.mktemp("killed") / "house"


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    with lives_in(tmp_path_factory.mktemp("lives")) as started:
        yield started


def killed_at(lives: Lives, data_dir: Path, order_no: str, point: str, **more: str) -> None:
    """A point that is never reached is a defect of the matrix."""
    killed = lives.life(data_dir=str(data_dir), order_no=order_no, point=point, **more)
    assert killed.was_killed, f"{point}: {killed.code} {killed.said} {killed.complaints}"


def finished_once(lives: Lives, data_dir: Path, order_no: str, **more: str) -> None:
    """The next start loses nothing, doubles nothing, and finds everything sound."""
    finished = lives.life(data_dir=str(data_dir), order_no=order_no, **more)
    assert finished.code == 0, finished.complaints
    facts = json.loads(finished.said)
    assert (facts["findings"], facts["alarms"], facts["pending"]) == ([], [], [])
    assert (facts["state"], facts["signed"]) == ("suspended", [True] * 4)
    identified = facts["leaves"].count("identity.verified")
    assert identified <= 2, "each signer is vouched for once"  # or known from an order before
    assert [leaf for leaf in facts["leaves"] if leaf != "identity.verified"] == WHOLE_LIFE
    assert facts["unlogged"] == [], "each attestation that a trail names is a leaf"
    assert facts["words"] == [["IN_FORCE", "final"], ["SUSPENDED", "final"]]
    assert facts["verdicts"] == ["proven", "proven"]
    assert facts["invoice_leaves"] == ["invoice.issued"]
    assert None not in facts["invoices"]
    assert len(set(facts["invoices"])) == len(facts["invoices"])
    count = len(facts["checkpoint_states"])
    assert facts["checkpoint_states"] == ["final"] * count
    assert facts["on_chain"] == list(range(1, count + 1))
    assert facts["nonces"] == list(range(len(facts["nonces"])))
    assert set(facts["transaction_states"]) == {"final"}
    assert facts["renewed"] is not None
    assert (facts["places"], facts["deposits_pending"]) == (["file", "rfc3161"], 0)
    assert len(set(facts["file_lines"])) == len(facts["file_lines"])


def test_one_order_killed_at_every_kind_of_step_is_finished_once(lives: Lives, data_dir: Path) -> None:
    for point in SHORT:
        killed_at(lives, data_dir, "KILLED-SHORT", point)
    finished_once(lives, data_dir, "KILLED-SHORT")


@pytest.mark.long
@pytest.mark.parametrize("stage", STAGES)
def test_an_order_killed_at_every_point_of_a_stage_is_finished_once(
    lives: Lives, data_dir: Path, stage: str
) -> None:
    order_no = f"KILLED-{list(STAGES).index(stage)}"
    more = {"stranger": "yes"} if stage == "until the text is read" else {}
    for point in STAGES[stage]:
        killed_at(lives, data_dir, order_no, point, **more)
    finished_once(lives, data_dir, order_no, **more)
