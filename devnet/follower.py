"""Keeping up: greet the peers, notice blocks that are missing here, fetch and prove them.

Decides what is fetched from whom: from any peer whose head is higher. A fetched block is
committed only if the seals carry it by the set of its height, looked at first, and if it
gives the same header when run here. One thread, which never ends by a peer's fault.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import rlp
from rlp.exceptions import RLPException

from devnet.block_check import BlockCheck
from devnet.chain_head import ChainHead
from devnet.errors import PeerAwayError, PeerRefusedError
from devnet.peer_link import PeerLink
from devnet.peer_message import peer_refused
from devnet.peer_verbs import MOST_BLOCKS
from devnet.peers import Peers
from devnet.proposal import Proposal
from devnet.seals import verify_seals
from devnet.vm import qbft_header
from kernel.errors import RefutedError
from kernel.sized_bytes import Address

__all__ = ["Follower"]

_TICK_SECONDS = 1.0
_GREETING_SECONDS = 1.0
_BLOCKS_SECONDS = 20.0
_log = logging.getLogger("devnet.follower")


class Follower:
    """The one thread that keeps up."""

    def __init__(
        self,
        head: ChainHead,
        check: BlockCheck,
        peers: Peers,
        *,
        own_url: str,
        greeted: Callable[[PeerLink], None],
    ) -> None:
        """Follow these peers.

        Args:
            head: Where the chain grows.
            check: Runs fetched blocks.
            peers: Whom to greet.
            own_url: Told to peers; empty when it cannot be known.
            greeted: Called for each peer that answered a greeting.
        """
        self._head = head
        self._check = check
        self._peers = peers
        self._own_url = own_url
        self._greeted = greeted
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._said: dict[Address, str] = {}
        self.highest_heard = 0

    def kick(self) -> None:
        """Look now rather than at the next tick."""
        self._wake.set()

    def stop(self) -> None:
        """End the loop soon."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Greet and fetch until stopped.

        Raises:
            FaultError: The own store or disk fails.
        """
        while not self._stopping.is_set():
            self._wake.clear()
            self.look()
            self._wake.wait(_TICK_SECONDS)

    def look(self) -> None:
        """Greet every peer once, the proposer first, and fetch what is missing."""
        self._peers.try_unproven()
        proposer = self._head.chain.genesis.proposer_address
        for link in sorted(self._peers.links(), key=lambda link: link.address != proposer):
            if self._stopping.is_set():
                return
            self._visit(link)

    def _visit(self, link: PeerLink) -> None:
        try:
            higher = self._greet(link)
            while higher and not self._stopping.is_set():
                higher = self._fetch(link)
        except PeerAwayError:
            self._said.pop(link.address, None)
        except (PeerRefusedError, RefutedError) as problem:
            if self._said.get(link.address) != problem.en:
                _log.warning("%s: %s", link.operator, problem.en)
                self._said[link.address] = problem.en

    def _greet(self, link: PeerLink) -> bool:
        number = self._head.chain.head().block_number
        greeting = bytes(rlp.encode([self._own_url.encode(), number]))
        answer = link.ask("hello", greeting, seconds=_GREETING_SECONDS)
        try:
            theirs = int.from_bytes(rlp.decode(answer)[0])
        except (RLPException, ValueError, TypeError, IndexError) as problem:
            raise peer_refused("malformed", "the greeting cannot be decoded", "问候应答无法解码") from problem
        self.highest_heard = max(self.highest_heard, theirs)
        self._greeted(link)
        return theirs > self._head.chain.head().block_number

    def _fetch(self, link: PeerLink) -> bool:
        """Fetch and commit one batch; say whether there may be more."""
        first = self._head.chain.head().block_number + 1
        wanted = bytes(rlp.encode([first, MOST_BLOCKS]))
        try:
            given = rlp.decode(link.ask("blocks", wanted, seconds=_BLOCKS_SECONDS))
            blocks = [
                Proposal(header=bytes(header), transactions=tuple(transactions))
                for header, transactions in given
            ]
        except (RLPException, ValueError, TypeError) as problem:
            raise peer_refused("malformed", "blocks cannot be decoded", "区块无法解码") from problem
        for block in blocks:
            self._take(block)
        return bool(blocks)

    def _take(self, encoded: Proposal) -> None:
        block = encoded.block()
        sealed = qbft_header(block.header)
        with self._head.turn:
            head = self._head.chain.head()
            if sealed.block_number <= head.block_number:
                return  # it came another way meanwhile
            verify_seals(sealed, self._head.chain.set_after(head.block_number).validators)
            self._head.grow(self._check.run(block), sealed)
