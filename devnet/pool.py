"""Transactions waiting for a block, by sender and nonce.

Decides which transactions may wait: signed for this chain, within limits, affordable,
from an allowed sender, not doubled. Lives in memory: after a crash the sender sends the
same bytes again. Safe from any thread.

The English messages are the words Ethereum clients look for ("already known", "nonce
too low"); reference chain.md §4.7.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from eth.abc import SignedTransactionAPI
from eth.exceptions import PyEVMError
from eth.vm.forks.cancun.constants import BLOB_TX_TYPE
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from devnet.errors import TransactionRefusedError
from devnet.vm import QbftBlock
from kernel.sized_bytes import Address, TransactionHash

__all__ = ["AccountFacts", "Pool", "PoolLimits", "decode_transaction"]

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What the head says about a sender: next nonce, balance in wei."""

    nonce: int
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """Bounds against flooding.

    Attributes:
        transactions: Most transactions waiting at once.
        nonces_ahead: How far a nonce may lie beyond the sender's next.
        gas: Highest gas limit of one transaction.
        bytes: Longest encoded transaction.
    """

    transactions: int = 20_000
    nonces_ahead: int = 5_000
    gas: int = 16_777_216
    bytes: int = 131_072


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    arrival: int
    transaction: SignedTransactionAPI


class Pool:
    """The waiting transactions."""

    def __init__(
        self,
        *,
        chain_id: int,
        facts: Callable[[Address], AccountFacts],
        allowed: frozenset[Address] | None = None,
        limits: PoolLimits | None = None,
    ) -> None:
        """Start empty.

        Args:
            chain_id: The only chain id taken; unbound signatures (before EIP-155) are refused.
            facts: Looks a sender up at the head.
            allowed: Senders taken; ``None`` takes everybody.
            limits: Bounds; defaults above.
        """
        self._chain_id = chain_id
        self._facts = facts
        self._allowed = allowed
        self._limits = limits or PoolLimits()
        self._by_sender: dict[Address, dict[int, _Waiting]] = {}
        self._by_hash: dict[TransactionHash, SignedTransactionAPI] = {}
        self._arrivals = 0
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """Transactions waiting."""
        return len(self._by_hash)

    def find(self, transaction_hash: TransactionHash) -> SignedTransactionAPI | None:
        """A waiting transaction."""
        return self._by_hash.get(transaction_hash)

    def next_nonce(self, sender: Address, mined_nonce: int) -> int:
        """The nonce a sender's next transaction needs, counting what waits without a gap."""
        with self._lock:
            waiting = self._by_sender.get(sender, {})
            nonce = mined_nonce
            while nonce in waiting:
                nonce += 1
        return nonce

    def waiting(self) -> Mapping[TransactionHash, SignedTransactionAPI]:
        """All that wait, by arrival."""
        with self._lock:
            return dict(self._by_hash)

    def add(self, raw: bytes) -> TransactionHash:
        """Take one signed transaction.

        Raises:
            TransactionRefusedError: Not decodable, or against one of the rules above.
        """
        if len(raw) > self._limits.bytes:
            raise _refused("oversized data", "交易数据过大")
        transaction = decode_transaction(raw)
        transaction_hash = TransactionHash(transaction.hash)
        with self._lock:
            if transaction_hash in self._by_hash:
                raise _refused("already known", "交易已在池中，请查询其回执")
            self._verify_form(transaction)
            self._verify_place(transaction)
            self._arrivals += 1
            entry = _Waiting(arrival=self._arrivals, transaction=transaction)
            self._by_sender.setdefault(Address(transaction.sender), {})[transaction.nonce] = entry
            self._by_hash[transaction_hash] = transaction
        return transaction_hash

    def ready(self, most: int | None = None) -> tuple[SignedTransactionAPI, ...]:
        """Transactions that can run now, at most so many: by arrival, each sender's nonces in order."""
        with self._lock:
            return tuple(itertools.islice(self._runnable(), most))

    def _runnable(self) -> Iterator[SignedTransactionAPI]:
        heap: list[tuple[int, Address, int]] = []
        for sender, waiting in self._by_sender.items():
            nonce = self._facts(sender).nonce
            if nonce in waiting:
                heap.append((waiting[nonce].arrival, sender, nonce))
        heapq.heapify(heap)
        while heap:
            _, sender, nonce = heapq.heappop(heap)
            waiting = self._by_sender[sender]
            yield waiting[nonce].transaction
            if nonce + 1 in waiting:
                heapq.heappush(heap, (waiting[nonce + 1].arrival, sender, nonce + 1))

    def discard(self, hashes: Iterable[TransactionHash]) -> None:
        """Forget transactions that were mined or refused for good."""
        with self._lock:
            for transaction_hash in hashes:
                transaction = self._by_hash.pop(transaction_hash, None)
                if transaction is None:
                    continue
                sender = Address(transaction.sender)
                self._by_sender[sender].pop(transaction.nonce, None)
                if not self._by_sender[sender]:
                    del self._by_sender[sender]

    def settle(self, included: Iterable[TransactionHash]) -> None:
        """A block was committed: forget what it holds, and what its senders can no longer send."""
        with self._lock:
            self.discard(included)
            stale = [
                TransactionHash(entry.transaction.hash)
                for sender, waiting in self._by_sender.items()
                if min(waiting) < (mined := self._facts(sender).nonce)
                for nonce, entry in waiting.items()
                if nonce < mined
            ]
            self.discard(stale)

    def _verify_form(self, transaction: SignedTransactionAPI) -> None:
        if transaction.chain_id != self._chain_id:
            raise _refused(
                f"invalid chain id for signer: have {transaction.chain_id} want {self._chain_id}",
                f"交易的链号为 {transaction.chain_id}，本链为 {self._chain_id}",
            )
        if transaction.type_id == BLOB_TX_TYPE:
            raise _refused("transaction type not supported", "本链不接受 blob 交易")
        if transaction.gas > self._limits.gas:
            raise _refused(
                f"exceeds block gas limit: at most {self._limits.gas}",
                f"交易 gas 上限超过 {self._limits.gas}",
            )
        if transaction.gas < transaction.intrinsic_gas:
            raise _refused(
                f"intrinsic gas too low: have {transaction.gas}, want {transaction.intrinsic_gas}",
                f"gas 上限过低：至少 {transaction.intrinsic_gas}",
            )
        _verify_signature(transaction)

    def _verify_place(self, transaction: SignedTransactionAPI) -> None:
        sender = Address(transaction.sender)
        if self._allowed is not None and sender not in self._allowed:
            raise _refused(
                f"sender {sender.hex0x()} is not on the allowlist; ask the operator to add it",
                f"账户 {sender.hex0x()} 不在许可名单中；请联系运营方添加",
            )
        facts = self._facts(sender)
        if transaction.nonce < facts.nonce:
            raise _refused(
                f"nonce too low: next nonce {facts.nonce}, tx nonce {transaction.nonce}",
                f"nonce 过小：应为 {facts.nonce}，交易为 {transaction.nonce}；请查询该交易是否已上链",
            )
        if transaction.nonce > facts.nonce + self._limits.nonces_ahead:
            raise _refused("nonce too high", "nonce 过大，请按顺序发送")
        if transaction.nonce in self._by_sender.get(sender, {}):
            raise _refused("replacement transaction underpriced", "同一 nonce 已有交易在池中，不可替换")
        if facts.balance < transaction.value + transaction.gas * transaction.max_fee_per_gas:
            raise _refused(
                "insufficient funds for gas * price + value; fees are 0 on this chain, send with gas price 0",
                "余额不足；本链手续费为 0，请将 gas 价格设为 0",
            )
        if len(self._by_hash) >= self._limits.transactions:
            raise _refused("txpool is full; send again later", "交易池已满，请稍后重发")


def _verify_signature(transaction: SignedTransactionAPI) -> None:
    """Recover the sender once, so that reading ``sender`` cannot fail later."""
    try:
        transaction.validate()
        recovered = len(transaction.sender) == 20
    except (ValidationError, BadSignature) as problem:
        raise _refused(f"invalid sender: {problem}", f"交易签名无效：{problem}") from problem
    if not recovered or transaction.s > _HALF_ORDER:
        raise _refused("invalid transaction v, r, s values", "交易签名数值超出范围")


def decode_transaction(raw: bytes) -> SignedTransactionAPI:
    """Read a signed transaction, legacy or typed.

    Raises:
        TransactionRefusedError: Not one, or not in canonical form.
    """
    try:
        transaction = QbftBlock.get_transaction_builder().decode(raw)
        canonical = transaction.encode() == raw
    except (RLPException, ValidationError, PyEVMError, ValueError, TypeError, IndexError) as problem:
        raise _refused("typed transaction or rlp: cannot decode", "无法解码交易") from problem
    if not canonical:
        raise _refused("rlp: non-canonical transaction encoding", "交易编码不规范")
    return transaction


def _refused(en: str, zh: str) -> TransactionRefusedError:
    return TransactionRefusedError(en, zh)
