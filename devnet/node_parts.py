"""The parts of one running node, wired: pool, peers, follower, forwarder, votes, sealing.

Decides who calls whom and nothing else.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

from devnet.ballot import Ballot
from devnet.errors import BallotRefusedError, PeerAwayError, PeerRefusedError
from devnet.follower import Follower
from devnet.forwarder import Forwarder
from devnet.node import Node
from devnet.nodes import load_peer_urls
from devnet.peer_desk import PeerDesk
from devnet.peer_link import Caller, PeerLink
from devnet.peer_verbs import PeerVerbs
from devnet.peers import Peers
from devnet.pool import Pool
from devnet.rpc_methods import Methods
from devnet.rpc_votes import vote_methods
from devnet.seal_round import SealRound
from devnet.sealing_loop import SealingLoop, facts_at_head
from devnet.votes import BallotBox, Wishes
from kernel.clock import Clock
from kernel.sized_bytes import Address

__all__ = ["NodeParts"]

_BALLOT_SECONDS = 2.0


class NodeParts:
    """Everything that runs on one opened directory."""

    def __init__(
        self,
        node: Node,
        clock: Clock,
        *,
        period: float,
        allowed: frozenset[Address] | None,
        own_url: str,
        peer_urls: tuple[str, ...],
        may_vote: bool,
    ) -> None:
        """Wire them.

        Args:
            node: The opened directory.
            clock: Wall clock.
            period: Seconds between empty blocks.
            allowed: Senders taken; ``None`` takes everybody.
            own_url: Where this node answers; empty when others could not use it.
            peer_urls: Where others may be; those stored before when empty.
            may_vote: Offer voting over JSON-RPC.
        """
        self.node = node
        self.pool = Pool(
            chain_id=node.genesis.chain_id, facts=functools.partial(facts_at_head, node), allowed=allowed
        )
        caller = Caller(node.key, node.genesis.header().block_hash)
        urls = peer_urls or load_peer_urls(node.directory)
        self.peers = Peers(caller, node.nodes, directory=node.directory, urls=urls)
        self._wishes = Wishes(node.chain, node.key)
        self._ballots = BallotBox(node.chain)
        self.sealing = SealingLoop(node, self.pool, clock, period=period, ballot=self._next_ballot)
        self.forwarder = Forwarder(self.pool, self.peers, node.genesis.proposer_address)
        self.follower = Follower(
            node.head, node.check, self.peers, own_url=own_url, greeted=self._offer_ballot
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self.methods = self._methods(may_vote)
        self.desk = self._desk(clock)
        node.connect(SealRound(self.peers))
        node.head.watch(lambda grown: self.pool.settle(grown.included))
        node.head.watch(lambda _: self.methods.announcer.head_moved())

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the event loop on which the sealing loop is woken."""
        self._loop = loop

    def stop(self) -> None:
        """Tell every part to end soon."""
        self.follower.stop()
        self.forwarder.stop()
        self.node.producer.stop()

    def peer_count(self) -> int:
        """As ``Neighbours``."""
        return self.peers.heard()

    def highest_block(self) -> int:
        """As ``Neighbours``."""
        return self.follower.highest_heard

    def _methods(self, may_vote: bool) -> Methods:
        votes = vote_methods(self.node.chain, self._wishes, changed=self._wish_changed, may_vote=may_vote)
        relay = None if self.node.proposes else self.forwarder.relay
        return Methods(
            self.node.chain, self.pool, wake=self.sealing.wake, relay=relay, neighbours=self, more=votes
        )

    def _desk(self, clock: Clock) -> PeerDesk:
        verbs = PeerVerbs(
            self.node.head,
            self.node.validator,
            self.peers,
            self.pool,
            clock=clock,
            wake=self._wake_sealing,
            behind=self.follower.kick,
            take_ballot=self._ballots.put,
        )
        return PeerDesk(
            self.node.key,
            genesis_hash=self.node.genesis.header().block_hash,
            nodes=self.node.nodes,
            verbs=verbs.table(),
        )

    def _wake_sealing(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.sealing.wake)

    def _wish_changed(self) -> None:
        """The proposer uses its own ballot at the next block; others offer theirs when they greet."""
        self._wake_sealing()
        self.follower.kick()

    def _next_ballot(self) -> Ballot | None:
        own = self._wishes.due()
        if own is not None:
            self._ballots.put(own)
        return self._ballots.next()

    def _offer_ballot(self, link: PeerLink) -> None:
        ballot = self._wishes.due() if link.address == self.node.genesis.proposer_address else None
        if ballot is not None:
            _quietly(functools.partial(link.ask, "ballot", ballot.encode(), seconds=_BALLOT_SECONDS))


def _quietly(offer: Callable[[], object]) -> None:
    """A ballot that does not get through is offered again at the next greeting."""
    try:
        offer()
    except (PeerAwayError, PeerRefusedError, BallotRefusedError):
        return
