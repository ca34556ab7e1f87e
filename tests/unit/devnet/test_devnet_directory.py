from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from coincurve import PrivateKey

from devnet.errors import DirectoryLockedError, ForeignChainError, ValidatorCountError
from devnet.node import Node, NodeSettings, open_node
from kernel.atomic_file import UnwritableError
from kernel.clock import FixedClock


def settings(directory: Path, validators: int | None = None) -> NodeSettings:
    return NodeSettings(directory=directory, validators=validators, map_mib=16)


def test_a_second_opener_is_told_that_the_directory_is_in_use(
    node: Node, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devnet.node._LOCK_PATIENCE_SECONDS", 0.0)
    with pytest.raises(DirectoryLockedError) as caught:
        open_node(settings(tmp_path), clock)
    assert str(tmp_path) in caught.value.en
    assert str(tmp_path) in caught.value.zh


def test_a_genesis_of_another_chain_id_is_foreign(
    reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock
) -> None:
    reopen().close()
    path = tmp_path / "genesis.json"
    path.write_text(path.read_text("utf-8").replace("20261", "1337"), "utf-8")
    with pytest.raises(ForeignChainError, match="1337"):
        open_node(settings(tmp_path), clock)


def test_another_genesis_over_the_same_blocks_is_foreign(
    reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock
) -> None:
    reopen().close()
    path = tmp_path / "genesis.json"
    content = json.loads(path.read_text("utf-8"))
    content["start_utc"] = "2026-01-01T00:00:00Z"
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ForeignChainError, match="another genesis"):
        open_node(settings(tmp_path), clock)


def test_blocks_without_a_genesis_are_foreign(
    reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock
) -> None:
    reopen().close()
    (tmp_path / "genesis.json").unlink()
    with pytest.raises(ForeignChainError, match=r"no genesis\.json"):
        open_node(settings(tmp_path), clock)


@pytest.mark.parametrize("content", ["", "{}", "[]", "{", '{"chain_id": 20261}', "\x00"])
def test_a_genesis_that_is_not_one_is_foreign(tmp_path: Path, clock: FixedClock, content: str) -> None:
    (tmp_path / "genesis.json").write_text(content, "utf-8")
    with pytest.raises(ForeignChainError):
        open_node(settings(tmp_path), clock)


def test_a_validators_key_that_the_genesis_does_not_name_is_foreign(
    reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock
) -> None:
    reopen().close()
    (tmp_path / "validators/court/key").write_text(PrivateKey().to_hex(), "ascii")
    with pytest.raises(ForeignChainError, match="court"):
        open_node(settings(tmp_path), clock)


def test_a_lost_key_is_foreign(reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock) -> None:
    reopen().close()
    (tmp_path / "validators/ca/key").unlink()
    with pytest.raises(ForeignChainError, match="ca"):
        open_node(settings(tmp_path), clock)


def test_keys_drawn_before_a_crash_are_taken_up_again(
    reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock
) -> None:
    import shutil

    node = reopen()
    before = node.genesis.validators
    node.close()
    (tmp_path / "genesis.json").unlink()
    shutil.rmtree(tmp_path / "chain")
    again = open_node(settings(tmp_path), clock)
    assert again.genesis.validators == before
    again.close()


def test_another_number_of_validators_than_the_chain_has_is_refused(
    reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock
) -> None:
    reopen().close()
    with pytest.raises(ValidatorCountError, match="4 validators but 5"):
        open_node(settings(tmp_path, validators=5), clock)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_chain_can_have_one_to_seven_validators(tmp_path: Path, clock: FixedClock, count: int) -> None:
    node = open_node(settings(tmp_path, validators=count), clock)
    header = node.producer.produce((), timestamp=node.chain.head().timestamp + 1).header
    assert len(header.extra.seals) == count
    node.close()


def test_a_directory_that_is_a_file_cannot_be_used(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UnwritableError):
        open_node(settings(tmp_path / "file"), clock)


def test_a_damaged_store_is_told_in_one_sentence(
    reopen: Callable[[], Node], tmp_path: Path, clock: FixedClock
) -> None:
    reopen().close()
    (tmp_path / "chain/data.mdb").write_bytes(b"not a store" * 1000)
    with pytest.raises(UnwritableError, match="backup"):
        open_node(settings(tmp_path), clock)
