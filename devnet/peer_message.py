"""What nodes say to one another: signed requests, signed answers, nothing else believed.

Decides that a message counts only for the chain, the receiver, the path and the running
process it was signed for. A request's digest is keccak of a 32-byte text, genesis hash,
sender, receiver, the receiver's session, the sender's instance, a counter, and keccak of
path and payload; an answer's covers the request's digest. Both texts begin with a letter,
where an RLP header begins with a byte above 0xf7: no message is ever a commit seal.

Replays are bounded without any clock, so that a wrong clock stops nobody: a receiver
draws a random session when it starts and takes each (sender, instance, counter) once in
it. A request for another session is answered with the right one, and sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import rlp
from coincurve import PrivateKey
from eth_hash.auto import keccak
from rlp.exceptions import RLPException

from devnet.errors import PeerRefusedError, SealsRefutedError
from devnet.keys import ValidatorKey
from devnet.seals import recover_sealer, seal_digest
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["ANYBODY", "NO_SESSION", "Answer", "Request", "peer_refused"]

ANYBODY = Address(bytes(20))
NO_SESSION = bytes(8)
_REQUEST = b"contracts-chain devnet request 1".ljust(32, b"\x00")
_ANSWER = b"contracts-chain devnet answer v1".ljust(32, b"\x00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One signed question.

    Attributes:
        sender: Address the signature must recover to.
        receiver: Whom it is for; ``ANYBODY`` only to learn who answers at a URL.
        session: The receiver's, 8 bytes; ``NO_SESSION`` when not known yet.
        instance: The sender's process, 8 random bytes.
        counter: Grows with every request of the instance.
        payload: RLP, by path.
        signature: 65 bytes r‖s‖v.
    """

    sender: Address
    receiver: Address
    session: bytes
    instance: bytes
    counter: int
    payload: bytes
    signature: bytes = b""

    def signed(self, path: str, *, genesis_hash: BlockHash, key: PrivateKey) -> Self:
        """The same with the sender's signature for this path."""
        return type(self)(
            sender=self.sender,
            receiver=self.receiver,
            session=self.session,
            instance=self.instance,
            counter=self.counter,
            payload=self.payload,
            signature=seal_digest(self.digest(path, genesis_hash), key),
        )

    def digest(self, path: str, genesis_hash: BlockHash) -> Bytes32:
        """What the sender signs."""
        contents = keccak(keccak(path.encode()) + keccak(self.payload))
        whom = self.sender + self.receiver + self.session + self.instance
        return Bytes32(keccak(_REQUEST + genesis_hash + whom + self.counter.to_bytes(8) + contents))

    def verify(self, path: str, genesis_hash: BlockHash) -> None:
        """Prove that the sender signed it for this chain and path.

        Raises:
            PeerRefusedError: It did not, or the chain or path is another one.
        """
        _verify(self.signature, self.digest(path, genesis_hash), self.sender)

    def encode(self) -> bytes:
        """RLP of the seven items."""
        items = [self.sender, self.receiver, self.session, self.instance, self.counter]
        return bytes(rlp.encode([*items, self.payload, self.signature]))

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read what ``encode`` wrote.

        Raises:
            PeerRefusedError: Other bytes.
        """
        try:
            items = (_text(item) for item in rlp.decode(encoded))
            sender, receiver, session, instance, counter, payload, signature = items
            request = cls(
                sender=Address(sender),
                receiver=Address(receiver),
                session=session,
                instance=instance,
                counter=int.from_bytes(counter),
                payload=payload,
                signature=signature,
            )
            well_formed = len(session) == len(instance) == 8 and len(counter) <= 8
        except (RLPException, ValueError, TypeError, RecursionError) as problem:
            raise peer_refused("malformed", "it cannot be decoded", "无法解码") from problem
        if not well_formed:
            raise peer_refused("malformed", "a field has a wrong length", "字段长度有误")
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One signed answer: a payload, or the word and sentences of a refusal.

    Attributes:
        sender: Who answers.
        word: Empty when granted; else one stable word.
        payload: RLP by path when granted; after a refusal "session", the right session.
    """

    sender: Address
    payload: bytes
    word: str = ""
    en: str = ""
    zh: str = ""

    def encode(self, request: Bytes32, key: ValidatorKey) -> bytes:
        """RLP with the answerer's signature over it and the request's digest."""
        items = [self.sender, self.word.encode(), self.en.encode(), self.zh.encode(), self.payload]
        return bytes(rlp.encode([*items, seal_digest(_answer_digest(request, items), key.secret)]))

    @classmethod
    def decode(cls, encoded: bytes, request: Bytes32) -> Self:
        """Read and prove an answer to this request; the caller compares the sender.

        Raises:
            PeerRefusedError: Malformed, or signed by another than it says.
        """
        try:
            *items, signature = (_text(item) for item in rlp.decode(encoded))
            sender, word, en, zh, payload = items
            answer = cls(
                sender=Address(sender), word=word.decode(), en=en.decode(), zh=zh.decode(), payload=payload
            )
        except (RLPException, ValueError, TypeError, RecursionError) as problem:
            raise peer_refused("malformed", "the answer cannot be decoded", "应答无法解码") from problem
        _verify(signature, _answer_digest(request, items), answer.sender)
        return answer


def peer_refused(word: str, en: str, zh: str) -> PeerRefusedError:
    """A refusal between nodes, with what the operator can do."""
    return PeerRefusedError(
        word,
        f"refused ({word}): {en}; check genesis.json, nodes.json and --peers of both nodes",
        f"节点间请求被拒绝（{word}）：{zh}；请核对双方的 genesis.json、nodes.json 与 --peers",
    )


def _text(item: object) -> bytes:
    if not isinstance(item, bytes):
        raise TypeError("a list where bytes are due")
    return item


def _answer_digest(request: Bytes32, items: list[bytes]) -> Bytes32:
    return Bytes32(keccak(_ANSWER + request + keccak(rlp.encode(items))))


def _verify(signature: bytes, digest: Bytes32, sender: Address) -> None:
    try:
        signer = recover_sealer(digest, signature)
    except SealsRefutedError as problem:
        raise peer_refused("signature", "the signature is none", "签名无效") from problem
    if signer != sender:
        raise peer_refused(
            "signature",
            "not signed by its sender for this chain, path and receiver",
            "签名与发送方、链、路径或接收方不符",
        )
