"""Besu QBFT's ``extraData``: vanity, validators, vote, round, seals; five items, canonical.

Besu itself ignores a sixth item and hashes five; we refuse it, so that one header has
one encoding. The round is a minimal scalar. The vote is the empty list or
``[address, flag]`` with flag ``ff`` (add) or empty (drop).
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import ExtraDataError, NonCanonicalRlpError
from contracts_chain.ledger.rlp_strict import RlpItem
from kernel.sized_bytes import Address

__all__ = ["QbftExtra", "encode_extra", "parse_extra"]

_GREATEST_ROUND = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QbftExtra:
    """The five items.

    Attributes:
        vanity: 32 bytes, never compared.
        validators: As listed; empty in contract mode.
        vote: Address and whether to add it, or none.
        round_number: Round in which the block was committed.
        seals: 65 bytes each (r ‖ s ‖ v), in arrival order.
    """

    vanity: bytes
    validators: tuple[Address, ...]
    vote: tuple[Address, bool] | None
    round_number: int
    seals: tuple[bytes, ...]

    def without_seals(self, *, round_number: int) -> bytes:
        """RLP with an empty seal list and the given round: what hash and digest take."""
        return encode_extra(
            vanity=self.vanity,
            validators=self.validators,
            vote=self.vote,
            round_number=round_number,
            seals=(),
        )


def encode_extra(
    *,
    vanity: bytes,
    validators: tuple[Address, ...],
    vote: tuple[Address, bool] | None,
    round_number: int,
    seals: tuple[bytes, ...],
) -> bytes:
    """Write the canonical bytes."""
    ballot: RlpItem = () if vote is None else (vote[0], b"\xff" if vote[1] else b"")
    return rlp_strict.encode((vanity, validators, ballot, rlp_strict.minimal(round_number), seals))


def parse_extra(content: bytes) -> QbftExtra:
    """Read the five items.

    Raises:
        ExtraDataError: Anything but the canonical form.
    """
    try:
        item = rlp_strict.decode(content)
    except NonCanonicalRlpError as problem:
        raise _refused("canonical RLP", problem.actual) from problem
    if isinstance(item, bytes) or len(item) != 5:
        raise _refused("five items", "a string" if isinstance(item, bytes) else f"{len(item)} items")
    vanity, validators, vote, round_item, seals = item
    if not isinstance(vanity, bytes) or len(vanity) != 32:
        raise _refused("32 bytes of vanity", "another vanity")
    return QbftExtra(
        vanity=vanity,
        validators=tuple(Address(one) for one in _strings(validators, 20, "validators")),
        vote=_vote(vote),
        round_number=_round(round_item),
        seals=_strings(seals, 65, "seals"),
    )


def _strings(item: RlpItem, length: int, name: str) -> tuple[bytes, ...]:
    if isinstance(item, bytes):
        raise _refused(f"a list of {name}", "a string")
    found = tuple(one for one in item if isinstance(one, bytes) and len(one) == length)
    if len(found) != len(item):
        raise _refused(f"{name} of {length} bytes", "another length")
    return found


def _vote(item: RlpItem) -> tuple[Address, bool] | None:
    if item == ():
        return None
    if isinstance(item, bytes) or len(item) != 2:
        raise _refused("no vote or [address, flag]", "another vote")
    address, flag = item
    if not isinstance(address, bytes) or len(address) != 20 or flag not in {b"\xff", b""}:
        raise _refused("no vote or [address, flag]", "another vote")
    return Address(address), flag == b"\xff"


def _round(item: RlpItem) -> int:
    if not isinstance(item, bytes) or item[:1] == b"\x00" or int.from_bytes(item) > _GREATEST_ROUND:
        raise _refused("a minimal round number", "another form")
    return int.from_bytes(item)


def _refused(expected: str, actual: str) -> ExtraDataError:
    return ExtraDataError(
        "extraData is not Besu QBFT's; the block cannot be trusted",
        "extraData 不符合 Besu QBFT 格式，该区块不可信",
        expected=expected,
        actual=actual,
    )
