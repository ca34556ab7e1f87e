"""The first block: agreed once by all operators, the same bytes ever after.

Decides chain id, first validators, proposer, gas limit and start time, all from ``genesis.json``.
The genesis header is a pure function of that file. There are no funded accounts: the
base fee is 0 and gas costs nothing (Besu ``zeroBaseFee``, reference chain.md §6.11).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from eth_typing import BlockNumber, Hash32

from devnet.errors import BrokenGenesisError, ForeignChainError, foreign_chain
from devnet.header import MIX_HASH, VANITY, ExtraData, QbftHeader
from devnet.vm import NO_NONCE
from kernel.atomic_file import write_atomically
from kernel.canonical_json import JsonObject, canonical_bytes, parse_json
from kernel.clock import parse_utc, utc_text
from kernel.sized_bytes import Address

__all__ = ["Genesis", "agree_genesis", "load_genesis", "write_genesis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """What all parties agreed before the first block.

    Attributes:
        chain_id: Bound into every transaction.
        start_utc: Timestamp of block 0.
        gas_limit: Constant limit of every block.
        members: (address, operator), ascending by address.
        proposer: Operator who proposes every block; one of the members.
    """

    chain_id: int
    start_utc: datetime
    gas_limit: int
    members: tuple[tuple[Address, str], ...]
    proposer: str

    @property
    def proposer_address(self) -> Address:
        """The proposer's address."""
        return next(address for address, operator in self.members if operator == self.proposer)

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
            "proposer": self.proposer,
        }


def agree_genesis(
    members: Iterable[tuple[Address, str]],
    *,
    proposer: str,
    chain_id: int,
    gas_limit: int,
    start_utc: datetime,
) -> Genesis:
    """The genesis of a new chain.

    Args:
        members: (address, operator) of every first validator, in any order.
        proposer: The operator who proposes.
        chain_id: Bound into every transaction.
        gas_limit: Constant limit of every block.
        start_utc: Timestamp of block 0; cut to whole seconds.

    Raises:
        BrokenGenesisError: No member, an address or operator twice, or a foreign proposer.
    """
    start = datetime.fromtimestamp(int(start_utc.timestamp()), UTC)
    try:
        return _checked(
            Genesis(
                chain_id=chain_id,
                start_utc=start,
                gas_limit=gas_limit,
                members=tuple(sorted(members)),
                proposer=proposer,
            )
        )
    except ValueError as problem:
        raise BrokenGenesisError(
            f"no chain can begin like this: {problem}; give each operator one address of its own",
            "无法以此创建链：每个运营方应各有一个不同的地址，且出块人须为其中之一；请改正",
        ) from problem


def write_genesis(path: Path, genesis: Genesis) -> None:
    """Write ``genesis.json``.

    Raises:
        DiskFullError: No space left.
        UnwritableError: The directory cannot be written.
    """
    write_atomically(path, canonical_bytes(genesis.as_json()) + b"\n")


def load_genesis(path: Path, *, chain_id: int) -> Genesis:
    """Read a genesis file.

    Raises:
        ForeignChainError: Unreadable, or of another chain id.
    """
    directory = path.parent
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
            "proposer": str(proposer),
        }:
            members = tuple(
                sorted((Address.from_hex(item["address"]), str(item["operator"])) for item in listed)
            )
            return _checked(
                Genesis(
                    chain_id=chain_id,
                    start_utc=parse_utc(start),
                    gas_limit=gas_limit,
                    members=members,
                    proposer=proposer,
                )
            )
        case _:
            raise ValueError("genesis.json lacks chain_id, start_utc, gas_limit, validators or proposer")


def _checked(genesis: Genesis) -> Genesis:
    operators = [operator for _, operator in genesis.members]
    if len(set(genesis.validators)) != len(operators) or len(set(operators)) != len(operators):
        raise ValueError("an address or an operator stands twice")
    if genesis.proposer not in operators:
        raise ValueError(f"the proposer {genesis.proposer} is not a validator")
    return genesis


def _foreign(directory: Path, en: str, zh: str) -> ForeignChainError:
    return foreign_chain(directory, en=en, zh=zh)
