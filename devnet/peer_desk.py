"""Where other nodes' requests arrive: proven first, then handed on, answered under signature.

Decides who is heard: signed for this chain, path, receiver and running process, by an
address in ``nodes.json``, once. A stranger gets a reason and changes nothing. What a
request asks for is the business of the verbs that are registered here.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping

from devnet.errors import PeerRefusedError
from devnet.keys import ValidatorKey
from devnet.nodes import NodeAllowlist
from devnet.peer_message import ANYBODY, Answer, Request, peer_refused
from kernel.errors import ContractsChainError, FaultError
from kernel.sized_bytes import Address, BlockHash

__all__ = ["PEER_PATH", "PeerDesk", "Verb"]

PEER_PATH = "/peer/"
_REMEMBERED = 4_096
Verb = Callable[[Address, bytes], bytes]


class PeerDesk:
    """Answers peers. Safe from any thread."""

    def __init__(
        self,
        key: ValidatorKey,
        *,
        genesis_hash: BlockHash,
        nodes: NodeAllowlist,
        verbs: Mapping[str, Verb],
    ) -> None:
        """Answer with this key.

        Args:
            key: This node's.
            genesis_hash: The chain that messages must be signed for.
            nodes: Who is heard.
            verbs: Last part of the path to what it does with (sender, payload); ``hello`` is
                also answered to senders who do not know this node's address yet.
        """
        self._key = key
        self._genesis_hash = genesis_hash
        self._nodes = nodes
        self._verbs = verbs
        self._session = secrets.token_bytes(8)
        self._seen = _Seen()

    def answer(self, path: str, content: bytes) -> bytes:
        """Answer one request.

        Args:
            path: The whole path of the request, ``/peer/`` and a verb.
            content: The encoded request.

        Raises:
            PeerRefusedError: Not proven to come from a node on the allowlist; nothing was done.
            FaultError: This node's store or disk fails.
        """
        request = Request.decode(content)
        request.verify(path, self._genesis_hash)
        if request.sender not in self._nodes.operators():
            raise peer_refused(
                "stranger", f"{request.sender.hex0x()} is not in nodes.json", "发送方不在 nodes.json 中"
            )
        digest = request.digest(path, self._genesis_hash)
        return self._answered(path, request).encode(digest, self._key)

    def _answered(self, path: str, request: Request) -> Answer:
        try:
            verb = self._admitted(path, request)
            payload = verb(request.sender, request.payload)
        except FaultError:
            raise
        except ContractsChainError as refusal:
            word = refusal.word if isinstance(refusal, PeerRefusedError) else refusal.code
            right_session = self._session if word == "session" else b""
            return Answer(
                sender=self._key.address, word=word, en=refusal.en, zh=refusal.zh, payload=right_session
            )
        return Answer(sender=self._key.address, payload=payload)

    def _admitted(self, path: str, request: Request) -> Verb:
        name = path.removeprefix(PEER_PATH)
        if name not in self._verbs:
            raise peer_refused("verb", f"there is no {name}", f"没有 {name} 这个请求")
        if request.receiver == ANYBODY and name == "hello":
            return lambda _, __: b""
        if request.receiver != self._key.address:
            raise peer_refused("receiver", "it is meant for another node", "该请求发给另一节点")
        if request.session != self._session:
            raise peer_refused(
                "session", "it is meant for another run of this node", "该请求发给本节点的另一次运行"
            )
        if not self._seen.is_first(request):
            raise peer_refused("replay", "it was heard before", "该请求已收到过")
        return self._verbs[name]


class _Seen:
    """Counters heard, by sender and its instance; those far behind the newest count as heard."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[tuple[Address, bytes], tuple[deque[int], set[int]]] = {}
        self._floor: dict[tuple[Address, bytes], int] = {}

    def is_first(self, request: Request) -> bool:
        whose = (request.sender, request.instance)
        with self._lock:
            order, known = self._heard.setdefault(whose, (deque(), set()))
            if request.counter in known or request.counter <= self._floor.get(whose, -1):
                return False
            order.append(request.counter)
            known.add(request.counter)
            if len(order) > _REMEMBERED:
                oldest = order.popleft()
                known.discard(oldest)
                self._floor[whose] = max(oldest, self._floor.get(whose, -1))
            return True
