"""A block without seals as bytes: what travels from the proposer and is kept before it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import rlp
from eth.abc import BlockAPI
from eth.exceptions import PyEVMError
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from devnet.errors import BrokenHeaderError, ProposalRefusedError
from devnet.header import QbftHeader
from devnet.vm import QbftBlock

__all__ = ["Proposal", "proposal_refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A block as its proposer wants it.

    Attributes:
        header: RLP of the header, extraData without seals.
        transactions: Canonical transaction bytes in block order.
        ballot: The encoded ballot behind the header's vote; empty when it carries none.
    """

    header: bytes
    transactions: tuple[bytes, ...]
    ballot: bytes = b""

    @classmethod
    def of(cls, block: BlockAPI, *, ballot: bytes = b"") -> Self:
        """Encode a block built or stored here."""
        return cls(
            header=bytes(rlp.encode(block.header)),
            transactions=tuple(bytes(transaction.encode()) for transaction in block.transactions),
            ballot=ballot,
        )

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read what ``encode`` wrote.

        Raises:
            ProposalRefusedError: Other bytes.
        """
        try:
            header, transactions, ballot = rlp.decode(encoded)
            return cls(
                header=bytes(header),
                transactions=tuple(bytes(item) for item in transactions),
                ballot=bytes(ballot),
            )
        except (RLPException, ValueError, TypeError) as problem:
            raise proposal_refused("it cannot be decoded") from problem

    def encode(self) -> bytes:
        """RLP of header bytes, transaction list and ballot."""
        return bytes(rlp.encode([self.header, list(self.transactions), self.ballot]))

    def number(self) -> int:
        """The height it is for, without looking at its transactions.

        Raises:
            ProposalRefusedError: Its header is none.
        """
        try:
            return int(rlp.decode(self.header, sedes=QbftHeader).block_number)
        except (RLPException, ValueError, TypeError) as problem:
            raise proposal_refused("its header cannot be decoded") from problem

    def block(self) -> QbftBlock:
        """Take the bytes apart.

        Raises:
            ProposalRefusedError: Not RLP of a header and known transaction types.
        """
        try:
            header = rlp.decode(self.header, sedes=QbftHeader)
            _ = header.extra
            builder = QbftBlock.get_transaction_builder()
            transactions = [builder.decode(item) for item in self.transactions]
        except (RLPException, ValidationError, PyEVMError, ValueError, TypeError, IndexError) as problem:
            raise proposal_refused("it cannot be decoded") from problem
        except BrokenHeaderError as problem:
            raise proposal_refused("its extraData is not QBFT's") from problem
        return QbftBlock(header=header, transactions=transactions)


def proposal_refused(en: str) -> ProposalRefusedError:
    """A refusal with its reason."""
    return ProposalRefusedError(
        f"proposal refused: {en}; compare clocks, software versions and genesis.json of both nodes",
        f"提案被验证人拒绝（{en}）；请核对双方的时钟、软件版本与 genesis.json",
    )
