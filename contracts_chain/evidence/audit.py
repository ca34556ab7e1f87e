"""An outsider's audit: chain, registry, log and packages, each with its own verdict.

Trusts the bundle and nothing else; the node and the operator are under suspicion. Sections:
``chain`` headers linked and sealed from the beginning on, no event withheld, every checkpoint
extends the one before · ``registry`` the pinned code stands there · ``log`` the published
leaves give every anchored root · ``package`` each rests on a checkpoint of this chain.
Whatever is missing or throws is never proven. Pure: chain and log are ports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from contracts_chain.evidence.audit_checkpoints import CheckpointBook
from contracts_chain.evidence.audit_errors import (
    ChainNotProvenError,
    ChainStaleError,
    ForeignChainShownError,
    ForkError,
    HistoryReplacedError,
    NodeAnswerError,
)
from contracts_chain.evidence.audit_headers import (
    HeaderFollower,
    SealedHeader,
    check_genesis,
    header_fork,
)
from contracts_chain.evidence.audit_log import PublishedLog, check_published_log
from contracts_chain.evidence.audit_memory import Memory
from contracts_chain.evidence.audit_package import check_package
from contracts_chain.evidence.audit_registry import ShownBlock, may_concern
from contracts_chain.evidence.audit_report import AuditFinding, AuditReport
from contracts_chain.evidence.examination import Outcome, check_of_error
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.state_proof import verify_account
from kernel.clock import utc_text
from kernel.sized_bytes import Address
from kernel.verdict import Verdict

__all__ = ["Audit", "ShownChain"]

_STRIDE = 2_000


class ShownChain(Protocol):
    """A chain as one node shows it; nothing of it is believed yet."""

    def chain_id(self) -> int:
        """EIP-155 id on the node's word."""
        ...

    def newest(self) -> int:
        """Height on the node's word."""
        ...

    def headers(self, first: int, last: int) -> Iterator[bytes]:
        """RLP of every header, both ends inclusive."""
        ...

    def contents(self, number: int) -> ShownBlock:
        """Transactions and receipts of a block."""
        ...

    def account_path(self, account: Address, number: int) -> tuple[bytes, ...]:
        """Trie nodes from the state root of a block to an account."""
        ...


class Audit:
    """One audit of one chain; ``run`` may be called again and goes on from where it stands."""

    def __init__(
        self,
        trust: TrustBundle,
        chain: ShownChain,
        *,
        first_block: int = 0,
        memory: Memory | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Begin at ``first_block``, or after what ``memory`` holds; ``progress`` hears done and due."""
        self._trust, self._chain, self._memory = trust, chain, memory
        self._progress = progress
        self._blocks = 0
        registry = trust.chain.registry
        if memory is None:
            self._follower = HeaderFollower(trust, first_block=first_block)
            self._book = CheckpointBook(registry, whole=first_block == 0)
            return
        self._follower = HeaderFollower(
            trust,
            first_block=memory.first_block,
            last=memory.header,
            validators=memory.validators,
            votes=memory.votes,
        )
        self._book = CheckpointBook(
            registry,
            whole=memory.first_block == 0,
            checkpoints=memory.checkpoints,
            twins=memory.twins,
            anchorers=memory.anchorers,
        )

    def run(
        self,
        *,
        at: datetime,
        log: PublishedLog | None = None,
        packages: Sequence[tuple[str, Callable[[], bytes]]] = (),
    ) -> AuditReport:
        """Audit up to the node's newest block.

        Args:
            at: Moment of the audit, aware.
            log: The operator's published log.
            packages: Name and reader of each package.

        Returns:
            A report; it never raises over what node, log or files show.
        """
        chain = self._judge("chain", lambda: self._follow(at))
        sections = [chain]
        if chain.verdict is Verdict.PROVEN:
            sections.append(self._judge("registry", self._check_code))
        sound = chain.verdict is Verdict.PROVEN
        if log is not None:
            sections.append(self._judge("log", _only_forks(sound, lambda: self._check_log(log))))
        for name, read in packages:
            work = _only_forks(sound, partial(self._check_package, read))
            sections.append(replace(self._judge("package", work), subject=name))
        return self._report(tuple(sections))

    def block(self, number: int) -> SealedHeader:
        """The audited chain's block of a height, as the node shows it now; hashes bind it.

        Raises:
            NodeAnswerError: The node shows another height than was asked for.
        """
        shown = SealedHeader.of(next(self._chain.headers(number, number)))
        if shown.header.number != number:
            raise NodeAnswerError(
                f"the node showed block {shown.header.number} for block {number}",
                f"节点以第 {shown.header.number} 号区块冒充第 {number} 号区块",
            )
        return shown

    def _follow(self, at: datetime) -> tuple[str, str]:
        self._check_identity()
        newest = self._chain.newest()
        self._check_remembered(newest)
        for start in range(self._follower.next_block, newest + 1, _STRIDE):
            stop = min(start + _STRIDE - 1, newest)
            for content in self._chain.headers(start, stop):
                block = self._follower.take(content, at=at)
                if may_concern(block.header, self._trust.chain.registry):
                    self._book.take(block, self._chain.contents(block.header.number))
                self._blocks += 1
            if self._progress is not None:
                self._progress(stop, newest)
        if self._follower.last is None or self._follower.next_block <= newest:
            raise NodeAnswerError("the node showed fewer blocks than it has", "节点给出的区块少于其所称数量")
        self._check_fresh(self._follower.last.header.time_utc, at)
        first, known = self._follower.first_block, len(self._book.checkpoints)
        en = f"Blocks {first} to {newest} are linked and sealed by the trusted validators; "
        return (
            f"{en}{known} checkpoints, each extends the one before.",
            f"第 {first} 至 {newest} 号区块首尾相接，均由受信验证者签封；共 {known} 个检查点，逐一延续。",
        )

    def _check_identity(self) -> None:
        chain, memory = self._trust.chain, self._memory
        shown = self._chain.chain_id()
        if shown != chain.chain_id:
            raise ForeignChainShownError(
                "the node shows another chain: chain id",
                "节点展示的是另一条链：链标识",
                expected=str(chain.chain_id),
                actual=str(shown),
            )
        check_genesis(next(self._chain.headers(0, 0)), chain)
        if memory is None:
            return
        for en, zh, expected, actual in (
            ("chain id", "链标识", str(memory.chain_id), str(chain.chain_id)),
            ("genesis", "创世区块", memory.genesis_hash.hex0x(), chain.genesis_hash.hex0x()),
            ("registry", "登记合约", memory.registry.hex0x(), chain.registry.hex0x()),
        ):
            if expected != actual:
                raise HistoryReplacedError(
                    f"the {en} is not the one audited before",
                    f"{zh}与上次审计时不同",
                    expected=expected,
                    actual=actual,
                )

    def _check_remembered(self, newest: int) -> None:
        """The block that the last run ended with is still there."""
        last = self._follower.last
        if last is None:
            return
        if newest < last.header.number:
            raise NodeAnswerError(
                f"the node ends at block {newest}, block {last.header.number} was final before",
                f"节点止于第 {newest} 号区块，而第 {last.header.number} 号区块此前已终局",
            )
        shown = self.block(last.header.number)
        if shown.hash != last.hash:
            raise header_fork(last, shown)

    def _check_fresh(self, newest: datetime, at: datetime) -> None:
        """A node that withholds the chain's end is noticed by its age."""
        due = at - self._trust.greatest_status_age
        if newest < due:
            raise ChainStaleError(utc_text(newest), utc_text(due))

    def _check_code(self) -> tuple[str, str]:
        """The pinned code stands at the registry, at the last verified block."""
        chain, last = self._trust.chain, self._follower.last
        if last is None:
            raise NodeAnswerError("the node showed no block", "节点未给出任何区块")
        path = self._chain.account_path(chain.registry, last.header.number)
        verify_account(last.header.state_root, chain.registry, path, code_hash=chain.registry_code_hash)
        return (
            f"The pinned code stands at {chain.registry.hex0x()}.",
            f"{chain.registry.hex0x()} 上的代码与信任包一致。",
        )

    def _check_log(self, log: PublishedLog) -> tuple[str, str]:
        signed = check_published_log(log, self._book.checkpoints, self._trust)
        return (
            f"{signed.size} published leaves give every anchored root, and the signed one.",
            f"公开的 {signed.size} 片叶重算出全部链上根与已签署的根。",
        )

    def _check_package(self, read: Callable[[], bytes]) -> tuple[str, str]:
        last = self._follower.last
        anchored = check_package(
            read(),
            self._book.checkpoints,
            self._trust,
            last_block=-1 if last is None else last.header.number,
            block=self.block,
        )
        return (
            f"It rests on checkpoint {anchored.sequence} in block {anchored.block_number} of this chain.",
            f"其依据为本链第 {anchored.block_number} 号区块中的检查点 {anchored.sequence}。",
        )

    def _judge(self, section: str, work: Callable[[], tuple[str, str]]) -> AuditFinding:
        """One section's verdict: proven only by returning."""
        outcome = Outcome.of(work)
        subject = self._subject(section)
        if outcome.error is None:
            en, zh = outcome.get()
            return AuditFinding(
                section=section, subject=subject, verdict=Verdict.PROVEN, code="ok", en=en, zh=zh
            )
        check, error = check_of_error(0, outcome.error), outcome.error
        return AuditFinding(
            section=section,
            subject=subject,
            verdict=check.verdict,
            code=check.code,
            en=check.en,
            zh=check.zh,
            expected=check.expected,
            actual=check.actual,
            statements=error.statements if isinstance(error, ForkError) else None,
        )

    def _subject(self, section: str) -> str:
        if section == "chain":
            return f"{self._follower.first_block}-{self._follower.next_block - 1}"
        return {"registry": self._trust.chain.registry.hex0x(), "log": self._trust.log_origin}.get(
            section, ""
        )

    def _report(self, findings: tuple[AuditFinding, ...]) -> AuditReport:
        sound = all(one.verdict is Verdict.PROVEN for one in findings if one.section in {"chain", "registry"})
        return AuditReport(
            findings=findings,
            first_block=self._follower.first_block,
            last=self._follower.last,
            blocks=self._blocks,
            checkpoints=self._book.checkpoints,
            events=dict(self._book.events),
            set_changes=tuple(self._follower.set_changes),
            memory=self._remember() if sound else None,
        )

    def _remember(self) -> Memory | None:
        last, chain = self._follower.last, self._trust.chain
        if last is None:
            return None
        return Memory(
            chain_id=chain.chain_id,
            genesis_hash=chain.genesis_hash,
            registry=chain.registry,
            first_block=self._follower.first_block,
            header=last.content,
            validators=self._follower.validators,
            votes=self._follower.votes,
            anchorers=tuple(sorted(self._book.anchorers)),
            checkpoints=self._book.checkpoints,
            twins=tuple(self._book.twins),
        )


def _only_forks(sound: bool, work: Callable[[], tuple[str, str]]) -> Callable[[], tuple[str, str]]:
    """Where the chain is not proven, only a proven fork counts; all else waits for the chain."""
    if sound:
        return work

    def forks_alone() -> tuple[str, str]:
        outcome = Outcome.of(work)
        if isinstance(outcome.error, ForkError):
            raise outcome.error
        raise ChainNotProvenError from outcome.error

    return forks_alone
