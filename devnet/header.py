"""The block header in Besu's QBFT layout: one hash for every round and set of seals.

Decides the bytes that are hashed and the bytes that validators sign. Must never
accept a second encoding of the same header: extraData has exactly five items and
re-encodes to itself, where Besu would ignore a sixth.

Clauses: Besu QBFT extraData codec as recorded in reference chain.md §6.1–6.3.
Invariants: block hash = keccak(header, round 0, no seals); commit digest = keccak(header,
real round, no seals); both equal at round 0; the genesis hash is taken as is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, cast

import rlp
from eth.vm.forks.cancun.blocks import CancunBlockHeader
from eth_hash.auto import keccak
from eth_typing import Hash32
from rlp.exceptions import RLPException

from devnet.errors import BrokenHeaderError
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["EXTRA_DATA_INDEX", "MIX_HASH", "VANITY", "ExtraData", "QbftHeader", "hash_header_fields"]

MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
VANITY = b"contracts-chain devnet".rjust(32, b"\x00")
EXTRA_DATA_INDEX = 12
_VOTE_FLAGS = (b"\xff", b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraData:
    """The five items of extraData.

    Attributes:
        vanity: 32 bytes, never compared.
        validators: The set valid for this block, ascending by address.
        vote: Empty, or (candidate address, ``ff`` to add or nothing to drop).
        round: Round in which the block was agreed, from 0.
        seals: 65-byte r‖s‖v each, v 0 or 1, in order of arrival.
    """

    vanity: bytes
    validators: tuple[Address, ...]
    vote: tuple[bytes, ...]
    round: int
    seals: tuple[bytes, ...]

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read extraData, canonical form only.

        Raises:
            BrokenHeaderError: Not five items, a wrong length, or bytes that encode otherwise.
        """
        try:
            vanity, validators, vote, round_, seals = rlp.decode(encoded)
            decoded = cls(
                vanity=vanity,
                validators=tuple(Address(item) for item in validators),
                vote=tuple(vote),
                round=int.from_bytes(round_),
                seals=tuple(seals),
            )
            well_formed = decoded.encode() == encoded and decoded._lengths_are_right()
        except (RLPException, ValueError, TypeError) as problem:
            raise _broken("extraData is not the RLP of five items") from problem
        if not well_formed:
            raise _broken("extraData is not in canonical form")
        return decoded

    def encode(self) -> bytes:
        """RLP of the five items; the round as a minimal big-endian scalar."""
        items = [self.vanity, list(self.validators), list(self.vote), _minimal(self.round), list(self.seals)]
        return bytes(rlp.encode(items))

    def bare(self, *, round_: int) -> Self:
        """The same without seals, at the given round: what is hashed."""
        return replace(self, round=round_, seals=())

    def with_seals(self, seals: tuple[bytes, ...]) -> Self:
        """The same carrying these seals."""
        return replace(self, seals=seals)

    def _lengths_are_right(self) -> bool:
        vote_ok = not self.vote or (
            len(self.vote) == 2 and len(self.vote[0]) == 20 and self.vote[1] in _VOTE_FLAGS
        )
        return len(self.vanity) == 32 and vote_ok and all(len(seal) == 65 for seal in self.seals)


def hash_header_fields(fields: list[bytes], *, round_: int | None) -> bytes:
    """Hash header items with seals removed.

    Args:
        fields: The header's RLP items, 15 or more, extraData at index 12.
        round_: 0 for the block hash; ``None`` keeps the real round (commit digest).

    Raises:
        BrokenHeaderError: extraData is not canonical.
    """
    extra = ExtraData.decode(fields[EXTRA_DATA_INDEX])
    bare = extra.bare(round_=extra.round if round_ is None else round_)
    changed = [*fields[:EXTRA_DATA_INDEX], bare.encode(), *fields[EXTRA_DATA_INDEX + 1 :]]
    return bytes(keccak(rlp.encode(changed)))


class QbftHeader(CancunBlockHeader):
    """A Cancun header hashed and signed by Besu's rule."""

    _hash: bytes | None = None

    @property
    def hash(self) -> Hash32:
        """Block hash: independent of the round and of the seals; the genesis hash as is.

        Plain bytes: py-evm builds database keys from its ``repr``.
        """
        if self._hash is None:
            encoded = rlp.encode(self)
            plain = self.block_number == 0
            self._hash = keccak(encoded) if plain else hash_header_fields(rlp.decode(encoded), round_=0)
        return Hash32(self._hash)

    @property
    def block_hash(self) -> BlockHash:
        """The block hash in its own type."""
        return BlockHash(self.hash)

    @property
    def commit_digest(self) -> Bytes32:
        """The 32 bytes that validators sign: the real round, no seals."""
        return Bytes32(hash_header_fields(rlp.decode(rlp.encode(self)), round_=None))

    @property
    def extra(self) -> ExtraData:
        """ExtraData taken apart.

        Raises:
            BrokenHeaderError: It is not canonical.
        """
        return ExtraData.decode(self.extra_data)

    def sealed(self, seals: tuple[bytes, ...]) -> Self:
        """The same header carrying these seals; its hash does not change."""
        sealed = self.copy(extra_data=self.extra.with_seals(seals).encode())
        return cast("Self", sealed)


def _minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _broken(en: str) -> BrokenHeaderError:
    return BrokenHeaderError(
        f"{en}; ask the sender for the exact header bytes",
        f"区块头不合 QBFT 编码规则（{en}）；请向提供者索取原始区块头字节",
    )
