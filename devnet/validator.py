"""A validator: executes the proposal itself, writes down what it will seal, then seals.

Decides nothing about time or order of transactions; it only refuses what breaks a rule.
Knows nothing of the proposer beyond the proposal's bytes, so that it can move into a
process of its own. Must never sign before its seal record is on disk.

Several keys in one process share one ``Reexecution``: running the same code on the same
memory four times would prove no more than once (docs/adr/0005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import rlp
from eth.abc import BlockAPI
from eth.exceptions import PyEVMError
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from devnet.errors import BrokenHeaderError, ProposalRefusedError
from devnet.header import QbftHeader
from devnet.keys import ValidatorKey, validator_directory
from devnet.seal_record import SealRecord
from devnet.seals import seal_digest
from devnet.store_lmdb import CommittedDB, ScratchDB
from devnet.vm import QbftBlock, QbftChainDB, child_header, machine_at, qbft_header
from kernel.clock import Clock
from kernel.sized_bytes import Address, Bytes32

__all__ = ["BlockCheck", "Proposal", "Reexecution", "Validator"]

ALLOWED_SKEW_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A block without seals, as bytes: what travels from proposer to validators.

    Attributes:
        header: RLP of the header, extraData without seals.
        transactions: Canonical transaction bytes in block order.
    """

    header: bytes
    transactions: tuple[bytes, ...]

    @classmethod
    def of(cls, block: BlockAPI) -> Self:
        """Encode a block built here."""
        return cls(
            header=bytes(rlp.encode(block.header)),
            transactions=tuple(bytes(transaction.encode()) for transaction in block.transactions),
        )

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read what ``encode`` wrote."""
        header, transactions = rlp.decode(encoded)
        return cls(header=header, transactions=tuple(transactions))

    def encode(self) -> bytes:
        """RLP of header bytes and transaction list, for the durable copy."""
        return bytes(rlp.encode([self.header, list(self.transactions)]))

    def block(self) -> QbftBlock:
        """Take the bytes apart.

        Raises:
            ProposalRefusedError: Not RLP of a header and known transaction types.
        """
        try:
            header = rlp.decode(self.header, sedes=QbftHeader)
            builder = QbftBlock.get_transaction_builder()
            transactions = [builder.decode(item) for item in self.transactions]
        except (RLPException, ValidationError, PyEVMError, ValueError, TypeError, IndexError) as problem:
            raise _refused("it cannot be decoded") from problem
        return QbftBlock(header=header, transactions=transactions)


class BlockCheck(Protocol):
    """Something that proves a proposal right by itself."""

    def verify(self, proposal: Proposal) -> QbftHeader:
        """Return the header if the proposal is right, else raise ProposalRefusedError."""
        ...


class Reexecution:
    """Runs a proposal above the committed chain and compares every header field."""

    def __init__(
        self, committed: CommittedDB, *, chain_id: int, validators: Sequence[Address], clock: Clock
    ) -> None:
        """Execute above this store, for this set; the clock bounds the future."""
        self._committed = committed
        self._chain_id = chain_id
        self._validators = tuple(validators)
        self._clock = clock
        self._passed: tuple[Proposal, QbftHeader] | None = None

    def verify(self, proposal: Proposal) -> QbftHeader:
        """Execute again from the committed head.

        Raises:
            ProposalRefusedError: Wrong parent, set, time, rule or result.
        """
        if self._passed is None or self._passed[0] != proposal:
            block = proposal.block()
            header = qbft_header(block.header)
            try:
                self._verify_place(header)
            except BrokenHeaderError as problem:
                raise _refused("its extraData is not QBFT's") from problem
            self._verify_result(block, header)
            self._passed = (proposal, header)
        return self._passed[1]

    def _verify_place(self, header: QbftHeader) -> None:
        extra = header.extra
        if extra.validators != self._validators or extra.vote or extra.seals:
            raise _refused("validators, vote or seals in extraData are not as agreed")
        if Address(header.coinbase) not in self._validators:
            raise _refused("the proposer is not a validator")
        if header.timestamp > self._clock.now().timestamp() + ALLOWED_SKEW_SECONDS:
            raise _refused("its time is in the future")

    def _verify_result(self, block: QbftBlock, header: QbftHeader) -> None:
        chaindb = QbftChainDB(ScratchDB(self._committed).atomic())
        parent = qbft_header(chaindb.get_canonical_head())
        if header.parent_hash != parent.hash or header.block_number != parent.block_number + 1:
            raise _refused("it does not follow the head")
        empty = child_header(
            parent,
            timestamp=header.timestamp,
            coinbase=Address(header.coinbase),
            extra_data=header.extra_data,
        )
        machine = machine_at(empty, chaindb, chain_id=self._chain_id)
        try:
            executed = qbft_header(machine.import_block(block).block.header)
        except (ValidationError, BadSignature) as problem:
            raise _refused(f"a rule is broken ({problem})") from problem
        if rlp.encode(executed) != rlp.encode(header):
            raise _refused("executing it again gives another result")


class Validator:
    """One operator's signer."""

    def __init__(self, key: ValidatorKey, *, check: BlockCheck, directory: Path) -> None:
        """Open the seal record beside the key.

        Args:
            key: The operator's key.
            check: Proves proposals before they are sealed.
            directory: The chain directory.
        """
        self._key = key
        self._check = check
        self._record = SealRecord(validator_directory(directory, key.operator) / "sealed")

    @property
    def address(self) -> Address:
        """The validator's address."""
        return self._key.address

    def seal(self, proposal: Proposal) -> bytes:
        """Check, record durably, sign: in that order.

        Returns:
            65 bytes r‖s‖v over the commit digest.

        Raises:
            ProposalRefusedError: The proposal is wrong.
            DoubleSealError: Another block is already sealed at this height.
        """
        header = self._check.verify(proposal)
        digest: Bytes32 = header.commit_digest
        self._record.permit(height=header.block_number, round_=header.extra.round, digest=digest)
        return seal_digest(digest, self._key.secret)

    def close(self) -> None:
        """Release the seal record."""
        self._record.close()


def _refused(en: str) -> ProposalRefusedError:
    return ProposalRefusedError(
        f"proposal refused: {en}; stop the chain and compare software versions",
        f"提案被验证人拒绝（{en}）；请停止该链并核对各方软件版本",
    )
