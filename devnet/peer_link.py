"""Asking one peer: sign, send, prove the answer, follow the peer through restarts.

Decides that an answer counts only when the very address asked signed it for this very
request. Learns the peer's session from its first refusal and its URL from the peer itself
or from the operator.
"""

from __future__ import annotations

import itertools
import secrets
import time
from typing import Protocol

from devnet.errors import PeerAwayError, PeerRefusedError
from devnet.http_peer import HttpPeer, peer_away
from devnet.keys import ValidatorKey
from devnet.peer_desk import PEER_PATH
from devnet.peer_message import ANYBODY, NO_SESSION, Answer, Request, peer_refused
from kernel.sized_bytes import Address, BlockHash

__all__ = ["Caller", "Carrier", "PeerLink", "who_answers"]

_ATTEMPTS = 3


class Carrier(Protocol):
    """Something that takes a request to a peer and brings the answer."""

    def post(self, path: str, content: bytes, *, seconds: float) -> bytes:
        """As ``HttpPeer.post``."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Caller:
    """Who asks: this node's key, chain, and running process."""

    def __init__(self, key: ValidatorKey, genesis_hash: BlockHash) -> None:
        """Sign with this key for this chain."""
        self.key = key
        self.genesis_hash = genesis_hash
        self._instance = secrets.token_bytes(8)
        self._counter = itertools.count(1)

    def signed(self, path: str, payload: bytes, *, receiver: Address, session: bytes) -> Request:
        """The next request of this process."""
        bare = Request(
            sender=self.key.address,
            receiver=receiver,
            session=session,
            instance=self._instance,
            counter=next(self._counter),
            payload=payload,
        )
        return bare.signed(path, genesis_hash=self.genesis_hash, key=self.key.secret)


class PeerLink:
    """The way to one peer. Safe from any thread."""

    def __init__(self, caller: Caller, address: Address, operator: str) -> None:
        """Ask this peer; where it is, ``settle_at`` says."""
        self.address = address
        self.operator = operator
        self.url = ""
        self.heard_monotonic = 0.0
        self._caller = caller
        self._carrier: Carrier | None = None
        self._session = NO_SESSION

    @property
    def session(self) -> bytes:
        """The peer's running process, as far as known; another one has another pool."""
        return self._session

    def settle_at(self, url: str, carrier: Carrier | None = None) -> None:
        """The peer is reached there from now on."""
        if url != self.url:
            old, self._carrier, self.url = self._carrier, carrier or HttpPeer(url), url
            if old is not None:
                old.close()

    def ask(self, verb: str, payload: bytes, *, seconds: float) -> bytes:
        """Ask and return the proven answer's payload.

        Raises:
            PeerAwayError: No URL yet, or no answer in time.
            PeerRefusedError: Refused; ``word`` says why.
        """
        until = time.monotonic() + seconds
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._answer(verb, payload, seconds=max(until - time.monotonic(), 0.05))
            except PeerAwayError:
                if attempt == _ATTEMPTS or time.monotonic() > until - seconds / 2:
                    raise
                continue  # a kept connection that the peer has closed meanwhile
            self.heard_monotonic = time.monotonic()
            if answer.word != "session":
                break
            self._session = answer.payload
        if answer.word:
            raise PeerRefusedError(answer.word, answer.en, answer.zh)
        return answer.payload

    def close(self) -> None:
        """Drop connections."""
        if self._carrier is not None:
            self._carrier.close()

    def _answer(self, verb: str, payload: bytes, *, seconds: float) -> Answer:
        path = PEER_PATH + verb
        request = self._caller.signed(path, payload, receiver=self.address, session=self._session)
        if self._carrier is None:
            raise peer_away(self.operator, "its URL is not known yet")
        encoded = self._carrier.post(path, request.encode(), seconds=seconds)
        answer = Answer.decode(encoded, request.digest(path, self._caller.genesis_hash))
        if answer.sender != self.address:
            raise peer_refused(
                "signature", f"{self.url} is not {self.operator}", f"{self.url} 不是 {self.operator}"
            )
        return answer


def who_answers(caller: Caller, url: str, *, seconds: float) -> Address:
    """The address of the node at a URL, proven by its signature.

    Raises:
        PeerAwayError: Nobody answers.
        PeerRefusedError: It does not know us, or is no node of this chain.
    """
    path = PEER_PATH + "hello"
    request = caller.signed(path, b"", receiver=ANYBODY, session=NO_SESSION)
    carrier = HttpPeer(url)
    try:
        encoded = carrier.post(path, request.encode(), seconds=seconds)
    finally:
        carrier.close()
    return Answer.decode(encoded, request.digest(path, caller.genesis_hash)).sender
