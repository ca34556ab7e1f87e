"""py-evm's Cancun machine with QBFT headers and the devnet's own rules.

Decides which transactions and headers are valid: chain id bound, no blobs, base fee 0,
gas limit constant, difficulty 1, nonce 0, QBFT mix hash, no ommers. The EIP-4788 system
contract is not in the genesis, so proposing and importing run the same state changes
(reference chain.md §4.4). Seals are not looked at here; ``devnet.seals`` does.
"""

from __future__ import annotations

import functools

import rlp
from eth.abc import BlockHeaderAPI, DatabaseAPI, SignedTransactionAPI
from eth.consensus.context import ConsensusContext
from eth.consensus.pos import PosConsensus
from eth.constants import EMPTY_UNCLE_HASH, ZERO_HASH32
from eth.db.chain import ChainDB
from eth.exceptions import HeaderNotFound
from eth.vm.chain_context import ChainContext
from eth.vm.forks.cancun import CancunVM
from eth.vm.forks.cancun.blocks import CancunBlock
from eth.vm.forks.cancun.constants import BLOB_TX_TYPE
from eth.vm.forks.paris import ParisVM
from eth.vm.forks.shanghai.withdrawals import Withdrawal
from eth_typing import Address as EvmAddress
from eth_typing import BlockNumber, Hash32
from eth_utils.exceptions import ValidationError
from rlp.sedes import CountableList

from devnet.header import MIX_HASH, QbftHeader
from kernel.sized_bytes import Address

__all__ = [
    "CHAIN_ID",
    "GAS_LIMIT",
    "QbftBlock",
    "QbftChainDB",
    "QbftVM",
    "child_header",
    "machine_at",
    "qbft_header",
]

CHAIN_ID = 20261
GAS_LIMIT = 30_000_000
NO_NONCE = bytes(8)


class QbftBlock(CancunBlock):
    """A block whose header is hashed by the QBFT rule."""

    fields = [  # noqa: RUF012 - py-evm's rlp meta class reads a plain list
        ("header", QbftHeader),
        ("transactions", CountableList(CancunBlock.transaction_builder)),
        ("uncles", CountableList(None, max_length=0)),
        ("withdrawals", CountableList(Withdrawal)),
    ]


class QbftChainDB(ChainDB):
    """py-evm's chain database; this override is the one place where it decodes headers."""

    @staticmethod
    def _get_block_header_by_hash(db: DatabaseAPI, block_hash: Hash32) -> BlockHeaderAPI:
        try:
            encoded = db[block_hash]
        except KeyError as problem:
            raise HeaderNotFound(f"no header {block_hash.hex()}") from problem
        return _decode_header(encoded)


class QbftVM(CancunVM):
    """Cancun execution under the devnet's header rules."""

    block_class = QbftBlock
    consensus_class = PosConsensus
    extra_data_max_bytes = 65535

    def validate_transaction_against_header(
        self, base_header: BlockHeaderAPI, transaction: SignedTransactionAPI
    ) -> None:
        """Refuse foreign or unbound chain ids, blobs and too little gas, beside the gas limit."""
        if transaction.chain_id != self.chain_context.chain_id:
            raise ValidationError(f"chain id {transaction.chain_id}, not {self.chain_context.chain_id}")
        if transaction.type_id == BLOB_TX_TYPE:
            raise ValidationError("blob transactions have no place on this chain")
        if transaction.gas < transaction.intrinsic_gas:  # py-evm checks it for legacy ones only
            raise ValidationError(f"intrinsic gas too low: {transaction.gas}")
        super().validate_transaction_against_header(base_header, transaction)

    @classmethod
    def validate_gas(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        """Gas limit constant, base fee 0 (Besu ``zeroBaseFee``)."""
        if header.gas_limit != parent_header.gas_limit or header.base_fee_per_gas != 0:
            raise ValidationError("the gas limit must stay and the base fee be 0")

    @classmethod
    def validate_header(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        """Number, time and size rules of py-evm, then QBFT's constants (§6.6)."""
        super(ParisVM, cls).validate_header(header, parent_header)  # skips Paris: difficulty 0
        constants = (header.difficulty, header.nonce, header.mix_hash, header.uncles_hash)
        if constants != (1, NO_NONCE, MIX_HASH, EMPTY_UNCLE_HASH):
            raise ValidationError("difficulty, nonce, mix hash or ommers are not QBFT's constants")
        if header.parent_hash != parent_header.hash or header.parent_beacon_block_root != ZERO_HASH32:
            raise ValidationError("the header does not follow its parent")


def child_header(parent: QbftHeader, *, timestamp: int, coinbase: Address, extra_data: bytes) -> QbftHeader:
    """The empty header that follows ``parent``, before any transaction ran.

    Args:
        parent: Header of the head.
        timestamp: Unix seconds, above the parent's.
        coinbase: The proposer.
        extra_data: Encoded ``ExtraData`` without seals.
    """
    return QbftHeader(
        difficulty=1,
        block_number=BlockNumber(parent.block_number + 1),
        gas_limit=parent.gas_limit,
        timestamp=timestamp,
        coinbase=EvmAddress(coinbase),
        parent_hash=parent.hash,
        state_root=parent.state_root,
        extra_data=extra_data,
        mix_hash=Hash32(MIX_HASH),
        nonce=NO_NONCE,
    )


def machine_at(header: QbftHeader, chaindb: QbftChainDB, *, chain_id: int) -> QbftVM:
    """A machine about to run the block of this header, writing into ``chaindb``."""
    return QbftVM(
        header=header,
        chaindb=chaindb,
        chain_context=ChainContext(chain_id),
        consensus_context=ConsensusContext(chaindb.db),
    )


def qbft_header(header: BlockHeaderAPI) -> QbftHeader:
    """Narrow py-evm's header type; every header of this chain is of ours.

    Raises:
        TypeError: It is not, a fault of this software.
    """
    if not isinstance(header, QbftHeader):
        raise TypeError(f"{type(header).__name__} is no QBFT header")
    return header


@functools.lru_cache(maxsize=256)
def _decode_header(encoded: bytes) -> QbftHeader:
    header: QbftHeader = rlp.decode(encoded, sedes=QbftHeader)
    return header
