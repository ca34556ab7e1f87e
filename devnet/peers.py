"""The other nodes of the chain: one link each, and how their URLs become known.

Decides whom this node asks: everybody in ``nodes.json`` but itself. A peer's URL comes
from the operator (``--peers``), from ``peers.json``, or from the peer's own greeting; the
address behind a URL is always proven before anything is asked there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path

from devnet.errors import PeerAwayError, PeerRefusedError
from devnet.nodes import NodeAllowlist, store_peer_urls
from devnet.peer_link import Caller, PeerLink, who_answers
from kernel.sized_bytes import Address

__all__ = ["Peers"]

_HEARD_SECONDS = 10.0
_GREETING_SECONDS = 1.0


class Peers:
    """All links of a node. Safe from any thread."""

    def __init__(
        self, caller: Caller, nodes: NodeAllowlist, *, directory: Path, urls: Iterable[str] = ()
    ) -> None:
        """Know these nodes, some of whom answer at these URLs."""
        self._caller = caller
        self._nodes = nodes
        self._directory = directory
        self._unproven = set(urls)
        self._links: dict[Address, PeerLink] = {}
        self._lock = threading.Lock()

    def links(self) -> tuple[PeerLink, ...]:
        """A link to every other node that is allowed now.

        Raises:
            BrokenSettingsError: ``nodes.json`` was changed into something else.
        """
        allowed = self._nodes.operators()
        with self._lock:
            for address, operator in allowed.items():
                if address != self._caller.key.address and address not in self._links:
                    self._links[address] = PeerLink(self._caller, address, operator)
            return tuple(link for address, link in self._links.items() if address in allowed)

    def link(self, address: Address) -> PeerLink | None:
        """The link to one node, if it is allowed."""
        return next((link for link in self.links() if link.address == address), None)

    def settle(self, address: Address, url: str) -> None:
        """A peer has told its own URL."""
        link = self.link(address)
        if link is not None and url and url != link.url:
            link.settle_at(url)
            self._store()

    def try_unproven(self) -> None:
        """Ask at URLs that nobody has answered at yet who is there."""
        for url in tuple(self._unproven):
            try:
                address = who_answers(self._caller, url, seconds=_GREETING_SECONDS)
            except (PeerAwayError, PeerRefusedError):
                continue
            self._unproven.discard(url)
            self.settle(address, url)

    def heard(self) -> int:
        """Peers that answered within the last seconds."""
        since = time.monotonic() - _HEARD_SECONDS
        return sum(1 for link in self.links() if link.heard_monotonic > since)

    def close(self) -> None:
        """Drop all connections."""
        for link in self._links.values():
            link.close()

    def _store(self) -> None:
        with self._lock:  # two threads writing the same neighbour file would lose one of them
            known = [link.url for link in self._links.values() if link.url]
            store_peer_urls(self._directory, [*known, *self._unproven])
