"""One chain directory opened: lock, genesis, keys, store, validators, producer.

Decides the order in which a directory is opened, so that a crash at any point leaves a
directory that opens again: lock, keys, genesis, store, unfinished block. The lock is a
``flock``, which the kernel drops with the process; kill -9 leaves nothing stale.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

from devnet.chain import Chain, place_genesis
from devnet.errors import directory_locked, foreign_chain, validator_count
from devnet.genesis import Genesis, load_genesis, write_genesis
from devnet.keys import OPERATORS, ValidatorKey, draw_key, load_key
from devnet.producer import Producer
from devnet.store_lmdb import CommittedDB, LmdbStore
from devnet.validator import Reexecution, Validator
from devnet.vm import CHAIN_ID, GAS_LIMIT
from kernel.atomic_file import DiskFullError, UnwritableError
from kernel.clock import Clock
from kernel.errors import FaultError

__all__ = ["Node", "NodeSettings", "directory_fault", "open_node"]

_LOCK_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """How a directory is opened.

    Attributes:
        directory: The chain directory.
        validators: How many; ``None`` takes what the genesis says, 4 for a new chain.
        map_mib: Largest size of the block store in MiB.
        chain_id: The chain this software runs.
    """

    directory: Path
    validators: int | None = None
    map_mib: int = 4096
    chain_id: int = CHAIN_ID


class Node:
    """An opened directory; close it to let others in."""

    def __init__(self, *, genesis: Genesis, store: LmdbStore, validators: tuple[Validator, ...]) -> None:
        """Wire opened parts."""
        self.genesis = genesis
        self.chain = Chain(store, genesis)
        self.producer = Producer(self.chain, validators)
        self._opened = contextlib.ExitStack()

    def keep(self, opened: contextlib.ExitStack) -> None:
        """Become the owner of everything opened; the lock goes last."""
        self._opened = opened

    def close(self) -> None:
        """Release files and the lock; safe to call twice."""
        self._opened.close()


def open_node(settings: NodeSettings, clock: Clock) -> Node:
    """Open a chain directory, beginning a chain in an empty one, and finish a left-over block.

    Raises:
        DirectoryLockedError: Another process works there.
        ForeignChainError: Another chain, or keys and blocks that do not belong together.
        ValidatorCountError: Another number of validators than the chain has.
        UnwritableError: The directory cannot be written.
        DiskFullError: No space left for keys or genesis.
        StoreFullError: No space left for blocks.
    """
    with contextlib.ExitStack() as opened:
        opened.callback(os.close, _locked(settings.directory))
        try:
            node = _opened(settings, clock, opened)
            node.producer.resume()
        except OSError as problem:
            raise directory_fault(settings.directory, problem) from problem
        node.keep(opened.pop_all())
    return node


def _opened(settings: NodeSettings, clock: Clock, opened: contextlib.ExitStack) -> Node:
    directory = settings.directory
    genesis = load_genesis(directory, chain_id=settings.chain_id) or _begun(settings, clock)
    if settings.validators not in {None, len(genesis.members)}:
        raise validator_count(directory, asked=settings.validators or 0, held=len(genesis.members))
    keys = [_member_key(directory, address, operator) for address, operator in genesis.members]
    store = opened.enter_context(contextlib.closing(LmdbStore(directory / "chain", map_mib=settings.map_mib)))
    if not place_genesis(store, genesis):
        raise foreign_chain(
            directory,
            en="the block store was begun with another genesis.json",
            zh="区块库由另一份 genesis.json 创建",
        )
    check = Reexecution(
        CommittedDB(store), chain_id=genesis.chain_id, validators=genesis.validators, clock=clock
    )
    validators = tuple(
        opened.enter_context(contextlib.closing(Validator(key, check=check, directory=directory)))
        for key in keys
    )
    return Node(genesis=genesis, store=store, validators=validators)


def _begun(settings: NodeSettings, clock: Clock) -> Genesis:
    directory = settings.directory
    if (directory / "chain").exists():
        raise foreign_chain(
            directory, en="there are blocks but no genesis.json", zh="有区块数据但缺少 genesis.json"
        )
    count = 4 if settings.validators is None else settings.validators
    keys = [draw_key(directory, operator) for operator in OPERATORS[:count]]
    return write_genesis(
        directory, chain_id=settings.chain_id, gas_limit=GAS_LIMIT, start_utc=clock.now(), keys=keys
    )


def _member_key(directory: Path, address: bytes, operator: str) -> ValidatorKey:
    key = load_key(directory, operator)
    if key.address != address:
        raise foreign_chain(
            directory,
            en=f"the key of validator {operator} is not the one genesis.json names",
            zh=f"验证人 {operator} 的密钥与 genesis.json 不符",
        )
    return key


def _locked(directory: Path) -> int:
    """Take the lock, waiting a moment for a predecessor that is just ending."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise directory_fault(directory, problem) from problem
    patience = time.monotonic() + _LOCK_PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            if time.monotonic() > patience:
                os.close(descriptor)
                raise directory_locked(directory) from problem
            time.sleep(0.05)
        else:
            return descriptor


def directory_fault(directory: Path, problem: OSError) -> FaultError:
    """Say in one sentence what the file system refused."""
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFullError(
            f"no space left in {directory}; free some space and start again",
            f"{directory} 所在磁盘空间不足；请清理空间后重新启动",
        )
    return UnwritableError(
        f"cannot use {directory} ({problem.strerror}); check the path and its permissions",
        f"无法使用目录 {directory}（{problem.strerror}）；请检查路径和权限",
    )
