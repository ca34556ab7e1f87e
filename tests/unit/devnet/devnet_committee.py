"""Four operators' nodes in one process: everything real but the wire and the clock."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devnet_trade import NOON

from devnet.errors import PeerAwayError, PeerRefusedError
from devnet.genesis import agree_genesis, write_genesis
from devnet.keys import OPERATORS, draw_key
from devnet.node import Node, NodeSettings, open_node
from devnet.node_parts import NodeParts
from devnet.peer_desk import PeerDesk
from devnet.peers import Peers
from devnet.producer import Produced
from devnet.seal_round import Gathered
from devnet.seals import address_of
from devnet.vm import CHAIN_ID, GAS_LIMIT
from kernel.clock import FixedClock
from kernel.sized_bytes import Address, Bytes32


@dataclass(eq=False)
class Wire:
    """Carries requests to one desk; cut it, and nobody answers."""

    desk: PeerDesk
    whole: bool = True
    carried: list[tuple[str, bytes]] = field(default_factory=list)

    def post(self, path: str, content: bytes, *, seconds: float) -> bytes:
        if not self.whole:
            raise PeerAwayError("cut", "已断开")
        self.carried.append((path, content))
        return self.desk.answer(path, content)

    def close(self) -> None:
        pass


class InTurn:
    """Colleagues asked one after the other on the caller's thread, so that tests are in step."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def gather(
        self, proposal: bytes, digest: Bytes32, *, asked: Collection[Address], enough: int, seconds: float
    ) -> Gathered:
        seals: dict[Address, bytes] = {}
        refusals: dict[Address, PeerRefusedError] = {}
        for link in self._peers.links():
            if link.address in asked and len(seals) < enough:
                try:
                    seals[link.address] = link.ask("propose", proposal, seconds=seconds)
                except PeerRefusedError as refusal:
                    refusals[link.address] = refusal
                except PeerAwayError:
                    continue
        return Gathered(seals=seals, refusals=refusals)

    def announce(self, sealed: bytes) -> None:
        for link in self._peers.links():
            with contextlib.suppress(PeerAwayError, PeerRefusedError):
                link.ask("sealed", sealed, seconds=1.0)


class Committee:
    """The operators of one chain; ``nodes`` and ``parts`` by operator, ``wires`` by who is reached."""

    def __init__(self, directory: Path, clock: FixedClock, operators: Sequence[str] = OPERATORS[:4]) -> None:
        self.directory = directory
        self.clock = clock
        self.operators = tuple(operators)
        self.wires: dict[str, Wire] = {}
        self.nodes: dict[str, Node] = {}
        self.parts: dict[str, NodeParts] = {}
        self._opened = contextlib.ExitStack()
        if not (directory / "genesis.json").exists():
            self._begin()

    @property
    def proposer(self) -> Node:
        return self.nodes[self.operators[0]]

    def open(self) -> Node:
        """Open every directory, as after a start; whatever was open is closed first."""
        self.close()
        for operator in self.operators:
            self.open_one(operator)
        return self.proposer

    def open_one(self, operator: str) -> Node:
        """Open one operator's directory and tie it to all others."""
        settings = NodeSettings(
            directory=self.directory / operator,
            operator=operator,
            genesis=self.directory / "genesis.json",
            map_mib=64,
        )
        node = self._opened.enter_context(contextlib.closing(open_node(settings, self.clock)))
        parts = NodeParts(node, self.clock, period=0, allowed=None, own_url="", peer_urls=(), may_vote=True)
        node.connect(InTurn(parts.peers))
        self.nodes[operator], self.parts[operator] = node, parts
        self.wires[operator] = Wire(parts.desk)
        for one, other in ((a, b) for a in self.nodes for b in self.nodes if a != b):
            self.tie(one, other)
        return node

    def tie(self, one: str, other: str) -> None:
        """Let one reach the other over the other's wire, if it knows it."""
        link = self.parts[one].peers.link(self.nodes[other].key.address)
        if link is not None:
            link.url = ""
            link.settle_at(f"memory:{other}", self.wires[other])

    def close(self) -> None:
        self._opened.close()
        self.nodes, self.parts, self.wires = {}, {}, {}

    def sleep(self, *operators: str) -> None:
        """Nobody reaches these any more."""
        for operator in operators:
            self.wires[operator].whole = False

    def wake(self, *operators: str) -> None:
        for operator in operators:
            self.wires[operator].whole = True

    def follow(self) -> None:
        """One round of greetings everywhere."""
        for parts in self.parts.values():
            parts.follower.look()

    def seal(self, *, second: int, **options: object) -> Produced:
        return self.proposer.producer.produce((), timestamp=int(NOON.timestamp()) + second, **options)  # type: ignore[arg-type]

    def _begin(self) -> None:
        members = [
            (address_of(draw_key(self.directory / operator).public_key), operator)
            for operator in self.operators
        ]
        genesis = agree_genesis(
            members,
            proposer=self.operators[0],
            chain_id=CHAIN_ID,
            gas_limit=GAS_LIMIT,
            start_utc=NOON,
        )
        write_genesis(self.directory / "genesis.json", genesis)
