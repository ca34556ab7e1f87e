"""The one way a chain grows: a block that ran here, under seals that carry it.

Decides that nothing is committed but a child of the head, sealed by a quorum of the set
valid at its height, in one durable store transaction. Whoever watches is told only after
that. ``turn`` is held while the head must not move: executing, recording a seal, committing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from devnet.chain import Chain
from devnet.errors import SealsRefutedError
from devnet.execution import Executed, committed_changes
from devnet.header import QbftHeader
from devnet.seals import verify_seals
from kernel.sized_bytes import TransactionHash

__all__ = ["ChainHead", "Grown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A block that was just committed.

    Attributes:
        header: Sealed.
        included: Hashes of its transactions.
    """

    header: QbftHeader
    included: tuple[TransactionHash, ...]


class ChainHead:
    """Commits blocks, one at a time."""

    def __init__(self, chain: Chain) -> None:
        """Grow this chain."""
        self.chain = chain
        self.turn = threading.RLock()
        self._watchers: list[Callable[[Grown], None]] = []

    def watch(self, told: Callable[[Grown], None]) -> None:
        """Have ``told`` called after every commit, on the committing thread; it must not block."""
        self._watchers.append(told)

    def grow(self, executed: Executed, sealed: QbftHeader) -> Grown:
        """Commit a block.

        Args:
            executed: The block as it ran on the present head.
            sealed: Its header with seals.

        Raises:
            SealsRefutedError: No quorum of the present set, another header, or another head.
            BrokenHeaderError: extraData is not canonical.
            StoreFullError: Nothing was committed.
            UnwritableError: Nothing was committed.
        """
        with self.turn:
            head = self.chain.head()
            if sealed.hash != executed.header.hash or sealed.parent_hash != head.hash:
                raise SealsRefutedError(
                    "the sealed header is not the block that ran on this head; fetch it again",
                    "封印的区块头与本节点执行的区块不符；请重新获取",
                )
            verify_seals(sealed, self.chain.set_after(head.block_number).validators)
            self.chain.store.commit(committed_changes(self.chain, executed, sealed))
        included = tuple(TransactionHash(item.hash) for item in executed.block.transactions)
        grown = Grown(header=sealed, included=included)
        for told in self._watchers:
            told(grown)
        return grown
