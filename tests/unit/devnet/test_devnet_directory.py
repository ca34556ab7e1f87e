"""One operator's directory: what opens, what is foreign, what is taken up after a crash."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from coincurve import PrivateKey
from devnet_committee import Committee

from devnet.errors import BrokenSettingsError, DirectoryLockedError, ForeignChainError
from devnet.genesis import agree_genesis
from devnet.keys import OPERATORS
from devnet.node import Node, NodeSettings, open_node
from devnet.vm import CHAIN_ID, GAS_LIMIT
from kernel.atomic_file import UnwritableError
from kernel.clock import FixedClock
from kernel.errors import FaultError
from kernel.sized_bytes import Address


@pytest.fixture
def court(committee: Committee) -> Path:
    """The court's directory of a chain that has begun, nobody in it."""
    committee.close()
    return committee.directory / "court"


def settings(directory: Path, genesis: Path | None = None) -> NodeSettings:
    return NodeSettings(directory=directory, genesis=genesis, operator="court", map_mib=16)


def test_a_second_opener_is_told_that_the_directory_is_in_use(
    committee: Committee, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devnet.node._LOCK_PATIENCE_SECONDS", 0.0)
    with pytest.raises(DirectoryLockedError) as caught:
        open_node(settings(committee.directory / "court"), clock)
    assert "court" in caught.value.en
    assert "court" in caught.value.zh


def test_a_genesis_of_another_chain_id_is_foreign(court: Path, clock: FixedClock) -> None:
    path = court / "genesis.json"
    path.write_text(path.read_text("utf-8").replace("20261", "1337"), "utf-8")
    with pytest.raises(ForeignChainError, match="1337"):
        open_node(settings(court), clock)


def test_another_genesis_over_the_same_blocks_is_foreign(court: Path, clock: FixedClock) -> None:
    path = court / "genesis.json"
    content = json.loads(path.read_text("utf-8"))
    content["start_utc"] = "2026-01-01T00:00:00Z"
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ForeignChainError, match="another genesis"):
        open_node(settings(court), clock)


def test_a_directory_begun_with_another_genesis_than_the_one_given_is_foreign(
    court: Path, clock: FixedClock
) -> None:
    other = court.parent / "other.json"
    content = json.loads((court / "genesis.json").read_text("utf-8"))
    other.write_text(json.dumps({**content, "start_utc": "2026-01-01T00:00:00Z"}), "utf-8")
    with pytest.raises(ForeignChainError, match="than the one given"):
        open_node(settings(court, other), clock)


def test_blocks_without_a_genesis_are_foreign(court: Path, clock: FixedClock) -> None:
    (court / "genesis.json").unlink()
    with pytest.raises(ForeignChainError, match=r"no genesis\.json"):
        open_node(settings(court), clock)


@pytest.mark.parametrize("content", ["", "{}", "[]", "{", '{"chain_id": 20261}', "\x00"])
def test_a_genesis_that_is_not_one_is_foreign(tmp_path: Path, clock: FixedClock, content: str) -> None:
    (tmp_path / "genesis.json").write_text(content, "utf-8")
    with pytest.raises(ForeignChainError):
        open_node(settings(tmp_path), clock)


def test_a_key_that_the_genesis_names_for_nobody_is_foreign(court: Path, clock: FixedClock) -> None:
    (court / "key").write_text(PrivateKey().to_hex(), "ascii")
    with pytest.raises(ForeignChainError, match="court"):
        open_node(settings(court), clock)


def test_another_operators_directory_is_foreign(court: Path, clock: FixedClock) -> None:
    with pytest.raises(ForeignChainError, match="court"):
        open_node(settings(court.parent / "ca"), clock)


def test_a_lost_key_is_foreign_and_no_other_is_drawn(court: Path, clock: FixedClock) -> None:
    (court / "key").unlink()
    with pytest.raises(ForeignChainError, match="missing"):
        open_node(settings(court), clock)
    assert not (court / "key").exists()


def test_a_key_drawn_before_a_crash_is_taken_up_again(court: Path, clock: FixedClock) -> None:
    before = (court / "key").read_text("ascii")
    shutil.rmtree(court / "chain")
    (court / "sealed").unlink()
    open_node(settings(court), clock).close()
    assert (court / "key").read_text("ascii") == before


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_chain_can_have_one_to_seven_validators(tmp_path: Path, clock: FixedClock, count: int) -> None:
    together = Committee(tmp_path, clock, OPERATORS[:count])
    together.open()
    header = together.seal(second=1).header
    assert len(header.extra.seals) >= (2 * count + 2) // 3
    together.close()


ONE, TWO = Address(b"\x01" * 20), Address(b"\x02" * 20)


@pytest.mark.parametrize(
    "members",
    [[], [(ONE, "ca"), (ONE, "court")], [(ONE, "ca"), (TWO, "ca")], [(TWO, "court")]],
    ids=["nobody", "one address twice", "one operator twice", "a proposer who is no member"],
)
def test_a_genesis_that_makes_no_chain_is_refused(
    clock: FixedClock, members: list[tuple[Address, str]]
) -> None:
    with pytest.raises(FaultError, match="no chain can begin"):
        agree_genesis(members, proposer="ca", chain_id=CHAIN_ID, gas_limit=GAS_LIMIT, start_utc=clock.now())


@pytest.mark.parametrize("content", ["{}", "[1]", '[{"address": "0x12"}]', "["])
def test_a_node_allowlist_that_is_not_one_is_a_broken_setting(
    court: Path, clock: FixedClock, content: str
) -> None:
    (court / "nodes.json").write_text(content, "utf-8")
    with pytest.raises(BrokenSettingsError, match=r"nodes\.json"):
        open_node(settings(court), clock)


def test_a_directory_that_is_a_file_cannot_be_used(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UnwritableError):
        open_node(settings(tmp_path / "file"), clock)


def test_a_damaged_store_is_told_in_one_sentence(court: Path, clock: FixedClock) -> None:
    (court / "chain/data.mdb").write_bytes(b"not a store" * 1000)
    with pytest.raises(UnwritableError, match="backup"):
        open_node(settings(court), clock)


def test_closing_twice_is_closing_once(committee: Committee, reopen: Callable[[], Node]) -> None:
    node = reopen()
    node.close()
    node.close()
