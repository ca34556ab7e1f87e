"""The book of checkpoints: what the registry said, block by block, each entry checked against the last.

Every ``Anchored``: next sequence, greater size, and the RFC 9162 consistency proof of the very
call that anchored it. Every ``TwinAnchored``: about a known checkpoint, one root an algorithm.
The same event from another contract is an alarm when the operator's own account caused it and
it tells another history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from contracts_chain.evidence.audit_errors import (
    CheckpointOrderError,
    NodeAnswerError,
    SecondRegistryError,
)
from contracts_chain.evidence.audit_headers import SealedHeader
from contracts_chain.evidence.audit_registry import (
    EVENT_NAMES,
    GRANTED_TOPIC,
    PlacedLog,
    ShownBlock,
    event_topic,
    placed_logs,
)
from contracts_chain.evidence.audit_transaction import SentCall, consistency_path, read_call
from contracts_chain.evidence.merkle import verify_consistency
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import ANCHORED_TOPIC, TWIN_TOPIC, EventLog
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from kernel.sized_bytes import Address, RootHash, TransactionHash

__all__ = ["CheckpointBook", "Twin"]

_ANCHOR_ROLE = 1
Twin = tuple[int, int, RootHash]
"""Sequence, algorithm, twin root."""


class CheckpointBook:
    """All checkpoints of one registry, in order."""

    def __init__(
        self,
        registry: Address,
        *,
        whole: bool,
        checkpoints: Iterable[AnchoredCheckpoint] = (),
        twins: Iterable[Twin] = (),
        anchorers: Iterable[Address] = (),
    ) -> None:
        """Go on from what is known; ``whole`` where the chain is read from block 0."""
        self._registry = registry
        self._whole = whole
        self._by_sequence = {one.sequence: one for one in checkpoints}
        self.twins = list(twins)
        self.anchorers = set(anchorers)
        self.events: Counter[str] = Counter()

    @property
    def checkpoints(self) -> tuple[AnchoredCheckpoint, ...]:
        """Oldest first."""
        return tuple(self._by_sequence.values())

    @property
    def newest(self) -> AnchoredCheckpoint | None:
        """The newest, if there is any."""
        return next(reversed(self._by_sequence.values()), None)

    def take(self, block: SealedHeader, shown: ShownBlock) -> None:
        """Take the events of one sealed block.

        Raises:
            NodeAnswerError: The contents are not those of the header.
            CheckpointOrderError: A checkpoint or twin does not follow.
            SecondRegistryError: The operator anchored another history elsewhere.
            ProofShapeError: A consistency proof is impossible.
            RootMismatchError: A checkpoint does not extend the one before.
        """
        for placed in placed_logs(block.header, shown):
            if placed.log.address == self._registry:
                self._take_own(block, placed)
            elif event_topic(placed.log) == ANCHORED_TOPIC:
                self._take_foreign(block, placed)

    def _take_own(self, block: SealedHeader, placed: PlacedLog) -> None:
        topic = event_topic(placed.log)
        self.events["unknown" if topic is None else EVENT_NAMES.get(topic, "unknown")] += 1
        if topic == ANCHORED_TOPIC:
            self._take_anchor(block, placed)
        elif topic == TWIN_TOPIC:
            self._take_twin(placed.log)
        elif topic == GRANTED_TOPIC and int.from_bytes(placed.log.topics[1]) & _ANCHOR_ROLE:
            self.anchorers.add(Address(placed.log.topics[2][12:]))

    def _take_anchor(self, block: SealedHeader, placed: PlacedLog) -> None:
        sequence, size, root = _anchored(placed.log)
        before = self.newest
        path = consistency_path(read_call(placed.transaction), sequence, size, root)
        if before is not None:
            _check_order(before.sequence + 1, before.size, sequence, size)
            verify_consistency(
                old_size=before.size, old_root=before.root, new_size=size, new_root=root, path=path
            )
        elif self._whole:
            _check_order(1, 0, sequence, size)
        self._by_sequence[sequence] = AnchoredCheckpoint(
            sequence=sequence,
            size=size,
            root=root,
            block_number=block.header.number,
            block_hash=block.hash,
            block_time_utc=block.header.time_utc,
            transaction_hash=TransactionHash(keccak256(placed.transaction)),
        )

    def _take_twin(self, log: EventLog) -> None:
        sequence, algorithm = int.from_bytes(log.topics[1]), int.from_bytes(log.topics[2])
        size, root, twin = int.from_bytes(log.data[:32]), log.data[32:64], RootHash(log.data[64:96])
        known = self._by_sequence.get(sequence)
        if known is not None and (known.size, known.root) != (size, root):
            raise _twin_contradicts(
                sequence, f"{known.size} leaves, {known.root.hex()}", f"{size}, {root.hex()}"
            )
        earlier = {held for *key, held in self.twins if key == [sequence, algorithm]}
        if earlier - {twin}:
            raise _twin_contradicts(sequence, earlier.pop().hex(), twin.hex())
        if not earlier:
            self.twins.append((sequence, algorithm, twin))

    def _take_foreign(self, block: SealedHeader, placed: PlacedLog) -> None:
        call = read_call(placed.transaction)
        if call is None or call.sender not in self.anchorers or len(placed.log.data) != 64:
            self.events["elsewhere"] += 1
            return
        sequence, size, root = _anchored(placed.log)
        known = self._by_sequence.get(sequence)
        if known is not None and (known.size, known.root) == (size, root):
            self.events["mirrored"] += 1
            return
        raise _second_registry(block, placed, call, known, (sequence, size, root))


def _anchored(log: EventLog) -> tuple[int, int, RootHash]:
    if len(log.topics) != 2 or len(log.data) != 64:
        raise NodeAnswerError("an Anchored event has another shape", "Anchored 事件的结构不符")
    return int.from_bytes(log.topics[1]), int.from_bytes(log.data[:32]), RootHash(log.data[32:])


def _check_order(due: int, held: int, sequence: int, size: int) -> None:
    if sequence != due or size <= held:
        raise CheckpointOrderError(
            f"checkpoint {sequence} of {size} leaves does not follow",
            f"检查点 {sequence}（{size} 片叶）未接续前一检查点",
            expected=f"sequence {due}, more than {held} leaves",
            actual=f"sequence {sequence}, {size} leaves",
        )


def _twin_contradicts(sequence: int, expected: str, actual: str) -> CheckpointOrderError:
    return CheckpointOrderError(
        f"the twin of checkpoint {sequence} contradicts what was anchored",
        f"检查点 {sequence} 的第二算法根与已锚定内容矛盾",
        expected=expected,
        actual=actual,
    )


def _second_registry(
    block: SealedHeader,
    placed: PlacedLog,
    call: SentCall,
    known: AnchoredCheckpoint | None,
    told: tuple[int, int, RootHash],
) -> SecondRegistryError:
    sequence, size, root = told
    sender, other = call.sender.hex0x(), placed.log.address.hex0x()
    here = f"block {block.header.number}"
    return SecondRegistryError(
        f"the operator's account {sender} told another history to registry {other} in {here}: "
        f"checkpoint {sequence}",
        f"运营方账户 {sender} 在第 {block.header.number} 号区块向另一登记合约 {other} "
        f"锚定了不同的历史：检查点 {sequence}",
        expected="nothing yet" if known is None else f"{known.size} leaves, root {known.root.hex()}",
        actual=f"{size} leaves, root {root.hex()}",
        statements={
            "kind": "second_registry",
            "header": "0x" + block.content.hex(),
            "transaction": "0x" + placed.transaction.hex(),
            "registry": other,
            "sequence": sequence,
            "size": size,
            "root": root.hex(),
            "trusted_size": None if known is None else known.size,
            "trusted_root": None if known is None else known.root.hex(),
        },
    )
