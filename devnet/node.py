"""One operator's directory opened: lock, key, genesis, store, seal record.

Decides the order in which a directory is opened, so that a crash at any point leaves a
directory that opens again: lock, key, genesis, store. The lock is a ``flock``, which the
kernel drops with the process; kill -9 leaves nothing stale. A directory holds one
operator's key and never another's.

    key            the operator's secret, mode 0600          genesis.json   what all agreed
    sealed         what was sealed last                      nodes.json     which nodes may talk
    chain/         the block store                           peers.json     where they are
    lock           flock                                     port           taken last
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

from coincurve import PrivateKey

from devnet.block_check import BlockCheck
from devnet.chain import Chain, place_genesis
from devnet.chain_head import ChainHead
from devnet.errors import directory_locked, foreign_chain
from devnet.genesis import Genesis, load_genesis, write_genesis
from devnet.keys import ValidatorKey, draw_key, load_key
from devnet.nodes import NodeAllowlist
from devnet.producer import Producer
from devnet.seal_round import Colleagues
from devnet.seals import address_of
from devnet.store_lmdb import LmdbStore
from devnet.validator import Validator
from devnet.vm import CHAIN_ID
from kernel.atomic_file import DiskFullError, UnwritableError
from kernel.clock import Clock
from kernel.errors import FaultError

__all__ = ["Node", "NodeSettings", "directory_fault", "lock_directory", "open_node"]

_LOCK_PATIENCE_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """How a directory is opened.

    Attributes:
        directory: The operator's directory.
        operator: The name expected of its key; ``None`` takes what genesis says.
        genesis: The agreed file, copied into a directory that has none.
        map_mib: Largest size of the block store in MiB.
        chain_id: The chain this software runs.
    """

    directory: Path
    operator: str | None = None
    genesis: Path | None = None
    map_mib: int = 4096
    chain_id: int = CHAIN_ID


class Node:
    """An opened directory; close it to let others in."""

    def __init__(
        self, *, directory: Path, key: ValidatorKey, genesis: Genesis, store: LmdbStore, clock: Clock
    ) -> None:
        """Wire opened parts.

        Raises:
            OSError: The seal record cannot be opened.
        """
        self.directory = directory
        self.key = key
        self.genesis = genesis
        self.chain = Chain(store, genesis)
        self.head = ChainHead(self.chain)
        self.check = BlockCheck(self.chain, clock)
        self.validator = Validator(key, head=self.head, check=self.check, directory=directory)
        self.nodes = NodeAllowlist(directory, genesis)
        self._opened = contextlib.ExitStack()

    @property
    def proposes(self) -> bool:
        """Whether this node is the chain's proposer."""
        return self.key.address == self.genesis.proposer_address

    def connect(self, colleagues: Colleagues) -> None:
        """Give the node its way to the other validators; only then can it produce."""
        self.producer = Producer(self.head, self.validator, colleagues)

    def keep(self, opened: contextlib.ExitStack) -> None:
        """Become the owner of everything opened; the lock goes last."""
        self._opened = opened

    def close(self) -> None:
        """Release files and the lock; safe to call twice."""
        self._opened.close()


def open_node(settings: NodeSettings, clock: Clock) -> Node:
    """Open an operator's directory.

    Raises:
        DirectoryLockedError: Another process works there.
        ForeignChainError: Another chain, or key, genesis and blocks that do not belong together.
        BrokenSettingsError: ``nodes.json`` cannot be used.
        UnwritableError: The directory cannot be written.
        DiskFullError: No space left for key or genesis.
        StoreFullError: No space left for blocks.
    """
    with contextlib.ExitStack() as opened:
        opened.callback(os.close, lock_directory(settings.directory))
        try:
            node = _opened(settings, clock, opened)
        except OSError as problem:
            raise directory_fault(settings.directory, problem) from problem
        node.keep(opened.pop_all())
    return node


def _opened(settings: NodeSettings, clock: Clock, opened: contextlib.ExitStack) -> Node:
    directory = settings.directory
    genesis = _genesis(settings)
    begun = (directory / "chain").exists() or (directory / "sealed").exists()
    secret = load_key(directory) if begun else draw_key(directory)
    key = _named(directory, secret, genesis, settings.operator)
    store = opened.enter_context(contextlib.closing(LmdbStore(directory / "chain", map_mib=settings.map_mib)))
    if not place_genesis(store, genesis):
        raise foreign_chain(
            directory,
            en="the block store was begun with another genesis.json",
            zh="区块库由另一份 genesis.json 创建",
        )
    node = Node(directory=directory, key=key, genesis=genesis, store=store, clock=clock)
    opened.callback(node.validator.close)
    return node


def _genesis(settings: NodeSettings) -> Genesis:
    """The directory's genesis; the agreed one is copied first where there is none."""
    path = settings.directory / "genesis.json"
    given = settings.genesis
    agreed = None if given is None else load_genesis(given, chain_id=settings.chain_id)
    if path.exists():
        held = load_genesis(path, chain_id=settings.chain_id)
        if agreed not in {None, held}:
            raise foreign_chain(
                settings.directory,
                en="it was begun with another genesis.json than the one given",
                zh="该目录由另一份 genesis.json 创建，与所给文件不同",
            )
        return held
    if agreed is None or (settings.directory / "chain").exists():
        raise foreign_chain(
            settings.directory,
            en="there is no genesis.json; give the agreed file with --genesis",
            zh="缺少 genesis.json；请用 --genesis 指定各方约定的文件",
        )
    write_genesis(path, agreed)
    return agreed


def _named(directory: Path, secret: PrivateKey, genesis: Genesis, expected: str | None) -> ValidatorKey:
    """The key under its operator's name, which genesis decides for its members."""
    listed = dict(genesis.members).get(address_of(secret.public_key))
    taken = expected in {name for _, name in genesis.members}
    if (listed is None and taken) or (listed is not None and expected not in {None, listed}):
        raise foreign_chain(
            directory,
            en=f"its key is not the one of {expected} in genesis.json",
            zh=f"其密钥不是 genesis.json 中 {expected} 的密钥",
        )
    return ValidatorKey.of(secret, listed or expected or "observer")


def lock_directory(directory: Path) -> int:
    """Take the lock of a directory, waiting a moment for a predecessor that is just ending.

    Returns:
        A descriptor; the lock goes when it is closed, or with the process.

    Raises:
        DirectoryLockedError: Another process works there.
        UnwritableError: The directory cannot be made or written.
        DiskFullError: No space left.
    """
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
