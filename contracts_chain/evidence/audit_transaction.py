"""The anchoring transaction's own words: who sent it, and the consistency proof it carried.

Decides only what the bytes say. That the bytes are the block's is shown before, by
``transactionsRoot``. Signatures are EIP-1559's: keccak(0x02 ‖ RLP of the first nine fields).
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.evidence.audit_errors import NodeAnswerError
from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import LedgerRefutedError
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import anchor_call
from contracts_chain.ledger.seals import recover_sealer
from kernel.sized_bytes import Address, Bytes32, RootHash

__all__ = ["SentCall", "consistency_path", "read_call"]

_WORD = 32
_PATH_AT = 4 + 5 * _WORD
_MOST_PATH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCall:
    """A signed type-2 transaction.

    Attributes:
        sender: Recovered from the signature.
        to: Called contract; ``None`` for a deployment.
        payload: Calldata.
    """

    sender: Address
    to: Address | None
    payload: bytes


def read_call(transaction: bytes) -> SentCall | None:
    """Read a type-2 transaction; ``None`` for any other kind or shape."""
    if transaction[:1] != b"\x02":
        return None
    try:
        item = rlp_strict.decode(transaction[1:])
        fields = [] if isinstance(item, bytes) else list(item)
        if len(fields) != 12:
            return None
        digest = keccak256(b"\x02" + rlp_strict.encode(tuple(fields[:9])))
        words = [field for field in (fields[5], fields[7], *fields[9:]) if isinstance(field, bytes)]
        to, payload, v, r, s = words
        seal = r.rjust(_WORD, b"\x00") + s.rjust(_WORD, b"\x00") + (v or b"\x00")
        sender = recover_sealer(digest, seal)
    except (LedgerRefutedError, ValueError):
        return None
    return SentCall(sender=sender, to=Address(to) if to else None, payload=payload)


def consistency_path(call: SentCall | None, sequence: int, size: int, root: RootHash) -> tuple[Bytes32, ...]:
    """The path that ``anchor(sequence, size, root, path)`` was called with.

    Raises:
        NodeAnswerError: The call is not that one, e.g. because a contract stood between.
    """
    if call is not None and len(call.payload) % _WORD == 4 and len(call.payload) >= _PATH_AT:
        words = call.payload[_PATH_AT:]
        path = tuple(Bytes32(words[at : at + _WORD]) for at in range(0, len(words), _WORD))
        if len(path) <= _MOST_PATH and anchor_call(sequence, size, root, path) == call.payload:
            return path
    raise NodeAnswerError(
        f"the transaction of checkpoint {sequence} does not show its consistency proof",
        f"检查点 {sequence} 的交易未载明一致性证明",
    )
