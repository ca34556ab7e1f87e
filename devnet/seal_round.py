"""Asking the other validators for their seals, all at once.

Decides nothing about a seal but whose it is. A peer that has not answered an earlier
question yet is not asked again meanwhile, so one that hangs costs a thread and no more.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from devnet.errors import PeerAwayError, PeerRefusedError, SealsRefutedError
from devnet.peer_link import PeerLink
from devnet.peers import Peers
from devnet.seals import recover_sealer
from kernel.sized_bytes import Address, Bytes32

__all__ = ["Colleagues", "Gathered", "SealRound"]

_NOTICE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What came back from one round of asking.

    Attributes:
        seals: By sealer, in order of arrival; each proven to be the sealer's own.
        refusals: Why others did not seal; those who gave no answer are in neither.
    """

    seals: Mapping[Address, bytes] = field(default_factory=dict)
    refusals: Mapping[Address, PeerRefusedError] = field(default_factory=dict)


class Colleagues(Protocol):
    """The other validators, however they are reached."""

    def gather(
        self, proposal: bytes, digest: Bytes32, *, asked: Collection[Address], enough: int, seconds: float
    ) -> Gathered:
        """Ask these for seals over the digest; return when ``enough`` came, or time is over."""
        ...

    def announce(self, sealed: bytes) -> None:
        """Tell everybody of a sealed header; does not wait."""
        ...


class SealRound:
    """Colleagues behind HTTP."""

    def __init__(self, peers: Peers) -> None:
        """Ask these."""
        self._peers = peers
        self._busy: set[Address] = set()
        self._notices: dict[Address, bytes] = {}
        self._lock = threading.Lock()

    def gather(
        self, proposal: bytes, digest: Bytes32, *, asked: Collection[Address], enough: int, seconds: float
    ) -> Gathered:
        """As ``Colleagues.gather``."""
        answers: queue.SimpleQueue[tuple[Address, bytes | PeerRefusedError | None]] = queue.SimpleQueue()
        waiting = 0
        for link in self._peers.links():
            if link.address in asked and self._begin(link):
                waiting += 1
                _in_thread(self._ask, link, proposal, seconds, answers)
        seals: dict[Address, bytes] = {}
        refusals: dict[Address, PeerRefusedError] = {}
        until = time.monotonic() + seconds
        while waiting and len(seals) < enough:
            try:
                address, answer = answers.get(timeout=max(until - time.monotonic(), 0.001))
            except queue.Empty:
                break
            waiting -= 1
            if isinstance(answer, PeerRefusedError):
                refusals[address] = answer
            elif answer is not None and _is_seal_of(address, digest, answer):
                seals[address] = answer
        return Gathered(seals=seals, refusals=refusals)

    def announce(self, sealed: bytes) -> None:
        """As ``Colleagues.announce``; a busy peer is told when it has answered."""
        for link in self._peers.links():
            with self._lock:
                self._notices[link.address] = sealed
            if self._begin(link):
                _in_thread(self._end, link)

    def _begin(self, link: PeerLink) -> bool:
        with self._lock:
            if link.address in self._busy:
                return False
            self._busy.add(link.address)
            return True

    def _ask(
        self,
        link: PeerLink,
        proposal: bytes,
        seconds: float,
        answers: queue.SimpleQueue[tuple[Address, bytes | PeerRefusedError | None]],
    ) -> None:
        try:
            answers.put((link.address, link.ask("propose", proposal, seconds=seconds)))
        except PeerRefusedError as refusal:
            answers.put((link.address, refusal))
        except PeerAwayError:
            answers.put((link.address, None))
        finally:
            self._end(link)

    def _end(self, link: PeerLink) -> None:
        """Deliver notices that came meanwhile, then be free again."""
        while True:
            with self._lock:
                notice = self._notices.pop(link.address, None)
                if notice is None:
                    self._busy.discard(link.address)
                    return
            try:
                link.ask("sealed", notice, seconds=_NOTICE_SECONDS)
            except (PeerAwayError, PeerRefusedError):
                continue  # it catches up by itself


def _in_thread(work: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()


def _is_seal_of(address: Address, digest: Bytes32, seal: bytes) -> bool:
    try:
        return recover_sealer(digest, seal) == address
    except SealsRefutedError:
        return False
