"""The first block: written down once per directory, the same bytes ever after.

Decides chain id, first validators, gas limit and start time, all from ``genesis.json``.
The genesis header is a pure function of that file. There are no funded accounts: the
base fee is 0 and gas costs nothing (Besu ``zeroBaseFee``, reference chain.md §6.11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from eth_typing import BlockNumber, Hash32

from devnet.errors import ForeignChainError, foreign_chain
from devnet.header import MIX_HASH, VANITY, ExtraData, QbftHeader
from devnet.keys import ValidatorKey
from devnet.vm import NO_NONCE
from kernel.atomic_file import write_atomically
from kernel.canonical_json import JsonObject, canonical_bytes, parse_json
from kernel.clock import parse_utc, utc_text
from kernel.sized_bytes import Address

__all__ = ["Genesis", "load_genesis", "write_genesis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """What all parties agreed before the first block.

    Attributes:
        chain_id: Bound into every transaction.
        start_utc: Timestamp of block 0.
        gas_limit: Constant limit of every block.
        members: (address, operator), ascending by address.
    """

    chain_id: int
    start_utc: datetime
    gas_limit: int
    members: tuple[tuple[Address, str], ...]

    @property
    def validators(self) -> tuple[Address, ...]:
        """The set, ascending."""
        return tuple(address for address, _ in self.members)

    def header(self) -> QbftHeader:
        """Block 0."""
        extra = ExtraData(vanity=VANITY, validators=self.validators, vote=(), round=0, seals=())
        return QbftHeader(
            difficulty=1,
            block_number=BlockNumber(0),
            gas_limit=self.gas_limit,
            timestamp=int(self.start_utc.timestamp()),
            extra_data=extra.encode(),
            mix_hash=Hash32(MIX_HASH),
            nonce=NO_NONCE,
        )

    def as_json(self) -> JsonObject:
        """The content of ``genesis.json``."""
        return {
            "chain_id": self.chain_id,
            "start_utc": utc_text(self.start_utc),
            "gas_limit": self.gas_limit,
            "validators": [{"address": address.hex0x(), "operator": name} for address, name in self.members],
        }


def write_genesis(
    directory: Path, *, chain_id: int, gas_limit: int, start_utc: datetime, keys: Sequence[ValidatorKey]
) -> Genesis:
    """Write ``genesis.json`` for these validators and return it.

    Raises:
        DiskFullError: No space left.
        UnwritableError: The directory cannot be written.
    """
    members = tuple(sorted((key.address, key.operator) for key in keys))
    start = datetime.fromtimestamp(int(start_utc.timestamp()), UTC)
    genesis = Genesis(chain_id=chain_id, start_utc=start, gas_limit=gas_limit, members=members)
    write_atomically(directory / "genesis.json", canonical_bytes(genesis.as_json()) + b"\n")
    return genesis


def load_genesis(directory: Path, *, chain_id: int) -> Genesis | None:
    """Read ``genesis.json``; ``None`` when the directory has none yet.

    Raises:
        ForeignChainError: Unreadable, or of another chain id.
    """
    path = directory / "genesis.json"
    if not path.exists():
        return None
    try:
        genesis = _parsed(parse_json(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise _foreign(directory, "genesis.json is not readable", "genesis.json 无法读取") from problem
    if genesis.chain_id != chain_id:
        raise _foreign(
            directory,
            f"genesis.json names chain id {genesis.chain_id}, this software runs {chain_id}",
            f"genesis.json 的链号为 {genesis.chain_id}，本软件运行的是 {chain_id}",
        )
    return genesis


def _parsed(content: object) -> Genesis:
    match content:
        case {
            "chain_id": int(chain_id),
            "start_utc": str(start),
            "gas_limit": int(gas_limit),
            "validators": [*listed],
        } if listed:
            members = tuple(
                sorted((Address.from_hex(item["address"]), str(item["operator"])) for item in listed)
            )
            return Genesis(
                chain_id=chain_id, start_utc=parse_utc(start), gas_limit=gas_limit, members=members
            )
        case _:
            raise ValueError("genesis.json lacks chain_id, start_utc, gas_limit or validators")


def _foreign(directory: Path, en: str, zh: str) -> ForeignChainError:
    return foreign_chain(directory, en=en, zh=zh)
