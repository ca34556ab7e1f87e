"""What a node does for its peers: greet, seal, take and give blocks, take transactions and ballots.

Decides who may ask for what: only the proposer for a seal; every node for the rest. All
payloads are RLP:

    hello         [URL, head number] -> [head number, unix time]
    propose       devnet.proposal encoding -> 65-byte seal
    sealed        sealed header -> nothing
    blocks        [first, most] -> [[sealed header, [transaction…]]…], ascending
    transactions  [raw…] -> [[empty or refusal in English, in Chinese]…], in order
    ballot        devnet.ballot encoding -> nothing
"""

from __future__ import annotations

from collections.abc import Callable

import rlp
from rlp.exceptions import RLPException

from devnet.ballot import Ballot
from devnet.chain_head import ChainHead
from devnet.errors import PeerRefusedError, ProposalRefusedError, TransactionRefusedError
from devnet.header import QbftHeader
from devnet.peer_desk import Verb
from devnet.peer_message import peer_refused
from devnet.peers import Peers
from devnet.pool import Pool
from devnet.proposal import Proposal
from devnet.validator import Validator
from kernel.clock import Clock
from kernel.sized_bytes import Address

__all__ = ["PeerVerbs"]

MOST_BLOCKS = 64
_MOST_ANSWER_BYTES = 4 * 1024 * 1024
_KNOWN = "already known"


class PeerVerbs:
    """The verbs over one node's parts."""

    def __init__(
        self,
        head: ChainHead,
        validator: Validator,
        peers: Peers,
        pool: Pool,
        *,
        clock: Clock,
        wake: Callable[[], None],
        behind: Callable[[], None],
        take_ballot: Callable[[Ballot], None],
    ) -> None:
        """Serve with these parts.

        Args:
            head: The chain and where it grows.
            validator: Seals, and takes what it sealed.
            peers: Where a greeting's URL is noted.
            pool: Takes forwarded transactions.
            clock: This node's word about the time, for the greeting.
            wake: Called when the pool has taken one.
            behind: Called when blocks are missing here.
            take_ballot: Takes ballots, or raises BallotRefusedError.
        """
        self._head = head
        self._chain = head.chain
        self._validator = validator
        self._peers = peers
        self._pool = pool
        self._clock = clock
        self._wake = wake
        self._behind = behind
        self._take_ballot = take_ballot

    def table(self) -> dict[str, Verb]:
        """Verb to what it does."""
        return {
            "hello": self._hello,
            "propose": self._propose,
            "sealed": self._sealed,
            "blocks": self._blocks,
            "transactions": self._transactions,
            "ballot": self._ballot,
        }

    def _hello(self, sender: Address, payload: bytes) -> bytes:
        url, number = _items(payload, 2)
        self._peers.settle(sender, url.decode("ascii", "replace"))
        head = self._chain.head().block_number
        if int.from_bytes(number) > head:
            self._behind()
        return bytes(rlp.encode([head, int(self._clock.now().timestamp())]))

    def _propose(self, sender: Address, payload: bytes) -> bytes:
        if sender != self._chain.genesis.proposer_address:
            raise peer_refused("proposer", "only the proposer proposes", "只有出块人可以提案")
        proposal = Proposal.decode(payload)
        try:
            return self._validator.seal(proposal)
        except PeerRefusedError as refusal:
            if refusal.word == "behind":
                self._behind()
            raise
        except ProposalRefusedError as refusal:
            if self._validator.sealed_at(proposal.number()):
                raise peer_refused("sealed", refusal.en, refusal.zh) from refusal
            raise

    def _sealed(self, _: Address, payload: bytes) -> bytes:
        try:
            header: QbftHeader = rlp.decode(payload, sedes=QbftHeader)
        except RLPException as problem:
            raise peer_refused("malformed", "it is no header", "不是区块头") from problem
        if header.block_number > self._chain.head().block_number:
            try:
                self._validator.accept(header)
            except PeerRefusedError:
                self._behind()
                raise
        return b""

    def _blocks(self, _: Address, payload: bytes) -> bytes:
        first, most = (int.from_bytes(item) for item in _items(payload, 2))
        given: list[list[object]] = []
        size = 0
        for number in range(first, first + min(most, MOST_BLOCKS)):
            header = self._chain.find_header(number)
            if header is None or size > _MOST_ANSWER_BYTES:
                break
            transactions = list(self._chain.body(number).transactions)
            given.append([rlp.encode(header), transactions])
            size += sum(len(item) for item in transactions) + len(header.extra_data) + 600
        return bytes(rlp.encode(given))

    def _transactions(self, _: Address, payload: bytes) -> bytes:
        results = [self._pooled(raw) for raw in _items(payload)]
        self._wake()
        return bytes(rlp.encode([[en.encode(), zh.encode()] for en, zh in results]))

    def _pooled(self, raw: bytes) -> tuple[str, str]:
        try:
            self._pool.add(raw)
        except TransactionRefusedError as refusal:
            return ("", "") if refusal.en == _KNOWN else (refusal.en, refusal.zh)
        return "", ""

    def _ballot(self, _: Address, payload: bytes) -> bytes:
        self._take_ballot(Ballot.decode(payload))
        self._wake()
        return b""


def _items(payload: bytes, count: int | None = None) -> list[bytes]:
    try:
        items = rlp.decode(payload)
    except RLPException as problem:
        raise peer_refused("malformed", "the payload is no RLP", "请求内容不是 RLP") from problem
    flat = isinstance(items, list) and all(isinstance(item, bytes) for item in items)
    if not flat or count not in {None, len(items)}:
        raise peer_refused("malformed", "the payload has another shape", "请求内容结构有误")
    return items  # type: ignore[no-any-return]
