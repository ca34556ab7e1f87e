"""A block header as bytes: its fields, its hash by Besu's rule and what validators signed.

Decides the shape only (15 to 21 fields, fixed sizes, canonical scalars). Fields beyond
``nonce`` belong to later forks: they are kept as opaque strings and re-encoded
unchanged. Rules confirmed on published Besu headers (``tests/vectors/besu-qbft``):

* block hash = keccak(RLP(header with extraData ``[vanity, validators, vote, 0, []]``));
* commit digest = the same with the real round. At round 0 the two are the same bytes;
* a header without QBFT's mixHash (anvil, a public chain), and the genesis, hash as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import HeaderShapeError
from contracts_chain.ledger.extra_data import QbftExtra, parse_extra
from contracts_chain.ledger.keccak import keccak256
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["QBFT_MIX_HASH", "BlockHeader", "parse_header"]

QBFT_MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")

_FIXED = {0: 32, 1: 32, 2: 20, 3: 32, 4: 32, 5: 32, 6: 256, 13: 32, 14: 8}
_SCALARS = (7, 8, 9, 10, 11)
_EXTRA = 12
_GREATEST_EXTRA = 65_535
_LATEST_TIME = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second datetime can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHeader:
    """A decoded header; every value is read from ``fields`` by its yellow-paper position.

    Attributes:
        fields: 15 to 21 byte strings in RLP order, exactly as decoded.
    """

    fields: tuple[bytes, ...]

    @property
    def ommers_hash(self) -> bytes:
        """Keccak of the RLP list of ommers."""
        return self.fields[1]

    @property
    def coinbase(self) -> Address:
        """Proposer of the block."""
        return Address(self.fields[2])

    @property
    def state_root(self) -> Bytes32:
        """Root of the account trie after the block."""
        return Bytes32(self.fields[3])

    @property
    def transactions_root(self) -> Bytes32:
        """Root of the transaction trie."""
        return Bytes32(self.fields[4])

    @property
    def receipts_root(self) -> Bytes32:
        """Root of the receipt trie."""
        return Bytes32(self.fields[5])

    @property
    def difficulty(self) -> int:
        """1 under QBFT."""
        return int.from_bytes(self.fields[7])

    @property
    def number(self) -> int:
        """Height."""
        return int.from_bytes(self.fields[8])

    @property
    def time_utc(self) -> datetime:
        """The validators' word on the time, whole seconds."""
        return datetime.fromtimestamp(int.from_bytes(self.fields[11]), UTC)

    @property
    def mix_hash(self) -> bytes:
        """Names the consensus."""
        return self.fields[13]

    @property
    def nonce(self) -> bytes:
        """Eight zero bytes under QBFT."""
        return self.fields[14]

    @property
    def is_qbft(self) -> bool:
        """Whether hash and seals follow Besu's QBFT rules."""
        return self.mix_hash == QBFT_MIX_HASH and self.number > 0

    def extra(self) -> QbftExtra:
        """Read ``extraData`` as QBFT's five items.

        Raises:
            ExtraDataError: It is anything else.
        """
        return parse_extra(self.fields[_EXTRA])

    def block_hash(self) -> BlockHash:
        """Hash by the rule of the header's consensus.

        Raises:
            ExtraDataError: A QBFT header with other than five canonical items.
        """
        if not self.is_qbft:
            return BlockHash(keccak256(self.encoded()))
        return BlockHash(self._hash_with(self.extra().without_seals(round_number=0)))

    def commit_digest(self) -> Bytes32:
        """What each validator of this round signed.

        Raises:
            ExtraDataError: Other than five canonical items.
        """
        extra = self.extra()
        return self._hash_with(extra.without_seals(round_number=extra.round_number))

    def encoded(self) -> bytes:
        """The exact bytes the header was read from."""
        return rlp_strict.encode(self.fields)

    def _hash_with(self, extra: bytes) -> Bytes32:
        changed = (*self.fields[:_EXTRA], extra, *self.fields[_EXTRA + 1 :])
        return keccak256(rlp_strict.encode(changed))


def parse_header(content: bytes) -> BlockHeader:
    """Read header bytes.

    Raises:
        NonCanonicalRlpError: Not canonical RLP, or bytes follow.
        HeaderShapeError: Number of fields, a field's size or a scalar's form is wrong.
    """
    item = rlp_strict.decode(content)
    if isinstance(item, bytes) or not 15 <= len(item) <= 21:
        raise _shape("15 to 21 fields", "a string" if isinstance(item, bytes) else f"{len(item)} fields")
    fields = tuple(field for field in item if isinstance(field, bytes))
    if len(fields) != len(item):
        raise _shape("byte strings only", "a list among the fields")
    _check_sizes(fields)
    return BlockHeader(fields=fields)


def _check_sizes(fields: tuple[bytes, ...]) -> None:
    for position, length in _FIXED.items():
        if len(fields[position]) != length:
            raise _shape(f"{length} bytes in field {position}", f"{len(fields[position])} bytes")
    for position in _SCALARS:
        value = fields[position]
        if len(value) > 8 or value[:1] == b"\x00":
            raise _shape(f"a minimal integer in field {position}", value.hex())
    if len(fields[_EXTRA]) > _GREATEST_EXTRA or any(len(tail) > 32 for tail in fields[15:]):
        raise _shape("fields within their limits", "an overlong field")
    if int.from_bytes(fields[11]) > _LATEST_TIME:
        raise _shape("a time before the year 10000", str(int.from_bytes(fields[11])))


def _shape(expected: str, actual: str) -> HeaderShapeError:
    return HeaderShapeError(
        "the block header has the wrong shape; do not rely on this file",
        "区块头结构不符，请勿采信该文件",
        expected=expected,
        actual=actual,
    )
