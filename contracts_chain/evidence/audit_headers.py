"""Follow sealed headers one by one, believing the trust bundle and seals alone.

Every header: height, parent hash, time, seals by the set in force (reference chain §6).
The set is the bundle's where it pins a closed range of blocks; an open range (``to_block``
null) names the set at its first block and whoever that set votes in afterwards. So a bundle
whose author wants no vote believed closes the range. Nothing in a header names the chain:
block 0 must be the bundle's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts_chain.evidence.audit_errors import (
    BlockTimeError,
    ForeignChainShownError,
    ForkError,
    HistoryReplacedError,
    NodeAnswerError,
    ParentLinkError,
)
from contracts_chain.evidence.audit_votes import Vote, VoteTally
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.chain_trust import ChainTrust
from contracts_chain.ledger.errors import ValidatorListError, ValidatorSetUnknownError
from contracts_chain.ledger.header import BlockHeader, parse_header
from contracts_chain.ledger.seals import recover_sealer, verify_seals
from kernel.clock import utc_text
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["HeaderFollower", "SealedHeader", "SetChange", "check_genesis", "header_fork"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedHeader:
    """A header that was followed, with its exact bytes and its hash."""

    header: BlockHeader
    content: bytes
    hash: BlockHash

    @classmethod
    def of(cls, content: bytes) -> SealedHeader:
        """Parse and hash; says nothing about seals."""
        header = parse_header(content)
        return cls(header=header, content=bytes(content), hash=header.block_hash())


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChange:
    """The validators in force from a block on, by their own vote."""

    from_block: int
    validators: tuple[Address, ...]


class HeaderFollower:
    """One pass over a chain's headers."""

    def __init__(
        self,
        trust: TrustBundle,
        *,
        first_block: int = 0,
        last: bytes | None = None,
        validators: tuple[Address, ...] = (),
        votes: tuple[Vote, ...] = (),
    ) -> None:
        """Begin at ``first_block``, or after ``last`` with the set and votes that stood then."""
        self._trust = trust
        self.first_block = first_block
        self.last = None if last is None else SealedHeader.of(last)
        self._tally = VoteTally(validators, votes) if validators else None
        self.set_changes: list[SetChange] = []

    @property
    def next_block(self) -> int:
        """Height of the header to take next."""
        return self.first_block if self.last is None else self.last.header.number + 1

    @property
    def validators(self) -> tuple[Address, ...]:
        """Who seals the next block; empty where headers list nobody."""
        return () if self._tally is None else self._tally.validators

    @property
    def votes(self) -> tuple[Vote, ...]:
        """Votes still standing."""
        return () if self._tally is None else self._tally.votes

    def take(self, content: bytes, *, at: datetime) -> SealedHeader:
        """Take the next header; ``at`` is the moment of the audit.

        Raises:
            ParentLinkError: It does not follow the last one.
            BlockTimeError: It is older than its parent, or from the future.
            ForeignChainShownError: Block 0 is not the bundle's.
            NodeAnswerError: The node showed another height than was asked for.
            ValidatorSetUnknownError: The bundle names no set for the height.
            LedgerRefutedError: Any refusal of the seals or of the header's form.
        """
        taken = SealedHeader.of(content)
        number = taken.header.number
        if number != self.next_block:
            raise NodeAnswerError(
                f"the node showed block {number} for block {self.next_block}",
                f"节点以第 {number} 号区块冒充第 {self.next_block} 号区块",
            )
        if number == 0:
            check_genesis(content, self._trust.chain)
        else:
            self._check_time(taken.header, at)
            self._check_follows(taken.header)
            self._check_sealed(taken.header)
        self.last = taken
        return taken

    def _check_time(self, header: BlockHeader, at: datetime) -> None:
        latest = at + self._trust.skew
        if header.time_utc > latest:
            raise BlockTimeError(
                f"block {header.number} claims a time that has not come",
                f"第 {header.number} 号区块的时间尚未到来",
                expected=f"not after {utc_text(latest)}",
                actual=utc_text(header.time_utc),
            )

    def _check_follows(self, header: BlockHeader) -> None:
        if self.last is None:
            return
        parent, before = Bytes32(header.fields[0]), self.last.header
        if parent != self.last.hash:
            raise ParentLinkError(
                f"block {header.number} does not follow block {before.number}",
                f"第 {header.number} 号区块未接续第 {before.number} 号区块",
                expected=self.last.hash.hex0x(),
                actual=parent.hex0x(),
            )
        if header.time_utc < before.time_utc:
            raise BlockTimeError(
                f"block {header.number} is older than its parent",
                f"第 {header.number} 号区块早于其父区块",
                expected=f"not before {utc_text(before.time_utc)}",
                actual=utc_text(header.time_utc),
            )

    def _check_sealed(self, header: BlockHeader) -> None:
        pinned = self._trust.chain.validators_at(header.number)
        if not pinned.listed:
            verify_seals(header, pinned.addresses, listed=False)
            self._tally = None
            return
        tally = self._tally
        if tally is None or header.number == pinned.from_block or pinned.to_block is not None:
            tally = VoteTally(pinned.addresses, () if tally is None else tally.votes)
        try:
            verify_seals(header, tally.validators)
        except ValidatorListError as problem:
            if self.first_block > pinned.from_block and pinned.to_block is None and not self.set_changes:
                raise _votes_unread(header.number, self.first_block, pinned.from_block) from problem
            raise
        if tally.count(header):
            self.set_changes.append(SetChange(from_block=header.number + 1, validators=tally.validators))
        self._tally = tally


def check_genesis(content: bytes, chain: ChainTrust) -> None:
    """Prove that block 0 is the bundle's.

    Raises:
        ForeignChainShownError: It is another one.
    """
    found = parse_header(content).block_hash()
    if found != chain.genesis_hash:
        raise ForeignChainShownError(
            "the node shows another chain: block 0",
            "节点展示的是另一条链：创世区块",
            expected=chain.genesis_hash.hex0x(),
            actual=found.hex0x(),
        )


def header_fork(known: SealedHeader, shown: SealedHeader) -> ForkError | HistoryReplacedError:
    """The alarm for two blocks where the chain has room for one.

    A fork where both carry seals of common validators; these sealed twice and are named.
    """
    en = f"block {shown.header.number} is not the block audited before (block {known.header.number})"
    zh = f"第 {shown.header.number} 号区块与此前审计的第 {known.header.number} 号区块不同"
    expected, actual = known.hash.hex0x(), shown.hash.hex0x()
    if not (known.header.is_qbft and shown.header.is_qbft):
        return HistoryReplacedError(en, zh, expected=expected, actual=actual)
    both = sorted(set(_sealers(known.header)) & set(_sealers(shown.header)))
    if not both or known.header.number != shown.header.number:
        return HistoryReplacedError(en, zh, expected=expected, actual=actual)
    names = " ".join(one.hex0x() for one in both)
    return ForkError(
        f"{en}; sealed both: {names}",
        f"{zh}；两者均签封的验证者：{names}",
        expected=expected,
        actual=actual,
        statements={
            "kind": "two_sealed_blocks",
            "known_header": "0x" + known.content.hex(),
            "shown_header": "0x" + shown.content.hex(),
            "sealed_both": [one.hex0x() for one in both],
        },
    )


def _sealers(header: BlockHeader) -> tuple[Address, ...]:
    return tuple(recover_sealer(header.commit_digest(), seal) for seal in header.extra().seals)


def _votes_unread(number: int, first: int, begin: int) -> ValidatorSetUnknownError:
    return ValidatorSetUnknownError(
        f"block {number} lists other validators than the bundle, and the votes before block {first} "
        f"were not read; audit from block {begin}",
        f"第 {number} 号区块所列验证者与信任包不同，且第 {first} 号区块之前的投票未经核对；"
        f"请从第 {begin} 号区块开始审计",
    )
