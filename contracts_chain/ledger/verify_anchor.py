"""Steps 8, 9 and the chain's half of step 11 of the recipe (DESIGN §5), pure.

8 ``verify_anchor``: header → receipt → event; the root returned is the chain's, never the file's.
  ``verify_twin``: the same for the log's root under SM3, where a package was renewed.
9 ``verify_block_seals``: the header was committed by a quorum of the trusted validators.
11 ``verify_status``: seals → account → storage word, as of that block's time.

The steps are apart because a checkpoint may be well proven under a header nobody
trusted has sealed. Returning means proven; each refusal is an error of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts_chain.ledger.anchor_proof import AnchorProof, EventProof, StatusProof, TwinProof
from contracts_chain.ledger.chain_trust import ChainTrust
from contracts_chain.ledger.errors import CheckpointMismatchError, ForeignProofError, FutureBlockError
from contracts_chain.ledger.header import BlockHeader, parse_header
from contracts_chain.ledger.receipt import Receipt, anchored_event, twin_event, verify_receipt
from contracts_chain.ledger.seals import quorum, verify_seals
from contracts_chain.ledger.state_proof import verify_account, verify_slot
from contracts_chain.ledger.status_word import StatusWord, read_word, status_slot
from contracts_chain.ledger.transaction import verify_transaction
from kernel.clock import utc_text
from kernel.sized_bytes import Address, BlockHash, Bytes32, RootHash, TransactionHash

__all__ = [
    "AnchoredCheckpoint",
    "AnchoredTwin",
    "SealedBlock",
    "verify_anchor",
    "verify_block_seals",
    "verify_not_from_future",
    "verify_status",
    "verify_twin",
]

_ALGORITHMS = {1: "sm3"}
"""The registry's numbers of second hash functions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredCheckpoint:
    """A checkpoint as the chain holds it.

    Attributes:
        sequence: 1 for the first.
        size: Leaves under the root; from the chain, for inclusion proofs authenticate no size.
        root: The chain's root.
        block_number: Height of the block that holds the event.
        block_hash: Its hash by Besu's rule.
        block_time_utc: The validators' word on the time, whole seconds.
        transaction_hash: ``None`` where the transaction itself was not proven.
    """

    sequence: int
    size: int
    root: RootHash
    block_number: int
    block_hash: BlockHash
    block_time_utc: datetime
    transaction_hash: TransactionHash | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredTwin:
    """A checkpoint's root under a second hash function, as the chain holds it.

    Attributes:
        sequence: Of the checkpoint.
        size: Leaves under both roots.
        root: The checkpoint's own root, from the same event.
        algorithm: ``sm3``.
        twin_root: Root of the log hashed with it. Nobody on chain compared the two trees.
        block_number: Height of the block that holds the event.
        block_hash: Its hash by Besu's rule.
        block_time_utc: The validators' word on the time, whole seconds.
        transaction_hash: ``None`` where the transaction itself was not proven.
    """

    sequence: int
    size: int
    root: RootHash
    algorithm: str
    twin_root: Bytes32
    block_number: int
    block_hash: BlockHash
    block_time_utc: datetime
    transaction_hash: TransactionHash | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBlock:
    """A block that a quorum of the trusted validators committed to.

    Attributes:
        number: Height.
        hash: By Besu's rule.
        time_utc: The validators' word on the time, whole seconds.
        sealers: Address and operator of each, in the header's order.
        needed: Quorum, ceil(2N/3).
    """

    number: int
    hash: BlockHash
    time_utc: datetime
    sealers: tuple[tuple[Address, str], ...]
    needed: int


def verify_anchor(proof: AnchorProof, trust: ChainTrust) -> AnchoredCheckpoint:
    """Prove that the trusted registry anchored the claimed checkpoint under this header.

    Says nothing about who sealed the header: ``verify_block_seals`` does.

    Raises:
        ForeignProofError: Chain id or registry is not the trusted one.
        HeaderShapeError: The header has another shape.
        ExtraDataError: The header is QBFT's but its extraData is not.
        NonCanonicalRlpError: Anything is not canonical RLP.
        TrieProofError: A path does not hold.
        TransactionMismatchError: The transaction is not the claimed one.
        ReceiptFailedError: The transaction failed.
        EventMissingError: The registry emitted no such event.
        CheckpointMismatchError: The event names another sequence, size or root.
        CodeHashMismatchError: Other code stands at the registry's address.
    """
    header, receipt = _prove_receipt(proof, trust)
    event = anchored_event(receipt, trust.registry)
    _check_claim((proof.sequence, proof.size, proof.root), (event.sequence, event.size, event.root))
    _prove_origin(proof, header, trust)
    return AnchoredCheckpoint(
        sequence=event.sequence,
        size=event.size,
        root=event.root,
        block_number=header.number,
        block_hash=header.block_hash(),
        block_time_utc=header.time_utc,
        transaction_hash=proof.transaction_hash if proof.transaction_proof else None,
    )


def verify_twin(proof: TwinProof, trust: ChainTrust) -> AnchoredTwin:
    """Prove that the trusted registry took the claimed SM3 root for a checkpoint under this header.

    The caller compares ``size`` and ``root`` with the checkpoint the package proves.

    Raises:
        CheckpointMismatchError: The event names another sequence, size, algorithm or root.
        LedgerRefutedError: Any of the other refusals of ``verify_anchor``.
    """
    header, receipt = _prove_receipt(proof, trust)
    event = twin_event(receipt, trust.registry)
    algorithm = _ALGORITHMS.get(event.algorithm, str(event.algorithm))
    _check_claim((proof.sequence, proof.size, proof.root), (event.sequence, event.size, event.root))
    _check_twin((proof.algorithm, proof.twin_root), (algorithm, event.twin_root))
    _prove_origin(proof, header, trust)
    return AnchoredTwin(
        sequence=event.sequence,
        size=event.size,
        root=event.root,
        algorithm=algorithm,
        twin_root=event.twin_root,
        block_number=header.number,
        block_hash=header.block_hash(),
        block_time_utc=header.time_utc,
        transaction_hash=proof.transaction_hash if proof.transaction_proof else None,
    )


def verify_block_seals(header_bytes: bytes, trust: ChainTrust) -> SealedBlock:
    """Prove that a quorum of the validators trusted for this height sealed the header.

    Raises:
        ValidatorSetUnknownError: The trust bundle covers no such height: undecided.
        HeaderShapeError: The header has another shape.
        NonCanonicalRlpError: The header is not canonical RLP.
        LedgerRefutedError: Any of the refusals of ``seals.verify_seals``.
    """
    header = parse_header(header_bytes)
    known = trust.validators_at(header.number)
    sealers = verify_seals(header, known.addresses, listed=known.listed)
    return SealedBlock(
        number=header.number,
        hash=header.block_hash(),
        time_utc=header.time_utc,
        sealers=tuple((sealer, known.operator(sealer)) for sealer in sealers),
        needed=quorum(len(known.members)),
    )


def verify_status(proof: StatusProof, trust: ChainTrust) -> StatusWord:
    """Prove the status word of one contract as of a sealed block.

    The caller compares ``as_of_utc`` with the age its bundle allows.

    Raises:
        ValidatorSetUnknownError: The trust bundle covers no such height: undecided.
        StatusWordError: The word is no code of the registry.
        LedgerRefutedError: Seals, account, code or storage path do not hold.
    """
    block = verify_block_seals(proof.header, trust)
    state_root = parse_header(proof.header).state_root
    storage_root = verify_account(
        state_root, trust.registry, proof.account_proof, code_hash=trust.registry_code_hash
    )
    verify_slot(storage_root, status_slot(proof.key), proof.storage_proof, claimed=proof.word)
    status, successor = read_word(proof.word)
    return StatusWord(status=status, successor=successor, as_of_utc=block.time_utc, block_number=block.number)


def verify_not_from_future(block_time_utc: datetime, *, at: datetime, skew: timedelta) -> None:
    """Prove that a block does not claim a time after ``at`` plus the bundle's clock skew.

    Raises:
        FutureBlockError: It does.
    """
    if block_time_utc > at + skew:
        raise FutureBlockError(
            "the block claims a time that has not come",
            "区块时间晚于核验时刻",
            expected=f"not after {utc_text(at + skew)}",
            actual=utc_text(block_time_utc),
        )


def _prove_receipt(proof: EventProof, trust: ChainTrust) -> tuple[BlockHeader, Receipt]:
    _check_origin(proof, trust)
    header = parse_header(proof.header)
    header.block_hash()  # a malformed extraData is told before anything that hangs on the header
    return header, verify_receipt(header.receipts_root, proof.receipt_index, proof.receipt_proof)


def _prove_origin(proof: EventProof, header: BlockHeader, trust: ChainTrust) -> None:
    verify_account(header.state_root, trust.registry, proof.account_proof, code_hash=trust.registry_code_hash)
    if proof.transaction_proof:
        verify_transaction(
            header.transactions_root,
            proof.transaction_index,
            proof.transaction_proof,
            claimed=proof.transaction_hash,
            chain_id=trust.chain_id,
            registry=trust.registry,
        )


def _check_origin(proof: EventProof, trust: ChainTrust) -> None:
    for en, zh, expected, actual in (
        ("another chain", "证明来自其他链", str(trust.chain_id), str(proof.chain_id)),
        ("another registry", "证明来自其他登记合约", trust.registry.hex0x(), proof.registry.hex0x()),
        (
            "two places in the block",
            "交易与回执位置不一致",
            str(proof.transaction_index),
            str(proof.receipt_index),
        ),
    ):
        if expected != actual:
            raise ForeignProofError(f"the proof is of {en}", zh, expected=expected, actual=actual)


def _check_claim(claimed: tuple[int, int, RootHash], held: tuple[int, int, RootHash]) -> None:
    if claimed != held:
        raise CheckpointMismatchError(
            "the chain anchored another checkpoint than claimed",
            "链上检查点与声明不符",
            expected=f"sequence {held[0]}, size {held[1]}, root {held[2].hex()} (chain)",
            actual=f"sequence {claimed[0]}, size {claimed[1]}, root {claimed[2].hex()} (claimed)",
        )


def _check_twin(claimed: tuple[str, Bytes32], held: tuple[str, Bytes32]) -> None:
    if claimed != held:
        raise CheckpointMismatchError(
            "the chain holds another second root than claimed",
            "链上第二算法的根与声明不符",
            expected=f"{held[0]} {held[1].hex()} (chain)",
            actual=f"{claimed[0]} {claimed[1].hex()} (claimed)",
        )
