"""A disk that is full to the last byte under one operator of four, and what may be lost: nothing.

The disk is a real one, of a few MiB. After space is freed every node's history, every receipt a
client was told and every durable seal record are judged.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from coincurve import PrivateKey
from devnet_client import ask, wait_until
from devnet_operators import OPERATORS, PROPOSER, Consortium
from devnet_small_disk import SmallDisk
from devnet_traffic import Traffic
from devnet_under_traffic import PATIENCE, under_traffic

import devnet
from contracts_chain.ledger.header import parse_header
from devnet.chain import Chain, place_genesis
from devnet.genesis import Genesis, agree_genesis, load_genesis, write_genesis
from devnet.keys import ValidatorKey, draw_key
from devnet.rpc_params import RpcError
from devnet.rpc_votes import vote_methods
from devnet.seal_record import LastSeal, SealRecord
from devnet.store_lmdb import LmdbStore
from devnet.vm import CHAIN_ID, GAS_LIMIT
from devnet.votes import Wishes
from kernel.clock import SystemClock
from kernel.sized_bytes import Bytes32

A, B = Bytes32(b"\xaa" * 32), Bytes32(b"\xbb" * 32)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "small") as mounted:
        yield mounted


def test_full_disks_of_a_validator_and_of_the_proposer_untell_nothing_and_fork_nothing(
    tmp_path: Path,
) -> None:
    with (
        SmallDisk(tmp_path / "court") as validators_disk,
        SmallDisk(tmp_path / PROPOSER) as proposers_disk,
        under_traffic(tmp_path, asked=lambda chain: chain.urls()[-1:]) as (chain, traffic),
    ):
        the_others_seal_on_and_the_full_one_catches_up(chain, traffic, validators_disk)
        the_chain_waits_and_nobody_was_told_of_more_than_is_on_disk(chain, traffic, proposers_disk)


def the_others_seal_on_and_the_full_one_catches_up(
    chain: Consortium, traffic: Traffic, disk: SmallDisk
) -> None:
    disk.fill()
    assert_ends_for_want_of_space(chain, "court")
    traffic.wait_for(5, seconds=PATIENCE)
    chain.launch("court")
    assert_ends_for_want_of_space(chain, "court")
    disk.free()
    chain.start("court")
    head = ask(chain.url(PROPOSER), "eth_getBlockByNumber", "latest", False)["result"]["hash"]
    wait_until(lambda: ask(chain.url("court"), "eth_getBlockByHash", head, False)["result"], PATIENCE)


def the_chain_waits_and_nobody_was_told_of_more_than_is_on_disk(
    chain: Consortium, traffic: Traffic, disk: SmallDisk
) -> None:
    """The client asks the proposer alone, while it lives: nobody is told of a block sooner."""
    disk.fill()
    assert_ends_for_want_of_space(chain, PROPOSER)
    others = [chain.url(name) for name in OPERATORS if name != PROPOSER]
    wait_until(lambda: any(ask(url, "txpool_status")["result"]["pending"] != "0x0" for url in others))
    disk.free()
    on_disk = block_hashes(disk.directory)
    assert {receipt["blockHash"] for receipt in tuple(traffic.told.values())} <= on_disk
    heads = [ask(url, "eth_getBlockByNumber", "latest", False)["result"]["hash"] for url in others]
    assert set(heads) <= on_disk
    promised = [last_seal(directory) for _, directory in chain.places().values()]
    chain.start(PROPOSER)
    traffic.wait_for(5, seconds=PATIENCE)
    for seal in promised:  # the block that the full disk could not take is the one sealed at its height
        wanted = (chain.url(PROPOSER), "debug_getRawHeader", hex(seal.height))
        header = wait_until(lambda wanted=wanted: ask(*wanted).get("result"), PATIENCE)
        assert parse_header(bytes.fromhex(header[2:])).commit_digest() == seal.digest


def test_a_node_cannot_be_begun_on_a_full_disk_and_says_so(disk: SmallDisk) -> None:
    own = ValidatorKey.of(draw_key(disk.directory), "utility")
    write_genesis(disk.directory / "genesis.json", alone(own))
    disk.fill()
    for words in (("key", "--operator", "notary", "--dir", "notary"), ("join", "--dir", ".")):
        ended = subprocess.run(
            [sys.executable, "-m", "devnet", *words],
            cwd=disk.directory,
            env=os.environ | {"PYTHONPATH": str(Path(devnet.__file__).parent.parent)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 1, ended  # not by SIGBUS, LMDB's way to find its lock file has no room
        assert_one_sentence_in_each_language(ended.stderr)


def test_a_vote_that_the_full_disk_cannot_keep_is_not_cast_and_says_so(disk: SmallDisk) -> None:
    own, stranger = (ValidatorKey.of(PrivateKey(), name) for name in ("utility", "tax"))
    genesis = alone(own)
    with closing(LmdbStore(disk.directory / "chain", map_mib=64)) as store:
        place_genesis(store, genesis)
        chain = Chain(store, genesis)
        wishes = Wishes(chain, own)
        methods = vote_methods(chain, wishes, changed=lambda: None, may_vote=True)
        disk.fill()
        with pytest.raises(RpcError) as refused:
            methods["qbft_proposeValidatorVote"]([stranger.address.hex0x(), True])
        assert_one_sentence_in_each_language(f"{refused.value.en}\n{refused.value.zh}")
        assert not wishes.pending()
        disk.free()
        assert methods["qbft_proposeValidatorVote"]([stranger.address.hex0x(), True]) is True


def test_a_seal_that_finds_no_room_is_not_given(disk: SmallDisk) -> None:
    disk.fill()
    with closing(SealRecord(disk.directory / "sealed")) as record:
        with pytest.raises(OSError, match="No space left"):
            record.permit(height=1, round_=0, digest=A)
        assert record.last is None
        disk.free()
        record.permit(height=1, round_=0, digest=B)
    with closing(SealRecord(disk.directory / "sealed")) as again:
        assert again.last is not None
        assert again.last.digest == B


def test_a_seal_that_finds_room_for_its_first_bytes_only_is_not_given(tmp_path: Path) -> None:
    with closing(SealRecord(tmp_path / "sealed")) as record:
        record.permit(height=1, round_=0, digest=A)
        with no_file_longer_than(100), pytest.raises(OSError, match="No space left"):
            record.permit(height=2, round_=0, digest=A)
        assert record.last is not None
        assert record.last.height == 1
    with closing(SealRecord(tmp_path / "sealed")) as again:
        assert again.last == record.last
        again.permit(height=2, round_=0, digest=B)


def alone(key: ValidatorKey) -> Genesis:
    """The genesis of a chain of one."""
    return agree_genesis(
        [(key.address, key.operator)],
        proposer=key.operator,
        chain_id=CHAIN_ID,
        gas_limit=GAS_LIMIT,
        start_utc=SystemClock().now(),
    )


def assert_ends_for_want_of_space(chain: Consortium, name: str) -> None:
    code, said = chain.wait_for_end(name, PATIENCE)
    assert code == 1, said
    assert_one_sentence_in_each_language(said)


def assert_one_sentence_in_each_language(said: str) -> None:
    """Beside warnings, which name the part they come from."""
    english, chinese = (line for line in said.splitlines() if not line.startswith("devnet."))
    assert "no space left" in english or "is full" in english, said
    assert "磁盘空间不足" in chinese, said


def last_seal(directory: Path) -> LastSeal:
    with closing(SealRecord(directory / "sealed")) as record:
        assert record.last is not None
        return record.last


def block_hashes(directory: Path) -> set[str]:
    """The blocks on an operator's disk, read while no process runs there."""
    genesis = load_genesis(directory / "genesis.json", chain_id=CHAIN_ID)
    with closing(LmdbStore(directory / "chain", map_mib=64)) as store:
        stored = Chain(store, genesis)
        numbers = range(stored.head().block_number + 1)
        headers = [stored.find_header(number) for number in numbers]
    return {header.block_hash.hex0x() for header in headers if header is not None}


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The kernel takes a write up to there and no byte more, as a disk does at its end."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
